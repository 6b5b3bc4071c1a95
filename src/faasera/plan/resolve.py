"""From a parsed policy to a plan, with every problem of every rule and key at once."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem
from faasera.core.streams import STREAM_VERSION
from faasera.generators.seed_files import SeedFile
from faasera.plan.model import Plan, TablePlan
from faasera.plan.table import TableResolver, refuse_later
from faasera.policy.parse import ParsedPolicy


class Resolver:
    """A whole policy on its way to a plan."""

    def __init__(self, parsed: ParsedPolicy) -> None:
        self.parsed = parsed
        self.problems = parsed.problems
        self.active: list[tuple[str, str]] = []
        self.cyclic: set[tuple[str, str]] = set()
        self._cache: dict[str, Any] = {}
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
        if self.parsed.document.use_ai_hinting:
            refuse_later(self.problems, "useAIHinting", "AI hinting")
        for table in self.tables.values():
            table.check()
            table.check_foreign_keys()
        for table in self.tables.values():
            for column in table.order:
                table.compile(column)
        plans = {name: table.finish() for name, table in self.tables.items()}
        self.problems.raise_any()
        made = {name: plan for name, plan in plans.items() if plan is not None}
        if len(made) < len(plans):
            raise PolicyError(
                [Problem("", "incomplete", "a column could not be planned", "Report this, with the policy.")]
            )
        document = self.parsed.document
        ordered = {name: made[name] for name in dependency_order(made)}
        digest = policy_digest(self.parsed.source)
        name = document.name or default_name
        return Plan(
            name, document.seed, document.as_of, ordered, self.parsed.source, digest, self._inputs(), self._warnings()
        )

    def _seed_files(self) -> list[SeedFile]:
        return list({made.path: made for made in self._cache.values() if isinstance(made, SeedFile)}.values())

    def _inputs(self) -> dict[str, str]:
        return {
            file.path.name: hashlib.blake2b(file.path.read_bytes(), digest_size=16).hexdigest()
            for file in self._seed_files()
        }

    def _warnings(self) -> tuple[str, ...]:
        return tuple(
            f"{file.path.name}: the header line '{', '.join(file.header or ())}' looks like a value; "
            'if the file has no header, say "header": false'
            for file in self._seed_files()
            if file.header_looks_like_value()
        )


def policy_digest(policy: Mapping[str, Any]) -> str:
    """The digest of a policy's JSON value: key order and white space play no part."""
    canonical = json.dumps(policy, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
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
            visit(foreign_key.parent)
        order.append(name)

    for name in tables:
        visit(name)
    return order


def resolve(parsed: ParsedPolicy, default_name: str = "policy") -> Plan:
    """The plan of a parsed policy, named ``default_name`` where it has no name of its own.

    Raises:
        PolicyError: with all problems of all tables.
    """
    return Resolver(parsed).resolve(default_name)
