"""Tables of rows and lists, as plain HTML tables that a screen reader can walk through."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from nicegui import ui

from faasera.core.arrow import decoded
from faasera.core.text import to_text
from faasera.plan.model import TablePlan

_LONGEST = 120


def table(
    head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, numbers: frozenset[int] = frozenset()
) -> None:
    """A table; cells that are callables draw themselves, and None is shown as null."""
    region = ui.element("div").classes("faasera-table").props("tabindex=0 role=region")
    region.props["aria-label"] = caption
    with region, ui.element("table"):
        with ui.element("thead"), ui.element("tr"):
            for place, name in enumerate(head):
                with ui.element("th").props("scope=col").classes("number" if place in numbers else ""):
                    ui.label(name)
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for place, cell in enumerate(row):
                        with ui.element("td").classes("number" if place in numbers else ""):
                            _draw(cell)


def _draw(cell: Any) -> None:
    if isinstance(cell, Callable):  # type: ignore[arg-type]
        cell()
    elif cell is None:
        ui.label("null").classes("faasera-null")
    else:
        ui.label(str(cell)[:_LONGEST])


def rows_table(plan: TablePlan, batch: pa.RecordBatch) -> None:
    """Rows of a policy's table."""
    texts = []
    for array in batch.columns:
        if pa.types.is_binary(array.type):
            texts.append([value.hex() if value is not None else None for value in array.to_pylist()])
        else:
            texts.append(decoded(to_text(array)).to_pylist())
    numbers = frozenset(place for place, column in enumerate(plan.visible) if column.data_type.is_number)
    table([column.name for column in plan.visible], list(zip(*texts, strict=True)), f"Rows of {plan.name}", numbers)
