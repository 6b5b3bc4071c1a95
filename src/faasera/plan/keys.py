"""Keys by construction: which draw makes a column, or a tuple of columns, unique."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import gcd, prod

import numpy as np
from typing_extensions import override

from faasera.core import portable_math
from faasera.core.draws import (
    MAXIMUM_PERMUTATION,
    Draw,
    PermutedDraw,
    Placement,
    QuotaDraw,
    RankDraw,
    TupleDraw,
    UniformDraw,
    WeightedDraw,
    ZipfDraw,
    strides,
)
from faasera.core.errors import Problems
from faasera.core.streams import Permutation, Stream, Words
from faasera.generators.generator import Axis, Choice, Domain, Drawn, Generator
from faasera.generators.literals import parse_number
from faasera.generators.ranges import ContinuousDomain
from faasera.generators.shape import shaped_draw
from faasera.plan.links import CardinalityLink
from faasera.policy.model import Distribution

_MOST_QUOTAS = 1 << 20


@dataclass(frozen=True)
class ScatteredDraw(Draw):
    """Another draw's indices under a fixed affine bijection, so that the popular ones are not the first ones."""

    inner: Draw
    stream: Stream

    @property
    @override
    def size(self) -> int:
        """Of the inner draw."""
        return self.inner.size

    @override
    def indices(self, rows: Words) -> Words:
        indices = self.inner.indices(rows)
        if self.size >= 1 << 32:
            return Permutation(self.size, self.stream).at(indices)
        factor = self.stream.key % self.size | 1
        while gcd(factor, self.size) != 1:
            factor += 2
        factor %= self.size
        offset = self.stream.sub("offset").key % self.size
        return (indices * np.uint64(factor) + np.uint64(offset)) % np.uint64(self.size)

    @override
    def describe(self) -> str:
        return f"{self.inner.describe()}, over shuffled rows"


@dataclass
class Member:
    """Something of a table that is drawn and can belong to a key: a column of a domain, or a foreign key.

    Attributes:
        name: the column, or the foreign key's columns joined by +.
        columns: the columns that it decides.
        size: how many values.
        stream: of its draw.
        shape: the distribution asked for; None for uniform.
        weights: weights of the domain itself.
        choice: for a column.
        problems: where its distribution is reported.
        draw: decided here; None as long as it is free.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    stream: Stream
    shape: Distribution | None
    weights: tuple[float, ...] | None
    choice: Choice | None
    problems: Problems
    domain: Domain | None = None
    draw: Draw | None = None

    @property
    def uniform(self) -> bool:
        """Whether all values are equally likely."""
        return self.weights is None and (self.shape is None or self.shape.type == "UNIFORM")

    def make_distinct(self) -> bool:
        """Drop repetitions from its domain; False where some may remain."""
        if self.domain is not None and not self.domain.distinct:
            if self.weights is not None:
                return False
            self.domain = self.domain.to_distinct()
            self.size = self.domain.size
            return self.domain.distinct
        return True


@dataclass(frozen=True)
class FamilyPlacement:
    """The children of one parent, as a part of unique tuples.

    Attributes:
        name: of the foreign key that decides them.
        columns: its columns.
        link: from a row to its parent.
    """

    name: str
    columns: frozenset[str]
    link: CardinalityLink

    def place(self, rows: Words) -> tuple[Words, Words]:
        """Each row's parent, and its rank among the parent's children."""
        parents, ranks = self.link.place(rows)
        return parents, ranks.view(np.uint64)


@dataclass
class TableKeys:
    """Decides the draws of one table.

    Attributes:
        table: its name.
        rows: its row count.
        seed: the policy's.
        members: what can be drawn, by name.
        generators: the columns that are not drawn.
        family: the foreign key that decides the row count, if one does.
        satisfied: tuples known to be unique.
    """

    table: str
    rows: int
    seed: int
    members: dict[str, Member]
    generators: dict[str, Generator]
    family: FamilyPlacement | None = None
    satisfied: list[frozenset[str]] = field(default_factory=list)

    def require(self, columns: tuple[str, ...], problems: Problems) -> None:
        """Make a tuple of columns unique, or report why that cannot be."""
        if any(known <= frozenset(columns) for known in self.satisfied):
            return
        for column in columns:
            generator = self.generators.get(column)
            if generator is not None and generator.unique and not (generator.nullable and len(columns) > 1):
                self.satisfied.append(frozenset([column]))
                return
        if self.family is not None and self.family.columns <= frozenset(columns):
            if self._among_siblings(columns, self.family, problems):
                self.satisfied.append(frozenset(columns))
            return
        made = self._single(columns[0], problems) if len(columns) == 1 else self._tuple(columns, problems)
        if made:
            self.satisfied.append(frozenset(columns))

    def _members_of(self, columns: Iterable[str]) -> list[Member]:
        wanted = set(columns)
        return [member for member in self.members.values() if set(member.columns) <= wanted]

    def _among_siblings(self, columns: tuple[str, ...], family: FamilyPlacement, problems: Problems) -> bool:
        """Tuples with a parent's key: the other members tell the parent's children apart."""
        others = [self.generators.get(column) for column in columns if column not in family.columns]
        most = family.link.sums.largest
        if most <= 1 or any(generator is not None and generator.numbering for generator in others):
            return True
        free = [member for member in self._members_of(columns) if member.draw is None]
        members = [member for member in free if member.make_distinct() and member.uniform]
        room = prod(member.size for member in members)
        if not members or room < most:
            message = f"({', '.join(columns)}): a parent has up to {most:,} children, and the other columns "
            message += f"{room if members else 1:,} combinations"
            if shaped := [member.name for member in free if member not in members]:
                message += f" ({', '.join(shaped)} cannot add to them, as they follow weights or a distribution)"
            remedy = "Lower 'max', give the other columns more values, or number the children with {#}."
            problems.add("domain-too-small", message, remedy)
            return False
        stream = Stream(self.seed, self.table, "+".join(columns), "tuple").sub("rank")
        self._rank(members, family, stream, scattered=True)
        return True

    @staticmethod
    def _rank(members: list[Member], placement: Placement, stream: Stream, *, scattered: bool = False) -> None:
        """Spread the rows of each element over the members' values, neighbouring ranks apart where ``scattered``."""
        sizes, whole = [], 1
        for member in members:
            sizes.append(min(member.size, MAXIMUM_PERMUTATION // whole))
            whole *= sizes[-1]
        steps = strides(whole, stream.sub("steps")) if scattered else ()
        stride = 1
        for member, size in zip(members, sizes, strict=True):
            member.draw = RankDraw(size, stride, whole, placement, stream, steps)
            stride *= size

    def _single(self, column: str, problems: Problems) -> bool:
        found = self._members_of([column])
        if not found:
            if self.rows <= 1:
                return True
            problems.add(
                "not-unique",
                f"nothing makes '{column}' unique: its values are derived, or shared with other columns",
                "Make it a SEQUENCE, give it a 'range' or 'pattern', "
                "or let a template begin or end with a unique column: {name}.{id}.",
            )
            return False
        member = found[0]
        if member.draw is not None:
            problems.add("key-conflict", f"'{column}' already belongs to another unique tuple", "Drop one of the keys.")
            return False
        if not member.uniform:
            problems.add(
                "unique-shaped",
                f"'{column}' cannot be unique and follow weights or a distribution",
                "Remove the weights or the distribution, or 'unique'.",
            )
            return False
        if not member.make_distinct():
            message = f"nothing makes '{column}' unique: some of its values can come about in two ways"
            problems.add("not-unique", message, "Add a 'step' to the range, or simplify the pattern.")
            return False
        if self.rows > member.size:
            where = f"the {member.size:,} parents" if member.choice is None else f"{member.size:,} possible values"
            problems.add(
                "domain-too-small",
                f"'{column}' is unique: {self.rows:,} rows need as many values, and there are {where}",
                "Ask for fewer rows, or give it more values.",
            )
            return False
        member.draw = PermutedDraw(min(member.size, MAXIMUM_PERMUTATION), member.stream)
        return True

    def _tuple(self, columns: tuple[str, ...], problems: Problems) -> bool:
        members = [member for member in self._members_of(columns) if member.draw is None]
        distinct = [member for member in members if member.make_distinct()]
        uniform = [member for member in distinct if member.uniform]
        shaped = [member for member in distinct if not member.uniform]
        product = prod(member.size for member in uniform)
        if uniform and product >= self.rows:
            self._spread(columns, uniform)
            return True
        if len(shaped) == 1 and uniform and product * shaped[0].size >= self.rows:
            return self._quotas(columns, shaped[0], uniform, problems)
        sizes = " × ".join(f"{member.size:,}" for member in distinct) or "0"
        possible = prod(member.size for member in distinct) if distinct else 0
        why = (
            f"{self.rows:,} unique tuples asked, {sizes} = {possible:,} possible"
            if len(distinct) > 1
            else (f"{self.rows:,} unique tuples asked, {possible:,} possible")
        )
        if possible >= self.rows:
            why += ", but more than one of the columns follows weights or a distribution"
        fixed = [column for column in columns if not any(column in member.columns for member in distinct)]
        if fixed:
            why += f" ({', '.join(fixed)} cannot add to them)"
        problems.add(
            "domain-too-small", f"({', '.join(columns)}): {why}", "Ask for fewer rows, or give the columns more values."
        )
        return False

    def _spread(self, columns: tuple[str, ...], uniform: list[Member]) -> None:
        """Digits of one permuted number in mixed radix."""
        used: list[Member] = []
        product = 1
        for member in sorted(uniform, key=lambda member: member.size):
            if product * member.size <= MAXIMUM_PERMUTATION:
                used.append(member)
                product *= member.size
        if product < self.rows:
            # The small ones left no room for one that is large enough by itself.
            used = [max(uniform, key=lambda member: member.size)]
            product = used[0].size = min(used[0].size, MAXIMUM_PERMUTATION)
        whole = Permutation(product, Stream(self.seed, self.table, "+".join(columns), "tuple"))
        stride = 1
        for member in used:
            member.draw = TupleDraw(member.size, stride, whole)
            stride *= member.size

    def _quotas(self, columns: tuple[str, ...], shaped: Member, uniform: list[Member], problems: Problems) -> bool:
        """The shaped member in exact quotas, the others spread within each of its values."""
        weights = _weights(shaped)
        if weights is None:
            problems.add(
                "unique-shaped",
                f"({', '.join(columns)}) is unique, and '{shaped.name}' follows a curve that has no exact quotas",
                "Use WEIGHTED or ZIPF over at most 1,048,576 values, or no distribution.",
            )
            return False
        quotas = _apportion(weights, self.rows)
        room = prod(member.size for member in uniform)
        if max(quotas) > room:
            problems.add(
                "domain-too-small",
                f"({', '.join(columns)}): the likeliest '{shaped.name}' has {max(quotas):,} rows, "
                f"and the other columns {room:,} combinations",
                "Ask for fewer rows, or for a flatter distribution.",
            )
            return False
        stream = Stream(self.seed, self.table, "+".join(columns), "tuple")
        quota = QuotaDraw(tuple(quotas), Permutation(max(self.rows, 1), stream.sub("quota")), shaped.name)
        shaped.draw = quota
        self._rank(uniform, quota, stream.sub("rank"))
        return True

    def finish(self) -> None:
        """Give every member that no key decided the draw that its rule asks for."""
        for member in self.members.values():
            if member.draw is None:
                member.draw = free_draw(member)


def drawn(choice: Choice, name: str, stream: Stream, problems: Problems) -> Drawn | None:
    """A choice drawn by itself, in no key; None after problems were reported."""
    member = Member(
        name,
        (name,),
        choice.domain.size,
        choice.stream or stream,
        choice.distribution,
        choice.weights,
        choice,
        problems.at("distribution"),
        choice.domain,
    )
    before = len(problems.found)
    draw = free_draw(member)
    return Drawn(choice.domain, draw, member.stream) if len(problems.found) == before else None


def free_draw(member: Member) -> Draw | None:
    """The draw of a rule's own wish; None after a problem, or for uniform texts that need no index."""
    if member.weights is not None:
        return WeightedDraw(member.weights, member.stream)
    if member.shape is None:
        return None if member.domain is not None else UniformDraw(max(member.size, 1), member.stream)
    axis = member.domain.axis if member.domain is not None else Axis(1.0, 1.0, parse_number, parse_number)
    continuous = isinstance(member.domain, ContinuousDomain)
    draw = shaped_draw(member.shape, member.size, axis, member.stream, member.problems, continuous=continuous)
    if isinstance(draw, ZipfDraw) and member.domain is None:
        return ScatteredDraw(draw, member.stream.sub("scatter"))
    return draw


def _weights(member: Member) -> list[float] | None:
    """Explicit weights of a shaped member, where there are any."""
    if member.size > _MOST_QUOTAS:
        return None
    if member.weights is not None:
        return list(member.weights)
    shape = member.shape
    if shape is not None and shape.type == "WEIGHTED" and shape.weights and len(shape.weights) == member.size:
        return list(map(float, shape.weights))
    if shape is not None and shape.type == "ZIPF":
        exponent = float(shape.exponent if shape.exponent is not None else 1.0)
        ranks = np.arange(1, member.size + 1, dtype=np.float64)
        return [float(weight) for weight in portable_math.exp(-exponent * portable_math.log(ranks))]
    return None


def _apportion(weights: list[float], rows: int) -> list[int]:
    """Whole numbers in proportion to weights that add up to ``rows`` (largest remainders)."""
    total = sum(weights)
    exact = [weight / total * rows for weight in weights]
    quotas = [int(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda index: (quotas[index] - exact[index], index))
    for index in order[: rows - sum(quotas)]:
        quotas[index] += 1
    return quotas
