"""What the rules of columns promise, as conditions that a row must not meet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from faasera.core.types import BINARY, DATE, TIMESTAMP, UUID, DataType
from faasera.generators.date_formats import in_duckdb, tells_the_day
from faasera.generators.date_random import END, MOVE, DateRule
from faasera.generators.declared import GENERATORS
from faasera.generators.lists import literal_text
from faasera.generators.literals import Duration, has_time, parse_timestamp, parse_whole
from faasera.generators.preserve import PreserveRule
from faasera.generators.random_value import ALPHANUMERIC, RandomRule
from faasera.generators.seed_files import SeedFile
from faasera.generators.seed_list import SeedRule
from faasera.generators.semantic.rule import SemanticRule
from faasera.generators.showing import show_whole
from faasera.policy.model import Rule
from faasera.policy.names import braced, read_name
from faasera.run.check import sql
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.meanings import semantic
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import Condition, NotCheckableError, Sql, differs, one_form
from faasera.run.check.view import RowsView

_DAYS = {"MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6, "SUN": 7}


Maker = Callable[[RowsView, str, Rule], Iterator[Condition]]


def conditions(place: Place, table: CheckedTable, column: str, rows: RowsView) -> Iterator[Condition]:
    """All promises about the values of one column.

    Raises:
        NotCheckableError: one of them cannot be stated in SQL.
    """
    rule = table.rule(column)
    shown = rows.visible(column)
    if rule is None:
        foreign = any(column in key.columns for key, _ in table.foreign_keys)
        if not foreign and column != table.parsed.policy.primary_key_column:
            yield from semantic(table, rows, column)
        return
    if rule.max_length is not None:
        yield Condition("length", column, f"length({shown}) > {rule.max_length}")
    for holds, inner in branches(table, rows, column, rule):
        for condition in _of_rule(place, table, column, rows, inner):
            wrong = f"{holds} AND ({condition.wrong})" if rule.when else condition.wrong
            yield Condition(condition.kind, condition.subject, wrong)


def branches(table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rules that make a column, each with a condition on the rows that it makes; the rule itself comes last.

    Raises:
        NotCheckableError: a case looks at a hidden column.
    """
    taken: list[str] = []
    for case, inner in zip(rule.when or [], table.parsed.cases.get(column, ()), strict=True):
        assert inner is not None
        holds = " AND ".join(_case_holds(table, rows, one, given) for one, given in case.where.items())
        yield " AND ".join([f"({holds})", *(f"NOT ({other})" for other in taken)]), inner
        taken.append(holds)
    yield " AND ".join(f"NOT ({other})" for other in taken), rule


def check_condition(label: str, expression: str, rows: RowsView) -> Condition:
    """The promise of a table's check; null counts as kept.

    Raises:
        NotCheckableError: it cannot be stated in SQL.
    """
    made = rows.translator().translate(sql.parse(expression))
    return Condition("check", label, " AND ".join([*dict.fromkeys(made.guards), f"NOT {made.text}"]))


def _case_holds(table: CheckedTable, rows: RowsView, column: str, given: object) -> str:
    """Whether a column has one of the values of a case; a null has none."""
    shown = rows.visible(column)
    listed = ", ".join(typed(value, table.columns[column]) for value in (given if isinstance(given, list) else [given]))
    return f"coalesce({shown} IN ({listed}), FALSE)"


def _of_rule(place: Place, table: CheckedTable, column: str, rows: RowsView, rule: Rule) -> Iterator[Condition]:
    """The promises of one rule, whatever stands beside it: declared with its type, or those that look further here."""
    if isinstance(rule, SemanticRule) and rule.semantic_type is not None and rule is not table.rule(column):
        raise NotCheckableError("a semantic type in a case")
    known = GENERATORS.get(rule.type)
    if known is not None and known.checked is not None:
        for promise in known.checked(rule, _Written(table, rows, column)):
            yield Condition(promise.kind, column, promise.wrong)
        return
    makers: dict[type[Rule], Maker] = {
        SeedRule: lambda *given: _seed(place, table, *given),
        RandomRule: lambda *given: _random(table, *given),
        DateRule: lambda *given: _date(table, *given),
        PreserveRule: lambda *given: _preserve(table, *given),
    }
    maker = makers.get(type(rule))
    if maker is None:
        raise NotCheckableError(f"{known.name if known else rule.type} comes from elsewhere")
    yield from maker(rows, column, rule)


@dataclass(frozen=True)
class _Written:
    """A written column, as those who declare promises see it."""

    table: CheckedTable
    view: RowsView
    column: str

    @property
    def sql(self) -> str:
        return one_form(self.view.visible(self.column), self.data_type)

    @property
    def data_type(self) -> DataType:
        return self.table.columns[self.column]

    @property
    def rows(self) -> int:
        return self.table.rows

    def literal(self, value: object) -> str:
        return typed(value, self.data_type)

    def text(self, value: str) -> str:
        return sql.text(value)

    def beside(self, column: str) -> str | None:
        return self.view.visible(column) if column in self.table.columns else None


def typed(value: object, data_type: DataType) -> str:
    """A literal of the policy in a column's type."""
    if isinstance(value, float) and not data_type.is_text:
        value = str(Decimal(repr(value)))
    if data_type.has_time:
        value = show_whole(parse_whole(value, data_type), data_type)
    shown = sql.text(literal_text(value))
    if data_type == BINARY:
        return f"CAST(encode({shown}) AS BLOB)"
    return f"CAST({one_form(shown, data_type)} AS {sql_type(data_type)})"


def _not_among(shown: str, values: Sequence[object], data_type: DataType) -> str:
    listed = ", ".join(typed(value, data_type) for value in values)
    return f"{one_form(shown, data_type)} NOT IN ({listed})"


def _seed(place: Place, table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[Condition]:
    assert isinstance(rule, SeedRule)
    shown, data_type = rows.visible(column), table.columns[column]
    if rule.values is not None:
        cut = rule.max_length if data_type.is_text else None
        values = [literal_text(value)[:cut] if cut else value for value in rule.values]
        yield Condition("values", column, _not_among(shown, values, data_type))
    elif rule.semantic_type is not None:
        yield from semantic(table, rows, column)
    else:
        file = place.seed_file(str(rule.seed_file_name), rule.seed_separator, rule.header)
        if file is None:
            raise NotCheckableError(f"{rule.seed_file_name} is not at hand; name the policy's file with --policy")
        listed = ", ".join(
            f"({typed(value, data_type)})" for value in dict.fromkeys(seed_column(file, rule.column, column))
        )
        yield Condition("values", column, f"{shown} NOT IN (SELECT * FROM (VALUES {listed}))")
        if rule.group is not None:
            yield from _group(table, rows, column, rule, file)


def seed_column(file: SeedFile, given: str | None, column: str) -> list[str]:
    """The values of the file that a column draws from, named or not."""
    if len(file.columns) == 1 and given is None:
        return list(file.columns[0])
    wanted = given or column
    if file.header is not None and wanted in file.header:
        return list(file.columns[file.header.index(wanted)])
    return list(file.columns[int(wanted) - 1])


def _group(table: CheckedTable, rows: RowsView, column: str, rule: SeedRule, file: SeedFile) -> Iterator[Condition]:
    """Columns of one file and group come from the same line."""
    members = [
        (one, other)
        for one in table.columns
        if isinstance(other := table.rule(one), SeedRule)
        and (other.seed_file_name, other.group) == (rule.seed_file_name, rule.group)
    ]
    if members[0][0] != column or len(members) < 2:
        return
    kinds = [table.columns[one] for one, _ in members]
    lines = zip(*(seed_column(file, other.column, one) for one, other in members), strict=True)
    listed = ", ".join(
        f"({', '.join(typed(value, kind) for value, kind in zip(line, kinds, strict=True))})"
        for line in dict.fromkeys(lines)
    )
    tuple_ = ", ".join(rows.visible(one) for one, _ in members)
    filled = " AND ".join(f"{rows.visible(one)} IS NOT NULL" for one, _ in members)
    subject = ", ".join(one for one, _ in members)
    yield Condition("same line", subject, f"{filled} AND ({tuple_}) NOT IN (SELECT * FROM (VALUES {listed}))")


def _random(table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[Condition]:
    assert isinstance(rule, RandomRule)
    shown, data_type = rows.visible(column), table.columns[column]
    if rule.range is not None:
        low, high = (typed(end, data_type) for end in (rule.range.min, rule.range.max))
        yield Condition("range", column, f"{shown} NOT BETWEEN {low} AND {high}")
        if rule.range.step is not None and data_type.is_exact:
            step = typed(rule.range.step, data_type)
            yield Condition("step", column, f"({shown} - {low}) % {step} <> 0")
    elif rule.pattern is not None:
        yield Condition("pattern", column, f"NOT regexp_full_match({shown}, {sql.text(_re2(rule.pattern))}, 's')")
    elif rule.length is not None:
        ends = (rule.length, rule.length) if isinstance(rule.length, int) else (rule.length.min, rule.length.max)
        measure = "octet_length" if data_type == BINARY else "length"
        yield Condition("length", column, f"{measure}({shown}) NOT BETWEEN {ends[0]} AND {ends[1]}")
        if data_type.is_text:
            strange = f"translate({shown}, {sql.text(rule.alphabet or ALPHANUMERIC)}, '')"
            yield Condition("alphabet", column, f"{strange} <> ''")
    elif rule.semantic_type is not None:
        yield from semantic(table, rows, column)
    elif data_type == UUID:
        form = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        yield Condition("pattern", column, f"NOT regexp_full_match({shown}, '{form}')")


def _re2(pattern: str) -> str:
    """A pattern as RE2 reads it, to which an open bracket inside of a class begins a named class."""
    found, inside, escaped = [], False, False
    for character in pattern:
        if character == "[" and inside and not escaped:
            found.append("\\")
        elif character in "[]" and not escaped:
            inside = character == "["
        escaped = character == "\\" and not escaped
        found.append(character)
    return "".join(found)


def _preserve(table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[Condition]:
    assert isinstance(rule, PreserveRule)
    data_type = table.columns[column]
    expected = rows.derived(rule, data_type)
    actual = Sql(rows.visible(column), expected.kind)
    wrong = differs(actual, expected, data_type)
    if rule.null_fraction:
        wrong = f"{actual.text} IS NOT NULL AND {wrong}"
    kind = "aggregate" if rule.aggregate is not None else ("lookup" if rule.lookup is not None else "derived")
    yield Condition(kind, column, " AND ".join([*dict.fromkeys(expected.guards), f"({wrong})"]))


def _date(table: CheckedTable, rows: RowsView, column: str, rule: Rule) -> Iterator[Condition]:
    assert isinstance(rule, DateRule)
    data_type, shown = table.columns[column], rows.visible(column)
    value = f"CAST({shown} AS TIMESTAMP)"
    if rule.format is not None:
        form = in_duckdb(rule.format)
        if form is None:
            raise NotCheckableError(f"SQL cannot read the format {rule.format}")
        value = f"try_strptime({shown}, {sql.text(form)})"
        yield Condition("format", column, f"{shown} IS NOT NULL AND {value} IS NULL")
        if not tells_the_day(rule.format):
            return
    (start, start_timed), (end, end_timed) = (date_end(rows, text) for text in (rule.range.start, rule.range.end))
    whole_days = data_type == DATE or (rule.format is not None and not (start_timed or end_timed))
    if whole_days:
        wrong = f"CAST({value} AS DATE) NOT BETWEEN CAST({start} AS DATE) AND CAST({end} AS DATE)"
    elif rule.format is not None:
        wrong = f"{value} NOT BETWEEN date_trunc('day', {start}) AND {end} + INTERVAL 1 DAY"
    else:
        until = f"{value} > {end}" if end_timed else f"{value} >= date_trunc('day', {end}) + INTERVAL 1 DAY"
        wrong = f"({value} < {start} OR {until})"
    yield Condition("range", column, wrong)
    if rule.weekdays and rule.format is None:
        days = ", ".join(str(_DAYS[day]) for day in rule.weekdays)
        yield Condition("weekdays", column, f"isodow({shown}) NOT IN ({days})")
    if rule.ascending and rule.format is None:
        before = rows.translator().translate(sql.parse(f"previous({braced(column)})"))
        yield Condition("ascending", column, f"{shown} <= {before.text}")


def date_end(rows: RowsView, text: str) -> tuple[str, bool]:
    """An end of a date range as a timestamp, and whether it has a time of day."""
    found = END.match(text)
    assert found is not None
    moves, base = MOVE.findall(found["moves"]), found["base"]
    if base == "asOf":
        made, timed = f"TIMESTAMP '{rows.view.place.policy.document.as_of}'", False
    elif base.startswith("{"):
        named = read_name(base[1:-1])
        column = rows.resolve(named.name, named.own)
        made, timed = f"CAST({column.text} AS TIMESTAMP)", column.kind == sql.MOMENT
    else:
        made, timed = f"TIMESTAMP {sql.text(show_whole(parse_timestamp(base), TIMESTAMP))}", has_time(base)
    months = microseconds = 0
    for sign, move in moves:
        step = Duration.parse(move)
        factor = -1 if sign == "-" else 1
        months += factor * step.months
        microseconds += factor * step.microseconds
        timed = timed or step.has_time
    if months:
        made = f"CAST({made} + to_months({months}) AS TIMESTAMP)"
    if microseconds:
        made = f"({made} + to_microseconds({microseconds}))"
    return made, timed
