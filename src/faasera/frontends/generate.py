"""``faasera generate``: to files, into a database, on this machine or on a cluster."""

import gc
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faasera.core.errors import did_you_mean, refuse
from faasera.frontends.arguments import (
    AsJson,
    FormatOptions,
    Policy,
    RowsOption,
    Seed,
    format_options,
    listed,
    row_counts,
    source_of,
    whole_count,
)
from faasera.frontends.command import FAILED, WRONG_DATA, reported

if TYPE_CHECKING:
    from faasera.run.carrying_out import Maker, Outcome
    from faasera.run.order import Cluster, Files, IntoDatabase, Order, Target


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
    disable_triggers: Annotated[
        bool, typer.Option("--disable-triggers", help="--to: load without the triggers of the tables, where one may.")
    ] = False,
    overwrite_source: Annotated[
        bool,
        typer.Option("--overwrite-source", help="--to: the rows of the database that was imported may go, too."),
    ] = False,
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="csv (default), parquet, json, jsonl, arrow, or one of a plug-in."),
    ] = None,
    rows: RowsOption = None,
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
    from faasera.run.order import Order

    files = {
        "--format": format, "--parts": parts, "--compression": compression, "--delimiter": delimiter,
        "--row-group-rows": row_group_rows, "--overwrite": overwrite or None,
        "--escape-formulas": escape_formulas or None, "--option": option or None, "--sign": sign,
    }  # fmt: skip
    loading = {
        "--mode": mode,
        "--disable-triggers": disable_triggers or None,
        "--overwrite-source": overwrite_source or None,
    }
    _one_target(out, to, loading, files)
    _one_engine(engine, to, {"--workers": workers, "--parts": parts}, {"--master": master, "--shard-rows": shard_rows})
    spelled = {"compression": compression, "delimiter": delimiter, "row_group_rows": row_group_rows}
    options = format_options(option, spelled | {"escape_formulas": escape_formulas or None})
    target: Target
    if to is not None:
        target = _into_database(to, mode, disable_triggers=disable_triggers, overwrite_source=overwrite_source)
    elif engine == "spark":
        target = _on_cluster(str(out), format, options, overwrite, master, shard_rows)
    else:
        target = _into_files(str(out), format, options, overwrite, parts)
    names = listed(tables)
    order = Order(
        source_of(policy),
        target,
        seed=seed,
        rows=row_counts(rows),
        tables=None if names is None else tuple(names),
        workers=workers,
        check=check,
        sign=str(sign) if sign is not None else None,
    )
    _tell(order, _carried_out(order, quiet=as_json), as_json=as_json)


def _into_files(
    out: str, format: str | None, options: Mapping[str, object], overwrite: bool, parts: int | None
) -> "Files":
    """The target of ``--out``."""
    from faasera.run.order import Files

    return Files(out, format or "csv", options, 1 if parts is None else parts, overwrite=overwrite)


def _into_database(to: str, mode: str | None, *, disable_triggers: bool, overwrite_source: bool) -> "IntoDatabase":
    """The target of ``--to``."""
    from faasera.databases.connections import find_connection
    from faasera.run.order import IntoDatabase

    find_connection(to, open_to_all=True)
    return IntoDatabase(to, mode or "fail", disable_triggers, overwrite_source)


def _on_cluster(
    out: str, format: str | None, options: Mapping[str, object], overwrite: bool, master: str | None, rows: str | None
) -> "Cluster":
    """The target of ``--engine spark``."""
    from faasera.run.order import Cluster

    shard_rows = whole_count(rows, "--shard-rows")
    return Cluster(out, format or "csv", options, overwrite=overwrite, shard_rows=shard_rows, master=master)


def _carried_out(order: "Order", *, quiet: bool) -> "Outcome":
    """What came of an order, with bars that tell how far it is."""
    from faasera.frontends.show import Bars
    from faasera.run.carrying_out import carry_out
    from faasera.run.order import Cluster

    make: Maker | None = None
    if isinstance(order.target, Cluster):
        from faasera.frontends.spark.command import make_on_spark

        make = make_on_spark
    bars = Bars(quiet=quiet)
    _interruptible()
    try:
        return carry_out(order, bars, make=make)
    except KeyboardInterrupt:
        if bars.written:
            raise
        typer.echo(f"Interrupted: nothing of this run was kept; {_shown(order)} is as it was before.", err=True)
        raise typer.Exit(FAILED) from None


def _shown(order: "Order") -> str:
    """Where an order's rows go, without a password."""
    from faasera.databases.connections import find_connection
    from faasera.run.order import IntoDatabase

    target = order.target
    return str(find_connection(target.to)) if isinstance(target, IntoDatabase) else target.out


def _tell(order: "Order", outcome: "Outcome", *, as_json: bool) -> None:
    """Print what came of an order; a broken promise ends with a code of its own."""
    from faasera.frontends.show import show_check, show_load, show_summary
    from faasera.run.order import IntoDatabase

    if as_json:
        typer.echo(json.dumps(outcome.as_dict(), indent=2, ensure_ascii=False))
    else:
        show = show_load if isinstance(order.target, IntoDatabase) else show_summary
        show(outcome.manifest, _shown(order))
        if outcome.signature is not None:
            typer.echo(f"signed with the key {outcome.signature}")
        if outcome.check is not None:
            show_check(outcome.check)
    if outcome.check is not None and not outcome.check.ok:
        raise typer.Exit(WRONG_DATA)


def _interruptible() -> None:
    """Let a run that is told to end clean up, and look after memory as a long one does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.freeze()
    gc.enable()


def _one_target(out: str | None, to: str | None, loading: Mapping[str, object], files: Mapping[str, object]) -> None:
    """Files or a database, with the options of that one alone."""
    if (out is None) == (to is None):
        message = "rows go to files or into a database" if to else "nothing says where the rows go"
        refuse("target", message, "Give exactly one of --out DIR and --to URL.")
    if out is not None and (strange := [name for name, value in loading.items() if value is not None]):
        refuse("no-effect", f"{strange[0]} has no effect on files", "Use --overwrite, or --to.")
    if loading["--overwrite-source"] and loading["--mode"] not in ("truncate", "replace"):
        message = "--overwrite-source has no effect where no row goes"
        refuse("no-effect", message, "Add --mode truncate or replace, or leave it out.")
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
