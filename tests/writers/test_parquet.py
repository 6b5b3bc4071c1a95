from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies import table

import faasera
from faasera.writers import thrift

POLICY = table(
    {
        "id": {"type": "SEQUENCE"},
        "list": {"type": "SEED", "values": ["a", "b", "c"]},
        "text": {"type": "RANDOM", "pattern": "[a-z]{8}"},
        "amount": {"type": "RANDOM", "dataType": "DECIMAL(10,2)", "nullFraction": 0.5},
    },
    rows=10_000,
)


def written(path: Path, **options) -> pq.ParquetFile:
    faasera.load(POLICY).write(path, format="parquet", **options)
    return pq.ParquetFile(path / "t.parquet")


def test_row_groups_are_spliced_into_one_valid_file(tmp_path):
    file = written(tmp_path, row_group_rows=3000, workers=3)
    assert [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)] == [
        3000,
        3000,
        3000,
        1000,
    ]
    for number in range(4):
        group = file.read_row_group(number)
        assert group["id"].to_pylist() == list(range(number * 3000 + 1, number * 3000 + 1 + group.num_rows))
    columns = [file.metadata.row_group(n).column(c) for n in range(4) for c in range(4)]
    places = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    assert places == sorted(places)
    assert file.metadata.row_group(2).column(0).statistics.min == 6001
    assert file.metadata.num_rows == 10_000


def test_it_says_that_it_is_synthetic_and_what_it_holds(tmp_path):
    file = written(tmp_path)
    table_entry = faasera.load(POLICY).write(tmp_path / "again").as_dict()["tables"][0]
    metadata = file.metadata.metadata
    assert metadata[b"synthetic"] == b"true"
    assert metadata[b"faasera.digest"].decode() == table_entry["digest"]
    assert metadata[b"faasera.digest.list"].decode() == table_entry["columns"][1]["digest"]


def test_lists_are_dictionary_encoded_and_numbers_typed(tmp_path):
    file = written(tmp_path)
    group = file.metadata.row_group(0)
    assert [group.column(n).has_dictionary_page for n in range(4)] == [False, True, False, False]
    assert file.schema_arrow.field("amount").type == pa.decimal128(10, 2)
    assert file.schema.column(0).max_definition_level == 0
    assert file.schema.column(3).max_definition_level == 1


SCALARS = st.one_of(
    st.booleans().map(lambda value: thrift.Typed(thrift.TRUE, value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: thrift.Typed(thrift.I64, value)),
    st.binary(max_size=20).map(lambda value: thrift.Typed(thrift.BINARY, value)),
    st.floats(allow_nan=False).map(lambda value: thrift.Typed(thrift.DOUBLE, value)),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=40).map(
        lambda value: thrift.Typed(thrift.LIST, value, thrift.I32)
    ),
    st.lists(st.booleans(), max_size=5).map(lambda value: thrift.Typed(thrift.LIST, value, thrift.TRUE)),
)
STRUCTS = st.recursive(
    st.dictionaries(st.integers(1, 60), SCALARS, max_size=6),
    lambda inner: st.dictionaries(
        st.integers(1, 60),
        st.one_of(
            inner.map(lambda value: thrift.Typed(thrift.STRUCT, value)),
            st.lists(inner, max_size=20).map(lambda value: thrift.Typed(thrift.LIST, value, thrift.STRUCT)),
        ),
        max_size=4,
    ),
    max_leaves=8,
)


@given(STRUCTS)
def test_thrift_structs_survive(fields):
    assert thrift.Reader(thrift.write_struct(fields)).struct() == fields


@pytest.mark.parametrize("rules", [{"first_name": {}}, {"c": {"type": "SEED", "values": ["a", "b", "a", "b", "c"]}}])
def test_names_that_are_in_a_list_twice_are_dictionary_encoded_and_always_alike(tmp_path, rules):
    dataset = faasera.load({"tableName": "t", "rowCount": 300_000, "columnRuleMap": rules})
    for workers in (1, 2, 3):
        dataset.write(tmp_path / str(workers), format="parquet", workers=workers)
    files = [(tmp_path / str(workers) / "t.parquet").read_bytes() for workers in (1, 2, 3)]
    assert files[0] == files[1] == files[2]
    metadata = pq.read_metadata(tmp_path / "1" / "t.parquet")
    for group in range(metadata.num_row_groups):
        assert "RLE_DICTIONARY" in metadata.row_group(group).column(0).encodings
    assert (
        pq.read_table(tmp_path / "1" / "t.parquet").column(0).to_pylist()
        == dataset["t"].to_arrow().column(0).to_pylist()
    )
