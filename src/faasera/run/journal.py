"""The journal of a run: what is safely on the disk, so that a run that was killed goes on instead of beginning anew.

A line a checkpoint. A line counts when it is complete; bytes of a file beyond the last line are cut off.
"""

import base64
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faasera.core.digest import BLOCK_ROWS
from faasera.run.pipeline import TablePart, TableRun
from faasera.writers.base import TableWriter

JOURNAL = "journal.jsonl"
_SECONDS = 1.0


class Journal:
    """Keeps and reads the checkpoints of a run.

    Args:
        path: of the journal's file.
        fingerprint: what decides the run's bytes; the journal of another run is of no use.
        runs: the tables as they are to be written.
    """

    def __init__(self, path: Path, fingerprint: Mapping[str, Any], runs: Sequence[TableRun]) -> None:
        self.path = path
        self.fingerprint = json.loads(json.dumps(dict(fingerprint)))
        self.runs = {run.table.name: run for run in runs}
        self._file: int | None = None
        self._lines: list[bytes] = []
        self._last = 0.0

    def read(self) -> bool:
        """Take up what an earlier run had done; False if there is nothing to go on from."""
        try:
            self._lines = self.path.read_bytes().split(b"\n")[:-1]
            read = [json.loads(line) for line in self._lines]
        except (OSError, ValueError):
            read = []
        if not read or read[0] != self.fingerprint:
            self._lines = []
            return False
        entries: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for entry in read[1:]:
            entries.setdefault((entry["table"], entry["part"]), []).append(entry)
        for (name, number), kept in entries.items():
            _take_up(self.runs[name], self.runs[name].parts[number], kept)
        return True

    def begin(self) -> None:
        """Write what was read, or the first line; a torn last line is gone."""
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC)
        for line in self._lines or [json.dumps(self.fingerprint).encode()]:
            os.write(self._file, line + b"\n")
        os.fdatasync(self._file)
        self._last = time.monotonic()

    def appended(self, run: TableRun, part: TablePart) -> None:
        """Note what is there, if some time has passed since the last note or the part is complete."""
        whole = part.done == part.stop - part.start
        if time.monotonic() - self._last < _SECONDS and not whole:
            return
        writer = part.writer
        assert isinstance(writer, TableWriter) and self._file is not None
        writer.sync()
        first = (part.start + part.noted) // BLOCK_ROWS
        words = run.digest.words[first : -(-(part.start + part.done) // BLOCK_ROWS)]
        entry = {
            "table": run.table.name,
            "part": run.parts.index(part),
            "done": part.done,
            "written": writer.written,
            "state": writer.new_state(),
            "block": first,
            "words": base64.b64encode(words.tobytes()).decode(),
        }
        os.write(self._file, json.dumps(entry).encode() + b"\n")
        os.fdatasync(self._file)
        part.noted = part.done
        self._last = time.monotonic()


def _take_up(run: TableRun, part: TablePart, entries: Sequence[dict[str, Any]]) -> None:
    """Go on behind the rows of a part that are there."""
    assert isinstance(part.writer, TableWriter)
    last = entries[-1]
    part.done = part.noted = last["done"]
    run.done += part.done
    for entry in entries:
        words = np.frombuffer(base64.b64decode(entry["words"]), dtype=np.uint64)
        words = words.reshape(-1, run.digest.words.shape[1])
        run.digest.words[entry["block"] : entry["block"] + len(words)] = words
    part.writer.resume(last["written"], [entry["state"] for entry in entries])
    part.opened = True
