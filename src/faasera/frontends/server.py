"""The server: its sockets, its signals, what it prints when it starts."""

import asyncio
import contextlib
import logging
import signal
import socket
from typing import Any

import typer
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from faasera.core.errors import refuse
from faasera.core.logs import configure
from faasera.frontends.rest.app import create_app
from faasera.service.service import Service
from faasera.service.settings import Settings

_CONNECTIONS = 1000


class PunctualProtocol(HttpToolsProtocol):
    """HTTP/1.1 that hangs up on those who do not end their request's head, or take nothing of an answer."""

    read_timeout = 30.0
    write_timeout = 120.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connects."""
        super().connection_made(transport)
        self._limit = self.loop.call_later(self.read_timeout, self._hang_up)
        self._stuck: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """More waits for the client than it should."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self.write_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken it."""
        if self._stuck is not None:
            self._stuck.cancel()
        super().resume_writing()

    def _hang_up(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """A client leaves."""
        self._limit.cancel()
        if self._stuck is not None:
            self._stuck.cancel()
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """Tells the address when it is listening."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started or not sockets:
            return
        host, port = sockets[0].getsockname()[:2]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        typer.echo(f"Faasera is at http://{f'[{shown}]' if ':' in shown else shown}:{port}{self.config.root_path}/")
        typer.echo("Stop it with Ctrl-C; jobs that run go on at the next start.")


def run_server(settings: Settings) -> None:
    """Serve until a signal comes.

    Raises:
        PolicyError: the address, the folder or the database cannot be used.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    configure()
    listening = _listen(settings)
    service = Service(settings)
    first = service.keys.first()
    if first is not None:
        typer.echo(f"The first key, of an admin; it is not shown again:\n\n  {first}\n")
    PunctualProtocol.read_timeout, PunctualProtocol.write_timeout = settings.read_timeout, settings.write_timeout
    config = uvicorn.Config(
        _app(service),
        http=PunctualProtocol,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
        limit_concurrency=_CONNECTIONS,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        root_path=settings.root_path,
    )
    service.start()
    # The server raises the signal that ended it once more, when it has ended in good order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, service).run([listening])
    service.stop()


def _app(service: Service) -> Any:
    from faasera.frontends.page.page import add_page

    app = create_app(service)
    add_page(app, service)
    return app


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        message = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror or error}"
        refuse("address-unusable", message, "Choose another --host or --port.")
    return listening
