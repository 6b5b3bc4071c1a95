"""A policy with all that it needs, to be planned in another process or on another machine."""

import base64
import json
import socket
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.core.prefix_sums import Sums
from faasera.core.streams import STREAM_VERSION
from faasera.core.version import __version__
from faasera.generators import GENERATORS
from faasera.plan.model import Plan
from faasera.plan.resolve import resolve
from faasera.policy.inputs import input_files
from faasera.policy.parse import parse

ENGINE = (__version__, STREAM_VERSION)
_KEPT = 4
_PLANS: dict[str, Plan] = {}


@dataclass(frozen=True)
class Parcel:
    """What a plan was made of.

    Attributes:
        name: the plan's.
        policy: the document, overrides included.
        files: seed files and files of keys, by their path below the policy's folder.
        keys: rows of databases that foreign keys refer to, as Arrow IPC streams.
        sums: running totals, packed.
        engine: the version that packed it, and that of its streams.
        digest: of the policy and of all inputs.
    """

    name: str
    policy: Mapping[str, Any]
    files: Mapping[str, bytes]
    keys: Mapping[str, bytes]
    sums: Mapping[str, bytes]
    engine: tuple[str, str]
    digest: str

    @classmethod
    def of(cls, plan: Plan) -> "Parcel":
        """Pack what a plan was made of.

        Raises:
            PolicyError: it needs what may not travel.
        """
        check_portable(plan)
        paths = {name: plan.directory / name for name in input_files(plan.policy, GENERATORS)}
        return cls(
            plan.name,
            plan.policy,
            {name: path.read_bytes() for name, path in paths.items() if path.is_file()},
            {name: _as_stream(rows) for name, rows in plan.keys.items()},
            plan.sums.packed(),
            ENGINE,
            plan.digest,
        )

    def plan(self) -> Plan:
        """The plan, made here; the last few are kept.

        Raises:
            PolicyError: another version packed it, or something is missing here: a key in the environment.
        """
        same_engine(self.engine)
        if self.digest not in _PLANS:
            while len(_PLANS) >= _KEPT:
                _PLANS.pop(next(iter(_PLANS)))
            _PLANS[self.digest] = self._made()
        return _PLANS[self.digest]

    def _made(self) -> Plan:
        with tempfile.TemporaryDirectory(prefix="faasera-parcel-") as folder:
            seeds = self.policy.get("seedDirectory")
            (Path(folder) / (seeds if isinstance(seeds, str) else "")).mkdir(parents=True, exist_ok=True)
            for name, content in self.files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            keys = {name: pa.ipc.open_stream(content).read_all() for name, content in self.keys.items()}
            parsed = parse(dict(self.policy), GENERATORS, Path(folder))
            plan = resolve(parsed, self.name, sums=Sums(dict(self.sums)), keys=keys)
        if plan.digest != self.digest:
            message = (
                f"the policy and its files have the digest {plan.digest} here, and {self.digest} where it was planned"
            )
            refuse("parcel-damaged", message, "Plan it again.")
        return plan

    def to_text(self) -> str:
        """As ASCII text."""
        parts = [self.name, self.policy, *map(_encoded, (self.files, self.keys, self.sums)), self.engine, self.digest]
        return base64.b85encode(zlib.compress(json.dumps(parts).encode(), 1)).decode()

    @classmethod
    def from_text(cls, text: str) -> "Parcel":
        """What ``to_text`` gave."""
        name, policy, files, keys, sums, engine, digest = json.loads(zlib.decompress(base64.b85decode(text)))
        files, keys, sums = map(_decoded, (files, keys, sums))
        return cls(name, policy, files, keys, sums, (engine[0], engine[1]), digest)


def same_engine(engine: tuple[str, str]) -> None:
    """See that another machine has the version that this one has.

    Raises:
        PolicyError: it has another.
    """
    if engine != ENGINE:
        message = (
            f"the policy was planned by faasera {engine[0]} (streams {engine[1]}), and "
            f"{socket.gethostname()} has {ENGINE[0]} (streams {ENGINE[1]})"
        )
        refuse("engine-mismatch", message, "Install the same version on all machines.")


def check_portable(plan: Plan) -> None:
    """See that other processes come to the same values.

    Raises:
        PolicyError: the policy needs a secret key from a file, or one that is this process's own.
    """
    problems = [
        Problem(
            f"/fpeKeys/{name}",
            "key-not-portable",
            f"the key '{name}' is in a file, and secrets do not travel with a policy to other machines",
            'Say {"env": "NAME"}, and set that variable on each of them.',
        )
        for name, source in plan.policy.get("fpeKeys", {}).items()
        if source.get("file") is not None
    ]
    problems += [
        Problem(
            "",
            "key-not-portable",
            f"'{column}' is encoded with a key that each process throws away: several would not agree",
            "Name a key with 'fpeKeyId', and set it in the environment of all of them.",
        )
        for column in plan.own_keys
    ]
    if problems:
        raise PolicyError(problems)


def _encoded(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(part).decode() for name, part in parts.items()}


def _decoded(parts: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(part) for name, part in parts.items()}


def _as_stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return bytes(sink.getvalue())
