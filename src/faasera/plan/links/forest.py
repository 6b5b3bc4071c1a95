"""Forests: rows of one table under one another, in the shape that a policy gives."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from faasera.core.arrow import Mask
from faasera.core.errors import Problems
from faasera.core.streams import Stream, Words, below_each
from faasera.generators.context import Context, Tables
from faasera.plan.counts import children_draw
from faasera.plan.link import CardinalityLink, Link, Totals
from faasera.plan.links.claim import Claim, Drawing, settled
from faasera.plan.relations import Relation
from faasera.policy.model import Cardinality, Forest

_MOST_LEVELS = 100_000
_DEEPEST = 200


@dataclass(frozen=True)
class ForestLink(Link):
    """Rows of one table under one another: the roots come first, and a parent before its children.

    Attributes:
        roots: how many.
        row_count: of the table.
        stream: of the choice among possible parents.
        levels: where each depth begins, and the end of the last, where the depth shapes the forest.
        branching: the numbers of children, where these shape it.
        own: whether a root refers to itself.
        shape: a phrase for the plan.
    """

    roots: int
    row_count: int
    stream: Stream
    levels: tuple[int, ...] = ()
    branching: CardinalityLink | None = None
    own: bool = False
    shape: str = ""

    @property
    @override
    def parents_first(self) -> bool:
        return True

    @override
    def parents(self, context: Context) -> Words:
        rows = context.rows
        inner = np.flatnonzero(rows >= np.uint64(self.roots))
        if len(inner) < len(rows):
            found = rows.copy()
            found[inner] = self._parents(context.tables, rows[inner])
            return found
        return self._parents(context.tables, rows)

    def _parents(self, tables: Tables, rows: Words) -> Words:
        if self.branching is not None:
            return self.branching.totals(tables).find(rows - np.uint64(self.roots))[0]
        words = self.stream.words(rows)
        if not self.levels:
            return below_each(words, rows)
        starts = np.array(self.levels, dtype=np.uint64)
        level = np.searchsorted(starts, rows, side="right") - 1
        return starts[level - 1] + below_each(words, starts[level] - starts[level - 1])

    @override
    def present(self, context: Context) -> Mask | None:
        return None if self.own else context.rows >= np.uint64(self.roots)

    def depth(self, kept: Totals, limit: int) -> int:
        """The most steps from a row to its root; ``limit`` where it is that deep or may be deeper."""
        if self.levels:
            return len(self.levels) - 2
        if self.branching is None:
            # A random recursive tree's height is near e·ln(n) (Pittel, "Note on the heights of random recursive trees
            # and random m-ary search trees", 1994).
            return min(limit, int(2.72 * np.log(max(self.row_count, 2))) + 20)
        totals = self.branching.totals(kept)
        end, depth = self.roots, 0
        while end < self.row_count and depth < limit:
            end = self.roots + int(totals.starts(np.array([end], dtype=np.uint64))[0])
            depth += 1
        return depth

    @override
    def describe(self) -> str:
        return f"a forest of {self.roots:,} root{'s' * (self.roots != 1)}{self.shape}"


def claim(drawing: Drawing, relation: Relation) -> Claim | None:
    """A foreign key to its own table, unless the policy allows circles."""
    if not relation.is_forest:
        return None
    link = _link(drawing, relation)
    if link is not None and drawing.is_recursive and link.depth(drawing.tables, _DEEPEST + 1) > _DEEPEST:
        message = f"the forest is more than {_DEEPEST} levels deep, too many to look up through all of them"
        remedy = "Raise 'branching' or 'roots', or drop the lookup by this foreign key."
        relation.problems.add("forest", message, remedy, at=["acyclic"])
    satisfied = unique_parts(drawing, relation)
    return settled({relation.name: link} if link is not None else {}, *satisfied)


def unique_parts(drawing: Drawing, relation: Relation) -> tuple[frozenset[str], ...]:
    """The tuples that a forest keeps unique, as each row has one child at most; none where it may have more."""
    policy, keys = relation.policy, drawing.table.keys.within(relation.columns)
    declared = (frozenset(policy.unique_columns),) if policy.unique else ()
    shape = policy.acyclic.branching if policy.acyclic is not None else None
    if not policy.unique and shape is not None and shape.max > 1:
        return ()
    return (*declared, *map(frozenset, keys))


def _link(drawing: Drawing, relation: Relation) -> ForestLink | None:
    """The link; None after problems were reported."""
    policy, rows = relation.policy, drawing.table.row_count
    forest, problems = policy.acyclic, relation.problems.at("acyclic")
    assert forest is not None
    unique = bool(unique_parts(drawing, relation))
    roots = max(1, round(rows * float(policy.null_fraction))) if forest.roots is None else forest.roots
    if unique and relation.roots_are_own and forest.roots is None:
        roots = max(1, rows)  # A root is its own only child.
    if not _has_roots(roots, rows, forest, problems):
        return None
    roots = min(roots, rows)
    own, stream = relation.roots_are_own, drawing.stream(relation)
    branching = forest.branching if not unique else Cardinality(min=1, max=1)
    if branching is not None:
        numbers = _numbers(branching, drawing.key_of(relation), relation.name, rows, stream, problems)
        return _branched(numbers, forest.max_depth, roots, stream, drawing.tables, problems, own=own)
    if forest.max_depth is None:
        return ForestLink(roots, rows, stream, own=own, shape=", any earlier row as parent")
    if forest.max_depth == 0 and rows > roots:
        message = f"depth 0 means roots only: {rows:,} rows need as many roots, and there are {roots:,}"
        problems.add("forest", message, "Raise 'maxDepth', or 'roots'.", at=["maxDepth"])
        return None
    levels = _levels(roots, rows, forest.max_depth)
    return ForestLink(roots, rows, stream, levels, own=own, shape=f", {len(levels) - 2} levels below them")


def _has_roots(roots: int, rows: int, forest: Forest, problems: Problems) -> bool:
    if roots == 0 and rows:
        message = f"{rows:,} rows with no root among them would go round in a circle: a forest of no roots has no rows"
        problems.add("forest", message, "Let 'roots' be 1 or more.", at=["roots"])
        return False
    if forest.roots is not None and roots > rows > 0:
        message = f"{roots:,} roots among {rows:,} rows"
        problems.add("forest", message, "Ask for fewer roots, or for more rows.", at=["roots"])
        return False
    return True


def _numbers(
    branching: Cardinality, key: str, name: str, rows: int, stream: Stream, problems: Problems
) -> CardinalityLink | None:
    """How many children each row has; None after problems were reported."""
    draw = children_draw(branching, stream.sub("children"), problems.at("branching"))
    if draw is None or branching.min < 1:
        return None
    return CardinalityLink(key, name, branching.min, branching.max, draw, rows)


def _branched(
    numbers: CardinalityLink | None,
    max_depth: int | None,
    roots: int,
    stream: Stream,
    kept: Totals,
    problems: Problems,
    *,
    own: bool,
) -> ForestLink | None:
    """A forest by numbers of children, no deeper than it may be."""
    if numbers is None:
        return None
    fewest, most, rows = numbers.least, numbers.most, numbers.parent_count
    number = f"{fewest:,}" if fewest == most else f"{fewest:,} … {most:,}"
    link = ForestLink(roots, rows, stream, branching=numbers, own=own, shape=f", {number} children each")
    if max_depth is not None and link.depth(kept, min(max_depth + 1, _MOST_LEVELS)) > max_depth:
        shape = f"{roots:,} roots with {number} children each and depth {max_depth}"
        message = f"{rows:,} rows do not fit into {shape}: {_reachable(most, max_depth, roots)}"
        remedy = "Raise 'maxDepth', 'roots' or 'branching', or ask for fewer rows."
        problems.add("forest", message, remedy, at=["maxDepth"])
        return None
    return link


def _reachable(most: int, max_depth: int, roots: int) -> str:
    """The arithmetic of the largest forest of that shape."""
    level, sizes = roots, [roots]
    for _ in range(min(max_depth, 60)):
        level *= most
        sizes.append(level)
    terms = [f"{size:,}" for size in (sizes if len(sizes) < 6 else [*sizes[:3], sizes[-1]])]
    if len(sizes) >= 6:
        terms.insert(3, "…")
    return f"{' + '.join(terms)} = {sum(sizes):,} at most"


def _levels(roots: int, rows: int, depth: int) -> tuple[int, ...]:
    """Where each depth begins: sizes grow by one factor, so that the depth is used and no level is empty."""
    ends = [0, roots]
    depth = min(depth, rows - roots)
    if depth:
        low, high = 0.0, float(rows)
        for _ in range(100):
            factor = (low + high) / 2
            low, high = (factor, high) if _size(roots, factor, depth) < rows else (low, factor)
        for level in range(1, depth + 1):
            end = rows if level == depth else min(rows, max(ends[-1] + 1, round(_size(roots, high, level))))
            if end > ends[-1]:
                ends.append(end)
    return tuple(ends)


def _size(roots: int, factor: float, depth: int) -> float:
    """Rows down to a depth when each level is ``factor`` times the one above (Horner's scheme)."""
    total = 1.0
    for _ in range(depth):
        total = total * factor + 1.0
        if total > 1e18:
            break
    return roots * total
