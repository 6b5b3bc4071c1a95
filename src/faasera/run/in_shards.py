"""A run in shards: row ranges that any process on any machine may write, in any order and more than once."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from faasera.core.errors import Problem, RunError, did_you_mean, refuse
from faasera.core.storage import Location
from faasera.core.streams import STREAM_VERSION
from faasera.lineage.datasets import object_dataset
from faasera.plan.evaluate import schema_of
from faasera.plan.model import Plan, TablePlan
from faasera.run.making import Making, entry, selected, table_run, writer_of
from faasera.run.manifest import MANIFEST, FileEntry, Manifest, TableEntry, listed_files
from faasera.run.objects import new_tag, part_name, publish
from faasera.run.order import Cluster
from faasera.run.output import file_name
from faasera.run.parcel import check_portable
from faasera.run.pipeline import Pipeline, whole_option

SHARD_ROWS = 5_000_000
_MOST_SHOWN = 3


@dataclass(frozen=True)
class Shard:
    """Some rows of a table.

    Attributes:
        table: its name.
        number: in the name of the file.
        start: the first row.
        stop: the end, excluded.
    """

    table: str
    number: int
    start: int
    stop: int


@dataclass(frozen=True)
class WrittenShard:
    """A shard that is in its file, as JSON has it.

    Attributes:
        run: which run it belongs to.
        table: whose rows.
        start: the first row.
        stop: the end, excluded.
        path: of the file, below the output.
        size: of the file in bytes.
        words: of the blocks that the rows lie in, for the digest.
        seconds: that it took.
    """

    run: str
    table: str
    start: int
    stop: int
    path: str
    size: int
    words: str
    seconds: float

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "WrittenShard":
        """What ``to_json`` gave."""
        return cls(**json.loads(text))


class ShardedRun:
    """Writes tables in shards.

    Args:
        plan: what to make.
        target: where to, and how.
        tables: which ones; None for all.

    Raises:
        PolicyError: there is no such format, option or table, or other processes would come to other values.

    Attributes:
        run: the same for all processes that make the same run, and for no other.
    """

    def __init__(self, plan: Plan, target: Cluster, tables: Sequence[str] | None = None) -> None:
        check_portable(plan)
        self.plan = plan
        self.target = target
        self.location = Location(target.out)
        self.format = target.format
        self.writer_type, self.options = writer_of(target.format, target.options)
        self.tables = selected(plan, tables)
        rows = SHARD_ROWS if target.shard_rows is None else target.shard_rows
        self.shard_rows = whole_option(rows, "shard_rows", 1, 1 << 40)
        names = [table.name for table in self.tables]
        identity = [STREAM_VERSION, plan.digest, target.format, self.options.model_dump(), names]
        self.run = hashlib.blake2b(json.dumps(identity).encode(), digest_size=6).hexdigest()

    def table(self, name: str) -> TablePlan:
        """One of the run's tables.

        Raises:
            PolicyError: it has none of that name.
        """
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            remedy = did_you_mean(name, [table.name for table in self.tables])
            refuse("unknown-table", f"there is no table '{name}'", remedy, at="/table")
        return found

    def count(self, table: TablePlan) -> int:
        """How many shards a table has; one of no rows has one, so that its file is there."""
        return max(1, -(-table.row_count // self.shard_rows))

    def shard(self, table: TablePlan, number: int) -> Shard:
        """One of a table's shards."""
        start = number * self.shard_rows
        return Shard(table.name, number, start, min(start + self.shard_rows, table.row_count))

    def shards(self) -> Iterator[Shard]:
        """All shards, one at a time."""
        for table in self.tables:
            for number in range(self.count(table)):
                yield self.shard(table, number)

    def check(self, shard: Shard) -> TablePlan:
        """The table of a shard, which has these rows.

        Raises:
            PolicyError: there is no such table, or it has no such rows.
        """
        table = self.table(shard.table)
        if not 0 <= shard.start <= shard.stop <= table.row_count or (shard.start == shard.stop and table.row_count):
            message = (
                f"'{table.name}' has {table.row_count:,} rows: there are no rows {shard.start:,} to {shard.stop:,}"
            )
            remedy = f"Name a start from 0 and an end up to {table.row_count:,}."
            refuse("row-range", message, remedy, at="/rows")
        return table

    def write(self, shard: Shard, *, workers: int = 1) -> WrittenShard:
        """Write a shard to a file of its own; nothing counts before the commit.

        Raises:
            PolicyError: it has rows that the table has not.
            OSError: the store does not take it.
        """
        table = self.check(shard)
        started = time.perf_counter()
        name = part_name(table.name, shard.number, f"{self.run}-{new_tag()}", self.writer_type.extension(self.options))
        writer = self.writer_type.writer(self.location.open(name), schema_of(self.plan, table), self.options)
        run = table_run(table, [writer], (shard.start, shard.stop))
        Pipeline(self.plan, workers, None).write([run])
        seconds = time.perf_counter() - started
        return WrittenShard(
            self.run, table.name, shard.start, shard.stop, name, writer.written, run.digest.packed(), seconds
        )

    def begin(self, making: Making) -> None:
        """Tell the log, catalogues and traces that the run begins."""
        outputs = {name: object_dataset(self.location, file_name(name)) for name in self.plan.tables}
        making.begin(self.plan, self.tables, outputs)

    def commit(
        self,
        written: Iterable[WrittenShard],
        *,
        making: Making,
        seconds: float | None = None,
        workers: int = 1,
        published: Callable[[dict[str, Any]], None] | None = None,
    ) -> Manifest:
        """See that all rows are there, and write the manifest.

        Args:
            written: the shards; of those that were written twice, one is taken.
            making: in which the run has begun.
            seconds: that the run took; by default the seconds of all shards.
            workers: that shared the work.
            published: called with the manifest when it is there, before older files are removed.

        Raises:
            RunError: rows are missing, are there twice, or belong to another run; nothing was committed.
        """
        by_table: dict[str, dict[tuple[int, int], WrittenShard]] = {table.name: {} for table in self.tables}
        problems = []
        for one in written:
            if one.run != self.run:
                problems.append(_foreign(one, self.run))
            else:
                by_table[one.table][one.start, one.stop] = one
        with self.location.translated():
            entries = [self._entry(table, by_table[table.name], problems) for table in self.tables]
            if problems:
                raise RunError(problems)
            busy = sum(one.seconds for one in entries)
            manifest = making.manifest(
                self.plan,
                self.format,
                entries,
                workers=workers,
                options=self.options.model_dump(exclude_defaults=True),
                seconds=busy if seconds is None else seconds,
                run=self.run,
            )
            publish(self.location, manifest.as_dict(), published)
        return manifest

    def abandon(self) -> None:
        """Remove what is there of the run and was not committed.

        Raises:
            OSError: the store cannot be reached.
        """
        kept = set(listed_files(self.location.read(MANIFEST) or b""))
        for table in self.tables:
            names = self.location.files(file_name(table.name))
            self.location.delete(name for name in names if f"-{self.run}-" in name and name not in kept)

    def _entry(
        self, table: TablePlan, written: Mapping[tuple[int, int], WrittenShard], problems: list[Problem]
    ) -> TableEntry:
        """A table put together of its shards."""
        shards = [written[key] for key in sorted(written)]
        sizes = self.location.files(file_name(table.name))
        gone = [one.path for one in shards if sizes.get(one.path) != one.size]
        if gone:
            message = f"'{table.name}': {', '.join(gone[:_MOST_SHOWN])} is not there as it was written"
            remedy = "Run these shards again; a folder has to be one that all machines see."
            problems.append(Problem("", "shards-missing", message, remedy))
        made, position = table_run(table, []), 0
        missing = []
        for one in shards:
            if one.start > position:
                missing.append((position, one.start))
            elif one.start < position:
                message = f"'{table.name}': rows {one.start:,} to {position:,} are there twice"
                problems.append(Problem("", "shards-overlap", message, "Plan the run once, and run its shards."))
            position = max(position, one.stop)
            made.digest.merge_packed(one.start, one.words)
        if position < table.row_count or not shards:
            missing.append((position, table.row_count))
        if missing:
            shown = ", ".join(f"{start:,} to {stop:,}" for start, stop in missing[:_MOST_SHOWN])
            more = f" and {len(missing) - _MOST_SHOWN} more ranges" if len(missing) > _MOST_SHOWN else ""
            message = f"'{table.name}': rows {shown}{more} are missing"
            problems.append(Problem("", "shards-missing", message, "Run these shards, then commit again."))
        files = [FileEntry(one.path, one.size, one.stop - one.start) for one in shards]
        return entry(self.plan, made, files, sum(one.seconds for one in shards))


def _foreign(one: WrittenShard, run: str) -> Problem:
    message = f"'{one.table}': rows {one.start:,} to {one.stop:,} belong to the run {one.run}, not to {run}"
    remedy = "Run all shards with the same policy, seed, tables, format and options; or write to another place."
    return Problem("", "other-run", message, remedy)


def committed(location: Location) -> dict[str, Any] | None:
    """The manifest that is at a place; None where there is none.

    Raises:
        OSError: the store cannot be read.
    """
    text = location.read(MANIFEST)
    try:
        found = json.loads(text) if text is not None else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) or found is None else {}
