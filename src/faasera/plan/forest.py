"""Numbers of children, and forests: the foreign keys whose shape a policy gives."""

from typing import TYPE_CHECKING

from faasera.core.draws import Draw, UniformDraw
from faasera.core.errors import Problems
from faasera.core.prefix_sums import Maker
from faasera.core.streams import Stream
from faasera.generators.generator import Axis
from faasera.generators.literals import parse_number
from faasera.generators.shape import shaped_draw
from faasera.plan.links import CardinalityLink, ForestLink
from faasera.plan.relations import Relation
from faasera.policy.counts import MAXIMUM_ROWS
from faasera.policy.model import Cardinality

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver

_MOST_PARENTS = 1 << 33
_MOST_LEVELS = 100_000


def _children_draw(cardinality: Cardinality, stream: Stream, problems: Problems) -> Draw | None:
    """Of the numbers of children beyond the fewest; None after problems were reported."""
    size = cardinality.max - cardinality.min + 1
    if size < 1:
        return None
    if cardinality.distribution is None:
        return UniformDraw(size, stream)
    axis = Axis(float(cardinality.min), 1.0, parse_number, parse_number)
    return shaped_draw(cardinality.distribution, size, axis, stream, problems.at("distribution"))


def cardinality_link(table: "TableResolver", relation: Relation) -> CardinalityLink | None:
    """How many children each parent has; None after problems were reported."""
    cardinality = relation.policy.children_per_parent
    assert cardinality is not None
    problems = relation.problems.at("childrenPerParent")
    parents = relation.parent.row_count
    draw = _children_draw(cardinality, Stream(table.seed, table.name, relation.name, "children"), problems)
    if draw is None:
        return None
    if parents > _MOST_PARENTS or parents * cardinality.max > MAXIMUM_ROWS:
        message = (
            f"{parents:,} parents with up to {cardinality.max:,} children each are more rows than a table can have"
        )
        problems.add("row-count", message, f"Stay below {MAXIMUM_ROWS:,} rows and {_MOST_PARENTS:,} parents.")
        return None
    maker = table.resolver.sums.maker(f"{table.name}/{relation.name}")
    return CardinalityLink(cardinality.min, cardinality.max, draw, parents, maker)


def forest_link(table: "TableResolver", relation: Relation, *, own: bool) -> ForestLink | None:
    """The shape of a table that refers to itself; None after problems were reported.

    Args:
        table: the table.
        relation: its foreign key to itself.
        own: whether roots refer to themselves, where the reference cannot be null.
    """
    policy, rows = relation.policy, table.row_count
    forest = policy.acyclic
    assert forest is not None
    problems = relation.problems.at("acyclic")
    stream = Stream(table.seed, table.name, relation.name, "parent")
    roots = max(1, round(rows * float(policy.null_fraction))) if forest.roots is None else forest.roots
    if roots == 0 and rows:
        message = f"{rows:,} rows with no root among them would go round in a circle: a forest of no roots has no rows"
        problems.add("forest", message, "Let 'roots' be 1 or more.", at=["roots"])
        return None
    if forest.roots is not None and roots > rows > 0:
        message = f"{roots:,} roots among {rows:,} rows"
        problems.add("forest", message, "Ask for fewer roots, or for more rows.", at=["roots"])
        return None
    roots = min(roots, rows)
    branching = forest.branching if not policy.unique else Cardinality(min=1, max=1)
    if branching is not None:
        maker = table.resolver.sums.maker(f"{table.name}/{relation.name}")
        return _branching(branching, forest.max_depth, roots, rows, stream, problems, maker, own=own)
    if forest.max_depth is None:
        return ForestLink(roots, rows, stream, own=own, shape=", any earlier row as parent")
    if forest.max_depth == 0 and rows > roots:
        message = f"depth 0 means roots only: {rows:,} rows need as many roots, and there are {roots:,}"
        problems.add("forest", message, "Raise 'maxDepth', or 'roots'.", at=["maxDepth"])
        return None
    levels = _levels(roots, rows, forest.max_depth)
    return ForestLink(roots, rows, stream, levels, own=own, shape=f", {len(levels) - 2} levels below them")


def _branching(
    branching: Cardinality,
    max_depth: int | None,
    roots: int,
    rows: int,
    stream: Stream,
    problems: Problems,
    maker: Maker,
    *,
    own: bool,
) -> ForestLink | None:
    draw = _children_draw(branching, stream.sub("children"), problems.at("branching"))
    if draw is None or branching.min < 1:
        return None
    sums = CardinalityLink(branching.min, branching.max, draw, rows, maker).sums
    number = f"{branching.min:,}" if branching.min == branching.max else f"{branching.min:,} … {branching.max:,}"
    link = ForestLink(roots, rows, stream, sums=sums, own=own, shape=f", {number} children each")
    if max_depth is not None and link.depth(min(max_depth + 1, _MOST_LEVELS)) > max_depth:
        shown = _reachable(branching, max_depth, roots)
        message = (
            f"{rows:,} rows do not fit into {roots:,} roots with {number} children each and depth {max_depth}: {shown}"
        )
        remedy = "Raise 'maxDepth', 'roots' or 'branching', or ask for fewer rows."
        problems.add("forest", message, remedy, at=["maxDepth"])
        return None
    return link


def _reachable(branching: Cardinality, max_depth: int, roots: int) -> str:
    """The arithmetic of the largest forest of that shape."""
    level, sizes = roots, [roots]
    for _ in range(min(max_depth, 60)):
        level *= branching.max
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
