"""What one rule of one table can see while it is compiled."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from faasera.core.errors import did_you_mean
from faasera.generators.base import Generator, Scope
from faasera.generators.reference import ParentValue

if TYPE_CHECKING:
    from faasera.plan.table import TableResolver


class RuleScope(Scope):
    """What one rule of one table can see."""

    def __init__(self, table: "TableResolver", column: str) -> None:
        document = table.resolver.parsed.document
        self._table = table
        self.table = table.name
        self.column = column
        self.seed = document.seed
        self.as_of = document.as_of
        self.row_count = table.policy.row_count
        self.seed_directory = table.resolver.seed_directory
        self.problems = table.problems.at("columnRuleMap", column)

    def generator(self, column: str, *, at: str) -> Generator | None:  # noqa: D102
        if column not in self._table.order:
            remedy = did_you_mean(column, self._table.order)
            self.problems.add("unknown-column", f"'{self.table}' has no column '{column}'", remedy, at=at.split("/"))
            return None
        return self._table.handle(column)

    def lookup(self, path: str, *, at: str) -> Generator | None:  # noqa: D102
        problems = self.problems.at(*at.split("/"))
        table, rest, keys, nullable = self._table, path, [], False
        while True:
            steps = [
                (name, word)
                for name, foreign_key in table.foreign_keys.items()
                for word in {foreign_key.references.table, name}
                if rest.startswith(word + ".")
            ]
            if not steps:
                break
            if len({name for name, _ in steps}) > 1:
                ways = ", ".join(sorted({f"{name}.…" for name, _ in steps}))
                message = f"'{table.name}' refers to '{steps[0][1]}' in more than one way"
                problems.add("ambiguous-lookup", message, f"Name the foreign key instead: {ways}.")
                return None
            name, word = steps[0]
            foreign_key = table.foreign_keys[name]
            parent = self._table.resolver.tables.get(foreign_key.references.table)
            if parent is None:
                return None
            keys.append(name)
            nullable = nullable or bool(foreign_key.null_fraction)
            table, rest = parent, rest[len(word) + 1 :]
        if not keys:
            known = [foreign_key.references.table for foreign_key in self._table.foreign_keys.values()]
            word = path.split(".")[0]
            problems.add("unknown-parent", f"'{self.table}' has no foreign key to '{word}'", did_you_mean(word, known))
            return None
        if rest not in table.order:
            problems.add("unknown-column", f"'{table.name}' has no column '{rest}'", did_you_mean(rest, table.order))
            return None
        source = table.handle(rest)
        return source and ParentValue(tuple(keys), table.name, rest, source, nullable or source.nullable)

    def cached(self, name: str, make: Callable[[], Any]) -> Any:  # noqa: D102
        return self._table.resolver.cached(name, make)
