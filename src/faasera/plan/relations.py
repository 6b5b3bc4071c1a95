"""Foreign keys as they stand in a policy: which table each refers to, and what can be seen to be wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from faasera.core.errors import Problems, did_you_mean
from faasera.core.types import STRING
from faasera.generators.generator import Choice
from faasera.generators.lists import ListDomain, typed_values
from faasera.plan.virtual import virtual_table
from faasera.policy.model import ForeignKey, Reference, Scalar

if TYPE_CHECKING:
    from faasera.generators.generator import Generator
    from faasera.plan.table import TableResolver

UniqueTuple = tuple[tuple[str, ...], tuple[str | int, ...]]
"""Columns that are unique together, and the place in the policy that says so."""


class Parent(Protocol):
    """What can be referred to: a table of the policy, or a file of keys."""

    name: str
    order: list[str]

    @property
    def row_count(self) -> int:
        """How many rows it has."""

    @property
    def relations(self) -> "Mapping[str, Relation]":
        """Its own foreign keys."""

    def unique_tuples(self) -> list[UniqueTuple]:
        """Its keys."""

    def handle(self, column: str) -> "Generator | None":
        """What others may know of a column; None after problems were reported."""


@dataclass(frozen=True, eq=False)
class Relation:
    """A foreign key, or one of the references of a polymorphic one.

    Attributes:
        name: the columns joined by +; of several references with the parent behind a colon.
        columns: of the child.
        parent: the table or file that is referred to.
        parent_columns: in the order of ``columns``.
        policy: as it was written.
        when: the values of other columns with which it applies; None for the only reference.
        problems: where to report, at the foreign key.
        virtual: whether the parent is a file, or a table of a database.
        word: what a path calls the parent.
    """

    name: str
    columns: tuple[str, ...]
    parent: Parent
    parent_columns: tuple[str, ...]
    policy: ForeignKey
    when: Mapping[str, Scalar] | None
    problems: Problems
    virtual: bool
    word: str

    def target(self, column: str) -> str:
        """The parent's column that goes with one of the child's."""
        return self.parent_columns[self.columns.index(column)]

    def uses(self) -> "Generator | None":
        """What the choice of parents depends on, so that a circle of dependencies is found; None for nothing."""
        shape = self.policy.distribution
        known = shape is not None and shape.column is not None and shape.column in self.parent.order
        return self.parent.handle(str(shape.column)) if shape is not None and known else None

    @property
    def words(self) -> set[str]:
        """By what a path may name it: the parent, or the columns."""
        return {self.word, self.name, "+".join(self.columns)}


def collect_relations(table: "TableResolver") -> dict[str, Relation]:
    """The foreign keys of a table by name; those that lead nowhere are reported and left out."""
    found: dict[str, Relation] = {}
    for index, key in enumerate(table.policy.foreign_keys):
        problems = table.problems.at("foreignKeys", index)
        if len(set(key.columns)) < len(key.columns):
            problems.add("foreign-key", "a column is named twice", "Name each column once.", at=["columns"])
            continue
        several = len(key.references) > 1
        for number, reference in enumerate(key.references):
            place = ("references", number) if _is_list(table, index) else ("references",)
            relation = _relation(table, key, reference, problems, place, several=several)
            if relation is None:
                continue
            if relation.name in found:
                relation = replace(relation, name=f"{relation.name}:{relation.parent.name}")
            if any(
                set(one.columns) == set(relation.columns) and one.parent is relation.parent for one in found.values()
            ):
                problems.add("foreign-key", f"'{relation.name}' is there twice", "Keep one of them.", at=["columns"])
                continue
            found[relation.name] = relation
    return found


def _is_list(table: "TableResolver", index: int) -> bool:
    written = table.parsed.source.get("foreignKeys", [])
    return isinstance(written[index].get("references"), list)


def _relation(
    table: "TableResolver",
    key: ForeignKey,
    reference: Reference,
    problems: Problems,
    place: tuple[str | int, ...],
    *,
    several: bool,
) -> Relation | None:
    here = problems.at(*place)
    if (reference.table is None) == (reference.file is None):
        message = "a reference names a table or a file" + (", not both" if reference.table else "")
        here.add("exclusive-keys", message, "Give exactly one of table and file.")
        return None
    if reference.connection is not None and reference.table is None:
        here.add("no-effect", "'connection' has no effect on a file", "Remove it.", at=["connection"])
        return None
    if several != (reference.when is not None):
        message = "one of several references needs 'when'" if several else "'when' has no effect on the only reference"
        remedy = "Say with which values of which column it applies." if several else "Remove it."
        here.add("missing-key" if several else "no-effect", message, remedy, at=["when"])
        return None
    parent: Parent | None
    if reference.own_table is None:
        parent = virtual_table(reference, table.resolver, here)
        if parent is None:
            return None
    else:
        name = str(reference.table)
        parent = table.resolver.tables.get(name)
        if parent is None:
            remedy = did_you_mean(name, table.resolver.tables)
            here.add("unknown-table", f"there is no table '{name}'", remedy, at=["table"])
            return None
    if len(reference.columns) != len(key.columns):
        message = f"{len(key.columns)} columns refer to {len(reference.columns)}"
        here.add("foreign-key", message, "Name as many columns on both sides.", at=["columns"])
        return None
    if not any(set(columns) == set(reference.columns) for columns, _ in parent.unique_tuples()):
        keys = "; ".join("+".join(columns) for columns, _ in parent.unique_tuples()) or "none"
        message = f"({', '.join(reference.columns)}) is no key of '{parent.name}'; its keys: {keys}"
        remedy = "Refer to a key, or declare these columns in 'uniqueKeys'."
        here.add("foreign-key", message, remedy, at=["columns"])
        return None
    name = "+".join(key.columns) + (f":{parent.name}" if several else "")
    return Relation(
        name,
        tuple(key.columns),
        parent,
        tuple(reference.columns),
        key,
        reference.when,
        problems,
        reference.own_table is None,
        reference.word,
    )


def check_relations(table: "TableResolver") -> None:
    """Report settings of foreign keys that contradict each other or have no effect."""
    deciding = [relation for relation in table.relations.values() if relation.policy.children_per_parent]
    for relation in deciding[1:]:
        message = f"'{deciding[0].name}' decides the row count already, so '{relation.name}' cannot decide it as well"
        remedy = "Give one foreign key 'childrenPerParent', and let the others draw their parents."
        relation.problems.add("exclusive-keys", message, remedy, at=["childrenPerParent"])
    if deciding and table.policy.row_count is not None:
        message = f"the row count follows from the parents of '{deciding[0].name}': a 'rowCount' has no effect"
        table.problems.add("no-effect", message, "Remove 'rowCount', or 'childrenPerParent'.", at=["rowCount"])
    for relation in table.relations.values():
        _check_cardinality(table, relation)
        _check_forest(table, relation)
        _check_when(table, relation)


def _check_cardinality(table: "TableResolver", relation: Relation) -> None:
    cardinality, problems = relation.policy.children_per_parent, relation.problems
    if cardinality is None:
        return
    if cardinality.min > cardinality.max:
        message = f"at least {cardinality.min:,} children and at most {cardinality.max:,} cannot both hold"
        problems.add("range", message, "Let 'min' be at most 'max'.", at=["childrenPerParent", "min"])
    if relation.parent is table:
        message = "a table that refers to itself takes its numbers of children from 'acyclic'"
        remedy = 'Write "acyclic": {"branching": …}.'
        problems.add("no-effect", message, remedy, at=["childrenPerParent"])
    if relation.when is not None:
        message = "several parent tables cannot share out their children"
        problems.add("exclusive-keys", message, "Use 'rowCount'.", at=["childrenPerParent"])
    if relation.policy.null_fraction:
        message = "every row belongs to a parent, as 'childrenPerParent' decides the rows"
        problems.add("exclusive-keys", message, "Remove 'nullFraction'.", at=["nullFraction"])
    if relation.policy.distribution is not None:
        message = "'childrenPerParent' decides how many children each parent has"
        remedy = "Remove it, or move it into 'childrenPerParent'."
        problems.add("no-effect", message, remedy, at=["distribution"])
    if relation.policy.unique and cardinality.max > 1:
        message = f"each parent at most once, and up to {cardinality.max:,} children, cannot both hold"
        problems.add("exclusive-keys", message, "Let 'max' be 1, or remove 'unique'.", at=["unique"])


def _check_forest(table: "TableResolver", relation: Relation) -> None:
    policy, problems = relation.policy, relation.problems
    if "acyclic" in policy.model_fields_set and relation.parent is not table:
        message = f"'acyclic' has no effect: '{relation.parent.name}' is another table"
        problems.add("no-effect", message, "Remove it.", at=["acyclic"])
    if relation.parent is not table or policy.acyclic is None:
        return
    forest = policy.acyclic
    if policy.distribution is not None:
        message = "the shape of a forest is given by 'acyclic'"
        problems.add("no-effect", message, "Remove the distribution.", at=["distribution"])
    if policy.null_fraction and forest.roots is not None:
        message = "'roots' and 'nullFraction' both say how many rows have no parent"
        problems.add("exclusive-keys", message, "Remove one of them.", at=["nullFraction"])
    if forest.branching is not None:
        fewest, most = forest.branching.min, forest.branching.max
        if fewest < 1:
            message = "with rows of 0 children a forest may die out before all rows have a place"
            remedy = "Let 'min' be 1 or more; the last rows have no children anyway."
            problems.add("range", message, remedy, at=["acyclic", "branching", "min"])
        elif fewest > most:
            message = f"at least {fewest:,} children and at most {most:,} cannot both hold"
            problems.add("range", message, "Let 'min' be at most 'max'.", at=["acyclic", "branching", "min"])
        if policy.unique and most > 1:
            message = f"each parent at most once, and up to {most:,} children, cannot both hold"
            problems.add("exclusive-keys", message, "Remove one of them.", at=["unique"])


def check_choices(table: "TableResolver") -> None:
    """Report values of a column that chooses among parents for which there is no parent, once the values are known."""
    chosen: dict[tuple[int, str], list[Relation]] = {}
    for relation in table.relations.values():
        for column, value in (relation.when or {}).items():
            handle = table.handle(column) if column in table.order else None
            try:
                typed_values([value], handle.data_type if handle is not None else STRING)
            except ValueError as error:
                message = f"'{column}' is {handle and handle.data_type}: {str(error).partition(': ')[2]}"
                relation.problems.add("bad-value", message, "Compare with a value of that type.", at=["references"])
        if relation.when is not None and len(relation.when) == 1:
            chosen.setdefault((id(relation.policy), next(iter(relation.when))), []).append(relation)
    for (_, column), relations in chosen.items():
        made = table.compiled.get(column)
        if not isinstance(made, Choice) or not isinstance(made.domain, ListDomain):
            continue
        values = made.domain.values.to_pylist()
        covered = [value for relation in relations for value in (relation.when or {}).values()]
        for value in dict.fromkeys(values):
            if value not in covered:
                message = f"'{column}' can be {value!r}, and no reference applies then"
                remedy = "Add a reference with that 'when', or drop the value."
                relations[0].problems.add("unknown-value", message, remedy, at=["references"])
        for value in covered:
            if value not in values:
                message = f"'{column}' is never {value!r}, so that reference never applies"
                relations[0].problems.add(
                    "unknown-value", message, did_you_mean(str(value), map(str, values)), at=["references"]
                )


def _check_when(table: "TableResolver", relation: Relation) -> None:
    for column in relation.when or {}:
        if column not in table.order:
            remedy = did_you_mean(column, table.order)
            relation.problems.add("unknown-column", f"'{table.name}' has no column '{column}'", remedy)
        elif column in relation.columns:
            message = f"'{column}' cannot choose the parent that it comes from"
            relation.problems.add("foreign-key", message, "Choose by another column.")
