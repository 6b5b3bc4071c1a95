"""Compiled expressions: trees of parts, each of which makes an Arrow array, or a scalar that stands for one."""

import datetime
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded, valid_mask, with_nulls
from faasera.core.types import BIGINT, BINARY, BOOLEAN, DATE, DOUBLE, STRING, TIME, TIMESTAMP
from faasera.core.wide import to_doubles
from faasera.generators import siblings
from faasera.generators.context import Context
from faasera.generators.expression_functions import (
    BYTES,
    CLOCK,
    COMPARISONS,
    DAYS,
    FUNCTIONS,
    INTEGER,
    MOMENT,
    NULL,
    NUMBER,
    TEXT,
    TRUTH,
    Array,
    text_of,
    whole_years,
)
from faasera.generators.generator import Generator

TYPES = {
    INTEGER: BIGINT, NUMBER: DOUBLE, TEXT: STRING, TRUTH: BOOLEAN,
    DAYS: DATE, MOMENT: TIMESTAMP, CLOCK: TIME, BYTES: BINARY,
}  # fmt: skip
"""The data type of each kind of value."""
ARROW = {kind: data_type.arrow for kind, data_type in TYPES.items()} | {NULL: pa.null()}
"""The Arrow type of each kind of value."""
_NO_ROWS: Any = None


class Part(ABC):
    """A part of an expression; all parts are values.

    Attributes:
        kind: of the value that it makes.
    """

    if TYPE_CHECKING:
        # There at run time, a property would be in the way of parts that have a field of this name.
        @property
        @abstractmethod
        def kind(self) -> str:
            """Of the value that it makes."""

    @property
    def constant(self) -> bool:
        """Whether it is the same in all rows, whatever the rows."""
        return False

    @abstractmethod
    def evaluate(self, context: Context) -> Array:
        """The values of some rows, as an Arrow array; as a scalar where they are all the same."""

    def plain(self) -> Any:
        """The value of a constant part, as Python has it."""
        return self.evaluate(_NO_ROWS).as_py()


@dataclass(frozen=True)
class Fixed(Part):
    """A literal."""

    kind: str
    value: pa.Scalar

    @property
    @override
    def constant(self) -> bool:
        return True

    @override
    def evaluate(self, context: Context) -> Array:
        return self.value


@dataclass(frozen=True)
class Loaded(Part):
    """A column.

    Attributes:
        kind: of its values.
        name: of the table's own column, or the path to a parent's.
        parent: makes the parent's column; None for one of the table's own.
        exact: whether decimals stay decimals.
    """

    kind: str
    name: str
    parent: Generator | None
    exact: bool = False

    @override
    def evaluate(self, context: Context) -> Array:
        array = decoded(self.parent.generate(context) if self.parent is not None else context.column(self.name))
        if pa.types.is_decimal(array.type) and self.exact:
            return array
        if pa.types.is_decimal(array.type):
            # Arrow's own cast multiplies by a power of ten; the quotient is the nearest double.
            return with_nulls(pa.array(to_doubles(array)), valid_mask(array))
        arrow = ARROW[self.kind]
        return array if array.type == arrow else array.cast(arrow)


@dataclass(frozen=True)
class Converted(Part):
    """Another part's values as another kind."""

    kind: str
    part: Part

    @property
    @override
    def constant(self) -> bool:
        return self.part.constant

    @override
    def evaluate(self, context: Context) -> Array:
        values = self.part.evaluate(context)
        return text_of(values) if self.kind == TEXT and self.part.kind != NULL else pc.cast(values, ARROW[self.kind])


@dataclass(frozen=True)
class Applied(Part):
    """One of ``FUNCTIONS`` of other parts."""

    kind: str
    function: str
    arguments: tuple[Part, ...]

    @property
    @override
    def constant(self) -> bool:
        return all(argument.constant for argument in self.arguments)

    @override
    def evaluate(self, context: Context) -> Array:
        made = FUNCTIONS[self.function].apply(*(argument.evaluate(context) for argument in self.arguments))
        arrow = ARROW[self.kind]
        return made if made.type == arrow else pc.cast(made, arrow)


@dataclass(frozen=True)
class Age(Part):
    """Completed years on a day."""

    dates: Part
    as_of: datetime.date
    kind = INTEGER

    @property
    @override
    def constant(self) -> bool:
        return self.dates.constant

    @override
    def evaluate(self, context: Context) -> Array:
        return whole_years(self.dates.evaluate(context), self.as_of)


@dataclass(frozen=True)
class Compared(Part):
    """One of ``COMPARISONS`` of two parts of one kind."""

    operator: str
    left: Part
    right: Part
    kind = TRUTH

    @override
    def evaluate(self, context: Context) -> Array:
        return COMPARISONS[self.operator](self.left.evaluate(context), self.right.evaluate(context))


@dataclass(frozen=True)
class SiblingPlace(Part):
    """What a row's place among the children of its parent says: ``first``, ``last`` or ``siblings``."""

    function: str

    @property
    @override
    def kind(self) -> str:
        return INTEGER if self.function == "siblings" else TRUTH

    @override
    def evaluate(self, context: Context) -> Array:
        return siblings.PLACES[self.function](context)


@dataclass(frozen=True)
class Neighbour(Part):
    """A column's value in another child of the same parent, so many further; null beyond the ends."""

    column: Part
    step: int

    @property
    @override
    def kind(self) -> str:
        return self.column.kind

    @override
    def evaluate(self, context: Context) -> Array:
        rows, valid = siblings.neighbours(context, self.step)
        return with_nulls(self.column.evaluate(rows), valid)
