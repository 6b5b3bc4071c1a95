"""How the pages show a policy."""

from typing import Any

from faasera.schema.writing import policy_text

_WIDTH = 100


def shown_text(policy: dict[str, Any]) -> str:
    """A policy as the text in the editor."""
    return policy_text(policy, width=_WIDTH)
