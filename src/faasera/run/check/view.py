"""Where conditions look: a table's rows, with parents joined to them when a rule speaks of them."""

from dataclasses import dataclass

from faasera.core.types import BIGINT, DataType
from faasera.generators.aggregate import Aggregate
from faasera.generators.expression_syntax import Column, Node
from faasera.generators.preserve import PreserveRule
from faasera.generators.siblings import CHILD_NUMBER
from faasera.policy.model import ForeignKey, Reference
from faasera.run.check import sql
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.place import CheckedTable, Place
from faasera.run.check.sql import NotCheckableError, Sql, Translator, quoted
from faasera.run.check.templates import template_sql

ROW, SIBLINGS = "# row", "# siblings"
_DEEPEST = 12


class View:
    """A FROM clause that grows by the joins that rules need.

    Attributes:
        place: the tables.
        table: the one whose rows are looked at.
        rows: these.
        numbered: whether the children of each parent are numbered.
    """

    def __init__(self, place: Place, table: CheckedTable, alias: str = "t") -> None:
        self.place = place
        self.table = table
        self.numbered = False
        self._alias = alias
        self._joins: list[str] = []
        self._aliases: dict[tuple[str, str], RowsView] = {}
        self.rows = RowsView(self, table, alias, 0)

    @property
    def plain(self) -> bool:
        """Whether it is the table itself."""
        return not self._joins and not self.numbered

    def from_clause(self) -> str:
        """The SQL after FROM."""
        base = quoted(self.table.name)
        if self.numbered:
            key = next(key for key, _ in self.table.foreign_keys if key.children_per_parent)
            parts = ", ".join(quoted(column) for column in key.columns)
            base = f"(SELECT *, row_number() OVER () AS {quoted(ROW)} FROM {base})"
            base = (
                f"(SELECT *, row_number() OVER family AS {quoted(CHILD_NUMBER)}, "
                f"count(*) OVER (PARTITION BY {parts}) AS {quoted(SIBLINGS)} FROM {base} "
                f"WINDOW family AS (PARTITION BY {parts} ORDER BY {quoted(ROW)}))"
            )
        return " ".join([f"{base} {self._alias}", *self._joins])

    def parent(self, child: "RowsView", key: ForeignKey, reference: Reference) -> "RowsView":
        """The rows that a child's rows refer to, joined once."""
        joined = child.alias, "+".join(key.columns) + reference.parent
        if joined not in self._aliases:
            source = source_of(self.place, reference)
            alias = f"{self._alias}{len(self._aliases)}"
            pairs = [
                f"{child.visible(own)} = {_key(self.place, alias, reference, other, child.data_type(own))}"
                for own, other in zip(key.columns, reference.columns, strict=True)
            ]
            several = reference.cases if len(key.references) > 1 else {}
            pairs += [sql.among(child.visible(one), values) for one, values in several.items()]
            self._joins.append(f"LEFT JOIN {source} {alias} ON {' AND '.join(pairs)}")
            parent = self.place.tables.get(reference.own_table) if reference.own_table else None
            self._aliases[joined] = RowsView(self, parent, alias, child.depth + 1)
        return self._aliases[joined]


def own_way(kind: str) -> str:
    """Why texts of a type are not compared."""
    return f"the database prints {kind} in its own way"


def source_of(place: Place, reference: Reference) -> str:
    """The table or file that is referred to, as SQL.

    Raises:
        NotCheckableError: it is not at hand.
    """
    if reference.own_table is not None:
        if reference.own_table not in place.tables:
            raise NotCheckableError(f"the table {reference.own_table} is not in the folder")
        return quoted(reference.own_table)
    if reference.connection is not None:
        raise NotCheckableError(f"{reference.parent} is in another database")
    source = place.virtual(str(reference.file))
    if source is None:
        raise NotCheckableError(f"the file {reference.file} is not at hand; name the policy's file with --policy")
    return source


def _key(place: Place, alias: str, reference: Reference, column: str, data_type: DataType) -> str:
    """A parent's key column, in the type of the child's."""
    if reference.own_table is None:
        return f"CAST({quoted(alias, column)} AS {sql_type(data_type)})"
    if column not in place.tables[str(reference.table)].columns:
        raise NotCheckableError(f"{reference.table}.{column} is hidden")
    return quoted(alias, column)


@dataclass
class RowsView:
    """Rows of one table inside a view.

    Attributes:
        view: the whole.
        table: whose rows these are; None for a file of keys.
        alias: their name in the FROM clause.
        depth: how many steps away from the view's own table.
    """

    view: View
    table: CheckedTable | None
    alias: str
    depth: int

    def data_type(self, column: str) -> DataType:
        """Of a written column."""
        assert self.table is not None
        return self.table.columns[column]

    def visible(self, column: str) -> str:
        """A written column as SQL.

        Raises:
            NotCheckableError: it is hidden.
        """
        if self.table is not None and column not in self.table.columns:
            raise NotCheckableError(f"{column} is hidden")
        return quoted(self.alias, column)

    def resolve(self, path: str, own: bool = False) -> Sql:
        """A column, or a path to a parent's column.

        Args:
            path: its name.
            own: whether it is surely a column.

        Raises:
            NotCheckableError: it cannot be told from what was written.
        """
        if path == CHILD_NUMBER:
            self._number()
            return Sql(quoted(self.alias, CHILD_NUMBER), sql.INTEGER)
        if self._is_path(path, own):
            rows, column, _ = self.follow(path)
            return rows.resolve(column)
        if self.table is None:
            raise NotCheckableError("the types of a file of keys are its own")
        if path in self.table.reprinted:
            raise NotCheckableError(own_way(self.table.reprinted[path]))
        if path in self.table.columns:
            return sql.column(quoted(self.alias, path), self.table.columns[path])
        rule = self.table.rule(path)
        if not isinstance(rule, PreserveRule) or rule.null_fraction or self.depth > _DEEPEST:
            raise NotCheckableError(f"{path} is hidden")
        self.depth += 1
        made = self.derived(rule)
        self.depth -= 1
        return made

    def _is_path(self, path: str, own: bool = False) -> bool:
        """Whether a name leads to a parent, as a path by a foreign key comes before a column with dots in its name."""
        if own or "." not in path or self.table is None:
            return not own and "." in path
        known = path in self.table.columns or path in self.table.parsed.rules
        words = [word for key, one in self.table.foreign_keys for word in (one.word, "+".join(key.columns))]
        return not known or any(path.startswith(word + ".") for word in words)

    def _number(self) -> None:
        if self is not self.view.rows:
            raise NotCheckableError("the numbers of other rows among their siblings")
        if not self.view.place.ordered:
            raise NotCheckableError("the rows of a database have no order among siblings")
        self.view.numbered = True

    def follow(self, path: str) -> tuple["RowsView", str, list[str]]:
        """The rows that a path leads to, the column that is left of it, and the keys of these rows.

        Raises:
            NotCheckableError: it leads nowhere.
        """
        assert self.table is not None
        for key, reference in self.table.foreign_keys:
            for word in (reference.word, "+".join(key.columns)):
                if path.startswith(word + "."):
                    rows = self.view.parent(self, key, reference)
                    rest = path[len(word) + 1 :]
                    keys = [quoted(rows.alias, column) for column in reference.columns]
                    if rows.table is not None and rows._is_path(rest):
                        return rows.follow(rest)
                    return rows, rest, keys
        raise NotCheckableError(f"{path} leads nowhere")

    def translator(self) -> Translator:
        """Of expressions over these rows."""
        return Translator(self.resolve, self._family, self.view.place.policy.document.as_of)

    def derived(self, rule: PreserveRule, data_type: DataType | None = None) -> Sql:
        """The value that a rule derives.

        Args:
            rule: of one of these rows' columns.
            data_type: of that column, if it was written.

        Raises:
            NotCheckableError: SQL cannot say it.
        """
        if rule.expression is not None:
            made = self.translator().translate(sql.parse(rule.expression))
            return _cut(made, rule.max_length) if rule.max_length else made
        if rule.lookup is not None:
            rows, column, keys = self.follow(str(rule.looked_up))
            if rows.table is None and data_type is not None:
                found = sql.column(f"CAST({quoted(rows.alias, column)} AS {sql_type(data_type)})", data_type)
            else:
                found = rows.resolve(column)
            if rule.default is None:
                return found
            missing = " OR ".join(f"{key} IS NULL" for key in keys)
            default = sql.literal(rule.default)
            return Sql(
                f"CASE WHEN {missing} THEN {default} ELSE {found.text} END", found.kind, found.guards, found.scale
            )
        if rule.pattern is not None:
            return template_sql(rule, self.resolve, self.data_type_of)
        assert rule.aggregate is not None
        return self._aggregate(rule.aggregate)

    def _aggregate(self, aggregate: Aggregate) -> Sql:
        """A number over the children, as a query of its own."""
        child = self.view.place.tables.get(aggregate.table)
        if child is None:
            raise NotCheckableError(f"the table {aggregate.table} is not in the folder")
        key = next(key for key, _ in child.foreign_keys if key.children_per_parent)
        view = View(self.view.place, child, f"{self.alias}c")
        function = {"average": "avg"}.get(aggregate.function, aggregate.function)
        value = Sql("*", sql.INTEGER)
        if aggregate.expression is not None:
            node = sql.parse(aggregate.expression)
            rows = view.rows
            value = rows.resolve(node.name, node.own) if isinstance(node, Column) else rows.translator().translate(node)
        pairs = " AND ".join(
            f"{view.rows.visible(own)} = {self.visible(other)}"
            for own, other in zip(key.columns, key.references[0].columns, strict=True)
        )
        made = f"(SELECT {function}({value.text}) FROM {view.from_clause()} WHERE {pairs})"
        if function == "sum":
            made = f"coalesce({made}, 0)"
        kind = sql.INTEGER if function == "count" else (sql.NUMBER if function == "avg" else value.kind)
        average = function == "avg"
        return Sql(made, kind, (), None if average else value.scale, value.real or average)

    def data_type_of(self, path: str, own: bool = False) -> DataType | None:
        """A column's type, or that of a parent's column; None where it is not known."""
        try:
            rows, column = self.follow(path)[:2] if self._is_path(path, own) else (self, path)
        except NotCheckableError:
            return None
        kind = rows.table.columns.get(column) if rows.table is not None else None
        return kind or (BIGINT if path == CHILD_NUMBER else None)

    def _family(self, function: str, arguments: tuple[Node, ...]) -> Sql:
        self._number()
        number, count = quoted(self.alias, CHILD_NUMBER), quoted(self.alias, SIBLINGS)
        if function == "siblings":
            return Sql(count, sql.INTEGER)
        if function in ("first", "last"):
            return Sql(f"({number} = {'1' if function == 'first' else count})", sql.TRUTH)
        argument = arguments[0]
        assert isinstance(argument, Column)
        value = self.resolve(argument.name, own=True)
        assert self.table is not None
        key = next(key for key, _ in self.table.foreign_keys if key.children_per_parent)
        parts = ", ".join(self.visible(column) for column in key.columns)
        move = "lead" if function == "next" else "lag"
        window = f"OVER (PARTITION BY {parts} ORDER BY {number})"
        return Sql(f"{move}({value.text}) {window}", value.kind, value.guards, value.scale, value.real)


def _cut(made: Sql, length: int) -> Sql:
    return Sql(f"left({sql.as_text(made).text}, {length})", sql.TEXT, made.guards)
