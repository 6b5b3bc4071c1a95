"""Policies to plans to rows, inside the server: plans are kept, as the next question is mostly about the same."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from faasera.core.errors import did_you_mean
from faasera.plan.evaluate import batch_of
from faasera.plan.model import Plan, TablePlan
from faasera.plan.told import policy_digest
from faasera.policy.parse import check_value
from faasera.run.planning import RowOverride, load_plan, overridden
from faasera.service.errors import NotFoundError, ServiceError
from faasera.service.guard import check_document, check_plan
from faasera.service.seed_store import SeedStore
from faasera.service.settings import Settings

MOST_PREVIEWED = 1000
_PLANS = 32


class Engine:
    """Makes plans and rows of a project's policies."""

    def __init__(self, settings: Settings, seeds: SeedStore) -> None:
        self.settings = settings
        self.seeds = seeds
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self._lock = threading.Lock()

    def plan(
        self,
        project: str,
        document: Mapping[str, Any],
        *,
        name: str = "policy",
        seed: int | None = None,
        rows: RowOverride | None = None,
        digest: str | None = None,
    ) -> Plan:
        """The plan of a policy.

        Args:
            project: whose seed files the policy names.
            document: the policy.
            name: where the policy has none of its own.
            seed: instead of the policy's.
            rows: instead of the policy's row counts.
            digest: of the policy, where it is known.

        Raises:
            PolicyError: with all problems of the policy.
            ServiceError: it asks for more than the service gives.
        """
        key = (project, name, digest or policy_digest(document), seed, repr(rows), self.seeds.stamp(project))
        if (kept := self._kept(key)) is not None:
            return kept
        value = overridden(check_value(document), seed=seed, rows=rows)
        check_document(value, self.settings.max_rows)
        plan = load_plan(value, directory=self.seeds.folder(project), name=name)
        check_plan(plan, self.settings.max_rows)
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan

    def _kept(self, key: tuple[Any, ...]) -> Plan | None:
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
            return self._plans.get(key)

    def kept(self, project: str, name: str, digest: str, seed: int | None) -> Plan | None:
        """The plan of a policy that was made before; None if it has to be made."""
        return self._kept((project, name, digest, seed, repr(None), self.seeds.stamp(project)))

    def rows(self, plan: Plan, table: str | None, offset: int, count: int) -> tuple[TablePlan, pa.RecordBatch]:
        """Rows of a table, from any of its rows on.

        Raises:
            NotFoundError: there is no such table.
            ServiceError: the table has no such row, or these are too many.
        """
        found = table_of(plan, table)
        if not 0 <= count <= MOST_PREVIEWED:
            message = f"a preview has 0 to {MOST_PREVIEWED:,} rows, not {count:,}"
            raise ServiceError("row-count", message, "Read more of them from GET /api/v1/stream.", "/rows")
        if offset < 0 or (offset and offset >= found.row_count):
            message = f"'{found.name}' has {found.row_count:,} rows: no row {offset:,}"
            raise ServiceError(
                "offset", message, f"Use an offset from 0 to {max(found.row_count - 1, 0):,}.", "/offset"
            )
        return found, batch_of(plan, found, offset, min(offset + count, found.row_count))


def table_of(plan: Plan, name: str | None) -> TablePlan:
    """A table of a plan; of a single one, the name may be left out.

    Raises:
        NotFoundError: there is no such table.
    """
    if name is None and len(plan.tables) == 1:
        return next(iter(plan.tables.values()))
    if name is None or name not in plan.tables:
        message = f"there is no table '{name}'" if name is not None else "the policy has several tables"
        raise NotFoundError("unknown-table", message, did_you_mean(name or "", plan.tables), "/table")
    return plan.tables[name]
