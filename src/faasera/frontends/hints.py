"""``faasera hints``: suggested values, asked for once, looked at, and frozen."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from faasera.core.errors import refuse
from faasera.frontends.arguments import AsJson, BaseUrl, ModelName, Policy
from faasera.frontends.command import FAILED, reported, with_default

if TYPE_CHECKING:
    from faasera.hinting.frozen import Hint

hints = typer.Typer(
    cls=with_default("propose"),
    help="Suggest values for columns with [bold]useAIHinting[/bold], and freeze them beside the policy: "
    "[bold]faasera hints POLICY[/bold]. A model is asked where FAASERA_AI_BASE_URL and FAASERA_AI_MODEL name one; "
    "else semantic types are matched offline.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_SHOWN = 8


@hints.command("propose")
@reported
def propose(
    policy: Policy,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print exactly what a model would be sent, as JSON, and send nothing.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Match by the built-in matcher, whatever is set.")] = False,
    everything: Annotated[
        bool, typer.Option("--again", help="Ask again for columns that have suggestions; a review is then due again.")
    ] = False,
    base_url: BaseUrl = None,
    model: ModelName = None,
) -> None:
    """Ask for values of the columns that wait for them, and write <policy>.hints.json; the default command."""
    from faasera.frontends.terminal import err
    from faasera.hinting.providers import configured_model
    from faasera.run.suggesting import requests_of, suggest, suggestions_for

    found = suggestions_for(policy)
    if offline and (base_url or model):
        message = "--offline asks no model: --base-url and --model have no effect"
        refuse("no-effect", message, "Remove them, or --offline.")
    settings = None if offline else configured_model(base_url=base_url, model=model)
    if dry_run:
        typer.echo(json.dumps(requests_of(found.waiting, settings), indent=2, ensure_ascii=False))
        return
    waiting = found.waiting if everything else found.missing()
    if not waiting:
        typer.echo(f"{found.path} has suggestions for all columns; --again asks for them anew.")
        return
    with err.status("asking …") as status:
        outcome = suggest(
            found, settings, everything=everything, told=lambda place: status.update(f"asking for {place} …")
        )
    cost = f", {outcome.tokens:,} tokens" if outcome.tokens else ""
    cost += f", cost {outcome.cost:.4f}" if outcome.cost else ""
    typer.echo(f"{len(outcome.hints)} of {len(waiting)} columns, by {outcome.source}{cost}")
    for one in outcome.hints:
        _show(one)
    for place, reason in outcome.failed.items():
        typer.echo(f"✗ {place}: {reason}", err=True)
    if outcome.failed:
        remedy = "Describe them, give them a semanticType, or set FAASERA_AI_BASE_URL and FAASERA_AI_MODEL."
        typer.echo(f"→ {remedy}", err=True)
    if outcome.hints:
        typer.echo(f"\nwrote {found.path}; look at it: faasera hints review {policy}")
    if outcome.failed:
        raise typer.Exit(FAILED)


@hints.command("review")
@reported
def review(
    policy: Policy,
    accept: Annotated[
        bool, typer.Option("--accept", help="Mark all as reviewed, but for those that are removed.")
    ] = False,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TABLE.COLUMN", help="Drop a column's; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is frozen: values or types, who proposed them, what was refused; accept or remove."""
    from faasera.run.suggesting import accept as accepted
    from faasera.run.suggesting import suggestions_for

    found = suggestions_for(policy)
    kept = found.hints
    if accept or remove:
        kept = accepted(found, set(remove or ()))
    if as_json:
        listed = kept.model_dump(by_alias=True, mode="json")["hints"] if kept is not None else []
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for one in kept.hints if kept is not None else ():
        _show(one, full=True)
    missing = {f"{one.table}.{one.column}" for one in found.waiting}
    missing -= {f"{one.table}.{one.column}" for one in (kept.hints if kept is not None else ())}
    for place in sorted(missing):
        typer.echo(f"– {place}: no suggestions; run: faasera hints {policy}")


def _show(one: "Hint", *, full: bool = False) -> None:
    """A column's suggestions: on a line, or in full."""
    sure = f", confidence {one.confidence:.2f}" if one.confidence is not None else ""
    mark = "✓" if one.reviewed else "?"
    if one.values is None:
        typer.echo(f"{mark} {one.table}.{one.column}: semantic type {one.semantic_type}{sure}")
    else:
        shown = one.values if full else one.values[:_SHOWN]
        more = f", … ({len(one.values)} in all)" if len(shown) < len(one.values) else ""
        typer.echo(f"{mark} {one.table}.{one.column}: {', '.join(shown)}{more}")
    if full:
        typer.echo(f"    by {one.model}, {one.date}; {'reviewed' if one.reviewed else 'not reviewed'}")
    if one.refused:
        typer.echo(f"    refused: {', '.join(f'{count} × {reason}' for reason, count in one.refused.items())}")
