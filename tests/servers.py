"""Real database servers for the tests, started where none is named by the environment."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server; its URL."""
    folder, port = _folder("postgres"), free_port()
    homes = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    setup = [
        "-D",
        str(folder / "data"),
        "-U",
        "faasera",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    made = subprocess.run(
        _as_user("postgres", [_program("initdb", homes), *setup]), capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
    settings = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        f"unix_socket_directories={folder}",
        "fsync=off",
        "max_connections=60",
    ]
    command = [
        _program("postgres", homes),
        "-D",
        str(folder / "data"),
        *(part for one in settings for part in ("-c", one)),
    ]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(_as_user("postgres", command), stdout=output, stderr=output)
    try:
        _wait("PostgreSQL", [_program("pg_isready", homes), "-h", "127.0.0.1", "-p", str(port), "-q"], log)
        yield f"postgresql://faasera:{ENCODED_PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        _stop(server, folder)


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """A MariaDB server; its URL."""
    folder, port = _folder("mysql"), free_port()
    data, places = folder / "data", ["/usr/sbin", "/usr/bin"]
    install = [
        _program("mariadb-install-db", places),
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    made = subprocess.run(_as_user("mysql", install), capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError(f"mariadb-install-db failed:\n{made.stdout}{made.stderr}")
    start = folder / "start.sql"
    start.write_text(
        f"CREATE USER 'faasera'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO 'faasera'@'%' WITH GRANT OPTION;\n"
    )
    settings = ["--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}",
                f"--init-file={start}", "--innodb-flush-log-at-trx-commit=0", "--local-infile=1", "--skip-name-resolve"]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            _as_user("mysql", [_program("mariadbd", places), *settings]), stdout=output, stderr=output
        )
    try:
        client = [
            _program("mariadb", places),
            "--no-defaults",
            "-h",
            "127.0.0.1",
            "-P",
            str(port),
            "-u",
            "faasera",
            f"-p{PASSWORD}",
            "-e",
            "SELECT 1",
        ]
        _wait("MariaDB", client, log)
        yield f"mysql://faasera:{ENCODED_PASSWORD}@127.0.0.1:{port}/"
    finally:
        _stop(server, folder)


def _stop(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def servers() -> Iterator[None]:
    """Both servers, their URLs in the environment; those that it names already are used as they are."""
    with contextlib.ExitStack() as stack:
        for variable, start in ((POSTGRES, postgres), (MARIADB, mariadb)):
            if variable not in os.environ:
                os.environ[variable] = stack.enter_context(start())
                stack.callback(os.environ.pop, variable)
        yield
