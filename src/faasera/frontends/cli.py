"""The command line. Only what a command needs is imported, when it runs."""

import contextlib
import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from faasera.core.errors import PolicyError, refuse
from faasera.core.logs import configure
from faasera.core.version import __version__
from faasera.frontends.arguments import AsJson, Policy, RowsOption, Seed, listed, row_counts, source_of
from faasera.frontends.checking import checked, write_junit
from faasera.frontends.cloud.command import cloud
from faasera.frontends.command import WRONG_CALL, WRONG_DATA, reported
from faasera.frontends.draft import draft
from faasera.frontends.generate import generate
from faasera.frontends.hints import hints
from faasera.frontends.manifest import manifest
from faasera.frontends.mcp import mcp
from faasera.frontends.privacy import privacy
from faasera.frontends.report import report
from faasera.frontends.seeds import seeds
from faasera.frontends.serve import serve

app = typer.Typer(
    name="faasera",
    help="Synthetic data from a policy: realistic, related, and nobody's.\n\n"
    "Start with: [bold]faasera init shop[/bold], then [bold]faasera generate shop/policy.yaml --out data[/bold].\n\n"
    "From a database: [bold]faasera import URL -o policy.json[/bold], then "
    "[bold]faasera generate policy.json --to URL[/bold].",
    epilog="Exit codes: 0 done, 1 a run failed, 2 the policy or the call is wrong, 3 a check found wrong data.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"faasera {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    log: Annotated[
        str | None,
        typer.Option(
            metavar="text | json", envvar="FAASERA_LOG", help="Tell on standard error what happens, a line each."
        ),
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(metavar="LEVEL", envvar="FAASERA_LOG_LEVEL", help="debug, info, warning or error.")
    ] = None,
) -> None:
    """Options of all commands."""
    try:
        configure(log, log_level)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


app.command()(generate)


@app.command()
@reported
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="DIR | URL | NAME",
            help="What 'faasera generate' wrote: the folder or URL of --out, or the database of --to.",
        ),
    ],
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy", "-p", help="The policy's file; it makes its seed files known, too. A database needs it."
        ),
    ] = None,
    rows: RowsOption = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML, too: a suite a table, a case a promise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove by SQL that files, or a database in place, hold what their policy promises: keys, ranges, distributions."""
    from faasera.frontends.show import show_check

    found = checked(target, policy, None, rows=row_counts(rows), quiet=as_json)
    if junit is not None:
        write_junit(found, junit)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        show_check(found)
    if not found.ok:
        raise typer.Exit(WRONG_DATA)


@app.command()
@reported
def preview(
    policy: Policy,
    table: Annotated[str | None, typer.Option("--table", "-t", help="Which table (default: all of them).")] = None,
    rows: Annotated[int, typer.Option("--rows", "-n", help="How many rows.", min=0, max=10_000)] = 10,
    offset: Annotated[
        int, typer.Option(help="The first row, from 0; any row of any table is as near as the first.", min=0)
    ] = 0,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Show some rows of a table at once, without making the others."""
    from faasera.core.errors import did_you_mean
    from faasera.frontends.show import plain_rows, show_rows
    from faasera.plan.evaluate import batch_of
    from faasera.run.planning import load_plan

    plan = load_plan(source_of(policy), seed=seed)
    if table is not None and table not in plan.tables:
        refuse("unknown-table", f"there is no table '{table}'", did_you_mean(table, plan.tables))
    chosen = [plan.tables[table]] if table is not None else list(plan.tables.values())
    if table is not None or len(chosen) == 1:
        count = chosen[0].row_count
        if offset and offset >= count:
            message = f"'{chosen[0].name}' has {count:,} rows: no row {offset:,}"
            refuse("offset", message, f"Use an --offset below {count:,}.")
    found: dict[str, Any] = {}
    for entry in chosen:
        start = min(offset, entry.row_count)
        batch = batch_of(plan, entry, start, min(start + rows, entry.row_count))
        if as_json:
            found[entry.name] = plain_rows(batch)
        else:
            show_rows(entry, batch, start)
    if as_json:
        result = found[table] if table is not None else (found if len(found) > 1 else next(iter(found.values())))
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))


@app.command()
@reported
def plan(policy: Policy, rows: RowsOption = None, seed: Seed = None, as_json: AsJson = False) -> None:
    """Show what a policy comes to: order of tables, each column's generator, keys and their room."""
    from faasera.frontends.show import show_plan
    from faasera.run.planning import load_plan

    made = load_plan(source_of(policy), seed=seed, rows=row_counts(rows))
    if as_json:
        typer.echo(json.dumps(made.as_dict(), indent=2, ensure_ascii=False))
    else:
        show_plan(made)


@app.command()
@reported
def validate(policy: Policy, as_json: AsJson = False) -> None:
    """Check a policy, and report all of its problems at once."""
    from faasera.frontends.show import show_valid
    from faasera.run.planning import load_plan

    try:
        made = load_plan(source_of(policy))
    except PolicyError as error:
        if not as_json:
            raise
        report = {"valid": False, "problems": [problem.as_dict() for problem in error.problems]}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
        raise typer.Exit(WRONG_CALL) from None
    if as_json:
        typer.echo(
            json.dumps({"valid": True, "problems": [], "warnings": list(made.warnings)}, indent=2, ensure_ascii=False)
        )
    else:
        show_valid(made)


@app.command()
@reported
def catalog(
    name: Annotated[str | None, typer.Argument(help="One entry, such as SEED, NORMAL, city or parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what a policy can ask for: generation types, lists, distributions, functions, formats."""
    from faasera.core.errors import did_you_mean
    from faasera.frontends.catalog import catalog as entries
    from faasera.frontends.show import show_catalog, show_entry

    everything = entries()
    if name is None:
        if as_json:
            typer.echo(json.dumps(everything, indent=2, ensure_ascii=False))
        else:
            show_catalog(everything)
        return
    matches = [entry for group in everything.values() for entry in group if entry["name"].casefold() == name.casefold()]
    if not matches:
        known = [entry["name"] for group in everything.values() for entry in group]
        refuse("unknown-entry", f"the catalog has no '{name}'", did_you_mean(name, known))
    if as_json:
        typer.echo(json.dumps(matches[0], indent=2, ensure_ascii=False))
    else:
        show_entry(matches[0])


@app.command()
@reported
def init(directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make the policy in.")]) -> None:
    """Write a commented starter policy with its seed files."""
    from faasera.frontends.starter import write_starter

    written = write_starter(directory)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"\nNext: faasera preview {written[0]}\n      faasera generate {written[0]} --out {directory / 'data'}")


@app.command("import")
@reported
def import_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A database's URL or the name of a connection; a file: .sql, .parquet, .arrow, .csv, .json, .yaml, "
            ".avsc, .py, .db, .duckdb; a folder of data files, or of migrations; "
            "a Python module; - reads DDL from standard input.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The policy's file, JSON or YAML (default: standard output).")
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Row counts: the source's statistics times this, such as 0.01.", min=0.0)
    ] = None,
    tables: Annotated[str | None, typer.Option(help="Only these tables, separated by commas.")] = None,
    locale: Annotated[str | None, typer.Option(help="Of names and forms, such as de_DE.")] = None,
    dialect: Annotated[
        str | None,
        typer.Option(help="Of DDL: postgres, mysql, sqlite, duckdb, tsql, oracle, ansi (default: by its looks)."),
    ] = None,
    via: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Run the DDL in a database that is made for it on this server and thrown away, and read from there; "
            "sqlite and duckdb need no server.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Begin anew, instead of keeping the edits of the file that is there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a policy of an existing schema; again after a change, print what drifted and keep the edits."""
    from faasera.databases.base import require_db
    from faasera.frontends.show import import_progress, show_import

    require_db()
    from faasera.run.importing import import_schema

    text = sys.stdin.read() if source == "-" else None
    with import_progress(quiet=as_json):
        imported = import_schema(
            source,
            out,
            scale=scale,
            tables=listed(tables),
            locale=locale,
            dialect=dialect,
            fresh=overwrite,
            text=text,
            via=via,
        )
    if as_json:
        typer.echo(json.dumps(imported.as_dict(), indent=2, ensure_ascii=False))
    elif out is None:
        typer.echo(imported.text, nl=False)
        show_import(imported, None, details=False)
    else:
        show_import(imported, out)
    if imported.problems:
        raise typer.Exit(WRONG_CALL)


app.add_typer(seeds, name="seeds")
app.add_typer(cloud, name="cloud")
app.add_typer(manifest, name="manifest")
app.add_typer(hints, name="hints")
app.command("draft")(draft)
app.command("mcp")(mcp)
app.command("report")(report)
app.command("privacy")(privacy)
app.command("serve")(serve)


@app.command("json-schema")
@reported
def json_schema() -> None:
    """Print the policy's JSON Schema, for editors to complete and explain every key."""
    from faasera.frontends.catalog import schema

    typer.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


def main() -> NoReturn:
    """The entry point of the ``faasera`` command."""
    # Starting up makes a hundred thousand objects that all stay: looking for garbage among them costs 30 ms.
    gc.disable()
    code: int | str | None = 0
    try:
        app()
    except SystemExit as leaving:
        code = leaving.code
    except BrokenPipeError:
        pass  # The reader of our output has left, as head does: that is no failure of ours.
    if "faasera.run.fetching" in sys.modules:
        sys.modules["faasera.run.fetching"].forget()
    if "faasera.core.tracing" in sys.modules:
        sys.modules["faasera.core.tracing"].flush()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is written; taking the engine apart object by object would cost another 80 ms.
    os._exit(code if isinstance(code, int) else 0)
