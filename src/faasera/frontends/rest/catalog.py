"""What a policy can ask for."""

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from faasera.core.errors import did_you_mean
from faasera.frontends.catalog import catalog, schema
from faasera.frontends.rest.access import Who
from faasera.frontends.rest.envelope import FAILURES, Envelope, success
from faasera.service.errors import NotFoundError

router = APIRouter(tags=["catalog"], responses=FAILURES)
Kind = Annotated[str, Path(max_length=100, description="Of entries.", examples=["generationTypes"])]
Entry = Annotated[str, Path(max_length=100, description="The name of an entry.", examples=["SEED"])]
_catalog = lru_cache(maxsize=1)(catalog)
_schema = lru_cache(maxsize=1)(schema)
_ENTRY = {"name": "SEQUENCE", "summary": "1, 2, 3, …", "parameters": [], "example": {"type": "SEQUENCE"}}


def _example(data: Any) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"example": {"status": "SUCCESS", "data": data, "errors": []}}}
    return {200: {"content": content}}


@router.get(
    "/catalog",
    response_model=Envelope[dict[str, list[dict[str, Any]]]],
    responses=_example({"generationTypes": [_ENTRY]}),
    summary="Everything that a policy can name",
)
def everything(_: Who) -> Response:
    """Generation types, semantic types, distributions, functions, formats and more."""
    return success(_catalog())


@router.get(
    "/catalog/{kind}",
    response_model=Envelope[list[dict[str, Any]]],
    responses=_example([_ENTRY]),
    summary="All entries of a kind",
)
def of_kind(kind: Kind, _: Who) -> Response:
    """All entries of a kind."""
    return success(_kind(kind))


@router.get(
    "/catalog/{kind}/{name}",
    response_model=Envelope[dict[str, Any]],
    responses=_example(_ENTRY),
    summary="One entry",
)
def one(kind: Kind, name: Entry, _: Who) -> Response:
    """One entry: what it does, its parameters, an example."""
    entries = {entry["name"].casefold(): entry for entry in _kind(kind)}
    if name.casefold() not in entries:
        remedy = did_you_mean(name, [entry["name"] for entry in entries.values()])
        raise NotFoundError("unknown-entry", f"the catalog has no '{name}' in '{kind}'", remedy)
    return success(entries[name.casefold()])


@router.get(
    "/json-schema",
    response_model=Envelope[dict[str, Any]],
    responses=_example({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Faasera policy"}),
    summary="The JSON Schema of policies",
)
def json_schema(_: Who) -> Response:
    """The JSON Schema of policies, for editors to complete and explain every key."""
    return success(_schema())


def _kind(kind: str) -> list[dict[str, Any]]:
    entries = _catalog().get(kind)
    if entries is None:
        raise NotFoundError("unknown-kind", f"the catalog has no '{kind}'", did_you_mean(kind, _catalog()))
    return entries
