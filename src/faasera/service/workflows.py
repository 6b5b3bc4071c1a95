"""Jobs as durable workflows (DBOS): what a server was doing when it was killed, it or another one does after a restart.

A workflow has two steps. ``work`` makes everything, in a process of its own, and goes on where it had come to (the
journal of a run, the manifest, the check); ``finish`` notes the end. Both may be done twice without harm.
"""

import json
import logging
import shutil
import socket
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import OperationalError

from faasera.core.errors import FaaseraError, Problem
from faasera.service.guard import connections_of
from faasera.service.jobs import Job, Jobs, State
from faasera.service.seed_store import SeedStore
from faasera.service.settings import Settings
from faasera.service.store import Store, now
from faasera.service.supervisor import Bounds, CancelledError, Supervisor, TaskError
from faasera.service.tables import servers

# The workflow's steps are what this names: a server of another version goes on with jobs of the same number.
_VERSION = "faasera-jobs-1"
_QUEUE = "faasera-jobs"
_POLL = 0.25
_LOOK = 5.0
log = logging.getLogger("faasera.jobs")


class Workflows:
    """Does jobs, one after the other or several at once.

    Attributes:
        server: a name of this process; of a single server always the same, so that it finds its jobs again.
    """

    current: "Workflows | None" = None
    """The one of this process: DBOS knows workflows as functions of a module."""

    def __init__(self, store: Store, settings: Settings, jobs: Jobs, seeds: SeedStore) -> None:
        self.store = store
        self.settings = settings
        self.jobs = jobs
        self.seeds = seeds
        self.supervisor = Supervisor()
        self.server = f"{socket.gethostname()[:20]}-{uuid.uuid4().hex[:12]}" if store.shared else "server"
        self._stopping = threading.Event()
        self._caretaker = threading.Thread(target=self._take_care, name="faasera-caretaker", daemon=True)

    def start(self) -> None:
        """Begin to take jobs from the queue, those first that were running."""
        Workflows.current = self
        url = self.store.url
        config: DBOSConfig = {
            "name": "faasera",
            "system_database_url": url.replace("service.db", "workflows.db") if not self.store.shared else url,
            "application_version": _VERSION,
            "executor_id": self.server,
            "log_level": "ERROR",
            "sys_db_pool_size": 10,
            "max_executor_threads": 4 * self.settings.jobs_at_once + 4,
        }
        DBOS(config=config)
        self._appear()
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            worker_concurrency=self.settings.jobs_at_once,
            polling_interval_sec=_POLL,
            on_conflict="always_update",
        )
        self._caretaker.start()

    def stop(self) -> None:
        """Take no more jobs, and leave those that run to the next start."""
        self._stopping.set()
        self.supervisor.stop()
        with self.store.begin() as connection:
            connection.execute(delete(servers).where(servers.c.id == self.server))

    @property
    def alive(self) -> bool:
        """Whether jobs are being taken."""
        return self._caretaker.is_alive() and not self._stopping.is_set()

    def enqueue(self, job: Job) -> None:
        """Put a job into the queue, if it is not there."""
        with SetWorkflowID(job.workflow), SetEnqueueOptions(priority=min(job.ticket, 2**31 - 1)):
            DBOS.enqueue_workflow(_QUEUE, do_job, job.id, job.attempt)

    # care

    def _appear(self) -> None:
        with self.store.begin() as connection:
            if not connection.execute(update(servers).where(servers.c.id == self.server).values(seen=now())).rowcount:
                connection.execute(insert(servers).values(id=self.server, seen=now()))

    def _take_care(self) -> None:
        """Show that this server lives, take over from those that do not, queue what got lost, remove what is old."""
        next_cleaning = 0.0
        while not self._stopping.is_set():
            try:
                self._appear()
                self._queue_lost()
                if self.store.shared:
                    self._take_over()
                if time.monotonic() >= next_cleaning:
                    next_cleaning = time.monotonic() + 60
                    self.clean()
            except Exception:
                log.exception("the care for jobs failed; it is tried again")
            self._stopping.wait(min(_LOOK, self.settings.silence / 3))

    def _queue_lost(self) -> None:
        """Jobs that were noted, and whose server was killed before it queued them; or whose workflow broke."""
        for job in self.jobs.waiting():
            if now() - job.created < _LOOK:
                continue
            status = DBOS.get_workflow_status(job.workflow)
            if status is None:
                self.enqueue(job)
            elif status.status in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
                problem = Problem("", "internal-error", "the job failed for a reason of the service's", "Try it again.")
                self.jobs.note_end(job.id, job.attempt, {"state": State.ERROR.value, "problems": [problem.as_dict()]})

    def _take_over(self) -> None:
        """The jobs of servers that were not seen for some time."""
        with self.store.begin() as connection:
            gone = (
                connection.execute(select(servers.c.id).where(servers.c.seen < now() - self.settings.silence))
                .scalars()
                .all()
            )
            for server in gone:
                connection.execute(delete(servers).where(servers.c.id == server))
        if gone:
            log.warning("taking over the jobs of %s", ", ".join(gone))
            DBOS._recover_pending_workflows(list(gone))

    def clean(self) -> None:
        """Remove the files of jobs that are too old, and of the oldest while all together are too large."""
        kept = self.jobs.with_files()
        total = sum(job.size or 0 for job in kept)
        for job in kept:
            old = job.finished is not None and now() - job.finished > self.settings.keep_days * 86_400
            if old or total > self.settings.keep_bytes:
                shutil.rmtree(self.folder(job.id), ignore_errors=True)
                self.jobs.mark_removed(job.id)
                total -= job.size or 0

    # work

    def folder(self, job: str) -> Path:
        """Where a job's files are."""
        return self.store.folder / "jobs" / job

    def prepare(self, job: Job) -> None:
        """Put what a job needs into its folder: its policy, and the seed files as they are now."""
        seeds = self.folder(job.id) / "seeds"
        self.seeds.snapshot(job.project, seeds)
        (seeds / job.asked.policy_file).write_text(json.dumps(job.policy, ensure_ascii=False), encoding="utf-8")

    def work(self, identifier: str, attempt: int) -> dict[str, Any]:
        """Do a job, or the rest of it; how it ended."""
        job = self.jobs.begin(identifier, attempt, self.server)
        if job is None or job.cancelled:
            return {"state": State.CANCELLED.value}
        folder = self.folder(identifier)
        if not (folder / "seeds" / job.asked.policy_file).exists():
            self.prepare(job)
        meter = _Meter(self.jobs, identifier)
        try:
            done = self.supervisor.run(
                self._task(job, folder),
                Bounds(self.settings.max_minutes, self.settings.max_memory),
                told=meter.told,
                wanted=meter.wanted,
                connections={name for name in (job.asked.connection, *connections_of(job.policy)) if name},
            )
        except CancelledError:
            shutil.rmtree(folder / "output", ignore_errors=True)
            return {"state": State.CANCELLED.value}
        except TaskError as error:
            shutil.rmtree(folder / "output", ignore_errors=True)
            return {"state": State.ERROR.value, "problems": error.problems}
        except FaaseraError as error:
            return {"state": State.ERROR.value, "problems": [problem.as_dict() for problem in error.problems]}
        meter.wanted()
        return {"state": State.SUCCESS.value, **done}

    def _task(self, job: Job, folder: Path) -> dict[str, Any]:
        return {"action": "job", "folder": str(folder), "order": job.asked.order(folder, self.settings).as_dict()}


class _Meter:
    """Notes how far a job is, with its speed."""

    def __init__(self, jobs: Jobs, job: str) -> None:
        self.jobs = jobs
        self.job = job
        self.progress: dict[str, Any] = {}
        self._begun: tuple[float, int] | None = None

    def told(self, message: dict[str, Any]) -> None:
        """The task reports."""
        tables = message["tables"]
        done, total = (sum(table[name] for table in tables.values()) for name in ("done", "rows"))
        if self._begun is None:
            self._begun = time.monotonic(), done
        seconds = time.monotonic() - self._begun[0]
        rate = round((done - self._begun[1]) / seconds) if seconds > 0.2 else None
        left = round((total - done) / rate, 1) if rate else None
        self.progress = {**message, "rate": rate or self.progress.get("rate"), "left": left}

    def wanted(self) -> bool:
        """Note what was reported; whether to go on. A database that is away for a while ends no job."""
        try:
            return self.jobs.report(self.job, self.progress)
        except OperationalError:
            log.warning("the progress of %s cannot be noted now", self.job)
            return True


@DBOS.step()
def work(identifier: str, attempt: int) -> dict[str, Any]:
    """Do a job, or the rest of it."""
    assert Workflows.current is not None
    return Workflows.current.work(identifier, attempt)


@DBOS.step(retries_allowed=True, max_attempts=12, interval_seconds=1.0)
def finish(identifier: str, attempt: int, outcome: dict[str, Any]) -> None:
    """Note how a job ended."""
    assert Workflows.current is not None
    Workflows.current.jobs.note_end(identifier, attempt, outcome)


@DBOS.workflow(max_recovery_attempts=10_000)
def do_job(identifier: str, attempt: int) -> str:
    """A job from its begin to its end."""
    outcome = work(identifier, attempt)
    finish(identifier, attempt, outcome)
    return str(outcome["state"])
