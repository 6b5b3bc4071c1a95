"""Read by every Python that has this folder on its path: a job's process stops at the moment that a test names.

It then says so with a file, and sleeps until it is killed.
"""

import os
import sys
import time
from pathlib import Path

MOMENT, SIGN = os.environ.get("FAASERA_TEST_MOMENT"), os.environ.get("FAASERA_TEST_SIGN", "")


def halt() -> None:
    Path(SIGN).touch()
    while True:
        time.sleep(60)


def at_planning() -> None:
    from faasera.plan import resolve

    resolve.resolve = lambda *_, **__: halt()


def after_a_piece(table: str, rows: int) -> None:
    from faasera.run import journal

    appended = journal.Journal.appended
    journal._SECONDS = 0.0

    def halting(self, run, part) -> None:
        appended(self, run, part)
        if run.table.name == table and part.done >= rows:
            halt()

    journal.Journal.appended = halting


def at_renaming(name: str, *, before: bool = False) -> None:
    replace = Path.replace

    def halting(self, target):
        here = Path(target).match(name)
        if here and before:
            halt()
        renamed = replace(self, target)
        if here:
            halt()
        return renamed

    Path.replace = halting


def at_the_end() -> None:
    write = os.write

    def halting(file, data):
        if file == 1 and data.startswith(b'{"result"'):
            halt()
        return write(file, data)

    os.write = halting


MOMENTS = {
    "planning": at_planning,
    "first piece": lambda: after_a_piece("first", 1),
    "mid-file": lambda: after_a_piece("first", 100_000),
    "between files": lambda: after_a_piece("first", 200_000),
    "publishing": lambda: at_renaming("output/first.*"),
    "checking": lambda: at_renaming("profile.json"),
    "committing": lambda: at_renaming("about.json"),
    "committed": lambda: at_renaming("manifest.json", before=True),
    "done": at_the_end,
}
if MOMENT and "faasera.service.task" in sys.orig_argv:
    MOMENTS[MOMENT]()
