"""Who sits in front of the page: signed in with a key, which is asked for again only after it was revoked."""

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import Request
from nicegui import app, ui
from starlette.concurrency import run_in_threadpool

from faasera.core.errors import FaaseraError
from faasera.frontends.page.layout import bare_frame
from faasera.service.errors import UnauthorizedError
from faasera.service.identity import Identity
from faasera.service.service import Service

_COST = 20.0


def current(service: Service) -> Identity | None:
    """Who is signed in; None if nobody is, or the key was revoked."""
    held = app.storage.user.get("key")
    if not isinstance(held, str):
        return None
    try:
        return service.keys.by_id(held)
    except UnauthorizedError:
        app.storage.user.pop("key", None)
        return None


Page = Callable[..., Awaitable[None]]


def signed_in(service: Service) -> Callable[[Page], Page]:
    """A page for people who are signed in; others are sent to sign in, and come back."""

    def decorate(page: Page) -> Page:
        @wraps(page)
        async def wrapper(request: Request, **given: Any) -> Any:
            who = await run_in_threadpool(current, service)
            if who is None:
                app.storage.user["after"] = request.url.path
                return ui.navigate.to("/signin")
            try:
                return await page(who=who, **given)
            except FaaseraError as error:
                with bare_frame("Not found"):
                    show_errors(error)
                    ui.link("Back to the jobs", "/").classes("faasera-link")
                return None

        # NiceGUI reads the parameters of the path off the signature, and gives the request by its type.
        own = [one for one in inspect.signature(page).parameters.values() if one.name != "who"]
        request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
        wrapper.__signature__ = inspect.Signature([request, *own])  # type: ignore[attr-defined]
        return wrapper

    return decorate


def show_errors(error: FaaseraError) -> None:
    """All problems of an error, each with its remedy."""
    for problem in error.problems:
        with ui.element("div").classes("faasera-problem").props('role="alert"'):
            ui.label(f"{problem.pointer + ': ' if problem.pointer else ''}{problem.message}")
            ui.label(problem.remedy).classes("faasera-muted text-sm")


def tell(error: FaaseraError) -> None:
    """The first problem of an error as a notice."""
    first = error.problems[0]
    ui.notify(
        f"{first.message}. {first.remedy}", type="negative", multi_line=True, close_button="Close", timeout=10_000
    )


def add_sign_in(service: Service) -> None:
    """The page to sign in."""

    @ui.page("/signin", title="Sign in · Faasera")
    def sign_in(request: Request) -> None:
        address = request.client.host if request.client else ""

        async def enter() -> None:
            try:
                service.rates.take(f"page {address}", _COST)
                who = await run_in_threadpool(service.keys.identify, key.value.strip())
            except FaaseraError as error:
                tell(error)
                key.props('error error-message="The key is unknown or revoked."')
                return
            app.storage.user["key"] = who.id
            ui.navigate.to(app.storage.user.pop("after", "/"))

        with bare_frame("Sign in"):
            ui.label("Synthetic data from a policy: realistic, related, and nobody's.").classes("faasera-muted")
            key = ui.input("Key", password=True, password_toggle_button=True, placeholder="fsk_…")
            key.props("outlined autofocus autocomplete=off").classes("w-full").on("keydown.enter", enter)
            ui.button("Sign in", on_click=enter).props("unelevated no-caps").classes("w-full")
            ui.label("The server printed an admin's key when it was started for the first time.").classes(
                "faasera-muted text-sm"
            )

    @ui.page("/signout")
    def sign_out() -> None:
        app.storage.user.clear()
        ui.navigate.to("/signin")
