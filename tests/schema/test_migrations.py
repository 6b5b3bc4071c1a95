"""Folders of migrations run in the order of their tools; files of any encoding; databases that run scripts and are gone."""

import sqlite3

import pytest
from typer.testing import CliRunner

from faasera.core.errors import PolicyError
from faasera.frontends.cli import app
from faasera.schema.sources import read_source

CREATE = "CREATE TABLE t (a int);"


def add(name):
    return f"ALTER TABLE t ADD COLUMN {name} int;"


FOLDERS = {
    "prisma": ({
        "migration_lock.toml": 'provider = "postgresql"',
        "20240102_more/migration.sql": add("b"), "20240101_init/migration.sql": CREATE, "20240110_last/migration.sql": "ALTER TABLE t RENAME COLUMN b TO c;",
    }, "a c"),
    "flyway": ({
        "V10__ten.sql": add("j"), "V9__nine.sql": add("i"), "V1_2__b.sql": add("c"), "V1.10__c.sql": add("d"), "V1__a.sql": CREATE, "U10__ten.sql": "DROP TABLE t;",
        "R__again.sql": add("z"), "beforeMigrate.sql": "DROP TABLE t;",
    }, "a c d i j z"),
    "baseline": ({"V1__a.sql": "CREATE TABLE old (x int);", "B2__base.sql": CREATE, "V2__b.sql": "DROP TABLE t;", "V3__c.sql": add("b")}, "a b"),
    "golang-migrate": ({
        "000001_a.up.sql": CREATE, "000001_a.down.sql": "DROP TABLE t;", "000010_c.up.sql": add("c"), "000010_c.down.sql": "x", "000002_b.up.sql": add("b"),
    }, "a b c"),
    "diesel": ({"2024-01-01-000000_a/up.sql": CREATE, "2024-01-01-000000_a/down.sql": "DROP TABLE t;", "2024-01-02-000000_b/up.sql": add("b")}, "a b"),
    "dbmate": ({
        "20240101_a.sql": f"-- migrate:up\n{CREATE}\n-- migrate:down\nDROP TABLE t;", "20240102_b.sql": f"-- migrate:up transaction:false\n{add('b')}\n\n-- migrate:down\nDROP TABLE t;",
    }, "a b"),
    "goose": ({
        "00001_a.sql": f"-- +goose Up\n-- +goose StatementBegin\n{CREATE}\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE t;", "00002_b.sql": f"-- +goose Up\n{add('b')}\n",
    }, "a b"),
    "play": ({"1.sql": f"# --- !Ups\n{CREATE}\n# --- !Downs\nDROP TABLE t;", "2.sql": f"# --- !Ups\n{add('b')}\n# --- !Downs\nDROP TABLE t;", "10.sql": f"# --- !Ups\n{add('c')}"}, "a b c"),
    "liquibase": ({"1.sql": f"--liquibase formatted sql\n--changeset me:1\n{CREATE}\n--rollback DROP TABLE t;\n", "2.sql": f"--liquibase formatted sql\n--changeset me:2 dbms:postgresql\n{add('b')}"}, "a b"),
    "sqitch": ({"sqitch.plan": "%project=x\n\nz 2024-01-01T00:00:00Z me <m@x>\na [z] 2024-01-02T00:00:00Z me <m@x>\n", "deploy/z.sql": CREATE, "deploy/a.sql": add("b"), "revert/a.sql": "DROP TABLE t;", "verify/a.sql": "SELECT 1;"}, "a b"),
    "migrations below": ({"migrations/1_a.sql": CREATE, "migrations/2_b.sql": add("b"), "seeds/1.sql": "DROP TABLE t;"}, "a b"),
    "placeholders": ({"1.sql": "CREATE TABLE ${schema}.t (a int);", "2.sql": 'ALTER TABLE {{ index .Options "Namespace" }}.t ADD COLUMN b int;'}, "a b"),
}  # fmt: skip


@pytest.mark.parametrize("tool", FOLDERS)
def test_migrations_run_in_their_order(tool, tmp_path):
    files, columns = FOLDERS[tool]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found, _ = read_source(str(tmp_path))
    assert not found.unread
    assert {table.name: " ".join(one.name for one in table.columns) for table in found} == {"t": columns}
    assert found.notes[0].startswith("read in order: ")
    assert tool != "prisma" or found.dialect == "postgres"


def test_messages_name_the_file_of_a_folder(tmp_path):
    (tmp_path / "1_a.sql").write_text(CREATE)
    (tmp_path / "2_b.sql").write_text("\n\nALTER TABLE u ADD COLUMN x int;")
    assert read_source(str(tmp_path))[0].unread[0].startswith("2_b.sql, line 3: there is no table u")


def test_a_folder_of_data_files_stays_one(tmp_path):
    (tmp_path / "people.csv").write_text("id,name\n1,x\n")
    (tmp_path / "load.sql").write_text("COPY people FROM 'people.csv';")
    assert set(read_source(str(tmp_path))[0].tables) == {"people"}


def test_scripts_of_several_dialects_want_a_choice(tmp_path):
    for dialect in ("mysql", "postgres"):
        (tmp_path / dialect).mkdir()
        (tmp_path / dialect / "1.sql").write_text(f"CREATE TABLE {dialect} (a int);")
    with pytest.raises(PolicyError, match="scripts of several dialects: mysql, postgres"):
        read_source(str(tmp_path))
    assert set(read_source(str(tmp_path), dialect="mysql")[0].tables) == {"mysql"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_files_of_any_encoding(encoding, tmp_path):
    path = tmp_path / "x.sql"
    path.write_bytes("CREATE TABLE straße (größe int);".encode(encoding))
    found, _ = read_source(str(path), dialect="postgres")
    assert found.tables["straße"].columns[0].name == "größe" and not found.unread
    assert ("not UTF-8" in " ".join(found.notes)) == (encoding == "latin-1")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PGDMP\x01\x0e", "pg_restore"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x1f\x8b\x08", "gunzip"),
        (b"", "no table"),
        (b"-- nothing\n", "no table"),
        (b"CREATE FUNCTION f() RETURNS int AS $$ EXECUTE 'CREATE TABLE t (a int)' $$;", "--via"),
    ],
)
def test_what_is_no_script_of_tables_is_refused_in_words(data, said, tmp_path):
    (tmp_path / "x.sql").write_bytes(data)
    with pytest.raises(PolicyError) as raised:
        read_source(str(tmp_path / "x.sql"))
    problem = raised.value.problems[0]
    assert said in problem.message + problem.remedy


@pytest.mark.parametrize("via", ["sqlite", "duckdb", "sqlite:///kept.db"])
def test_a_script_is_run_in_a_database_that_is_gone_afterwards(via, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sqlite3.connect("kept.db").execute("CREATE TABLE mine (x int)")
    script = tmp_path / "x.sql"
    script.write_text(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, n int CHECK (n > 0));\nCREATE TABLE broken (x int,, y);\nATTACH 'other.db' AS o;\nCREATE VIEW v AS SELECT 1;"
    )
    found, _ = read_source(str(script), via=via)
    assert set(found.tables) == {"a"} and found.source == str(script) and found.views == 1
    assert len(found.unread) == 1 and "line 2: " in found.unread[0] and "CREATE TABLE broken" in found.unread[0]
    assert sqlite3.connect("kept.db").execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.db", "x.sql"]


def test_via_is_said_of_scripts_alone_and_hides_passwords(tmp_path):
    run = CliRunner()
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "x.sql").write_text(CREATE)
    refused = run.invoke(app, ["import", str(tmp_path / "x.csv"), "--via", "sqlite"])
    assert refused.exit_code and "--via has no effect" in refused.output
    both = run.invoke(app, ["import", str(tmp_path / "x.sql"), "--via", "sqlite", "--dialect", "mysql"])
    assert both.exit_code and "--dialect has no effect" in both.output
    secret = run.invoke(app, ["import", str(tmp_path / "x.sql"), "--via", "postgresql://u:hidden@127.0.0.1:1/x"])
    assert secret.exit_code and "hidden" not in secret.output
    made = run.invoke(app, ["import", str(tmp_path / "x.sql"), "--via", "sqlite", "-o", str(tmp_path / "p.json")])
    assert made.exit_code == 0, made.output
