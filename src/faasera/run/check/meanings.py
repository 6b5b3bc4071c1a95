"""What semantic types promise: their form, their lists, and that the columns of a group agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from faasera.generators.meaning import TypeInGroup
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.generators.semantic.neighbours import members, semantic_type_of
from faasera.generators.semantic.registry import DEFAULT_LOCALE, SemanticType
from faasera.generators.semantic.rule import SemanticRule
from faasera.policy.model import Document, Rule
from faasera.run.check import sql
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import Condition, NotCheckableError
from faasera.run.check.view import RowsView
from faasera.vocabulary.reference import GENDERS, Places, locale_data, locale_names, places

_PLACE_COLUMNS = {
    "city": "city",
    "county": "county",
    "state": "region",
    "region": "region",
    "state-code": "region_code",
    "time-zone": "time_zone",
}
_POSTCODES = ("zip-code", "postcode")


def semantic(table: CheckedTable, rows: RowsView, column: str) -> Iterator[Condition]:
    """The promises of a column with a semantic type; none for other columns.

    Raises:
        NotCheckableError: its values come from another package.
    """
    document = rows.view.place.policy.document
    rule = table.rule(column)
    found = semantic_type_of(rule, column, table.name)
    entry = SEMANTIC_TYPES.get(found.semantic) if found is not None else None
    if found is not None and entry is None:
        raise NotCheckableError(f"{found.semantic} comes from elsewhere")
    if found is None or entry is None:
        return
    meant = _Meant(document, table, rows, column, rule, entry, _group(table, found, entry))
    for promise in (_form, _listed_names, _gender_agrees, _age_agrees, _place_agrees):
        yield from promise(meant)


@dataclass(frozen=True, eq=False)
class _Meant:
    """A column with a semantic type.

    Attributes:
        document: the policy.
        table: the column's.
        rows: of the table.
        column: its name.
        rule: its rule; None where its name alone says what it means.
        entry: the type.
        group: the columns of its group by type.
    """

    document: Document
    table: CheckedTable
    rows: RowsView
    column: str
    rule: Rule | None
    entry: SemanticType
    group: Mapping[str, str]


def _form(meant: _Meant) -> Iterator[Condition]:
    """Values have the form of the type."""
    rule, pattern = meant.rule, meant.entry.pattern
    as_it_is = rule is None or (rule.max_length is None and not rule.allow_realistic)
    if pattern is not None and as_it_is and meant.table.columns[meant.column].is_text:
        wrong = f"NOT regexp_full_match({meant.rows.visible(meant.column)}, {sql.text(pattern)})"
        yield Condition("form", meant.column, wrong)


def _listed_names(meant: _Meant) -> Iterator[Condition]:
    """Names of people are those of the locales."""
    if meant.entry.name in ("first-name", "middle-name", "last-name"):
        cut = meant.rule.max_length if meant.rule is not None else None
        locales = _locales(meant.document, meant.table, meant.column, meant.entry)
        names = [name[:cut] for name in _names(meant.entry.name, locales)]
        yield Condition("values", meant.column, f"{meant.rows.visible(meant.column)} NOT IN ({_texts(names)})")


def _gender_agrees(meant: _Meant) -> Iterator[Condition]:
    """First names are of the row's gender."""
    if meant.entry.name == "gender" and "first-name" in _unbound(meant.table, meant.group):
        first, column = SEMANTIC_TYPES.get("first-name"), meant.group["first-name"]
        assert first is not None
        yield from _gendered(meant.rows, meant.column, column, _locales(meant.document, meant.table, column, first))


def _age_agrees(meant: _Meant) -> Iterator[Condition]:
    """Ages are those of the row's date of birth."""
    if meant.entry.name == "age" and "date-of-birth" in meant.group:
        yield _ages(meant.document, meant.rows, meant.column, meant.group["date-of-birth"])


def _place_agrees(meant: _Meant) -> Iterator[Condition]:
    """All columns of a place are told of at the first of them."""
    if meant.entry.kind == "place" and meant.column == next(iter(meant.group.values()), None):
        given = meant.table.parsed.policy.locale or meant.document.locale
        known = [name for name in given if name in locale_names()]
        yield from _places(meant.table, meant.rows, meant.group, known)


def _group(table: CheckedTable, meaning: TypeInGroup, entry: SemanticType) -> dict[str, str]:
    """The columns of a group by type; of several with one type the first."""
    found: dict[str, str] = {}
    for column, _, other in members(table.parsed.rules, table.name):
        known = SEMANTIC_TYPES.get(other.semantic)
        same = known is not None and known.kind == entry.kind and other.group == meaning.group
        if same and column in table.columns:
            found.setdefault(other.semantic, column)
    return found


def _unbound(table: CheckedTable, group: Mapping[str, str]) -> dict[str, str]:
    """The columns of a group that show it whole: no key takes them out of it, no length cuts them."""
    cut = {column for column, rule in table.parsed.rules.items() if rule is not None and rule.max_length}
    return {
        semantic: column for semantic, column in group.items() if column not in cut and not table.keys.binds(column)
    }


def _locales(document: Document, table: CheckedTable, column: str, entry: SemanticType) -> list[str]:
    rule = table.rule(column)
    given = (rule.locale if rule else None) or table.parsed.policy.locale or document.locale
    known = [name for name in given if name in locale_names()]
    return [name if entry.supports(name) else entry.fallback for name in known] or [DEFAULT_LOCALE]


def _names(kind: str, locales: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in locales:
        data = locale_data(name)
        for number, gender in enumerate(GENDERS):
            if kind == "last-name":
                found |= dict.fromkeys(data.last_names[number].values.to_pylist())
            else:
                found |= dict.fromkeys(_given(name, number, gender))
    return list(found)


def _given(locale: str, number: int, gender: str) -> list[str]:
    data = locale_data(locale)
    listed = dict.fromkeys(data.first_names[number].values.to_pylist())
    for names in data.decades(gender).values():
        listed |= dict.fromkeys(names)
    return list(listed)


def _texts(values: Sequence[str]) -> str:
    return ", ".join(map(sql.text, values))


def _gendered(rows: RowsView, column: str, first_name: str, locales: Sequence[str]) -> Iterator[Condition]:
    for number, gender in enumerate(GENDERS):
        names = [name for locale in locales for name in _given(locale, number, gender)]
        wrong = f"{rows.visible(column)} = {sql.text(gender)} AND {rows.visible(first_name)} NOT IN ({_texts(names)})"
        yield Condition("agreement", f"{column}, {first_name}", wrong)


def _ages(document: Document, rows: RowsView, column: str, birth: str) -> Condition:
    as_of = f"DATE '{document.as_of}'"
    day = f"CAST({rows.visible(birth)} AS DATE)"
    before = f"(month({as_of}), day({as_of})) < (month({day}), day({day}))"
    years = f"year({as_of}) - year({day}) - CAST({before} AS INTEGER)"
    return Condition("agreement", f"{column}, {birth}", f"{rows.visible(column)} <> {years}")


def _places(
    table: CheckedTable, rows: RowsView, group: Mapping[str, str], locales: Sequence[str]
) -> Iterator[Condition]:
    """The place columns of a row are those of one place of the reference data."""
    arguments = [rule.arguments for rule in map(table.rule, group.values()) if isinstance(rule, SemanticRule)]
    world = any(given.get("world") for given in arguments if given)
    known: list[Places] = [places(name) for name in (["world"] if world else locales)]
    wanted: dict[str, str] = {}
    for kind, column in _unbound(table, group).items():
        rule = table.rule(column)
        if rule is not None and rule.locale is not None:
            continue  # of another country than the others
        name = "postcode" if kind in _POSTCODES else _PLACE_COLUMNS.get(kind)
        if name is not None and all(one.has(name) for one in known):
            wanted.setdefault(name, column)
    if not wanted:
        return

    def made() -> pa.Table:
        parts = [pa.table({name: one.column(name).cast(pa.string()) for name in wanted}) for one in known]
        return pa.concat_tables(parts).group_by(list(wanted)).aggregate([])

    key = f"places/{world}/{sorted(locales)}/{list(wanted)}"
    reference = rows.view.place.reference(key, made)
    shown = ", ".join(rows.visible(column) for column in wanted.values())
    filled = " AND ".join(f"{rows.visible(column)} IS NOT NULL" for column in wanted.values())
    subject = ", ".join(wanted.values())
    yield Condition("agreement", subject, f"{filled} AND ({shown}) NOT IN (SELECT * FROM {reference})")
