"""How the values of columns lie, as charts, with the same in words."""

from typing import Any

from nicegui import ui

_TITLES = {"histogram": "distribution", "values": "most frequent values", "lengths": "lengths of the texts"}


def column_cards(table: dict[str, Any], findings: list[dict[str, Any]], *, dark: bool) -> None:
    """A card for each column of a profile: nulls, distinct values, extremes, a chart, and what the check found."""
    rows = table["rows"]
    mine = [finding for finding in findings if finding["table"] == table["name"]]
    with ui.element("div").classes("grid grid-cols-1 sm:grid-cols-2 xl:grid-cols-3 gap-4 w-full"):
        for column in table["columns"]:
            with ui.column().classes("faasera-card gap-1 min-w-0"):
                ui.label(column["name"]).classes("font-semibold break-all")
                share = column["nulls"] / rows if rows else 0.0
                ui.label(f"{column['dataType']} · {column['distinct']:,} distinct · {share:.1%} null").classes(
                    "faasera-muted text-sm"
                )
                if column["low"] is not None:
                    ui.label(f"{column['low'][:40]} … {column['high'][:40]}").classes("faasera-muted text-sm break-all")
                _chart(column, "#d4d4dc" if dark else "#44444f")
                _promises([finding for finding in mine if column["name"] in finding["subject"].split(", ")])


def _promises(findings: list[dict[str, Any]]) -> None:
    """What the check found about a column."""
    failed = [finding for finding in findings if finding["status"] == "failed"]
    kept = [finding["kind"] for finding in findings if finding["status"] == "passed"]
    with ui.row().classes("items-center gap-1 no-wrap text-sm"):
        if failed:
            ui.icon("error", color="negative").props("aria-hidden=true")
            ui.label(f"broken: {', '.join(finding['kind'] for finding in failed)}")
        elif kept:
            ui.icon("check_circle", color="positive").props("aria-hidden=true")
            ui.label(f"kept: {', '.join(dict.fromkeys(kept))}")


def _chart(column: dict[str, Any], ink: str) -> None:
    found = column["distribution"]
    if not found["counts"]:
        return
    title = _TITLES[found["kind"]]
    most = max(zip(found["counts"], found["labels"], strict=True))
    spoken = f"{column['name']}: {title}, {len(found['counts'])} bars, most at {most[1]} with {most[0]:,}"
    flat = found["kind"] == "values"
    ui.label(title).classes("faasera-muted text-xs")
    names = {
        "type": "category",
        "data": [str(label)[:18] for label in found["labels"]],
        "axisLabel": {"color": ink, "fontSize": 10},
    }
    counts = {
        "type": "value",
        "axisLabel": {"color": ink, "fontSize": 10},
        "splitLine": {"lineStyle": {"opacity": 0.25}},
    }
    chart = ui.echart(
        {
            "animation": False,
            "grid": {"left": 8, "right": 12, "top": 8, "bottom": 4, "containLabel": True},
            "tooltip": {"trigger": "axis", "confine": True},
            "xAxis": counts if flat else names,
            "yAxis": {**names, "inverse": True} if flat else counts,
            "series": [
                {
                    "type": "bar",
                    "data": list(found["counts"]),
                    "barCategoryGap": "12%",
                    "itemStyle": {"color": "#6366f1"},
                }
            ],
        },
        renderer="svg",
    )
    chart.classes("w-full h-44").props["role"] = "img"
    chart.props["aria-label"] = spoken
