"""The comparison as a whole: every table that both sides have."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from faasera.core.errors import RunError, refuse
from faasera.core.types import BINARY
from faasera.run.check.findings import SKIPPED, Finding, StepProgress
from faasera.run.check.folder import Folder
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import quoted
from faasera.run.fetching import fetched_output
from faasera.run.output import place_of
from faasera.run.privacy.columns import ComparedColumns
from faasera.run.privacy.distances import Distances
from faasera.run.privacy.hashed import Hashed, Pair
from faasera.run.privacy.report import PrivacyReport, Thresholds
from faasera.run.privacy.rows import row_findings
from faasera.run.privacy.source import RealTable, real_tables

_MOST_SHARED = 0.9


def compare_with(
    directory: str | Path,
    source: str,
    *,
    holdout: str | None = None,
    thresholds: Thresholds | None = None,
    tables: Sequence[str] | None = None,
    progress: StepProgress | None = None,
) -> PrivacyReport:
    """Compare what a run wrote with real data: whether anything of anybody is in it.

    Values of the source are compared as hashes under a key that is thrown away, or as distances in memory; none is
    stored, and none is in the report.

    Args:
        directory: what a run wrote.
        source: real data of the same tables: a file, a folder of files, a database's URL, or a connection's name.
        holdout: real rows of the same kind that nobody used, for the test of membership.
        thresholds: to judge by.
        tables: which ones; None for all that both have.
        progress: called with a table's name and what is looked at next.

    Raises:
        PolicyError: one of the places cannot be read, or they have nothing in common.
        RunError: there is not enough memory; nothing is put on the disk.
    """
    started = time.perf_counter()
    judged_by = thresholds or Thresholds()
    tell = progress or (lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="faasera-privacy-") as workspace, contextlib.ExitStack() as opened:
        place = place_of(directory)
        path = place if isinstance(place, Path) else opened.enter_context(fetched_output(place.url))
        folder = Folder(path, None, Path(workspace))
        opened.callback(folder.close)
        # What does not fit into memory would be put on the disk, and nothing of the source may be.
        folder.database.execute("SET temp_directory=''; RESET memory_limit")
        real = real_tables(folder.database, source, "real")
        unused = real_tables(folder.database, holdout, "unused") if holdout is not None else {}
        pairs = _matched(folder, real, tables, source)
        measures: dict[str, dict[str, Any]] = {}
        findings: list[Finding] = []
        for table, other in pairs:
            measures[table.name] = {}
            comparison = _Comparison(folder, table, other, unused.get(other.name.casefold()), judged_by)
            try:
                findings += comparison.findings(measures[table.name], tell)
            except folder.database_error as error:
                message = f"{table.name} cannot be compared: {type(error).__name__}"
                remedy = "Compare fewer tables at once (--tables), or on a machine with more memory."
                refuse("comparison-failed", message, remedy, kind=RunError)
        unmatched = _unmatched(folder, real, pairs)
    return PrivacyReport(folder.name, source, findings, measures, judged_by, unmatched, time.perf_counter() - started)


class _Comparison:
    """One table beside its real one."""

    def __init__(
        self,
        folder: Folder,
        table: CheckedTable,
        real: RealTable,
        unused: RealTable | None,
        thresholds: Thresholds,
    ) -> None:
        self.folder = folder
        self.table = table
        self.real = real
        self.unused = unused
        self.thresholds = thresholds
        meanings = {one["name"]: one.get("semanticType") for one in table.entry["columns"]}
        self.pairs = [
            Pair(column, real.columns[column.casefold()], data_type, meanings[column])
            for column, data_type in table.columns.items()
            if column.casefold() in real.columns and data_type != BINARY
        ]

    def findings(self, measures: dict[str, Any], tell: StepProgress) -> Iterator[Finding]:
        """All that is found of the table."""
        table, made = self.table.name, quoted(self.table.name)
        if not self.pairs:
            yield Finding(table, "columns", "", SKIPPED, "the tables have no column in common")
            return
        tell(table, "values")
        hashed = Hashed(self.folder.database, made, self.real.view, self.pairs)
        measures |= {"generated": hashed.made_rows, "source": hashed.real_rows}
        columns = ComparedColumns(hashed, made, self.real.view, table, self.thresholds)
        yield from columns.findings()
        measures["columns"] = columns.measures
        tell(table, "rows")
        references = {one for key in self.table.parsed.policy.foreign_keys for one in key.columns}
        silent = columns.running | references
        places = [place for place, pair in enumerate(self.pairs) if pair.column not in silent]
        yield from row_findings(hashed, table, places, self.thresholds, measures)
        tell(table, "distances")
        chosen = [self.pairs[place] for place in places if self._shared(hashed, place)]
        unused = self._unused(chosen)
        distances = Distances(self.folder.database, chosen, self.thresholds)
        yield from distances.findings(table, made, self.real.view, unused, measures)

    def _shared(self, hashed: Hashed, place: int) -> bool:
        """Whether real rows have values of a column in common, or it holds numbers, so that it has distances."""
        if not self.pairs[place].data_type.is_text:
            return True
        count, distinct = hashed.one(f"SELECT count(c{place}), count(DISTINCT c{place}) FROM {hashed.real}")
        return bool(count) and int(distinct) <= _MOST_SHARED * int(count)

    def _unused(self, pairs: Sequence[Pair]) -> str | None:
        """The view of rows that nobody used, where it has all of these columns."""
        if self.unused is None or not all(pair.real.casefold() in self.unused.columns for pair in pairs):
            return None
        return self.unused.view


def _matched(
    folder: Folder, real: dict[str, RealTable], tables: Sequence[str] | None, source: str
) -> list[tuple[CheckedTable, RealTable]]:
    """The tables that both sides have; a single table of each side belongs together whatever its name."""
    wanted = [table for name, table in folder.tables.items() if tables is None or name in tables]
    found = [(table, real[table.name.casefold()]) for table in wanted if table.name.casefold() in real]
    if not found and len(wanted) == len(real) == 1:
        found = [(wanted[0], next(iter(real.values())))]
    common = [pair for pair in found if {one.casefold() for one in pair[0].columns} & set(pair[1].columns)]
    if not common:
        made, theirs = ", ".join(table.name for table in wanted) or "none", ", ".join(one.name for one in real.values())
        message = f"the output and {source} have nothing in common: tables {made}; and {theirs}"
        remedy = "Compare with data of the same tables and columns; --tables names those of the output."
        refuse("nothing-in-common", message, remedy)
    return found


def _unmatched(
    folder: Folder, real: dict[str, RealTable], pairs: Sequence[tuple[CheckedTable, RealTable]]
) -> list[str]:
    """What was not compared: tables and columns of one side alone."""
    seen = {table.name for table, _ in pairs}
    found = [f"{name}: only generated" for name in folder.tables if name not in seen]
    taken = {other.name for _, other in pairs}
    found += [f"{other.name}: only in the source" for other in real.values() if other.name not in taken]
    for table, other in pairs:
        own = {column.casefold() for column in table.columns}
        found += [
            f"{table.name}.{column}: only generated"
            for column in table.columns
            if column.casefold() not in other.columns
        ]
        found += [
            f"{other.name}.{column}: only in the source" for key, column in other.columns.items() if key not in own
        ]
    return found
