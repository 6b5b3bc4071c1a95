"""``faasera seeds``: looking after seed files and deny lists."""

from pathlib import Path
from typing import Annotated

import typer

from faasera.frontends.command import WRONG_DATA, reported

seeds = typer.Typer(help="Look after seed files and deny lists.", no_args_is_help=True)


@seeds.command("check")
@reported
def seeds_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A seed file: .csv, .tsv or .txt.")],
    separator: Annotated[str | None, typer.Option(help="What separates its columns.")] = None,
    header: Annotated[bool | None, typer.Option(help="Whether its first line is a header.")] = None,
) -> None:
    """Say whether a seed file looks like real personal data, and in which lines."""
    from faasera.core.errors import Problems
    from faasera.generators.seed_files import locate, read
    from faasera.generators.seed_guard import suspicions

    problems = Problems()
    path = locate(file.name, file.parent, problems)
    read_file = read(path, separator, header, problems) if path is not None else None
    problems.raise_any()
    assert read_file is not None
    found = list(suspicions(read_file))
    typer.echo(f"{file}: {read_file.rows:,} rows, {len(read_file.columns)} columns")
    for one in found:
        typer.echo(f"✗ {one}")
    if found:
        typer.echo("Use made-up values, or state the file's provenance in the policy.")
        raise typer.Exit(WRONG_DATA)
    typer.echo("✓ nothing looks like a real person's")


@seeds.command("hash")
@reported
def seeds_hash(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list of values, one a line.")],
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.")] = None,
    key_file: Annotated[str | None, typer.Option(help="The file that holds the key.")] = None,
) -> None:
    """Print the keyed hashes of a list's values, for a deny list that tells nothing to who has no key."""
    import pyarrow as pa

    from faasera.core.errors import Problems
    from faasera.generators.seed_files import locate, read
    from faasera.plan.deny import hashes, normal
    from faasera.policy.model import KeySource
    from faasera.policy.secrets import key_from

    problems = Problems()
    path = locate(file.name, file.parent, problems)
    values = read(path, "", False, problems) if path is not None else None
    key = key_from(KeySource(env=key_env, file=key_file), "--key-env or --key-file", Path.cwd(), problems)
    problems.raise_any()
    assert values is not None and key is not None
    made = sorted({one.hex() for one in hashes(normal(pa.array(values.columns[0])), key).tolist()})
    typer.echo("\n".join(one.ljust(32, "0") for one in made))
