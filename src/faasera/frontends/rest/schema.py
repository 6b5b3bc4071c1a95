"""Existing schemas become policies."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Query, Response, UploadFile

from faasera.frontends.rest.access import TheService, Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, success
from faasera.frontends.rest.models import ImportBody, ImportOut
from faasera.service.errors import ServiceError
from faasera.service.imports import upload_name

router = APIRouter(prefix="/schema", tags=["schema"], responses=FAILURES)


@router.post("/import", response_model=Envelope[ImportOut], summary="A policy of DDL, or of a connection")
def from_text(body: ImportBody, who: Who, service: TheService) -> Response:
    """Make a policy of DDL, or of the database behind one of the server's connections; nothing is kept."""
    if (body.ddl is None) == (body.connection is None):
        raise ServiceError(
            "source-missing", "a schema is 'ddl', or that of a 'connection'", "Give exactly one of them."
        )
    if body.connection is not None and body.dialect is not None:
        raise ServiceError("no-effect", "'dialect' has no effect on a connection", "Leave it out.", "/dialect")
    task = {
        "source": body.connection or "-",
        "text": body.ddl,
        "dialect": body.dialect,
        "scale": body.scale,
        "tables": body.tables,
        "locale": body.locale,
    }
    return success(service.import_schema(who, task, body.connection))


@router.post("/import/file", response_model=Envelope[ImportOut], summary="A policy of an uploaded file")
def from_file(
    who: Who,
    service: TheService,
    file: Annotated[
        UploadFile, File(description="DDL, CSV, Parquet, Arrow, JSON Schema, OpenAPI or Avro.", examples=["schema.sql"])
    ],
    scale: Annotated[
        float | None, Query(gt=0, le=1e9, description="Row counts: the source's times this.", examples=[0.1])
    ] = None,
    locale: Annotated[str | None, Query(max_length=20, description="Of names and forms.", examples=["de_DE"])] = None,
) -> Response:
    """Make a policy of a file; nothing is kept."""
    name = upload_name(file.filename or "")
    with tempfile.TemporaryDirectory(prefix="faasera-import-") as folder:
        path = Path(folder) / name
        with path.open("wb") as target:
            while chunk := file.file.read(1 << 20):
                target.write(chunk)
        task = {"source": str(path), "text": None, "dialect": None, "scale": scale, "tables": None, "locale": locale}
        return success(service.import_schema(who, task))
