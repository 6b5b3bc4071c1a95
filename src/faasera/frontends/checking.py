"""The check that several commands make."""

from typing import TYPE_CHECKING

from faasera.frontends.command import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from faasera.run.check.report import CheckReport
    from faasera.run.planning import RowOverride


def write_junit(report: "CheckReport", path: "Path") -> None:
    """Write what a check found as JUnit XML.

    Raises:
        PolicyError: the file cannot be written.
    """
    from faasera.run.check.junit import junit

    write_text(path, junit(report))


def checked(
    target: str, policy: str | None, seed_directory: "Path | None", *, rows: "RowOverride | None" = None, quiet: bool
) -> "CheckReport":
    """What the check of files or of a database finds, with a bar that tells how far it is."""
    from faasera.databases.connections import find_connection, is_database
    from faasera.frontends.show import check_progress
    from faasera.run.check.check import check as prove

    if is_database(target):
        from faasera.databases.base import require_db

        find_connection(target, open_to_all=True)
        require_db()
    with check_progress(quiet=quiet) as progress:
        return prove(target, policy, rows=rows, progress=progress, seed_directory=seed_directory)
