"""What all commands share: exit codes, and errors that are shown to the person."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import typer
from typer.core import TyperGroup

from faasera.core.codes import number_of
from faasera.core.errors import FaaseraError, PolicyError, refuse
from faasera.core.logs import get_logger

FAILED, WRONG_CALL, WRONG_DATA = 1, 2, 3
logger = get_logger("command")
P = ParamSpec("P")
R = TypeVar("R")


def fail(error: FaaseraError, as_json: bool) -> NoReturn:
    """Show the problems, and leave with the code of their kind."""
    code = WRONG_CALL if isinstance(error, PolicyError) else FAILED
    logger.info("refused", extra={"codes": [number_of(problem.code) for problem in error.problems], "exit": code})
    if as_json:
        typer.echo(
            json.dumps({"problems": [problem.as_dict() for problem in error.problems]}, indent=2, ensure_ascii=False)
        )
    else:
        from faasera.frontends.show import show_problems

        show_problems(error.problems)
    raise typer.Exit(code)


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose errors are shown to the person, not thrown at them."""

    @functools.wraps(command)
    def wrapper(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except FaaseraError as error:
            fail(error, bool(options.get("as_json")))

    return wrapper


def with_default(name: str) -> type[TyperGroup]:
    """A group of commands of which one needs no name: ``faasera hints POLICY`` proposes, ``hints review`` shows.

    Args:
        name: of that command.
    """

    class DefaultGroup(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            first = next((word for word in args if not word.startswith("-")), None)
            if first is not None and first not in self.commands:
                args = [name, *args]
            return super().parse_args(ctx, args)

    return DefaultGroup


def write_text(path: Path, text: str) -> None:
    """Write a file that a command was asked for.

    Raises:
        PolicyError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        refuse("output-unwritable", message, "Check the path and its permissions.")
