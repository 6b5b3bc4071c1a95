"""``faasera cloud``: plan a run in shards, run them anywhere, and commit."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from faasera.core.errors import refuse
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
)
from faasera.frontends.command import reported

cloud = typer.Typer(
    help="A run in shards, for functions and other workers: plan, run anywhere, commit.\n\n"
    "[bold]faasera cloud plan shop.json --out s3://bucket/shop > events.jsonl[/bold], then give each line to a "
    "function, or to [bold]faasera cloud run[/bold]; then [bold]faasera cloud commit events.jsonl[/bold].",
    no_args_is_help=True,
)

Events = Annotated[
    str, typer.Argument(metavar="EVENTS", help="Events of a plan, one a line; - reads from standard input.")
]


@cloud.command("plan")
@reported
def plan_(
    policy: Policy,
    out: Annotated[str, typer.Option("--out", "-o", metavar="URL", help="The folder for the files: s3://bucket/shop.")],
    shard_rows: Annotated[str, typer.Option(metavar="COUNT", help="Rows of a shard.")] = "5m",
    format: Annotated[
        str, typer.Option("--format", "-f", help="parquet, csv, jsonl, arrow, or one of a plug-in.")
    ] = "parquet",
    compression: Annotated[str | None, typer.Option(help="Of the format: zstd, gzip, none, ….")] = None,
    option: FormatOptions = None,
    tables: Annotated[str | None, typer.Option(help="Only these tables, separated by commas.")] = None,
    rows: RowsOption = None,
    seed: Seed = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier run left there.")] = False,
) -> None:
    """Print the events of all shards, one a line; any order, any machine, more than once: all are fine."""
    from faasera.frontends.cloud.events import read_event
    from faasera.frontends.cloud.handler import shard_events, sharded_run
    from faasera.frontends.terminal import err

    given: dict[str, Any] = {"action": "plan", "policy": _policy(source_of(policy)), "output": out, "format": format}
    given |= {"shardRows": shard_rows, "options": format_options(option, {"compression": compression})}
    optional = {"tables": listed(tables), "rowCounts": row_counts(rows), "seed": seed, "overwrite": overwrite or None}
    event = read_event(given | {name: value for name, value in optional.items() if value is not None})
    run = sharded_run(event)
    count = 0
    for one in shard_events(event, run):
        typer.echo(json.dumps(one, ensure_ascii=False))
        count += 1
    err.print(f"run {run.run}: {count:,} shards; when all have run: faasera cloud commit EVENTS", highlight=False)


@cloud.command("run")
@reported
def run_(events: Events, as_json: AsJson = False) -> None:
    """Run the shards of events here, as a function would; what is written already is not written again."""
    from faasera.frontends.cloud.handler import handle

    for event in _events(events):
        found = handle(event)
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False))
        elif "table" in found:
            start, stop = found["rows"]
            what = "was there" if found["repeated"] else f"{found['path']}, {found['seconds']:.1f} s"
            typer.echo(f"{found['table']} {start:,} to {stop:,}: {what}")
        else:
            typer.echo(f"run {found['run']}: {found['manifest']}")


@cloud.command("commit")
@reported
def commit_(events: Events, as_json: AsJson = False) -> None:
    """See that all shards are there, and write the manifest; nothing counts before."""
    from faasera.frontends.cloud.handler import handle

    first = next(_events(events), None)
    if first is None:
        refuse("event", "there are no events", "Name the file that 'faasera cloud plan' made.")
    found = handle(
        {name: value for name, value in first.items() if name not in ("table", "rows", "part", "of")}
        | {"action": "commit"}
    )
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, digest in found["tables"].items():
        typer.echo(f"{name} {digest}")
    typer.echo(f"{found['rows']:,} rows; see {found['manifest']}")


def _policy(source: str) -> Any:
    """A policy on standard input as the document itself."""
    return json.loads(source) if source.lstrip().startswith("{") else source


def _events(place: str) -> Iterator[Any]:
    from faasera.frontends.cloud.web import parsed

    try:
        lines = sys.stdin.read().splitlines() if place == "-" else Path(place).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{place}: {getattr(error, 'strerror', None) or error}"
        remedy = "Name the file that 'faasera cloud plan' made, or - for standard input."
        refuse("event", message, remedy)
    for line in lines:
        if line.strip():
            yield parsed(line)
