"""An order: a policy, where its rows go, and what is done with them afterwards; as a value, and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from faasera.core.errors import PolicyError, Problem, did_you_mean, pointer, refuse
from faasera.core.storage import Location, is_url
from faasera.plan.model import Plan
from faasera.run.planning import RowOverride

_STRICT = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


@dataclass(frozen=True)
class Files:
    """Rows go to files that this process writes.

    Attributes:
        out: the folder, made if it is missing; or the URL of one in an object store.
        format: of the files.
        options: of the format.
        parts: files a table.
        overwrite: replace what an earlier run left there.
        resume: keep a journal, and go on where a run of the same that was killed had come to.
        most_bytes: of all files together; None for any number.
        destination: the URL where the files are brought afterwards, if they are; for lineage.
        kind: tells this target from others in JSON.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    out: str
    format: str = "csv"
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: int = 1
    overwrite: bool = False
    resume: bool = False
    most_bytes: int | None = None
    destination: str | None = None
    kind: Literal["files"] = "files"


@dataclass(frozen=True)
class IntoDatabase:
    """Rows go into the tables of a database.

    Attributes:
        to: the name of a connection, a URL, or the path of a database file.
        mode: what to do with rows that are there: ``fail``, ``append``, ``truncate`` or ``replace``.
        disable_triggers: whether rows are loaded without the triggers of their tables.
        overwrite_source: whether rows may go that the policy was imported beside.
        kind: tells this target from others in JSON.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    to: str
    mode: str = "fail"
    disable_triggers: bool = False
    overwrite_source: bool = False
    kind: Literal["rows"] = "rows"


@dataclass(frozen=True)
class Cluster:
    """Rows go to files that several processes write, in shards.

    Attributes:
        out: the folder, as all of them see it.
        format: of the files.
        options: of the format.
        overwrite: replace what an earlier run left there.
        shard_rows: rows of a file; None leaves it to whoever shares out the work. The data do not depend on it.
        master: of Spark, as Spark names it; None leaves it to Spark's own settings.
        kind: tells this target from others in JSON.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    out: str
    format: str = "parquet"
    options: Mapping[str, Any] = field(default_factory=dict)
    overwrite: bool = False
    shard_rows: int | None = None
    master: str | None = None
    kind: Literal["cluster"] = "cluster"


Target: TypeAlias = Files | IntoDatabase | Cluster


@dataclass(frozen=True)
class Order:
    """What is to be made of a policy.

    Attributes:
        policy: a path to JSON or YAML, the URL of such a file, JSON text, or the document itself.
        target: where the rows go.
        name: of the policy, where it has none of its own; by default that of its file.
        directory: that the policy's paths start from; by default the folder of its file.
        seed: instead of the policy's.
        rows: instead of the policy's row counts.
        tables: which ones; None for all.
        workers: threads, where this process makes the rows; by default one a core.
        check: whether SQL then proves that the rows keep what the policy says.
        sign: the path of a key file; the manifest is then signed, with the hash of every file.
        version: of the policy, where it is kept in versions; for lineage.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    policy: str | Mapping[str, Any]
    target: Annotated[Target, Field(discriminator="kind")]
    name: str | None = None
    directory: str | None = None
    seed: int | None = None
    rows: RowOverride | None = None
    tables: tuple[str, ...] | None = None
    workers: int | None = None
    check: bool = False
    sign: str | None = None
    version: str | None = None

    @classmethod
    def of(cls, plan: Plan, target: Target, **more: Any) -> "Order":
        """An order for a plan that is there: its policy, with all that was said instead of it.

        Args:
            plan: of the policy.
            target: where the rows go.
            more: the order's other attributes.
        """
        return cls(dict(plan.policy), target, plan.name, str(plan.directory), **more)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without what is as it is by default.

        Raises:
            PolicyError: a URL holds a password; the JSON of an order can be read by others.
        """
        _refuse_secrets(self.target)
        made: dict[str, Any] = _adapter().dump_python(self, mode="json", by_alias=True, exclude_defaults=True)
        made["target"]["kind"] = self.target.kind
        return made

    @classmethod
    def from_dict(cls, value: object) -> "Order":
        """What ``as_dict`` gave.

        Raises:
            PolicyError: it is no order, with all that is wrong.
        """
        try:
            return _adapter().validate_json(json.dumps(value))
        except ValidationError as error:
            found = {problem.pointer: problem for problem in map(_problem, reversed(error.errors()))}
            raise PolicyError(reversed(found.values())) from None
        except (TypeError, ValueError) as error:
            refuse("bad-option", f"an order is JSON: {error}", "Write what an order's 'as_dict' gives.")


@cache
def _adapter() -> TypeAdapter[Order]:
    return TypeAdapter(Order)


def _refuse_secrets(target: Target) -> None:
    if isinstance(target, IntoDatabase):
        if "://" in target.to and urlsplit(target.to).password is not None:
            from faasera.databases.connections import find_connection

            find_connection(target.to, open_to_all=True)
        return
    places = [target.out, target.destination or ""] if isinstance(target, Files) else [target.out]
    for place in places:
        if is_url(place):
            Location(place)


def _problem(detail: Any) -> Problem:
    first, *rest = detail["loc"] or ("",)
    # Behind 'target' comes its kind; behind the others, which of the types that they may have was tried.
    path = [first, *rest[1:]] if first == "target" else [first] if first else []
    place, name = pointer(*path), str(path[-1]) if path else "order"
    if detail["type"] == "unexpected_keyword_argument":
        owner = {"files": Files, "rows": IntoDatabase, "cluster": Cluster}[rest[0]] if len(path) > 1 else Order
        known = [to_camel(one.name) for one in fields(owner)]
        return Problem(place, "unknown-key", f"an order has no '{name}' there", did_you_mean(name, known))
    if detail["type"] == "missing":
        return Problem(place, "bad-option", f"'{name}' is missing", "Add it.")
    return Problem(place, "bad-option", f"'{name}': {detail['msg']}", "Correct the order.")
