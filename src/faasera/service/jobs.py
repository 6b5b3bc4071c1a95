"""Jobs as they are remembered: what was asked, by whom, how far it is, and how it ended."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from faasera.core.errors import did_you_mean
from faasera.run.order import Files, IntoDatabase, Order, Target
from faasera.run.planning import RowOverride
from faasera.service.errors import ConflictError, NotFoundError, ServiceError, TooManyError
from faasera.service.identity import Identity, Role
from faasera.service.outputs import allowed
from faasera.service.pages import Page, moment, page_of
from faasera.service.settings import Settings
from faasera.service.store import Store, now
from faasera.service.tables import jobs


class State(StrEnum):
    """Where a job is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (State.QUEUED, State.RUNNING)


_OUTPUT = {
    "format": "format", "options": "options", "to": "to", "mode": "mode",
    "disable_triggers": "disableTriggers", "overwrite_source": "overwriteSource",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What a job is to do.

    Attributes:
        policy: the document.
        policy_name: of a kept policy.
        policy_version: of it.
        format: of files; None for a database.
        options: of the format.
        to: a connection's name, or an object store's URL; None keeps the files here.
        mode: of a database: what to do with rows that are there.
        disable_triggers: of a database: whether rows are loaded without the triggers of their tables.
        overwrite_source: of a database: whether rows may go that the policy was imported beside.
        seed: instead of the policy's.
        rows: instead of the policy's row counts.
        tables: which ones; None for all.
        check: whether what was made is checked and described.
    """

    policy: dict[str, Any]
    policy_name: str | None = None
    policy_version: int | None = None
    format: str | None = "csv"
    options: dict[str, Any] | None = None
    to: str | None = None
    mode: str | None = None
    disable_triggers: bool = False
    overwrite_source: bool = False
    seed: int | None = None
    rows: RowOverride | None = None
    tables: list[str] | None = None
    check: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the policy."""
        names = ("format", "options", "to", "mode", "seed", "rows", "tables", "check")
        words = {name: True for name in ("disable_triggers", "overwrite_source") if getattr(self, name)}
        return {name: getattr(self, name) for name in names} | words

    @property
    def connection(self) -> str | None:
        """The name of the connection that rows are loaded into; None for files."""
        return self.to if self.to is not None and "://" not in self.to else None

    @property
    def policy_file(self) -> str:
        """The name of the file of the policy, from which a policy without a name gets its own."""
        return f"{self.policy_name or 'policy'}.json"

    def order(self, folder: Path, settings: Settings) -> Order:
        """What the process of the job does in its folder; it may be ended at any time, and begun again.

        Raises:
            ServiceError: it would write where no admin has allowed it.
        """
        target: Target
        if self.connection is not None:
            target = IntoDatabase(self.connection, self.mode or "fail", self.disable_triggers, self.overwrite_source)
        else:
            url = allowed(self.to, settings.outputs) if self.to is not None else None
            target = Files(
                str(folder / "output"),
                self.format or "csv",
                self.options or {},
                resume=True,
                most_bytes=settings.max_bytes,
                destination=url,
            )
        return Order(
            str(folder / "seeds" / self.policy_file),
            target,
            seed=self.seed,
            rows=self.rows,
            tables=None if self.tables is None else tuple(self.tables),
            workers=settings.threads,
            check=self.check,
            version=None if self.policy_version is None else str(self.policy_version),
        )

    @property
    def fingerprint(self) -> str:
        """What tells this request from others."""
        whole = json.dumps([self.policy, self.policy_name, self.policy_version, self.as_dict()], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """A job as it was when it was read."""

    id: str
    project: str
    key: str
    author: str
    state: State
    attempt: int
    ticket: int
    cancelled: bool
    created: float
    started: float | None
    finished: float | None
    policy_name: str | None
    policy_version: int | None
    policy: dict[str, Any]
    request: dict[str, Any]
    rows: int
    progress: dict[str, Any] | None
    summary: dict[str, Any] | None
    problems: list[dict[str, str]] | None
    size: int | None
    removed: float | None

    @property
    def asked(self) -> Request:
        """What it is to do."""
        return Request(self.policy, self.policy_name, self.policy_version, **self.request)

    @property
    def workflow(self) -> str:
        """The name of the workflow that does it."""
        return f"{self.id}.{self.attempt}"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        progress = self.progress or {}
        done = sum(table["done"] for table in progress.get("tables", {}).values())
        return {
            "id": self.id,
            "project": self.project,
            "author": self.author,
            "state": self.state.value,
            "attempt": self.attempt,
            "created": moment(self.created),
            "started": moment(self.started),
            "finished": moment(self.finished),
            "policyName": self.policy_name,
            "policyVersion": self.policy_version,
            "output": {shown: self.request[key] for key, shown in _OUTPUT.items() if self.request.get(key)},
            "seed": self.request["seed"],
            "rows": self.rows,
            "rowsDone": self.rows if self.state is State.SUCCESS else done,
            "phase": progress.get("phase") if self.state is State.RUNNING else None,
            "rowsPerSecond": progress.get("rate"),
            "secondsLeft": progress.get("left") if self.state is State.RUNNING else None,
            "tables": [{"name": name, **table} for name, table in progress.get("tables", {}).items()],
            "bytes": self.size,
            "check": (self.summary or {}).get("check"),
            "problems": self.problems or [],
            "artifactsRemoved": moment(self.removed),
        }


_COLUMNS = [jobs.c[name] for name in Job.__dataclass_fields__]


class Jobs:
    """The jobs of all projects."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    def create(self, who: Identity, request: Request, rows: int, token: str | None) -> tuple[Job, bool]:
        """A queued job; with a token that was used before, the one of that time.

        Args:
            who: asks.
            request: what to do.
            rows: how many that will be.
            token: the call's Idempotency-Key.

        Returns:
            The job, and whether it is new.

        Raises:
            ForbiddenError: the role is below operator.
            ConflictError: the token was used for another request.
            TooManyError: too many jobs of the project wait.
        """
        who.need(Role.OPERATOR)
        if (earlier := self.by_token(who, token, request)) is not None:
            return earlier, False
        values = {
            "id": "job-" + secrets.token_hex(8),
            "project": who.project,
            "key": who.id,
            "author": who.name,
            "state": State.QUEUED.value,
            "attempt": 1,
            "cancelled": False,
            "created": now(),
            "policy_name": request.policy_name,
            "policy_version": request.policy_version,
            "policy": request.policy,
            "request": request.as_dict(),
            "rows": rows,
            "token": token,
            "fingerprint": request.fingerprint,
        }
        try:
            with self.store.begin() as connection:
                self._check_room(connection, who)
                ticket = next_ticket(connection, who.id)
                connection.execute(insert(jobs).values(**values, ticket=ticket))
        except IntegrityError:
            # The same call came twice at once.
            again = self.by_token(who, token, request)
            if again is None:
                raise
            return again, False
        return self.get(who, str(values["id"])), True

    def by_token(self, who: Identity, token: str | None, request: Request) -> Job | None:
        """The job that was made with an Idempotency-Key.

        Raises:
            ConflictError: of another request.
        """
        if token is None:
            return None
        query = select(*_COLUMNS, jobs.c.fingerprint).where(
            jobs.c.project == who.project, jobs.c.key == who.id, jobs.c.token == token
        )
        with self.store.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.fingerprint != request.fingerprint:
            message = "this Idempotency-Key was used for another request"
            raise ConflictError("idempotency-key-reused", message, "Send a new key with a new request.")
        return _job(row)

    def _check_room(self, connection: Connection, who: Identity) -> None:
        waiting = select(func.count()).where(jobs.c.project == who.project, jobs.c.state == State.QUEUED.value)
        if connection.execute(waiting).scalar_one() >= self.settings.max_queued:
            raise TooManyError(f"{self.settings.max_queued:,} jobs of '{who.project}' are waiting", 60.0)

    def get(self, who: Identity, identifier: str) -> Job:
        """A job of the project.

        Raises:
            NotFoundError: there is none.
        """
        found = self.find(identifier)
        if found is None or found.project != who.project:
            message = f"there is no job {identifier[:40]!r} in '{who.project}'"
            raise NotFoundError("unknown-job", message, "List them: GET /api/v1/jobs.")
        return found

    def find(self, identifier: str) -> Job | None:
        """A job of any project."""
        with self.store.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(jobs.c.id == identifier)).first()
        return _job(row) if row is not None else None

    def page(self, who: Identity, limit: int, cursor: str | None, state: str | None = None) -> Page:
        """Jobs of the project, the latest first.

        Raises:
            ServiceError: there is no such state.
        """
        query = select(*_COLUMNS, jobs.c.number).where(jobs.c.project == who.project)
        if state is not None:
            if state not in State.__members__:
                raise ServiceError(
                    "unknown-state", f"there is no state '{state}'", did_you_mean(state, State.__members__)
                )
            query = query.where(jobs.c.state == state)
        return page_of(self.store, query, jobs.c.number, limit, cursor, lambda row: _job(row).as_dict())

    def ask_to_cancel(self, who: Identity, identifier: str) -> Job:
        """Mark a job as one that is not wanted any more; one that waits is cancelled at once.

        Raises:
            ForbiddenError: the role is below operator.
            ConflictError: it is over.
        """
        who.need(Role.OPERATOR)
        job = self.get(who, identifier)
        if job.state.over:
            message = f"the job is over: {job.state}"
            raise ConflictError("job-over", message, "Only jobs that wait or run can be cancelled.")
        with self.store.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job.id).values(cancelled=True))
            waiting = (jobs.c.id == job.id) & (jobs.c.state == State.QUEUED.value)
            connection.execute(update(jobs).where(waiting).values(state=State.CANCELLED.value, finished=now()))
        return self.get(who, identifier)

    def again(self, who: Identity, identifier: str) -> Job:
        """Queue a job once more that did not succeed.

        Raises:
            ForbiddenError: the role is below operator.
            ConflictError: it has not ended, or it succeeded.
        """
        who.need(Role.OPERATOR)
        job = self.get(who, identifier)
        with self.store.begin() as connection:
            ended = jobs.c.state.in_([State.ERROR.value, State.CANCELLED.value])
            values = {
                "state": State.QUEUED.value,
                "attempt": job.attempt + 1,
                "ticket": next_ticket(connection, who.id),
                "cancelled": False,
                **dict.fromkeys(("started", "finished", "progress", "summary", "problems", "size", "removed")),
            }
            same = (jobs.c.id == job.id) & (jobs.c.attempt == job.attempt)
            if not connection.execute(update(jobs).where(same & ended).values(**values)).rowcount:
                message = f"the job is {job.state}"
                raise ConflictError(
                    "job-not-ended", message, "Only jobs with an error, or cancelled ones, can be tried again."
                )
        return self.get(who, identifier)

    def begin(self, identifier: str, attempt: int, server: str) -> Job | None:
        """Mark a job as running; None if it is not to run any more."""
        with self.store.begin() as connection:
            row = connection.execute(select(*_COLUMNS).where(jobs.c.id == identifier)).first()
            if row is None or row.attempt != attempt or State(row.state).over:
                return None
            values = {"state": State.RUNNING.value, "server": server, "started": row.started or now()}
            connection.execute(update(jobs).where(jobs.c.id == identifier).values(**values))
        return self.find(identifier)

    def report(self, identifier: str, progress: dict[str, Any]) -> bool:
        """Note how far a job is; whether it is still wanted."""
        with self.store.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == identifier).values(progress=progress))
            found = connection.execute(select(jobs.c.cancelled).where(jobs.c.id == identifier)).scalar()
        return found is False

    def note_end(self, identifier: str, attempt: int, outcome: dict[str, Any]) -> None:
        """Note how a job ended; the first end counts."""
        running = (jobs.c.id == identifier) & (jobs.c.attempt == attempt)
        running &= jobs.c.state.in_([State.QUEUED.value, State.RUNNING.value])
        names = ("state", "summary", "problems", "size")
        values = {name: outcome[name] for name in names if name in outcome}
        with self.store.begin() as connection:
            connection.execute(update(jobs).where(running).values(**values, finished=now()))

    def delete(self, who: Identity, identifier: str) -> Job:
        """Forget a job that is over.

        Raises:
            ForbiddenError: the role is below operator.
            ConflictError: it is not over.
        """
        who.need(Role.OPERATOR)
        job = self.get(who, identifier)
        with self.store.begin() as connection:
            over = jobs.c.state.in_([state.value for state in State if state.over])
            if not connection.execute(jobs.delete().where((jobs.c.id == job.id) & over)).rowcount:
                raise ConflictError("job-not-ended", f"the job is {job.state}", "Cancel it first.")
        return job

    def waiting(self) -> list[Job]:
        """All jobs that are not over."""
        open_states = [State.QUEUED.value, State.RUNNING.value]
        with self.store.reading() as connection:
            rows = connection.execute(select(*_COLUMNS).where(jobs.c.state.in_(open_states)).order_by(jobs.c.number))
            return [_job(row) for row in rows]

    def with_files(self) -> list[Job]:
        """Jobs that are over and whose files are kept here, the oldest first."""
        states = [state.value for state in State if state.over]
        query = select(*_COLUMNS).where(jobs.c.state.in_(states), jobs.c.removed.is_(None), jobs.c.size.is_not(None))
        with self.store.reading() as connection:
            return [_job(row) for row in connection.execute(query.order_by(jobs.c.number))]

    def mark_removed(self, identifier: str) -> None:
        """Note that a job's files are gone."""
        with self.store.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == identifier).values(removed=now()))

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        with self.store.reading() as connection:
            found = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).tuples().all()
        return {state.value: 0 for state in State} | dict(found)


def next_ticket(connection: Connection, key: str) -> int:
    """The place of a key's next job in a queue that is fair to all keys.

    Start-time fair queuing (Goyal, Vin, Cheng 1996) with jobs of equal weight: a key's jobs follow one another, and a
    key that had none waiting begins where the queue is now.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(7203442)))
    begun = select(func.max(jobs.c.ticket)).where(jobs.c.started.is_not(None))
    own = select(func.max(jobs.c.ticket)).where(jobs.c.key == key)
    return max(connection.execute(begun).scalar() or 0, connection.execute(own).scalar() or 0) + 1


def _job(row: Any) -> Job:
    values = {name: getattr(row, name) for name in Job.__dataclass_fields__}
    return Job(**{**values, "state": State(row.state)})
