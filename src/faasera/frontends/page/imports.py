"""Existing schemas become policies: pasted, uploaded, or read from a connection."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import events, ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError
from faasera.frontends.page.diagram import show_diagram
from faasera.frontends.page.layout import frame, heading
from faasera.frontends.page.session import show_errors, signed_in, tell
from faasera.frontends.page.tables import table
from faasera.schema.dialects import DIALECTS, STANDARD
from faasera.service.identity import Identity, Role
from faasera.service.imports import SUFFIXES, upload_name
from faasera.service.service import Service

_EXAMPLE = """CREATE TABLE customers (
  id BIGINT PRIMARY KEY,
  email VARCHAR(80) NOT NULL UNIQUE
);
"""


def add_import(service: Service) -> None:
    """The page to import a schema."""

    @ui.page("/import", title="Import · Faasera")
    @signed_in(service)
    async def page(who: Identity) -> None:
        who.need(Role.AUTHOR)
        with frame("Import", who):
            ImportPane(service, who)


class ImportPane:
    """One import in one browser."""

    def __init__(self, service: Service, who: Identity) -> None:
        self.service = service
        self.who = who
        with ui.tabs().props("no-caps align=left") as tabs:
            paste, upload, connection = ui.tab("Paste DDL"), ui.tab("Upload a file"), ui.tab("A connection")
        with ui.tab_panels(tabs, value=paste).classes("w-full faasera-card"):
            with ui.tab_panel(paste).classes("gap-3 flex flex-col"):
                self.ddl = ui.textarea("DDL: CREATE TABLE …", placeholder=_EXAMPLE).props(
                    "outlined input-class=font-mono"
                )
                self.ddl.classes("w-full")
                dialects: dict[str | None, str] = {None: "by its looks"}
                dialects |= {one.name: one.label for one in DIALECTS if one.name != STANDARD}
                self.dialect = ui.select(dialects, value=None, label="Dialect").props("outlined dense").classes("w-56")
                ui.button("Make a policy", on_click=self._from_text).props("unelevated no-caps")
            with ui.tab_panel(upload).classes("gap-3 flex flex-col"):
                ui.label(f"DDL, data or a description of data: {', '.join(SUFFIXES)}.")
                most = min(service.settings.max_body, 1 << 30)
                ui.upload(label="Choose a file", auto_upload=True, max_file_size=most, on_upload=self._from_file).props(
                    f'accept="{",".join(SUFFIXES)}" flat bordered'
                ).classes("w-full")
            with ui.tab_panel(connection).classes("gap-3 flex flex-col"):
                names = service.connections
                if not names:
                    ui.label(
                        "The server knows no connections; they are set in its environment or its connections.toml."
                    )
                self.connection = ui.select(names, label="Connection").props("outlined dense").classes("w-56")
                self.scale = ui.number("Row counts, times", value=1.0, min=0.0).props("outlined dense").classes("w-56")
                ui.button("Make a policy", on_click=self._from_connection).props("unelevated no-caps")
        self.result = ui.column().classes("w-full gap-4").props('aria-live="polite"')

    async def _from_text(self) -> None:
        await self._import({"source": "-", "text": self.ddl.value or " ", "dialect": self.dialect.value})

    async def _from_file(self, event: events.UploadEventArguments) -> None:
        try:
            name = upload_name(event.file.name)
        except FaaseraError as error:
            tell(error)
            return
        with tempfile.TemporaryDirectory(prefix="faasera-import-") as folder:
            path = Path(folder) / name
            path.write_bytes(await event.file.read())
            await self._import({"source": str(path), "text": None, "dialect": None})

    async def _from_connection(self) -> None:
        if not self.connection.value:
            ui.notify("Choose a connection.", type="warning")
            return
        name = str(self.connection.value)
        await self._import({"source": name, "text": None, "dialect": None, "scale": self.scale.value}, name)

    async def _import(self, task: dict[str, Any], connection: str | None = None) -> None:
        self.result.clear()
        with self.result, ui.row().classes("items-center gap-3"):
            ui.spinner()
            ui.label("Reading the schema …")
        whole = {"scale": None, "tables": None, "locale": None, **task}
        try:
            imported = await run_in_threadpool(self.service.import_schema, self.who, whole, connection)
        except FaaseraError as error:
            self.result.clear()
            with self.result:
                show_errors(error)
            return
        self.result.clear()
        with self.result:
            self._show(imported)

    def _show(self, imported: dict[str, Any]) -> None:
        policy = imported["policy"]
        tables = policy.get("tables", [policy])
        ui.label(
            f"{len(tables)} table{'s' * (len(tables) != 1)}, {len(imported['guesses'])} guesses to review."
        ).classes("font-semibold")
        for problem in imported["problems"]:
            ui.label(f"{problem['message']}. {problem['remedy']}").classes("faasera-problem")
        with ui.row().classes("items-end gap-3"):
            name = ui.input("Name of the policy", value="imported").props("outlined dense")
            ui.button("Save and edit", on_click=self._saver(policy, name)).props("unelevated no-caps")
        heading("Tables and keys")
        show_diagram(policy)
        if imported["guesses"]:
            heading("Guesses")
            rows = [(guess["table"], guess["column"], guess["reason"]) for guess in imported["guesses"]]
            table(("Table", "Column", "Why"), rows, "Guesses")
        if imported["notes"]:
            heading("Notes")
            for note in imported["notes"]:
                ui.label("; ".join(str(value) for value in note.values() if value)).classes("text-sm")

    def _saver(self, policy: dict[str, Any], name: ui.input) -> Callable[[], Any]:
        async def save() -> None:
            try:
                chosen = name.value.strip()
                named = {**policy, "name": chosen} if "tables" in policy else policy
                put = self.service.policies.put
                version, _ = await run_in_threadpool(lambda: put(self.who, chosen, named, absent=True))
            except FaaseraError as error:
                tell(error)
                return
            await run_in_threadpool(
                self.service.audit.note, self.who, "policy.put", f"{version.name} {version.version}"
            )
            ui.navigate.to(f"/policies/{version.name}")

        return save
