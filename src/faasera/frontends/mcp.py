"""``faasera mcp``: validate, catalog, preview, import and generate, for assistants.

Source: the Model Context Protocol, https://modelcontextprotocol.io, by its own SDK. It works in one folder,
within the limits of a service.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faasera.core.errors import FaaseraError, did_you_mean, refuse
from faasera.core.extras import require
from faasera.core.version import __version__
from faasera.frontends.command import reported

if TYPE_CHECKING:
    from faasera.plan.model import Plan

MOST_PREVIEWED = 100


@reported
def mcp(
    root: Annotated[
        Path, typer.Option("--root", help="The folder that policies are read from and output is written to.")
    ] = Path(),
    max_rows: Annotated[int, typer.Option(help="Rows of all tables of one run.", min=1)] = 10_000_000,
    max_bytes: Annotated[int, typer.Option(help="Bytes that one run may write.", min=1)] = 10 << 30,
    connections: Annotated[
        str | None, typer.Option(help="Names of connections that may be imported from, separated by commas.")
    ] = None,
) -> None:
    """Serve assistants on standard input and output by the Model Context Protocol, in one folder and within limits."""
    require("mcp", extra="mcp", purpose="the server")
    if not root.is_dir():
        refuse("bad-option", f"--root {root} is no folder", "Create it, or name another.")
    allowed = tuple(name.strip() for name in (connections or "").split(",") if name.strip())
    build(Tools(root.resolve(), max_rows, allowed, max_bytes)).run("stdio")


def build(tools: "Tools") -> Any:
    """The server with its tools."""
    from mcp.server import MCPServer

    server = MCPServer("faasera", version=__version__, instructions=INSTRUCTIONS)
    for tool in (tools.validate, tools.catalog, tools.preview, tools.import_schema, tools.generate):
        server.tool()(tool)
    return server


INSTRUCTIONS = (
    "Synthetic data from a JSON policy. Look things up with 'catalog', check a policy with 'validate' until it has no "
    "problems, look at rows with 'preview', then 'generate'. Problems have a JSON Pointer, a reason and a remedy."
)


class Tools:
    """What an assistant may do; every answer is JSON, problems included.

    Args:
        root: the only folder that is read and written.
        max_rows: of one run.
        connections: that may be imported from.
        max_bytes: of one run.
    """

    def __init__(self, root: Path, max_rows: int, connections: tuple[str, ...] = (), max_bytes: int = 10 << 30) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.max_rows = max_rows
        self.connections = connections

    def validate(self, policy: dict[str, Any]) -> str:
        """Check a policy (a JSON object) and report all of its problems at once, each with a pointer and a remedy."""

        def work() -> Any:
            plan = self._plan(policy)
            rows = {name: table.row_count for name, table in plan.tables.items()}
            return {"valid": True, "rows": rows, "warnings": list(plan.warnings)}

        return _answered(work)

    def catalog(self, name: str | None = None) -> str:
        """List what a policy can ask for (generation types, semantic types, distributions, functions, formats), or
        describe one entry in full with its keys and an example."""
        from faasera.frontends.catalog import catalog as entries

        def work() -> Any:
            everything = entries()
            if name is None:
                return {
                    group: [[one["name"], one["summary"]] for one in listed] for group, listed in everything.items()
                }
            known = [one for listed in everything.values() for one in listed]
            found = [one for one in known if one["name"].casefold() == name.casefold()]
            if not found:
                remedy = did_you_mean(name, [one["name"] for one in known])
                refuse("unknown-entry", f"the catalog has no '{name}'", remedy)
            return found[0]

        return _answered(work)

    def preview(self, policy: dict[str, Any], table: str | None = None, rows: int = 10, offset: int = 0) -> str:
        """Show some rows of a policy's tables without making the others; any offset costs the same."""
        from faasera.frontends.show import plain_rows
        from faasera.plan.evaluate import batch_of

        def work() -> Any:
            plan = self._plan(policy)
            if table is not None and table not in plan.tables:
                remedy = did_you_mean(table, plan.tables)
                refuse("unknown-table", f"there is no table '{table}'", remedy)
            if not 0 <= rows <= MOST_PREVIEWED or offset < 0:
                message = f"{rows} rows from {offset}"
                refuse("row-count", message, f"Ask for 0 to {MOST_PREVIEWED} rows from 0 on.")
            chosen = [plan.tables[table]] if table is not None else list(plan.tables.values())
            made = {}
            for one in chosen:
                start = min(offset, one.row_count)
                made[one.name] = plain_rows(batch_of(plan, one, start, min(start + rows, one.row_count)))
            return made

        return _answered(work)

    def import_schema(self, source: str, scale: float | None = None) -> str:
        """Make a policy of an existing schema: DDL text, a file in the working folder, or the name of a connection that
        this server allows. No row is read."""
        from faasera.databases.base import require_db
        from faasera.run.importing import import_schema

        def work() -> Any:
            require_db()
            if source in self.connections:
                return import_schema(source, scale=scale).as_dict()
            if "\n" in source or source.lstrip()[:6].lower() == "create":
                return import_schema("-", scale=scale, text=source).as_dict()
            if Path(source).suffix.lower() == ".py":
                refuse("not-allowed", "Python is not run for assistants", "Import its DDL.")
            return import_schema(str(self._inside(source)), scale=scale).as_dict()

        return _answered(work)

    def generate(
        self, policy: dict[str, Any], folder: str, format: str = "csv", rows: dict[str, int | str] | None = None
    ) -> str:
        """Write all tables of a policy to files in a new folder of the working folder, and check them by SQL. Formats:
        csv, parquet, json, jsonl, arrow. ``rows`` overrides row counts by table."""
        from faasera.run.carrying_out import carry_out
        from faasera.run.order import Files, Order

        def work() -> Any:
            plan, out = self._plan(policy, rows), self._inside(folder)
            order = Order.of(plan, Files(str(out), format, most_bytes=self.max_bytes), check=True)
            made = carry_out(order, plan=plan)
            manifest, found = made.manifest, made.check
            assert found is not None
            tables = [{"name": one.table.name, "rows": one.table.row_count} for one in manifest.tables]
            files = [file.path for one in manifest.tables for file in one.files]
            broken = [finding.as_dict() for finding in found.failed]
            return {
                "folder": str(out.relative_to(self.root)),
                "tables": tables,
                "files": files,
                "warnings": list(plan.warnings),
                "check": {"ok": found.ok, "passed": len(found.passed), "failed": broken},
            }

        return _answered(work)

    def _plan(self, policy: Mapping[str, Any], rows: Mapping[str, int | str] | None = None) -> "Plan":
        """The plan of a policy that reaches nowhere out of the working folder."""
        from faasera.run.planning import load_plan, overridden
        from faasera.service.guard import check_document, check_plan, connections_of

        value = overridden(dict(policy), seed=None, rows=rows)
        check_document(value, self.max_rows)
        strange = sorted(connections_of(value) - set(self.connections))
        if strange:
            message = f"keys of the connection '{strange[0]}' may not be read here"
            refuse("not-allowed", message, "Start the server with --connections.")
        plan = load_plan(value, directory=self.root)
        check_plan(plan, self.max_rows)
        return plan

    def _inside(self, name: str) -> Path:
        """A path in the working folder.

        Raises:
            PolicyError: it leads out of it.
        """
        path = (self.root / name).resolve()
        if path == self.root or self.root not in path.parents:
            message = f"'{name}' is not inside the working folder"
            refuse("not-allowed", message, "Name a file or folder in it.")
        return path


def _answered(work: Callable[[], Any]) -> str:
    """What came of it, as JSON; problems are an answer, too."""
    try:
        return json.dumps(work(), ensure_ascii=False, default=str)
    except FaaseraError as error:
        return json.dumps({"problems": [problem.as_dict() for problem in error.problems]}, ensure_ascii=False)
