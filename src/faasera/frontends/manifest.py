"""``faasera manifest``: what an output says of itself, for catalogues; and who vouches for it."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faasera.core.errors import did_you_mean, refuse
from faasera.frontends.arguments import AsJson
from faasera.frontends.command import WRONG_DATA, reported, with_default, write_text

if TYPE_CHECKING:
    from faasera.run.signing import Verification

FORMS = ("json", "dcat", "croissant")


manifest = typer.Typer(
    cls=with_default("show"),
    help="Show what an output says of itself: [bold]faasera manifest DIR --as dcat[/bold]; sign it, verify it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
WrittenOutput = Annotated[str, typer.Argument(metavar="DIR | URL", help="What 'faasera generate --out' wrote.")]


@manifest.command("show")
@reported
def show(
    place: WrittenOutput,
    form: Annotated[
        str,
        typer.Option(
            "--as", help="json (as it is), dcat (JSON-LD for data catalogues) or croissant (for data science)."
        ),
    ] = "json",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file (default: standard output).")] = None,
) -> None:
    """Print the manifest, or a description made of it; the default command."""
    from faasera.core.storage import Location
    from faasera.lineage.croissant import croissant
    from faasera.lineage.dcat import dcat
    from faasera.run.manifest import read_manifest
    from faasera.run.signing import hashed

    if form not in FORMS:
        refuse("bad-option", f"--as {form}", did_you_mean(form, FORMS))
    location = Location(place)
    found = read_manifest(location)
    try:
        if form == "dcat":
            found = dcat(found)
        elif form == "croissant":
            found = croissant(hashed(location, found))
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{location} has a manifest without {error}: it is damaged, or an older version's"
        refuse("no-manifest", message, "Generate the output again.")
    text = json.dumps(found, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        write_text(out, text + "\n")
        typer.echo(f"wrote {out}")


@manifest.command("keygen")
@reported
def keygen(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The private key's file; FILE.pub gets the public key.")],
) -> None:
    """Make a key pair to sign with (Ed25519, PEM)."""
    from faasera.run.signing import new_key

    private, public = new_key()
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
    except FileExistsError:
        refuse("output-exists", f"{out} exists already", "Choose another file.")
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror or error}"
        refuse("output-unwritable", message, "Check the path and its permissions.")
    shown = Path(f"{out}.pub")
    write_text(shown, public.decode())
    typer.echo(f"wrote {out}: keep it to yourself\nwrote {shown}: give it to those who verify")


PrivateKeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="The private key's PEM file (default: the PEM text in FAASERA_SIGNING_KEY)."),
]


@manifest.command("sign")
@reported
def sign_(place: WrittenOutput, key: PrivateKeyFile = None) -> None:
    """Add every file's hash to the manifest, and sign it."""
    from faasera.core.storage import Location
    from faasera.run.signing import private_key, sign

    shown = sign(Location(place), private_key(key))
    typer.echo(f"signed {place} with the key {shown}")


@manifest.command("verify")
@reported
def verify_(
    place: WrittenOutput,
    public_key: Annotated[
        list[Path] | None, typer.Option("--public-key", help="A PEM file of a key that may have signed; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that neither the manifest nor a byte of its files has changed since it was signed."""
    from faasera.core.storage import Location
    from faasera.run.signing import public_key as read_key
    from faasera.run.signing import verify

    found = verify(Location(place), [read_key(path) for path in public_key or []])
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        _say(place, found)
    if not found.ok:
        raise typer.Exit(WRONG_DATA)


def _say(place: str, found: "Verification") -> None:
    if not found.intact:
        typer.echo("✗ the manifest is not as it was signed")
    if found.trusted is False:
        typer.echo(f"✗ signed with the key {found.key}, which is none of those given")
    for path in found.missing:
        typer.echo(f"✗ {path} is missing")
    for path in found.changed:
        typer.echo(f"✗ {path} has changed since")
    if found.ok:
        who = "" if found.trusted else "; give --public-key to be sure whose it is"
        typer.echo(f"✓ {place} is as it was signed with the key {found.key}{who}")
