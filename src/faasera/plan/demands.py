"""Keys that a table needs because of its children: a part of their foreign keys is to be unique."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from faasera.generators.generator import Choice
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.known import MadeColumns
from faasera.plan.relations import Relation
from faasera.policy.keys import Key, Keys


@dataclass(frozen=True)
class Demand:
    """A key that is asked of a table.

    Attributes:
        columns: of the table.
        reason: which key of which other table needs it.
    """

    columns: tuple[str, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class Demands:
    """What tables ask of the tables that they refer to.

    Attributes:
        frame: the policy before a rule is read.
        by_table: the keys asked of each.
    """

    frame: Frame
    by_table: Mapping[str, tuple[Demand, ...]] = field(default_factory=dict)

    def keys_of(self, relation: Relation) -> Keys:
        """The keys of what a foreign key refers to, those that are asked of it among them."""
        keys = self.frame.parent(relation).keys
        if relation.existing or relation.parent not in self.by_table:
            return keys
        return Keys((*keys.declared, *(Key(one.columns) for one in self.by_table[relation.parent])))


def demands_of(frame: Frame, columns: MadeColumns) -> Demands:
    """The keys that hold only if parents have keys of their own, up to the roots.

    Args:
        frame: the policy before a rule is read.
        columns: what the rules come to.
    """
    found: dict[str, list[Demand]] = {}
    waiting = [
        (table, Demand(key.columns, f"({', '.join(key.columns)}) of '{table.name}' needs that"))
        for table in frame.tables.values()
        for key in table.keys.ordered
    ]
    while waiting:
        table, wanted = waiting.pop()
        for relation, asked in _asked(frame, columns, table, wanted.columns):
            parent = frame.tables[relation.parent]
            known = [key.columns for key in parent.keys.declared] + [one.columns for one in found.get(parent.name, ())]
            if not any(set(key) <= set(asked) for key in known):
                demand = Demand(asked, wanted.reason)
                found.setdefault(parent.name, []).append(demand)
                waiting.append((parent, demand))
    return Demands(frame, {name: tuple(demands) for name, demands in found.items()})


def _asked(
    frame: Frame, columns: MadeColumns, table: TableFrame, key: tuple[str, ...]
) -> Iterator[tuple[Relation, tuple[str, ...]]]:
    """The foreign keys of which a tuple has a part that must tell the parent, each with the parent's columns."""
    partly = [
        one for one in table.relations.values() if set(one.columns) & set(key) and not set(one.columns) <= set(key)
    ]
    partly = [one for one in partly if not (one.existing or one.own or one.when or one.policy.children_per_parent)]
    if table.row_count <= 1 or not partly or _holds_otherwise(frame, columns, table, key):
        return
    for relation in partly:
        yield relation, tuple(relation.target(column) for column in relation.columns if column in key)


def _holds_otherwise(frame: Frame, columns: MadeColumns, table: TableFrame, key: tuple[str, ...]) -> bool:
    """Whether the columns of a tuple that are drawn for it have room for all rows."""
    within, rooms = set(key), []
    if any(set(other) < within for other in table.keys.within(key)):
        return True
    for relation in table.relations.values():
        if set(relation.columns) <= within:
            if relation.policy.children_per_parent is not None:
                return True
            rooms.append(frame.parent(relation).row_count)
    for column in key:
        made = columns.made(table.name, column)
        if isinstance(made, Choice):
            rooms.append(made.domain.size)
        elif made is None or (made.facts.unique and not made.facts.nullable):
            return True
    return prod(rooms) >= table.row_count if rooms else False
