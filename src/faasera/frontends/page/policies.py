"""The policies that are kept."""

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.frontends.page.layout import frame
from faasera.frontends.page.session import signed_in
from faasera.frontends.page.tables import table
from faasera.service.identity import Identity
from faasera.service.service import Service

_SHOWN = 200


def add_policies(service: Service) -> None:
    """The list of the policies."""

    @ui.page("/policies", title="Policies · Faasera")
    @signed_in(service)
    async def policies(who: Identity) -> None:
        page = await run_in_threadpool(service.policies.page, who, _SHOWN, None)
        with frame("Policies", who):
            with ui.row().classes("gap-3"):
                ui.button("New policy", icon="add", on_click=lambda: ui.navigate.to("/policies/new")).props(
                    "unelevated no-caps"
                )
            if not page.items:
                ui.label("No policies yet.").classes("faasera-card")
                return
            rows = [
                (
                    lambda name=entry["name"]: ui.link(name, f"/policies/{name}").classes("faasera-link"),
                    entry["version"],
                    entry["author"],
                    entry["created"][:19].replace("T", " "),
                )
                for entry in page.items
            ]
            table(("Name", "Version", "By", "Changed (UTC)"), rows, "Policies", frozenset({1}))
