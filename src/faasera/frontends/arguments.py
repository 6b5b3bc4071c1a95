"""Arguments that several commands take, and how they are read."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from faasera.core.errors import refuse

if TYPE_CHECKING:
    from faasera.run.planning import RowOverride

Policy = Annotated[
    str,
    typer.Argument(metavar="POLICY", help="A policy file, JSON or YAML, or its URL; - reads JSON from standard input."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="The endpoint of the model (default: FAASERA_AI_BASE_URL)."),
]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="The model's name there (default: FAASERA_AI_MODEL).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Seed = Annotated[int | None, typer.Option(help="Instead of the policy's seed.", min=0, max=(1 << 64) - 1)]
RowsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rows", metavar="COUNT | TABLE=COUNT", help="Row counts instead of the policy's: 10k, customers=1m."
    ),
]
FormatOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="NAME=VALUE",
        help="Any option of the format, or of a plug-in's: 'faasera catalog parquet' lists them. Once for each.",
    ),
]


def source_of(policy: str) -> str:
    """The policy's path, or its text from standard input."""
    if policy != "-":
        return policy
    text = sys.stdin.read()
    if not text.lstrip().startswith("{"):
        refuse("policy-syntax", "standard input holds no JSON object", "Pipe a JSON policy into it.")
    return text


def row_counts(given: list[str] | None) -> "RowOverride | None":
    """``--rows 10k`` or ``--rows a=1k --rows b=2k`` as the engine takes them."""
    if not given:
        return None
    parts = [part.strip() for text in given for part in text.split(",") if part.strip()]
    named = dict(part.rsplit("=", 1) for part in parts if "=" in part)
    plain = [part for part in parts if "=" not in part]
    if len(plain) > 1 or (plain and named):
        message = "--rows takes one count for all tables, or TABLE=COUNT once for each"
        refuse("row-count", message, "Write --rows 10k, or --rows customers=1m --rows orders=5m.")
    return plain[0] if plain else named


def listed(names: str | None) -> list[str] | None:
    """Names separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()] if names is not None else None


def whole_count(text: str | None, name: str) -> int | None:
    """A number such as 5m; None where it is not given.

    Raises:
        PolicyError: it is none.
    """
    from faasera.policy.counts import parse_count

    try:
        return None if text is None else parse_count(text)
    except ValueError:
        message = f"{name} = {text!r}"
        refuse("bad-option", message, "Use a number, such as 100000 or 5m.")


def format_options(named: Sequence[str] | None, spelled: Mapping[str, object]) -> dict[str, object]:
    """The options of a file format: ``name=value`` texts, beside those that have an option or parameter of their own.

    >>> format_options(["row-group-rows=5"], {"compression": "zstd", "delimiter": None})
    {'compression': 'zstd', 'row_group_rows': '5'}

    Raises:
        PolicyError: a text has no value, or an option is given twice.
    """
    found = {name: value for name, value in spelled.items() if value is not None}
    for text in named or ():
        name, given, value = text.partition("=")
        option = name.strip().replace("-", "_")
        if not given or not option:
            refuse("bad-option", f"{text!r} gives an option no value", "Write name=value, such as compression=zstd.")
        if option in found:
            refuse("exclusive-options", f"the option '{name.strip()}' is given twice", "Give it once.")
        found[option] = value
    return found
