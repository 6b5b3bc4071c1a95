"""Keys for people and programs: made, shown once, revoked."""

from typing import Any

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError
from faasera.frontends.page.layout import frame, heading
from faasera.frontends.page.session import signed_in, tell
from faasera.frontends.page.tables import table
from faasera.service.identity import Identity, Role
from faasera.service.service import Service

_SHOWN = 200
_ROLES = {
    "viewer": "viewer: sees policies, jobs and results",
    "author": "author: also writes policies and seed files",
    "operator": "operator: also runs jobs, uses connections",
    "admin": "admin: also makes keys, sees all projects",
}


def add_keys(service: Service) -> None:
    """The page of the keys, for admins."""

    @ui.page("/keys", title="Keys · Faasera")
    @signed_in(service)
    async def page(who: Identity) -> None:
        who.need(Role.ADMIN)
        with frame("Keys", who):
            pane = KeysPane(service, who)
        await pane.refresh()


class KeysPane:
    """The keys in one browser."""

    def __init__(self, service: Service, who: Identity) -> None:
        self.service = service
        self.who = who
        with ui.row().classes("items-end gap-3 w-full"):
            self.name = ui.input("Name").props("outlined dense")
            self.role = ui.select(_ROLES, value="operator", label="Role").props("outlined dense").classes("w-72")
            self.project = ui.input("Project", value=who.project).props("outlined dense")
            ui.button("Make a key", icon="add", on_click=self._make).props("unelevated no-caps")
        self.made = ui.column().classes("w-full").props('aria-live="polite"')
        heading("All keys")
        self.listed = ui.column().classes("w-full")

    async def refresh(self) -> None:
        """Show the keys as they are now."""
        page = await run_in_threadpool(self.service.keys.page, self.who, _SHOWN, None)
        self.listed.clear()
        with self.listed:
            rows = [
                (
                    key["name"],
                    key["role"],
                    key["project"],
                    key["id"],
                    key["created"][:10],
                    lambda key=key: self._revoking(key),
                )
                for key in page.items
            ]
            table(("Name", "Role", "Project", "Identifier", "Created", ""), rows, "Keys")

    def _revoking(self, key: dict[str, Any]) -> None:
        if key["revoked"]:
            ui.label(f"revoked {key['revoked'][:10]}").classes("faasera-muted")
        elif key["id"] == self.who.id:
            ui.label("yours").classes("faasera-muted")
        else:
            button = ui.button("Revoke", on_click=lambda: self._revoke(key["id"])).props(
                "flat dense no-caps color=negative"
            )
            button.props["aria-label"] = f"Revoke {key['name']}"

    async def _make(self) -> None:
        try:
            role = Role.named(self.role.value)
            name, project = self.name.value.strip(), self.project.value.strip()
            found, text = await run_in_threadpool(self.service.keys.create, self.who, name, role, project)
        except FaaseraError as error:
            tell(error)
            return
        subject = f"{found['id']} {name} {role.label} {project}"
        await run_in_threadpool(self.service.audit.note, self.who, "key.create", subject)
        self.made.clear()
        with self.made, ui.column().classes("faasera-card gap-1"):
            ui.label(f"The key of {name}; it is not shown again:").classes("font-semibold")
            ui.label(text).classes("font-mono break-all select-all")
        self.name.value = ""
        await self.refresh()

    async def _revoke(self, identifier: str) -> None:
        try:
            found = await run_in_threadpool(self.service.keys.revoke, self.who, identifier)
        except FaaseraError as error:
            tell(error)
            return
        await run_in_threadpool(self.service.audit.note, self.who, "key.revoke", f"{identifier} {found['name']}")
        await self.refresh()
