"""``faasera privacy``: generated data beside real data that a person has."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from faasera.frontends.arguments import AsJson, listed
from faasera.frontends.command import WRONG_DATA, reported

if TYPE_CHECKING:
    from faasera.run.privacy.report import PrivacyReport


@reported
def privacy(
    place: Annotated[str, typer.Argument(metavar="DIR | URL", help="What 'faasera generate --out' wrote.")],
    against: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help="The real data: a file or a folder of files (csv, tsv, parquet, json, jsonl), a database's URL, or "
            "the name of a connection. It is read, and nothing of it is stored or shown.",
        ),
    ],
    holdout: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="Real rows of the same kind that nobody used, for the test of membership."),
    ] = None,
    tables: Annotated[str | None, typer.Option(help="Only these tables, separated by commas.")] = None,
    max_values: Annotated[
        int, typer.Option(help="How many values of a column that tells people apart may occur in the source.", min=0)
    ] = 0,
    max_rows: Annotated[
        float, typer.Option(help="How far the rate of rows of the source may exceed that by nature.", min=0, max=1)
    ] = 0.01,
    max_near_rows: Annotated[
        float, typer.Option(help="The same for rows that differ in one column.", min=0, max=1)
    ] = 0.05,
    max_closeness: Annotated[
        float,
        typer.Option(help="How far the share of rows close to a real one may exceed that by nature.", min=0, max=1),
    ] = 0.05,
    max_advantage: Annotated[
        float, typer.Option(help="How far guessing who was in the source may beat chance.", min=0, max=0.5)
    ] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Prove that nothing of real data is in what was generated: values, rows, distances. Exit code 3: something is."""
    from faasera.frontends.show import check_progress
    from faasera.run.privacy.privacy import compare_with
    from faasera.run.privacy.report import Thresholds

    thresholds = Thresholds(max_values, max_rows, max_near_rows, max_closeness, max_advantage)
    with check_progress(quiet=as_json) as progress:
        report = compare_with(
            place, against, holdout=holdout, thresholds=thresholds, tables=listed(tables), progress=progress
        )
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(WRONG_DATA)


def _show(report: "PrivacyReport") -> None:
    """A line for each finding that says something, and what it comes to."""
    from rich import box
    from rich.table import Table

    from faasera.frontends.terminal import escape, out
    from faasera.run.check.findings import FAILED, PASSED, SKIPPED

    signs = {PASSED: "[green]✓[/green]", FAILED: "[red]✗[/red]", SKIPPED: "[yellow]–[/yellow]"}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "table", "looked at", "found"):
        table.add_column(heading, overflow="fold", style="bold" if heading == "table" else "")
    for finding in report.findings:
        about = f"{finding.kind} {finding.subject}".strip()
        table.add_row(signs[finding.status], escape(finding.table), escape(about), escape(finding.detail or "none"))
    out.print(table)
    for one in report.unmatched:
        out.print(f"[yellow]–[/yellow] not compared: {escape(one)}", soft_wrap=True)
    sign = signs[PASSED if report.ok else FAILED]
    out.print(
        f"{sign} {escape(report.name)} beside {escape(report.source)}: {report.count(PASSED)} tests passed, "
        f"{report.count(FAILED)} failed, {report.count(SKIPPED)} not possible; in {report.seconds:.1f} s",
        soft_wrap=True,
    )
