"""The service as a whole: what REST and the page call, with the rights of whoever asks."""

import shutil
from collections.abc import Mapping
from typing import Any

from faasera.core.errors import FaaseraError, PolicyError, Problem, did_you_mean
from faasera.databases.connections import connection_names
from faasera.hinting.providers import ChatModel, configured_model
from faasera.plan.model import Plan
from faasera.policy.parse import check_value
from faasera.run.drafting import DraftedPolicy, draft
from faasera.run.into_database import MODES
from faasera.run.making import selected
from faasera.service.artifacts import document_of
from faasera.service.audit import AuditLog
from faasera.service.engine import Engine
from faasera.service.errors import ServiceError
from faasera.service.guard import check_document, check_plan, connections_of
from faasera.service.identity import Identity, Role
from faasera.service.jobs import Job, Jobs, Request
from faasera.service.keys import AccessKeys, in_project
from faasera.service.oidc import TokenCheck
from faasera.service.outputs import allowed
from faasera.service.policies import Policies
from faasera.service.rates import Rates
from faasera.service.seed_store import SeedStore
from faasera.service.settings import Settings
from faasera.service.store import Store
from faasera.service.supervisor import Bounds, TaskError
from faasera.service.workflows import Workflows
from faasera.writers import WRITERS

_IMPORT = Bounds(minutes=2.0, memory=2 << 30)


class Service:
    """Policies, seed files, jobs and keys of all projects, on one database and one folder.

    Args:
        settings: of the service.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.data, settings.database)
        self.keys = AccessKeys(self.store)
        self.tokens = TokenCheck(settings) if settings.oidc_issuer else None
        self.audit = AuditLog(self.store)
        self.policies = Policies(self.store)
        self.seeds = SeedStore(self.store, settings)
        self.engine = Engine(settings, self.seeds)
        self.jobs = Jobs(self.store, settings)
        self.workflows = Workflows(self.store, settings, self.jobs, self.seeds)
        self.rates = Rates(settings.rate, settings.streams)

    def start(self) -> None:
        """Begin to do jobs."""
        self.workflows.start()

    def stop(self) -> None:
        """Let go of everything."""
        self.workflows.stop()
        self.store.close()

    # who

    def identify(self, credential: str, project: str | None = None) -> Identity:
        """Who holds a key or a token.

        Raises:
            UnauthorizedError: nobody.
        """
        if self.tokens is not None and credential.count(".") == 2:
            return in_project(self.tokens.identify(credential), project)
        return self.keys.identify(credential, project)

    # policies

    def document(
        self, who: Identity, policy: Mapping[str, Any] | None, name: str | None, version: int | None
    ) -> tuple[dict[str, Any], str | None, int | None]:
        """A policy that is given, or one that is kept; with its name and version.

        Raises:
            ServiceError: neither is given, or both are.
            NotFoundError: there is no such policy.
        """
        if (policy is None) == (name is None):
            message = "a policy is given as 'policy', or named by 'policyName'"
            raise ServiceError("policy-missing", message, "Give exactly one of them.")
        if policy is not None:
            if version is not None:
                message = "'version' has no effect on a policy that is given"
                raise ServiceError("no-effect", message, "Leave it out.", "/version")
            return check_value(dict(policy)), None, None
        assert name is not None
        found = self.policies.get(who, name, version)
        return found.document, found.name, found.version

    def plan(self, who: Identity, document: Mapping[str, Any], **more: Any) -> Plan:
        """The plan of a policy; see ``Engine.plan``.

        Raises:
            ForbiddenError: it reads keys from a database, and the role is below operator.
        """
        for name in connections_of(document):
            who.need(Role.OPERATOR)
            self.see_connection(name, "/tables")
        return self.engine.plan(who.project, document, **more)

    def problems(self, who: Identity, document: Any) -> tuple[list[Problem], list[str]]:
        """All problems of a policy, and its warnings where there is none."""
        try:
            return [], list(self.plan(who, check_value(document)).warnings)
        except FaaseraError as error:
            return list(error.problems), []

    # schemas

    def assist(self, who: Identity, request: str, current: Mapping[str, Any] | None = None) -> DraftedPolicy:
        """Let the model that the server knows write a policy, or change one; nothing is kept.

        Raises:
            ServiceError: no model is configured.
            RunError: it gives no answer.
        """
        who.need(Role.AUTHOR)
        settings = configured_model(base_url=self.settings.ai_base_url, model=self.settings.ai_model)
        if settings is None:
            remedy = "Start it with --ai-base-url and --ai-model, or FAASERA_AI_BASE_URL and FAASERA_AI_MODEL."
            raise ServiceError("ai-settings", "this server knows no model that could write a policy", remedy)
        most = self.settings.max_rows
        made = draft(
            request,
            ChatModel(settings),
            current,
            directory=self.seeds.folder(who.project),
            guard=lambda value: check_document(value, most),
        )
        self.audit.note(who, "policy.draft", f"{made.rounds} rounds, {made.tokens} tokens")
        return made

    def import_schema(self, who: Identity, task: dict[str, Any], connection: str | None = None) -> dict[str, Any]:
        """A policy of a schema; the source is read in a process of its own.

        Args:
            who: asks.
            task: ``source`` or ``text``, ``dialect``, ``scale``, ``tables``, ``locale``.
            connection: whose name is the source.

        Raises:
            ForbiddenError: the role is below author; or below operator, for a connection.
            PolicyError: the source cannot be read.
        """
        who.need(Role.OPERATOR if connection is not None else Role.AUTHOR)
        if connection is not None:
            self.see_connection(connection, "/connection")
        try:
            return self.workflows.supervisor.run(
                {"action": "import", **task}, _IMPORT, connections={connection} if connection else ()
            )
        except TaskError as error:
            raise PolicyError(Problem.from_dict(problem) for problem in error.problems) from None

    @property
    def connections(self) -> list[str]:
        """Names of the connections that may be used."""
        known = connection_names()
        return [name for name in known if not self.settings.connections or name in self.settings.connections]

    def see_connection(self, name: str, pointer: str) -> None:
        """See that a connection may be used.

        Raises:
            ServiceError: there is none of that name.
        """
        if name not in self.connections:
            remedy = did_you_mean(name, self.connections)
            raise ServiceError("unknown-connection", f"there is no connection {name[:80]!r}", remedy, pointer)

    # jobs

    def create_job(self, who: Identity, request: Request, token: str | None = None) -> tuple[Job, bool]:
        """Queue a job; with an Idempotency-Key that was used before, the job of that time.

        Raises:
            PolicyError: the policy or the request is wrong.
            ServiceError: it asks for more than is allowed.
        """
        who.need(Role.OPERATOR)
        earlier = self.jobs.by_token(who, token, request)
        if earlier is not None:
            return earlier, False
        self._see_target(request)
        plan = self.plan(
            who, request.policy, name=request.policy_name or "policy", seed=request.seed, rows=request.rows
        )
        rows = check_plan(plan, self.settings.max_rows)
        if request.tables is not None:
            rows = sum(table.row_count for table in selected(plan, request.tables))
        job, new = self.jobs.create(who, request, rows, token)
        if new:
            self.workflows.prepare(job)
            self.workflows.enqueue(job)
            self.audit.note(who, "job.create", job.id)
        return job, new

    def _see_target(self, request: Request) -> None:
        if request.connection is not None:
            self.see_connection(request.connection, "/output/to")
            if request.format is not None or request.options:
                raise ServiceError(
                    "no-effect", "'format' has no effect on a database", "Leave it out.", "/output/format"
                )
            if request.mode not in MODES:
                remedy = did_you_mean(str(request.mode), MODES)
                raise ServiceError("unknown-mode", f"there is no mode '{request.mode}'", remedy, "/output/mode")
            return
        if request.mode is not None:
            raise ServiceError("no-effect", "'mode' has no effect on files", "Leave it out.", "/output/mode")
        words = {"disableTriggers": request.disable_triggers, "overwriteSource": request.overwrite_source}
        for word in [word for word, said in words.items() if said]:
            raise ServiceError("no-effect", f"'{word}' has no effect on files", "Leave it out.", f"/output/{word}")
        if request.to is not None:
            allowed(request.to, self.settings.outputs)
        declared = WRITERS.get(request.format or "")
        if declared is None:
            remedy = did_you_mean(request.format or "", WRITERS.names())
            raise ServiceError("unknown-format", f"there is no format '{request.format}'", remedy, "/output/format")
        declared.read_options(request.options or {})

    def cancel_job(self, who: Identity, identifier: str) -> Job:
        """Cancel a job; see ``Jobs.ask_to_cancel``."""
        job = self.jobs.ask_to_cancel(who, identifier)
        self.audit.note(who, "job.cancel", job.id)
        return job

    def retry_job(self, who: Identity, identifier: str) -> Job:
        """Queue a job again; see ``Jobs.again``."""
        job = self.jobs.again(who, identifier)
        shutil.rmtree(self.workflows.folder(job.id), ignore_errors=True)
        self.workflows.prepare(job)
        self.workflows.enqueue(job)
        self.audit.note(who, "job.retry", job.id)
        return job

    def delete_job(self, who: Identity, identifier: str) -> None:
        """Forget a job, with its files; see ``Jobs.delete``."""
        job = self.jobs.delete(who, identifier)
        shutil.rmtree(self.workflows.folder(job.id), ignore_errors=True)
        self.audit.note(who, "job.delete", job.id)

    def job_document(self, who: Identity, identifier: str, kind: str) -> dict[str, Any]:
        """A job's manifest, check, profile or report; see ``document_of``."""
        job = self.jobs.get(who, identifier)
        return document_of(job, self.workflows.folder(job.id), kind)
