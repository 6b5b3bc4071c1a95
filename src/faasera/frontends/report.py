"""``faasera report``: what a run made, to be read by people and by pipelines."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from faasera.core.errors import did_you_mean, refuse
from faasera.frontends.command import reported, write_text

FORMS = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}


@reported
def report(
    place: Annotated[str, typer.Argument(metavar="DIR | URL", help="What 'faasera generate --out' wrote.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file: .html, .md or .json (default: Markdown on standard output)."),
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", "-p", help="The policy's file; it makes its seed files known, too.")
    ] = None,
    privacy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What 'faasera privacy --json' found, to be shown with the rest."),
    ] = None,
    sample_rows: Annotated[
        int, typer.Option(help="Of a table that has more rows, about so many are described.", min=1000)
    ] = 5_000_000,
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Look at all rows, however many.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Report on an output: tables, columns, distributions, samples, promises, lineage; as one file to hand around."""
    from faasera.frontends.show import check_progress
    from faasera.run.report.markdown import markdown
    from faasera.run.report.page import page
    from faasera.run.report.report import make_report

    form = FORMS.get(out.suffix.lower()) if out is not None else "json" if as_json else "markdown"
    if form is None:
        remedy = did_you_mean(str(out and out.suffix), FORMS)
        refuse("bad-option", f"--out {out}: the ending says no form", remedy)
    if as_json and out is not None and form != "json":
        refuse("no-effect", f"--json has no effect beside {out}", "Remove one of them.")
    compared = _privacy(privacy) if privacy is not None else None
    with check_progress(quiet=as_json) as progress:
        try:
            made = make_report(
                place, policy, most_rows=None if all_rows else sample_rows, privacy=compared, progress=progress
            ).as_dict()
        except KeyError as error:
            message = f"{place} has a manifest without {error}: it is damaged, or an older version's"
            refuse("no-manifest", message, "Generate the output again.")
    text = {"html": page, "markdown": markdown, "json": _json}[form](made)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_text(out, text)
    check = made["check"]
    typer.echo(f"wrote {out}: {len(made['tables'])} tables, {check['passed']} promises kept, {check['failed']} broken")


def _json(report: dict[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _privacy(path: Path) -> dict[str, Any]:
    """What a comparison with real data found."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        _ = [found[name] for name in ("ok", "passed", "failed", "skipped", "source", "findings")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} is nothing that 'faasera privacy --json' wrote: {type(error).__name__}"
        refuse("file-unreadable", message, "Write it again, and name it here.")
    return dict(found)
