"""The process of a task: reads what to do from standard input, reports on standard output, and ends with its server."""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faasera.core.errors import FaaseraError, Problem
from faasera.core.logs import configure
from faasera.core.tracing import flush

_REPORT = 0.25
MANIFEST, CHECK, PROFILE, REPORT = "manifest.json", "check.json", "profile.json", "report.json"
"""What a job leaves beside its output."""


def tell(message: dict[str, Any]) -> None:
    """Report to the server."""
    os.write(1, json.dumps(message).encode() + b"\n")


class Progress:
    """Reports rows, not more often than anybody looks."""

    def __init__(self, tables: dict[str, int]) -> None:
        self.tables = {name: {"rows": rows, "done": 0} for name, rows in tables.items()}
        self._last = 0.0

    def rows(self, table: str, done: int, _: int) -> None:
        """A table has come further."""
        self.tables[table]["done"] = done
        self.phase("writing", urgent=False)

    def whole(self) -> None:
        """All tables are written, now or before a crash."""
        for table in self.tables.values():
            table["done"] = table["rows"]
        self.phase("writing")

    def phase(self, name: str, more: dict[str, Any] | None = None, *, urgent: bool = True) -> None:
        """Another phase, or more of one."""
        if urgent or time.monotonic() - self._last >= _REPORT:
            self._last = time.monotonic()
            tell({"phase": name, "tables": self.tables, **(more or {})})


def job(task: dict[str, Any]) -> dict[str, Any]:
    """Make a job's output, check and describe it; what is done already is not done again."""
    from faasera.run.planning import load_plan

    folder = Path(task["folder"])
    plan = load_plan(folder / "seeds" / task["policy"], seed=task["seed"], rows=task["rows"])
    names = task["tables"] if task["tables"] is not None else list(plan.tables)
    progress = Progress({name: plan.tables[name].row_count for name in plan.tables if name in names})
    progress.phase("writing")
    if task["connection"] is not None:
        manifest = _load(task, folder, plan, progress)
    else:
        manifest = _write(task, folder, plan, progress)
    _keep(folder / MANIFEST, manifest)
    progress.whole()
    summary: dict[str, Any] = {}
    if task["check"]:
        progress.phase("checking")
        summary["check"] = _check(task, folder)
    if task["url"] is not None:
        from faasera.service.outputs import deliver

        progress.phase("delivering")
        deliver(
            folder / "output",
            task["url"],
            lambda done, total: progress.phase("delivering", {"bytes": done, "of": total}, urgent=False),
        )
    size = sum(path.stat().st_size for path in (folder / "output").rglob("*") if path.is_file())
    return {"size": size, "summary": summary}


def _write(task: dict[str, Any], folder: Path, plan: Any, progress: Progress) -> dict[str, Any]:
    from faasera.run.into_files import Run
    from faasera.run.manifest import MANIFEST as PUBLISHED

    output = folder / "output"
    if not (output / PUBLISHED).exists():
        run = Run(
            plan,
            output,
            format=task["format"],
            options=task["options"],
            tables=task["tables"],
            workers=task["workers"],
            progress=progress.rows,
            resume=True,
            most_bytes=task["maxBytes"],
            version=task["version"],
            destination=task["url"],
        )
        run.execute()
    found: dict[str, Any] = json.loads((output / PUBLISHED).read_text())
    return found


class _Log:
    """Tells after a crash whether the rows of a load were kept."""

    def __init__(self, folder: Path) -> None:
        self.before, self.about = folder / "before.json", folder / "about.json"

    def begin(self, present: Any) -> None:
        self.about.unlink(missing_ok=True)
        _keep(self.before, dict(present))

    def commit(self, manifest: Any) -> None:
        _keep(self.about, manifest.as_dict())

    def kept(self, database: Any, mode: str) -> dict[str, Any] | None:
        """The manifest of a load that was kept; None if there was none, or it was not."""
        if not (self.before.exists() and self.about.exists()):
            return None
        from faasera.run.target_tables import unfinished
        from faasera.schema.live import read_database

        before, about = json.loads(self.before.read_text()), json.loads(self.about.read_text())
        structure = read_database(database)
        if unfinished(structure) or not all(name in structure.tables for name in before):
            return None
        wanted = {
            table["name"]: table["rows"] + (before[table["name"]] if mode == "append" else 0)
            for table in about["tables"]
        }
        for name, rows in wanted.items():
            if int(database.query(f"SELECT count(*) FROM {database.table(name)}")[0][0]) != rows:
                return None
        found: dict[str, Any] = about
        return found


def _load(task: dict[str, Any], folder: Path, plan: Any, progress: Progress) -> dict[str, Any]:
    from faasera.databases.base import open_database
    from faasera.databases.connections import find_connection
    from faasera.run.into_database import DatabaseRun

    if (folder / MANIFEST).exists():
        done: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        return done
    log = _Log(folder)
    database = open_database(find_connection(task["connection"]))
    try:
        kept = log.kept(database, task["mode"])
        if kept is not None:
            return kept
        run = DatabaseRun(
            plan,
            database,
            mode=task["mode"],
            tables=task["tables"],
            workers=task["workers"],
            progress=progress.rows,
            log=log,
            version=task["version"],
        )
        return run.execute().as_dict()
    finally:
        database.close()


def _check(task: dict[str, Any], folder: Path) -> dict[str, Any] | None:
    """Whether the promises are kept, in short; the whole lies beside the output."""
    from faasera.run.check.check import check
    from faasera.run.report.report import make_report

    if not (folder / CHECK).exists():
        policy = folder / "seeds" / task["policy"]
        if task["connection"] is not None:
            report = check(task["connection"], policy, rows=task["rows"])
        else:
            whole = make_report(folder / "output", seed_directory=policy.parent, most_rows=None)
            report = whole.check
            _keep(folder / PROFILE, {"tables": [table.as_dict() for table in report.profiles]})
            _keep(folder / REPORT, whole.as_dict())
        _keep(folder / CHECK, report.as_dict())
    found = json.loads((folder / CHECK).read_text())
    return {name: found[name] for name in ("ok", "passed", "failed", "skipped")}


def import_(task: dict[str, Any]) -> dict[str, Any]:
    """A policy of an existing schema."""
    from faasera.databases.base import require_db

    require_db()
    from faasera.run.importing import import_schema

    imported = import_schema(
        task["source"],
        scale=task["scale"],
        tables=task["tables"],
        locale=task["locale"],
        dialect=task["dialect"],
        text=task["text"],
    )
    return imported.as_dict()


ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"job": job, "import": import_}


def _keep(path: Path, value: Any) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _end_with_server() -> None:
    """End when the server does, by kill or otherwise: then nobody holds the other end of standard input."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os._exit(1)


def main() -> None:
    """Do one task."""
    line = b""
    while not line.endswith(b"\n"):
        data = os.read(0, 1 << 16)
        if not data:
            os._exit(1)
        line += data
    task = json.loads(line)
    threading.Thread(target=_end_with_server, daemon=True).start()
    os.nice(5)
    configure()
    try:
        tell({"result": ACTIONS[task["action"]](task)})
    except FaaseraError as error:
        tell({"problems": [problem.as_dict() for problem in error.problems]})
    except MemoryError:
        tell({"problems": [Problem("", "memory-limit", "there is not enough memory", "Ask for less.").as_dict()]})
    except BaseException:
        traceback.print_exc()
        remedy = "Tell the operator: the server's log has more."
        tell({"problems": [Problem("", "internal-error", "the task failed for a reason of its own", remedy).as_dict()]})
    flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
