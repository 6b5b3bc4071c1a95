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
    lacking = missing(*packages, extra=extra, purpose=purpose, otherwise=otherwise)
    if lacking is not None:
        refuse("missing-extra", *lacking)


def missing(*packages: str, extra: str, purpose: str, otherwise: str = "") -> tuple[str, str] | None:
    """What is wrong and what to do where a package is not installed; None where all are.

    Args:
        packages: as in ``require``.
        extra: as in ``require``.
        purpose: as in ``require``.
        otherwise: as in ``require``.
    """
    lacking = next((package for package in packages if find_spec(package) is None), None)
    if lacking is None:
        return None
    message = f"{purpose} needs the package {lacking}, which is not installed"
    return message, f"Run: pip install 'faasera[{extra}]'" + (f", or {otherwise}" if otherwise else "")
