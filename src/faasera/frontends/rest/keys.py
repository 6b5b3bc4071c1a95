"""Keys, who asks, and who did what."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, success
from faasera.frontends.rest.models import AuditLine, KeyBody, KeyOut, Me, NewKeyOut, Paged
from faasera.frontends.rest.parameters import Cursor, Limit
from faasera.service.identity import Role

router = APIRouter(tags=["keys"], responses=FAILURES)
KeyId = Annotated[str, Path(max_length=40, description="A key's identifier.", examples=["0123456789ab"])]


@router.get("/me", response_model=Envelope[Me], summary="Who asks")
def me(who: Who, service: TheService) -> Response:
    """The name, role and project of the key."""
    found = {"id": who.id, "name": who.name, "role": who.role.label, "project": who.project}
    return success({**found, "connections": service.connections})


@router.post("/keys", status_code=201, response_model=Envelope[NewKeyOut], summary="Make a key")
def create(body: KeyBody, who: Who, service: TheService) -> Response:
    """Make a key; its text is in this answer, and nowhere else."""
    found, text = service.keys.create(who, body.name, Role.named(body.role), body.project)
    service.audit.note(who, "key.create", f"{found['id']} {body.name} {body.role} {body.project}")
    return success({**found, "key": text}, 201, {"Cache-Control": "no-store"})


@router.get("/keys", response_model=Envelope[Paged[KeyOut]], summary="All keys")
def listed(who: Who, service: TheService, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """All keys, the latest first, without their texts."""
    page = service.keys.page(who, limit, cursor)
    return success({"items": page.items, "next": page.next})


@router.delete("/keys/{id}", response_model=Envelope[KeyOut], summary="Revoke a key")
def revoke(id: KeyId, who: Who, service: TheService) -> Response:
    """Revoke a key, at once and for good."""
    found = service.keys.revoke(who, id)
    service.audit.note(who, "key.revoke", f"{id} {found['name']}")
    return success(found)


@router.get("/audit", response_model=Envelope[Paged[AuditLine]], summary="Who did what")
def audit(who: Who, service: TheService, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The audit log of the project, the latest line first."""
    page = service.audit.page(who, limit, cursor)
    return success({"items": page.items, "next": page.next})
