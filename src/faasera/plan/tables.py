"""Table by table to plans: draws decided, links made, checks added; those first whose rows others count over."""

from collections.abc import Callable, Mapping

from faasera.plan.acceptance import report_unmet
from faasera.plan.columns import Columns
from faasera.plan.demands import demands_of
from faasera.plan.draws import decide, draw
from faasera.plan.evaluate import Rows, UnmetError, UnplannedError
from faasera.plan.frame import Frame
from faasera.plan.redraws import condition
from faasera.plan.shift import shifted


def plan_tables(
    frame: Frame, columns: Columns, tables: Rows, offsets: Mapping[str, int], sound: Callable[[str], bool]
) -> None:
    """Plan all tables; keys that cannot hold are reported, of as many tables as can be looked at.

    Args:
        frame: the policy before a rule is read.
        columns: what the rules come to.
        tables: takes the plans; it has those of rows that exist already.
        offsets: of tables whose rows come after so many others.
        sound: whether rows of a table can be made, in spite of the problems so far.
    """
    planning = _Planning(frame, columns, tables, offsets, sound)
    # Foreign keys that share columns make rows of other tables, so that these are planned when they are asked for.
    for name in sorted(frame.tables, key=lambda name: bool(frame.tables[name].components)):
        planning.plan(name)


class _Planning:
    """Tables on their way to plans."""

    def __init__(
        self,
        frame: Frame,
        columns: Columns,
        tables: Rows,
        offsets: Mapping[str, int],
        sound: Callable[[str], bool],
    ) -> None:
        self.frame = frame
        self.columns = columns
        self.tables = tables
        self.offsets = offsets
        self.sound = sound
        self.looked_at: set[str] = set()
        self.demands = demands_of(frame, columns)

    def plan(self, name: str) -> None:
        """Plan a table, and before it those whose rows it needs."""
        waiting = [name]
        while waiting:
            table = waiting[-1]
            missing = self._try(table) if table not in self.looked_at else None
            if missing is not None and missing not in waiting and missing not in self.looked_at:
                waiting.append(missing)
                continue
            if missing in waiting:
                self._report(waiting[waiting.index(missing) :])
            self.looked_at.add(table)
            waiting.pop()

    def _try(self, name: str) -> str | None:
        """Plan a table, as long as nothing is wrong anywhere; otherwise the table whose rows are needed first."""
        table = self.frame.tables[name]
        if table.components and not self.sound(name):
            return None  # Rows would have to be made of other tables.
        try:
            decided = decide(self.frame, self.columns, table, self.tables, self.demands)
        except UnplannedError as error:
            return error.table
        except UnmetError as error:
            report_unmet(self.frame, error, self.frame.outline.problems.found)
            return None
        plan = draw(decided) if self.sound(name) else None
        if plan is not None:
            demanded = [column for one in self.demands.by_table.get(name, ()) for column in one.columns]
            self.tables.plans[name] = shifted(condition(plan, self.columns.checks[name], demanded), self.offsets)
        return None

    def _report(self, circle: list[str]) -> None:
        message = f"tables that share columns must be known before one another: {' → '.join([*circle, circle[0]])}"
        remedy = "Let one of the foreign keys in the circle have columns of its own."
        self.frame.tables[circle[0]].outline.problems.add("cycle", message, remedy, at=["foreignKeys"])
