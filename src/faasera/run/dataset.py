"""The Python API: tables that are made when somebody looks."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from faasera.core.arrow import decoded, decoded_type
from faasera.core.errors import did_you_mean
from faasera.plan.evaluate import batch_of, schema_of
from faasera.plan.model import Plan, TablePlan, row_ranges
from faasera.run.carrying_out import Called, carry_out
from faasera.run.manifest import Manifest
from faasera.run.order import Files, IntoDatabase, Order, Target
from faasera.run.pipeline import RowProgress
from faasera.run.planning import PolicySource, RowOverride, load_plan

if TYPE_CHECKING:
    import pandas
    import polars


class Table:
    """One table of a dataset: nothing is made before it is asked for, and any rows can be asked for.

    Attributes:
        name: the table's name.
        plan: how it is made.
    """

    def __init__(self, dataset: Plan, plan: TablePlan) -> None:
        self._dataset = dataset
        self.plan = plan
        self.name = plan.name

    def __len__(self) -> int:
        """The number of rows."""
        return self.plan.row_count

    def __repr__(self) -> str:
        """Name, size and columns."""
        return f"<Table {self.name}: {len(self):,} rows, columns {', '.join(self.schema.names)}>"

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; values of lists are dictionary-encoded."""
        return schema_of(self._dataset, self.plan)

    def slice(self, start: int, stop: int) -> pa.RecordBatch:
        """The rows ``start … stop``, the end excluded, at the same cost anywhere in the table.

        Args:
            start: from 0 to the number of rows.
            stop: from ``start`` on; beyond the end it is the end.

        Raises:
            ValueError: ``start`` is negative or after ``stop``.
        """
        if start < 0 or stop < start:
            raise ValueError(f"a slice goes from 0 or more upwards, not from {start} to {stop}")
        stop = min(stop, len(self))
        return batch_of(self._dataset, self.plan, min(start, stop), stop)

    def batches(self, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """The whole table in batches of ``rows`` rows, one at a time in memory.

        Raises:
            ValueError: ``rows`` is below 1.
        """
        if rows < 1:
            raise ValueError(f"a batch has at least one row, not {rows}")
        for start, stop in row_ranges(len(self), rows):
            yield self.slice(start, stop)

    def to_arrow(self) -> pa.Table:
        """The whole table in memory, with values of lists dictionary-encoded."""
        return pa.Table.from_batches(self.batches(), self.schema)

    def to_pandas(self) -> "pandas.DataFrame":
        """The whole table as a pandas DataFrame with plain texts; needs ``faasera[pandas]``."""
        return self._plain().to_pandas()

    def to_polars(self) -> "polars.DataFrame":
        """The whole table as a Polars DataFrame with plain texts; needs ``faasera[polars]``."""
        import polars

        frame = polars.from_arrow(self._plain())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def _plain(self) -> pa.Table:
        """The whole table without dictionaries."""
        plain = [
            pa.RecordBatch.from_arrays([decoded(column) for column in batch.columns], names=batch.schema.names)
            for batch in self.batches()
        ]
        fields = [pa.field(field.name, decoded_type(field.type)) for field in self.schema]
        return pa.Table.from_batches(plain, pa.schema(fields))


class Dataset(Mapping[str, Table]):
    """The tables of a policy, by name, parents before children.

    Attributes:
        plan: the policy made definite.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._tables = {name: Table(plan, table) for name, table in plan.tables.items()}

    def __getitem__(self, name: str) -> Table:
        """The table of that name.

        Raises:
            KeyError: there is none; the message says which come near.
        """
        if name not in self._tables:
            raise KeyError(f"there is no table '{name}'. {did_you_mean(name, self._tables)}")
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        """The tables' names."""
        return iter(self._tables)

    def __len__(self) -> int:
        """The number of tables."""
        return len(self._tables)

    def __repr__(self) -> str:
        """Name and tables."""
        tables = ", ".join(f"{name} ({len(table):,})" for name, table in self._tables.items())
        return f"<Dataset {self.plan.name}: {tables}>"

    def write(
        self,
        out: str | Path,
        *,
        format: str = "csv",
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        overwrite: bool = False,
        parts: int = 1,
        progress: RowProgress | None = None,
        **options: object,
    ) -> Manifest:
        """Write tables to files, all of them or none.

        Args:
            out: the folder, made if it is missing; or the URL of one in an object store, such as ``s3://bucket/shop``.
            format: ``csv``, ``parquet``, ``json`` or ``jsonl``.
            tables: which ones; by default all.
            workers: threads; by default one a core. They leave no trace in the data.
            overwrite: replace what an earlier run left there.
            parts: files per table; more than one makes a folder for each table, as object stores always do.
            progress: called with a table's name, its rows so far and its rows in all.
            options: of the format, such as ``compression``.

        Returns:
            What was made, as it also stands in ``_manifest.json``.

        Raises:
            PolicyError: the call is wrong; nothing was touched.
            RunError: the run failed; the folder is as it was.
        """
        target = Files(str(out), format, options, parts, overwrite=overwrite)
        return self._carried_out(target, tables, workers, progress)

    def write_database(
        self,
        to: str,
        *,
        mode: str = "fail",
        disable_triggers: bool = False,
        overwrite_source: bool = False,
        tables: Sequence[str] | None = None,
        workers: int | None = None,
        progress: RowProgress | None = None,
    ) -> Manifest:
        """Load tables into a database, all of them or none; needs ``faasera[db]``.

        Args:
            to: a URL, the name of a connection, or the path of a database file.
            mode: where a table holds rows: ``fail``, ``append``, ``truncate`` or ``replace``.
            disable_triggers: whether rows are loaded without the triggers of their tables.
            overwrite_source: whether rows of the database that the policy was imported from may go.
            tables: which ones; by default all.
            workers: threads; by default one a core.
            progress: called with a table's name, its rows so far and its rows in all.

        Raises:
            PolicyError: the target does not take these rows; nothing was touched.
            RunError: the run failed; the target is as it was, or the message says what is left.
        """
        target = IntoDatabase(to, mode, disable_triggers, overwrite_source)
        return self._carried_out(target, tables, workers, progress)

    def _carried_out(
        self, target: Target, tables: Sequence[str] | None, workers: int | None, progress: RowProgress | None
    ) -> Manifest:
        order = Order.of(self.plan, target, tables=None if tables is None else tuple(tables), workers=workers)
        return carry_out(order, Called(progress), plan=self.plan).manifest


def load(policy: PolicySource, *, seed: int | None = None, rows: RowOverride | None = None) -> Dataset:
    """The tables of a policy; nothing is made yet.

    Args:
        policy: a path to a JSON or YAML file, JSON text, or a dict.
        seed: instead of the policy's.
        rows: instead of the policy's row counts: one for all tables, or by table; ``"10k"`` and ``"2.5M"`` are fine.

    Raises:
        PolicyError: with all problems of the policy at once.

    >>> policy = {"tableName": "t", "rowCount": 3, "columnRuleMap": {"id": {"type": "SEQUENCE"}}}
    >>> load(policy)["t"].slice(1, 3).to_pydict()
    {'id': [2, 3]}
    """
    return Dataset(load_plan(policy, seed=seed, rows=rows))


def generate(policy: PolicySource, *, seed: int | None = None, rows: RowOverride | None = None) -> dict[str, pa.Table]:
    """All tables of a policy in memory, as Arrow tables by name.

    Raises:
        PolicyError: with all problems of the policy at once.

    >>> policy = {"tableName": "t", "rowCount": 2, "columnRuleMap": {"colour": {"type": "CONSTANT", "value": "red"}}}
    >>> generate(policy)["t"].to_pylist()
    [{'colour': 'red'}, {'colour': 'red'}]
    """
    return {name: table.to_arrow() for name, table in load(policy, seed=seed, rows=rows).items()}
