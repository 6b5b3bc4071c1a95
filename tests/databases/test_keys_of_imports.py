"""What a database accepts as keys, an import can fill: read from it, made, loaded into it and checked, with nothing touched."""

from pathlib import Path

import pytest
from database_fixtures import ask, do
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app
from faasera.run.importing import import_schema

RUN = CliRunner()
ARCS = """
CREATE TABLE firms (id bigint PRIMARY KEY);
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE needed (id bigint PRIMARY KEY, firm_id bigint REFERENCES firms (id), label varchar(30), UNIQUE (firm_id, label), CHECK (firm_id IS NOT NULL));
CREATE TABLE either_one (id bigint PRIMARY KEY, firm_id bigint UNIQUE REFERENCES firms (id), shop_id bigint UNIQUE REFERENCES shops (id), CHECK ((firm_id IS NULL) <> (shop_id IS NULL)));
CREATE TABLE by_case (id bigint PRIMARY KEY, mail varchar(40) UNIQUE, phone varchar(40) UNIQUE, CHECK (CASE WHEN mail IS NULL THEN phone IS NOT NULL ELSE phone IS NULL END));
CREATE TABLE at_least (id bigint PRIMARY KEY, firm_id bigint REFERENCES firms (id), shop_id bigint UNIQUE REFERENCES shops (id), CHECK (firm_id IS NOT NULL OR shop_id IS NOT NULL));
CREATE TABLE at_most (id bigint PRIMARY KEY, firm_id bigint UNIQUE REFERENCES firms (id), shop_id bigint UNIQUE REFERENCES shops (id), CHECK (NOT (firm_id IS NOT NULL AND shop_id IS NOT NULL)));
CREATE TABLE by_kind (id bigint PRIMARY KEY, kind varchar(10) NOT NULL, firm_id bigint UNIQUE REFERENCES firms (id), shop_id bigint REFERENCES shops (id), amount int,
  CHECK ((kind = 'firm' AND firm_id IS NOT NULL AND shop_id IS NULL) OR (kind = 'shop' AND firm_id IS NULL AND shop_id IS NOT NULL AND amount > 500)));
CREATE TABLE above (id bigint PRIMARY KEY, above_id bigint REFERENCES above (id), shop_id bigint UNIQUE REFERENCES shops (id), CHECK ((above_id IS NULL) <> (shop_id IS NULL)));
"""
POSTGRES_ARCS = """
CREATE TABLE counted (id bigint PRIMARY KEY, firm_id bigint UNIQUE REFERENCES firms, shop_id bigint UNIQUE REFERENCES shops, up_id bigint REFERENCES counted, CHECK (num_nonnulls(firm_id, shop_id, up_id) = 1));
CREATE TABLE added (id bigint PRIMARY KEY, firm_id bigint UNIQUE REFERENCES firms, shop_id bigint REFERENCES shops, CHECK ((firm_id IS NOT NULL)::integer + (shop_id IS NOT NULL)::integer = 1));
CREATE TABLE truths (id bigint PRIMARY KEY, open boolean NOT NULL, firm_id bigint UNIQUE REFERENCES firms, CHECK (NOT open OR firm_id IS NOT NULL));
CREATE UNIQUE INDEX arm ON added (firm_id, shop_id) WHERE shop_id IS NULL;
"""
KEYS = """
CREATE TABLE firms (id bigint PRIMARY KEY);
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE issues (id bigint PRIMARY KEY, firm_id bigint NOT NULL REFERENCES firms (id), shop_id bigint NOT NULL REFERENCES shops (id), no int NOT NULL, UNIQUE (firm_id, no), UNIQUE (shop_id, no));
CREATE TABLE crossing (id bigint PRIMARY KEY, firm_id bigint NOT NULL REFERENCES firms (id), kind smallint NOT NULL CHECK (kind IN (0, 1, 2)), place smallint NOT NULL CHECK (place BETWEEN 1 AND 9), UNIQUE (firm_id, kind), UNIQUE (kind, place), UNIQUE (firm_id, place));
CREATE TABLE builds (id bigint NOT NULL, part bigint NOT NULL, PRIMARY KEY (id, part));
CREATE TABLE plans (id bigint NOT NULL, part bigint NOT NULL, PRIMARY KEY (id, part));
CREATE TABLE states (id bigint PRIMARY KEY, part bigint NOT NULL, build_id bigint NOT NULL UNIQUE, FOREIGN KEY (build_id, part) REFERENCES builds (id, part));
CREATE TABLE runs (build_id bigint NOT NULL, part bigint NOT NULL, plan_id bigint NOT NULL, PRIMARY KEY (build_id, part), FOREIGN KEY (build_id, part) REFERENCES builds (id, part), FOREIGN KEY (plan_id, part) REFERENCES plans (id, part));
CREATE TABLE items (code varchar(8) NOT NULL, no int NOT NULL, PRIMARY KEY (code, no));
CREATE TABLE places (code varchar(8) NOT NULL, spot date NOT NULL, PRIMARY KEY (code, spot));
CREATE TABLE stock (code varchar(8) NOT NULL, no int NOT NULL, spot date NOT NULL, PRIMARY KEY (code, no, spot), FOREIGN KEY (code, no) REFERENCES items (code, no), FOREIGN KEY (code, spot) REFERENCES places (code, spot));
CREATE TABLE teams (id bigint NOT NULL, league bigint NOT NULL, PRIMARY KEY (id, league));
CREATE TABLE games (id bigint PRIMARY KEY, league bigint NOT NULL, home bigint NOT NULL, away bigint NOT NULL, FOREIGN KEY (home, league) REFERENCES teams (id, league), FOREIGN KEY (away, league) REFERENCES teams (id, league), CHECK (home <> away));
CREATE TABLE beasts (id bigint NOT NULL PRIMARY KEY, kind varchar(5) NOT NULL CHECK (kind IN ('dog', 'cat')), UNIQUE (id, kind));
CREATE TABLE dogs (id bigint PRIMARY KEY, kind varchar(5) NOT NULL CHECK (kind = 'dog'), FOREIGN KEY (id, kind) REFERENCES beasts (id, kind));
CREATE TABLE chain (id bigint PRIMARY KEY, after_id bigint UNIQUE REFERENCES chain (id));
CREATE TABLE ring (id bigint PRIMARY KEY, after_id bigint NOT NULL UNIQUE REFERENCES ring (id));
CREATE TABLE single (id int PRIMARY KEY CHECK (id = 1), label varchar(20));
CREATE TABLE three (id bigint PRIMARY KEY, level smallint NOT NULL UNIQUE CHECK (level IN (0, 1, 2)));
"""
POSTGRES_KEYS = """
CREATE TABLE only_one (flag boolean PRIMARY KEY DEFAULT true CHECK (flag IS TRUE));
CREATE TABLE two (flag boolean NOT NULL UNIQUE);
CREATE TABLE notes (id bigint PRIMARY KEY, firm_id bigint NOT NULL REFERENCES firms, shop_id bigint REFERENCES shops);
CREATE UNIQUE INDEX n1 ON notes (firm_id, shop_id);
CREATE UNIQUE INDEX n2 ON notes (firm_id) WHERE shop_id IS NULL;
CREATE UNIQUE INDEX n3 ON notes (shop_id) WHERE shop_id IS NOT NULL;
CREATE TABLE streets (id bigint PRIMARY KEY, firm_id bigint NOT NULL REFERENCES firms, main boolean NOT NULL, billing boolean, kind text NOT NULL, shop_id bigint NOT NULL UNIQUE REFERENCES shops);
CREATE UNIQUE INDEX s1 ON streets (firm_id) WHERE main;
CREATE UNIQUE INDEX s2 ON streets (firm_id) WHERE billing;
CREATE UNIQUE INDEX s3 ON streets (firm_id, kind);
CREATE UNIQUE INDEX s4 ON streets (firm_id) WHERE kind = 'x';
CREATE TABLE themes (id bigint PRIMARY KEY, preset boolean NOT NULL, name text NOT NULL UNIQUE);
CREATE UNIQUE INDEX t1 ON themes (preset) WHERE preset;
"""


def statements(text: str) -> list[str]:
    return [one for one in text.split(";\n") if one.strip()]


def loaded(url: str, ddl: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict:
    """The policy of an import that was loaded and checked, as a person does it."""
    do(url, *statements(ddl))
    monkeypatch.setenv("FAASERA_CONNECTION_SOURCE", url)
    out = str(folder / "policy.json")
    for command in (["import", "source", "-o", out], ["generate", out, "--to", "source", *options]):
        result = RUN.invoke(app, command)
        assert result.exit_code == 0, result.output
    report = faasera.check("source", out, **({"rows": options[1]} if options else {}))
    assert report.failed == [], [str(one) for one in report.failed]
    return faasera.load(out).plan.policy


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb"])
def test_arcs_hold_by_construction(dialect, fresh, tmp_path, monkeypatch):
    more = POSTGRES_ARCS if dialect == "postgres" else ""
    url = fresh(dialect)
    ddl = ARCS if dialect != "duckdb" else ARCS.replace("\nCREATE TABLE above", "\n--")
    loaded(url, ddl + more, tmp_path, monkeypatch)
    firms, shops, none = ask(url, "SELECT count(firm_id), count(shop_id), sum(CASE WHEN firm_id IS NULL AND shop_id IS NULL THEN 1 ELSE 0 END) FROM at_most")[0]  # fmt: skip
    assert min(firms, shops, int(none)) > 200
    assert {row[0] for row in ask(url, "SELECT DISTINCT kind FROM by_kind")} == {"firm", "shop"}
    assert 400 < ask(url, "SELECT count(firm_id) FROM either_one")[0][0] < 600


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_keys_hold_at_any_row_count_that_has_room(dialect, fresh, tmp_path, monkeypatch):
    url = fresh(dialect)
    loaded(url, KEYS + (POSTGRES_KEYS if dialect == "postgres" else ""), tmp_path, monkeypatch)
    sizes = {name: ask(url, f"SELECT count(*) FROM {name}")[0][0] for name in ("issues", "runs", "states", "stock", "crossing", "single", "three")}  # fmt: skip
    assert sizes == {"issues": 1000, "runs": 1000, "states": 1000, "stock": 1000, "crossing": 27, "single": 1, "three": 3}  # fmt: skip


def test_one_count_for_all_tables_is_a_wish(tmp_path):
    (tmp_path / "keys.sql").write_text(KEYS)
    import_schema(str(tmp_path / "keys.sql"), tmp_path / "keys.json", dialect="postgres")
    plan = faasera.load(tmp_path / "keys.json", rows=3000).plan
    sizes = {name: table.row_count for name, table in plan.tables.items()}
    assert sizes["issues"] == sizes["runs"] == 3000 and sizes["crossing"] == 27 and sizes["three"] == 3
    assert any(one.startswith("three has 3 rows: 'level' is unique") for one in plan.warnings)
    with pytest.raises(faasera.PolicyError) as caught:
        faasera.load(tmp_path / "keys.json", rows={"three": 3000})
    assert [one.code for one in caught.value.problems] == ["domain-too-small"]


def test_a_default_count_is_a_wish_and_a_number_that_was_asked_for_is_not():
    def letters(**keys) -> dict:
        rule = {"type": "RANDOM", "pattern": "[a-f]", "unique": True}
        return {"tableName": "t", "columnRuleMap": {"a": rule}, **keys}

    loaded = faasera.load(letters())
    assert loaded.plan.tables["t"].row_count == 6 and "t has 6 rows" in loaded.plan.warnings[0]
    with pytest.raises(faasera.PolicyError):
        faasera.load(letters(rowCount=7))
