"""Seed files of the project."""

import asyncio
from pathlib import Path
from typing import Any, BinaryIO, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, success
from faasera.frontends.rest.models import Paged, SeedOut
from faasera.frontends.rest.parameters import Cursor, FileName, Limit
from faasera.service.identity import Role
from faasera.service.pages import named_page

router = APIRouter(prefix="/seeds", tags=["seeds"], responses=FAILURES)


@router.get("", response_model=Envelope[Paged[SeedOut]], summary="The project's seed files")
def listed(who: Who, service: TheService, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Names and sizes, by name."""
    page = named_page(service.seeds.entries(who), limit, cursor)
    return success({"items": page.items, "next": page.next})


@router.get(
    "/{name:path}",
    response_class=FileResponse,
    summary="A seed file",
    responses={
        200: {
            "description": "The file.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def got(name: FileName, who: Who, service: TheService) -> Response:
    """A seed file, as it was put."""
    path: Path = service.seeds.open(who, name)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


class _Body:
    """The body of a request as a file, read in a thread while it arrives."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self._loop = asyncio.get_running_loop()
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Some bytes; none at the end."""
        while not self._rest:
            piece = asyncio.run_coroutine_threadsafe(_next(self._stream), self._loop).result()
            if piece is None:
                return b""
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


async def _next(stream: Any) -> bytes | None:
    return await anext(stream, None)


@router.put(
    "/{name:path}",
    response_model=Envelope[SeedOut],
    summary="Keep a seed file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "name;weight\nAnn;3\nBob;1\n",
                }
            },
        }
    },
)
async def put(name: FileName, request: Request, who: Who, service: TheService) -> Response:
    """Keep a file under a name, instead of one of that name; runs that have begun keep the one that they saw."""
    who.need(Role.AUTHOR)
    found = await run_in_threadpool(service.seeds.put, who, name, cast(BinaryIO, _Body(request)))
    await run_in_threadpool(service.audit.note, who, "seed.put", name)
    return success(found)


@router.delete("/{name:path}", response_model=Envelope[None], summary="Remove a seed file")
def delete(name: FileName, who: Who, service: TheService) -> Response:
    """Remove a seed file."""
    service.seeds.delete(who, name)
    service.audit.note(who, "seed.delete", name)
    return success(None)
