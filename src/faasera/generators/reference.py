"""A foreign key's column: the value of its parent's key."""

from dataclasses import dataclass

import pyarrow as pa

from faasera.core.arrow import with_nulls
from faasera.generators.base import Context, Generator, ValuesOf


@dataclass(frozen=True)
class ParentValue(ValuesOf):
    """A column of the row's parent, followed through one or more foreign keys.

    Attributes:
        path: the foreign keys to follow, by name.
        table: the last parent's table, for the plan.
        column: the parent's column.
        source: the parent's generator of that column.
        nullable: whether a row on the way may have no parent, or the column nulls.
    """

    path: tuple[str, ...]
    table: str
    column: str
    source: Generator
    nullable: bool
    unique: bool = False

    @property
    def origin(self) -> Generator:
        """The parent's generator."""
        return self.source

    @property
    def uses(self) -> tuple[str, ...]:  # type: ignore[override]
        """The parent's column."""
        return (f"{self.table}.{self.column}",)

    def generate(self, context: Context) -> pa.Array:  # noqa: D102
        masks = []
        for foreign_key in self.path:
            masks.append(context.has_parent(foreign_key))
            context = context.parent(foreign_key)
        values = context.column(self.column)
        for mask in masks:
            values = with_nulls(values, mask)
        return values

    def describe(self) -> str:  # noqa: D102
        return f"{self.table}.{self.column} of the parent, by {' → '.join(self.path)}"
