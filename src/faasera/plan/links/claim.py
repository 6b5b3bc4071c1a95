"""What a kind of foreign key says of one: what is drawn, and which links follow from the draw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faasera.core.draws import Draw
from faasera.core.errors import Problems
from faasera.core.streams import Stream
from faasera.generators.context import Tables
from faasera.generators.facts import Facts
from faasera.generators.generator import Made
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.known import MadeColumns
from faasera.plan.link import Link
from faasera.plan.relations import Relation
from faasera.plan.uniqueness import Member

Links = Mapping[str, Link]
"""By the names of foreign keys."""


@dataclass(frozen=True)
class Claim:
    """How one foreign key, or several that depend on one another, find their parents.

    Attributes:
        member: what is drawn, and may belong to a key; None where nothing is.
        links: from its draw to the links, once all keys are decided.
        satisfied: tuples of columns that are unique by this alone.
    """

    member: Member | None
    links: Callable[[Draw | None], Links]
    satisfied: tuple[frozenset[str], ...] = ()


def settled(links: Links, *satisfied: frozenset[str]) -> Claim:
    """A claim of links that depend on no draw."""
    return Claim(None, lambda _: links, satisfied)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A table whose draws are decided.

    Attributes:
        frame: the policy before a rule is read.
        table: the table.
        columns: what the rules come to.
        tables: rows of the tables that are planned before this one.
    """

    frame: Frame
    table: TableFrame
    columns: MadeColumns
    tables: Tables

    @property
    def problems(self) -> Problems:
        """Where to report, at the table."""
        return self.table.outline.problems

    @property
    def is_recursive(self) -> bool:
        """Whether a column needs itself in the row's parent."""
        return self.table.name in self.columns.recursive

    def key_of(self, relation: Relation) -> str:
        """Under which running totals and indexes of a foreign key are kept."""
        return f"{self.table.name}/{relation.name}"

    def stream(self, relation: Relation, purpose: str = "parent") -> Stream:
        """A random stream of a foreign key."""
        return Stream(self.frame.seed, self.table.name, relation.name, purpose)

    def made(self, column: str) -> Made | None:
        """What a column of the table comes to; None after problems were reported."""
        return self.columns.made(self.table.name, column)

    def facts_of_parent(self, relation: Relation, column: str) -> Facts | None:
        """What is known of a parent's column; None after problems were reported."""
        return self.columns.parents_facts(relation, column)
