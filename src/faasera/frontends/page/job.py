"""The page of a job: how far it is, what it made, whether that is right."""

from typing import Any

from fastapi import FastAPI
from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError
from faasera.frontends.page.charts import column_cards
from faasera.frontends.page.dashboard import size_of, state_chip
from faasera.frontends.page.downloads import Downloads
from faasera.frontends.page.layout import frame, heading, is_dark
from faasera.frontends.page.session import signed_in, tell
from faasera.frontends.page.tables import table
from faasera.service.artifacts import files_of
from faasera.service.errors import NotFoundError
from faasera.service.identity import Identity, Role
from faasera.service.jobs import Job
from faasera.service.service import Service

_EVERY = 0.5
_PHASES = {"writing": "Writing the rows", "checking": "Checking the promises", "delivering": "Copying the files"}


def add_job(app: FastAPI, service: Service) -> None:
    """The page of a job."""
    downloads = Downloads(app, service)

    @ui.page("/jobs/{id}", title="Job · Faasera")
    @signed_in(service)
    async def page(id: str, who: Identity) -> None:
        job = await run_in_threadpool(service.jobs.get, who, id)
        with frame(f"Job {job.id}", who):
            view = JobView(service, downloads, who, job)
        view.timer = ui.timer(_EVERY, view.refresh)


def _shape(job: dict[str, Any]) -> tuple[Any, ...]:
    """What decides which buttons there are: waiting and running jobs have the same."""
    over = job["state"] not in ("QUEUED", "RUNNING")
    return job["state"] if over else "", job["attempt"], job["problems"]


class JobView:
    """One job in one browser."""

    def __init__(self, service: Service, downloads: Downloads, who: Identity, job: Job) -> None:
        self.service = service
        self.downloads = downloads
        self.who = who
        self.job = job
        self.timer: ui.timer | None = None
        self.shown: dict[str, Any] | None = None
        self.bars: dict[str, tuple[ui.label, ui.linear_progress]] = {}
        self.head = ui.column().classes("faasera-card gap-2 w-full").props('aria-live="polite"')
        self.results = ui.column().classes("w-full gap-4")

    async def refresh(self) -> None:
        """Show the job as it is now."""
        try:
            self.job = await run_in_threadpool(self.service.jobs.get, self.who, self.job.id)
        except FaaseraError as error:
            tell(error)
            if self.timer is not None:
                self.timer.deactivate()
            return
        found = self.job.as_dict()
        if found == self.shown:
            return
        before, self.shown = self.shown, found
        # Built anew only where the buttons change: one that is replaced while somebody clicks it hears nothing.
        if before is None or _shape(before) != _shape(found):
            self._head(found)
            if self.job.state.over:
                if self.timer is not None:
                    self.timer.deactivate()
                await self._results()
        self._progress(found)

    def _head(self, job: dict[str, Any]) -> None:
        self.head.clear()
        self.bars.clear()
        with self.head:
            with ui.row().classes("items-center gap-3 w-full"):
                self.state = ui.element("div")
                named = (
                    f"policy {job['policyName']}, version {job['policyVersion']}" if job["policyName"] else "a policy"
                )
                ui.label(f"{named} · {job['rows']:,} rows · by {job['author']}").classes("faasera-muted")
                ui.space()
                may = self.who.role >= Role.OPERATOR
                if not self.job.state.over and may:
                    ui.button("Cancel", icon="close", on_click=self._cancel).props("outline no-caps color=negative")
                if job["state"] in ("ERROR", "CANCELLED") and may:
                    ui.button("Try again", icon="replay", on_click=self._retry).props("outline no-caps")
            self.phase = ui.label()
            self.tables = ui.column().classes("w-full gap-1")
            for problem in job["problems"]:
                with ui.element("div").classes("faasera-problem").props('role="alert"'):
                    ui.label(problem["message"])
                    ui.label(problem["remedy"]).classes("faasera-muted text-sm")

    def _progress(self, job: dict[str, Any]) -> None:
        """Bring the state, the phase and the bars up to date."""
        self.state.clear()
        with self.state:
            state_chip(job["state"])
        self.phase.set_visibility(not self.job.state.over)
        if self.job.state.over:
            return
        speed = f"{job['rowsPerSecond']:,} rows/s" if job["rowsPerSecond"] else ""
        left = f"{job['secondsLeft']:.0f} s left" if job["secondsLeft"] else ""
        phase = _PHASES.get(job["phase"] or "", "Waiting for its turn" if job["state"] == "QUEUED" else "Starting")
        self.phase.text = " · ".join(part for part in (phase, speed, left) if part)
        for one in job["tables"]:
            name = one["name"]
            if name not in self.bars:
                with self.tables:
                    label = ui.label().classes("text-sm")
                    bar = ui.linear_progress(0.0, show_value=False, size="8px")
                    bar.props["aria-label"] = f"{name}, written"
                self.bars[name] = (label, bar)
            label, bar = self.bars[name]
            label.text = f"{name}: {one['done']:,} of {one['rows']:,}"
            bar.value = one["done"] / one["rows"] if one["rows"] else 1.0

    async def _cancel(self) -> None:
        await self._do(self.service.cancel_job)

    async def _retry(self) -> None:
        await self._do(self.service.retry_job)
        self.results.clear()
        if self.timer is not None:
            self.timer.activate()

    async def _do(self, action: Any) -> None:
        try:
            await run_in_threadpool(action, self.who, self.job.id)
        except FaaseraError as error:
            tell(error)
        await self.refresh()

    # what it left

    async def _results(self) -> None:
        self.results.clear()
        if self.shown is None or self.shown["state"] != "SUCCESS":
            return
        with self.results:
            try:
                files = await run_in_threadpool(files_of, self.job, self.service.workflows.folder(self.job.id))
            except FaaseraError as error:
                ui.label(error.problems[0].message).classes("faasera-muted")
                return
            if files:
                self._files(files)
            dark = await is_dark()
            check, profile = await run_in_threadpool(self._documents)
            if profile is not None:
                with ui.row().classes("items-center gap-3"):
                    report = self.downloads.report_link(self.who, self.job.id)
                    ui.link("Open the report", report, new_tab=True).classes("faasera-link font-semibold")
                    ui.label("tables, distributions, promises, lineage: one page to hand around").classes(
                        "faasera-muted text-sm"
                    )
            if check is not None:
                self._check(check)
            for one in profile["tables"] if profile is not None else ():
                heading(f"Columns of {one['name']}, {one['rows']:,} rows")
                column_cards(one, check["findings"] if check is not None else [], dark=dark)

    def _documents(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        return self._document("check"), self._document("profile")

    def _document(self, kind: str) -> dict[str, Any] | None:
        try:
            return self.service.job_document(self.who, self.job.id, kind)
        except NotFoundError:
            return None

    def _files(self, files: list[dict[str, Any]]) -> None:
        heading("Files")
        with ui.row().classes("items-center gap-3"):
            whole = self.downloads.link(self.who, self.job.id, None)
            ui.link("Download all as ZIP", whole).classes("faasera-link font-semibold").props("download")
            ui.label(size_of(sum(file["bytes"] for file in files))).classes("faasera-muted text-sm")
        rows = [
            (
                lambda name=file["name"]: (
                    ui.link(name, self.downloads.link(self.who, self.job.id, name))
                    .classes("faasera-link")
                    .props("download")
                ),
                size_of(file["bytes"]),
            )
            for file in files
        ]
        table(("File", "Size"), rows, "Files", frozenset({1}))

    def _check(self, check: dict[str, Any]) -> None:
        heading("Promises")
        verdict = "All promises that SQL can prove are kept" if check["ok"] else "Promises are broken"
        icon, colour = ("check_circle", "positive") if check["ok"] else ("error", "negative")
        with ui.row().classes("items-center gap-2 no-wrap"):
            ui.icon(icon, color=colour).props("aria-hidden=true").classes("text-xl")
            ui.label(f"{verdict}: {check['passed']} kept, {check['failed']} broken, {check['skipped']} not checkable.")
        findings = sorted(check["findings"], key=lambda finding: finding["status"] == "passed")
        words = {"passed": "kept", "failed": "broken", "skipped": "not checkable"}
        rows = [
            (one["table"], one["kind"], one["subject"], words[one["status"]], one.get("detail", "")) for one in findings
        ]
        with ui.expansion(f"All {len(rows)}", value=not check["ok"]).classes("w-full"):
            table(("Table", "Promise", "About", "Result", "Detail"), rows, "Promises")
