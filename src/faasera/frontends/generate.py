"""``faasera generate``: to files, into a database, on this machine or on a cluster."""

import gc
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from faasera.core.errors import did_you_mean, refuse
from faasera.frontends.arguments import (
    AsJson,
    FormatOptions,
    Policy,
    Rows,
    Seed,
    format_options,
    listed,
    row_counts,
    source_of,
    whole_count,
)
from faasera.frontends.checking import checked
from faasera.frontends.command import FAILED, WRONG_DATA, reported


@reported
def generate(
    policy: Policy,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR | URL",
            help="The folder for the files, made if it is missing; or s3://bucket/folder, gs://…, abfs://….",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL | NAME", help="A database instead: postgresql://user@host/shop, sqlite:///shop.db."),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(help="--to: what to do with rows that are there: fail (default), append, truncate, replace."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="csv (default), parquet, json, jsonl, arrow, or one of a plug-in."),
    ] = None,
    rows: Rows = None,
    seed: Seed = None,
    tables: Annotated[str | None, typer.Option(help="Only these tables, separated by commas.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads (default: one a core). The data do not depend on them.")
    ] = None,
    parts: Annotated[
        int | None, typer.Option(help="Files a table; more than one makes a folder for each table.")
    ] = None,
    compression: Annotated[
        str | None, typer.Option(help="csv, json: none, gzip, zstd. parquet: also snappy, lz4.")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="csv: what separates values (default: a comma).")] = None,
    escape_formulas: Annotated[
        bool,
        typer.Option("--escape-formulas", help="csv: an apostrophe before what spreadsheets would run as a formula."),
    ] = False,
    row_group_rows: Annotated[int | None, typer.Option(help="parquet: rows in a row group.")] = None,
    option: FormatOptions = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what an earlier run left in the folder.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="local (default), or spark: the executors of a cluster write (extra 'spark').")
    ] = "local",
    master: Annotated[
        str | None,
        typer.Option(metavar="URL", help="spark: local[4], spark://host:7077, yarn (default: Spark's own settings)."),
    ] = None,
    shard_rows: Annotated[
        str | None,
        typer.Option(metavar="COUNT", help="spark: rows in a file (default: as many as keep all cores busy)."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read the files back, and prove by SQL that they keep what the policy says.")
    ] = False,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", help="Sign the manifest, with the hash of every file; see faasera manifest."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write all tables of a policy to files, or into a database."""
    from faasera.core.storage import Location
    from faasera.frontends.show import show_check, show_summary, table_progress
    from faasera.run.into_files import Run
    from faasera.run.planning import load_plan
    from faasera.run.signing import private_key
    from faasera.run.signing import sign as sign_output

    files = {
        "--format": format, "--parts": parts, "--compression": compression, "--delimiter": delimiter,
        "--row-group-rows": row_group_rows, "--overwrite": overwrite or None,
        "--escape-formulas": escape_formulas or None, "--option": option or None, "--sign": sign,
    }  # fmt: skip
    _one_target(out, to, mode, files)
    _one_engine(engine, to, {"--workers": workers, "--parts": parts}, {"--master": master, "--shard-rows": shard_rows})
    if to is not None:
        _load(policy, to, mode or "fail", rows, seed, tables, workers, check=check, as_json=as_json)
        return
    assert out is not None
    spelled = {"compression": compression, "delimiter": delimiter, "row_group_rows": row_group_rows}
    chosen = format_options(option, spelled | {"escape_formulas": escape_formulas or None})
    if check:
        from faasera.run.check.folder import require_duckdb

        require_duckdb()
    signer = private_key(sign) if sign is not None else None
    source, counts, names = source_of(policy), row_counts(rows), listed(tables)
    shard = whole_count(shard_rows, "--shard-rows")
    _interruptible()
    try:
        if engine == "spark":
            from faasera.frontends.spark.command import generate_on_spark, session

            with session(master) as spark:
                manifest = generate_on_spark(
                    spark,
                    source,
                    out,
                    seed=seed,
                    rows=counts,
                    format=format or "csv",
                    options=chosen,
                    tables=names,
                    overwrite=overwrite,
                    shard_rows=shard,
                    quiet=as_json,
                )
        else:
            plan = load_plan(source, seed=seed, rows=counts)
            with table_progress(plan, names, quiet=as_json) as progress:
                run = Run(
                    plan,
                    out,
                    format=format or "csv",
                    options=chosen,
                    tables=names,
                    parts=1 if parts is None else parts,
                    workers=workers,
                    overwrite=overwrite,
                    progress=progress,
                )
                manifest = run.execute()
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: nothing of this run was kept; {out} is as it was before.", err=True)
        raise typer.Exit(FAILED) from None
    signature = sign_output(Location(out), signer) if signer is not None else None
    report = checked(out, None, manifest.plan.directory, quiet=as_json) if check else None
    if as_json:
        found = manifest.as_dict() | ({"check": report.as_dict()} if report else {})
        found |= {"signedBy": signature} if signature is not None else {}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_summary(manifest, out)
        if signature is not None:
            typer.echo(f"signed with the key {signature}")
        if report is not None:
            show_check(report)
    if report is not None and not report.ok:
        raise typer.Exit(WRONG_DATA)


def _interruptible() -> None:
    """Let a run that is told to end clean up, and look after memory as a long one does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.freeze()
    gc.enable()


def _one_target(out: str | None, to: str | None, mode: str | None, files: Mapping[str, object]) -> None:
    """Files or a database, with the options of that one alone."""
    if (out is None) == (to is None):
        message = "rows go to files or into a database" if to else "nothing says where the rows go"
        refuse("target", message, "Give exactly one of --out DIR and --to URL.")
    if out is not None and mode is not None:
        refuse("no-effect", "--mode has no effect on files", "Use --overwrite, or --to.")
    if to is not None and (strange := [name for name, value in files.items() if value is not None]):
        message = f"{strange[0]} has no effect on a database"
        refuse("no-effect", message, "Remove it, or write files with --out.")


def _one_engine(engine: str, to: str | None, local: Mapping[str, object], cluster: Mapping[str, object]) -> None:
    """An engine that there is, with the options of that one alone."""
    if engine not in ("local", "spark"):
        refuse("bad-option", f"--engine {engine}", did_you_mean(engine, ["local", "spark"]))
    if engine == "spark" and to is not None:
        message = "--engine spark writes files"
        remedy = "Load with --to without it; or from Spark: faasera.spark.FaaseraGenerator(…).write(spark, 'jdbc:…')."
        refuse("no-effect", message, remedy)
    strange = [name for name, value in (local if engine == "spark" else cluster).items() if value is not None]
    if strange:
        other = "the engine 'spark'" if engine == "spark" else "the local engine"
        remedy = "Remove it." if engine == "spark" else "Remove it, or add --engine spark."
        refuse("no-effect", f"{strange[0]} has no effect on {other}", remedy)


def _load(
    policy: str,
    to: str,
    mode: str,
    rows: list[str] | None,
    seed: int | None,
    tables: str | None,
    workers: int | None,
    *,
    check: bool,
    as_json: bool,
) -> None:
    """Load a policy's tables into a database."""
    from faasera.databases.base import open_database, require_db
    from faasera.databases.connections import find_connection
    from faasera.frontends.show import show_check, show_load, table_progress
    from faasera.run.planning import load_plan

    require_db()
    from faasera.run.into_database import DatabaseRun

    connection = find_connection(to, open_to_all=True)
    source = source_of(policy)
    plan = load_plan(source, seed=seed, rows=row_counts(rows))
    names = listed(tables)
    _interruptible()
    database = open_database(connection)
    try:
        with table_progress(plan, names, quiet=as_json) as progress:
            run = DatabaseRun(plan, database, mode=mode, tables=names, workers=workers, progress=progress)
            manifest = run.execute()
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: nothing of this run was kept; {connection} is as it was before.", err=True)
        raise typer.Exit(FAILED) from None
    finally:
        database.close()
    report = None
    if check:
        report = checked(to, source, None, rows=row_counts(rows), quiet=as_json)
    if as_json:
        found = manifest.as_dict() | ({"check": report.as_dict()} if report else {})
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_load(manifest, str(connection))
        if report is not None:
            show_check(report)
    if report is not None and not report.ok:
        raise typer.Exit(WRONG_DATA)
