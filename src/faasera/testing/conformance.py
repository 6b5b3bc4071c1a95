"""What every generator and every file format promises, as checks that a plug-in's author can run too.

>>> from faasera.testing.conformance import check_generator, check_writer
>>> check_generator({"type": "SEQUENCE"})
>>> check_writer("csv", {"delimiter": ";"})
"""

import contextlib
import datetime
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded
from faasera.core.digest import value_words
from faasera.core.types import JSON
from faasera.plan.evaluate import Rows, batch_of, rows_between, schema_of
from faasera.plan.model import Plan, TablePlan
from faasera.run.into_files import Run
from faasera.run.making import writer_of
from faasera.run.order import Files
from faasera.run.planning import load_plan
from faasera.writers.base import WriterType


def example_policy(rule: Mapping[str, Any], rows: int, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A table with the rule in the column ``value``, and in ``beside`` the columns that it needs."""
    return {"tableName": "t", "rowCount": rows, "columnRuleMap": {**(beside or {}), "value": dict(rule)}}


def values_at(plan: Plan, rows: Sequence[int] | np.ndarray[Any, np.dtype[np.uint64]]) -> pa.Array:
    """The column ``value`` of the given rows, without dictionaries."""
    numbers = np.asarray(rows, dtype=np.uint64)
    return decoded(Rows.of(plan).rows("t", numbers).column("value"))


def check_generator(
    rule: Mapping[str, Any],
    *,
    rows: int = 3000,
    beside: Mapping[str, Any] | None = None,
    scattered: Sequence[int] = (2999, 0, 17, 17, 1024, 5),
    cut: int = 1234,
) -> None:
    """Check one rule: slices agree with the whole, scattered rows with ranges, types with the plan.

    Args:
        rule: the rule of the column under test.
        rows: how many rows the table has.
        beside: other columns that the rule refers to.
        scattered: row numbers in any order, repeated ones too.
        cut: where the whole is cut in two.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    plan = load_plan(example_policy(rule, rows, beside))
    column = plan.tables["t"].column("value")
    whole = values_at(plan, rows_between(0, rows))
    assert len(whole) == rows, "one value for each row"
    assert whole.type == column.data_type.arrow, f"the plan says {column.data_type}, Arrow has {whole.type}"
    assert whole.null_count == 0 or column.generator.nullable, "nulls in a column that the plan calls never null"
    whole.validate(full=True)
    parts = pa.concat_arrays([values_at(plan, rows_between(0, cut)), values_at(plan, rows_between(cut, rows))])
    assert parts.equals(whole), "a slice differs from that part of the whole"
    chosen = values_at(plan, scattered)
    assert chosen.equals(whole.take(pa.array(scattered))), "scattered rows differ from the same rows in a range"
    assert np.array_equal(value_words(chosen), value_words(whole)[list(scattered)]), "digests differ for equal values"
    assert len(values_at(plan, [])) == 0, "no rows, no values"
    again = values_at(load_plan(example_policy(rule, rows, beside)), rows_between(0, rows))
    assert again.equals(whole), "a second plan makes other values"
    if column.generator.unique:
        assert len(whole.drop_null().unique()) == rows - whole.null_count, "a unique column repeats a value"


_TEXTS = [
    '"', 'a"b', ",", "a,b", "\n", "a\r\nb", "\t", "", " ", "é", "日本語", "𝄞", "null", "NULL", "\\", "\\n", "'", ";",
    "a|b", "\x01", "x" * 300,
]  # fmt: skip
_RULES: dict[str, dict[str, Any]] = {
    "id": {"type": "SEQUENCE"},
    "text": {"type": "SEED", "values": _TEXTS},
    "made": {"type": "PRESERVE", "pattern": "{text}{id}", "nullFraction": 0.2},
    "maybe": {"type": "SEED", "values": ["", "x", "a,b"], "nullFraction": 0.4},
    "price": {"type": "RANDOM", "dataType": "DECIMAL(18,3)", "range": {"min": -9999999, "max": 9999999}},
    "real": {"type": "RANDOM", "dataType": "DOUBLE", "range": {"min": -1, "max": 1}},
    "whole": {"type": "RANDOM", "range": {"min": -(2**62), "max": 2**62}},
    "flag": {"type": "RANDOM", "dataType": "BOOLEAN", "nullFraction": 0.2},
    "day": {"type": "DATE_RANDOM", "range": {"start": "0001-01-01", "end": "9999-12-31"}, "nullFraction": 0.2},
    "at": {"type": "DATE_RANDOM", "range": {"start": "1900-01-01 00:00:00", "end": "2100-01-01"}},
    "time": {"type": "RANDOM", "dataType": "TIME"},
    "raw": {"type": "RANDOM", "dataType": "BINARY", "length": 3, "nullFraction": 0.2},
    "uuid": {"type": "RANDOM", "dataType": "UUID"},
    "json": {"type": "RANDOM", "dataType": "JSON"},
}

# What Arrow does not cast from texts.
_PARSERS: dict[str, Callable[[str], Any]] = {"BINARY": bytes.fromhex, "TIME": datetime.time.fromisoformat}


def check_writer(format: str, options: Mapping[str, object] | None = None, *, rows: int = 3000) -> None:
    """Check one file format: what is written is read back, whoever makes it, in whatever pieces.

    Awkward texts, all data types, few rows and none; threads, parts, streams and runs that go on after a crash; what
    ``faasera check`` finds (extra ``check``).

    Args:
        format: its name, registered.
        options: of the format.
        rows: how many rows the table has.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    declared, read = writer_of(format, options)
    declared.read_options(declared.example)
    assert declared.media_type.count("/") == 1, "a media type is like text/csv"
    with tempfile.TemporaryDirectory(prefix="faasera-conformance-") as name:
        folder = Path(name)
        for count in (0, 1):
            _check_files(declared, options, folder / str(count), count, ways=[(1, 1)])
        _check_files(declared, options, folder / "all", rows, ways=[(1, 1), (3, 1), (2, 3)])
        plan = load_plan({"tableName": "t", "rowCount": rows, "columnRuleMap": _RULES})
        _check_pieces(declared, read, folder, plan)
        strange = folder / "strange"
        strange.write_bytes(b"\x00no file of any format\x01\n")
        with contextlib.suppress(pa.ArrowException, OSError, ValueError):
            list(declared.read(strange, read))


def _check_files(
    declared: WriterType,
    options: Mapping[str, object] | None,
    folder: Path,
    count: int,
    *,
    ways: Sequence[tuple[int, int]],
) -> None:
    """Whether files hold the rows, by any number of threads, and in any number of parts."""
    from faasera.run.check.check import check

    plan = load_plan({"tableName": "t", "rowCount": count, "columnRuleMap": _RULES})
    read = declared.read_options(options or {})
    found = {}
    for workers, parts in ways:
        out = folder / f"{workers}-{parts}"
        manifest = Run(plan, Files(str(out), declared.name, options or {}, parts), workers=workers).execute()
        files = [out / file.path for file in manifest.tables[0].files]
        assert all(file.name.endswith(declared.extension(read)) for file in files), "files have another extension"
        found[workers, parts] = [file.read_bytes() for file in files]
        _compare(declared, [batch for file in files for batch in declared.read(file, read)], plan)
        report = check(out)
        assert report.ok, f"faasera check: {[finding.as_dict() for finding in report.failed]}"
        assert any(finding.kind == "digest" for finding in report.passed), "faasera check read no values"
    assert found[1, 1] == found.get((3, 1), found[1, 1]), "the bytes depend on the number of threads"


class _Trickle:
    """Takes a few bytes at a time, as the way over a network does; nobody can seek in it."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def write(self, data: memoryview) -> int:
        self.taken += data[:1000]
        return min(len(data), 1000)

    def fileno(self) -> int:
        raise OSError("a stream has no descriptor")

    def close(self) -> None:
        pass


def _check_pieces(declared: WriterType, options: Any, folder: Path, plan: Plan) -> None:
    """Whether a file may be written into a stream, and gone on with after a crash."""
    table = plan.tables["t"]
    schema, half = schema_of(plan, table), table.row_count // 2
    first, second = batch_of(plan, table, 0, half), batch_of(plan, table, half, table.row_count)
    whole, broken, stream = folder / "whole", folder / "broken", _Trickle()
    for target in (whole, stream):
        writer = declared.writer(target, schema, options)
        writer.open()
        for batch in (first, second):
            writer.append(writer.encode([batch]))
        writer.finish({"made": "here"})
        writer.close()
    assert bytes(stream.taken) == whole.read_bytes(), "a stream has other bytes than a file"
    writer = declared.writer(broken, schema, options)
    writer.open()
    states, written = [writer.new_state()], [writer.written]
    writer.append(writer.encode([first]))
    states.append(json.loads(json.dumps(writer.new_state())))
    written.append(writer.written)
    writer.append(writer.encode([second]))
    writer.close()
    writer = declared.writer(broken, schema, options)
    writer.resume(written[-1], states)
    writer.append(writer.encode([second]))
    writer.finish({"made": "here"})
    writer.close()
    assert broken.read_bytes() == whole.read_bytes(), "a file that was gone on with has other bytes"
    _compare(declared, list(declared.read(whole, options)), plan)


def _compare(declared: WriterType, batches: Sequence[pa.RecordBatch], plan: Plan) -> None:
    """Whether batches that were read hold a table's rows."""
    table = plan.tables["t"]
    assert batches, "a reader gives at least one batch"
    found = pa.Table.from_batches([batch for batch in batches if batch.num_rows] or batches[:1])
    assert found.num_rows == table.row_count, f"{found.num_rows} rows are read back of {table.row_count}"
    if found.num_columns or table.row_count:
        assert found.column_names == [column.name for column in table.visible], "other columns are read back"
        for column in table.visible:
            _compare_column(declared, found[column.name].combine_chunks(), column.name, table, plan)


def _compare_column(declared: WriterType, found: pa.Array, name: str, table: TablePlan, plan: Plan) -> None:
    data_type, found = table.column(name).data_type, decoded(found)
    want = decoded(batch_of(plan, table, 0, table.row_count).column(name))
    if declared.typed:
        assert found.type == data_type.arrow, f"{name}: {found.type} is read back instead of {data_type.arrow}"
    else:
        assert found.type == pa.string(), f"{name}: {found.type} is read back instead of texts"
        if (parsed := _PARSERS.get(data_type.name)) is not None:
            found = pa.array([None if one is None else parsed(one) for one in found.to_pylist()])
        found = pc.cast(found, data_type.arrow)
    if declared.loose(data_type) and data_type == JSON:
        found, want = (pa.array([str(json.loads(one)) for one in texts.to_pylist()]) for texts in (found, want))
    wrong = [pair for pair in zip(want.to_pylist(), found.to_pylist(), strict=True) if pair[0] != pair[1]]
    assert not wrong, f"{name}: {wrong[0][1]!r} is read back instead of {wrong[0][0]!r}"
