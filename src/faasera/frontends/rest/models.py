"""What goes in and comes out, for the description of the API: names are camelCase, moments ISO 8601 in UTC."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from faasera.schema.dialects import DIALECTS
from faasera.writers import WRITERS

EXAMPLE_POLICY: dict[str, Any] = {
    "tableName": "customers",
    "rowCount": 1000,
    "columnRuleMap": {
        "id": {"type": "SEQUENCE"},
        "first_name": {},
        "last_name": {},
        "email": {},
        "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 500}},
    },
    "primaryKeyColumn": "id",
}
Item = TypeVar("Item")
Document = dict[str, Any]
Name = Annotated[str, Field(description="A name: up to 63 letters, digits, dots, hyphens and underscores.")]


def _dialect(name: str) -> str:
    """The name of a dialect that is declared."""
    if DIALECTS.get(name) is None:
        *first, last = map(repr, DIALECTS.names())
        message = "Input should be {expected}"
        raise PydanticCustomError("literal_error", message, {"expected": f"{', '.join(first)} or {last}"})
    return name


DialectName = Annotated[
    str, AfterValidator(_dialect), WithJsonSchema({"type": "string", "enum": DIALECTS.names()}, mode="validation")
]


def _example(*examples: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)}, extra="forbid")


class Paged(BaseModel, Generic[Item]):
    """Some entries of a list."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null where this is the last.")


class PolicyBody(BaseModel):
    """A policy."""

    model_config = _example({"policy": EXAMPLE_POLICY})

    policy: Document = Field(description="The policy, as on the command line.")


class Validation(BaseModel):
    """Whether a policy is right."""

    model_config = _example({"valid": True, "problems": [], "warnings": []})

    valid: bool
    problems: list[dict[str, str]] = Field(description="All problems, each with pointer, code, message and remedy.")
    warnings: list[str]


class PolicyHead(BaseModel):
    """A version of a policy, without its document."""

    model_config = _example(
        {
            "name": "customers",
            "version": 3,
            "digest": "5f0c8f1e0a3d4b6c9e7a1b2c3d4e5f60",
            "created": "2026-01-31T09:30:00.000Z",
            "author": "ci",
        }
    )

    name: str
    version: int
    digest: str
    created: str
    author: str


class PolicyOut(PolicyHead):
    """A version of a policy."""

    model_config = _example(
        {
            "name": "customers",
            "version": 3,
            "digest": "5f0c8f1e0a3d4b6c9e7a1b2c3d4e5f60",
            "created": "2026-01-31T09:30:00.000Z",
            "author": "ci",
            "policy": EXAMPLE_POLICY,
        }
    )

    policy: Document


class Change(BaseModel):
    """One operation of a JSON Patch (RFC 6902), with the value before."""

    model_config = _example({"op": "replace", "path": "/rowCount", "before": 1000, "value": 2000})

    op: Literal["add", "remove", "replace"]
    path: str
    before: Any = None
    value: Any = None


class PreviewBody(BaseModel):
    """Which rows of what."""

    model_config = _example(
        {"policy": EXAMPLE_POLICY, "rows": 3, "offset": 0},
        {"policyName": "customers", "table": "customers", "rows": 5, "offset": 990},
    )

    policy: Document | None = Field(None, description="A policy; or 'policyName'.")
    policy_name: str | None = Field(None, alias="policyName", description="A kept policy.")
    version: int | None = Field(None, ge=1, lt=1 << 31, description="Of the kept policy (default: the latest).")
    table: str | None = Field(None, description="Which table; may be left out where there is one.")
    rows: int = Field(10, ge=0, le=1000, description="How many rows.")
    offset: int = Field(0, ge=0, lt=1 << 53, description="The first row, from 0.")
    seed: int | None = Field(None, ge=0, lt=1 << 64, description="Instead of the policy's.")


class Preview(BaseModel):
    """Rows of a table."""

    model_config = _example(
        {
            "table": "customers",
            "offset": 0,
            "rowCount": 1000,
            "columns": [{"name": "id", "dataType": "BIGINT"}, {"name": "first_name", "dataType": "STRING"}],
            "rows": [{"id": 1, "first_name": "Thomas"}],
        }
    )

    table: str
    offset: int
    row_count: int = Field(alias="rowCount", description="Of the whole table.")
    columns: list[dict[str, str]]
    rows: list[Document]


class ImportBody(BaseModel):
    """A schema to make a policy of."""

    model_config = _example(
        {"ddl": "CREATE TABLE customers (id BIGINT PRIMARY KEY, email VARCHAR(80) NOT NULL);", "dialect": "postgres"},
    )

    ddl: str | None = Field(None, description="DDL; or 'connection'.")
    dialect: DialectName | None = Field(None, description="Of the DDL (default: by its looks).")
    connection: str | None = Field(None, description="The name of one of the server's connections.")
    scale: float | None = Field(None, gt=0, le=1e9, description="Row counts: the source's statistics times this.")
    tables: list[str] | None = Field(None, description="Only these tables.")
    locale: str | None = Field(None, description="Of names and forms, such as de_DE.")


class ImportOut(BaseModel):
    """What an import made."""

    model_config = _example(
        {
            "policy": EXAMPLE_POLICY,
            "notes": [],
            "drifts": [],
            "guesses": [{"table": "customers", "column": "email", "reason": "named 'email'"}],
            "problems": [],
        }
    )

    policy: Document
    notes: list[Document]
    drifts: list[Document]
    guesses: list[Document]
    problems: list[Document]


class Output(BaseModel):
    """Where a job puts its rows."""

    model_config = _example({"format": "parquet"}, {"to": "warehouse", "mode": "replace"})

    format: str | None = Field(
        None, description=f"csv (default) or another of {', '.join(WRITERS.names())}; not for a database."
    )
    options: Document | None = Field(None, description="Of the format: see the catalog's formats.")
    to: str | None = Field(
        None,
        description="A connection's name, or a URL that an admin has allowed (default: files kept by the service).",
    )
    mode: Literal["fail", "append", "truncate", "replace"] | None = Field(
        None, description="Of a database: what to do with rows that are there (default: fail)."
    )
    disable_triggers: bool = Field(
        False, alias="disableTriggers", description="Of a database: load without the triggers of the tables."
    )
    overwrite_source: bool = Field(
        False,
        alias="overwriteSource",
        description="Of a database: the rows of the one that the policy was imported from may go.",
    )


class JobBody(BaseModel):
    """What a job is to do."""

    model_config = _example(
        {"policy": EXAMPLE_POLICY, "output": {"format": "csv"}},
        {"policyName": "customers", "output": {"format": "parquet"}, "rows": "10k"},
    )

    policy: Document | None = Field(None, description="A policy; or 'policyName'.")
    policy_name: str | None = Field(None, alias="policyName", description="A kept policy.")
    version: int | None = Field(None, ge=1, lt=1 << 31, description="Of the kept policy (default: the latest).")
    output: Output = Field(default_factory=lambda: Output.model_validate({}))
    seed: int | None = Field(None, ge=0, lt=1 << 64, description="Instead of the policy's.")
    rows: int | str | dict[str, int | str] | None = Field(
        None, description="Row counts instead of the policy's: one for all tables, or by table; '10k' is fine."
    )
    tables: list[str] | None = Field(None, description="Only these tables.")
    check: bool | None = Field(
        None,
        description="Whether SQL proves that the rows keep the policy's promises (default: yes, unless appended).",
    )


class JobOut(BaseModel):
    """A job."""

    model_config = _example(
        {
            "id": "job-0123456789abcdef",
            "project": "default",
            "author": "ci",
            "state": "RUNNING",
            "attempt": 1,
            "created": "2026-01-31T09:30:00.000Z",
            "started": "2026-01-31T09:30:00.400Z",
            "finished": None,
            "policyName": "customers",
            "policyVersion": 3,
            "output": {"format": "parquet"},
            "seed": None,
            "rows": 1000000,
            "rowsDone": 262144,
            "phase": "writing",
            "rowsPerSecond": 850000,
            "secondsLeft": 0.9,
            "tables": [{"name": "customers", "rows": 1000000, "done": 262144}],
            "bytes": None,
            "check": None,
            "problems": [],
            "artifactsRemoved": None,
        }
    )

    id: str
    project: str
    author: str
    state: Literal["QUEUED", "RUNNING", "SUCCESS", "ERROR", "CANCELLED"]
    attempt: int
    created: str
    started: str | None
    finished: str | None
    policy_name: str | None = Field(alias="policyName")
    policy_version: int | None = Field(alias="policyVersion")
    output: Document
    seed: int | None
    rows: int
    rows_done: int = Field(alias="rowsDone")
    phase: Literal["writing", "checking", "delivering"] | None
    rows_per_second: int | None = Field(alias="rowsPerSecond")
    seconds_left: float | None = Field(alias="secondsLeft")
    tables: list[Document]
    bytes: int | None
    check: Document | None
    problems: list[Document]
    artifacts_removed: str | None = Field(alias="artifactsRemoved")


class FileOut(BaseModel):
    """A file."""

    model_config = _example({"name": "customers.csv", "bytes": 51234})

    name: str
    bytes: int


class SeedOut(FileOut):
    """A seed file."""

    model_config = _example({"name": "firstnames.csv", "bytes": 512, "changed": "2026-01-31T09:30:00.000Z"})

    changed: str


class KeyBody(BaseModel):
    """A key to make."""

    model_config = _example({"name": "ci", "role": "operator", "project": "default"})

    name: str = Field(description="Shown in lists and in the audit log.")
    role: Literal["viewer", "author", "operator", "admin"]
    project: str = Field("default", description="Whose policies, jobs and seed files are seen.")


class KeyOut(BaseModel):
    """A key, without its secret."""

    model_config = _example(
        {
            "id": "0123456789ab",
            "name": "ci",
            "project": "default",
            "role": "operator",
            "created": "2026-01-31T09:30:00.000Z",
            "revoked": None,
        }
    )

    id: str
    name: str
    project: str
    role: str
    created: str
    revoked: str | None


class NewKeyOut(KeyOut):
    """A new key; its text is shown this once."""

    model_config = _example(
        {
            "id": "0123456789ab",
            "name": "ci",
            "project": "default",
            "role": "operator",
            "created": "2026-01-31T09:30:00.000Z",
            "revoked": None,
            "key": "fsk_0123456789ab_…",
        }
    )

    key: str


class Me(BaseModel):
    """Who asks."""

    model_config = _example(
        {"id": "0123456789ab", "name": "ci", "role": "operator", "project": "default", "connections": []}
    )

    id: str
    name: str
    role: str
    project: str
    connections: list[str] = Field(description="Names of connections that jobs and imports may use.")


class AuditLine(BaseModel):
    """Who did what."""

    model_config = _example(
        {
            "time": "2026-01-31T09:30:00.000Z",
            "project": "default",
            "key": "0123456789ab",
            "name": "ci",
            "action": "job.create",
            "subject": "job-0123456789abcdef",
            "outcome": "done",
        }
    )

    time: str
    project: str
    key: str
    name: str
    action: str
    subject: str
    outcome: str


class Health(BaseModel):
    """Whether the server does its work."""

    model_config = _example({"version": "0.5.0", "checks": {"database": "ok", "jobs": "ok"}})

    version: str
    checks: dict[str, str]
