"""OpenTelemetry traces, where somebody asked for them: by the standard variables, or in the program that uses us."""

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from faasera.core.extras import require
from faasera.core.version import __version__

_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")


def configured() -> bool:
    """Whether the environment says where traces go."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(os.environ.get(name) for name in _VARIABLES)


@cache
def _tracer() -> Any:
    """The tracer; of the program's own provider where it has one, else over OTLP/HTTP as the variables say.

    Raises:
        PolicyError: traces are asked for, and the packages are not installed.
    """
    if configured():
        otherwise = "set OTEL_SDK_DISABLED=true."
        require("opentelemetry", extra="telemetry", purpose="OpenTelemetry, which is configured,", otherwise=otherwise)
    from opentelemetry import trace

    if configured() and isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "faasera")})
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
    return trace.get_tracer("faasera", __version__)


@contextlib.contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[Any]:
    """A span of a trace; nothing at all where nobody traces.

    Args:
        name: of what is done.
        attributes: about it; their names get ``faasera.`` in front.
    """
    if not configured() and "opentelemetry" not in sys.modules:
        yield None
        return
    with _tracer().start_as_current_span(f"faasera.{name}") as current:
        current.set_attributes({f"faasera.{key}": value for key, value in attributes.items()})
        yield current


def flush() -> None:
    """Send what has not been sent, before the process ends."""
    if configured() and "opentelemetry.sdk" in sys.modules:
        from opentelemetry import trace

        force = getattr(trace.get_tracer_provider(), "force_flush", None)
        if force is not None:
            force()
