"""Second phase: which table each foreign key refers to, and what can be seen to be wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from faasera.core.errors import Problems, did_you_mean
from faasera.plan.existing import ExistingReader, ExistingRows
from faasera.plan.outline import Outline, TableOutline
from faasera.policy.keys import Keys
from faasera.policy.model import ForeignKey, Reference, Scalar


@dataclass(frozen=True, eq=False)
class Relation:
    """A foreign key, or one of the references of a polymorphic one.

    Attributes:
        name: the columns joined by +; of several references with the parent behind a colon.
        foreign_key: its place among the table's foreign keys; references of one have the same.
        columns: of the child.
        parent: what is referred to: a table of the policy, or rows that exist already.
        parent_columns: in the order of ``columns``.
        policy: as it was written.
        when: the values of other columns with which it applies; None where it always does.
        several: whether it is one of several references of a foreign key.
        own: whether it refers to its own table.
        roots_are_own: whether a reference to the own table can never be null, so that a root refers to itself: in a
            key, or with a ``nullFraction`` of 0.
        existing: whether the parent is rows that exist already.
        word: what a path calls the parent.
        problems: where to report, at the foreign key.
    """

    name: str
    foreign_key: int
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    policy: ForeignKey
    when: Mapping[str, Sequence[Scalar]] | None
    several: bool
    own: bool
    roots_are_own: bool
    existing: bool
    word: str
    problems: Problems

    def target(self, column: str) -> str:
        """The parent's column that goes with one of the child's."""
        return self.parent_columns[self.columns.index(column)]

    @property
    def is_forest(self) -> bool:
        """Whether it makes a forest of its own table."""
        return self.own and self.policy.acyclic is not None

    @property
    def optional(self) -> bool:
        """Whether a row may have no parent."""
        if self.policy.null_fraction or self.when is not None:
            return True
        return self.is_forest and not self.roots_are_own

    @property
    def weight_column(self) -> str | None:
        """The parent's column that its parents are drawn by."""
        shape = self.policy.distribution
        return shape.column if shape is not None else None

    @property
    def words(self) -> set[str]:
        """By what a path may name it: the parent, or the columns."""
        return {self.word, self.name, "+".join(self.columns)}

    def leads_to(self, other: "Relation") -> bool:
        """Whether another foreign key has the same parent."""
        return self.parent == other.parent and self.existing == other.existing


@dataclass(frozen=True, eq=False)
class Relations:
    """All foreign keys of a policy.

    Attributes:
        by_table: of each table by their names.
        existing: rows that exist already, by name.
    """

    by_table: Mapping[str, Mapping[str, Relation]]
    existing: Mapping[str, ExistingRows]

    def of(self, table: str) -> Mapping[str, Relation]:
        """The foreign keys of a table, by name; none of rows that exist already."""
        return self.by_table.get(table, {})

    def to(self, child: str, parent: str) -> list[Relation]:
        """Those of a table that refer to another one."""
        return [one for one in self.of(child).values() if one.parent == parent and not one.existing]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The tables, parents before children, otherwise as in the policy; a circle is entered at its first table."""
        order: dict[str, None] = {}
        for name in self.by_table:
            path = [(name, iter(self._parents(name)))]
            visiting = {name}
            while path:
                table, parents = path[-1]
                parent = next((one for one in parents if one not in order and one not in visiting), None)
                if parent is None:
                    order[table] = None
                    path.pop()
                else:
                    visiting.add(parent)
                    path.append((parent, iter(self._parents(parent))))
        return tuple(order)

    def _parents(self, table: str) -> list[str]:
        return [one.parent for one in self.of(table).values() if not one.existing]

    def follow(self, table: str, path: str, problems: Problems) -> tuple[list[Relation], str] | None:
        """The foreign keys that a path names, and what is left of it; None after a problem was reported."""
        holder, rest, found = table, path, list[Relation]()
        while True:
            # Rows that exist already refer to nothing, even where a table has their name.
            known = self.of(holder).values() if not (found and found[-1].existing) else ()
            steps = [(one, word) for one in known for word in one.words if rest.startswith(word + ".")]
            if not steps:
                break
            if len({relation.name for relation, _ in steps}) > 1:
                ways = ", ".join(sorted({f"{relation.name}.…" for relation, _ in steps}))
                message = f"'{holder}' refers to '{steps[0][0].parent}' in more than one way"
                problems.add("ambiguous-lookup", message, f"Name the foreign key instead: {ways}.")
                return None
            relation, word = steps[0]
            found.append(relation)
            holder, rest = relation.parent, rest[len(word) + 1 :]
        if found:
            return found, rest
        parents = [relation.parent for relation in self.of(table).values()]
        word = path.split(".")[0]
        problems.add("unknown-parent", f"'{table}' has no foreign key to '{word}'", did_you_mean(word, parents))
        return None


def relate(outline: Outline, keys: Mapping[str, pa.Table]) -> Relations:
    """The foreign keys of all tables; those that lead nowhere are reported and left out.

    Args:
        outline: of the policy.
        keys: rows of databases that are known, by the plan's name for them.
    """
    reader = ExistingReader(outline.seed_directory, keys)
    by_table = {name: _of_table(table, outline, reader) for name, table in outline.tables.items()}
    for name, relations in by_table.items():
        _check(outline.tables[name], relations)
    existing = reader.all()
    for name in existing.keys() & outline.tables.keys():
        message = f"'{name}' is a table of the policy, and the name of rows that exist already"
        outline.tables[name].problems.add("duplicate-table", message, "Rename the table.", at=["tableName"])
    return Relations(by_table, existing)


def _of_table(table: TableOutline, outline: Outline, reader: ExistingReader) -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    for number, key in enumerate(table.policy.foreign_keys):
        problems = table.problems.at("foreignKeys", number)
        if len(set(key.columns)) < len(key.columns):
            problems.add("foreign-key", "a column is named twice", "Name each column once.", at=["columns"])
            continue
        for place, reference in enumerate(key.references):
            at = ("references", place) if table.listed_references[number] else ("references",)
            relation = _relation(table, number, reference, problems.at(*at), outline, reader)
            if relation is None:
                continue
            if relation.name in found:
                relation = replace(relation, name=f"{relation.name}:{relation.parent}")
            same = [one for one in found.values() if set(one.columns) == set(relation.columns)]
            if any(one.leads_to(relation) for one in same):
                problems.add("foreign-key", f"'{relation.name}' is there twice", "Keep one of them.", at=["columns"])
                continue
            found[relation.name] = relation
    return found


def _relation(
    table: TableOutline, number: int, reference: Reference, here: Problems, outline: Outline, reader: ExistingReader
) -> Relation | None:
    """One reference of a foreign key; None after a problem was reported."""
    key = table.policy.foreign_keys[number]
    several = len(key.references) > 1
    if not _is_complete(reference, here, several=several):
        return None
    own_table = reference.own_table
    parent = reader.name_of(reference, here) if own_table is None else own_table
    if parent is None:
        return None
    if own_table is not None and own_table not in outline.tables:
        remedy = did_you_mean(own_table, outline.tables)
        here.add("unknown-table", f"there is no table '{own_table}'", remedy, at=["table"])
        return None
    if len(reference.columns) != len(key.columns):
        message = f"{len(key.columns)} columns refer to {len(reference.columns)}"
        here.add("foreign-key", message, "Name as many columns on both sides.", at=["columns"])
        return None
    if own_table is not None and not _is_key(outline.tables[own_table].keys, reference, here):
        return None
    return Relation(
        "+".join(key.columns) + (f":{parent}" if several else ""),
        number,
        tuple(key.columns),
        parent,
        tuple(reference.columns),
        key,
        reference.cases or None,
        several,
        own=own_table == table.name,
        roots_are_own=key.never_null or bool(set(key.columns) & table.keys.never_null),
        existing=own_table is None,
        word=reference.word,
        problems=table.problems.at("foreignKeys", number),
    )


def _is_complete(reference: Reference, here: Problems, *, several: bool) -> bool:
    """Whether a reference says what it must, and nothing that has no effect."""
    if (reference.table is None) == (reference.file is None):
        message = "a reference names a table or a file" + (", not both" if reference.table else "")
        here.add("exclusive-keys", message, "Give exactly one of table and file.")
        return False
    if reference.connection is not None and reference.table is None:
        here.add("no-effect", "'connection' has no effect on a file", "Remove it.", at=["connection"])
        return False
    if several and reference.when is None:
        remedy = "Say with which values of which column it applies."
        here.add("missing-key", "one of several references needs 'when'", remedy, at=["when"])
        return False
    return True


def _is_key(keys: Keys, reference: Reference, here: Problems) -> bool:
    if keys.has(reference.columns):
        return True
    known = "; ".join("+".join(key.columns) for key in keys.ordered) or "none"
    message = f"({', '.join(reference.columns)}) is no key of '{reference.table}'; its keys: {known}"
    here.add("foreign-key", message, "Refer to a key, or declare these columns in 'uniqueKeys'.", at=["columns"])
    return False


def _check(table: TableOutline, relations: Mapping[str, Relation]) -> None:
    """Report settings of foreign keys that contradict each other or have no effect."""
    deciding = [relation for relation in relations.values() if relation.policy.children_per_parent]
    for relation in deciding[1:]:
        message = f"'{deciding[0].name}' decides the row count already, so '{relation.name}' cannot decide it as well"
        remedy = "Give one foreign key 'childrenPerParent', and let the others draw their parents."
        relation.problems.add("exclusive-keys", message, remedy, at=["childrenPerParent"])
    if deciding and table.policy.row_count is not None:
        message = f"the row count follows from the parents of '{deciding[0].name}': a 'rowCount' has no effect"
        table.problems.add("no-effect", message, "Remove 'rowCount', or 'childrenPerParent'.", at=["rowCount"])
    for relation in relations.values():
        _check_cardinality(relation)
        _check_forest(relation)
        _check_when(table, relation)
    for relation in relations.values():
        if relation.policy.null_fraction and set(relation.columns) & table.keys.never_null:
            message = f"'{relation.name}' belongs to the primary or composite key, which is never null"
            relation.problems.add("key-null", message, "Remove 'nullFraction'.", at=["nullFraction"])


def _check_cardinality(relation: Relation) -> None:
    cardinality, problems = relation.policy.children_per_parent, relation.problems
    if cardinality is None:
        return
    if cardinality.min > cardinality.max:
        message = f"at least {cardinality.min:,} children and at most {cardinality.max:,} cannot both hold"
        problems.add("range", message, "Let 'min' be at most 'max'.", at=["childrenPerParent", "min"])
    if relation.own:
        message = "a table that refers to itself takes its numbers of children from 'acyclic'"
        remedy = 'Write "acyclic": {"branching": …}.'
        problems.add("no-effect", message, remedy, at=["childrenPerParent"])
    if relation.when is not None:
        message = "rows that refer to a parent by 'when' alone cannot be counted out to the parents"
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


def _check_forest(relation: Relation) -> None:
    policy, problems = relation.policy, relation.problems
    if "acyclic" in policy.model_fields_set and not relation.own:
        message = f"'acyclic' has no effect: '{relation.parent}' is another table"
        problems.add("no-effect", message, "Remove it.", at=["acyclic"])
    if not relation.own or policy.acyclic is None:
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


def _check_when(table: TableOutline, relation: Relation) -> None:
    for column in relation.when or {}:
        if column not in table.order:
            remedy = did_you_mean(column, table.order)
            relation.problems.add("unknown-column", f"'{table.name}' has no column '{column}'", remedy)
        elif column in relation.columns:
            message = f"'{column}' cannot choose the parent that it comes from"
            relation.problems.add("foreign-key", message, "Choose by another column.")
