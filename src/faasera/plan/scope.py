"""What one rule of one table can see while it is compiled."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from faasera.core.errors import Problems, did_you_mean
from faasera.generators.generator import Generator
from faasera.generators.keys import Key, NamedKey, OwnKey
from faasera.generators.reference import ParentValue
from faasera.generators.scope import Family, Scope
from faasera.plan.model import Meaning
from faasera.plan.relations import Parent, Relation
from faasera.policy.secrets import read_key

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver


UPWARDS, SIDEWAYS = "upwards", "sideways"
"""Marks among the columns being compiled: a step to the parent in a forest, and one to another table."""


class RuleScope(Scope):
    """What one rule of one table can see."""

    def __init__(self, table: "TableResolver", column: str, problems: Problems | None = None) -> None:
        document = table.resolver.parsed.document
        self._table = table
        self.table = table.name
        self.column = column
        self.seed = document.seed
        self.as_of = document.as_of
        self.row_count = table.row_count
        self.rules = table.parsed.rules
        self.locales = table.locales(table.parsed.rules.get(column))
        self.seed_directory = table.resolver.seed_directory
        self.problems = table.problems.at("columnRuleMap", column) if problems is None else problems

    @property
    @override
    def family(self) -> Family | None:
        relation, link = self._table.family, self._table.cardinality
        return Family(relation.name, relation.columns, link.least, link.most) if relation and link else None

    @override
    def children(self, table: str, *, at: str) -> "RuleScope | None":
        problems = self.problems.at(*at.split("/"))
        child = self._table.resolver.tables.get(table)
        if child is None:
            remedy = did_you_mean(table, self._table.resolver.tables)
            problems.add("unknown-table", f"there is no table '{table}'", remedy)
            return None
        referring = [one for one in child.relations.values() if one.parent is self._table]
        if not referring:
            message = f"'{table}' is no child of '{self.table}': none of its foreign keys refers to it"
            problems.add("not-a-child", message, "Give it such a foreign key with 'childrenPerParent'.")
            return None
        if child.family not in referring:
            message = f"the rows of '{table}' that belong to a row of '{self.table}' are not a known range"
            problems.add("not-a-child", message, f"Give its '{referring[0].name}' 'childrenPerParent'.")
            return None
        above = self.problems.at(*at.split("/")[:-1])
        return RuleScope(child, self.column, above) if child.cardinality is not None else None

    @override
    def generator(self, column: str, *, at: str) -> Generator | None:
        if column not in self._table.order:
            remedy = did_you_mean(column, self._table.order)
            self.problems.add("unknown-column", f"'{self.table}' has no column '{column}'", remedy, at=at.split("/"))
            return None
        return self._table.handle(column)

    @override
    def lookup(self, path: str, *, at: str, optional: bool = False) -> Generator | None:
        problems = self.problems.at(*at.split("/"))
        followed = self._follow(path, problems)
        if followed is None:
            return None
        relations, rest = followed
        table = relations[-1].parent
        if rest not in table.order:
            problems.add("unknown-column", f"'{table.name}' has no column '{rest}'", did_you_mean(rest, table.order))
            return None
        missing, holder = [], self._table
        for relation in relations:
            if holder.optional(relation):
                missing.append(relation.name)
            holder = self._table.resolver.tables.get(relation.parent.name, holder)
        if missing and not optional:
            message = f"a row may have no parent by '{missing[0]}', so '{path}' may have no value"
            remedy = (
                f'Say what it is then: {{"lookup": "{path}", "default": …}}, or coalesce({path}, …) in an expression.'
            )
            problems.add("optional-parent", message, remedy)
            return None
        upwards = all(relation.parent is self._table and relation.policy.acyclic is not None for relation in relations)
        active = self._table.resolver.active
        active.append((UPWARDS if upwards else SIDEWAYS, ""))
        for relation in relations:
            relation.uses()
        source = table.handle(rest)
        active.pop()
        if source is None:
            return None
        return ParentValue(
            tuple(relation.name for relation in relations),
            table.name,
            rest,
            source,
            upwards=upwards,
            absent=not all(relation.parent.row_count for relation in relations),
            optional=bool(missing),
        )

    def _follow(self, path: str, problems: Problems) -> tuple[list[Relation], str] | None:
        """The foreign keys that a path names, and what is left of it; None after a problem was reported."""
        holder: Parent = self._table
        rest, found = path, list[Relation]()
        while True:
            steps = [
                (relation, word)
                for relation in holder.relations.values()
                for word in relation.words
                if rest.startswith(word + ".")
            ]
            if not steps:
                break
            if len({relation.name for relation, _ in steps}) > 1:
                ways = ", ".join(sorted({f"{relation.name}.…" for relation, _ in steps}))
                message = f"'{holder.name}' refers to '{steps[0][0].parent.name}' in more than one way"
                problems.add("ambiguous-lookup", message, f"Name the foreign key instead: {ways}.")
                return None
            relation, word = steps[0]
            found.append(relation)
            holder, rest = relation.parent, rest[len(word) + 1 :]
        if found:
            return found, rest
        known = [relation.parent.name for relation in self._table.relations.values()]
        word = path.split(".")[0]
        problems.add("unknown-parent", f"'{self.table}' has no foreign key to '{word}'", did_you_mean(word, known))
        return None

    @property
    @override
    def unique_columns(self) -> frozenset[str]:
        tuples = [frozenset(columns) for columns, _ in self._table.unique_tuples()]
        # A tuple that holds because of some of its columns asks nothing of the others.
        return frozenset(
            column
            for one in tuples
            for column in one
            if not any(other < one and column not in other for other in tuples)
        )

    @override
    def encryption_key(self, name: str | None, *, at: str) -> Key | None:
        resolver = self._table.resolver
        if name is None:
            place = f"{self.table}.{self.column}"
            resolver.own_keys.add(place)
            made: Key = resolver.cached(f"key of the run for {place}", lambda: OwnKey.random(place))
            return made
        document, directory = resolver.parsed.document, resolver.parsed.directory
        key = read_key(document, name, directory, self.problems.at(at))
        return None if key is None else NamedKey.of(name, document.fpe_keys[name], directory, key)

    @override
    def state_provenance(self, file: str, source: str) -> None:
        stated = {"table": self.table, "column": self.column, "file": file, "source": source, "personalData": False}
        self._table.resolver.provenance.append(stated)

    @override
    def draws_from(self, file: str, column: str) -> None:
        self._table.files.setdefault(self.column, {})[file, column] = None

    @override
    def warn(self, message: str) -> None:
        self._table.resolver.warnings[message] = None

    @override
    def means(self, semantic_type: str, *, inferred: bool, realistic: bool) -> None:
        self._table.meanings[self.column] = Meaning(semantic_type, inferred, realistic)

    @override
    def cached(self, name: str, make: Callable[[], Any]) -> Any:
        return self._table.resolver.cached(name, make)
