"""The application: all calls, and what happens where one goes wrong."""

import logging
import re
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from faasera.core.errors import FaaseraError, Problem, pointer
from faasera.core.version import __version__
from faasera.frontends.rest import catalog, data, health, jobs, keys, models, policies, schema, seeds
from faasera.frontends.rest.envelope import failed, failure
from faasera.frontends.rest.guard import Guard
from faasera.frontends.rest.metrics import Metrics
from faasera.service.errors import ForbiddenError
from faasera.service.service import Service

PREFIX = "/api/v1"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
log = logging.getLogger("faasera.rest")


def create_app(service: Service) -> FastAPI:
    """The REST API of a service that was started."""
    app = FastAPI(
        title="Faasera",
        summary="Synthetic data from a policy: realistic, related, and nobody's.",
        description="Every answer is `{status, data, errors}`; errors have a place, a reason and a remedy.",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        root_path=service.settings.root_path,
        generate_unique_id_function=lambda route: ".".join([*map(str, route.tags), route.name]),
    )
    app.state.service = service
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    for module in (policies, catalog, schema, data, jobs, seeds, keys):
        app.include_router(module.router, prefix=PREFIX)
    app.include_router(health.router)
    # The page answers all other paths: what is below ours and is no call is said to be none here.
    app.add_api_route("/api/{path:path}", _no_call, methods=_METHODS, include_in_schema=False)
    app.add_exception_handler(FaaseraError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _broken)
    app.add_middleware(Guard, settings=service.settings)
    app.add_middleware(Metrics, service=service)
    return app


def _description(app: FastAPI) -> dict[str, Any]:
    """The description of the API, made once; with the examples as the models give them, nulls included."""
    if app.openapi_schema is None:
        app.openapi_schema = FastAPI.openapi(app)
        for name, definition in app.openapi_schema["components"]["schemas"].items():
            model = getattr(models, name, None)
            extra = model.model_config.get("json_schema_extra") if model is not None else None
            if isinstance(extra, dict):
                definition["examples"] = extra["examples"]
    return app.openapi_schema


async def _no_call(request: Request) -> Response:
    """A path that is none of ours, or that does not understand the method."""
    for path, calls in request.app.openapi()["paths"].items():
        pattern = re.escape(path).replace(r"\{", "{").replace(r"\}", "}")
        if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", pattern), request.url.path):
            allowed = ", ".join(method.upper() for method in calls)
            raise HTTPException(405, f"{request.method} is not understood here", {"Allow": allowed})
    raise HTTPException(404, f"there is no {request.url.path[:200]}")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaaseraError)
    who = getattr(request.state, "who", None)
    if isinstance(error, ForbiddenError) and who is not None:
        service: Service = request.app.state.service
        service.audit.note(who, f"{request.method.lower()} refused", request.url.path, error.problems[0].code)
    return failed(error)


async def _invalid(_: Request, error: Exception) -> Response:
    """A request that is not of the form that the description of the API says."""
    assert isinstance(error, RequestValidationError)
    problems, status = [], 422
    for detail in error.errors():
        place, *path = detail["loc"]
        inside = pointer(*path) if place == "body" else ""
        named = f"{path[0]!r} of the {place}: " if place != "body" and path else ""
        if detail["type"] == "json_invalid":
            status = 400
            reason = detail.get("ctx", {}).get("error", "")
            problems.append(Problem("", "bad-json", f"the body is no JSON: {reason}", "Correct the syntax."))
            continue
        remedy = "See the description of the API: /api/v1/openapi.json."
        problems.append(Problem(inside, "bad-request", f"{named}{detail['msg']}", remedy))
    return failure(problems, status)


async def _unknown(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "unknown-path", 405: "unknown-method"}
    remedy = "See the description of the API: /api/v1/openapi.json."
    problem = Problem("", codes.get(error.status_code, "bad-request"), str(error.detail), remedy)
    return failure([problem], error.status_code, error.headers)


async def _broken(request: Request, error: Exception) -> Response:
    """A mistake of ours: the person sees no traceback, the log does."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    problem = Problem("", "internal-error", "the server made a mistake", "Tell the operator: the log has more.")
    return failure([problem], 500)
