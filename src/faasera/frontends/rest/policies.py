"""Policies: checked, kept with versions, compared."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from faasera.core.errors import Problem
from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, failure, success
from faasera.frontends.rest.models import Change, Paged, PolicyBody, PolicyHead, PolicyOut, Validation
from faasera.frontends.rest.parameters import Cursor, IfMatch, IfNoneMatch, Limit, MaybeVersion, PolicyName, Version
from faasera.policy.parse import check_value
from faasera.service.identity import Role
from faasera.service.policies import PolicyVersion

router = APIRouter(prefix="/policies", tags=["policies"], responses=FAILURES)


@router.post("/validate", response_model=Envelope[Validation], summary="All problems of a policy, at once")
def validate(body: PolicyBody, who: Who, service: TheService) -> Response:
    """Whether a policy is right; a wrong one is an answer here, not an error."""
    who.need(Role.AUTHOR)
    problems, warnings = service.problems(who, body.policy)
    shown = [problem.as_dict() for problem in problems]
    return success({"valid": not problems, "problems": shown, "warnings": warnings})


@router.get("", response_model=Envelope[Paged[PolicyHead]], summary="The policies of the project")
def listed(who: Who, service: TheService, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The latest version of each policy, by name."""
    page = service.policies.page(who, limit, cursor)
    return success({"items": page.items, "next": page.next})


@router.get("/{name}", response_model=Envelope[PolicyOut], summary="A policy")
def got(
    name: PolicyName, who: Who, service: TheService, version: MaybeVersion = None, known: IfNoneMatch = None
) -> Response:
    """A policy, with its ETag."""
    found = service.policies.get(who, name, version)
    if known is not None and found.etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers={"ETag": found.etag})
    return _shown(found)


@router.put(
    "/{name}",
    response_model=Envelope[PolicyOut],
    responses={201: {"model": Envelope[PolicyOut], "description": "It is a new version."}},
    summary="Keep a policy",
)
def put(
    name: PolicyName,
    body: PolicyBody,
    who: Who,
    service: TheService,
    match: IfMatch = None,
    absent: IfNoneMatch = None,
) -> Response:
    """Keep a policy as the next version of its name; one that equals the latest version is not kept again.

    A policy with problems is refused.
    """
    who.need(Role.AUTHOR)
    if absent not in (None, "*"):
        problem = Problem("", "no-effect", "If-None-Match of PUT is * or nothing", "Send If-Match with an ETag.")
        return failure([problem], 400)
    document = check_value(body.policy)
    service.plan(who, document, name=name)
    version, new = service.policies.put(who, name, document, match=match, absent=absent == "*")
    if new:
        service.audit.note(who, "policy.put", f"{name} {version.version}")
    return _shown(version, 201 if new else 200)


@router.delete("/{name}", response_model=Envelope[None], summary="Remove a policy")
def delete(name: PolicyName, who: Who, service: TheService, match: IfMatch = None) -> Response:
    """Remove a policy with all of its versions; jobs that were made from it stay."""
    service.policies.delete(who, name, match)
    service.audit.note(who, "policy.delete", name)
    return success(None)


@router.get("/{name}/versions", response_model=Envelope[Paged[PolicyHead]], summary="The versions of a policy")
def versions(name: PolicyName, who: Who, service: TheService, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """All versions of a policy, the latest first."""
    page = service.policies.versions(who, name, limit, cursor)
    return success({"items": page.items, "next": page.next})


@router.get("/{name}/versions/{version}", response_model=Envelope[PolicyOut], summary="One version of a policy")
def one_version(name: PolicyName, version: Version, who: Who, service: TheService) -> Response:
    """One version of a policy."""
    return _shown(service.policies.get(who, name, version))


@router.get("/{name}/diff", response_model=Envelope[list[Change]], summary="What changed between two versions")
def diff(
    name: PolicyName,
    who: Who,
    service: TheService,
    before: Annotated[int, Query(alias="from", ge=1, lt=1 << 31, description="A version.", examples=[1])],
    after: Annotated[int, Query(alias="to", ge=1, lt=1 << 31, description="Another one.", examples=[2])],
) -> Response:
    """What leads from one version to another; named elements of lists are compared by their names."""
    return success(service.policies.diff(who, name, before, after))


def _shown(version: PolicyVersion, status: int = 200) -> Response:
    data: dict[str, Any] = version.as_dict()
    return success(data, status, {"ETag": version.etag})
