"""What all pages have: the header with its links, light and dark, a place for the content."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nicegui import app, ui

from faasera.core.version import __version__
from faasera.service.identity import Identity, Role

STATIC = "/static/faasera"
_LINKS = (("Jobs", "/"), ("Policies", "/policies"), ("Import", "/import"))


def add_static() -> None:
    """Serve the style and the script of the editor."""
    app.add_static_files(STATIC, str(Path(__file__).parent / "static"))


async def is_dark() -> bool:
    """Whether the page is dark, by the person's wish or by their system's; asked of the browser."""
    return bool(await ui.run_javascript("document.body.classList.contains('body--dark')", timeout=5.0))


def _head(title: str) -> ui.dark_mode:
    ui.page_title(f"{title} · Faasera")
    ui.add_head_html(f'<link rel="stylesheet" href="{STATIC}/style.css?{__version__}">')
    ui.add_body_html('<a class="faasera-skip" href="#content">Skip to the content</a>')
    ui.colors(primary="#4338ca")
    return ui.dark_mode(app.storage.user.get("dark"))


@contextmanager
def frame(title: str, who: Identity, *, heading: bool = True) -> Iterator[None]:
    """A page of somebody who is signed in."""
    mode = _head(title)

    async def turn() -> None:
        app.storage.user["dark"] = mode.value = not await is_dark()
        ui.run_javascript("location.reload()")

    with ui.header().classes("faasera-header items-center px-4 py-2 gap-x-5 gap-y-1 flex-wrap"):
        ui.link("Faasera", "/").classes("text-lg font-bold")
        with ui.element("nav").props('aria-label="Main"').classes("flex gap-4"):
            for label, target in (*_LINKS, *((("Keys", "/keys"),) if who.role is Role.ADMIN else ())):
                link = ui.link(label, target)
                if label == title:
                    link.props('aria-current="page"')
        ui.space()
        ui.label(f"{who.project} · {who.role.label}").classes("faasera-muted text-sm")
        ui.button(icon="contrast", on_click=turn).props('flat round dense aria-label="Light or dark"')
        ui.link("Sign out", "/signout").classes("text-sm")
    with (
        ui.element("main")
        .props('id="content"')
        .classes("w-full max-w-screen-2xl mx-auto flex flex-col gap-4 p-1 sm:p-4")
    ):
        if heading:
            ui.label(title).classes("text-2xl font-semibold").props('role="heading" aria-level="1"')
        yield


@contextmanager
def bare_frame(title: str) -> Iterator[None]:
    """A page of nobody in particular."""
    _head(title)
    middle = ui.element("main").props('id="content"').classes("w-full flex justify-center")
    with middle, ui.column().classes("w-full max-w-md mt-12 gap-4"):
        ui.label("Faasera").classes("text-3xl font-bold").props('role="heading" aria-level="1"')
        yield


def heading(text: str) -> ui.label:
    """A heading inside a page."""
    return ui.label(text).classes("text-lg font-semibold").props('role="heading" aria-level="2"')
