"""Azure Functions: HTTP, timer and queue, for the programming model v2.

Source: https://learn.microsoft.com/azure/azure-functions/functions-reference-python. The bindings stand in
``function_app.py`` of the deployable folder.
"""

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from faasera.core.errors import refuse
from faasera.frontends.cloud.handler import Send, handle
from faasera.frontends.cloud.web import answer, parsed

if TYPE_CHECKING:
    import azure.functions as functions


def http(request: "functions.HttpRequest", queue: "functions.Out[list[str]] | None" = None) -> "functions.HttpResponse":
    """A call: the event is its JSON body, and so is the answer; a whole run goes to the queue."""
    import azure.functions as functions

    status, found = answer(request.get_body(), _send(queue))
    return functions.HttpResponse(json.dumps(found), status_code=status, mimetype="application/json")


def message(given: "functions.QueueMessage", queue: "functions.Out[list[str]] | None" = None) -> dict[str, Any]:
    """A message of the queue.

    Raises:
        FaaseraError: it failed; the queue gives it again, and then to its poison queue.
    """
    return handle(parsed(given.get_body()), send=_send(queue))


def timer(queue: "functions.Out[list[str]] | None" = None) -> dict[str, Any]:
    """The run that ``FAASERA_EVENT`` describes, when its time has come.

    Raises:
        FaaseraError: it failed, or there is none.
    """
    text = os.environ.get("FAASERA_EVENT")
    if text is None:
        what = "the timer has nothing to do: FAASERA_EVENT is not set"
        refuse("event", what, 'Set it to {"policy": "abfs://…/shop.json", "output": …}.')
    return handle(parsed(text), send=_send(queue))


def _send(queue: "functions.Out[list[str]] | None") -> Send | None:
    if queue is None:
        return None

    def send(events: Iterable[dict[str, Any]]) -> None:
        queue.set([json.dumps(one) for one in events])

    return send
