"""The import as a person uses it: first, again after a change, with edits kept; and what cannot be honoured."""

import json

import pytest
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app
from faasera.run.importing import import_schema

RUN = CliRunner()
DDL = """
CREATE TABLE customers (id serial PRIMARY KEY, email varchar(60) UNIQUE NOT NULL, city varchar(40), rank smallint CHECK (rank BETWEEN 1 AND 9), notes text);
CREATE TABLE orders (id serial PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, placed date NOT NULL, shipped date, status varchar(10) NOT NULL,
  CHECK (shipped >= placed), CONSTRAINT sent CHECK (status <> 'shipped' OR shipped IS NOT NULL), CHECK (status IN ('new', 'shipped')));
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "shop.sql"
    path.write_text(DDL)
    return path


def test_the_first_import_runs_as_it_stands(source, tmp_path):
    result = RUN.invoke(app, ["import", str(source), "-o", str(tmp_path / "shop.json")])
    assert result.exit_code == 0, result.output
    assert "guesses are marked with their reason" in result.output and "faasera generate" in result.output
    rows = faasera.generate(tmp_path / "shop.json")
    for row in rows["orders"].to_pylist():
        assert row["shipped"] is None or row["shipped"] >= row["placed"]
        assert row["status"] == "new" or row["shipped"] is not None
    policy = json.loads((tmp_path / "shop.json").read_text())
    rules = policy["tables"][0]["columnRuleMap"]
    assert rules["city"]["guess"] == "named like a city" and "guess" not in rules["rank"]
    assert rules["rank"]["range"] == {"min": 1, "max": 9} and rules["rank"]["databaseType"] == "SMALLINT"


def test_after_a_change_drift_is_told_and_edits_are_kept(source, tmp_path):
    out = tmp_path / "shop.json"
    import_schema(str(source), out)
    policy = json.loads(out.read_text())
    customers, orders = policy["tables"]
    customers["rowCount"] = 70
    del customers["columnRuleMap"]["city"]["guess"]
    customers["columnRuleMap"]["city"] = {
        "type": "SEED",
        "values": ["Bonn", "Bremerhaven"],
        "databaseType": "VARCHAR(40)",
        "maxLength": 40,
    }
    customers["columnRuleMap"]["helper"] = {"type": "CONSTANT", "value": 1, "hidden": True}
    orders["foreignKeys"][0]["distribution"] = "ZIPF"
    out.write_text(json.dumps(policy))
    changed = (
        DDL.replace("city varchar(40)", "city varchar(8)")
        .replace("notes text", "since date NOT NULL")
        .replace("status varchar(10)", "status varchar(20)")
        .replace("BETWEEN 1 AND 9", "BETWEEN 1 AND 5")
    )
    source.write_text(changed + "CREATE TABLE visits (id int PRIMARY KEY, customer_id int REFERENCES customers);")
    result = RUN.invoke(app, ["import", str(source), "-o", str(out)])
    assert result.exit_code == 0, result.output
    for words in (
        "+ visits is new",
        "- customers.notes is gone",
        "+ customers.since is new (DATE)",
        "~ customers.city was VARCHAR(40), and is VARCHAR(8): your rule was kept",
        "check customers_rank_check is rank between 1 and 5",
        "edits kept",
    ):
        assert words in " ".join(result.output.split()), result.output
    merged = json.loads(out.read_text())["tables"]
    assert (
        merged[0]["rowCount"] == 70
        and merged[0]["columnRuleMap"]["city"]["values"] == ["Bonn", "Bremerhaven"]
        and merged[0]["columnRuleMap"]["city"]["maxLength"] == 8
    )
    assert "helper" in merged[0]["columnRuleMap"] and merged[1]["foreignKeys"][0]["distribution"] == "ZIPF"
    assert set(faasera.generate(out, rows=30)["customers"]["city"].to_pylist()) <= {"Bonn", "Bremerha"}
    again = RUN.invoke(app, ["import", str(source), "-o", str(out)])
    assert "nothing has changed in the source" in " ".join(again.output.split())
    anew = RUN.invoke(app, ["import", str(source), "-o", str(out), "--overwrite"])
    assert anew.exit_code == 0 and "rowCount" not in json.loads(out.read_text())["tables"][0]


def test_a_column_that_may_be_null_no_longer(source, tmp_path):
    out = tmp_path / "shop.json"
    import_schema(str(source), out)
    source.write_text(DDL.replace("city varchar(40)", "city varchar(40) NOT NULL"))
    import_schema(str(source), out)
    rule = json.loads(out.read_text())["tables"][0]["columnRuleMap"]["city"]
    assert "nullFraction" not in rule and rule["semanticType"] == "city"


def test_output_for_programs_and_pipes(source, tmp_path):
    piped = RUN.invoke(app, ["import", "-"], input=DDL)
    assert piped.exit_code == 0 and len(json.loads(piped.stdout)["tables"]) == 2
    listed = RUN.invoke(app, ["import", str(source), "--json", "--tables", "customers", "--locale", "de_DE"])
    found = json.loads(listed.stdout)
    assert found["policy"]["locale"] == "de_DE" and len(found["policy"]["tables"]) == 1 and found["problems"] == []
    assert {guess["column"] for guess in found["guesses"]} >= {"city"}
    as_yaml = RUN.invoke(app, ["import", str(source), "-o", str(tmp_path / "x.yaml")])
    assert as_yaml.exit_code == 0 and (tmp_path / "x.yaml").read_text().startswith("name: x\n")
    assert faasera.load(tmp_path / "x.yaml", rows=5)


AWKWARD = """
CREATE TABLE shapes (id int PRIMARY KEY, area gizmo NOT NULL, tag gadget, ranges widget DEFAULT '[1,2)');
CREATE TABLE edges (id int PRIMARY KEY, shape_id int NOT NULL REFERENCES shapes);
CREATE TABLE colors (id int PRIMARY KEY, edge_id int REFERENCES edges);
CREATE TABLE computed (twice int GENERATED ALWAYS AS (2) STORED);
CREATE TABLE orphan (id int PRIMARY KEY, owner_id int NOT NULL REFERENCES elsewhere (id), friend_id int REFERENCES elsewhere (id));
CREATE TABLE strict (id int PRIMARY KEY, j jsonb NOT NULL, CONSTRAINT object CHECK (well_formed(j)));
CREATE TABLE letters (code char(1) PRIMARY KEY, other char(2) NOT NULL UNIQUE);
CREATE TABLE one_to_one (code char(1) PRIMARY KEY REFERENCES letters, v int);
CREATE TABLE pairs (a char(1) NOT NULL REFERENCES letters, b char(1) NOT NULL REFERENCES letters, PRIMARY KEY (a, b));
"""


def test_what_cannot_be_honoured_is_named(tmp_path):
    (tmp_path / "awkward.sql").write_text(AWKWARD)
    imported = import_schema(str(tmp_path / "awkward.sql"), tmp_path / "awkward.json", dialect="postgres")
    broken = {(note.table, note.subject): note.text for note in imported.notes if note.broken}
    assert (
        broken["shapes", ""] == "left empty, as nobody can fill it: area needs a value, and policies do not know gizmo"
    )
    assert broken["edges", ""] == "left empty, as nobody can fill it: it needs a row of shapes"
    assert "no column that may be written" in broken["computed", ""]
    assert "elsewhere is not among the tables" in broken["orphan", "owner_id → elsewhere"]
    assert "well_formed" in broken["strict", "object"]
    notes = {(note.table, note.subject): note.text for note in imported.notes if not note.broken}
    assert "left out, so that it is null" in notes["shapes", "tag"] and "its default" in notes["shapes", "ranges"]
    assert not imported.problems
    policy = json.loads((tmp_path / "awkward.json").read_text())
    tables = {table["tableName"]: table for table in policy["tables"]}
    assert (
        "computed" not in tables
        and tables["letters"]["rowCount"] <= 36
        and tables["one_to_one"]["rowCount"] <= tables["letters"]["rowCount"]
    )
    assert tables["shapes"]["rowCount"] == tables["edges"]["rowCount"] == 0
    assert tables["colors"]["foreignKeys"][0]["nullFraction"] == 1
    assert tables["orphan"]["columnRuleMap"]["friend_id"]["nullFraction"] == 1
    empty = {name: table["guess"] for name, table in tables.items() if table.get("rowCount") == 0}
    assert set(empty) == {"shapes", "edges", "orphan", "strict"} and "well_formed" in empty["strict"]
    assert faasera.generate(tmp_path / "awkward.json", rows=20)["strict"].num_rows == 0
    result = RUN.invoke(
        app, ["import", str(tmp_path / "awkward.sql"), "--dialect", "postgres", "-o", str(tmp_path / "again.json")]
    )
    assert result.exit_code == 0 and "strict: left empty" in result.output


NEEDED = """
CREATE TABLE top (id int PRIMARY KEY, s text NOT NULL CHECK (own(s)));
CREATE TABLE child (id int PRIMARY KEY, top_id int NOT NULL REFERENCES top);
CREATE TABLE loose (id int PRIMARY KEY, child_id int REFERENCES child, n int NOT NULL);
CREATE TABLE never (id int PRIMARY KEY, n int NOT NULL CHECK (n * n = 7));
CREATE TABLE fine (id int PRIMARY KEY, loose_id int NOT NULL REFERENCES loose);
"""


def test_tables_that_cannot_be_filled_are_left_without_rows_and_all_others_load(tmp_path):
    source, out = tmp_path / "needed.sql", tmp_path / "needed.json"
    source.write_text(NEEDED)
    imported = import_schema(str(source), out, dialect="postgres")
    assert not imported.problems
    assert {note.table for note in imported.notes if "left empty" in note.text} == {"top", "child", "never"}
    made = faasera.generate(out, rows=20)
    assert {name: table.num_rows for name, table in made.items()} == {
        "top": 0,
        "child": 0,
        "loose": 20,
        "never": 0,
        "fine": 20,
    }
    assert made["loose"]["child_id"].null_count == 20
    # What a person puts right stays; what the source puts right follows it.
    policy = json.loads(out.read_text())
    top = next(table for table in policy["tables"] if table["tableName"] == "top")
    del top["guess"]
    top["rowCount"], top["checks"][0]["assumed"] = 7, True
    out.write_text(json.dumps(policy))
    source.write_text(NEEDED.replace("n * n = 7", "n > 7"))
    import_schema(str(source), out, dialect="postgres")
    again = {name: table.num_rows for name, table in faasera.generate(out).items()}
    assert again["top"] == 7 and again["never"] == 1000 and again["child"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing-there"], "is nothing that can be imported"),
        (["nothing/there.db"], "there is no file nothing/there.db"),
        (["x.sql", "--dialect", "oracl"], "there is no dialect 'oracl'"),
        (["x.parquet", "--dialect", "mysql"], "--dialect has no effect"),
    ],
)
def test_calls_that_are_wrong(arguments, words):
    result = RUN.invoke(app, ["import", *arguments])
    assert result.exit_code == 2 and words in " ".join(result.output.split()), result.output


def test_an_unknown_table_is_said(source):
    result = RUN.invoke(app, ["import", str(source), "--tables", "customer"])
    assert result.exit_code == 2 and "Did you mean 'customers'?" in result.output


def test_the_readers_first_three_commands(tmp_path, monkeypatch):
    from policies import ROOT

    monkeypatch.chdir(tmp_path)
    for command in (
        ["import", str(ROOT / "examples/library/schema.sql"), "-o", "library.json"],
        ["generate", "library.json", "--to", "library.db"],
        ["check", "library.db", "--policy", "library.json"],
    ):
        result = RUN.invoke(app, command)
        assert result.exit_code == 0, result.output
    assert "library: 89 promises kept, 0 broken, 11 not checkable; 5,000 rows" in result.output
    plan = RUN.invoke(app, ["plan", "library.json"])
    assert "check: loans check 5: (status = 'returned') = (not (returned_on is null));" in " ".join(plan.output.split())
    refused = RUN.invoke(app, ["generate", "library.json", "--to", "library.db"])
    assert refused.exit_code == 2 and "has rows already" in refused.output
    appended = RUN.invoke(app, ["generate", "library.json", "--to", "library.db", "--mode", "append", "--json"])
    assert json.loads(appended.stdout)["options"] == {"to": "sqlite:///library.db", "mode": "append"}
