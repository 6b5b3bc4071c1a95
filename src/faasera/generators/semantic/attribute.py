"""Columns that tell something of their group's subject."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.semantic.groups import Subject


@dataclass(frozen=True)
class Attribute(Generator):
    """A column that tells something of a subject: a function of the row.

    Attributes:
        subject: of the column's group.
        tell: a method of the subject's class, or a function of a module, so that columns can be compared and pickled:
            the values, given the subject, the rows and the arguments.
        phrase: for the plan.
        facts: of the values.
        arguments: which of the things that the function can tell.
    """

    subject: Subject
    tell: Callable[..., pa.Array]
    phrase: str
    facts: Facts
    arguments: tuple[str, ...] = ()

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.tell(self.subject, context, *self.arguments)

    @override
    def describe(self) -> str:
        return self.phrase


def dictionary(indices: npt.NDArray[np.integer], values: pa.Array) -> pa.DictionaryArray:
    """Texts of a list by their places in it."""
    return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32, copy=False)), values, safe=False)


def longest(*lists: pa.Array) -> int:
    """The most characters of a text that is joined from one of each list."""
    return sum(int(pc.max(pc.utf8_length(one)).as_py() or 0) for one in lists)
