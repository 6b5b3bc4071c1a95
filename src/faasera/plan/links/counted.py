"""The foreign key that decides a table's rows: each parent has its number of children."""

from faasera.plan.links.claim import Claim, Drawing, settled
from faasera.plan.relations import Relation


def claim(drawing: Drawing, relation: Relation) -> Claim | None:
    """A foreign key with ``childrenPerParent``."""
    if relation.policy.children_per_parent is None:
        return None
    family = drawing.table.family
    link = family.link if family is not None and family.relation is relation else None
    return settled({relation.name: link} if link is not None else {})
