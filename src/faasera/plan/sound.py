"""Which tables can be looked at further where others have problems, so that all problems come at once."""

from collections.abc import Sequence

from faasera.core.errors import Problem, pointer
from faasera.plan.frame import Frame


class Soundness:
    """Tells the tables that have a problem, or need one that has.

    Args:
        frame: the policy before a rule is read.
        found: the problems of all tables, which more are added to.
    """

    def __init__(self, frame: Frame, found: Sequence[Problem]) -> None:
        self._frame = frame
        self._found = found
        self._places = {pointer(*table.outline.problems.path): name for name, table in frame.tables.items()}
        self._looked_at = 0
        self._unsound: set[str] = set()

    def __call__(self, table: str) -> bool:
        """Whether a table, and all that it needs, is without a problem so far."""
        if len(self._found) > self._looked_at:
            self._look()
        return table not in self._unsound

    def _look(self) -> None:
        told = {self._table_of(problem) for problem in self._found[self._looked_at :]}
        self._looked_at = len(self._found)
        if None in told:
            self._unsound = set(self._frame.tables)  # It is about the whole document.
            return
        self._unsound |= {name for name in told if name is not None}
        growing = True
        while growing:
            needing = {
                name
                for name, table in self._frame.tables.items()
                if name not in self._unsound and any(one.parent in self._unsound for one in table.relations.values())
            }
            self._unsound |= needing
            growing = bool(needing)

    def _table_of(self, problem: Problem) -> str | None:
        """The table that a problem is about; None where it is about no single one."""
        if "" in self._places:
            return self._places[""]
        first, second, *_ = [*problem.pointer.split("/")[1:], "", ""]
        return self._places.get(f"/{first}/{second}")
