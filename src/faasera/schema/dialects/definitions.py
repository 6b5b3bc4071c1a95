"""How tables are made: types, keys, references and comments in a dialect's words."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlglot import exp

from faasera.core.types import DataType
from faasera.databases.base import Database
from faasera.schema.dialects.types import Types


class Definitions(Types):
    """What a dialect says to make tables.

    Attributes:
        type_names: of its types, by the policy's, with the digits of decimals as ``{p}`` and ``{s}``.
        array_types: whether columns can hold lists.
        enumeration_type: whether there is a type for one of some values.
        unsized_types: whether texts and bytes need no length.
        typed: whether columns refuse values of other types.
        creates_schemas: whether a table can be in a schema that must be there.
        primary_key_with_table: whether it is made with its table, as rows are stored by it.
        primary_key_after_rows: whether it is made when its rows are there, also where constraints can only be made with
            their table, unless others refer to it.
        refers_to_later: whether references can be made to tables that come later.
        index_for_references: whether columns that refer to others need an index of their own.
        most_digits: of decimals, and of these behind the point.
    """

    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "varchar", "INTEGER": "integer", "BIGINT": "bigint", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "timestamp", "TIME": "time", "UUID": "char(36)", "JSON": "varchar", "BINARY": "blob", "DECIMAL": "decimal({p},{s})",
    }  # fmt: skip
    array_types: ClassVar[bool] = False
    enumeration_type: ClassVar[bool] = False
    unsized_types: ClassVar[bool] = True
    typed: ClassVar[bool] = True
    creates_schemas: ClassVar[bool] = False
    primary_key_with_table: ClassVar[bool] = False
    primary_key_after_rows: ClassVar[bool] = False
    refers_to_later: ClassVar[bool] = True
    index_for_references: ClassVar[bool] = False
    most_digits: ClassVar[tuple[int, int]] = (1000, 1000)

    def column_type(self, data_type: DataType, length: int | None, *, keyed: bool) -> str:  # noqa: ARG002
        """The type of a column that is told no other.

        Args:
            data_type: the policy's.
            length: the most characters; None for any number.
            keyed: whether the column belongs to a key or refers to one.
        """
        return self.type_names[data_type.name].format(p=data_type.precision, s=data_type.scale)

    def given_type(self, kind: Any, *, textual: bool) -> str | None:
        """A type of standard SQL in the dialect's words; None where there is none like it.

        Args:
            kind: sqlglot's tree.
            textual: whether values are texts, which only a type of texts takes in the same way everywhere.
        """
        kinds = exp.DataType.Type
        missing = {
            kinds.USERDEFINED,
            *(() if self.enumeration_type else (kinds.ENUM,)),
            *(() if self.array_types else (kinds.ARRAY, kinds.LIST)),
        }
        unsized = kind.this in (kinds.TEXT, kinds.VARCHAR, kinds.VARBINARY, kinds.BINARY) and not kind.expressions
        if kind.this in missing or (unsized and not self.unsized_types):
            return None
        made = self.written(kind)
        read = self.read_type(made)
        if self._too_wide(kind) or read.data_type is None:
            return None
        # A type of texts elsewhere may be one of numbers here, and the other way round.
        fits = read.array or (read.data_type.is_text if textual else read.form is None)
        return made if fits else None

    def _too_wide(self, kind: exp.DataType) -> bool:
        """Whether decimals have more digits than the dialect knows."""
        digits = [str(one.name) for one in kind.expressions]
        exact = kind.this in (exp.DataType.Type.DECIMAL, exp.DataType.Type.UDECIMAL) and all(map(str.isdigit, digits))
        return exact and any(int(one) > most for one, most in zip(digits, self.most_digits, strict=False))

    def catalog_type(self, kind: str) -> str:
        """A type as the database's catalog will spell it."""
        return kind

    def table(self, database: Database, name: str, parts: Sequence[str], comment: str) -> list[str]:
        """The statements that make a table, with its schema and what is said of it.

        Args:
            database: where it will be.
            name: with its schema in front where that is not the default one.
            parts: columns and constraints.
            comment: what is said of it.
        """
        schema, _ = database.parts(name)
        made = []
        if schema and self.creates_schemas:
            made.append(f"CREATE SCHEMA IF NOT EXISTS {database.quote(schema)}")
        opening, closing = self.enclosing(database, comment)
        body = ",\n  ".join(parts)
        made.append(f"CREATE TABLE {database.table(name)} {opening}\n  {body}\n{closing}")
        return made + self.comment(database, name, comment)

    def enclosing(self, database: Database, comment: str) -> tuple[str, str]:  # noqa: ARG002
        """What comes before and behind the parts of a table, with the comment where it belongs there."""
        return "(", ")"

    def comment(self, database: Database, name: str, comment: str) -> list[str]:  # noqa: ARG002
        """The statements that say something of a table that is there."""
        return []


def comment_on(database: Database, name: str, comment: str) -> list[str]:
    """The statement by which most databases take a comment."""
    return [f"COMMENT ON TABLE {database.table(name)} IS {database.text(comment)}"]
