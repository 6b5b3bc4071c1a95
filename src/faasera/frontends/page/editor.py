"""The editor of a policy: the text with its problems and completion, and beside it the rows that it makes."""

import json
from typing import Any

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError, Problem
from faasera.core.version import __version__
from faasera.frontends.page.completion import vocabulary
from faasera.frontends.page.copilot import Copilot
from faasera.frontends.page.forms import RuleForm
from faasera.frontends.page.layout import STATIC, frame, heading, is_dark
from faasera.frontends.page.places import line_of, place_of, places, syntax_place
from faasera.frontends.page.policy_text import shown_text
from faasera.frontends.page.preview import PreviewPane
from faasera.frontends.page.session import signed_in, tell
from faasera.plan.model import Plan
from faasera.policy.parse import check_value, load_value
from faasera.service.errors import NotFoundError
from faasera.service.identity import Identity, Role
from faasera.service.jobs import Request
from faasera.service.service import Service
from faasera.writers import WRITERS

STARTER: dict[str, Any] = {
    "tableName": "customers",
    "rowCount": 1000,
    "columnRuleMap": {
        "id": {"type": "SEQUENCE"},
        "first_name": {},
        "last_name": {},
        "email": {},
        "city": {},
        "signed_up": {"type": "DATE_RANDOM", "range": {"start": "2023-01-01", "end": "2025-12-31"}},
        "balance": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 5000}},
    },
    "primaryKeyColumn": "id",
}
_WAIT = 0.35
_MOST_PROBLEMS = 50


def add_editor(service: Service) -> None:
    """The pages of a new policy, and of one that is kept."""

    @ui.page("/policies/new", title="New policy · Faasera")
    @signed_in(service)
    async def new(who: Identity) -> None:
        who.need(Role.AUTHOR)
        Editor(service, who, None, shown_text(STARTER), None)

    @ui.page("/policies/{name}", title="Policy · Faasera")
    @signed_in(service)
    async def kept(name: str, who: Identity) -> None:
        found = await run_in_threadpool(service.policies.get, who, name)
        Editor(service, who, name, shown_text(found.document), found.etag)


class Editor:
    """One editor in one browser."""

    def __init__(self, service: Service, who: Identity, name: str | None, text: str, tag: str | None) -> None:
        self.service = service
        self.who = who
        self.tag = tag
        self.plan: Plan | None = None
        self.checked: str | None = None
        title = f"Policy {name}" if name else "New policy"
        self.form = RuleForm(self._apply)
        with frame(title, who):
            with ui.row().classes("items-end gap-3 w-full"):
                self.name = ui.input("Name", value=name or "").props("outlined dense").classes("w-56")
                if name is not None:
                    self.name.props("readonly")
                self.save = ui.button("Save", icon="save", on_click=self._save).props("outline no-caps")
                ui.button("Edit a rule", icon="tune", on_click=self._open_form).props("outline no-caps")
                ui.button("Ask for a change", icon="auto_awesome", on_click=self._open_copilot).props("outline no-caps")
                self.start = ui.button("Start a job", icon="play_arrow", on_click=self._open_start)
                self.start.props("unelevated no-caps")
                self.saved = ui.label(f"version {tag.strip(chr(34)).partition('-')[0]}" if tag else "").classes(
                    "faasera-muted text-sm pb-2"
                )
            with ui.element("div").classes("grid grid-cols-1 lg:grid-cols-2 gap-4 w-full"):
                with ui.column().classes("w-full min-w-0 gap-2"):
                    heading("Policy")
                    self.code = ui.codemirror(
                        text,
                        language="JSON",
                        theme="vscodeLight",
                        indent="  ",
                        line_wrapping=True,
                        on_change=self._changed,
                    )
                    self.code.classes("faasera-code w-full h-[52vh] rounded")
                    self.problems = ui.column().classes("w-full gap-1").props('aria-live="polite"')
                with ui.column().classes("w-full min-w-0 gap-2"):
                    heading("First rows")
                    self.preview = PreviewPane(service, who)
        self.copilot = Copilot(service, who, lambda: self.code.value, self._take)
        self._start_dialog()
        self.timer = ui.timer(_WAIT, self._check, active=False, once=False)
        ui.timer(0.1, self._attach, once=True)

    async def _attach(self) -> None:
        words = json.dumps(vocabulary(), ensure_ascii=False)
        module = f"{STATIC}/editor.js?{__version__}"
        ui.run_javascript(
            f"import('{module}').then(m => m.attach(getElement({self.code.id}), {words}, 'The policy, as JSON'))"
        )
        if await is_dark():
            self.code.theme = "vscodeDark"
        await self._check()

    # the text

    def _changed(self) -> None:
        self.timer.activate()

    async def _check(self) -> None:
        """Problems and rows of the text as it is now."""
        self.timer.deactivate()
        text = self.code.value
        if text == self.checked:
            return
        self.checked = text
        document, problems, plan = await run_in_threadpool(self._judge, text)
        if text != self.code.value:
            self.checked = None
            return
        self._show_problems(text, problems)
        self.start.set_enabled(plan is not None and self.who.role >= Role.OPERATOR)
        self.save.set_enabled(plan is not None and self.who.role >= Role.AUTHOR)
        if plan is not None:
            self.plan, self.document = plan, document
            try:
                self.preview.show(plan)
            except FaaseraError as error:
                self._show_problems(text, list(error.problems))

    def _judge(self, text: str) -> tuple[dict[str, Any] | None, list[Problem], Plan | None]:
        try:
            document = load_value(text)
            return document, [], self.service.plan(self.who, document, name=self.name.value or "policy")
        except FaaseraError as error:
            return None, list(error.problems), None

    def _show_problems(self, text: str, problems: list[Problem]) -> None:
        found = places(text)
        marks: list[dict[str, Any]] = []
        tips: dict[int, str] = {}
        self.problems.clear()
        with self.problems:
            for problem in problems[:_MOST_PROBLEMS]:
                place = self._syntax(text) if problem.code == "policy-syntax" else place_of(found, problem.pointer)
                line = line_of(text, place[0]) if place else 1
                if place and place[0] < place[1] <= len(text):
                    marks.append({"kind": "mark", "from": place[0], "to": place[1], "class": "faasera-wrong"})
                tips[line] = f"{problem.message}. {problem.remedy}"
                with (
                    ui.element("button")
                    .classes("faasera-problem")
                    .on("click", lambda _, line=line: self.code.reveal_line(line))
                ):
                    ui.label(f"Line {line}: {problem.message}").classes("text-sm")
                    ui.label(problem.remedy).classes("faasera-muted text-sm")
            if not problems:
                ui.label("No problems.").classes("faasera-muted text-sm")
        # By methods of the browser's editor: an update of the element would bring back the text as it was here.
        self.code.run_method("setDecorations", marks)
        self.code.run_method("setLineTooltips", tips)

    @staticmethod
    def _syntax(text: str) -> tuple[int, int] | None:
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            return syntax_place(error)
        except RecursionError:
            pass
        return None

    # the form

    def _open_form(self) -> None:
        try:
            self.form.open(load_value(self.code.value))
        except FaaseraError as error:
            tell(error)

    def _apply(self, table: str, column: str, rule: dict[str, Any]) -> list[Problem]:
        """Write a rule into the text, if the policy is right with it."""
        document = load_value(self.code.value)
        tables = document["tables"] if isinstance(document.get("tables"), list) else [document]
        entry = next(one for one in tables if one.get("tableName") == table)
        entry.setdefault("columnRuleMap", {})[column] = rule
        problems, _ = self.service.problems(self.who, document)
        mine = [problem for problem in problems if f"/{column}" in problem.pointer] or problems
        if not mine:
            self.code.value = shown_text(document)
            self.timer.activate()
        return mine

    def _open_copilot(self) -> None:
        self.copilot.toggle()

    def _take(self, document: dict[str, Any]) -> None:
        """Put a document that was proposed into the text."""
        self.code.value = shown_text(document)
        self.timer.activate()

    # keeping

    async def _save(self) -> None:
        try:
            document = load_value(self.code.value)
            name = self.name.value.strip()
            await run_in_threadpool(self.service.plan, self.who, document, name=name)
            absent = self.tag is None
            version, new = await run_in_threadpool(
                lambda: self.service.policies.put(self.who, name, document, match=self.tag, absent=absent)
            )
        except FaaseraError as error:
            tell(error)
            return
        if new:
            await run_in_threadpool(self.service.audit.note, self.who, "policy.put", f"{name} {version.version}")
        self.tag = version.etag
        self.name.props("readonly")
        self.saved.text = f"version {version.version}"
        ui.notify(f"Saved as version {version.version} of {name}.", type="positive")

    # starting

    def _start_dialog(self) -> None:
        with ui.dialog().props('aria-label="Start a job"') as self.dialog, ui.card().classes("w-full max-w-md gap-3"):
            ui.label("Start a job").classes("text-lg font-semibold").props('role="heading" aria-level="2"')
            targets = {"": "Files, kept here", **{name: f"Database {name}" for name in self.service.connections}}
            self.target = ui.select(targets, value="", label="Output").props("outlined dense").classes("w-full")
            formats = {entry.name: f"{entry.name}: {entry.summary}" for entry in WRITERS}
            self.format = ui.select(formats, value="csv", label="Format").props("outlined dense").classes("w-full")
            self.format.bind_visibility_from(self.target, "value", value="")
            modes = {
                "fail": "fail",
                "append": "append to them",
                "truncate": "remove them first",
                "replace": "make the tables anew",
            }
            self.mode = ui.select(modes, value="fail", label="If tables have rows").props("outlined dense")
            self.mode.classes("w-full").bind_visibility_from(self.target, "value", backward=bool)
            self.rows = ui.input("Rows of each table", placeholder="as in the policy").props("outlined dense")
            self.rows.classes("w-full")
            self.seed = ui.input("Seed", placeholder="as in the policy").props("outlined dense").classes("w-full")
            self.check = ui.checkbox("Prove by SQL that the promises are kept", value=True)
            with ui.row().classes("justify-end w-full"):
                ui.button("Cancel", on_click=self.dialog.close).props("flat no-caps")
                ui.button("Start", on_click=self._start).props("unelevated no-caps")

    def _open_start(self) -> None:
        self.dialog.open()

    async def _start(self) -> None:
        database = self.target.value or None
        seed = self.seed.value.strip()
        try:
            if seed and not seed.isdecimal():
                raise NotFoundError("bad-value", f"'{seed}' is no seed", "Write a whole number from 0 on.")
            document = check_value(load_value(self.code.value))
            request = Request(
                policy=document,
                policy_name=self.name.value.strip() or None if self.tag else None,
                policy_version=int(self.tag.strip('"').partition("-")[0]) if self.tag else None,
                format=None if database else self.format.value,
                to=database,
                mode=self.mode.value if database else None,
                seed=int(seed) if seed else None,
                rows=self.rows.value.strip() or None,
                check=self.check.value and not (database and self.mode.value == "append"),
            )
            job, _ = await run_in_threadpool(self.service.create_job, self.who, request)
        except FaaseraError as error:
            tell(error)
            return
        ui.navigate.to(f"/jobs/{job.id}")
