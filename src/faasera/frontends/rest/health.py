"""Whether the server lives, whether it works, and its numbers for Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from faasera.core.errors import Problem
from faasera.core.version import __version__
from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, Failure, failure, success
from faasera.frontends.rest.metrics import registry_of
from faasera.frontends.rest.models import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Envelope[Health], summary="Whether the server lives")
def healthz() -> Response:
    """That the server answers."""
    return success({"version": __version__, "checks": {}})


@router.get(
    "/readyz",
    response_model=Envelope[Health],
    responses={503: {"model": Failure, "description": "It cannot work now."}},
    summary="Whether the server can work",
)
def readyz(service: TheService) -> Response:
    """That the database answers and jobs are taken."""
    problems = []
    try:
        with service.store.reading() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        problems.append(Problem("", "database-unusable", "the database does not answer", "Look after it."))
    if not service.workflows.alive:
        problems.append(Problem("", "jobs-stopped", "no jobs are taken", "Start the server again."))
    if problems:
        return failure(problems, 503)
    return success({"version": __version__, "checks": {"database": "ok", "jobs": "ok"}})


@router.get(
    "/metrics",
    responses={
        **FAILURES,
        200: {
            "description": "Numbers in Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": 'faasera_jobs{state="RUNNING"} 1.0\n'}},
        },
    },
    response_class=Response,
    summary="Numbers for Prometheus",
)
def metrics(_: Who, service: TheService) -> Response:
    """Calls by route and status, their durations, jobs by state; needs a key of any role."""
    registry: CollectorRegistry = registry_of(service)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
