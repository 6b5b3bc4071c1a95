"""What goes wrong on the way into a database: named before the first row where it can be, and nothing half loaded."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from database_fixtures import DIALECTS, ask, do, opened, structure
from policies import ROOT
from servers import ENCODED_PASSWORD, PASSWORD, Mariadb, Postgres, free_port
from typer.testing import CliRunner

from faasera.core.errors import PolicyError, RunError
from faasera.databases.base import open_database
from faasera.databases.connections import find_connection
from faasera.frontends.cli import app
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan

RUN = CliRunner()
BIG = {
    "tables": [
        {
            "tableName": "parents",
            "rowCount": 2000,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"name": {"type": "SEED", "semanticType": "city"}},
        },
        {
            "tableName": "children",
            "rowCount": 2_000_000,
            "primaryKeyColumn": "id",
            "foreignKeys": [{"columns": ["parent_id"], "references": {"table": "parents", "columns": ["id"]}}],
            "columnRuleMap": {"text": {"type": "RANDOM", "pattern": "[a-z]{30}"}},
        },
    ]
}


def load(url, policy, **options):
    database = opened(url)
    try:
        return DatabaseRun(load_plan(policy), database, **options).execute()
    finally:
        with contextlib.suppress(Exception):
            database.close()


def problem_of(url, policy=BIG, **options):
    with pytest.raises((PolicyError, RunError)) as raised:
        load(url, policy, **options)
    return raised.value.problems


# where it is


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql://127.0.0.1:{free}/x", "database-unreachable", "cannot be opened"),
        ("mysql://root@127.0.0.1:{free}/x", "database-unreachable", "cannot be opened"),
        ("postgresql://no.such.host.invalid/x", "database-unreachable", "no.such.host.invalid"),
        ("sqlite:////no/such/folder/x.db", "database-unreachable", "no folder"),
        ("duckdb:////no/such/folder/x.duckdb", "database-unreachable", "cannot be opened"),
        ("sqlite://", "connection", "names no file"),
        ("postgresql://u@host:port/x", "connection", "cannot be read"),
        ("oracle://somewhere/x", "unknown-database", "rows cannot be written to 'oracle'"),
        ("nowhere", "unknown-connection", "no connection 'nowhere'"),
    ],
)
def test_a_wrong_place(url, code, words):
    with pytest.raises(PolicyError) as raised:
        open_database(find_connection(url.format(free=free_port())))
    problem = raised.value.problems[0]
    assert problem.code == code and words in problem.message and problem.remedy


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_a_wrong_password_or_database_is_said_without_the_password(dialect, server_url):
    url = server_url(dialect)
    wrong = url.replace(ENCODED_PASSWORD, "secret%2Fwrong")
    missing = urlsplit(url)._replace(path="/no_such_database").geturl()
    for one in (wrong, missing):
        with pytest.raises(PolicyError) as raised:
            open_database(find_connection(one))
        text = str(raised.value)
        assert "database-unreachable" in text and not any(
            secret in text for secret in (PASSWORD, ENCODED_PASSWORD, "secret")
        )
    assert "no_such_database" in text


def test_a_password_on_the_command_line_is_refused(fresh):
    url = fresh("postgres")
    for command in (["generate", "x.json", "--to", url], ["import", url], ["check", url, "--policy", "x.json"]):
        result = RUN.invoke(app, command)
        assert result.exit_code == 2 and "password-in-call" in result.output
        assert PASSWORD not in result.output and ENCODED_PASSWORD not in result.output


def test_files_and_databases_have_options_of_their_own(tmp_path):
    policy = str(ROOT / "examples/shop/policy.json")
    for options, words in (
        ([], "nothing says where the rows go"),
        (["--out", str(tmp_path), "--to", "sqlite:///x.db"], "exactly one of --out DIR and --to URL"),
        (["--out", str(tmp_path), "--mode", "append"], "--mode has no effect on files"),
        (["--to", "sqlite:///x.db", "--format", "csv"], "--format has no effect on a database"),
        (["--to", "sqlite:///x.db", "--overwrite"], "--overwrite has no effect on a database"),
        (["--to", f"sqlite:///{tmp_path}/x.db", "--mode", "mix"], "there is no mode 'mix'"),
    ):
        result = RUN.invoke(app, ["generate", policy, *options])
        assert result.exit_code == 2 and words in " ".join(result.output.split()), result.output


# what it takes


def test_no_right_to_create(fresh):
    url = fresh("postgres")
    name = f"reader_{os.urandom(4).hex()}"
    do(url, f"CREATE ROLE {name} LOGIN PASSWORD 'plain'", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    parts = urlsplit(url)
    limited = parts._replace(netloc=f"{name}:plain@{parts.hostname}:{parts.port}").geturl()
    problems = problem_of(limited)
    assert (
        "permission denied for schema public" in problems[0].message
        and "nothing of this run was kept" in problems[0].message
    )
    do(url, f"DROP ROLE {name}")


def test_all_differences_are_listed_at_once(fresh):
    url = fresh("postgres")
    do(
        url,
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE TABLE t (id smallint PRIMARY KEY, name varchar(5) NOT NULL, mood mood, amount numeric(4,1), twice int GENERATED ALWAYS AS (id * 2) STORED, "
        "needed date NOT NULL, day date, other text UNIQUE, CHECK (amount < 50), CONSTRAINT odd CHECK (pg_typeof(name)::text = 'character varying'))",
    )  # fmt: skip
    policy = {
        "tableName": "t",
        "rowCount": 100_000,
        "primaryKeyColumn": "id",
        "columnRuleMap": {
            "id": {"type": "SEQUENCE"},
            "Name": {"type": "CONSTANT", "value": "x"},
            "name": {"type": "RANDOM", "pattern": "[a-z]{4,9}", "nullFraction": 0.5},
            "mood": {"type": "SEED", "values": ["glad", "bored"]},
            "amount": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 5000}},
            "twice": {"type": "SEQUENCE"},
            "day": {"type": "RANDOM", "range": {"min": 1, "max": 9}},
            "other": {"type": "RANDOM", "pattern": "[a-z]{3}"},
            "extra": {"type": "SEQUENCE"},
        },
    }
    policy["columnRuleMap"].pop("Name")
    problems = problem_of(url, policy)
    text = "\n".join(problem.message for problem in problems)
    for words in (
        "'id' goes from 1.0 to 100,000.0, and the table's column (smallint) from -32,768 to 32,767",
        "'name' may be null, and the table's column may not",
        "'name' can have 9 characters, and the table's column takes 5",
        "'mood' can be 'bored', and the table's column allows sad, glad",
        "'amount' goes from 0.0 to 5,000.0",
        "'twice' cannot be written",
        "'day' is INTEGER, and the table's column is date",
        "the table has no column 'extra'",
        "the column 'needed' (date) needs a value, and the policy has no rule for it",
        "unique key (other) is not promised by the policy",
        "not promised by the policy: amount < 50",
        "constraint odd cannot be honoured: expressions know no",
    ):
        assert words in text, text
    assert all(problem.code == "target-differs" and problem.remedy for problem in problems)
    assert ask(url, "SELECT count(*) FROM t") == [(0,)]


def test_a_foreign_key_that_the_policy_lacks(fresh):
    url = fresh("mysql")
    do(
        url,
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE c (id int PRIMARY KEY, p_id int NOT NULL, FOREIGN KEY (p_id) REFERENCES p (id))",
    )
    rules = {
        "id": {"type": "SEQUENCE", "dataType": "INTEGER"},
        "p_id": {"type": "RANDOM", "range": {"min": 1, "max": 9}},
    }
    problems = problem_of(url, {"tableName": "c", "primaryKeyColumn": "id", "columnRuleMap": rules})
    assert "the table's foreign key (p_id) → p is not in the policy" in problems[0].message


@pytest.mark.parametrize("mode", ["truncate", "replace"])
def test_tables_that_others_refer_to_are_not_emptied(mode, fresh):
    url = fresh("postgres")
    policy = {"tableName": "parents", "rowCount": 5, "primaryKeyColumn": "id", "columnRuleMap": {}}
    load(url, policy)
    do(url, "CREATE TABLE beside (p_id bigint REFERENCES parents (id))", "INSERT INTO beside VALUES (3)")
    problems = problem_of(url, policy, mode=mode)
    assert (
        problems[0].code == "target-in-use" and "beside, which is not loaded, refers to parents" in problems[0].message
    )
    assert ask(url, "SELECT count(*) FROM parents") == [(5,)]


def test_a_text_that_only_the_database_finds_too_long(fresh):
    url = fresh("mysql")
    do(url, "CREATE TABLE t (id bigint PRIMARY KEY, name varchar(8))")
    rules = {
        "id": {"type": "SEQUENCE"},
        "name": {"type": "PRESERVE", "expression": "if(id = 9000, 'far too long a name', 'short')"},
    }
    problems = problem_of(url, {"tableName": "t", "rowCount": 20_000, "primaryKeyColumn": "id", "columnRuleMap": rules})
    assert (
        "Data too long for column 'name'" in problems[0].message
        or "Data truncated for column 'name'" in problems[0].message
    )
    assert ask(url, "SELECT count(*) FROM t") == [(0,)]


# on the way


class Cut:
    """Does something once, when a table has some of its rows."""

    def __init__(self, act, table="children", rows=300_000):
        self.act, self.table, self.rows, self.done = act, table, rows, False

    def __call__(self, table, done, _):
        if table == self.table and done >= self.rows and not self.done:
            self.done = True
            self.act()


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
@pytest.mark.parametrize("existing", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["created", "existing"])
def test_a_connection_that_is_cut(dialect, existing, fresh):
    url = fresh(dialect)
    if existing:
        load(url, BIG, tables=["parents"])
        load(url, {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]}, mode="truncate")

    def cut():
        if dialect == "postgres":
            ask(
                url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        else:
            for (number,) in ask(
                url, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            ):
                do(url, f"KILL {number}")

    progress = Cut(cut)
    problems = problem_of(url, BIG, progress=progress, mode="append" if existing else "fail")
    assert progress.done and problems[0].code == "database-failed"
    if existing:
        assert ask(url, "SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)") == [(2000, 10)]
    elif dialect == "postgres":
        assert set(structure(url).tables) == set() and "nothing of this run was kept" in problems[0].message
    else:
        # Nobody is left to drop what MySQL created: the message says what, and the next run makes it anew.
        assert (
            "tables that it created may be left: " in problems[0].message
            and "DROP TABLE `children`;" in problems[0].message
        )
        manifest = load(url, {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]})
        assert any("cut off" in warning for warning in manifest.plan.warnings)
        assert ask(url, "SELECT count(*) FROM children") == [(10,)]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [Postgres, pytest.param(Mariadb, marks=pytest.mark.slow)])
def test_a_server_that_dies(kind):
    with kind() as server:
        place = urlsplit(server.url)
        if kind is Mariadb:
            do(server.url, "CREATE DATABASE shop")
            place = place._replace(path="/shop")
        url = place.geturl()
        small = {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]}
        load(url, small)
        progress = Cut(server.kill)
        problems = problem_of(url, BIG, progress=progress, mode="append")
        assert progress.done and problems[0].code == "database-failed" and PASSWORD not in problems[0].message
        server.start()
        assert ask(url, "SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)") == [(2000, 10)]


@pytest.mark.heavy
def test_a_full_disk_of_the_server():
    with Postgres("wal_level=minimal", "max_wal_senders=0", "min_wal_size=32MB", "autovacuum=off") as server:
        small = {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]}
        load(server.url, small)
        # What PostgreSQL meets at this limit is what it meets on a full disk: a file that does not grow.
        server.end()
        server.before = ["prlimit", f"--fsize={64 << 20}"]
        server.start()
        problems = problem_of(server.url, BIG, mode="append")
        assert (
            problems[0].code == "database-failed"
            and "could not" in problems[0].message
            and "nothing of this run was kept" in problems[0].message
        )
        assert ask(server.url, "SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)") == [(2000, 10)]


CHILD = """
import json, resource, sys
from faasera.databases.base import open_database
from faasera.databases.connections import find_connection
from faasera.run.planning import load_plan
from faasera.run.into_database import DatabaseRun
policy, url, mode, limit = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
if limit:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def progress(table, done, total):
    print(table, done, flush=True)
DatabaseRun(load_plan(policy), open_database(find_connection(url)), mode=mode, progress=progress).execute()
"""


def child(policy, url, mode="fail", limit=0):
    import json

    return subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps(policy), url, mode, str(limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "dialect", [pytest.param(one, marks=pytest.mark.slow if one == "mysql" else []) for one in DIALECTS]
)
def test_a_run_that_is_killed_leaves_nothing(dialect, fresh):
    url = fresh(dialect)
    small = {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]}
    load(url, small)
    run = child(BIG, url, "append")
    for line in run.stdout:
        table, done = line.split()
        if table == "children" and int(done) >= 300_000:
            break
    run.kill()
    run.communicate()
    counted = "SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)"
    for _ in range(50):
        # A server may need a moment to see that its client is gone.
        if ask(url, counted) == [(2000, 10)]:
            break
        time.sleep(0.1)
    assert ask(url, counted) == [(2000, 10)]
    load(url, small, mode="append")
    assert ask(url, counted) == [(4000, 20)]


@pytest.mark.parametrize("dialect", [pytest.param("sqlite", marks=pytest.mark.slow), "duckdb"])
def test_a_full_disk_of_the_file(dialect, fresh):
    url = fresh(dialect)
    small = {"tables": [BIG["tables"][0], {**BIG["tables"][1], "rowCount": 10}]}
    load(url, small)
    run = child(BIG, url, "append", limit=20 << 20)
    _, errors = run.communicate()
    assert run.returncode != 0 and "database-failed" in errors
    assert ask(url, "SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)") == [(2000, 10)]


def test_an_interrupted_command_keeps_nothing(fresh, tmp_path):
    import json

    url = fresh("postgres")
    (tmp_path / "big.json").write_text(json.dumps(BIG))
    command = [sys.executable, "-m", "faasera", "generate", str(tmp_path / "big.json"), "--to", "cut"]
    run = subprocess.Popen(
        command,
        env={**os.environ, "FAASERA_CONNECTION_CUT": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not ask(
        url,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'COPY%children%'",
    ):
        assert run.poll() is None
        time.sleep(0.02)
    assert PASSWORD.encode() not in Path(f"/proc/{run.pid}/cmdline").read_bytes()
    run.send_signal(signal.SIGTERM)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 1 and "nothing of this run was kept" in errors and PASSWORD not in errors, (_, errors)
    assert set(structure(url).tables) == set()


@pytest.mark.heavy
def test_a_server_that_takes_no_files():
    with Mariadb("--local-infile=0") as server:
        do(server.url, "CREATE DATABASE shop")
        url = urlsplit(server.url)._replace(path="/shop").geturl()
        path = ROOT / "examples/shop/policy.json"
        assert load(url, path).rows == 165_439
        made = ask(url, "SELECT count(*), count(DISTINCT email), max(customer_id) FROM customers")
        assert made == [(10_000, 10_000, 11_000)]
