"""The events that a function takes, as JSON has them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from faasera.core.errors import PolicyError, Problem, did_you_mean, pointer, refuse
from faasera.policy.counts import parse_count
from faasera.run.in_shards import SHARD_ROWS
from faasera.run.order import Cluster


class Event(BaseModel):
    """What a function is asked to do: write a shard, or plan, run or commit a whole run."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, strict=True)

    action: Literal["shard", "plan", "run", "commit"] | None = Field(
        None, description="By default shard where 'rows' are given, else run."
    )
    policy: dict[str, Any] | str | None = Field(None, description="The policy itself, its URL, or its path.")
    parcel: str | None = Field(None, description="Instead: the URL of a policy with its files, as a plan writes it.")
    seed: int | None = Field(None, ge=0, description="Instead of the policy's.")
    row_counts: dict[str, int | str] | int | str | None = Field(None, description="Instead of the policy's.")
    table: str | None = Field(None, description="shard: whose rows.")
    rows: list[int] | None = Field(None, description="shard: the first row, and the end, excluded.")
    part: int = Field(0, ge=0, description="shard: the number in the name of its file.")
    tables: list[str] | None = Field(None, description="Which tables the run has; by default all.")
    output: str = Field(description="The folder for the files: s3://…, gs://…, abfs://…, or a path.")
    format: str = Field("parquet", description="Of the files.")
    options: dict[str, Any] = Field(default_factory=dict, description="Of the format.")
    shard_rows: int | str = Field(SHARD_ROWS, description="plan, run: rows of a shard.")
    overwrite: bool = Field(False, description="Replace what an earlier run left in the folder.")
    run: str | None = Field(None, description="The run that a plan has named; another policy is refused by it.")
    engine: str | None = Field(None, description="The version that planned; another one is refused.")
    of: int | None = Field(None, ge=1, description="shard: of so many; the last one commits.")

    @property
    def kind(self) -> str:
        """What is to be done."""
        return self.action or ("shard" if self.rows is not None else "run")

    @property
    def target(self) -> Cluster:
        """Where the rows go, as an order has it."""
        rows = parse_count(self.shard_rows)
        return Cluster(self.output, self.format, self.options, overwrite=self.overwrite, shard_rows=rows)

    def as_json(self) -> dict[str, Any]:
        """Only what is said."""
        return self.model_dump(by_alias=True, exclude_defaults=True)


def read_event(given: object) -> Event:
    """An event, checked.

    Raises:
        PolicyError: with all that is wrong.
    """
    if not isinstance(given, Mapping):
        message = f"an event is a JSON object, not {type(given).__name__}"
        refuse("event", message, 'Send {"policy": …, "output": …}.')
    try:
        event = Event.model_validate(dict(given))
    except ValidationError as error:
        raise PolicyError(_problem(detail) for detail in error.errors()) from None
    problems = []
    if (event.policy is None) == (event.parcel is None):
        message = "nothing says which policy" if event.policy is None else "'policy' and 'parcel' exclude each other"
        problems.append(Problem("/policy", "event", message, "Give the policy itself, or its URL."))
    if event.parcel is not None and (event.seed is not None or event.row_counts is not None):
        message = "'seed' and 'rowCounts' have no effect on a parcel"
        problems.append(Problem("/parcel", "no-effect", message, "Plan with them."))
    if event.kind == "shard":
        if event.table is None:
            problems.append(Problem("/table", "event", "a shard needs a table", "Name the table."))
        if event.rows is None or len(event.rows) != 2:
            problems.append(Problem("/rows", "event", "a shard needs its rows", 'Write "rows": [0, 1000000].'))
        needless = ["shard_rows"]
    else:
        needless = ["table", "rows", "part", "of"] + (["shard_rows"] if event.kind == "commit" else [])
    for name in (one for one in needless if one in event.model_fields_set):
        key = to_camel(name)
        problems.append(Problem(f"/{key}", "no-effect", f"'{key}' has no effect on '{event.kind}'", "Remove it."))
    try:
        if parse_count(event.shard_rows) < 1:
            raise ValueError("a shard has at least one row, not 0")
    except ValueError as error:
        problems.append(Problem("/shardRows", "bad-option", str(error), "Write for example 1000000 or 5m."))
    if problems:
        raise PolicyError(problems)
    return event


def _problem(detail: Any) -> Problem:
    place = pointer(*(part for part in detail["loc"] if not str(part).startswith(("dict[", "str", "int"))))
    if detail["type"] == "extra_forbidden":
        known = [to_camel(name) for name in Event.model_fields]
        return Problem(
            place, "unknown-key", f"an event has no '{detail['loc'][0]}'", did_you_mean(str(detail["loc"][0]), known)
        )
    if detail["type"] == "missing":
        return Problem(place, "event", f"'{detail['loc'][0]}' is missing", "Add it.")
    return Problem(place, "event", f"'{detail['loc'][0]}': {detail['msg']}", "Correct the event.")
