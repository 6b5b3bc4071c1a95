"""The kinds of foreign keys: how their rows find their parents.

Each is a file with its link and a function ``claim``, which says what it makes of a foreign key, or that it is none of
its kind. The first one that claims a foreign key has it.
"""

from collections.abc import Callable

from faasera.plan.links import agreeing, counted, drawn, forest, meeting, pairs, weighted
from faasera.plan.links.claim import Claim, Drawing
from faasera.plan.relations import Relation

KINDS: tuple[Callable[[Drawing, Relation], Claim | None], ...] = (
    agreeing.claim,
    counted.claim,
    pairs.claim,
    forest.claim,
    weighted.claim,
    meeting.claim,
    drawn.claim,
)


def claimed(drawing: Drawing, relation: Relation) -> Claim:
    """What the first kind that claims a foreign key makes of it; the last one claims all."""
    return next(claim for kind in KINDS if (claim := kind(drawing, relation)) is not None)
