"""Columns whose rows follow their own locales."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.draws import AliasTable, WeightedDraw
from faasera.core.streams import Stream, Words
from faasera.generators.context import Context
from faasera.generators.facts import Facts, widest
from faasera.generators.generator import Drawn, Generator, Made
from faasera.generators.joined import placed


@dataclass(frozen=True)
class LocaleMix:
    """The locales of a table's rows.

    Attributes:
        names: of the locales.
        weights: how many rows have each.
        stream: decides which; the same for all columns of a table.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    stream: Stream

    def numbers(self, context: Context) -> Words:
        """Each row's locale, by its place in ``names``."""
        found: Words = context.shared(
            f"locale/{self.names}/{self.weights}",
            lambda: AliasTable(self.weights).indices(self.stream.words(context.rows)),
        )
        return found

    def parts(self, context: Context) -> list[tuple[Context, np.ndarray[Any, Any]]]:
        """The rows of each locale, and where they stand."""

        def split() -> list[tuple[Context, np.ndarray[Any, Any]]]:
            numbers = self.numbers(context)
            places = [np.flatnonzero(numbers == one) for one in range(len(self.names))]
            return [(context.at(context.rows[place]), place) for place in places]

        found: list[tuple[Context, np.ndarray[Any, Any]]] = context.shared(
            f"locale parts/{self.names}/{self.weights}", split
        )
        return found


@dataclass(frozen=True)
class Mixed(Generator):
    """A column whose rows follow their own locales.

    Attributes:
        parts: a generator for each locale.
        mix: the locales.
    """

    parts: tuple[Generator, ...]
    mix: LocaleMix

    @property
    @override
    def facts(self) -> Facts:
        bounds, max_length = widest([part.facts for part in self.parts])
        apart = all(part.by_row for part in self.parts)
        return Facts(
            self.parts[0].data_type,
            nullable=any(part.nullable for part in self.parts),
            unique=apart,
            by_row=apart,
            bounds=bounds,
            max_length=max_length,
            uses=tuple(dict.fromkeys(name for part in self.parts for name in part.uses)),
        )

    @override
    def generate(self, context: Context) -> pa.Array:
        made, order = [], []
        for part, (rows, place) in zip(self.parts, self.mix.parts(context), strict=True):
            made.append(part.generate(rows))
            order.append(place)
        return placed(made, order)

    @override
    def describe(self) -> str:
        total = sum(self.mix.weights)
        pairs = zip(self.mix.names, self.mix.weights, strict=True)
        shares = ", ".join(f"{name} {weight / total:.0%}" for name, weight in pairs)
        return f"{self.parts[0].describe()}; or of the row's locale: {shares}"


def as_generator(made: Made, own: Stream) -> Generator:
    """A choice with a draw of its own.

    Args:
        made: what a type compiled to.
        own: the column's own stream, for a choice that has none.
    """
    if isinstance(made, Generator):
        return made
    stream = made.stream or own
    draw = None if made.weights is None else WeightedDraw(made.weights, stream)
    return Drawn(made.domain, draw, stream)
