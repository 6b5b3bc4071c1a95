"""What is counted: calls by route, method and status, their seconds, and jobs by state."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faasera.service.service import Service


class _Jobs(Collector):
    """Jobs by state, asked when somebody looks."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def collect(self) -> Iterator[Metric]:
        found = GaugeMetricFamily("faasera_jobs", "Jobs by state.", labels=["state"])
        for state, count in self.service.jobs.counts().items():
            found.add_metric([state], count)
        yield found


class Metrics:
    """Middleware that counts calls."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.registry = CollectorRegistry()
        self.registry.register(_Jobs(service))
        labels = ["method", "route", "status"]
        self.calls = Counter("faasera_requests", "Calls.", labels, registry=self.registry)
        self.seconds = Histogram("faasera_request_seconds", "Seconds to the end.", labels[:2], registry=self.registry)
        self.sent = Counter("faasera_response_bytes", "Bytes of answers.", labels[:2], registry=self.registry)
        _REGISTRIES[id(service)] = self.registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a call."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 500, 0

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counting)
        finally:
            route = getattr(scope.get("route"), "path", "page" if not scope["path"].startswith("/api/") else "none")
            labels = scope["method"], route
            self.calls.labels(*labels, str(status)).inc()
            self.seconds.labels(*labels).observe(time.perf_counter() - started)
            self.sent.labels(*labels).inc(size)


_REGISTRIES: dict[int, CollectorRegistry] = {}


def registry_of(service: Service) -> CollectorRegistry:
    """The numbers of a service."""
    return _REGISTRIES[id(service)]
