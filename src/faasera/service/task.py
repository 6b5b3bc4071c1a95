"""The process of a task: reads what to do from standard input, reports on standard output, and ends with its server."""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faasera.core.errors import FaaseraError, Problem
from faasera.core.logs import configure
from faasera.core.tracing import flush

if TYPE_CHECKING:
    from faasera.databases.base import Database
    from faasera.plan.model import Plan, TablePlan
    from faasera.run.manifest import Manifest
    from faasera.run.order import IntoDatabase, Order
    from faasera.run.pipeline import RowProgress

_REPORT = 0.25
MANIFEST, CHECK, PROFILE, REPORT = "manifest.json", "check.json", "profile.json", "report.json"
"""What a job leaves beside its output."""


def tell(message: dict[str, Any]) -> None:
    """Report to the server."""
    os.write(1, json.dumps(message).encode() + b"\n")


class Reports:
    """Watches an order, and reports to the server, not more often than anybody looks."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, int]] = {}
        self._last = 0.0

    def planned(self, tables: "Iterable[TablePlan]") -> None:
        """It is known which rows there will be."""
        self.tables = {table.name: {"rows": table.row_count, "done": 0} for table in tables}
        self.phase("writing")

    def writing(self, plan: "Plan", order: "Order") -> "contextlib.AbstractContextManager[RowProgress]":  # noqa: ARG002
        """Rows are made."""
        return contextlib.nullcontext(self._rows)

    def _rows(self, table: str, done: int, _: int) -> None:
        self.tables[table]["done"] = done
        self.phase("writing", urgent=False)

    def whole(self) -> None:
        """All tables are written, now or before a crash."""
        for table in self.tables.values():
            table["done"] = table["rows"]
        self.phase("writing")

    def checking(self) -> contextlib.AbstractContextManager[None]:
        """What was made is checked."""
        return contextlib.nullcontext()

    def phase(self, name: str, more: dict[str, Any] | None = None, *, urgent: bool = True) -> None:
        """Another phase, or more of one."""
        if urgent or time.monotonic() - self._last >= _REPORT:
            self._last = time.monotonic()
            tell({"phase": name, "tables": self.tables, **(more or {})})


def job(task: dict[str, Any]) -> dict[str, Any]:
    """Make a job's output, check and describe it; what is done already is not done again."""
    from faasera.run.carrying_out import planned
    from faasera.run.making import selected
    from faasera.run.order import Files, Order

    folder, order, reports = Path(task["folder"]), Order.from_dict(task["order"]), Reports()
    plan = planned(order)
    reports.planned(selected(plan, order.tables))
    _keep(folder / MANIFEST, _made(folder, order, plan, reports))
    reports.whole()
    summary: dict[str, Any] = {}
    if order.check:
        reports.phase("checking")
        summary["check"] = _checked(folder, order, plan, reports)
    if isinstance(order.target, Files) and order.target.destination is not None:
        from faasera.service.outputs import deliver

        reports.phase("delivering")
        deliver(
            Path(order.target.out),
            order.target.destination,
            lambda done, total: reports.phase("delivering", {"bytes": done, "of": total}, urgent=False),
        )
    size = sum(path.stat().st_size for path in (folder / "output").rglob("*") if path.is_file())
    return {"size": size, "summary": summary}


def _made(folder: Path, order: "Order", plan: "Plan", reports: Reports) -> dict[str, Any]:
    """The manifest of what the order makes, or of what it has made before a crash."""
    from faasera.run.carrying_out import make_rows
    from faasera.run.manifest import MANIFEST as PUBLISHED
    from faasera.run.order import Files, IntoDatabase

    target = order.target
    there = Path(target.out) / PUBLISHED if isinstance(target, Files) else folder / MANIFEST
    if there.exists():
        found: dict[str, Any] = json.loads(there.read_text())
        return found
    log = _Log(folder)
    kept = log.kept(target) if isinstance(target, IntoDatabase) else None
    return kept if kept is not None else make_rows(order, reports, plan=plan, log=log).as_dict()


class _Log:
    """Tells after a crash whether the rows of a load were kept."""

    def __init__(self, folder: Path) -> None:
        self.before, self.about = folder / "before.json", folder / "about.json"

    def begin(self, present: Mapping[str, int]) -> None:
        self.about.unlink(missing_ok=True)
        _keep(self.before, dict(present))

    def commit(self, manifest: "Manifest") -> None:
        _keep(self.about, manifest.as_dict())

    def kept(self, target: "IntoDatabase") -> dict[str, Any] | None:
        """The manifest of a load that was kept; None if there was none, or it was not."""
        from faasera.databases.base import open_database
        from faasera.databases.connections import find_connection

        if not (self.before.exists() and self.about.exists()):
            return None
        before, about = json.loads(self.before.read_text()), json.loads(self.about.read_text())
        appended = before if target.mode == "append" else {}
        wanted = {table["name"]: table["rows"] + appended.get(table["name"], 0) for table in about["tables"]}
        with contextlib.closing(open_database(find_connection(target.to))) as database:
            found: dict[str, Any] | None = about if _are_there(database, before, wanted) else None
        return found


def _are_there(database: "Database", before: Iterable[str], wanted: Mapping[str, int]) -> bool:
    """Whether tables have as many rows as a load would have left, and none of them is half made."""
    from faasera.run.target_tables import unfinished
    from faasera.schema.live import read_database

    structure = read_database(database)
    if unfinished(structure) or not all(name in structure.tables for name in before):
        return False
    tables = structure.tables
    return all(name in tables and database.count(tables[name]) == rows for name, rows in wanted.items())


def _checked(folder: Path, order: "Order", plan: "Plan", reports: Reports) -> dict[str, Any]:
    """Whether the promises are kept, in short; the whole lies beside the output."""
    from faasera.run.carrying_out import prove
    from faasera.run.order import IntoDatabase
    from faasera.run.report.report import make_report

    if not (folder / CHECK).exists():
        if isinstance(order.target, IntoDatabase):
            report = prove(order, plan, reports)
        else:
            whole = make_report(folder / "output", seed_directory=plan.directory, most_rows=None)
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
