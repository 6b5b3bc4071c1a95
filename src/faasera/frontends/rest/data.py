"""Rows straight from the engine: a look at some, a stream of any."""

import io
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any, cast
from urllib.parse import quote

import pyarrow as pa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.types import Receive, Scope, Send

from faasera.frontends.arguments import format_options
from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope
from faasera.frontends.rest.models import Preview, PreviewBody
from faasera.frontends.rest.parameters import MaybeVersion, PolicyName, TableName
from faasera.plan.model import Plan
from faasera.service.engine import table_of
from faasera.service.errors import ServiceError
from faasera.service.guard import connections_of
from faasera.service.identity import Identity, Role
from faasera.service.service import Service
from faasera.service.streams import ByteStream
from faasera.writers import WRITERS
from faasera.writers.base import Outlet, WriterType
from faasera.writers.json import rows_as_json

router = APIRouter(tags=["data"], responses=FAILURES)
_QUICK_ROWS = 50


@router.post("/preview", response_model=Envelope[Preview], summary="Some rows of any table, from any row on")
async def preview(body: PreviewBody, who: Who, service: TheService) -> Response:
    """Rows of a table, at once: the billionth is as near as the first."""
    # What takes a few milliseconds is done here: handing it to a thread would take longer under load.
    if body.policy is None and body.policy_name is not None:
        found = service.policies.get(who, body.policy_name, body.version)
        plan = service.engine.kept(who.project, found.name, found.digest, body.seed)
        if plan is not None and body.rows <= _QUICK_ROWS and not connections_of(found.document):
            return _previewed(body, service, plan)
    return await run_in_threadpool(_planned, body, who, service)


def _planned(body: PreviewBody, who: Identity, service: Service) -> Response:
    if body.policy is not None:
        who.need(Role.AUTHOR)
    document, name, _ = service.document(who, body.policy, body.policy_name, body.version)
    return _previewed(body, service, service.plan(who, document, name=name or "policy", seed=body.seed))


def _previewed(body: PreviewBody, service: Service, plan: Plan) -> Response:
    table, batch = service.engine.rows(plan, body.table, body.offset, body.rows)
    head = {
        "table": table.name,
        "offset": body.offset,
        "rowCount": table.row_count,
        "columns": [{"name": column.name, "dataType": str(column.data_type)} for column in table.visible],
    }
    # The rows come as text from the writer of JSON, which is much faster than Python values.
    text = json.dumps(head, ensure_ascii=False).encode()[:-1] + b',"rows":[' + rows_as_json(batch) + b"]}"
    return Response(b'{"status":"SUCCESS","data":' + text + b',"errors":[]}', media_type="application/json")


class _RowResponse(StreamingResponse):
    """A stream that stops making rows when its reader leaves."""

    def __init__(self, stream: ByteStream, first: memoryview, let_go: Callable[[], Any], **more: Any) -> None:
        super().__init__(self._pieces(stream, first), **more)
        self._stream = stream
        self._let_go = let_go

    @staticmethod
    async def _pieces(stream: ByteStream, first: memoryview) -> AsyncIterator[memoryview]:
        yield first
        async for piece in iterate_in_threadpool(stream):
            yield piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()
            self._let_go()


_STREAMED = {entry.name: entry for entry in WRITERS if entry.streams}


def _streamed(name: str) -> str:
    if name not in _STREAMED:
        *first, last = map(repr, _STREAMED)
        raise PydanticCustomError(
            "literal_error", "Input should be {expected}", {"expected": f"{', '.join(first)} or {last}"}
        )
    return name


class StreamQuery(BaseModel):
    """Which rows of a table, and how they are written."""

    format: Annotated[
        str, AfterValidator(_streamed), Field(json_schema_extra={"enum": list(_STREAMED)}, examples=["csv"])
    ] = Field("csv", description="Of the rows.")
    start: int = Field(0, ge=0, lt=1 << 53, description="The first row, from 0.", examples=[0])
    stop: int | None = Field(None, ge=0, lt=1 << 53, description="The end, excluded (default: all).", examples=[1000])
    seed: int | None = Field(None, ge=0, lt=1 << 64, description="Instead of the policy's.", examples=[7])
    version: MaybeVersion = None
    delimiter: str | None = Field(None, max_length=10, description="csv: what separates values.", examples=[";"])
    escape_formulas: bool | None = Field(
        None,
        alias="escapeFormulas",
        description="csv: an apostrophe before texts that spreadsheets would run as formulas.",
        examples=[True],
    )
    option: list[str] = Field(
        [],
        max_length=20,
        description="Any option of the format, as name=value; may be given several times.",
        examples=[["compression=zstd"]],
    )

    @property
    def declared(self) -> WriterType:
        """The format."""
        return _STREAMED[self.format]

    @property
    def options(self) -> Any:
        """The options of the format, read.

        Raises:
            PolicyError: one is unknown to it, or its value is wrong.
        """
        spelled = {"delimiter": self.delimiter, "escape_formulas": self.escape_formulas}
        return self.declared.read_options(format_options(self.option, spelled))


def _described(declared: WriterType) -> dict[str, Any]:
    """A format for the description of the API; what is text with an example."""
    if not declared.text:
        return {"schema": {"type": "string", "format": "binary"}}
    caught = io.BytesIO()
    batch = pa.RecordBatch.from_pylist([{"id": 1, "first_name": "Thomas"}])
    writer = declared.writer(cast(Outlet, caught), batch.schema, declared.read_options({}))
    writer.open()
    writer.append(writer.encode([batch]))
    writer.finish({})
    return {"schema": {"type": "string"}, "example": caught.getvalue().decode()}


@router.head("/stream/{policy}/{table}", include_in_schema=False)
@router.get(
    "/stream/{policy}/{table}",
    summary="Any rows of a table, as they are made",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The rows in the format that was asked for.",
            "content": {entry.http_type: _described(entry) for entry in _STREAMED.values()},
        }
    },
)
async def stream(
    request: Request,
    policy: PolicyName,
    table: TableName,
    who: Who,
    service: TheService,
    query: Annotated[StreamQuery, Query()],
) -> Response:
    """Rows of a kept policy's table, straight from the engine: no file in between, memory for a few pieces."""
    gzip = query.declared.text and _accepts_gzip(request.headers.get("accept-encoding", ""))
    made, name = await run_in_threadpool(_prepared, service, who, policy, table, query, gzip=gzip)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Vary": "Accept-Encoding",
        "Cache-Control": "no-store",
    } | ({"Content-Encoding": "gzip"} if made.gzip else {})
    if request.method == "HEAD":
        return Response(headers=headers, media_type=query.declared.http_type)
    slot = service.rates.stream(who.id)
    slot.__enter__()
    try:
        # The first piece is there before the head is sent, so that what cannot be made is an error, not half an answer.
        first = await run_in_threadpool(made.first)
    except BaseException:
        made.close()
        slot.__exit__(None, None, None)
        raise
    let_go = partial(slot.__exit__, None, None, None)
    return _RowResponse(made, first, let_go, headers=headers, media_type=query.declared.http_type)


def _prepared(
    service: Service, who: Identity, policy: str, table: str, query: StreamQuery, *, gzip: bool
) -> tuple[ByteStream, str]:
    """The rows, not yet made, and the name of a file for them."""
    found = service.policies.get(who, policy, query.version)
    plan = service.plan(who, found.document, name=found.name, seed=query.seed)
    chosen = table_of(plan, table)
    end = chosen.row_count if query.stop is None else min(query.stop, chosen.row_count)
    if query.start > end:
        message = f"'{chosen.name}' has no rows {query.start:,} to {end:,}"
        raise ServiceError("offset", message, f"Use a start up to {end:,}.", "/start")
    declared, options, workers = query.declared, query.options, service.settings.threads
    made = ByteStream(plan, chosen, query.start, end, declared, options, gzip=gzip, workers=workers)
    return made, chosen.name + declared.extension(options)


def _accepts_gzip(header: str) -> bool:
    for part in header.split(","):
        coding, _, weight = part.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
