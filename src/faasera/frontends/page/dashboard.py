"""The first page: what is running, and what ran."""

from typing import Any

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.frontends.page.layout import frame
from faasera.frontends.page.session import signed_in
from faasera.frontends.page.tables import table
from faasera.service.identity import Identity
from faasera.service.service import Service

_SHOWN = 25
_EVERY = 1.5
_COLOURS = {"SUCCESS": "positive", "ERROR": "negative", "RUNNING": "primary", "QUEUED": "grey-7", "CANCELLED": "grey-7"}


def state_chip(state: str) -> None:
    """A job's state, in words and colour."""
    ui.badge(state, color=_COLOURS[state]).props("outline" if state in ("QUEUED", "CANCELLED") else "")


def size_of(count: int | None) -> str:
    """Bytes as people read them."""
    if count is None:
        return ""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def add_dashboard(service: Service) -> None:
    """The page of the jobs."""

    @ui.page("/", title="Jobs · Faasera")
    @signed_in(service)
    async def dashboard(who: Identity) -> None:
        with frame("Jobs", who):
            with ui.row().classes("gap-3"):
                ui.button("New policy", icon="add", on_click=lambda: ui.navigate.to("/policies/new")).props(
                    "unelevated no-caps"
                )
                ui.button("Import a schema", icon="upload", on_click=lambda: ui.navigate.to("/import")).props(
                    "outline no-caps"
                )
            found = ui.column().classes("w-full")
        shown: list[dict[str, Any]] | None = None

        async def refresh() -> None:
            nonlocal shown
            jobs = list((await run_in_threadpool(service.jobs.page, who, _SHOWN, None)).items)
            if jobs == shown:
                return
            shown = jobs
            found.clear()
            with found:
                _jobs(jobs)

        await refresh()
        ui.timer(_EVERY, refresh)


def _promises(check: dict[str, Any] | None) -> str:
    return "–" if check is None else ("kept" if check["ok"] else "broken")


def _jobs(jobs: list[dict[str, Any]]) -> None:
    if not jobs:
        with ui.column().classes("faasera-card gap-2"):
            ui.label("No jobs yet.").classes("font-semibold")
            ui.label("Write a policy or import a schema, look at the first rows, and start a job.")
        return
    rows = []
    for job in jobs:
        target = f"/jobs/{job['id']}"
        rows.append(
            (
                lambda target=target, job=job: ui.link(job["id"], target).classes("faasera-link"),
                lambda state=job["state"]: state_chip(state),
                job["policyName"] or "–",
                f"{job['rowsDone']:,} of {job['rows']:,}",
                (job["output"].get("to") or job["output"].get("format", "")),
                _promises(job["check"]),
                job["author"],
                (job["created"] or "")[:19].replace("T", " "),
            )
        )
    head = ("Job", "State", "Policy", "Rows", "Output", "Promises", "By", "Created (UTC)")
    table(head, rows, "Recent jobs", frozenset({3}))
