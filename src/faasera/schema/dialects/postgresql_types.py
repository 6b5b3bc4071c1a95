"""The types of PostgreSQL's columns, whatever they are built of: domains, enumerations, lists, ranges, rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from faasera.core.types import STRING
from faasera.databases.base import Database
from faasera.schema.dialects.parts import rows_of
from faasera.schema.dialects.text_forms import range_form, row_form
from faasera.schema.dialects.types import ReadType, Types

_TYPES = """
SELECT t.oid::bigint, t.typtype::text, t.typbasetype::bigint, coalesce((SELECT e.oid::bigint FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid), 0),
       format_type(t.oid, NULL), CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, t.typnotnull, t.typdefault,
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
       (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE t.oid = r.rngtypid OR t.oid = (to_jsonb(r) ->> 'rngmultitypid')::oid),
       (SELECT array_agg(a.atttypid::bigint ORDER BY a.attnum) FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
       (SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_type t WHERE t.oid IN ({numbers})"""


class _TypeRow(NamedTuple):
    number: int
    kind: str
    base: int
    element: int
    name: str
    based_on: str | None
    required: bool
    default: str | None
    values: list[str] | None
    within: str | None
    parts: list[int] | None
    part_names: list[str] | None


@dataclass(frozen=True)
class CatalogType:
    """What the catalog says of a column's type.

    Attributes:
        read: what it means.
        name: as casts write it; of a domain, the type below it.
        domains: that it is made of, by their numbers, the outermost first.
        required: whether one of these refuses null.
        default: that one of these has.
    """

    read: ReadType
    name: str
    domains: tuple[int, ...] = ()
    required: bool = False
    default: str | None = None


class CatalogTypes:
    """All types that columns of a database have.

    Args:
        database: open.
        dialect: that reads the names of plain types.
        numbers: of the types in the catalog.
    """

    def __init__(self, database: Database, dialect: Types, numbers: Iterable[int]) -> None:
        self.dialect = dialect
        self.rows: dict[int, _TypeRow] = {}
        wanted = set(numbers)
        while wanted:
            asked = _TYPES.format(numbers=", ".join(map(str, sorted(wanted))))
            found = {row.number: row for row in rows_of(database, asked, _TypeRow)}
            self.rows |= found
            # What these are made of.
            inner = {one for row in found.values() for one in (row.base, row.element, *(row.parts or ()))}
            wanted = inner - {0} - set(self.rows)

    def of(self, number: int, name: str) -> CatalogType:
        """The type of a number, by the name that it has with its length and precision."""
        row = self.rows.get(number)
        if row is None:
            return CatalogType(self.dialect.read_type(name), name)
        if row.kind == "d":
            below = self.of(row.base, str(row.based_on))
            default = row.default if row.default is not None else below.default
            return replace(
                below,
                domains=(number, *below.domains),
                required=row.required or below.required,
                default=default,
            )
        if row.element:
            inner = self.of(row.element, name.removesuffix("[]")).read
            known = inner.data_type is not None and not inner.array
            return CatalogType(
                replace(inner, data_type=inner.data_type if known else None, shown=name, array=True), name
            )
        return CatalogType(self._plain(row, name), name)

    def _plain(self, row: _TypeRow, name: str) -> ReadType:
        if row.values:
            return ReadType(STRING, name, max(map(len, row.values)) or None, values=tuple(row.values))
        if row.kind in ("r", "m") and row.within is not None:
            form = range_form(name, row.within, several=row.kind == "m")
            return ReadType(STRING if form else None, name, form=form)
        if row.kind == "c":
            return ReadType(STRING, name, form=row_form(name, list(self._parts(row))))
        return self.dialect.read_type(name)

    def _parts(self, row: _TypeRow) -> Iterator[ReadType]:
        for number, name in zip(row.parts or (), row.part_names or (), strict=True):
            inner = self.of(number, name).read
            # Rows within rows would need quotes of their own.
            nested = self.rows[number].kind == "c" if number in self.rows else False
            yield replace(inner, data_type=None, form=None) if nested else inner
