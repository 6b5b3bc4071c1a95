"""Packages that only some uses need: asked for by name, before they are imported."""

from importlib.util import find_spec

from faasera.core.errors import refuse


def require(*packages: str, extra: str, purpose: str, otherwise: str = "") -> None:
    """See that packages are installed.

    Args:
        packages: their import names.
        extra: the extra of this package that brings them.
        purpose: what needs them, as the beginning of a sentence.
        otherwise: what can be done instead of installing them.

    Raises:
        PolicyError: one of them is missing.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        message = f"{purpose} needs the package {missing[0]}, which is not installed"
        remedy = f"Run: pip install 'faasera[{extra}]'" + (f", or {otherwise}" if otherwise else "")
        refuse("missing-extra", message, remedy)
