"""The facets of OpenLineage events that are our own; ``docs/schemas`` has their JSON Schemas."""

from typing import Any

import attr
from openlineage.client.generated.base import DatasetFacet, JobFacet


@attr.define
class SyntheticFacet(DatasetFacet):
    """Whether a dataset is synthetic, and how each of its columns was made."""

    synthetic: bool
    columns: dict[str, Any]
    digest: str | None = None

    @staticmethod
    def _get_schema() -> str:
        return "urn:faasera:schema:faasera_synthetic:1-0-0"


@attr.define
class PolicyFacet(JobFacet):
    """The policy that a run follows."""

    digest: str
    seed: int
    asOf: str  # noqa: N815 – as all facets spell their fields.
    streamVersion: str  # noqa: N815
    version: str | None = None

    @staticmethod
    def _get_schema() -> str:
        return "urn:faasera:schema:faasera_policy:1-0-0"
