"""The options of the data source, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from faasera.core.digest import BLOCK_ROWS
from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.core.kept import Kept
from faasera.core.prefix_sums import Counts, PrefixSums
from faasera.frontends.arguments import row_counts
from faasera.plan.model import ColumnPlan, Plan, TablePlan
from faasera.policy.counts import parse_count
from faasera.run.parcel import Parcel
from faasera.run.planning import load_plan

PARTITION_ROWS = 32 * BLOCK_ROWS
_MOST_ROWS = 4_000_000
_MOST_PARTITIONS = 1_000_000
_MOST_LOCAL_PARENTS = 1 << 30
_NAMES = {
    name.lower(): name
    for name in (
        "policy",
        "parcel",
        "table",
        "seed",
        "rows",
        "columns",
        "numPartitions",
        "rowsPerPartition",
        "rowsPerSecond",
        "firstRow",
    )
}
_STREAMING = ("rowsPerSecond", "firstRow")


@dataclass(frozen=True)
class Partitioning:
    """How many rows each task makes.

    Attributes:
        rows: of the table.
        unit: rows of a partition.
    """

    rows: int
    unit: int

    @property
    def count(self) -> int:
        """How many partitions."""
        return -(-self.rows // self.unit)

    def span(self, number: int) -> tuple[int, int]:
        """The first row of a partition, and its end."""
        return number * self.unit, min((number + 1) * self.unit, self.rows)


def partitioning(rows: int, *, partitions: int | None = None, partition_rows: int | None = None) -> Partitioning:
    """Rows cut into partitions; by default about two million rows each, in whole blocks of the digest.

    Raises:
        PolicyError: a number is below 1, or both are given.
    """
    given = [("numPartitions", partitions), ("rowsPerPartition", partition_rows)]
    problems = [
        Problem("", "bad-option", f"{name} = {value}", "Use a number from 1 up.")
        for name, value in given
        if value is not None and value < 1
    ]
    if partitions is not None and partition_rows is not None:
        message = "numPartitions and rowsPerPartition exclude each other"
        problems.append(Problem("", "exclusive-options", message, "Give one of them."))
    if problems:
        raise PolicyError(problems)
    if partition_rows is not None:
        unit = partition_rows
    elif partitions is not None:
        unit = max(1, -(-rows // partitions))
    else:
        unit = PARTITION_ROWS
        while -(-rows // unit) > _MOST_PARTITIONS // 16:
            unit *= 2
    made = Partitioning(rows, unit)
    if made.count > _MOST_PARTITIONS:
        message = f"{rows:,} rows in pieces of {unit:,} make {made.count:,} partitions"
        remedy = f"Stay below {_MOST_PARTITIONS:,}: let each have more rows."
        refuse("bad-option", message, remedy)
    return made


def balanced(rows: int, parallel: int) -> int:
    """Rows of a partition so that all that work at once have the same to do: up to four million, in whole blocks."""
    tasks = parallel * max(1, -(-rows // (parallel * _MOST_ROWS)))
    unit = -(-rows // tasks)
    return max(1, -(-unit // BLOCK_ROWS)) * BLOCK_ROWS


class Options:
    """What was asked for, as Spark hands it on: texts, and names in any case.

    Attributes:
        plan: of the policy.
        table: that is made.
        columns: of it, in the order that was asked for.
    """

    def __init__(self, given: Mapping[str, str], plan: Plan | None = None) -> None:
        named = {_NAMES.get(name.lower(), name): text for name, text in given.items()}
        problems = [
            Problem("", "unknown-option", f"there is no option '{name}'", did_you_mean(name, _NAMES.values()))
            for name in named
            if name not in _NAMES.values() and name != "path"
        ]
        if "path" in named:
            remedy = 'Write .option("policy", …).load() without a path.'
            problems.append(Problem("", "unknown-option", "load() takes no path", remedy))
        if ("policy" in named) == ("parcel" in named):
            message = "nothing says which policy" if "policy" not in named else "policy and parcel exclude each other"
            problems.append(Problem("", "missing-option", message, 'Give .option("policy", path, URL or JSON).'))
        if problems:
            raise PolicyError(problems)
        self._named = named
        self.plan = plan or self._plan()
        self.table = self._table()
        self.columns = self._columns()

    @cached_property
    def parcel(self) -> Parcel:
        """The policy with all that executors need."""
        return Parcel.from_text(self._named["parcel"]) if "parcel" in self._named else Parcel.of(self.plan)

    def _plan(self) -> Plan:
        if "parcel" in self._named:
            self._refuse(("seed", "rows"), "a policy that is planned")
            return self.parcel.plan()
        rows = row_counts([self._named["rows"]]) if "rows" in self._named else None
        return load_plan(self._named["policy"], seed=self.whole("seed"), rows=rows, kept=Kept(make=_local_sums))

    def _table(self) -> TablePlan:
        tables = self.plan.tables
        name = self._named.get("table", next(iter(tables)) if len(tables) == 1 else None)
        if name is None:
            refuse("missing-option", "nothing says which table", did_you_mean("", tables))
        if name not in tables:
            refuse("unknown-table", f"there is no table '{name}'", did_you_mean(name, tables))
        return tables[name]

    def _columns(self) -> tuple[ColumnPlan, ...]:
        if "columns" not in self._named:
            return self.table.visible
        known = {column.name: column for column in self.table.visible}
        names = list(dict.fromkeys(name.strip() for name in self._named["columns"].split(",") if name.strip()))
        problems = [
            Problem("", "unknown-column", f"'{self.table.name}' has no column '{name}'", did_you_mean(name, known))
            for name in names
            if name not in known
        ]
        if not names:
            problems.append(Problem("", "bad-option", "no column is named", did_you_mean("", known)))
        if problems:
            raise PolicyError(problems)
        return tuple(known[name] for name in names)

    def whole(self, name: str) -> int | None:
        """A whole number, if it is given.

        Raises:
            PolicyError: it is none.
        """
        text = self._named.get(name)
        if text is None:
            return None
        try:
            return parse_count(text)
        except ValueError:
            refuse("bad-option", f"{name} = {text!r}", "Use a whole number, such as 100000 or 5m.")

    def check(self) -> None:
        """See that the numbers fit, before anybody reads.

        Raises:
            PolicyError: they do not.
        """
        if any(name in self._named for name in _STREAMING):
            self.stream()
        else:
            self.partitioning()

    def partitioning(self) -> Partitioning:
        """How the table is cut.

        Raises:
            PolicyError: the options contradict each other, or have no effect.
        """
        self._refuse(_STREAMING, "a table that is read once")
        partitions, rows = self.whole("numPartitions"), self.whole("rowsPerPartition")
        return partitioning(self.table.row_count, partitions=partitions, partition_rows=rows)

    def stream(self) -> tuple[int, int, int]:
        """Rows per second, the first row, and partitions per batch.

        Raises:
            PolicyError: a number is missing, or an option has no effect.
        """
        self._refuse(("rowsPerPartition",), "a stream")
        rate, first = self.whole("rowsPerSecond"), self.whole("firstRow") or 0
        partitions = self.whole("numPartitions")
        problems = []
        if rate is None or rate < 1:
            what = "a stream needs rowsPerSecond" if rate is None else f"rowsPerSecond = {rate}"
            problems.append(Problem("", "bad-option", what, 'Give .option("rowsPerSecond", 1000).'))
        if partitions is not None and partitions < 1:
            problems.append(Problem("", "bad-option", f"numPartitions = {partitions}", "Use a number from 1 up."))
        if first > self.table.row_count:
            message = f"'{self.table.name}' has {self.table.row_count:,} rows: no row {first:,}"
            problems.append(Problem("", "bad-option", message, "Begin with a row that is there."))
        if problems:
            raise PolicyError(problems)
        return rate or 1, first, partitions or 1

    def _refuse(self, names: tuple[str, ...], what: str) -> None:
        problems = [
            Problem("", "no-effect", f"{name} has no effect on {what}", "Remove it.")
            for name in names
            if name in self._named
        ]
        if problems:
            raise PolicyError(problems)


def _local_sums(size: int, counts: Counts) -> PrefixSums:
    """Running totals of as many parents as the driver counts in seconds.

    Raises:
        PolicyError: there are more.
    """
    if size > _MOST_LOCAL_PARENTS:
        message = f"{size:,} parents have their children counted, which is work for the executors"
        remedy = "Use faasera.spark.FaaseraGenerator(policy).generate(spark), which lets them do it."
        refuse("too-many-parents", message, remedy)
    return PrefixSums(size, counts)
