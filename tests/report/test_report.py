"""The report: as a page in a browser, as Markdown, JSON and JUnit; large, strange and broken outputs."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app
from faasera.run.report.report import make_report


@pytest.fixture
def chromium(browsers, tmp_path):
    """A browser without a server: for files."""
    with browsers(1280).visit("", tmp_path) as browser:
        yield browser.driver


ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples/shop/policy.json"


def command(*words):
    result = CliRunner().invoke(app, list(map(str, words)))
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    out = tmp_path_factory.mktemp("shop")
    faasera.load(SHOP, rows={"orders": 3000, "payments": 2000}).write(out)
    return out


@pytest.fixture(scope="module")
def page(shop):
    path = shop.parent / "shop.html"
    assert command("report", shop, "--policy", SHOP, "-o", path)[0] == 0
    return path


def test_the_page_is_one_file_that_asks_for_nothing(page):
    text = page.read_text()
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(", text)
    assert not [url for url in re.findall(r'(?:href|src|action)="([^"]*)"', text) if not url.startswith("#")]


def test_the_page_in_a_browser(page, chromium):
    chromium.get(page.as_uri())
    assert chromium.find_element("tag name", "h1").text == "shop"
    assert "promises kept, none broken" in chromium.find_element("tag name", "header").text
    boxes = chromium.find_elements("css selector", "svg.diagram .box")
    assert len(boxes) == 5
    assert len(chromium.find_elements("css selector", "svg.diagram .edge")) == 4
    assert len(chromium.find_elements("css selector", "svg.chart")) > 30
    assert chromium.find_elements("css selector", "svg.chart .asked")
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
    wide = chromium.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    names = [cell.text for cell in chromium.find_elements("css selector", "#table-1 ~ .card td:first-child")]
    assert "email unique" in names


def test_light_dark_and_paper(page, chromium):
    def colours(chromium):
        script = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        return chromium.execute_script(script)

    chromium.get(page.as_uri())
    seen = []
    for media, scheme in (("", "light"), ("", "dark"), ("print", "light")):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        seen.append(colours(chromium))
    assert seen[0] != seen[1]
    assert seen[2] == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    paper = chromium.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(paper["data"]) > 50_000


def test_charts_show_what_was_asked_for(shop):
    report = make_report(shop, SHOP).as_dict()
    customers = next(table for table in report["tables"] if table["name"] == "customers")
    city = next(column for column in customers["columns"] if column["name"] == "city")
    looks = city["profile"]["distribution"]
    assert looks["kind"] == "values"
    assert looks["labels"][0] == "New York"
    for found, wanted in zip(looks["counts"], looks["expected"], strict=True):
        assert abs(found - wanted) < 6 * wanted**0.5 + 5
    born = next(column for column in customers["columns"] if column["name"] == "dob")["profile"]["distribution"]
    assert born["kind"] == "histogram"
    assert sum(born["counts"]) == 10_000
    assert abs(sum(born["expected"]) - 10_000) < 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", born["labels"][0])


def test_markdown_and_json_for_pipelines(shop):
    code, text = command("report", shop)
    assert code == 0
    assert text.startswith("# shop\n")
    assert "| customer\\_id | BIGINT | generated | 0.0% | 10,000 | 1001 | 11000 |" in text
    code, text = command("report", shop, "--json")
    found = json.loads(text)
    assert found["check"]["ok"]
    assert {table["name"] for table in found["tables"]} == {
        "customers",
        "products",
        "orders",
        "order_items",
        "payments",
    }
    assert found["tables"][0]["samples"][0]["customer_id"] == "1001"


@pytest.mark.parametrize("format", ["csv", "parquet", "json", "jsonl", "arrow"])
def test_samples_are_the_first_rows_of_every_format(tmp_path, format):
    policy = {
        "tableName": "t",
        "rowCount": 25,
        "columnRuleMap": {
            "n": {"type": "SEQUENCE"},
            "empty": {"type": "SEED", "values": ["", "a, b"], "nullFraction": 0.5},
            "price": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 1, "max": 9}},
        },
    }
    faasera.load(policy).write(tmp_path, format=format)
    samples = make_report(tmp_path).samples["t"]
    rows = faasera.load(policy)["t"].slice(0, 10).to_pylist()
    assert [row["n"] for row in samples] == [str(row["n"]) for row in rows]
    assert [row["empty"] for row in samples] == [row["empty"] for row in rows]
    assert [float(row["price"]) for row in samples] == [float(row["price"]) for row in rows]


def test_names_and_values_that_would_be_markup(tmp_path, chromium):
    evil = "<script>alert(1)</script>|`*"
    policy = {
        "name": evil,
        "description": evil,
        "tableName": "a<b>&\"'",
        "rowCount": 30,
        "columnRuleMap": {"x<y>": {"type": "SEED", "values": [evil, "b"]}},
    }
    faasera.load(policy).write(tmp_path / "out", format="parquet")
    assert command("report", tmp_path / "out", "-o", tmp_path / "r.html")[0] == 0
    text = (tmp_path / "r.html").read_text()
    assert "<script" not in text
    chromium.get((tmp_path / "r.html").as_uri())
    assert chromium.find_element("tag name", "h1").text == evil
    assert chromium.find_element("css selector", "#table-1").text == "a<b>&\"'"
    assert not re.search(r"(?<!\\)[<`*|]script", command("report", tmp_path / "out")[1])


def test_broken_promises_come_first(tmp_path):
    policy = {
        "tableName": "t",
        "rowCount": 40,
        "columnRuleMap": {"n": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 5}}},
    }
    faasera.load(policy).write(tmp_path / "out")
    path = tmp_path / "out/t.csv"
    path.write_text(path.read_text().replace("\n5\n", "\n77\n", 1))
    assert command("report", tmp_path / "out", "-o", tmp_path / "r.html")[0] == 0
    text = (tmp_path / "r.html").read_text()
    assert "promises broken" in text
    assert "## Broken promises" in command("report", tmp_path / "out")[1]


def test_junit_has_a_case_for_each_promise(tmp_path):
    policy = {
        "name": "nul \x07",
        "tableName": "t",
        "rowCount": 40,
        "columnRuleMap": {"n": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 1, "max": 5}}},
    }
    faasera.load(policy).write(tmp_path / "out")
    assert command("check", tmp_path / "out", "--junit", tmp_path / "good.xml")[0] == 0
    good = ElementTree.parse(tmp_path / "good.xml").getroot()
    assert int(good.get("tests")) == len(good.findall(".//testcase")) > 4
    assert good.get("failures") == "0"
    path = tmp_path / "out/t.csv"
    path.write_text(path.read_text().replace("\n5\n", "\n77\n", 1))
    assert command("check", tmp_path / "out", "--junit", tmp_path / "bad.xml")[0] == 3
    bad = ElementTree.parse(tmp_path / "bad.xml").getroot()
    assert int(bad.get("failures")) == len(bad.findall(".//failure")) >= 2
    assert any('"n": 77' in (one.text or "") for one in bad.findall(".//failure"))


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.slow)])
def test_hundreds_and_thousands_of_columns(tmp_path, count):
    columns = {f"c{n}": {"type": "RANDOM", "dataType": "INTEGER", "range": {"min": 0, "max": n}} for n in range(count)}
    faasera.load({"tableName": "wide", "rowCount": 200, "columnRuleMap": columns}).write(
        tmp_path / "out", format="parquet"
    )
    assert command("report", tmp_path / "out", "-o", tmp_path / "r.html")[0] == 0
    text = (tmp_path / "r.html").read_text()
    assert text.count("<figure>") == 200
    assert "Charts are drawn for the first 200 columns." in text
    assert f"<td>c{count - 1} " in text


@pytest.mark.parametrize("format", ["parquet", "csv", "arrow"])
def test_a_large_output_is_sampled_and_says_so(tmp_path, format):
    policy = {
        "tables": [
            {
                "tableName": "large",
                "rowCount": 600_000,
                "primaryKeyColumn": "id",
                "columnRuleMap": {"id": {"type": "SEQUENCE"}, "city": {}},
            },
            {"tableName": "small", "rowCount": 10, "columnRuleMap": {"n": {"type": "SEQUENCE"}}},
        ]
    }
    options = {"row_group_rows": 50_000} if format == "parquet" else {}
    faasera.load(policy).write(tmp_path / "out", format=format, **options)
    report = make_report(tmp_path / "out", most_rows=100_000).as_dict()
    large, small = report["tables"]
    assert large["sampled"]
    assert 20_000 < large["lookedAt"] < 250_000
    low, high = (int(large["columns"][0]["profile"][end]) for end in ("low", "high"))
    assert low < 150_000
    assert high > 450_000
    assert not small["sampled"]
    assert report["check"]["passed"] == 0
    assert all("sample of large" in finding["detail"] for finding in large["findings"])
    text = command("report", tmp_path / "out", "--sample-rows", 100_000)[1]
    assert "described by a sample of" in text


def test_places_that_hold_nothing_to_report(tmp_path):
    assert command("report", tmp_path)[0] == 2
    assert command("report", tmp_path, "-o", tmp_path / "r.docx")[0] == 2
    faasera.load({"tableName": "t", "rowCount": 3, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}).write(
        tmp_path / "out"
    )
    assert command("report", tmp_path / "out", "-o", tmp_path / "none/r.html")[0] == 2
    assert command("report", tmp_path / "out", "--privacy", tmp_path / "out/t.csv")[0] == 2
    (tmp_path / "out/t.csv").unlink()
    assert command("report", tmp_path / "out", "-o", tmp_path / "r.html")[0] == 0
    assert "missing: t.csv" in (tmp_path / "r.html").read_text()


def test_a_manifest_of_an_older_version(tmp_path):
    faasera.load({"tableName": "t", "rowCount": 3, "columnRuleMap": {"n": {"type": "SEQUENCE"}}}).write(tmp_path)
    path = tmp_path / "_manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["hints"]
    path.write_text(json.dumps(manifest))
    code, text = command("report", tmp_path)
    assert code == 2
    assert "an older version's" in text


def test_a_table_without_rows_and_one_without_visible_values(tmp_path):
    policy = {
        "tables": [
            {"tableName": "none", "rowCount": 0, "columnRuleMap": {"n": {"type": "SEQUENCE"}}},
            {
                "tableName": "nulls",
                "rowCount": 5,
                "columnRuleMap": {"x": {"type": "SEED", "values": ["a"], "nullFraction": 1}},
            },
        ]
    }
    faasera.load(policy).write(tmp_path / "out", format="parquet")
    assert command("report", tmp_path / "out", "-o", tmp_path / "r.html")[0] == 0


def test_a_comparison_with_real_data_is_shown_with_the_rest(tmp_path):
    policy = {
        "tableName": "people",
        "rowCount": 300,
        "columnRuleMap": {
            "first_name": {},
            "email": {"type": "RANDOM", "semanticType": "email-address", "unique": True},
        },
    }
    faasera.load(policy).write(tmp_path / "out")
    faasera.load(policy, seed=9).write(tmp_path / "other")
    code, found = command("privacy", tmp_path / "out", "--against", tmp_path / "other/people.csv", "--json")
    assert code == 0
    (tmp_path / "privacy.json").write_text(found)
    assert (
        command("report", tmp_path / "out", "--privacy", tmp_path / "privacy.json", "-o", tmp_path / "r.html")[0] == 0
    )
    assert "Beside real data" in (tmp_path / "r.html").read_text()
