"""The first rows of a policy, beside the text that makes them."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from nicegui import ui

from faasera.frontends.page.tables import rows_table
from faasera.plan.model import Plan, TablePlan
from faasera.service.identity import Identity
from faasera.service.service import Service

ROWS = 12


class PreviewPane:
    """Rows of one table of a plan, from any row on."""

    def __init__(self, service: Service, who: Identity) -> None:
        self.service = service
        self.who = who
        self.table: str | None = None
        self.offset = 0
        self.plan: Plan | None = None
        self._refresh: Callable[[], Any] = lambda: None
        with ui.row().classes("items-end gap-3 w-full"):
            self.choice = (
                ui.select([], label="Table", on_change=self._chosen).props("dense outlined").classes("min-w-40")
            )
            self.first = ui.number("From row", value=0, min=0, step=1, precision=0, on_change=self._moved)
            self.first.props("dense outlined").classes("w-32")
            self.count = ui.label().classes("faasera-muted text-sm pb-2")
        self.rows = ui.column().classes("w-full gap-2").props('aria-live="polite"')

    def _chosen(self) -> None:
        if self.choice.value and self.choice.value != self.table:
            self.table, self.offset = self.choice.value, 0
            self.first.value = 0
            self.draw()

    def _moved(self) -> None:
        wanted = int(self.first.value or 0)
        if wanted != self.offset:
            self.offset = wanted
            self.draw()

    def show(self, plan: Plan) -> None:
        """Show the rows of another plan; in the table and from the row that is chosen, where there are such."""
        self.plan = plan
        if self.table not in plan.tables:
            self.table, self.offset = next(iter(plan.tables)), 0
            self.first.value = 0
        self.choice.set_options(list(plan.tables), value=self.table)
        self.draw()

    def draw(self) -> None:
        """Make the rows."""
        if self.plan is None or self.table is None:
            return
        found = self.plan.tables[self.table]
        self.offset = max(0, min(self.offset, found.row_count - 1))
        table, batch = self.service.engine.rows(self.plan, self.table, self.offset, ROWS)
        self._draw(table, batch)

    def _draw(self, table: TablePlan, batch: pa.RecordBatch) -> None:
        self.count.text = f"of {table.row_count:,} rows"
        self.rows.clear()
        with self.rows:
            rows_table(table, batch)
