"""What a policy may not ask of a service, seen before it costs anything."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from faasera.core.errors import Problems
from faasera.plan.model import Plan
from faasera.policy.counts import parse_count
from faasera.service.errors import ServiceError

KEY_PREFIX = "FAASERA_FPE_"
_DEFAULT_ROWS = 1000


def check_document(document: Mapping[str, Any], most_rows: int) -> None:
    """Refuse what reaches out of the project's folder, reads the server's secrets, or asks for too many rows.

    Raises:
        PolicyError: with all problems.
    """
    problems = Problems()
    directory = document.get("seedDirectory")
    if isinstance(directory, str) and (directory.startswith("/") or ".." in PurePosixPath(directory).parts):
        message = f"'{directory}' is outside the project's seed files"
        problems.add(
            "seed-directory",
            message,
            "Name a folder of the project's seed files, or leave it out.",
            at=["seedDirectory"],
        )
    sources = document.get("fpeKeys")
    for name, source in sources.items() if isinstance(sources, Mapping) else ():
        if not isinstance(source, Mapping):
            continue
        if source.get("file") is not None:
            message = "a service reads encryption keys from its environment only"
            problems.add("key-source", message, f"Write {{'env': '{KEY_PREFIX}…'}}.", at=["fpeKeys", str(name), "file"])
        variable = source.get("env")
        if isinstance(variable, str) and not variable.startswith(KEY_PREFIX):
            message = f"'{variable}' is not among the variables that a policy may name"
            problems.add("key-source", message, f"Its name begins with {KEY_PREFIX}.", at=["fpeKeys", str(name), "env"])
    _check_rows(document, most_rows, problems)
    problems.raise_any()


def _check_rows(document: Mapping[str, Any], most: int, problems: Problems) -> None:
    """The rows that the policy states; those that follow from parents are counted when it is planned."""
    total = 0
    for path, count in _stated(document):
        total += count
        if total > most:
            message = f"{total:,} rows are more than the {most:,} that this service makes at once"
            problems.add("too-many-rows", message, "Ask for fewer, or ask an admin to raise --max-rows.", at=path)
            return


def _stated(document: Mapping[str, Any]) -> Iterator[tuple[list[str | int], int]]:
    tables = document.get("tables")
    pipeline = isinstance(tables, list)
    for place, table in enumerate(tables if isinstance(tables, list) else [document]):
        if not isinstance(table, Mapping):
            continue
        try:
            count = parse_count(table.get("rowCount", _DEFAULT_ROWS))
        except ValueError:
            continue
        yield ["tables", place, "rowCount"] if pipeline else ["rowCount"], count


def connections_of(document: Mapping[str, Any]) -> set[str]:
    """Names of connections whose keys a policy refers to."""
    found: set[str] = set()
    pending: list[Any] = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            references = node.get("references")
            for one in references if isinstance(references, list) else [references]:
                if isinstance(one, Mapping) and isinstance(one.get("connection"), str):
                    found.add(one["connection"])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return found


def check_plan(plan: Plan, most_rows: int) -> int:
    """The rows of all tables.

    Raises:
        ServiceError: they are more than a service makes at once.
    """
    total = sum(table.row_count for table in plan.tables.values())
    if total > most_rows:
        message = f"{total:,} rows are more than the {most_rows:,} that this service makes at once"
        raise ServiceError("too-many-rows", message, "Ask for fewer, or ask an admin to raise --max-rows.")
    return total
