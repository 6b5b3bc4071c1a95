"""OpenLineage: a run as events, sent by the project's own client as it is configured.

Source: https://openlineage.io/docs/spec/object-model and the facets named there.
"""

import contextvars
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faasera.core.errors import refuse
from faasera.core.extras import require
from faasera.core.logs import get_logger
from faasera.lineage.datasets import DatasetName, DatasetNames
from faasera.plan.model import Plan, TablePlan

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

_BETWEEN = 10.0
_PATIENCE = 30.0
_PAUSE = 60.0
_FILES = ("openlineage.yml",)
logger = get_logger("lineage")


def configured() -> bool:
    """Whether the OpenLineage client has been told where events go: by its variables, or by its file."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return False
    if os.environ.get("OPENLINEAGE_URL") or os.environ.get("OPENLINEAGE_CONFIG"):
        return True
    if any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ):
        return True
    return any((folder / name).is_file() for folder in (Path.cwd(), Path.home() / ".openlineage") for name in _FILES)


def open_client() -> "OpenLineageClient":
    """The official client.

    Raises:
        PolicyError: it is not installed, or its configuration cannot be used.
    """
    otherwise = "set OPENLINEAGE_DISABLED=true."
    require("openlineage", extra="lineage", purpose="OpenLineage, which is configured,", otherwise=otherwise)
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import set_producer

    from faasera.lineage.events import PRODUCER

    set_producer(PRODUCER)
    try:
        return OpenLineageClient()
    except Exception as error:
        message = f"the configuration of OpenLineage cannot be used: {type(error).__name__}: {error}"
        remedy = "Correct openlineage.yml or the variables OPENLINEAGE_…: https://openlineage.io/docs/client/python."
        refuse("lineage-config", message, remedy)


class RunEvents:
    """The events of one run; they are sent beside it, in their order, and never hold it up or break it.

    Args:
        plan: what is run.
        tables: that are written.
        outputs: where each of the policy's tables goes.
        run: the run's UUID.
        version: of the policy, where it is kept in versions.
        replaces: whether what was there is replaced.
    """

    def __init__(
        self,
        plan: Plan,
        tables: Sequence[TablePlan],
        outputs: Mapping[str, DatasetName],
        run: str,
        version: str | None,
        *,
        replaces: bool,
    ) -> None:
        self.client = open_client()
        from faasera.lineage.events import EventMaker  # Imports the client, which is an extra.

        self._events = EventMaker(plan, tables, DatasetNames(plan, outputs), run, version, replaces=replaces)
        self._done: dict[str, int] = {}
        self._told = 0.0
        self._broken, self._failed = "", 0.0
        self._queue: queue.SimpleQueue[tuple[str, RunEvent] | None] = queue.SimpleQueue()
        context = contextvars.copy_context()
        self._sender = threading.Thread(target=context.run, args=(self._send,), name="faasera-lineage", daemon=True)
        self._sender.start()

    # what happens

    def start(self) -> None:
        """The run begins."""
        self._emit("START")

    def table_done(self, table: str, rows: int) -> None:
        """A table is written; told at once the first time, and then now and again."""
        self._done[table] = rows
        if not self._told or time.monotonic() - self._told > _BETWEEN:
            self._told = time.monotonic()
            self._emit("RUNNING")

    def complete(self, manifest: Mapping[str, Any]) -> None:
        """The run has ended well."""
        self._emit("COMPLETE", manifest)
        self._end()

    def fail(self, error: BaseException) -> None:
        """The run has failed; nothing of it was kept."""
        self._emit("FAIL", error=error)
        self._end()

    def abort(self) -> None:
        """Somebody has ended the run."""
        self._emit("ABORT")
        self._end()

    # sending

    def _emit(self, kind: str, manifest: Mapping[str, Any] | None = None, error: BaseException | None = None) -> None:
        self._queue.put((kind, self._events.event(kind, self._done, manifest, error)))

    def _send(self) -> None:
        while (entry := self._queue.get()) is not None:
            kind, event = entry
            if self._broken and (kind == "RUNNING" or time.monotonic() - self._failed < _PAUSE):
                continue
            try:
                self.client.emit(event)
            except Exception as failure:
                self._failed = time.monotonic()
                if not self._broken:
                    self._broken = f"{type(failure).__name__}: {str(failure).splitlines()[0] if str(failure) else ''}"
                    logger.warning("lineage could not be sent, the run goes on: %s", self._broken)

    def _end(self) -> None:
        self._queue.put(None)
        self._sender.join(_PATIENCE)
        if self._sender.is_alive():
            logger.warning("lineage was not sent within %d s", _PATIENCE)
        else:
            self.client.close(_PATIENCE)
