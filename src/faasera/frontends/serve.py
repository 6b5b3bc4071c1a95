"""The command that serves: its options are the settings, read off their declaration."""

import inspect
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from faasera.core.errors import did_you_mean, refuse
from faasera.core.extras import require
from faasera.frontends.command import reported
from faasera.service.settings import PREFIX, Described, Settings, described

_HELP = """Serve the REST API and the page in the browser, and do jobs.

The first start prints an admin's key, once. Every option can also be a variable of the environment, or a key of the
file that --config names: [bold]max-rows = 1000000[/bold]. An option goes before a variable, a variable before the file.
"""


def _option(one: Described) -> inspect.Parameter:
    """The option of a setting."""
    several = one.kind == tuple[str, ...]
    kind = list[str] if several else one.kind
    bounds: dict[str, Any] = {name: value for name, value in (("min", one.low), ("max", one.high)) if value is not None}
    option = typer.Option(
        one.option,
        envvar=one.variable,
        help=one.help,
        rich_help_panel=one.panel,
        show_default=one.default not in (None, ()),
        **bounds,
    )
    default = list(one.default) if several else one.default
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def _from_file(context: typer.Context, path: Path | None) -> Path | None:
    """Take the file's keys for defaults."""
    if path is None:
        return None
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is not valid TOML: {error}") from None
    known = {one.option.removeprefix("--"): one for one in described()}
    defaults: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise typer.BadParameter(f"{path}: '{key}' is no setting. {did_you_mean(key, known)}")
        defaults[known[key].name] = value
    context.default_map = {**(context.default_map or {}), **defaults}
    return path


def with_settings(command: Callable[[Settings], None]) -> Callable[..., None]:
    """A command whose options are all settings."""

    def wrapper(context: typer.Context, config: Path | None = None, **given: Any) -> None:  # noqa: ARG001
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        source = context.get_parameter_source("database")
        if values["database"] is not None and source is not None and source.name == "COMMANDLINE":
            from faasera.databases.connections import find_connection

            find_connection(values["database"], open_to_all=True)
        command(Settings(**values))

    config = typer.Option(
        "--config",
        envvar=PREFIX + "CONFIG",
        help="A TOML file with any of these settings.",
        is_eager=True,
        callback=_from_file,
    )
    parameters = [
        inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        inspect.Parameter(
            "config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Path | None, config]
        ),
        *map(_option, described()),
    ]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in parameters}
    wrapper.__doc__ = _HELP
    return reported(wrapper)


@with_settings
def serve(settings: Settings) -> None:
    """Serve until somebody says stop."""
    _require_server()
    if settings.oidc_issuer and not settings.oidc_audience:
        message = "--oidc-issuer needs --oidc-audience, or tokens made for others would be accepted"
        refuse("setting-missing", message, "Give both.")
    # The page keeps its sessions in the data folder; it reads this when it is imported.
    os.environ["NICEGUI_STORAGE_PATH"] = str((settings.data / "sessions").resolve())
    from faasera.frontends.server import run_server

    run_server(settings)


def _require_server() -> None:
    needed = ("fastapi", "uvicorn", "dbos", "nicegui", "prometheus_client", "jwt", "multipart")
    require(*needed, extra="server", purpose="serving")
