"""From a parsed policy to a plan, with every problem of every rule and key at once."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from faasera.core.prefix_sums import Sums
from faasera.core.streams import STREAM_VERSION
from faasera.generators.seed_files import SeedFile
from faasera.plan.checks import measured
from faasera.plan.deny import DenyList, read_deny_list
from faasera.plan.finish import UnplannedError, finish
from faasera.plan.model import Plan, TablePlan
from faasera.plan.relations import check_choices
from faasera.plan.table import TableResolver
from faasera.plan.virtual import VirtualTable
from faasera.plan.weights import check_weights
from faasera.policy.parse import ParsedPolicy
from faasera.policy.secrets import read_key


class Plans(Mapping[str, TablePlan]):
    """The tables' plans, each finished when it is first asked for, and once."""

    def __init__(self, resolver: "Resolver") -> None:
        self._resolver = resolver
        self._found: dict[str, TablePlan | None] = {}
        self._active: list[str] = []

    def find(self, name: str) -> TablePlan | None:
        """The plan of a table or of a virtual parent; None after problems were reported."""
        if name not in self._found:
            if name in self._active:
                cycle = " → ".join([*self._active[self._active.index(name) :], name])
                message = f"tables that share columns must be known before one another: {cycle}"
                remedy = "Let one of the foreign keys in the circle have columns of its own."
                self._resolver.tables[name].problems.add("cycle", message, remedy, at=["foreignKeys"])
                return None
            self._active.append(name)
            virtual = next((one for one in self._resolver.virtual() if one.name == name), None)
            self._found[name] = virtual.plan() if virtual else finish(self._resolver.tables[name])
            self._active.pop()
        return self._found[name]

    def __getitem__(self, name: str) -> TablePlan:
        """The plan of that name.

        Raises:
            UnplannedError: it could not be made, which was reported.
        """
        found = self.find(name)
        if found is None:
            raise UnplannedError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """The tables' names."""
        return iter(self._resolver.tables)

    def __len__(self) -> int:
        """The number of tables."""
        return len(self._resolver.tables)


class Resolver:
    """A whole policy on its way to a plan."""

    def __init__(self, parsed: ParsedPolicy, sums: Sums, keys: Mapping[str, pa.Table]) -> None:
        self.parsed = parsed
        self.sums = sums
        self.keys = keys
        self.problems = parsed.problems
        self.active: list[tuple[str, str]] = []
        self.counting: list[str] = []
        self.cyclic: set[tuple[str, str]] = set()
        self._cache: dict[str, Any] = {}
        self.warnings: dict[str, None] = {}
        self.provenance: list[dict[str, Any]] = []
        self.own_keys: set[str] = set()
        self.seed_directory = self._seed_directory()
        self.tables: dict[str, TableResolver] = {}
        folded: set[str] = set()
        for table in parsed.tables:
            name = table.policy.table_name
            if name.casefold() in folded:
                message = f"there are two tables '{name}' (upper and lower case count as the same)"
                table.problems.add("duplicate-table", message, "Rename one of them.", at=["tableName"])
            folded.add(name.casefold())
            self.tables[name] = TableResolver(table, self)
        self.plans = Plans(self)

    @cached_property
    def deny_list(self) -> DenyList | None:
        """The deny list; None where there is none, or after problems were reported."""
        given = self.parsed.document.deny_list
        if given is None:
            return None
        key = None
        if given.key_id is not None:
            problems = self.problems.at("denyList", "keyId")
            key = read_key(self.parsed.document, given.key_id, self.parsed.directory, problems)
            if key is None:
                return None
        return read_deny_list(given.file, key, self.seed_directory, self.problems.at("denyList", "file"))

    def _seed_directory(self) -> Path:
        given = self.parsed.document.seed_directory
        path = self.parsed.directory / given if given else self.parsed.directory
        if not path.is_dir():
            self.problems.add(
                "seed-directory",
                f"there is no folder '{given}'",
                "Create it, or correct the path.",
                at=["seedDirectory"],
            )
        return path

    def cached(self, name: str, make: Callable[[], Any]) -> Any:
        """Something made once for the whole policy."""
        if name not in self._cache:
            self._cache[name] = make()
        return self._cache[name]

    def resolve(self, default_name: str) -> Plan:
        """The plan.

        Raises:
            PolicyError: with all problems of all tables.
        """
        tables = self.tables.values()
        for table in tables:
            table.relate()
        for table in tables:
            table.check()
        for table in tables:
            table.check_parents()
        for table in tables:
            for column in table.order:
                table.compile(column)
        for table in tables:
            check_choices(table)
        for name in self.tables:
            self.plans.find(name)
        self.problems.raise_any()
        for name, table in self.tables.items():
            check_weights(table, self.plans[name])
        self.problems.raise_any()
        document = self.parsed.document
        made = {name: self.plans[name] for name in self.tables}
        relatives = made | {virtual.name: virtual.plan() for virtual in self.virtual()}
        for name, table in self.tables.items():
            made[name] = relatives[name] = measured(made[name], relatives, table.problems)
        self.problems.raise_any()
        return Plan(
            document.name or default_name,
            document.seed,
            document.as_of,
            {name: made[name] for name in dependency_order(made)},
            self.parsed.source,
            policy_digest(self.parsed.source),
            self._inputs(),
            self._warnings(),
            relatives,
            self.parsed.directory,
            self.deny_list,
            tuple(self.provenance),
            self.sums,
            {virtual.name: virtual.content for virtual in self.virtual() if virtual.path is None},
            tuple(sorted(self.own_keys)),
        )

    def virtual(self) -> list[VirtualTable]:
        """The files of keys that foreign keys refer to."""
        return [made for made in self._cache.values() if isinstance(made, VirtualTable)]

    def _seed_files(self) -> list[SeedFile]:
        return list({made.path: made for made in self._cache.values() if isinstance(made, SeedFile)}.values())

    def _inputs(self) -> dict[str, str]:
        return {
            file.path.name: hashlib.blake2b(file.path.read_bytes(), digest_size=16).hexdigest()
            for file in self._seed_files()
        } | {virtual.name: virtual.digest() for virtual in self.virtual()}

    def _warnings(self) -> tuple[str, ...]:
        unreviewed = [
            f"{one.get('table')}.{one.get('column')}" for one in self.parsed.document.hints if not one.get("reviewed")
        ]
        if unreviewed:
            shown = ", ".join(unreviewed[:5]) + (f" and {len(unreviewed) - 5} more" if len(unreviewed) > 5 else "")
            self.warnings[f"nobody has reviewed the hints for {shown}: faasera hints review"] = None
        document = self.parsed.document
        asked = document.use_ai_hinting or any(table.policy.use_ai_hinting for table in self.tables.values())
        if asked and not document.hints:
            self.warnings["'useAIHinting' has no effect: every column says itself what it holds"] = None
        return *self.warnings, *(
            f"{file.path.name}: the header line '{', '.join(file.header or ())}' looks like a value; "
            'if the file has no header, say "header": false'
            for file in self._seed_files()
            if file.header_looks_like_value()
        )


def policy_digest(policy: Mapping[str, Any]) -> str:
    """The digest of a policy's JSON value: key order, white space, and who suggested its lists play no part."""
    told = {key: value for key, value in policy.items() if key != "hints"}
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(f"{STREAM_VERSION}\0{canonical}".encode(), digest_size=16).hexdigest()


def dependency_order(tables: Mapping[str, TablePlan]) -> list[str]:
    """Parents before children, otherwise as in the policy; a cycle is entered at its first table."""
    order: list[str] = []
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in order or name in visiting:
            return
        visiting.add(name)
        for foreign_key in tables[name].foreign_keys.values():
            if not foreign_key.virtual:
                visit(foreign_key.parent)
        order.append(name)

    for name in tables:
        visit(name)
    return order


def resolve(
    parsed: ParsedPolicy,
    default_name: str = "policy",
    *,
    sums: Sums | None = None,
    keys: Mapping[str, pa.Table] | None = None,
) -> Plan:
    """The plan of a parsed policy.

    Args:
        parsed: the policy.
        default_name: where it has no name of its own.
        sums: running totals that are known, and how to make others.
        keys: rows of databases that are known, by the plan's name for them.

    Raises:
        PolicyError: with all problems of all tables.
    """
    return Resolver(parsed, sums or Sums(), keys or {}).resolve(default_name)
