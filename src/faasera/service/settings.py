"""The service's settings: one declaration for the command line, the environment and the file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "FAASERA_SERVE_"


def _setting(default: Any, panel: str, help: str, **more: Any) -> Any:
    metadata = {"panel": panel, "help": help, **more}
    return field(default=default, metadata=metadata)


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a service can be told: each field is an option, a variable ``FAASERA_SERVE_…`` and a key of the file."""

    host: str = _setting("127.0.0.1", "Where", "The address to listen on; 0.0.0.0 for all.")
    port: int = _setting(8080, "Where", "The port; 0 for any that is free.", low=0, high=65_535)
    data: Path = _setting(Path("faasera-data"), "Where", "The folder for jobs' files, seed files and the database.")
    database: str | None = _setting(
        None,
        "Where",
        "postgresql://user@host/name or a connection's name, for several servers (default: SQLite in --data).",
    )
    root_path: str = _setting("", "Where", "The path in front of ours that a proxy strips, such as /faasera.")
    trusted_proxies: str = _setting("127.0.0.1", "Where", "Addresses whose X-Forwarded-For is believed.")

    jobs_at_once: int = _setting(2, "Jobs", "Jobs that run at once on this server.", low=1, high=64)
    silence: float = _setting(30.0, "Jobs", "Seconds after which the jobs of a silent server are taken over.", low=1.0)
    workers: int = _setting(0, "Jobs", "Threads of a job; 0 shares the cores among the jobs at once.", low=0, high=256)
    max_rows: int = _setting(1_000_000_000, "Limits", "Rows of all tables of a job.", low=1)
    max_bytes: int = _setting(100 << 30, "Limits", "Bytes that a job may write.", low=1)
    max_minutes: float = _setting(240.0, "Limits", "Minutes that a job may run.", low=0.01)
    max_memory: int = _setting(4 << 30, "Limits", "Bytes of memory that a job may use.", low=200 << 20)
    max_queued: int = _setting(1000, "Limits", "Jobs of a project that may wait.", low=1)
    max_body: int = _setting(16 << 20, "Limits", "Bytes of a request.", low=1024)
    max_seed_file: int = _setting(256 << 20, "Limits", "Bytes of a seed file.", low=1024)
    rate: float = _setting(600.0, "Limits", "Requests a second that a key may make, in the long run.", low=0.1)
    streams: int = _setting(8, "Limits", "Streams that a key may read at once.", low=1)
    read_timeout: float = _setting(30.0, "Limits", "Seconds in which a request has to arrive.", low=0.1)
    write_timeout: float = _setting(120.0, "Limits", "Seconds that a reader of a stream may take nothing.", low=0.1)

    keep_days: float = _setting(30.0, "Retention", "Days that a job's files are kept.", low=0.0)
    keep_bytes: int = _setting(200 << 30, "Retention", "Bytes of all jobs' files; the oldest go first.", low=0)

    connections: tuple[str, ...] = _setting(
        (), "Access", "Names of connections that jobs and imports may use (default: all of the server's)."
    )
    outputs: tuple[str, ...] = _setting(
        (), "Access", "Where jobs may put files, such as s3://bucket/prefix (default: nowhere but here)."
    )
    ai_base_url: str | None = _setting(
        None, "Model", "The endpoint of a model that proposes changes of policies (default: FAASERA_AI_BASE_URL)."
    )
    ai_model: str | None = _setting(
        None, "Model", "Its name there (default: FAASERA_AI_MODEL); keys: FAASERA_AI_API_KEY."
    )

    oidc_issuer: str | None = _setting(None, "Sign-in", "The issuer of JSON Web Tokens that are accepted beside keys.")
    oidc_audience: str | None = _setting(
        None, "Sign-in", "The audience that these must name; needed with --oidc-issuer."
    )
    oidc_role_claim: str = _setting("faasera_role", "Sign-in", "The claim with the role.")
    oidc_project_claim: str = _setting("faasera_project", "Sign-in", "The claim with the project.")

    @property
    def threads(self) -> int:
        """Threads of one job."""
        return self.workers or max(1, _cores() // self.jobs_at_once)


@dataclass(frozen=True)
class Described:
    """One setting, for those who list them all.

    Attributes:
        name: of the field.
        option: on the command line.
        variable: in the environment.
        kind: of its values.
        default: if nothing else is said.
        panel: where the help shows it.
        help: what it does.
        low: the least number.
        high: the greatest.
    """

    name: str
    option: str
    variable: str
    kind: Any
    default: Any
    panel: str
    help: str
    low: float | None
    high: float | None


def described() -> Iterator[Described]:
    """All settings."""
    standard = Settings()
    for one in fields(Settings):
        yield Described(
            one.name,
            "--" + one.name.replace("_", "-"),
            PREFIX + one.name.upper(),
            one.type,
            getattr(standard, one.name),
            one.metadata["panel"],
            one.metadata["help"],
            one.metadata.get("low"),
            one.metadata.get("high"),
        )
