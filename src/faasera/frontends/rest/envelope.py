"""What every answer looks like: ``{status, data, errors}``."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from faasera.core.errors import FaaseraError, PolicyError, Problem
from faasera.service.errors import ServiceError

Data = TypeVar("Data")


class Error(BaseModel):
    """One problem, as on the command line, with the fields of RFC 9457 beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pointer": "/rowCount",
                    "code": "bad-value",
                    "number": "F011",
                    "message": "'ten' is not a row count; write 10000, '10k', '2.5M' or '1_000_000'",
                    "remedy": "Correct the value.",
                    "type": "urn:faasera:problem:bad-value",
                    "title": "Bad value",
                    "status": 422,
                    "detail": "'ten' is not a row count; write 10000, '10k', '2.5M' or '1_000_000'",
                }
            ]
        }
    )

    pointer: str = Field(description="JSON Pointer (RFC 6901) into the policy or the request; empty for the whole.")
    code: str = Field(description="Stable, short, for programs.")
    number: str = Field(description="Of the code, as docs/errors.md lists it; empty for one of a plug-in.")
    message: str = Field(description="What is wrong and why.")
    remedy: str = Field(description="What to do.")
    type: str = Field(description="RFC 9457: the kind of problem, as a URN of its code.")
    title: str = Field(description="RFC 9457: the kind of problem, for people.")
    status: int = Field(description="RFC 9457: the HTTP status.")
    detail: str = Field(description="RFC 9457: the message.")


class Envelope(BaseModel, Generic[Data]):
    """A call that succeeded."""

    status: Literal["SUCCESS"] = "SUCCESS"
    data: Data
    errors: list[Error] = Field(default_factory=list, max_length=0, description="Empty.")


class Failure(BaseModel):
    """A call that failed: all of its problems at once."""

    status: Literal["ERROR"] = "ERROR"
    data: None = None
    errors: list[Error]


def success(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer of a call that succeeded."""
    content = {"status": "SUCCESS", "data": data, "errors": []}
    return JSONResponse(content, status, dict(headers) if headers else None)


def failure(problems: Iterable[Problem], status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer of a call that failed."""
    content = {"status": "ERROR", "data": None, "errors": [described(problem, status) for problem in problems]}
    return JSONResponse(content, status, dict(headers) if headers else None)


def described(problem: Problem, status: int) -> dict[str, Any]:
    """A problem, with the fields of RFC 9457 beside its own."""
    return {
        **problem.as_dict(),
        "type": f"urn:faasera:problem:{problem.code}",
        "title": problem.code.replace("-", " ").capitalize(),
        "status": status,
        "detail": problem.message,
    }


def failed(error: FaaseraError) -> JSONResponse:
    """The answer for an error."""
    if isinstance(error, ServiceError):
        headers = {"Retry-After": str(round(error.retry_after))} if error.retry_after is not None else {}
        if error.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return failure(error.problems, error.status, headers)
    return failure(error.problems, 422 if isinstance(error, PolicyError) else 500)


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Failure,
        "description": text,
        "content": {
            "application/json": {
                "example": {
                    "status": "ERROR",
                    "data": None,
                    "errors": [described(Problem(*problem), status)],
                }
            }
        },
    }
    for status, text, problem in (
        (400, "The request cannot be understood.", ("", "bad-request", "the body is no JSON", "Send JSON.")),
        (401, "No key, or one that is unknown or revoked.", ("", "bad-key", "the key is unknown or revoked", "Ask an admin for a key.")),
        (403, "The role does not allow it.", ("", "role-too-small", "this needs the role author; the key 'ci' has viewer", "Ask an admin for a key with the role author.")),
        (404, "There is no such thing in the project.", ("", "unknown-policy", "there is no policy 'ordrs' in 'default'", "Did you mean 'orders'?")),
        (409, "The state of things does not allow it now.", ("", "job-over", "the job is over: SUCCESS", "Only jobs that wait or run can be cancelled.")),
        (410, "It was there, and was removed.", ("", "artifacts-removed", "the job's files were removed after their time", "Run the policy again.")),
        (412, "Somebody else changed it in the meantime.", ("", "policy-changed", "the latest version is not the one that you saw: version 3", "Get it, and try again.")),
        (413, "More than a request may hold.", ("", "too-large", "a request has at most 16,777,216 bytes", "Send less.")),
        (415, "A body of this kind is not read.", ("", "media-type", "a compressed body is not read", "Send it as it is.")),
        (422, "The policy or the request is wrong.", ("/rowCount", "bad-value", "'ten' is not a row count", "Correct the value.")),
        (429, "Too many requests.", ("", "too-many-requests", "too many requests of this caller", "Wait 1 s, or ask an admin for a higher rate.")),
    )
}  # fmt: skip
"""What may be answered instead, for the description of every call."""
