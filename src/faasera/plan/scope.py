"""What one rule of one table can see while it is compiled."""

from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from faasera.core.errors import Problems, did_you_mean
from faasera.generators.generator import Generator
from faasera.generators.keys import NamedKey, SecretKey
from faasera.generators.reference import Parents, ParentValue
from faasera.generators.scope import FamilyScope, Scope
from faasera.generators.workshop import Workshop
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.known import Knows, Trail, Way
from faasera.plan.model import Meaning
from faasera.plan.relations import Relation
from faasera.policy.secrets import read_key


@dataclass
class Notes:
    """What rules say beside what they come to.

    Attributes:
        meanings: of columns of semantic types, by table and column.
        files: the columns of seed files that each column is drawn from.
        warnings: for a person, in the order in which they came up.
        provenance: what the policy states of seed files' origin.
    """

    meanings: dict[tuple[str, str], Meaning] = field(default_factory=dict)
    files: dict[tuple[str, str], dict[tuple[str, str], None]] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    provenance: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What is the same for all rules of a policy.

    Attributes:
        frame: the policy before a rule is read.
        knows: tells of other columns.
        workshop: makes what several rules need.
        notes: takes what rules say.
    """

    frame: Frame
    knows: Knows
    workshop: Workshop
    notes: Notes


class RuleScope(Scope):
    """What one rule of one table can see.

    Args:
        surroundings: of all rules.
        table: the rule's.
        column: the rule's; empty for a check.
        trail: the columns that led to this one, itself included.
        problems: where to report; at the rule by default.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        table: TableFrame,
        column: str,
        trail: Trail,
        problems: Problems | None = None,
    ) -> None:
        document = surroundings.frame.outline.document
        self._surroundings = surroundings
        self._table = table
        self._trail = trail
        self.table = table.name
        self.column = column
        self.seed = document.seed
        self.as_of = document.as_of
        self.row_count = table.row_count
        self.rules = table.outline.rules
        self.locales = table.outline.locales(table.outline.rules.get(column))
        self.unique_columns = table.keys.unique_columns
        self.seed_directory = surroundings.frame.outline.seed_directory
        self.workshop = surroundings.workshop
        self.problems = table.outline.problems.at("columnRuleMap", column) if problems is None else problems

    @property
    @override
    def family(self) -> FamilyScope | None:
        family = self._table.family
        cardinality = family.relation.policy.children_per_parent if family is not None else None
        if family is None or cardinality is None:
            return None
        return FamilyScope(family.relation.name, family.relation.columns, cardinality.min, cardinality.max)

    @override
    def children(self, table: str, *, at: str) -> "RuleScope | None":
        problems = self.problems.at(*at.split("/"))
        tables = self._surroundings.frame.tables
        child = tables.get(table)
        if child is None:
            problems.add("unknown-table", f"there is no table '{table}'", did_you_mean(table, tables))
            return None
        referring = self._surroundings.frame.relations.to(table, self.table)
        if not referring:
            message = f"'{table}' is no child of '{self.table}': none of its foreign keys refers to it"
            problems.add("not-a-child", message, "Give it such a foreign key with 'childrenPerParent'.")
            return None
        if child.family is None or child.family.relation not in referring:
            message = f"the rows of '{table}' that belong to a row of '{self.table}' are not a known range"
            problems.add("not-a-child", message, f"Give its '{referring[0].name}' 'childrenPerParent'.")
            return None
        if child.family.link is None:
            return None
        above = self.problems.at(*at.split("/")[:-1])
        return RuleScope(self._surroundings, child, self.column, self._trail, above)

    @override
    def generator(self, column: str, *, at: str) -> Generator | None:
        if column not in self._table.order:
            remedy = did_you_mean(column, self._table.order)
            self.problems.add("unknown-column", f"'{self.table}' has no column '{column}'", remedy, at=at.split("/"))
            return None
        return self._surroundings.knows.known(self.table, column, self._trail)

    @override
    def has(self, column: str) -> bool:
        return column in self._table.order

    @override
    def leads_away(self, name: str) -> bool:
        relations = self._surroundings.frame.relations.of(self.table).values()
        return any(name.startswith(word + ".") for relation in relations for word in relation.words)

    @override
    def lookup(self, path: str, *, at: str, optional: bool = False) -> Generator | None:
        problems = self.problems.at(*at.split("/"))
        followed = self._surroundings.frame.relations.follow(self.table, path, problems)
        if followed is None:
            return None
        relations, column = followed
        frame = self._surroundings.frame
        parent = frame.parent(relations[-1])
        if column not in parent.order:
            message = f"'{parent.name}' has no column '{column}'"
            problems.add("unknown-column", message, did_you_mean(column, parent.order))
            return None
        missing = [relation.name for relation in relations if relation.optional]
        if missing and not optional:
            message = f"a row may have no parent by '{missing[0]}', so '{path}' may have no value"
            remedy = (
                f'Say what it is then: {{"lookup": "{path}", "default": …}}, or coalesce({path}, …) in an expression.'
            )
            problems.add("optional-parent", message, remedy)
            return None
        upwards = all(relation.is_forest and relation.parent == self.table for relation in relations)
        source = self._parents_column(relations, column, Way.UP if upwards else Way.ACROSS)
        if source is None:
            return None
        parents = Parents.UPWARDS if upwards else Parents.MASKED
        if not all(frame.parent(relation).row_count for relation in relations):
            parents = Parents.ABSENT
        return ParentValue(
            tuple(relation.name for relation in relations),
            parent.name,
            column,
            source,
            parents=parents,
            optional=bool(missing),
        )

    def _parents_column(self, relations: list[Relation], column: str, way: Way) -> Generator | None:
        """A column of the last parent; what the choice of parents depends on must not depend on this rule, either."""
        knows = self._surroundings.knows
        for relation in relations:
            weight = relation.weight_column
            if weight is not None and weight in self._surroundings.frame.parent(relation).order:
                knows.parents_column(relation, weight, self._trail, way)
        return knows.parents_column(relations[-1], column, self._trail, way)

    @override
    def encryption_key(self, name: str | None, *, at: str) -> SecretKey | None:
        if name is None:
            return self.workshop.own_key(f"{self.table}.{self.column}")
        outline = self._surroundings.frame.outline
        key = read_key(outline.document, name, outline.directory, self.problems.at(at))
        return None if key is None else NamedKey.of(name, outline.document.fpe_keys[name], outline.directory, key)

    @override
    def state_provenance(self, file: str, source: str) -> None:
        stated = {"table": self.table, "column": self.column, "file": file, "source": source, "personalData": False}
        self._surroundings.notes.provenance.append(stated)

    @override
    def draws_from(self, file: str, column: str) -> None:
        self._surroundings.notes.files.setdefault((self.table, self.column), {})[file, column] = None

    @override
    def warn(self, message: str) -> None:
        self._surroundings.notes.warnings[message] = None

    @override
    def means(self, semantic_type: str, *, inferred: bool, realistic: bool) -> None:
        self._surroundings.notes.meanings[self.table, self.column] = Meaning(semantic_type, inferred, realistic)
