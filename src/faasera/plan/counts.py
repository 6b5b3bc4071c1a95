"""Third phase: how many rows each table has, given or following from the parents."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faasera.core.draws import Draw, UniformDraw
from faasera.core.errors import Problems
from faasera.core.kept import Kept
from faasera.core.streams import Stream
from faasera.generators.generator import Axis
from faasera.generators.literals import parse_number
from faasera.generators.shape import shaped_draw
from faasera.plan.link import CardinalityLink
from faasera.plan.outline import Outline
from faasera.plan.relations import Relation, Relations
from faasera.policy.counts import MAXIMUM_ROWS
from faasera.policy.model import DEFAULT_ROWS, Cardinality

_MOST_PARENTS = 1 << 33


@dataclass(frozen=True, eq=False)
class Family:
    """The foreign key that decides a table's row count.

    Attributes:
        relation: the foreign key.
        link: how many children each parent has; None after problems were reported.
    """

    relation: Relation
    link: CardinalityLink | None


@dataclass(frozen=True, eq=False)
class RowCounts:
    """Row counts of all tables, and the foreign keys that decide them.

    Attributes:
        rows: of the tables.
        families: of the tables whose rows follow from their parents'.
    """

    rows: Mapping[str, int]
    families: Mapping[str, Family]


def count(outline: Outline, relations: Relations, kept: Kept) -> RowCounts:
    """The row counts of all tables; rows that would need parents where there are none are reported.

    Args:
        outline: of the policy.
        relations: of the policy.
        kept: keeps the running totals.
    """
    rows: dict[str, int] = {name: existing.row_count for name, existing in relations.existing.items()}
    families: dict[str, Family] = {}
    for name in outline.tables:
        for table in reversed(_chain(name, relations, rows)):
            family = _family(relations, table)
            if family is None:
                given = outline.tables[table].policy.row_count
                rows[table] = DEFAULT_ROWS if given is None else given
            else:
                families[table] = _counted(outline, family, table, rows, kept)
                link = families[table].link
                rows[table] = 0 if link is None else link.row_count
    counts = RowCounts(rows, families)
    _check_parents(outline, relations, counts)
    return counts


def children_draw(cardinality: Cardinality, stream: Stream, problems: Problems) -> Draw | None:
    """Of the numbers of children beyond the fewest; None after problems were reported."""
    size = cardinality.max - cardinality.min + 1
    if size < 1:
        return None
    if cardinality.distribution is None:
        return UniformDraw(size, stream)
    axis = Axis(float(cardinality.min), 1.0, parse_number, parse_number)
    return shaped_draw(cardinality.distribution, size, axis, stream, problems.at("distribution"))


def _family(relations: Relations, table: str) -> Relation | None:
    return next((one for one in relations.of(table).values() if one.policy.children_per_parent is not None), None)


def _chain(name: str, relations: Relations, rows: Mapping[str, int]) -> list[str]:
    """A table, the one that decides its rows, and so on, up to one whose rows are known; a circle is reported."""
    chain: list[str] = []
    while name not in rows and name not in chain:
        chain.append(name)
        family = _family(relations, name)
        if family is None or family.own or family.existing:
            return chain
        name = family.parent
    if name in chain:
        cycle = " → ".join([*chain[chain.index(name) :], name])
        family = _family(relations, name)
        assert family is not None
        message = f"these tables' row counts depend on each other: {cycle}"
        remedy = "Give one of them a 'rowCount' instead of 'childrenPerParent'."
        family.problems.add("cycle", message, remedy, at=["childrenPerParent"])
    return chain


def _counted(outline: Outline, relation: Relation, table: str, rows: Mapping[str, int], kept: Kept) -> Family:
    """How many children each parent has; without a link after problems were reported."""
    cardinality = relation.policy.children_per_parent
    assert cardinality is not None
    if relation.own or relation.parent not in rows:
        return Family(relation, None)
    problems = relation.problems.at("childrenPerParent")
    parents = rows[relation.parent]
    draw = children_draw(cardinality, Stream(outline.document.seed, table, relation.name, "children"), problems)
    if draw is None:
        return Family(relation, None)
    if parents > _MOST_PARENTS or parents * cardinality.max > MAXIMUM_ROWS:
        most = f"{parents:,} parents with up to {cardinality.max:,} children each"
        message = f"{most} are more rows than a table can have"
        problems.add("row-count", message, f"Stay below {MAXIMUM_ROWS:,} rows and {_MOST_PARENTS:,} parents.")
        return Family(relation, None)
    key, name = f"{table}/{relation.name}", relation.name
    link = CardinalityLink(key, name, cardinality.min, cardinality.max, draw, parents)
    totals = link.totals(kept)
    return Family(relation, replace(link, row_count=totals.total, largest=totals.largest))


def _check_parents(outline: Outline, relations: Relations, counts: RowCounts) -> None:
    for table in outline.tables:
        for relation in relations.of(table).values():
            rows = counts.rows[table]
            if rows and not counts.rows[relation.parent] and relation.policy.null_fraction < 1:
                message = f"{rows:,} rows refer by '{relation.name}' to '{relation.parent}', which has 0 rows"
                relation.problems.add(
                    "no-parents", message, "Give the parent rows, or set 'nullFraction' to 1.", room=0
                )
