"""What stands before every call: bodies that are too large or too slow, and headers for browsers."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faasera.core.errors import Problem
from faasera.frontends.rest.envelope import failure
from faasera.service.settings import Settings

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
]
_UPLOADS = "/api/v1/seeds/"


class Guard:
    """Middleware that reads a body before anybody works on it, within its bounds of size and time.

    Uploads of seed files are handed on as they come; their bounds are kept where they are stored.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a call."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        send = self._safely(send)
        if scope["path"].startswith("/api/") and headers.get(b"content-encoding", b"identity") != b"identity":
            problem = Problem("", "media-type", "a compressed body is not read", "Send it as it is.")
            await failure([problem], 415)(scope, receive, send)
            return
        upload = _UPLOADS in scope["path"]
        most = self.settings.max_seed_file if upload else self.settings.max_body
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            await self._too_large(most)(scope, receive, send)
            return
        if upload or not scope["path"].startswith("/api/"):
            await self.app(scope, self._timely(receive), send)
            return
        try:
            body = await asyncio.wait_for(self._body(receive, most), self.settings.read_timeout)
        except TimeoutError:
            problem = Problem("", "request-timeout", "the body did not arrive in time", "Send it faster, or in parts.")
            await failure([problem], 408, {"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            await self._too_large(most)(scope, receive, send)
            return
        given = False

        async def replay() -> Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": body, "more_body": False}
            return await receive()

        await self.app(scope, replay, send)

    @staticmethod
    async def _body(receive: Receive, most: int) -> bytes | None:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b""
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    @staticmethod
    def _too_large(most: int) -> Any:
        problem = Problem("", "too-large", f"a request has at most {most:,} bytes", "Send less.")
        return failure([problem], 413, {"Connection": "close"})

    def _timely(self, receive: Receive) -> Receive:
        """A receiver that does not wait for ever for the next part of a body."""
        whole = False

        async def timely() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.settings.read_timeout)
            except TimeoutError:
                return {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            return message

        return timely

    @staticmethod
    def _safely(send: Send) -> Send:
        """A sender that adds headers for browsers."""

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        return safely
