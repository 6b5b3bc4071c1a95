"""``faasera`` from a process that has imported all of it: a start takes hundredths of a second instead of seconds.

Whoever asks first starts that process, for all processes of the run; each program is a fork of it, with the arguments, folder,
environment and files of who asked. What is about starting, imports, signals or memory starts a Python of its own instead.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SHARED = "FAASERA_TEST_SERVERS"
"""The variable that names the folder in which the processes of a run find what one of them started."""
_IDLE = 600.0
_STARTED: list[subprocess.Popen[bytes]] = []
_PROGRAM = """#!{python} -IS
import sys
sys.path.insert(0, {folder!r})
from warm import be
be({python!r})
"""


def write_programs(folder: Path) -> None:
    """Put ``faasera`` and a ``python``, which knows ``-m`` and our modules only, into the folder of the run."""
    for name in ("faasera", "python"):
        program = folder / name
        program.write_text(_PROGRAM.format(python=sys.executable, folder=str(Path(__file__).parent)))
        program.chmod(0o755)


def program(name: str = "faasera") -> str:
    """The path of a program that is quick to start."""
    return str(Path(os.environ[SHARED]) / name)


def be(python: str) -> None:
    """Be the program that is forked elsewhere, for those who know a path only."""
    sys.executable = python
    process = WarmProcess(sys.argv[1:], (0, 1, 2), dict(os.environ), os.getcwd())  # noqa: PTH109
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: process.send_signal(number))
    code = process.wait()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


class WarmProcess:
    """A program of the process that has imported everything, asked as ``subprocess.Popen`` is.

    Args:
        arguments: of the command line; with ``-m`` and a module before them, of that module.
        files: standard input, output and error, as numbers of open files.
        environment: all of it.
        folder: in which it works.
    """

    def __init__(
        self, arguments: list[str], files: tuple[int, int, int], environment: dict[str, str], folder: str
    ) -> None:
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_place(environment))
        request = json.dumps({"arguments": arguments, "environment": environment, "folder": folder}).encode()
        socket.send_fds(self._connection, [len(request).to_bytes(4, "big")], files)
        self._connection.sendall(request)
        self.pid = int(self._line())

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n") and (data := self._connection.recv(1)):
            line += data
        return line

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises ``subprocess.TimeoutExpired`` when it does not come in so many seconds."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._line() or -signal.SIGKILL)
            except TimeoutError:
                raise subprocess.TimeoutExpired("faasera", timeout or 0) from None
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            ready = self.returncode is not None or select.select([self._connection], [], [], 0)[0]
            return self.wait(1) if ready else None
        return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _place(environment: dict[str, str]) -> str:
    """Where the process listens; it is started if nobody has."""
    folder = Path(environment[SHARED])
    place = folder / "warm"
    if not place.exists():
        with (folder / "warm.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                _start(folder, place)
    return str(place)


def _start(folder: Path, place: Path) -> None:
    with (folder / "warm.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, str(place)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # Not to be collected, which would complain of a process that is still running.
    _STARTED.append(process)
    deadline = time.monotonic() + 60
    while not place.exists():
        assert time.monotonic() < deadline, (folder / "warm.log").read_text()
        time.sleep(0.02)


class _Nursery:
    """Forks programs, and tells who asked for them how they end; whoever hangs up ends its program."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.listening = socket.socket(socket.AF_UNIX)
        partial = place.with_suffix(".partial")
        self.listening.bind(str(partial))
        self.listening.listen(64)
        partial.rename(place)
        self.running: dict[int, tuple[int, socket.socket]] = {}
        self.last = time.monotonic()

    def next(self) -> dict:
        """The next request, in a process of its own; the first process never comes back from here."""
        while self.place.exists() and time.monotonic() < self.last + _IDLE:
            poll = select.poll()
            poll.register(self.listening, select.POLLIN)
            for handle, (_, connection) in self.running.items():
                poll.register(handle, select.POLLIN)
                poll.register(connection, select.POLLIN)
            for ready, _ in poll.poll(1000):
                if ready == self.listening.fileno():
                    request = self._take()
                    if request is not None:
                        return request
                elif ready in self.running:
                    self._ended(ready)
                else:
                    self._left(ready)
            if self.running:
                self.last = time.monotonic()
        os._exit(0)

    def _take(self) -> dict | None:
        connection, _ = self.listening.accept()
        length, files, _, _ = socket.recv_fds(connection, 4, 3)
        text = b""
        while len(text) < int.from_bytes(length, "big"):
            text += connection.recv(1 << 20)
        process = os.fork()
        if process == 0:
            return {**json.loads(text), "files": files, "others": [connection, self]}
        for file in files:
            os.close(file)
        connection.sendall(b"%d\n" % process)
        self.running[os.pidfd_open(process)] = (process, connection)
        return None

    def _ended(self, handle: int) -> None:
        process, connection = self.running.pop(handle)
        _, status = os.waitpid(process, 0)
        os.close(handle)
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))

    def _left(self, ready: int) -> None:
        for process, connection in self.running.values():
            if connection.fileno() == ready:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    def close(self) -> None:
        """Forget all that belongs to the first process."""
        self.listening.close()
        for handle, (_, connection) in self.running.items():
            os.close(handle)
            connection.close()


def _serve(place: Path) -> None:
    """Import everything, and be each program that is asked for."""
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401
    import sqlglot  # noqa: F401

    import faasera.frontends.page.page
    import faasera.frontends.server
    import faasera.run.check.check  # noqa: F401
    from faasera.frontends.cli import main

    request = (nursery := _Nursery(place)).next()
    connection, _ = request["others"]
    connection.close()
    nursery.close()
    for number, file in enumerate(request["files"]):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    imported = os.environ.get("PYTHONPATH")
    os.environ.clear()
    os.environ.update(request["environment"])
    if os.environ.get("PYTHONPATH") == imported:
        # Processes that this one starts are quick to start, too.
        sys.executable = program("python")
    sys.argv = ["faasera", *request["arguments"]]
    if sys.argv[1:2] == ["-m"]:
        import runpy

        _, _, module, *rest = sys.argv
        sys.argv = [module, *rest]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        main()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
