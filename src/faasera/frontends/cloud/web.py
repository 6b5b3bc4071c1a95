"""What all clouds' calls over HTTP have in common."""

import json
from typing import Any

from faasera.core.errors import FaaseraError, PolicyError, refuse
from faasera.frontends.cloud.handler import Send, handle, problems_of


def parsed(text: str | bytes) -> Any:
    """The JSON of a message.

    Raises:
        PolicyError: it is none.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"the event is no JSON: {error}"
        refuse("event", message, 'Send {"policy": …, "output": …}.')


def answer(text: str | bytes, send: Send | None) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the JSON that answer a call: 400 for a mistake, 500 where another attempt may succeed."""
    try:
        return 200, handle(parsed(text), send=send)
    except FaaseraError as error:
        return 400 if isinstance(error, PolicyError) else 500, problems_of(error)
