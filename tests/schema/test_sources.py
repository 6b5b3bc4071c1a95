"""Schemas from files, documents and Python's models."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import faasera
from faasera.core.errors import PolicyError
from faasera.run.importing import import_schema

JSON_SCHEMA = {
    "title": "customers",
    "type": "object",
    "required": ["id", "email", "age"],
    "properties": {
        "id": {"type": "integer", "format": "int32"},
        "email": {"type": "string", "format": "email", "maxLength": 60},
        "age": {"type": "integer", "minimum": 18, "exclusiveMaximum": 99},
        "plan": {"enum": ["free", "paid"], "type": "string"},
        "born": {"type": ["string", "null"], "format": "date"},
        "score": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 5},
        "code": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{2}$"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"$ref": "#/$defs/address"},
        "uuid": {"type": "string", "format": "uuid"},
    },
    "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
}


def made(path, tmp_path, **options):
    imported = import_schema(str(path), tmp_path / "made.json", **options)
    assert not imported.problems, imported.problems
    return imported, faasera.generate(tmp_path / "made.json", rows=50)


def test_json_schema(tmp_path):
    (tmp_path / "customers.json").write_text(json.dumps(JSON_SCHEMA))
    imported, rows = made(tmp_path / "customers.json", tmp_path)
    assert set(rows) == {"customers", "address"}
    for row in rows["customers"].to_pylist():
        assert (
            18 <= row["age"] < 99
            and row["plan"] in ("free", "paid", None)
            and len(row["email"]) <= 60
            and "@" in row["email"]
        )
        assert row["code"] is None or (len(row["code"]) == 5 and row["code"][:3].isupper())
        assert row["score"] is None or 0 <= row["score"] <= 5
        assert row["tags"] is None or isinstance(json.loads(row["tags"]), list)
    assert rows["customers"]["id"].to_pylist() == list(range(1, 51))
    assert imported.policy["tables"][0]["columnRuleMap"]["id"]["guess"] == "taken for the primary key, by its name"


def test_openapi(tmp_path):
    document = {"openapi": "3.1.0", "components": {"schemas": {
        "Customer": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id"]},
        "Order": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "properties": {"customer_id": {"type": "integer"}, "total": {"type": "number"}}}]},
        "Base": {"type": "object", "properties": {"id": {"type": "integer"}, "created_at": {"type": "string", "format": "date-time"}}},
        "Error": {"type": "string"},
    }}}  # fmt: skip
    import yaml

    (tmp_path / "api.yaml").write_text(yaml.safe_dump(document))
    imported, rows = made(tmp_path / "api.yaml", tmp_path)
    assert set(rows) == {"Customer", "Order", "Base"}
    assert set(rows["Order"].column_names) == {"id", "created_at", "customer_id", "total"}
    order = next(table for table in imported.policy["tables"] if table["tableName"] == "Order")
    assert order["foreignKeys"][0]["references"] == {"table": "Customer", "columns": ["id"]}
    assert set(rows["Order"]["customer_id"].to_pylist()) <= {None, *range(1, 51)}


def test_avro(tmp_path):
    record = {"type": "record", "name": "orders", "doc": "what was ordered", "fields": [
        {"name": "id", "type": "long"},
        {"name": "state", "type": {"type": "enum", "name": "state", "symbols": ["NEW", "PAID"]}},
        {"name": "total", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "hash", "type": {"type": "fixed", "name": "h", "size": 16}},
        {"name": "sizes", "type": {"type": "array", "items": "int"}},
        {"name": "who", "type": {"type": "record", "name": "person", "fields": [{"name": "n", "type": "string"}]}},
    ]}  # fmt: skip
    (tmp_path / "orders.avsc").write_text(json.dumps(record))
    imported, rows = made(tmp_path / "orders.avsc", tmp_path)
    table = rows["orders"]
    assert (
        set(table["state"].to_pylist()) == {"NEW", "PAID"}
        and str(table.schema.field("total").type) == "decimal128(9, 2)"
    )
    assert {len(value) for value in table["hash"].to_pylist()} == {16}
    assert imported.policy["tables"][0]["description"] == "what was ordered"


def test_data_files_give_names_and_types_and_no_value(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    secret = "Rumpelstilzchen"
    customers = pa.table(
        {
            "customer_id": pa.array([1, 2]),
            "name": [secret, secret],
            "vip": [True, False],
            "since": pa.array([0, 1], pa.date32()),
            "sizes": pa.array([[1], [2]]),
        }
    )
    pq.write_table(customers, folder / "customers.parquet")
    (folder / "orders.csv").write_text(f"order_id,customer_id,total,note\n1,2,9.5,{secret}\n2,1,3,\n")
    with (
        pa.OSFile(str(folder / "lines.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, pa.schema([("order_id", pa.int64()), ("n", pa.int16())])),
    ):
        pass
    imported, rows = made(folder, tmp_path, scale=10)
    assert secret not in (tmp_path / "made.json").read_text()
    assert set(rows) == {"customers", "orders", "lines"}
    tables = {table["tableName"]: table for table in imported.policy["tables"]}
    assert tables["customers"]["rowCount"] == 20 and tables["customers"]["primaryKeyColumn"] == "customer_id"
    assert tables["orders"]["foreignKeys"][0]["references"]["table"] == "customers"
    assert tables["orders"]["foreignKeys"][0]["guess"].startswith("taken for a key of customers, by its name")
    assert str(rows["orders"].schema.field("total").type) == "double"


MODELS = """
import enum
from datetime import date
from typing import Literal
from pydantic import BaseModel, Field
from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class State(enum.Enum):
    new = "new"
    old = "old"

class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(60), unique=True, comment="where to write")
    state: Mapped[State] = mapped_column(Enum(State))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))

class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("total > 0", name="positive"), UniqueConstraint("customer_id", "number"), Index("ix", "reference", unique=True))
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(String(12))
    total: Mapped[float] = mapped_column(Numeric(10, 2))

class Visit(BaseModel):
    id: int
    kind: Literal["first", "next"]
    day: date | None = None
    weight: float = Field(gt=1, le=300)
"""


def test_models_of_sqlalchemy_and_pydantic(tmp_path):
    (tmp_path / "models.py").write_text(MODELS)
    imported, rows = made(tmp_path / "models.py", tmp_path)
    assert set(rows) == {"customers", "orders", "Visit"}
    tables = {table["tableName"]: table for table in imported.policy["tables"]}
    assert tables["customers"]["columnRuleMap"]["state"]["values"] == ["new", "old"]
    assert tables["customers"]["columnRuleMap"]["email"]["description"] == "where to write"
    assert ["customer_id", "number"] in tables["orders"]["uniqueKeys"] and ["reference"] in tables["orders"][
        "uniqueKeys"
    ]
    assert {check["name"]: check["expression"] for check in tables["orders"]["checks"]} == {"positive": "total > 0"}
    assert all(1 < row["weight"] <= 300 and row["kind"] in ("first", "next") for row in rows["Visit"].to_pylist())


def test_a_database_that_only_sqlalchemy_reads(tmp_path):
    import sqlite3

    connection = sqlite3.connect(tmp_path / "x.bin")
    connection.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL)")
    connection.execute(
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents (id))"
    )
    connection.commit()
    imported, rows = made(f"sqlite+pysqlite:///{tmp_path / 'x.bin'}", tmp_path)
    assert set(rows) == {"parents", "children"} and imported.policy["tables"][1]["foreignKeys"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.json", "{", "document-syntax"),
        ("x.json", '{"type": "string"}', "no-tables"),
        ("x.yaml", "a: [", "document-syntax"),
        ("x.py", "import nothing_like_this", "source-unreadable"),
        ("x.py", "a = 1", "no-tables"),
        ("x.parquet", "no parquet", "file-unreadable"),
        ("x.sql", "CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT 2;", "no-tables"),
        ("x.sql", "SELECT (", "sql-syntax"),
        ("x.docx", "x", "unknown-source"),
    ],
)
def test_sources_that_cannot_be_read(name, content, code, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(PolicyError) as raised:
        import_schema(str(tmp_path / name))
    problem = raised.value.problems[0]
    assert problem.code == code and problem.message and problem.remedy
    if code == "no-tables" and name == "x.sql":
        assert "only 2 views" in problem.message
