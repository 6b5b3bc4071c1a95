"""Tables that nobody knows how to fill are left without rows, and with them those that need them, so that all others load."""

from faasera.core.errors import Problem
from faasera.databases.structure import ForeignKeyStructure
from faasera.schema.drafts import Note, TableDraft
from faasera.schema.repair import Repair

_ROUNDS = 5


class WithoutRows:
    """Leaves tables without rows.

    Args:
        tables: of the draft, in the order of the policy.
        notes: what a person should know; those that are broken say which tables cannot be filled.
        repair: judges the draft.
    """

    def __init__(self, tables: dict[str, TableDraft], notes: list[Note], repair: Repair) -> None:
        self.tables = tables
        self.notes = notes
        self.repair = repair

    def leave_out(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Leave out what cannot be filled; the problems that there are still."""
        broken = {note.table: note.text for note in reversed(self.notes) if note.broken and note.table in self.tables}
        for name, reason in broken.items():
            self._empty(name, f"no rows: {reason.removeprefix('not honoured: ')}")
        if broken:
            problems = self.repair.judged()
        for _ in range(_ROUNDS):
            places = {
                problem.pointer.split("/")[2]: problem
                for problem in reversed(problems)
                if "/tables/" in problem.pointer
            }
            names = list(self.tables)
            left = {
                names[int(place)]: problem
                for place, problem in places.items()
                if not self.tables[names[int(place)]].reason
            }
            for name, problem in left.items():
                self._empty(name, f"no rows: {problem.message}")
            if not left:
                break
            problems = self.repair.judged()
        return problems

    def _empty(self, name: str, reason: str) -> None:
        """A table without rows, and all that need it."""
        made = self.tables[name]
        if made.reason:
            return
        made.reason = reason
        self.notes.append(Note(name, "", f"has no rows{reason.removeprefix('no rows')}", broken=True))
        for other in self.tables.values():
            for key in other.keys:
                if key.table == name and other is not made:
                    self._parentless(other, key)

    def _parentless(self, made: TableDraft, key: ForeignKeyStructure) -> None:
        """A table that refers to one without rows."""
        if not made.nullable(key):
            self._empty(made.table.name, f"no rows: it needs {key.table}, which has none")
        elif not made.reason:
            made.parentless.add(key.columns)
            made.children.pop(key.columns, None)
