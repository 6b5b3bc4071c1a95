"""Data frames of all tables of a policy, and ways to write them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faasera.core.errors import did_you_mean, refuse
from faasera.core.kept import Kept
from faasera.core.storage import is_url
from faasera.frontends.spark.options import Options, balanced
from faasera.frontends.spark.source import FaaseraDataSource
from faasera.frontends.spark.sums import SparkSums
from faasera.frontends.spark.writing import parallelism, write_files
from faasera.plan.model import Plan
from faasera.run.making import selected
from faasera.run.manifest import Manifest
from faasera.run.order import Cluster
from faasera.run.parcel import Parcel
from faasera.run.pipeline import RowProgress
from faasera.run.planning import PolicySource, RowOverride, load_plan
from faasera.writers import WRITERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MODES = ("error", "append", "overwrite", "ignore")


def register(spark: "SparkSession") -> None:
    """Make ``spark.read.format("faasera")`` and ``spark.readStream.format("faasera")`` known to a session."""
    spark.dataSource.register(FaaseraDataSource)


class FaaseraGenerator:
    """The tables of a policy on Spark.

    Args:
        policy_path: of a policy, JSON or YAML; a URL of an object store is fine, too.
        policy: instead of it, the document itself: a dict, or JSON text.
        seed: instead of the policy's.
        rows: instead of the policy's row counts: one for all tables, or by table.
    """

    def __init__(
        self,
        policy_path: str | Path | None = None,
        *,
        policy: Mapping[str, Any] | str | None = None,
        seed: int | None = None,
        rows: RowOverride | None = None,
    ) -> None:
        if (policy_path is None) == (policy is None):
            message = "nothing says which policy" if policy is None else "policy_path and policy exclude each other"
            refuse("missing-option", message, "Give exactly one of policy_path and policy.")
        source: PolicySource | None = policy_path if policy_path is not None else policy
        assert source is not None
        self._source = source
        self._seed = seed
        self._rows = rows
        self._plan: Plan | None = None
        self._text = ""

    def plan(self, spark: "SparkSession") -> Plan:
        """The policy's plan; what takes long to count is counted by the executors, once.

        Raises:
            PolicyError: with all problems of the policy.
        """
        if self._plan is None:
            kept = Kept(make=SparkSums(spark))
            self._plan = load_plan(self._source, seed=self._seed, rows=self._rows, kept=kept)
            self._text = Parcel.of(self._plan).to_text()
        return self._plan

    def table(
        self,
        spark: "SparkSession",
        name: str,
        *,
        columns: Sequence[str] | None = None,
        partitions: int | None = None,
        partition_rows: int | None = None,
    ) -> "DataFrame":
        """The data frame of one table; its parents are not made.

        Args:
            spark: the session.
            name: of the table.
            columns: the only ones to make; None for all.
            partitions: how many.
            partition_rows: how many rows each has; by default as many as keeps all cores busy, up to four million.

        Raises:
            PolicyError: with all problems of the policy and of the call.
        """
        plan = self.plan(spark)
        register(spark)
        options = {"parcel": self._text, "table": name}
        if columns is not None:
            options["columns"] = ",".join(columns)
        if partitions is None and partition_rows is None:
            partition_rows = balanced(plan.tables[name].row_count, parallelism(spark)) if name in plan.tables else None
        if partitions is not None:
            options["numPartitions"] = str(partitions)
        if partition_rows is not None:
            options["rowsPerPartition"] = str(partition_rows)
        Options(options, plan).partitioning()
        return spark.read.format("faasera").options(**options).load()

    def generate(
        self, spark: "SparkSession", *, tables: Sequence[str] | None = None, partitions: int | None = None
    ) -> "dict[str, DataFrame]":
        """The data frames of the tables by name, parents before children; nothing is made before it is asked for.

        Args:
            spark: the session.
            tables: which ones; None for all.
            partitions: of each; by default as many as keep all cores busy.

        Raises:
            PolicyError: with all problems of the policy.
        """
        chosen = selected(self.plan(spark), tables)
        return {table.name: self.table(spark, table.name, partitions=partitions) for table in chosen}

    def write(
        self,
        spark: "SparkSession",
        target: str,
        *,
        format: str | None = None,
        mode: str = "error",
        tables: Sequence[str] | None = None,
        shard_rows: int | None = None,
        progress: RowProgress | None = None,
        **options: object,
    ) -> Manifest | dict[str, int]:
        """Write the tables, parents before children.

        To a folder (``s3://…``, ``gs://…``, ``abfs://…``, ``file:///…``, or a path that all machines share) the
        executors write with Faasera's own writers, and the manifest makes the run count as a whole. To ``jdbc:…``
        and to a catalog (``main.shop``, or ``shop``) Spark's own writers write, table by table.

        Args:
            spark: the session.
            target: where to.
            format: of files: ``parquet`` (default), ``csv``, ``jsonl``, ``json``, ``arrow``, or ``delta``, which is
                Parquet with the log of a Delta table; of a catalog's tables: ``delta``, ``iceberg`` or what else
                Spark has been given, by default the catalog's own.
            mode: where something is there: ``error``, ``overwrite``; for JDBC and catalogs also ``append``, ``ignore``.
            tables: which ones; None for all.
            shard_rows: how many rows a file has.
            progress: called with a table's name, its rows so far and its rows in all, as files are committed.
            options: of the format, or of JDBC (``user``, ``password``, ``driver``, ``batchsize``).

        Returns:
            The manifest of files; of JDBC and catalogs the number of rows of each table.

        Raises:
            PolicyError: the call is wrong.
            RunError: the run failed; files that were there are as they were.
        """
        if mode not in _MODES:
            refuse("bad-option", f"mode = {mode!r}", did_you_mean(mode, _MODES))
        plan = self.plan(spark)
        if _is_folder(target):
            if mode not in ("error", "overwrite"):
                message = f"mode {mode!r} has no effect on files"
                refuse("no-effect", message, "Use 'error' or 'overwrite'.")
            formats = [*WRITERS.names(), "delta"]
            if format is not None and format not in formats:
                message = f"{target} is a folder, and Faasera writes no files of format '{format}'"
                remedy = f"Use one of {', '.join(formats)}; or name a catalog's schema for Spark's own formats."
                refuse("unknown-format", message, remedy)
            overwrite = mode == "overwrite"
            to = Cluster(target, format or "parquet", options, overwrite=overwrite, shard_rows=shard_rows)
            return write_files(spark, plan, to, tables=tables, progress=progress)
        if shard_rows is not None:
            message = f"shard_rows has no effect on {target}"
            refuse("no-effect", message, "Remove it, or write files.")
        return self._write_by_spark(spark, target, format, mode, tables, options, progress)

    def _write_by_spark(
        self,
        spark: "SparkSession",
        target: str,
        format: str | None,
        mode: str,
        tables: Sequence[str] | None,
        options: Mapping[str, object],
        progress: RowProgress | None,
    ) -> dict[str, int]:
        if target.startswith("jdbc:") and format not in (None, "jdbc"):
            message = f"format '{format}' has no effect on JDBC"
            refuse("no-effect", message, "Remove it.")
        counts = {}
        for name, frame in self.generate(spark, tables=tables).items():
            texts = {key: str(value) for key, value in options.items()}
            writer = frame.write.mode(mode).options(**texts)
            if target.startswith("jdbc:"):
                writer.format("jdbc").option("url", target).option("dbtable", name).save()
            else:
                (writer if format is None else writer.format(format)).saveAsTable(f"{target}.`{name}`")
            counts[name] = self.plan(spark).tables[name].row_count
            if progress is not None:
                progress(name, counts[name], counts[name])
        return counts


def _is_folder(target: str) -> bool:
    """Whether a target is a place of files, not a database's URL and not a catalog's name."""
    return is_url(target) or (not target.startswith("jdbc:") and ("/" in target or target.startswith(".")))
