"""From what statements made to the structure that a database would tell."""

import re
from dataclasses import replace

from faasera.core.types import JSON, STRING
from faasera.databases.structure import CheckConstraint, ColumnStructure, ForeignKeyStructure, TableStructure, TextForm
from faasera.schema.dialects.base import Dialect
from faasera.schema.dialects.partitioned import gather
from faasera.schema.dialects.partitions import Partition
from faasera.schema.dialects.parts import TableParts
from faasera.schema.dialects.scripts.catalogue import Catalogue, Column, ForeignKey, Table, UserType
from faasera.schema.dialects.scripts.tokens import WORD, scan
from faasera.schema.dialects.text_forms import range_form, row_form
from faasera.schema.dialects.types import ReadType

JSON_CHECK = re.compile(r"^\(?\s*JSON_VALID\([`\"]?([^`\"()]+)[`\"]?\)\s*\)?$", re.I)
"""How MariaDB keeps that a column is JSON."""
_SHADOWS = re.compile(
    r"_(data|idx|content|docsize|config|segments|segdir|stat|node|parent|rowid|vector_chunks\d*|chunks|info|auxiliary)$"
)


def finished(catalogue: Catalogue, dialect: Dialect, taken: list[str]) -> dict[str, TableStructure]:
    """All tables by their names, those that are parts of others as what holds of these.

    Args:
        catalogue: what the script made.
        dialect: of the script.
        taken: told which types are not known and taken for texts.
    """
    return _Finish(catalogue, dialect, taken).tables()


class _Finish:
    def __init__(self, catalogue: Catalogue, dialect: Dialect, taken: list[str]) -> None:
        self.catalogue = catalogue
        self.dialect = dialect
        self.taken = taken
        self.kept = [one for one in catalogue.tables if not one.temporary and not self._shadow(one)]
        self.names = self._names()

    def _shadow(self, table: Table) -> bool:
        """Whether a table belongs to a virtual one of SQLite, or to SQLite."""
        if self.dialect.sqlglot != "sqlite":
            return False
        owner = _SHADOWS.sub("", table.name)
        return (owner != table.name and owner in self.catalogue.virtual) or table.name.startswith("sqlite_")

    def _names(self) -> dict[Table, str]:
        """Names with schemas in front where these are not the usual one; of one database alone, without it."""
        schemas = {one.schema for one in self.kept}
        single = self.dialect.sqlglot == "mysql" and len(schemas) <= 1
        usual = self.dialect.schema.casefold()
        return {
            one: one.name if single or not one.schema or one.schema.casefold() == usual else f"{one.schema}.{one.name}"
            for one in self.kept
        }

    def tables(self) -> dict[str, TableStructure]:
        heirs = {parent for one in self.kept for parent in one.parents}
        made = {one: self._parts(one, inherited=one in heirs) for one in self.kept}
        roots = [one for one in self.kept if one.partition is None]
        for table in roots:
            below = [one for one in self.kept if _root(one) is table and one is not table]
            if table.partitioned is not None and not table.parts:
                gather(made[table], self._tree(table), [made[one] for one in below], made.values())
            elif table.parts is not None:
                gather(made[table], table.parts, [], [])
        return {made[one].name: made[one].table() for one in roots}

    def _tree(self, table: Table) -> Partition:
        strategy, keys = table.partitioned or ("", ())
        parts = [one for one in self.kept if one.partition is not None and one.partition.parent is table]
        bound = table.partition.bound if table.partition is not None else ""
        return Partition(self.names[table], strategy, keys, bound, [self._tree(one) for one in parts])

    def _parts(self, table: Table, *, inherited: bool) -> TableParts:
        made = TableParts(self.names[table], comment=table.comment, unread=list(table.unread), inherited=inherited)
        made.triggers = list(table.triggers)
        made.primary_key = table.spelled(table.primary_key)
        json = {match[1] for check in table.checks if (match := JSON_CHECK.match(check.sql))}
        checks = [check for check in table.checks if not JSON_CHECK.match(check.sql)]
        made.unique_keys = list(dict.fromkeys(table.unique_keys))
        for column in table.columns.values():
            made.columns.append(self._column(column, table, made, json=column.name in json))
        made.checks += checks
        made.foreign_keys = [found for key in table.foreign_keys if (found := self._reference(key)) is not None]
        return made

    def _column(self, column: Column, table: Table, made: TableParts, *, json: bool) -> ColumnStructure:
        kind, base = self._type(column, made)
        keyed = column.name in table.primary_key
        rowid = (
            self.dialect.numbered_integer_keys
            and table.primary_key == (column.name,)
            and column.type.upper() == "INTEGER"
        )
        identity = column.identity or kind.serial or rowid
        default = column.default if column.default is not None else base.default if base is not None else None
        nullable = column.nullable and not keyed and not kind.serial and (base is None or base.nullable)
        found = ColumnStructure(
            column.name,
            kind.shown,
            kind.data_type,
            kind.length,
            kind.fixed,
            nullable=nullable,
            default=None if identity or column.generated else default,
            generated=column.generated,
            identity=identity,
            values=kind.values,
            array=kind.array,
            unsigned=kind.unsigned,
            bits=kind.bits,
            comment=column.comment,
            form=kind.form,
        )
        if not self.dialect.typed:
            # Types are words that a column is told with, which hold nothing.
            found = replace(
                found, type=base.type if base is not None else column.type, fixed=False, unsigned=False, bits=None
            )
        return replace(found, data_type=JSON, type="JSON", length=None) if json else found

    def _type(self, column: Column, made: TableParts) -> tuple[ReadType, Column | None]:
        """What a column's type means; of a domain, with the column that stands for it."""
        user, base = column.user_type, None
        array = column.array
        while user is not None and user.kind == "domain" and user.base is not None and not array:
            made.checks += [
                CheckConstraint(_of_domain(check.sql, column.name, self.dialect), f"{check.name} of {column.name}")
                for check in user.checks
            ]
            inner = user.base
            base = inner if base is None else _both(base, inner)
            user, array = inner.user_type, inner.array
        if user is not None and user.kind == "enum":
            length = max(map(len, user.values), default=0) or None
            return ReadType(
                STRING, self._spelled(user, array=array), length, values=tuple(user.values), array=array
            ), base
        if user is not None:
            form = self._form(user, made)
            return ReadType(STRING if form else None, self._spelled(user, array=array), array=array, form=form), base
        text = base.type if base is not None else column.type
        if not text and self.dialect.untyped_columns:
            return ReadType(STRING, "TEXT"), base
        found = self.dialect.read_type(text) if text else ReadType(None, "")
        if found.data_type is None and not found.array and self.dialect.unknown_as_text and not column.generated:
            found = replace(found, data_type=STRING)
            self.taken.append(
                f"{made.name}.{column.name}: the type {text or 'of no name'} is not known: it is taken for a text"
            )
        return found, base

    def _form(self, user: UserType, made: TableParts) -> TextForm | None:
        """How values of a composite or a range are written; None where that is not known."""
        name = self._spelled(user, array=False)
        if user.kind == "composite":
            return row_form(name, [self._type(column, TableParts(made.name))[0] for column in user.columns])
        if user.kind == "range" and user.base is not None:
            within = self._type(user.base, TableParts(made.name))[0]
            return range_form(name, self.dialect.catalog_type(within.shown))
        return None

    def _spelled(self, user: UserType, *, array: bool) -> str:
        schema, name = user.name[0], user.name[-1]
        shown = name if name == name.lower() and name.isidentifier() else f'"{name}"'
        shown = shown if schema in ("", self.dialect.schema) else f"{schema}.{shown}"
        return shown + ("[]" if array else "")

    def _reference(self, key: ForeignKey) -> ForeignKeyStructure | None:
        parent = key.parent if isinstance(key.parent, Table) else self.catalogue.table(key.parent)
        if parent is None:
            assert not isinstance(key.parent, Table)
            name = ".".join(key.parent if key.parent[0] != self.dialect.schema else key.parent[-1:])
            return ForeignKeyStructure(key.columns, name, key.references, key.name, key.deferrable)
        root = _root(parent)
        if root not in self.names:
            return None
        references = parent.spelled(key.references) or parent.primary_key
        where = self.names[parent] if root is not parent else None
        return ForeignKeyStructure(key.columns, self.names[root], references, key.name, key.deferrable, where)


def _root(table: Table) -> Table:
    while table.partition is not None:
        table = table.partition.parent
    return table


def _both(outer: Column, inner: Column) -> Column:
    """A domain over a domain."""
    made = inner.copy()
    made.nullable = outer.nullable and inner.nullable
    made.default = outer.default if outer.default is not None else inner.default
    return made


def _of_domain(sql: str, column: str, dialect: Dialect) -> str:
    """A domain's check, about a column of it."""
    made, at = [], 0
    for token in scan(sql, dialect.lexis):
        if token.kind == WORD and token.upper == "VALUE":
            made += [sql[at : token.start], f'"{column}"']
            at = token.end
    return "".join([*made, sql[at:]])
