"""All pages of the service, on the app of the API."""

from fastapi import FastAPI
from nicegui import ui
from nicegui.storage import Storage

from faasera.frontends.page.dashboard import add_dashboard
from faasera.frontends.page.editor import add_editor
from faasera.frontends.page.imports import add_import
from faasera.frontends.page.job import add_job
from faasera.frontends.page.keys import add_keys
from faasera.frontends.page.layout import add_static
from faasera.frontends.page.policies import add_policies
from faasera.frontends.page.session import add_sign_in
from faasera.service.service import Service

_FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#4338ca"/>'
    '<path d="M10 8h13v4H14v4h7v4h-7v6h-4z" fill="white"/></svg>'
)


def add_page(app: FastAPI, service: Service) -> None:
    """Add the pages to the app of the API."""
    # Otherwise who is signed in lies in the folder that the server was started in.
    Storage.path = service.settings.data.resolve() / "page"
    add_static()
    add_sign_in(service)
    add_dashboard(service)
    add_policies(service)
    add_editor(service)
    add_import(service)
    add_job(app, service)
    add_keys(service)
    ui.run_with(
        app,
        title="Faasera",
        favicon=_FAVICON,
        dark=None,
        language="en-US",
        storage_secret=service.store.secret("page-secret"),
        session_middleware_kwargs={"same_site": "lax"},
        show_welcome_message=False,
    )
