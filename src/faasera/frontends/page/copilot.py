"""The side panel that proposes changes of a policy, as a difference to accept or to refuse."""

import difflib
from collections.abc import Callable
from typing import Any

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError
from faasera.frontends.page.policy_text import shown_text
from faasera.frontends.page.session import tell
from faasera.policy.parse import load_value
from faasera.run.drafting import DraftedPolicy
from faasera.service.identity import Identity
from faasera.service.service import Service

_CONTEXT = 2


class Copilot:
    """The panel of one editor.

    Args:
        service: that asks the model.
        who: asks.
        read: the text of the policy as it is now.
        take: puts an accepted document into the editor.
    """

    def __init__(
        self, service: Service, who: Identity, read: Callable[[], str], take: Callable[[dict[str, Any]], None]
    ) -> None:
        self.service = service
        self.who = who
        self._read = read
        self._take = take
        self._proposed: dict[str, Any] | None = None
        with ui.right_drawer(value=False, fixed=True, bordered=True).props("width=420 overlay") as self.drawer:
            ui.label("Ask for a change").classes("text-lg font-semibold").props('role="heading" aria-level="2"')
            ui.label("The model gets your words and this policy, never a row of data.").classes("faasera-muted text-sm")
            self.wish = ui.textarea("What do you want?", placeholder="Add a table of visits, one to four a patient")
            self.wish.props("outlined autogrow").classes("w-full")
            with ui.row().classes("gap-2"):
                self.ask = ui.button("Propose", icon="auto_awesome", on_click=self._propose)
                self.ask.props("unelevated no-caps")
                ui.button("Close", on_click=self.drawer.hide).props("flat no-caps")
            self.answer = ui.column().classes("w-full gap-2").props('aria-live="polite"')

    def toggle(self) -> None:
        """Open the panel, or close it."""
        self.drawer.toggle()

    async def _propose(self) -> None:
        wish = (self.wish.value or "").strip()
        if not wish:
            ui.notify("Say what you want first.", type="warning")
            return
        self.ask.disable()
        self.answer.clear()
        with self.answer:
            ui.spinner(size="lg")
            ui.label("The model writes, the plan judges; three rounds at most …").classes("faasera-muted text-sm")
        try:
            current = load_value(self._read())
            made = await run_in_threadpool(self.service.assist, self.who, wish, current)
            self._show(current, made)
        except FaaseraError as error:
            self.answer.clear()
            tell(error)
        finally:
            self.ask.enable()

    def _show(self, current: dict[str, Any], made: DraftedPolicy) -> None:
        self._proposed = made.policy if made.ok else None
        self.answer.clear()
        with self.answer:
            if not made.ok:
                ui.label(f"After {made.rounds} rounds it still has problems; nothing is changed.").props('role="alert"')
                for problem in made.problems[:10]:
                    with ui.element("div").classes("faasera-problem"):
                        ui.label(problem.message).classes("text-sm")
                        ui.label(problem.remedy).classes("faasera-muted text-sm")
                return
            assert made.policy is not None
            lines = list(
                difflib.unified_diff(
                    shown_text(current).splitlines(), shown_text(made.policy).splitlines(), lineterm="", n=_CONTEXT
                )
            )[2:]
            if not lines:
                ui.label("It proposes to change nothing.")
                return
            kept = len(made.check.passed) if made.check is not None else 0
            ui.label(f"No problems; {kept} promises kept by a sample.").classes("text-sm")
            with ui.row().classes("gap-2"):
                ui.button("Accept", icon="check", on_click=self._accept).props("unelevated no-caps color=positive")
                ui.button("Refuse", icon="close", on_click=self._refuse).props("outline no-caps")
            with ui.element("pre").classes("faasera-diff w-full").props('aria-label="What would change" tabindex="0"'):
                for line in lines:
                    kind = {"+": "faasera-added", "-": "faasera-removed", "@": "faasera-muted"}.get(line[:1], "")
                    ui.label(line).classes(kind)

    def _accept(self) -> None:
        if self._proposed is not None:
            self._take(self._proposed)
        self._close("The change is in the text; save it to keep it.")

    def _refuse(self) -> None:
        self._close("Nothing is changed.")

    def _close(self, message: str) -> None:
        self._proposed = None
        ui.notify(message)  # Before the button that was clicked is gone.
        self.answer.clear()
