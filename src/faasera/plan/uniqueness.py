"""Uniqueness by construction: which draw makes a column, or a tuple of columns, unique."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import gcd, prod

import numpy as np
from typing_extensions import override

from faasera.core import portable_math
from faasera.core.draws import (
    MAXIMUM_PERMUTATION,
    Draw,
    PermutedDraw,
    Placed,
    QuotaDraw,
    RankDraw,
    TupleDraw,
    UniformDraw,
    WeightedDraw,
    ZipfDraw,
    spread,
    strides,
)
from faasera.core.errors import Problems
from faasera.core.streams import Permutation, Stream, Words
from faasera.generators.facts import Facts
from faasera.generators.generator import Axis, Choice, Domain, Drawn, Generator, Made
from faasera.generators.literals import parse_number
from faasera.generators.ranges import ContinuousDomain
from faasera.generators.shape import shaped_draw
from faasera.plan.link import CardinalityLink
from faasera.policy.model import Distribution

_MOST_QUOTAS = 1 << 20


@dataclass(frozen=True)
class ScatteredDraw(Draw):
    """Another draw's indices under a fixed affine bijection, so that the popular ones are not the first ones."""

    inner: Draw
    stream: Stream

    @property
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


@dataclass(frozen=True)
class SiblingRankDraw(Draw):
    """As ``RankDraw``, over the children of each parent.

    Attributes:
        size: the number of values of this member.
        stride: the product of the sizes of the members after this one.
        whole: the product of all sizes.
        stream: of the spread.
        steps: the distances between ranks that a parent's children may have.
        parent: the foreign key that decides them, for the plan.
    """

    size: int
    stride: int
    whole: int
    stream: Stream
    steps: tuple[int, ...] = field(repr=False)
    parent: str

    @override
    def of(self, context: Placed) -> Words:
        siblings = context.siblings()
        ranks = siblings.ranks.view(np.uint64)
        return spread(siblings.parents, ranks, self.size, self.stride, self.whole, self.stream, self.steps)

    @override
    def indices(self, rows: Words) -> Words:
        raise TypeError("the place of a row among its siblings is not in its number: ask with a context")

    @override
    def describe(self) -> str:
        return f"part of a unique tuple beside {self.parent}"


@dataclass(frozen=True)
class Member:
    """Something of a table that is drawn and can belong to a key: a column of a domain, or a foreign key.

    Attributes:
        name: the column, or the foreign key's.
        columns: the columns that it decides.
        size: how many values.
        stream: of its draw.
        shape: the distribution asked for; None for uniform.
        weights: weights of the domain itself.
        problems: where its distribution is reported.
        domain: of a column.
        draw: decided by a key; None as long as it is free.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    stream: Stream
    shape: Distribution | None
    weights: tuple[float, ...] | None
    problems: Problems
    domain: Domain | None = None
    draw: Draw | None = None

    @property
    def uniform(self) -> bool:
        """Whether all values are equally likely."""
        return self.weights is None and (self.shape is None or self.shape.type == "UNIFORM")

    @property
    def distinct(self) -> bool:
        """Whether no value can come about in two ways."""
        return self.domain is None or self.domain.distinct

    def without_repetitions(self) -> "Member":
        """The same with a domain without repetitions, where it can have one."""
        if self.domain is None or self.domain.distinct or self.weights is not None:
            return self
        domain = self.domain.to_distinct()
        return replace(self, domain=domain, size=domain.size)


@dataclass
class Uniqueness:
    """Decides the draws of one table, key by key.

    Attributes:
        table: its name.
        rows: its row count.
        seed: the policy's.
        members: what can be drawn, by name; a key puts those that it has decided in their places.
        others: what is known of the columns that are not drawn.
        family: how many children each parent has, and by which columns, where a foreign key decides the row count.
        satisfied: tuples known to be unique.
    """

    table: str
    rows: int
    seed: int
    members: dict[str, Member]
    others: Mapping[str, Facts]
    family: tuple[frozenset[str], CardinalityLink] | None = None
    satisfied: list[frozenset[str]] = field(default_factory=list)

    def require(self, columns: tuple[str, ...], problems: Problems) -> None:
        """Make a tuple of columns unique, or report why that cannot be."""
        if any(known <= frozenset(columns) for known in self.satisfied):
            return
        for column in columns:
            facts = self.others.get(column)
            if facts is not None and facts.unique and not (facts.nullable and len(columns) > 1):
                self.satisfied.append(frozenset([column]))
                return
        decided = self._decide(columns, problems)
        if decided is not None:
            self.members |= decided
            self.satisfied.append(frozenset(columns))

    def settled(self) -> dict[str, Member]:
        """All members, with the draw that its rule asks for where no key decided one."""
        return {
            name: member if member.draw is not None else replace(member, draw=free_draw(member))
            for name, member in self.members.items()
        }

    def _decide(self, columns: tuple[str, ...], problems: Problems) -> "dict[str, Member] | None":
        """The members that a tuple decides; None after a problem was reported."""
        if self.family is not None and self.family[0] <= frozenset(columns):
            return self._among_siblings(columns, *self.family, problems)
        return self._single(columns[0], problems) if len(columns) == 1 else self._tuple(columns, problems)

    def _within(self, columns: Iterable[str]) -> dict[str, Member]:
        """The members that decide no other columns than these."""
        wanted = set(columns)
        return {name: member for name, member in self.members.items() if set(member.columns) <= wanted}

    def _free(self, columns: Iterable[str]) -> dict[str, Member]:
        """Those of them that no key has decided, their values without repetitions where they can be."""
        return {
            name: member.without_repetitions() for name, member in self._within(columns).items() if member.draw is None
        }

    def _among_siblings(
        self, columns: tuple[str, ...], family: frozenset[str], link: CardinalityLink, problems: Problems
    ) -> dict[str, Member] | None:
        """Tuples with a parent's key: the other members tell the parent's children apart."""
        others = [self.others.get(column) for column in columns if column not in family]
        most = link.largest
        if most <= 1 or any(facts is not None and facts.numbering for facts in others):
            return {}
        free = self._free(columns)
        members = {name: member for name, member in free.items() if member.distinct and member.uniform}
        room = prod(member.size for member in members.values())
        if not members or room < most:
            message = f"({', '.join(columns)}): a parent has up to {most:,} children, and the other columns "
            message += f"{room if members else 1:,} combinations"
            if shaped := [member.name for name, member in free.items() if name not in members]:
                message += f" ({', '.join(shaped)} cannot add to them, as they follow weights or a distribution)"
            remedy = "Lower 'max', give the other columns more values, or number the children with {#}."
            problems.add("domain-too-small", message, remedy)
            return None
        stream = Stream(self.seed, self.table, "+".join(columns), "tuple").sub("rank")
        return free | _ranked(members, link, stream)

    def _single(self, column: str, problems: Problems) -> dict[str, Member] | None:
        found = self._within([column])
        if not found:
            if self.rows <= 1:
                return {}
            problems.add(
                "not-unique",
                f"nothing makes '{column}' unique: its values are derived, or shared with other columns",
                "Make it a SEQUENCE, give it a 'range' or 'pattern', "
                "or let a template begin or end with a unique column: {name}.{id}.",
                room=1,
            )
            return None
        name, member = next(iter(found.items()))
        if member.draw is not None:
            problems.add("key-conflict", f"'{column}' already belongs to another unique tuple", "Drop one of the keys.")
            return None
        if not member.uniform:
            problems.add(
                "unique-shaped",
                f"'{column}' cannot be unique and follow weights or a distribution",
                "Remove the weights or the distribution, or 'unique'.",
            )
            return None
        member = member.without_repetitions()
        if not member.distinct:
            message = f"nothing makes '{column}' unique: some of its values can come about in two ways"
            problems.add("not-unique", message, "Add a 'step' to the range, or simplify the pattern.")
            return None
        if self.rows > member.size:
            where = f"the {member.size:,} parents" if member.domain is None else f"{member.size:,} possible values"
            problems.add(
                "domain-too-small",
                f"'{column}' is unique: {self.rows:,} rows need as many values, and there are {where}",
                "Ask for fewer rows, or give it more values.",
                room=member.size,
            )
            return None
        draw = PermutedDraw(min(member.size, MAXIMUM_PERMUTATION), member.stream)
        return {name: replace(member, draw=draw)}

    def _tuple(self, columns: tuple[str, ...], problems: Problems) -> dict[str, Member] | None:
        free = self._free(columns)
        distinct = {name: member for name, member in free.items() if member.distinct}
        uniform = {name: member for name, member in distinct.items() if member.uniform}
        shaped = {name: member for name, member in distinct.items() if not member.uniform}
        product = prod(member.size for member in uniform.values())
        stream = Stream(self.seed, self.table, "+".join(columns), "tuple")
        if uniform and product >= self.rows:
            return free | _spread(uniform, self.rows, stream)
        if len(shaped) == 1 and uniform and product * next(iter(shaped.values())).size >= self.rows:
            decided = self._quotas(columns, shaped, uniform, stream, problems)
            return None if decided is None else free | decided
        self._report_tuple(columns, list(distinct.values()), problems)
        return None

    def _report_tuple(self, columns: tuple[str, ...], distinct: Sequence[Member], problems: Problems) -> None:
        sizes = " × ".join(f"{member.size:,}" for member in distinct) or "0"
        possible = prod(member.size for member in distinct) if distinct else 0
        shown = f"{sizes} = {possible:,}" if len(distinct) > 1 else f"{possible:,}"
        why = f"{self.rows:,} unique tuples asked, {shown} possible"
        if possible >= self.rows:
            why += ", but more than one of the columns follows weights or a distribution"
        fixed = [column for column in columns if not any(column in member.columns for member in distinct)]
        if fixed:
            why += f" ({', '.join(fixed)} cannot add to them)"
        remedy = "Ask for fewer rows, or give the columns more values."
        room = max(possible, 1) if possible < self.rows else None
        problems.add("domain-too-small", f"({', '.join(columns)}): {why}", remedy, room=room)

    def _quotas(
        self,
        columns: tuple[str, ...],
        shaped: Mapping[str, Member],
        uniform: dict[str, Member],
        stream: Stream,
        problems: Problems,
    ) -> dict[str, Member] | None:
        """The shaped member in exact quotas, the others spread within each of its values."""
        name, member = next(iter(shaped.items()))
        weights = _weights(member)
        if weights is None:
            problems.add(
                "unique-shaped",
                f"({', '.join(columns)}) is unique, and '{member.name}' follows a curve that has no exact quotas",
                "Use WEIGHTED or ZIPF over at most 1,048,576 values, or no distribution.",
            )
            return None
        quotas = _apportion(weights, self.rows)
        room = prod(one.size for one in uniform.values())
        if max(quotas) > room:
            problems.add(
                "domain-too-small",
                f"({', '.join(columns)}): the likeliest '{member.name}' has {max(quotas):,} rows, "
                f"and the other columns {room:,} combinations",
                "Ask for fewer rows, or for a flatter distribution.",
                room=max(1, self.rows * room // max(quotas)),
            )
            return None
        quota = QuotaDraw(tuple(quotas), Permutation(max(self.rows, 1), stream.sub("quota")), member.name)
        return {name: replace(member, draw=quota)} | _ranked(uniform, quota, stream.sub("rank"))


def _ranked(members: Mapping[str, Member], beside: CardinalityLink | QuotaDraw, stream: Stream) -> dict[str, Member]:
    """The rows of each element spread over the members' values: of each parent's children, or of each quota.

    Neighbouring ranks of children are kept apart.
    """
    sizes, whole = [], 1
    for member in members.values():
        sizes.append(min(member.size, MAXIMUM_PERMUTATION // whole))
        whole *= sizes[-1]
    decided, stride = {}, 1
    steps = strides(whole, stream.sub("steps")) if isinstance(beside, CardinalityLink) else ()
    for (name, member), size in zip(members.items(), sizes, strict=True):
        draw: Draw
        if isinstance(beside, CardinalityLink):
            draw = SiblingRankDraw(size, stride, whole, stream, steps, beside.foreign_key)
        else:
            draw = RankDraw(size, stride, whole, beside, stream)
        decided[name] = replace(member, draw=draw)
        stride *= size
    return decided


def _spread(uniform: Mapping[str, Member], rows: int, stream: Stream) -> dict[str, Member]:
    """Digits of one permuted number in mixed radix."""
    used: dict[str, Member] = {}
    product = 1
    for name, member in sorted(uniform.items(), key=lambda entry: entry[1].size):
        if product * member.size <= MAXIMUM_PERMUTATION:
            used[name] = member
            product *= member.size
    if product < rows:
        # The small ones left no room for one that is large enough by itself.
        name, member = max(uniform.items(), key=lambda entry: entry[1].size)
        product = min(member.size, MAXIMUM_PERMUTATION)
        used = {name: replace(member, size=product)}
    whole = Permutation(product, stream)
    decided, stride = {}, 1
    for name, member in used.items():
        decided[name] = replace(member, draw=TupleDraw(member.size, stride, whole))
        stride *= member.size
    return decided


def drawn(made: Made, name: str, stream: Stream, problems: Problems) -> Generator | None:
    """What a rule comes to, where no key has a say; a choice is drawn as it asks. None after problems were reported."""
    if isinstance(made, Generator):
        return made
    member = column_member(made, name, stream, problems.at("distribution"))
    with problems.expected_none() as fine:
        draw = free_draw(member)
    return Drawn(made.domain, draw, member.stream) if fine else None


def column_member(choice: Choice, name: str, stream: Stream, problems: Problems) -> Member:
    """A column as what can be drawn."""
    domain = choice.domain
    stream = choice.stream or stream
    return Member(name, (name,), domain.size, stream, choice.distribution, choice.weights, problems, domain)


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
