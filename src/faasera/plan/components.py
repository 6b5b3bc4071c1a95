"""Foreign keys of one table that share columns, and so must agree on a part of their parents' keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from faasera.plan.relations import Relation
from faasera.policy.keys import Keys


@dataclass(frozen=True, eq=False)
class Component:
    """Foreign keys of one table that hang together by shared columns.

    Attributes:
        leader: chooses its parent first.
        followers: choose theirs among those that agree with it.
    """

    leader: Relation
    followers: tuple[Relation, ...]

    @property
    def relations(self) -> tuple[Relation, ...]:
        """All of them, the leader first."""
        return self.leader, *self.followers

    @property
    def columns(self) -> set[str]:
        """All of their columns."""
        return {column for relation in self.relations for column in relation.columns}

    def in_common(self, follower: Relation) -> tuple[str, ...]:
        """The columns that a follower shares with the leader."""
        return tuple(column for column in follower.columns if column in self.leader.columns)

    @property
    def is_star(self) -> bool:
        """Whether all followers share columns with the leader, and other columns with none."""
        return all(self.in_common(one) and not self.loose(one) for one in self.followers)

    def loose(self, follower: Relation) -> set[str]:
        """The columns that a follower shares with others, and not with the leader."""
        return set(follower.columns) - self.own(follower) - set(self.leader.columns)

    def own(self, relation: Relation) -> set[str]:
        """The columns of one of them that no other has."""
        others = {column for other in self.relations if other is not relation for column in other.columns}
        return set(relation.columns) - others


def components(relations: Mapping[str, Relation], keys: Keys) -> tuple[Component, ...]:
    """The foreign keys of a table that share columns; what cannot be honoured is reported and left out.

    Args:
        relations: of the table.
        keys: of the table; a foreign key with a key among its columns chooses before others.
    """
    made = [_component(group, keys) for group in _touching(relations.values()) if len(group) > 1]
    return tuple(one for one in made if _is_sound(one))


def _touching(relations: Iterable[Relation]) -> list[list[Relation]]:
    """Foreign keys in groups that hang together by their columns."""
    groups: list[list[Relation]] = []
    for relation in relations:
        if relation.several:
            continue
        touching = [group for group in groups if any(set(known.columns) & set(relation.columns) for known in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(known for group in touching for known in group), relation])
    return groups


def _component(group: list[Relation], keys: Keys) -> Component:
    """The foreign keys under the first leader with whom all others share their common columns; else under the first."""

    def precedence(relation: Relation) -> tuple[bool, bool, bool, int, bool]:
        """Lowest for the one that leads: other tables first, whoever decides the rows, is unique, then the widest."""
        policy = relation.policy
        wishes = policy.distribution is not None or policy.unique
        unique = bool(keys.within(relation.columns))
        return relation.own, policy.children_per_parent is None, not unique, -len(relation.columns), not wishes

    ordered = sorted(group, key=precedence)
    possible = [Component(leader, tuple(one for one in ordered if one is not leader)) for leader in ordered]
    return next((one for one in possible if not one.leader.own and one.is_star), possible[0])


def _is_sound(component: Component) -> bool:
    leader = component.leader
    fine = True
    if leader.own:
        message = f"'{leader.name}' refers to its own table and shares columns with '{component.followers[0].name}'"
        leader.problems.add("shared-columns", message, "Let the other foreign key have as many columns.")
        fine = False
    for follower in component.followers:
        fine &= _is_led(component, follower)
        fine &= _has_effect(component, follower)
        fine &= not follower.own or _is_sound_forest(component, follower)
    if not component.own(leader):
        fine &= _is_never_left_out(leader, "other foreign keys")
    return fine


def _is_never_left_out(relation: Relation, others: str) -> bool:
    """Whether a foreign key whose columns all belong to others as well is there in all rows, as it must be."""
    message = f"all columns of '{relation.name}' belong to {others} as well"
    if relation.policy.null_fraction:
        relation.problems.add("no-effect", message, "Remove 'nullFraction'.", at=["nullFraction"])
    if relation.when is not None:
        relation.problems.add("no-effect", message, "Remove 'when'.", at=["references", "when"])
    return not relation.policy.null_fraction and relation.when is None


def _is_led(component: Component, follower: Relation) -> bool:
    """Whether a follower shares columns with the leader, and others only with it."""
    if component.in_common(follower) and not component.loose(follower):
        return True
    name, leader = follower.name, component.leader.name
    message = f"'{name}' shares columns with a foreign key that does not share them with '{leader}'"
    follower.problems.add("shared-columns", message, "Let all of them share one column.", at=["columns"])
    return False


def _has_effect(component: Component, follower: Relation) -> bool:
    """Whether all settings of a follower have an effect."""
    policy, problems, fine = follower.policy, follower.problems, True
    for key, given in (("distribution", policy.distribution), ("childrenPerParent", policy.children_per_parent)):
        if given is not None:
            message = f"'{follower.name}' takes its parents from among those that agree with '{component.leader.name}'"
            problems.add("no-effect", message, f"Remove '{key}'.", at=[key])
            fine = False
    if not component.own(follower):
        fine &= _is_never_left_out(follower, f"'{component.leader.name}'")
    return fine


def _is_sound_forest(component: Component, follower: Relation) -> bool:
    """Whether a follower that refers to its own table can be a forest in each group."""
    policy, problems, fine = follower.policy, follower.problems, True
    if any(follower.target(one) != one for one in component.in_common(follower)):
        message = f"'{follower.name}' refers to its own table, where the shared columns must mean the same"
        problems.add("shared-columns", message, "Let them refer to themselves.", at=["references", "columns"])
        fine = False
    shape = policy.acyclic
    if shape is None:
        return fine
    if policy.null_fraction:
        message = "each group has as many rows without a parent as its forest has roots"
        problems.add("no-effect", message, "Use 'roots' of 'acyclic'.", at=["nullFraction"])
        fine = False
    if shape.max_depth is not None or (shape.branching and shape.branching.min < shape.branching.max):
        message = "a forest inside each group can have 'roots' and a fixed 'branching' only"
        problems.add("shared-columns", message, "Remove the other settings.", at=["acyclic"])
        fine = False
    return fine
