"""Tasks in processes of their own, watched: one that takes too long or too much memory is ended."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasera.core.errors import Problem

_LOOK = 0.2
_ASK = 0.5
_PRIVATE = ("FAASERA_SERVE_", "FAASERA_CONNECTION_", "FAASERA_AI_", "FAASERA_SIGNING_KEY")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Bounds:
    """What a task may take.

    Attributes:
        minutes: of time.
        memory: in bytes.
    """

    minutes: float
    memory: int


class CancelledError(Exception):
    """The task was not wanted any more."""


class TaskError(Exception):
    """The task failed; with what is told to the person."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        self.problems = problems
        super().__init__(problems)


class Supervisor:
    """Starts tasks, and ends them all when the server stops."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = threading.Event()

    def run(
        self,
        task: Mapping[str, Any],
        bounds: Bounds,
        *,
        told: Callable[[dict[str, Any]], None] = lambda _: None,
        wanted: Callable[[], bool] = lambda: True,
        connections: Collection[str] = (),
    ) -> dict[str, Any]:
        """The result of a task.

        Args:
            task: its ``action``, and what that needs.
            bounds: that it must keep.
            told: called with what the task reports.
            wanted: asked every half second whether to go on.
            connections: names of those that the task may know.

        Raises:
            CancelledError: it was not wanted any more.
            TaskError: it failed, or broke its bounds.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "faasera.service.task"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(connections),
            start_new_session=True,
        )
        self._running.add(process)
        try:
            return self._watch(process, task, bounds, told, wanted)
        finally:
            if not self._stopping.is_set():
                _end(process)
            self._running.discard(process)

    def _watch(
        self,
        process: subprocess.Popen[bytes],
        task: Mapping[str, Any],
        bounds: Bounds,
        told: Callable[[dict[str, Any]], None],
        wanted: Callable[[], bool],
    ) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        # The other end stays open: a task ends when its server does, of which the end of this stream is the sign.
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        started = asked = time.monotonic()
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                ready = selector.select(_LOOK)
                if self._stopping.is_set():
                    # The workflow is not to end with the server: it goes on when that starts again.
                    threading.Event().wait()
                data = os.read(process.stdout.fileno(), 1 << 16) if ready else None
                if data == b"":
                    process.wait()
                    raise TaskError([_died(process.returncode)])
                *lines, rest = (rest + (data or b"")).split(b"\n")
                for message in map(json.loads, lines):
                    if "result" in message:
                        result: dict[str, Any] = message["result"]
                        return result
                    if "problems" in message:
                        raise TaskError(message["problems"])
                    told(message)
                now = time.monotonic()
                if now - asked >= _ASK:
                    asked = now
                    if not wanted():
                        raise CancelledError
                if now - started > bounds.minutes * 60:
                    raise TaskError([_problem("time-limit", f"it took longer than {bounds.minutes:g} minutes")])
                if _memory(process.pid) > bounds.memory:
                    raise TaskError(
                        [_problem("memory-limit", f"it took more than {bounds.memory >> 20:,} MB of memory")]
                    )

    def stop(self) -> None:
        """End all tasks, since the server ends."""
        self._stopping.set()
        for process in list(self._running):
            _end(process)


def _environment(connections: Collection[str]) -> dict[str, str]:
    """The server's environment without what the task need not know."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)}
    for connection in connections:
        variable = "FAASERA_CONNECTION_" + connection.upper().replace("-", "_")
        if variable in os.environ:
            kept[variable] = os.environ[variable]
    return kept


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _memory(pid: int) -> int:
    """The resident memory of a process, in bytes, as far as the system tells; without its share of files."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE


def _problem(code: str, message: str) -> dict[str, str]:
    return Problem("", code, message, "Ask for less, or ask an admin to raise the limit.").as_dict()


def _died(code: int) -> dict[str, str]:
    reason = f"signal {-code}" if code < 0 else f"exit code {code}"
    remedy = "Try it again; the server's log may tell more."
    return Problem("", "task-died", f"the process of the task ended early ({reason})", remedy).as_dict()
