"""Delta tables over the Parquet files of a run: a commit of their log, by delta-rs.

Source: the Delta transaction log protocol, https://github.com/delta-io/delta/blob/master/PROTOCOL.md.
"""

import json
import os
import time
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from faasera.core.errors import PolicyError, Problem, RunError, refuse
from faasera.core.extras import require
from faasera.core.storage import Location
from faasera.core.type_text import parse_type
from faasera.core.types import TIME
from faasera.plan.model import TablePlan
from faasera.run.output import file_name


def require_delta(tables: Iterable[TablePlan]) -> None:
    """See that tables can be Delta tables.

    Raises:
        PolicyError: the package is missing, or Delta has no such type.
    """
    require("deltalake", extra="delta", purpose="the format 'delta'")
    problems = [
        Problem(
            "",
            "delta-type",
            f"'{table.name}.{column.name}' is a {column.data_type}, which Delta does not have",
            "Make it a STRING or a TIMESTAMP, or write Parquet.",
        )
        for table in tables
        for column in table.visible
        if TIME in column.data_type.walk()
    ]
    if problems:
        raise PolicyError(problems)


def commit_delta(location: Location, manifest: dict[str, Any], *, overwrite: bool) -> None:
    """Let the files of each table be a Delta table's new version, all of it.

    Args:
        location: that the files lie below.
        manifest: of the run.
        overwrite: take the place of an earlier version.

    Raises:
        RunError: a log cannot be written.
    """
    from deltalake import DeltaTable, Schema
    from deltalake.exceptions import DeltaError
    from deltalake.transaction import AddAction, create_table_with_add_actions

    options = _storage_options(location)
    for table in manifest["tables"]:
        place = location.child(file_name(table["name"]))
        url = place.bare if not location.is_local else place.shown
        schema = Schema.from_arrow(delta_schema(table))
        actions = [
            AddAction(
                path=file["path"].partition("/")[2],
                size=file["bytes"],
                partition_values={},
                modification_time=int(time.time() * 1000),
                data_change=True,
                stats=json.dumps({"numRecords": file["rows"]}),
            )
            for file in table["files"]
        ]
        try:
            if overwrite and DeltaTable.is_deltatable(url, options):
                there = DeltaTable(url, storage_options=options)
                there.create_write_transaction([*actions], mode="overwrite", schema=schema)
            else:
                create_table_with_add_actions(
                    url,
                    schema,
                    actions,
                    name=table["name"],
                    description="Synthetic, made by Faasera.",
                    storage_options=options,
                )
        except (DeltaError, OSError) as error:
            message = f"{place}: the Delta log cannot be written: {str(error).splitlines()[0][:300]}"
            refuse("delta-failed", message, "Check the place, and its rights.", kind=RunError)


def delta_schema(table: dict[str, Any]) -> pa.Schema:
    """The columns as Delta has them: all may be null there but those that never are."""
    return pa.schema(
        [
            pa.field(column["name"], parse_type(column["dataType"]).arrow, column["nullable"])
            for column in table["columns"]
        ]
    )


def _storage_options(location: Location) -> dict[str, str]:
    """What delta-rs has to know of a store: it reads the environment, but not our URLs."""
    options = {}
    query = location.query
    endpoint = query.get("endpoint_override") or os.environ.get("AWS_ENDPOINT_URL", "").partition("://")[2]
    if location.scheme == "s3" and endpoint:
        scheme = query.get("scheme") or os.environ.get("AWS_ENDPOINT_URL", "https").partition("://")[0]
        options = {"AWS_ENDPOINT_URL": f"{scheme}://{endpoint}", "AWS_ALLOW_HTTP": str(scheme == "http").lower()}
    if "region" in query:
        options["AWS_REGION"] = query["region"]
    return options
