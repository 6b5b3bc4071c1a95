"""Jobs: made, watched, cancelled, tried again; and what they left."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, success
from faasera.frontends.rest.models import FileOut, JobBody, JobOut, Paged
from faasera.frontends.rest.parameters import Cursor, FileName, IdempotencyKey, JobId, Limit
from faasera.run.report.markdown import markdown
from faasera.run.report.page import page
from faasera.service.artifacts import archive, file_of, files_of
from faasera.service.errors import ServiceError
from faasera.service.identity import Role
from faasera.service.jobs import Request as JobRequest

router = APIRouter(prefix="/jobs", tags=["jobs"], responses=FAILURES)
_LOOK = 0.5
_KEEP_ALIVE = 15.0


def _document(data: Any, description: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"example": {"status": "SUCCESS", "data": data, "errors": []}}}
    return {200: {"description": description, "content": content}}


@router.post("", status_code=202, response_model=Envelope[JobOut], summary="Start a job")
def create(body: JobBody, who: Who, service: TheService, token: IdempotencyKey = None) -> Response:
    """Queue a job; its output goes to files kept by the service, a connection, or an object store."""
    who.need(Role.OPERATOR)
    document, name, version = service.document(who, body.policy, body.policy_name, body.version)
    output = body.output
    database = output.to is not None and "://" not in output.to
    appended = database and output.mode == "append"
    if appended and body.check:
        message = "'check' has no effect on appended rows: others are beside them"
        raise ServiceError("no-effect", message, "Leave it out, or set it to false.", "/check")
    request = JobRequest(
        policy=document,
        policy_name=name,
        policy_version=version,
        format=output.format if database else output.format or "csv",
        options=output.options,
        to=output.to,
        mode=output.mode or "fail" if database else output.mode,
        disable_triggers=output.disable_triggers,
        overwrite_source=output.overwrite_source,
        seed=body.seed,
        rows=body.rows,
        tables=body.tables,
        check=not appended if body.check is None else body.check,
    )
    job, new = service.create_job(who, request, token)
    headers = {"Location": f"/api/v1/jobs/{job.id}"} | ({} if new else {"Idempotency-Replayed": "true"})
    return success(job.as_dict(), 202, headers)


@router.get("", response_model=Envelope[Paged[JobOut]], summary="The jobs of the project")
def listed(
    who: Who,
    service: TheService,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[
        Literal["QUEUED", "RUNNING", "SUCCESS", "ERROR", "CANCELLED"] | None,
        Query(description="Only these.", examples=["RUNNING"]),
    ] = None,
) -> Response:
    """Jobs, the latest first."""
    page = service.jobs.page(who, limit, cursor, state)
    return success({"items": page.items, "next": page.next})


@router.get("/{id}", response_model=Envelope[JobOut], summary="A job")
def got(id: JobId, who: Who, service: TheService) -> Response:
    """A job, as it is now."""
    return success(service.jobs.get(who, id).as_dict())


@router.delete("/{id}", response_model=Envelope[None], summary="Forget a job")
def delete(id: JobId, who: Who, service: TheService) -> Response:
    """Forget a job that is over, with its files."""
    service.delete_job(who, id)
    return success(None)


@router.get(
    "/{id}/events",
    response_class=StreamingResponse,
    summary="A job's progress, as server-sent events",
    responses={
        200: {
            "description": "An event 'progress' whenever something changes, and 'end' at the end; data is the job.",
            "content": {"text/event-stream": {"example": 'event: progress\ndata: {"state": "RUNNING"}\n\n'}},
        }
    },
)
async def events(id: JobId, who: Who, service: TheService, request: Request) -> Response:
    """The job each time that something changes, until it is over."""
    await run_in_threadpool(service.jobs.get, who, id)

    async def watched() -> AsyncIterator[bytes]:
        last: dict[str, Any] | None = None
        silent = 0.0
        while not await request.is_disconnected():
            job = await run_in_threadpool(service.jobs.find, id)
            if job is None:
                return
            shown = job.as_dict()
            if shown != last:
                last, silent = shown, 0.0
                yield _event("end" if job.state.over else "progress", shown)
            elif silent >= _KEEP_ALIVE:
                silent = 0.0
                yield b": still here\n\n"
            if job.state.over:
                return
            await asyncio.sleep(_LOOK)
            silent += _LOOK

    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(watched(), media_type="text/event-stream", headers=headers)


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


@router.post("/{id}/cancel", status_code=202, response_model=Envelope[JobOut], summary="Cancel a job")
def cancel(id: JobId, who: Who, service: TheService) -> Response:
    """Cancel a job that waits or runs; what it had made is removed."""
    return success(service.cancel_job(who, id).as_dict(), 202)


@router.post("/{id}/retry", status_code=202, response_model=Envelope[JobOut], summary="Try a job again")
def retry(id: JobId, who: Who, service: TheService) -> Response:
    """Queue a job again that failed or was cancelled."""
    return success(service.retry_job(who, id).as_dict(), 202)


@router.get("/{id}/artifacts", response_model=Envelope[Paged[FileOut]], summary="A job's files")
def artifacts(id: JobId, who: Who, service: TheService) -> Response:
    """The files of a job that succeeded, the manifest first."""
    job = service.jobs.get(who, id)
    return success({"items": files_of(job, service.workflows.folder(job.id)), "next": None})


@router.get(
    "/{id}/artifacts.zip",
    response_class=StreamingResponse,
    summary="All files of a job in one archive",
    responses={
        200: {
            "description": "A ZIP archive.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def zipped(id: JobId, who: Who, service: TheService) -> Response:
    """All files of a job in a ZIP archive, made while it is read."""
    job = service.jobs.get(who, id)
    folder = service.workflows.folder(job.id)
    files_of(job, folder)
    headers = {"Content-Disposition": f'attachment; filename="{job.id}.zip"'}
    return StreamingResponse(archive(job, folder), media_type="application/zip", headers=headers)


@router.get(
    "/{id}/artifacts/{name:path}",
    response_class=FileResponse,
    summary="One file of a job",
    responses={
        200: {
            "description": "The file.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def artifact(id: JobId, name: FileName, who: Who, service: TheService) -> Response:
    """One file of a job; ranges of it, too."""
    job = service.jobs.get(who, id)
    path = file_of(job, service.workflows.folder(job.id), name)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


@router.get(
    "/{id}/manifest",
    response_model=Envelope[dict[str, Any]],
    responses=_document({"name": "customers", "synthetic": True, "seed": 0, "tables": []}, "The manifest."),
    summary="What a job made",
)
def manifest(id: JobId, who: Who, service: TheService) -> Response:
    """The manifest: the policy and its digest, the seed, every table's rows, types and digests."""
    return success(service.job_document(who, id, "manifest"))


@router.get(
    "/{id}/check",
    response_model=Envelope[dict[str, Any]],
    responses=_document({"name": "customers", "ok": True, "rows": 1000, "passed": 12, "failed": 0}, "The check."),
    summary="Whether the rows keep the policy's promises",
)
def check(id: JobId, who: Who, service: TheService) -> Response:
    """Every promise of the policy, with whether SQL found it kept."""
    return success(service.job_document(who, id, "check"))


@router.get(
    "/{id}/profile",
    response_model=Envelope[dict[str, Any]],
    responses=_document({"tables": [{"name": "customers", "rows": 1000, "columns": []}]}, "The profile."),
    summary="What the columns look like",
)
def profile(id: JobId, who: Who, service: TheService) -> Response:
    """Each column's nulls, distinct values, extremes and distribution."""
    return success(service.job_document(who, id, "profile"))


@router.get(
    "/{id}/report",
    response_model=Envelope[dict[str, Any]],
    responses=_document({"name": "customers", "synthetic": True, "rows": 1000, "tables": []}, "The report."),
    summary="All there is to tell of a job's output",
)
def report(id: JobId, who: Who, service: TheService) -> Response:
    """Tables, keys, columns, distributions beside those asked for, samples, promises, timings and lineage."""
    return success(service.job_document(who, id, "report"))


@router.get(
    "/{id}/report.html",
    response_class=StreamingResponse,
    summary="The report as a page",
    responses={
        200: {
            "description": "One HTML file without scripts or links.",
            "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>"}},
        }
    },
)
def report_page(id: JobId, who: Who, service: TheService) -> Response:
    """The report as one HTML file, to look at, to print, and to hand around."""
    return HTMLResponse(page(service.job_document(who, id, "report")))


@router.get(
    "/{id}/report.md",
    response_class=StreamingResponse,
    summary="The report as Markdown",
    responses={
        200: {
            "description": "Markdown.",
            "content": {"text/markdown": {"schema": {"type": "string"}, "example": "# customers"}},
        }
    },
)
def report_markdown(id: JobId, who: Who, service: TheService) -> Response:
    """The report in short, for the summaries of pipelines."""
    return PlainTextResponse(markdown(service.job_document(who, id, "report")), media_type="text/markdown")
