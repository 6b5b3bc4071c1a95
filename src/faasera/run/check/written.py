"""A written column, as those who declare promises see it."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import override

from faasera.core.types import BINARY, DataType
from faasera.generators.date_formats import in_duckdb
from faasera.generators.lists import literal_text
from faasera.generators.literals import parse_whole
from faasera.generators.preserve import PreserveRule
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.seed_files import SeedFile
from faasera.generators.showing import show_whole
from faasera.policy.model import Rule
from faasera.policy.names import Named, braced
from faasera.run.check import sql
from faasera.run.check.duckdb_types import sql_type
from faasera.run.check.meanings import semantic
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import NotCheckableError, Sql, differs, one_form
from faasera.run.check.view import RowsView, own_way


@dataclass(frozen=True)
class Written(WrittenColumn):
    """A column of a table that is checked.

    Attributes:
        table: the table.
        view: its rows, as they are looked at.
        column: its name.
    """

    table: CheckedTable
    view: RowsView
    column: str

    @property
    @override
    def name(self) -> str:
        return self.column

    @property
    @override
    def sql(self) -> str:
        return one_form(self.as_written, self.data_type)

    @property
    @override
    def as_written(self) -> str:
        self._require_as_written()
        return self.view.visible(self.column)

    def _require_as_written(self) -> None:
        """See that texts are found as they were written.

        Raises:
            NotCheckableError: the database prints them in its own way.
        """
        if self.column in self.table.reprinted:
            raise NotCheckableError(own_way(self.table.reprinted[self.column]))

    @property
    @override
    def data_type(self) -> DataType:
        return self.table.columns[self.column]

    @property
    @override
    def rows(self) -> int:
        return self.table.rows

    @property
    @override
    def as_of(self) -> datetime.date:
        return self.view.view.place.policy.document.as_of

    @property
    @override
    def rules(self) -> Mapping[str, Rule | None]:
        return {column: self.table.rule(column) for column in self.table.columns}

    @override
    def literal(self, value: object) -> str:
        return typed(value, self.data_type)

    @override
    def unlike(self, values: Iterable[object]) -> str:
        place, shown = self.view.view.place, self.view.visible(self.column)
        given = list(values)
        if not place.prints(self.table, self.column):
            return f"{self.sql} NOT IN ({', '.join(map(self.literal, given))})"
        printed = [
            place.as_printed(self.table, self.column, literal_text(value)) for value in given if value is not None
        ]
        return f"{shown} NOT IN ({', '.join([*map(sql.text, printed), *(['NULL'] if None in given else [])])})"

    @override
    def text(self, value: str) -> str:
        return sql.text(value)

    @override
    def beside(self, column: str) -> str | None:
        return self.view.visible(column) if column in self.table.columns else None

    @override
    def sibling(self, column: str) -> "Written":
        return Written(self.table, self.view, column)

    @override
    def moment(self, named: Named) -> tuple[str, bool]:
        found = self.view.resolve(named.name, named.own)
        return f"CAST({found.text} AS TIMESTAMP)", found.kind == sql.MOMENT

    @override
    def parsed(self, form: str) -> str:
        readable = in_duckdb(form)
        if readable is None:
            raise NotCheckableError(f"SQL cannot read the format {form}")
        return f"try_strptime({self.sql}, {sql.text(readable)})"

    @override
    def previous(self) -> str:
        return self.view.translator().translate(sql.parse(f"previous({braced(self.column)})")).text

    @override
    def derived_otherwise(self, rule: Rule) -> str:
        assert isinstance(rule, PreserveRule)
        expected = self.view.derived(rule, self.data_type)
        wrong = differs(Sql(self.as_written, expected.kind), expected, self.data_type)
        if rule.null_fraction:
            wrong = f"{self.sql} IS NOT NULL AND {wrong}"
        return " AND ".join([*dict.fromkeys(expected.guards), f"({wrong})"])

    @override
    def meaning(self) -> Iterator[Promise]:
        self._require_as_written()
        for found in semantic(self.table, self.view, self.column):
            yield Promise(found.kind, found.wrong, found.subject)

    @override
    def seed_file(self, name: str, separator: str | None, header: bool | None) -> SeedFile:
        file = self.view.view.place.seed_file(name, separator, header)
        if file is None:
            raise NotCheckableError(f"{name} is not at hand; name the policy's file with --policy")
        return file


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
