"""What others are told of a run while it goes on: the log, catalogues, traces."""

import contextlib
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence

from faasera.core.codes import number_of
from faasera.core.errors import FaaseraError
from faasera.core.logs import get_logger, run_id
from faasera.core.tracing import span
from faasera.lineage.datasets import DatasetName
from faasera.lineage.openlineage import RunEvents, configured
from faasera.plan.model import Plan, TablePlan
from faasera.run.manifest import Manifest

logger = get_logger("run")


class Observation:
    """Tells others of a run.

    Args:
        run: its UUID.
        events: for catalogues; None where there is none.
    """

    def __init__(self, run: str, events: RunEvents | None) -> None:
        self.run = run
        self._events = events
        self.manifest: Manifest | None = None

    def table_done(self, table: str, rows: int) -> None:
        """A table is written."""
        logger.info("table written", extra={"run": self.run, "table": table, "rows": rows})
        if self._events is not None:
            self._events.table_done(table, rows)

    def complete(self, manifest: Manifest) -> None:
        """All is there."""
        self.manifest = manifest


@contextlib.contextmanager
def observed(
    plan: Plan,
    tables: Sequence[TablePlan],
    outputs: Mapping[str, DatasetName],
    *,
    replaces: bool = False,
    version: str | None = None,
) -> Iterator[Observation]:
    """Tell others that a run begins, and how it ends.

    Args:
        plan: what is run.
        tables: that are written.
        outputs: where each of the policy's tables goes.
        replaces: whether what was there is replaced.
        version: of the policy, where it is kept in versions.

    Raises:
        PolicyError: lineage or traces are asked for, and cannot be had.
    """
    identifier = str(uuid.uuid4())
    token = run_id.set(identifier)
    started = time.perf_counter()
    rows = sum(table.row_count for table in tables)
    try:
        with span("run", run=identifier, policy=plan.name, digest=plan.policy_digest, rows=rows):
            events = RunEvents(plan, tables, outputs, identifier, version, replaces=replaces) if configured() else None
            observation = Observation(identifier, events)
            logger.info(
                "run started",
                extra={"policy": plan.name, "digest": plan.policy_digest, "seed": plan.seed, "rows": rows},
            )
            if events is not None:
                events.start()
            try:
                yield observation
            except Exception as error:
                codes = [number_of(one.code) for one in error.problems] if isinstance(error, FaaseraError) else []
                logger.error("run failed", extra={"error": str(error) or type(error).__name__, "codes": codes})
                if events is not None:
                    events.fail(error)
                raise
            except BaseException:
                logger.warning("run aborted")
                if events is not None:
                    events.abort()
                raise
            seconds = round(time.perf_counter() - started, 3)
            logger.info("run complete", extra={"rows": rows, "seconds": seconds})
            if events is not None and observation.manifest is not None:
                events.complete(observation.manifest.as_dict())
    finally:
        run_id.reset(token)
