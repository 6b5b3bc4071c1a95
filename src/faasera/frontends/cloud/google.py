"""Google Cloud functions: HTTP, and CloudEvents of Pub/Sub; for the functions framework.

Source: https://cloud.google.com/functions/docs/writing and the Pub/Sub REST API (projects.topics.publish).
"""

import base64
import itertools
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from faasera.core.errors import RunError, refuse
from faasera.frontends.cloud.handler import Send, handle
from faasera.frontends.cloud.web import answer, parsed

_BATCH = 500
_TOKEN = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"


def http(request: Any) -> tuple[str, int, dict[str, str]]:
    """A call: the event is its JSON body, and so is the answer."""
    status, found = answer(request.get_data(), _send())
    return json.dumps(found), status, {"content-type": "application/json"}


def event(cloud_event: Any) -> None:
    """A message of Pub/Sub, or any CloudEvent whose data are the event.

    Raises:
        FaaseraError: it failed; the trigger tries again, or leaves it in the dead-letter topic.
    """
    data = cloud_event.data
    if isinstance(data, Mapping) and "data" in data.get("message", {}):
        data = parsed(base64.b64decode(data["message"]["data"]))
    elif isinstance(data, (str, bytes)):
        data = parsed(data)
    print(json.dumps(handle(data, send=_send())))


def _send() -> Send | None:
    """To the topic that ``FAASERA_TOPIC`` names, projects/…/topics/…; None where it names none."""
    topic = os.environ.get("FAASERA_TOPIC")
    if topic is None:
        return None

    def send(events: Iterable[dict[str, Any]]) -> None:
        remaining = iter(events)
        while batch := list(itertools.islice(remaining, _BATCH)):
            messages = [{"data": base64.b64encode(json.dumps(one).encode()).decode()} for one in batch]
            _publish(topic, messages)

    return send


def _publish(topic: str, messages: list[dict[str, str]]) -> None:
    """Publish messages.

    Raises:
        RunError: the topic does not take them.
    """
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    root = f"http://{emulator}" if emulator else "https://pubsub.googleapis.com"
    headers = {"content-type": "application/json"}
    try:
        if not emulator:
            asked = urllib.request.Request(_TOKEN, headers={"Metadata-Flavor": "Google"})
            with urllib.request.urlopen(asked, timeout=5) as told:
                headers["authorization"] = f"Bearer {json.load(told)['access_token']}"
        call = urllib.request.Request(
            f"{root}/v1/{topic}:publish", json.dumps({"messages": messages}).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(call, timeout=30):
            pass
    except urllib.error.URLError as error:
        message = f"the topic {topic} takes no messages: {error}"
        refuse("queue-refused", message, "Check FAASERA_TOPIC, and the account's right to publish.", kind=RunError)
