"""All that stands of a policy before a rule is read: names, foreign keys and row counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from faasera.plan.components import Component, components
from faasera.plan.counts import Family, RowCounts
from faasera.plan.existing import ExistingRows
from faasera.plan.outline import Outline, TableOutline
from faasera.plan.relations import Relation, Relations
from faasera.policy.keys import Keys


@dataclass(frozen=True, eq=False)
class TableFrame:
    """One table.

    Attributes:
        outline: its names.
        relations: its foreign keys by name.
        components: those of them that share columns.
        row_count: how many rows.
        family: the foreign key that decides these, if one does.
    """

    outline: TableOutline
    relations: Mapping[str, Relation]
    components: tuple[Component, ...]
    row_count: int
    family: Family | None

    @property
    def name(self) -> str:
        """As in the policy."""
        return self.outline.name

    @property
    def order(self) -> tuple[str, ...]:
        """The columns in the order of the output."""
        return self.outline.order

    @property
    def keys(self) -> Keys:
        """What is unique."""
        return self.outline.keys


Parent = TableFrame | ExistingRows
"""What a foreign key refers to: both have a name, an order of columns, keys and a row count."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A whole policy.

    Attributes:
        outline: its names.
        relations: its foreign keys.
        tables: by name.
    """

    outline: Outline
    relations: Relations
    tables: Mapping[str, TableFrame]

    @property
    def seed(self) -> int:
        """The policy's."""
        return self.outline.document.seed

    def parent(self, relation: Relation) -> Parent:
        """What a foreign key refers to."""
        return self.relations.existing[relation.parent] if relation.existing else self.tables[relation.parent]

    def relations_of(self, relation: Relation) -> Mapping[str, Relation]:
        """The foreign keys of what a foreign key refers to."""
        return {} if relation.existing else self.tables[relation.parent].relations


def _choosing(keys: Keys, rows: int) -> Keys:
    """The keys that have a say in who leads; a row by itself is unique whoever does."""
    return keys if rows > 1 else Keys()


def frame(outline: Outline, relations: Relations, counts: RowCounts) -> Frame:
    """The first three phases together; foreign keys that share columns and contradict each other are reported."""
    tables = {
        name: TableFrame(
            table,
            own,
            components(own, _choosing(table.keys, counts.rows[name])),
            counts.rows[name],
            counts.families.get(name),
        )
        for name, table in outline.tables.items()
        for own in (relations.of(name),)
    }
    return Frame(outline, relations, tables)
