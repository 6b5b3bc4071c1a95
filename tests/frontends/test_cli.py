import json
import subprocess
import sys
from pathlib import Path

import pytest
from policies import table
from typer.testing import CliRunner

from faasera.core.version import __version__
from faasera.frontends.cli import app

RUNNER = CliRunner()


def run(*arguments: object, code: int = 0, stdin: str | None = None):
    result = RUNNER.invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exit_code == code, (result.output, result.exception)
    return result


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(table({"a": {"type": "SEED", "values": ["x, y", "[b]z"]}}, 20, primaryKeyColumn="id")))
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.json"
    path.write_text('{"tableName": "t", "columnRuleMap": {"a": {"type": "SEDE"}, "b": {}}}')
    return path


def test_generate_writes_and_sums_up(policy, tmp_path):
    result = run("generate", policy, "--out", tmp_path / "out")
    assert "20 rows" in result.stdout
    assert (tmp_path / "out/t.csv").read_text().splitlines()[0] == "id,a"


def test_generate_prints_the_manifest_as_json(policy, tmp_path):
    options = ["--format", "parquet", "--rows", "1k", "--seed", 7, "--tables", "t", "--workers", 2, "--json"]
    manifest = json.loads(run("generate", policy, "--out", tmp_path / "out", *options).stdout)
    assert manifest == json.loads((tmp_path / "out/_manifest.json").read_text())
    assert (manifest["seed"], manifest["tables"][0]["rows"]) == (7, 1000)


def test_generate_refuses_to_write_over_output(policy, tmp_path):
    run("generate", policy, "--out", tmp_path / "out")
    assert "--overwrite" in run("generate", policy, "--out", tmp_path / "out", code=2).stderr
    run("generate", policy, "--out", tmp_path / "out", "--overwrite", "--rows", "t=5")
    assert len((tmp_path / "out/t.csv").read_text().splitlines()) == 6


def test_options_of_formats(policy, tmp_path):
    run("generate", policy, "--out", tmp_path / "a", "--delimiter", ";", "--compression", "gzip", "--parts", 2)
    assert (tmp_path / "a/t/part-00001.csv.gz").exists()
    result = run("generate", policy, "--out", tmp_path / "b", "--format", "parquet", "--delimiter", ";", code=2)
    assert "no effect" in result.stderr


def test_options_of_formats_by_name(policy, tmp_path):
    given = ["--format", "parquet", "--option", "row-group-rows=7", "--option", "compression=zstd"]
    manifest = json.loads(run("generate", policy, "--out", tmp_path / "a", *given, "--json").stdout)
    assert manifest["options"] == {"row_group_rows": 7, "compression": "zstd"}
    run("generate", policy, "--out", tmp_path / "b", "--option", "delimiter==", "--option", "escape_formulas=true")
    assert (tmp_path / "b/t.csv").read_text().splitlines()[0] == "id=a"


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--option", "delimeter=;"], "Did you mean 'delimiter'?"),
        (["--option", "delimiter"], "Write name=value"),
        (["--option", "=;"], "Write name=value"),
        (["--option", "delimiter=;", "--delimiter", ","], "'delimiter' is given twice"),
        (["--option", "delimiter=;", "--option", "delimiter=,"], "'delimiter' is given twice"),
        (["--format", "parquet", "--option", "row_group_rows=few"], "'row-group-rows' = 'few'"),
    ],
)
def test_wrong_options_of_formats(policy, tmp_path, options, what):
    result = run("generate", policy, "--out", tmp_path / "out", *options, code=2)
    assert what in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_options_of_formats_have_no_effect_on_databases(policy, tmp_path):
    result = run("generate", policy, "--to", f"sqlite:///{tmp_path}/x.db", "--option", "delimiter=;", code=2)
    assert "--option has no effect on a database" in " ".join(result.stderr.split())


@pytest.mark.parametrize("rows", [["t"], ["5", "6"], ["5", "t=6"], ["x=5"], ["-5"], ["t=many"]])
def test_bad_row_counts(policy, tmp_path, rows):
    options = [part for count in rows for part in ("--rows", count)]
    run("generate", policy, "--out", tmp_path / "out", *options, code=2)


def test_problems_go_to_standard_error_with_their_remedy(wrong):
    result = run("plan", wrong, code=2)
    assert result.stdout == ""
    assert "/columnRuleMap/a/type" in result.stderr
    assert "'SEED'" in result.stderr
    assert "Traceback" not in result.stderr


def test_validate(policy, wrong):
    assert "no problems" in run("validate", policy).stdout
    assert json.loads(run("validate", policy, "--json").stdout)["valid"] is True
    report = json.loads(run("validate", wrong, "--json", code=2).stdout)
    assert report["valid"] is False
    assert report["problems"][0]["pointer"] == "/columnRuleMap/a/type"
    assert json.loads(run("plan", wrong, "--json", code=2).stdout)["problems"]


def test_preview(policy):
    text = run("preview", policy, "--rows", 3, "--offset", 5).stdout
    assert "rows 5 … 7 of 20" in text
    assert "x, y" in text or "[b]z" in text
    rows = json.loads(run("preview", policy, "--table", "t", "--rows", 2, "--offset", 18, "--json").stdout)
    assert [row["id"] for row in rows] == [19, 20]
    assert run("preview", policy, "--offset", 20, code=2).stderr
    assert "Did you mean 't'" in run("preview", policy, "--table", "tt", code=2).stderr


def test_preview_shows_every_kind_of_value(tmp_path):
    rules = {
        "n": {"type": "SEED", "values": ["", "x"], "nullFraction": 0.5},
        "b": {"type": "RANDOM", "dataType": "BINARY", "length": 2},
        "d": {"type": "RANDOM", "dataType": "DECIMAL(5,2)"},
        "t": {"type": "RANDOM", "dataType": "TIMESTAMP"},
        "f": {"type": "RANDOM", "dataType": "BOOLEAN"},
        "long": {"type": "RANDOM", "length": 300},
    }
    path = tmp_path / "p.json"
    path.write_text(json.dumps(table(rules, 20)))
    assert "null" in run("preview", path).stdout
    assert len(json.loads(run("preview", path, "--json").stdout)) == 10


def test_preview_of_all_tables(shop):
    text = run("preview", shop, "--rows", 2).stdout
    assert all(name in text for name in ("customers", "products", "orders", "order_items", "payments"))
    assert set(json.loads(run("preview", shop, "--rows", 1, "--json").stdout)) >= {"customers", "payments"}


def test_plan(shop):
    text = run("plan", shop).stdout
    assert "foreign key: customer_id → customers (customer_id)" in text
    assert json.loads(run("plan", shop, "--json", "--rows", "customers=9").stdout)["tables"][0]["rows"] == 9


def test_a_policy_from_standard_input(policy):
    assert json.loads(run("preview", "-", "--rows", 1, "--json", stdin=policy.read_text()).stdout)[0]["id"] == 1
    assert "standard input" in run("plan", "-", stdin="", code=2).stderr


def test_catalog():
    text = run("catalog").stdout
    assert all(word in text for word in ("DATE_RANDOM", "first-name", "LOGNORMAL", "parquet", "slug", "add_months"))
    assert "seedFileName" in run("catalog", "seed").stdout
    assert json.loads(run("catalog", "parquet", "--json").stdout)["name"] == "parquet"
    assert "SEED" in json.dumps(json.loads(run("catalog", "--json").stdout))
    assert "Did you mean" in run("catalog", "SEEDS", code=2).stderr


def test_init_makes_a_policy_that_works(tmp_path):
    run("init", tmp_path / "new")
    run("generate", tmp_path / "new/policy.yaml", "--out", tmp_path / "data")
    assert (tmp_path / "data/orders.csv").exists()
    assert "exists already" in run("init", tmp_path / "new", code=2).stderr


def test_json_schema_and_version():
    assert json.loads(run("json-schema").stdout)["$schema"]
    assert run("--version").stdout.strip() == f"faasera {__version__}"


def test_usage_errors_have_code_2(policy):
    run("generate", policy, code=2)
    run("nothing", code=2)
    run("plan", "/no/such/policy.json", code=2)


def test_a_reader_that_leaves_early_is_no_failure(shop):
    command = f"{sys.executable} -m faasera plan {shop} --json | head -n 1"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert result.stdout == "{\n"
    assert "Traceback" not in result.stderr


def test_every_command_teaches():
    for command in ("generate", "preview", "plan", "validate", "catalog", "init", "json-schema"):
        assert "Usage" in run(command, "--help").stdout
