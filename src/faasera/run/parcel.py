"""A plan as bytes, for another process or another machine."""

import base64
import dataclasses
import hashlib
import importlib
import io
import json
import pickle
import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from operator import attrgetter
from typing import Any, NoReturn

from pydantic import BaseModel
from typing_extensions import override

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.core.kept import Kept
from faasera.core.streams import STREAM_VERSION
from faasera.core.version import __version__
from faasera.generators.declared import GENERATORS
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.plan.model import Plan

ENGINE = (__version__, STREAM_VERSION)
_KEPT = 4
_PLANS: dict[str, Plan] = {}
_OTHERS = {
    ("builtins", "bytearray"),
    ("collections", "OrderedDict"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("pathlib", "Path"),
    ("pathlib", "PosixPath"),
    ("pathlib", "WindowsPath"),
}
"""What values of the standard library a plan can hold."""
_LIBRARIES: Mapping[str, frozenset[str]] = {
    "numpy": frozenset({"ndarray", "dtype", "_reconstruct", "_frombuffer", "scalar"}),
    "pyarrow": frozenset(
        {
            "_reconstruct_table", "_restore_array", "field", "py_buffer", "scalar", "schema", "type_for_alias",
            "decimal128", "timestamp", "time64", "dictionary", "list_", "struct", "map_",
            "DictionaryType", "Decimal128Type", "ListType", "MapType", "StructType", "Time64Type", "TimestampType",
            "Field", "Schema", "_reconstruct_record_batch", "chunked_array",
        }
    ),
}  # fmt: skip
"""What rebuilds arrays, by package."""


_COMPUTING = ("faasera.generators.literals", "faasera.generators.semantic.")
"""The modules whose functions a plan may hold: they make values of values, and touch nothing else."""


_DAMAGE = (pickle.UnpicklingError, zlib.error, EOFError, ValueError, TypeError, LookupError, AttributeError)
"""What comes of bytes that are no plan."""


@dataclass(frozen=True)
class Parcel:
    """A plan, packed.

    Attributes:
        content: the plan, pickled and compressed.
        engine: the version that packed it, and that of its streams.
        digest: of the policy and of all inputs.
    """

    content: bytes
    engine: tuple[str, str]
    digest: str

    @classmethod
    def of(cls, plan: Plan) -> "Parcel":
        """Pack a plan.

        Raises:
            PolicyError: it needs what may not travel.
        """
        check_portable(plan)
        # Rows that exist already are in the plan of their table, too.
        return cls(zlib.compress(pickle.dumps(replace(plan, keys={})), 1), ENGINE, plan.digest)

    def plan(self) -> Plan:
        """The plan; the last few are kept.

        Raises:
            PolicyError: another version packed it, it is damaged, or something is missing here: a package.
        """
        same_engine(self.engine)
        name = hashlib.blake2b(self.content, digest_size=16).hexdigest()
        plan = _PLANS.get(name)
        if plan is None:
            while len(_PLANS) >= _KEPT:
                _PLANS.pop(next(iter(_PLANS)), None)
            plan = _PLANS[name] = self._unpacked()
        return plan

    def _unpacked(self) -> Plan:
        try:
            plan = _Unpickler(io.BytesIO(zlib.decompress(self.content))).load()
        except _DAMAGE as error:
            _damaged(str(error))
        if not isinstance(plan, Plan) or plan.digest != self.digest:
            _damaged("what it holds is not what it says")
        return plan

    def to_text(self) -> str:
        """As ASCII text."""
        return json.dumps([*self.engine, self.digest, base64.b85encode(self.content).decode()])

    @classmethod
    def from_text(cls, text: str) -> "Parcel":
        """What ``to_text`` gave.

        Raises:
            PolicyError: it is no parcel.
        """
        try:
            version, streams, digest, content = json.loads(text)
            return cls(base64.b85decode(content), (version, streams), digest)
        except (ValueError, TypeError) as error:
            _damaged(str(error))


class _Unpickler(pickle.Unpickler):
    """Makes values of a plan, and nothing else: what comes from outside cannot have other code called."""

    @override
    def find_class(self, module: str, name: str) -> Any:
        package = module.partition(".")[0]
        if (module, name) in _OTHERS or name in _LIBRARIES.get(package, ()):
            return super().find_class(module, name)
        plugins = _plugins()
        if package == "faasera" or package in {one.partition(".")[0] for one in plugins}:
            try:
                found = attrgetter(name)(importlib.import_module(module))
            except (ImportError, AttributeError):
                message = f"the plan needs {module}.{name}, which {socket.gethostname()} does not have"
                refuse("engine-mismatch", message, "Install the same packages on all machines.")
            computes = module.startswith(_COMPUTING) or module in plugins
            if found.__module__ == module and (_is_value(found) or (computes and not isinstance(found, type))):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a plan")


def _plugins() -> set[str]:
    """The modules that declare generation types and semantic types of other packages."""
    brought = {declared.compile.__module__ for registry in (GENERATORS, SEMANTIC_TYPES) for declared in registry}
    return {module for module in brought if not module.startswith("faasera.")}


def _is_value(found: Any) -> bool:
    """Whether something is a class of values, so that making one does no harm."""
    if not isinstance(found, type):
        return False
    return dataclasses.is_dataclass(found) or issubclass(found, Enum | BaseModel | Kept | dict)


def _damaged(reason: str) -> NoReturn:
    refuse("parcel-damaged", f"what another process was sent is damaged: {reason}", "Plan it again.")


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
