"""Who asks: a key as bearer token, or as the password of HTTP Basic for tools that know nothing else."""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBasic, HTTPBearer
from starlette.concurrency import run_in_threadpool

from faasera.service.errors import ForbiddenError, UnauthorizedError
from faasera.service.identity import Identity
from faasera.service.service import Service

_bearer = HTTPBearer(auto_error=False, description="A key, or a token of the identity provider.")
_basic = HTTPBasic(auto_error=False, description="Any user, and a key as the password.")
_FAILED_COST = 20.0


def service_of(request: Request) -> Service:
    """The service behind the app."""
    found: Service = request.app.state.service
    return found


async def identity(
    request: Request,
    _bearer_token: Annotated[object, Depends(_bearer)] = None,
    _basic_password: Annotated[object, Depends(_basic)] = None,
    project: Annotated[
        str | None,
        Header(
            alias="Faasera-Project", description="For admins: another project than the key's.", examples=["default"]
        ),
    ] = None,
) -> Identity:
    """Who asks.

    Raises:
        UnauthorizedError: nobody that is known.
        TooManyError: too many calls.
    """
    service = service_of(request)
    credential = _credential(request.headers.get("authorization", ""))
    caller = f"address {request.client.host if request.client else ''}"
    if credential is None:
        raise UnauthorizedError("no-key", "the request has no key", "Send it: Authorization: Bearer fsk_….")
    try:
        who = await _identified(service, credential, project)
    except (UnauthorizedError, ForbiddenError):
        # Guesses cost much more than calls.
        service.rates.take(caller, _FAILED_COST)
        raise
    service.rates.take(who.id)
    request.state.who = who
    return who


async def _identified(service: Service, credential: str, project: str | None) -> Identity:
    """Tokens may ask their issuer, which takes its time; keys are in the database, or known already."""
    if credential.count(".") == 2:
        return await run_in_threadpool(service.identify, credential, project)
    return service.identify(credential, project)


def _credential(header: str) -> str | None:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


Who = Annotated[Identity, Depends(identity)]
TheService = Annotated[Service, Depends(service_of)]
