"""Real database servers for the tests, started where none is named by the environment."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from warm import SHARED

POSTGRES, MARIADB = "FAASERA_TEST_POSTGRES_URL", "FAASERA_TEST_MARIADB_URL"
PASSWORD = "pa:ss/w@rd"
ENCODED_PASSWORD = "pa%3Ass%2Fw%40rd"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _as_user(user: str, command: list[str]) -> list[str]:
    """A command as another user, where we are root, whom database servers refuse."""
    return (
        ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command] if os.geteuid() == 0 else command
    )


def _wait(what: str, ready: list[str], log: Path) -> None:
    for _ in range(300):
        if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not start:\n{log.read_text()[-2000:] if log.exists() else ''}")


def _folder(user: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="faasera-servers-"))
    if os.geteuid() == 0:
        shutil.chown(path, user)
    return path


def _program(name: str, places: list[str]) -> str:
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found is None:
        raise RuntimeError(f"{name} is not installed; 'make test' installs it")
    return found


class Server(ABC):
    """A database server of our own, in a folder of its own.

    Attributes:
        process: running, unless it was stopped.
        before: what its command is put behind.
    """

    user: str
    label: str
    farewell = signal.SIGTERM

    def __init__(self, *settings: str) -> None:
        self.folder = _folder(self.user)
        self.port = free_port()
        self.settings = settings
        self.before: list[str] = []
        self._set_up()
        self.start()

    @abstractmethod
    def _set_up(self) -> None:
        """Make its folder ready."""

    @abstractmethod
    def _command(self) -> list[str]:
        """What starts it."""

    @abstractmethod
    def _ready(self) -> list[str]:
        """What succeeds once it is there."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is."""

    def _run(self, command: list[str]) -> None:
        made = subprocess.run(_as_user(self.user, command), capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{made.stdout}{made.stderr}")

    def start(self) -> None:
        """Start it, on the data that are there."""
        log = self.folder / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                _as_user(self.user, [*self.before, *self._command()]), stdout=output, stderr=output
            )
        _wait(self.label, self._ready(), log)

    def kill(self) -> None:
        """End it at once, as a power failure would."""
        # PostgreSQL's sessions are processes of their own, which would finish what they are at.
        sessions = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        self.process.kill()
        for session in sessions.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(session), signal.SIGKILL)
        self.process.wait()
        (self.folder / "data/postmaster.pid").unlink(missing_ok=True)
        time.sleep(0.5)

    def end(self) -> None:
        """End it as it is used to."""
        self.process.send_signal(self.farewell)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it, and remove its data."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Postgres(Server):
    """PostgreSQL."""

    user, label, farewell = "postgres", "PostgreSQL", signal.SIGINT
    homes = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)

    @property
    def url(self) -> str:
        return f"postgresql://faasera:{ENCODED_PASSWORD}@127.0.0.1:{self.port}/postgres"

    def _set_up(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        setup = [
            "-D",
            str(self.folder / "data"),
            "-U",
            "faasera",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        self._run([_program("initdb", self.homes), *setup])

    def _command(self) -> list[str]:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            "fsync=off",
            "max_connections=60",
            *self.settings,
        ]
        return [
            _program("postgres", self.homes),
            "-D",
            str(self.folder / "data"),
            *(part for one in settings for part in ("-c", one)),
        ]

    def _ready(self) -> list[str]:
        return [_program("pg_isready", self.homes), "-h", "127.0.0.1", "-p", str(self.port), "-q"]


class Mariadb(Server):
    """MariaDB."""

    user, label = "mysql", "MariaDB"
    places = ("/usr/sbin", "/usr/bin")

    @property
    def url(self) -> str:
        return f"mysql://faasera:{ENCODED_PASSWORD}@127.0.0.1:{self.port}/"

    def _set_up(self) -> None:
        data = self.folder / "data"
        install = [
            _program("mariadb-install-db", [*self.places]),
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        self._run(install)
        start = self.folder / "start.sql"
        grant = "GRANT ALL ON *.* TO 'faasera'@'%' WITH GRANT OPTION"
        start.write_text(f"CREATE USER IF NOT EXISTS 'faasera'@'%' IDENTIFIED BY '{PASSWORD}';\n{grant};\n")

    def _command(self) -> list[str]:
        settings = ["--no-defaults", f"--datadir={self.folder / 'data'}", f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder / 'socket'}",
                    f"--pid-file={self.folder / 'pid'}", f"--init-file={self.folder / 'start.sql'}", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]  # fmt: skip
        return [_program("mariadbd", [*self.places]), *settings, *(self.settings or ("--local-infile=1",))]

    def _ready(self) -> list[str]:
        client = _program("mariadb", [*self.places])
        return [
            client,
            "--no-defaults",
            "-h",
            "127.0.0.1",
            "-P",
            str(self.port),
            "-u",
            "faasera",
            f"-p{PASSWORD}",
            "-e",
            "SELECT 1",
        ]


_KINDS: dict[str, type[Server]] = {POSTGRES: Postgres, MARIADB: Mariadb}
_STARTED: list[Server] = []


@contextlib.contextmanager
def shared_servers() -> Iterator[Path]:
    """A folder in which the processes of a run tell each other of the servers that one of them started; then they end."""
    folder = Path(tempfile.mkdtemp(prefix="faasera-shared-"))
    os.environ[SHARED] = str(folder)
    try:
        yield folder
    finally:
        for note in folder.glob("*.json"):
            _end(**json.loads(note.read_text()))
        shutil.rmtree(folder)


def server_url_of(variable: str) -> str:
    """Where a server is that all tests share: what the environment names, or one that whoever asks first starts."""
    if variable in os.environ:
        return os.environ[variable]
    folder = Path(os.environ[SHARED])
    note = folder / f"{variable}.json"
    with (folder / f"{variable}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            server = _KINDS[variable]()
            # Not to be collected, which would complain of a process that is still running.
            _STARTED.append(server)
            note.write_text(
                json.dumps({"url": server.url, "process": server.process.pid, "folder": str(server.folder)})
            )
    return str(json.loads(note.read_text())["url"])


def _end(url: str, process: int, folder: str) -> None:
    """End a server that another process started; its data are not needed any more."""
    status = Path(f"/proc/{process}/stat")
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGQUIT if url.startswith("postgres") else signal.SIGKILL)
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        # Until it is gone, or nobody has asked how it ended.
        for _ in range(100):
            if status.read_text().rpartition(")")[2].split()[0] == "Z":
                break
            time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)
