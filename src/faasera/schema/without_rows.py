"""Tables that nobody knows how to fill are left without rows, and with them those that need them, so that all others load."""

from faasera.core.errors import Problem
from faasera.schema.drafts import Note, TableDraft
from faasera.schema.repair import Repair

_ROUNDS = 5


class WithoutRows:
    """Leaves tables without rows.

    Args:
        tables: of the draft, in the order of the policy.
        notes: what a person should know.
        repair: judges the draft, and lets it give way.
    """

    def __init__(self, tables: dict[str, TableDraft], notes: list[Note], repair: Repair) -> None:
        self.tables = tables
        self.notes = notes
        self.repair = repair

    def run(self) -> tuple[Problem, ...]:
        """Leave out what cannot be filled; the problems that there are still."""
        for made in self.tables.values():
            for check in made.checks:
                if "sql" in check and not check.get("assumed"):
                    made.leave_empty(f"no rule is known to meet {check['sql']}")
        problems: tuple[Problem, ...] = ()
        for _ in range(_ROUNDS):
            self._spread()
            problems = self.repair.run()
            # A key that is given up leaves its table without rows, too.
            wrong = self._filled(problems)
            for name, messages in wrong.items():
                self.tables[name].leave_empty("; ".join(messages))
            if not self._spread() and not wrong:
                break
        self._tell()
        return problems

    def _filled(self, problems: tuple[Problem, ...]) -> dict[str, list[str]]:
        """The tables that have rows in spite of problems, each with these."""
        names = list(self.tables)
        found: dict[str, list[str]] = {}
        for problem in problems:
            if problem.pointer.startswith("/tables/"):
                name = names[int(problem.pointer.split("/")[2])]
                if not self.tables[name].unfillable:
                    found.setdefault(name, []).append(problem.message)
        return found

    def _spread(self) -> bool:
        """Leave out what needs a row of a table without rows, too; whether a table lost its rows or its parents."""
        before = self._state()
        while True:
            needs = {
                made.table.name: key.table
                for made in self.tables.values()
                for key in made.keys
                if not made.unfillable and self._is_empty(key.table) and not made.nullable(key)
            }
            for name, parent in needs.items():
                self.tables[name].leave_empty(f"it needs a row of {parent}")
            if not needs:
                break
        for made in self.tables.values():
            made.without_parents = {key.columns for key in made.keys if self._is_empty(key.table)}
            for columns in made.without_parents:
                made.children.pop(columns, None)
        return self._state() != before

    def _is_empty(self, name: str) -> bool:
        return name in self.tables and bool(self.tables[name].unfillable)

    def _state(self) -> list[tuple[bool, int]]:
        return [(bool(made.unfillable), len(made.without_parents)) for made in self.tables.values()]

    def _tell(self) -> None:
        for made in self.tables.values():
            if made.unfillable:
                text = f"left empty, as nobody can fill it: {made.unfillable}"
                self.notes.append(Note(made.table.name, "", text, broken=True))
