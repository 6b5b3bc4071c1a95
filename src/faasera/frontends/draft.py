"""``faasera draft``: a policy from a description."""

import json
from pathlib import Path
from typing import Annotated

import typer

from faasera.core.errors import refuse
from faasera.frontends.arguments import AsJson, BaseUrl, ModelName
from faasera.frontends.command import FAILED, reported, write_text


@reported
def draft(
    request: Annotated[
        str, typer.Argument(metavar="TEXT", help='What is wanted: "a clinic with patients and visits, German".')
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The policy's file (default: standard output).")
    ] = None,
    change: Annotated[
        Path | None, typer.Option("--change", metavar="POLICY", help="Change this policy instead of writing a new one.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file that is there.")] = False,
    base_url: BaseUrl = None,
    model: ModelName = None,
    as_json: AsJson = False,
) -> None:
    """Let a model write a policy, and judge it: problems go back to it, three rounds at most; a sample is checked.

    The model is the one of FAASERA_AI_BASE_URL, FAASERA_AI_MODEL and FAASERA_AI_API_KEY. It gets your description, and
    with --change the policy: never a row of data.
    """
    from faasera.frontends.show import show_check, show_problems, show_rows
    from faasera.frontends.terminal import err
    from faasera.hinting.providers import ChatModel, configured_model
    from faasera.plan.evaluate import batch_of
    from faasera.run.drafting import draft as drafted
    from faasera.run.planning import read_as_written

    settings = configured_model(base_url=base_url, model=model)
    if settings is None:
        remedy = (
            "Set FAASERA_AI_BASE_URL (http://localhost:11434/v1) and FAASERA_AI_MODEL; or start with: faasera init DIR"
        )
        refuse("ai-settings", "no model is configured that could write a policy", remedy)
    if out is not None and out.exists() and not overwrite:
        refuse("output-exists", f"{out} exists already", "Add --overwrite, or another -o.")
    current, directory, _ = read_as_written(change) if change is not None else (None, None, "")
    with err.status("asking the model …") as status:
        made = drafted(
            request, ChatModel(settings), current, lambda what: status.update(f"{what} …"), directory=directory
        )
    text = json.dumps(made.policy, indent=2, ensure_ascii=False) + "\n"
    if as_json:
        typer.echo(json.dumps(made.as_dict(), indent=2, ensure_ascii=False))
    elif not made.ok:
        show_problems(made.problems)
        typer.echo(f"After {made.rounds} rounds the model's policy still has problems; nothing was written.", err=True)
    elif out is None:
        typer.echo(text, nl=False)
    if made.ok and out is not None:
        write_text(out, text)
        if not as_json and made.plan is not None and made.check is not None:
            for table in made.plan.tables.values():
                show_rows(table, batch_of(made.plan, table, 0, min(3, table.row_count)), 0)
            show_check(made.check)
            tables = ", ".join(f"{table.name} ({table.row_count:,})" for table in made.plan.tables.values())
            typer.echo(f"wrote {out}: {tables}; {made.rounds} round{'s' * (made.rounds > 1)}, {made.tokens:,} tokens")
    if not made.ok:
        raise typer.Exit(FAILED)
