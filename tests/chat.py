"""A server that speaks the protocol of chat completions, with answers that a test scripts."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from recording import Recorder, recording

Script = Callable[[dict[str, Any], int], Any]
"""From a request and its number to the content of the answer, a status, or seconds to wait."""


@contextlib.contextmanager
def chat(monkeypatch: pytest.MonkeyPatch, script: Script, **settings: str) -> Iterator[Recorder]:
    """The server, with the variables that name it."""

    def answer(request: dict[str, Any]) -> tuple[int, bytes]:
        body = json.loads(request["body"])
        content = script(body, len(recorder.requests))
        if isinstance(content, float):
            time.sleep(content)
            content = "late"
        if isinstance(content, int):
            return content, json.dumps({"error": {"message": "no", "type": "x"}}).encode()
        if isinstance(content, bytes):
            return 200, content
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        message = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
        whole = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [message],
            "usage": usage,
        }
        return 200, json.dumps(whole).encode()

    with recording(answer) as recorder:
        given = {
            "BASE_URL": f"{recorder.url}/v1",
            "MODEL": "scripted",
            "API_KEY": "of-the-model",
            "RETRIES": "0",
            "TIMEOUT": "5",
        }
        for name, value in {**given, **settings}.items():
            monkeypatch.setenv(f"FAASERA_AI_{name}", value)
        yield recorder


def asked(request: dict[str, Any]) -> dict[str, Any]:
    """What the question says of the column."""
    return json.loads(request["messages"][1]["content"])
