"""Decimals of up to 38 digits are exact from the policy to the file, or refused by name."""

import json
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import column, problem, table

import faasera
from faasera.core.text import to_text
from faasera.core.types import DataType
from faasera.core.wide import from_wholes, placed_at, share_of, to_doubles, wholes

WIDE = "12345678901234567890123456789012345678"
WHOLES = st.integers(-(10**38) + 1, 10**38 - 1)


def written(rules: str, rows: int = 5) -> str:
    return f'{{"tableName": "t", "rowCount": {rows}, "columnRuleMap": {{{rules}}}}}'


def made(rule: str, rows: int = 5) -> list[Any]:
    """What a rule makes that is written as JSON text, so that its numbers are literals."""
    return faasera.generate(written(f'"c": {rule}', rows))["t"]["c"].to_pylist()


@pytest.mark.parametrize(
    ("kind", "literal"),
    [
        ("DECIMAL(20,4)", "12345678901234.1234"),
        ("DECIMAL(19,2)", "12345678901234567.89"),
        ("DECIMAL(38,0)", WIDE),
        ("DECIMAL(38,38)", "0." + WIDE),
        ("DECIMAL(38,10)", "-" + WIDE[:28] + "." + WIDE[28:]),
        ("DECIMAL(38,2)", "1e30"),
        ("DECIMAL(38,18)", "0.000000000000000001"),
    ],
)
def test_literals_keep_every_digit(kind: str, literal: str):
    for value in (literal, f'"{literal}"'):
        assert set(made(f'{{"type": "CONSTANT", "dataType": "{kind}", "value": {value}}}')) == {Decimal(literal)}
        assert set(made(f'{{"type": "SEED", "dataType": "{kind}", "values": [{value}]}}')) == {Decimal(literal)}
        ends = f'{{"min": {value}, "max": {value}}}'
        assert set(made(f'{{"type": "RANDOM", "dataType": "{kind}", "range": {ends}}}')) == {Decimal(literal)}


def test_numbers_in_yaml_and_in_cases_keep_every_digit(tmp_path: Path):
    (tmp_path / "p.yaml").write_text(
        "tableName: t\nrowCount: 3\ncolumnRuleMap:\n"
        "  k: {type: CONSTANT, dataType: 'DECIMAL(20,4)', value: 12345678901234.1234}\n"
        "  c:\n    type: CONSTANT\n    dataType: DECIMAL(20,4)\n    value: 0\n"
        "    when: [{where: {k: 12345678901234.1234}, rule: {type: CONSTANT, dataType: 'DECIMAL(20,4)', value: 12345678901234.1235}}]\n"
    )
    assert set(faasera.generate(tmp_path / "p.yaml")["t"]["c"].to_pylist()) == {Decimal("12345678901234.1235")}


@pytest.mark.parametrize("source", ['"value": 12345678901234567.89', '"value": 0.12345678901234567891'])
def test_more_digits_than_a_double_has_need_a_type(source: str):
    found = problem(written(f'"c": {{"type": "CONSTANT", {source}}}'))
    assert (found.code, found.pointer) == ("data-type", "/columnRuleMap/c/value")
    assert made(f'{{"type": "CONSTANT", "dataType": "DOUBLE", {source}}}', 1) == [float(source.split()[1])]


def test_numbers_that_are_doubles_by_nature_stay_what_they_were():
    rule = '{"type": "SEED", "values": ["a", "b"], "weights": [0.33333333333333333333, 0.1], "nullFraction": 0.10000000000000000001}'
    assert made(rule, 50) == column(
        {"type": "SEED", "values": ["a", "b"], "weights": [1 / 3, 0.1], "nullFraction": 0.1}, 50
    )
    assert made('{"type": "CONSTANT", "value": 0.10000000000000001}', 1) == [0.1]


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("DECIMAL(38,10)", 0, 10**9),
        ("DECIMAL(38,0)", 1 - 10**38, 10**38 - 1),
        ("DECIMAL(38,18)", "-1e19", "1e19"),
        ("DECIMAL(25,5)", "1e15", "1.5e15"),
    ],
)
def test_wide_ranges(kind: str, low: Any, high: Any):
    rule = {"type": "RANDOM", "dataType": kind, "range": {"min": low, "max": high}}
    values = [float(value) for value in column(rule, 4000)]
    least, most = float(low), float(high)
    shares = np.histogram(values, bins=8, range=(least, most))[0] / 4000
    assert least <= min(values) and max(values) <= most
    assert np.abs(shares - 1 / 8).max() < 0.03
    assert len({str(value)[-3:] for value in column(rule, 4000)}) > 900
    assert len(set(column({**rule, "unique": True}, 500))) == 500
    near = [float(value) for value in column({**rule, "distribution": {"type": "NORMAL"}}, 4000)]
    assert np.std(near) == pytest.approx((most - least) / 6, rel=0.1)


def test_steps_of_wide_ranges():
    rule = {
        "type": "RANDOM",
        "dataType": "DECIMAL(30,4)",
        "range": {"min": "100000000000000000000.5", "max": "100000000000000000002", "step": 0.5},
    }
    assert {str(value) for value in column(rule, 200)} == {
        f"10000000000000000000{end}" for end in ("0.5000", "1.0000", "1.5000", "2.0000")
    }


@pytest.mark.parametrize("kind", ["DECIMAL(39,2)", "DECIMAL(0,0)", "DECIMAL(5,7)", "DECIMAL(99,99)"])
@pytest.mark.parametrize(
    "rule", [{"type": "CONSTANT", "value": 1}, {"type": "PRESERVE", "expression": "{i} + 1"}, {"type": "RANDOM"}]
)
def test_decimals_that_cannot_be_are_problems(kind: str, rule: dict[str, Any]):
    found = problem(table({"i": {"type": "SEQUENCE"}, "c": {"dataType": kind, **rule}}))
    assert found.pointer == "/columnRuleMap/c/dataType" and "1 … 38" in found.message


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [("DECIMAL(20,4)", "1.00001", "more than 4 digits"), ("DECIMAL(38,10)", "1e28", "does not fit"), ("DECIMAL(8,2)", "Infinity", "finite"), ("DECIMAL(8,2)", "NaN", "finite"), ("DECIMAL(8,2)", "1e5000", "larger")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind: str, value: str, says: str):
    assert says in problem(table({"c": {"type": "CONSTANT", "dataType": kind, "value": value}})).message


@pytest.mark.parametrize("number", ["1e999", "-1e400", "9" * 5000])
def test_numbers_beyond_all_types(number: str):
    assert (
        problem(written(f'"c": {{"type": "CONSTANT", "dataType": "DECIMAL(38,0)", "value": {number}}}')).code
        == "policy-syntax"
    )


@given(st.lists(WHOLES, min_size=1, max_size=20), st.integers(0, 38))
def test_any_decimal_as_text_and_as_double(values: list[int], scale: int):
    array = from_wholes(values, DataType.parse(f"DECIMAL(38,{scale})"))
    assert wholes(array) == values
    with localcontext() as context:
        context.prec = 80
        exact = [Decimal(value).scaleb(-scale) for value in values]
    assert [Decimal(text) for text in to_text(array).to_pylist()] == exact
    assert all(len(text.partition(".")[2]) == scale and "E" not in text for text in to_text(array).to_pylist())
    assert to_doubles(array).tolist() == pytest.approx([float(one) for one in exact], rel=1e-14)
    assert to_text(array.slice(1)).to_pylist() == to_text(array).to_pylist()[1:]


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(1, 2 * 10**38),
    st.integers(1, 10**6),
    st.integers(-(10**38), 0),
)
def test_arithmetic_in_128_bits(high: int, low: int, size: int, step: int, origin: int):
    words = [np.array([one], dtype=np.uint64) for one in (high, low)]
    index = ((high << 64 | low) * size) >> 128
    if abs(origin + index * step) < 10**38:
        assert wholes(placed_at(share_of(words[0], words[1], size), step, origin, DataType.parse("DECIMAL(38,0)"))) == [
            origin + index * step
        ]


def test_expressions_over_wide_decimals_are_not_silently_wrong():
    rules = {"w": {"type": "CONSTANT", "dataType": "DECIMAL(38,0)", "value": WIDE}}
    same = {**rules, "c": {"type": "PRESERVE", "dataType": "DECIMAL(38,0)", "expression": "w"}}
    assert set(faasera.generate(table(same, 3))["t"]["c"].to_pylist()) == {Decimal(WIDE)}
    text = {**rules, "c": {"type": "PRESERVE", "pattern": "<{w}>"}, "d": {"type": "PRESERVE", "expression": "text(w)"}}
    assert set(faasera.generate(table(text, 3))["t"]["c"].to_pylist()) == {f"<{WIDE}>"}
    more = faasera.load(table({**rules, "c": {"type": "PRESERVE", "expression": "w + 1"}}, 3))
    assert any("'w'" in warning and "double" in warning for warning in more.plan.warnings)
    with pytest.raises(faasera.RunError, match="18 digits"):
        faasera.generate(
            table({**rules, "c": {"type": "PRESERVE", "dataType": "DECIMAL(38,0)", "expression": "w + 1"}}, 3)
        )
    assert (
        "more digits"
        in problem(table({**rules, "c": {"type": "PRESERVE", "expression": "w > 1234567890.12345678901"}})).message
    )
    assert (
        "more digits"
        in problem(table({**rules, "c": {"type": "PRESERVE", "expression": "w > 99999999999999999999"}})).message
    )


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet", "arrow"])
def test_files_and_their_check(tmp_path: Path, form: str):
    rules = f"""
      "c": {{"type": "CONSTANT", "dataType": "DECIMAL(38,20)", "value": {WIDE[:18]}.{WIDE[18:]}}},
      "s": {{"type": "SEED", "dataType": "DECIMAL(38,0)", "values": [{WIDE}, -{WIDE}, 1]}},
      "r": {{"type": "RANDOM", "dataType": "DECIMAL(38,10)", "range": {{"min": 0, "max": 1000000000}}, "nullFraction": 0.1}},
      "t": {{"type": "PRESERVE", "pattern": "{{s}}"}}"""
    faasera.load(written(rules, 300)).write(tmp_path, format=form)
    report = faasera.check(tmp_path)
    assert report.ok, report.failed
    manifest = json.loads((tmp_path / "_manifest.json").read_text())
    assert WIDE[18:] in json.dumps(manifest)


def test_a_database_holds_every_digit(tmp_path: Path):
    duckdb = pytest.importorskip("duckdb")
    rules = {"s": {"type": "SEED", "dataType": "DECIMAL(38,0)", "values": [WIDE, "-" + WIDE]}}
    faasera.load(table(rules, 20)).write_database(f"duckdb:///{tmp_path / 'd.duckdb'}", mode="replace")
    with duckdb.connect(str(tmp_path / "d.duckdb")) as connection:
        assert {one for (one,) in connection.execute("select s from t").fetchall()} == {
            Decimal(WIDE),
            Decimal("-" + WIDE),
        }


def test_an_import_of_wide_decimals(tmp_path: Path):
    (tmp_path / "s.sql").write_text(
        "create table t (id int primary key, b numeric(38,18) not null check (b between 0 and 1000000));"
    )
    imported = faasera.import_schema(str(tmp_path / "s.sql"), dialect="postgres")
    values = [float(one) for one in faasera.generate(imported.policy)["t"]["b"].to_pylist()]
    assert max(values) > 100_000


def test_arrow_slices_of_wide_columns():
    values = pa.array([Decimal(WIDE), None, Decimal(-1)], pa.decimal128(38, 0))
    assert to_text(values).to_pylist() == [WIDE, None, "-1"]


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("DECIMAL(38,10)", {"type": "SERIES", "level": 1e20}),
        ("DECIMAL(5,2)", {"type": "SERIES", "level": 5000}),
        ("INTEGER", {"type": "SERIES", "level": 1e10}),
        ("DECIMAL(3,2)", {"type": "RANDOM", "semanticType": "money"}),
    ],
)
def test_what_is_computed_and_does_not_fit_stops_the_run(kind: str, rule: dict[str, Any]):
    with pytest.raises(faasera.RunError, match="does not fit"):
        column({"dataType": kind, **rule}, 200)


def test_an_expression_with_a_number_of_thousands_of_digits_is_refused():
    rules = {"a": {"type": "SEQUENCE"}, "c": {"type": "PRESERVE", "expression": "a + " + "9" * 5000}}
    assert "5,000 digits" in problem(table(rules)).message
