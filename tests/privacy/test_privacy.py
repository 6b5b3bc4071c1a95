"""Generated data beside "real" data, which here is what another seed makes: clean, copied, nearly copied, unrelated."""

import csv
import json
import sqlite3

import pytest
from typer.testing import CliRunner

import faasera
from faasera.core.errors import PolicyError
from faasera.frontends.cli import app
from faasera.run.privacy.privacy import compare_with
from faasera.run.privacy.report import Thresholds

POLICY = {
    "name": "people",
    "seed": 5,
    "tables": [
        {
            "tableName": "people",
            "rowCount": 1500,
            "primaryKeyColumn": "id",
            "columnRuleMap": {
                "id": {"type": "SEQUENCE", "start": 1},
                "first_name": {},
                "last_name": {},
                "email": {"type": "RANDOM", "semanticType": "email-address", "unique": True},
                "ssn": {"type": "RANDOM", "semanticType": "ssn", "unique": True},
                "date_of_birth": {},
                "gender": {},
                "city": {},
                "income": {"type": "RANDOM", "dataType": "DECIMAL(9,2)", "range": {"min": 1000, "max": 90000}},
                "code": {"type": "RANDOM", "pattern": "[A-Z]{4}[0-9]{8}", "unique": True},
            },
        }
    ],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    faasera.load(POLICY).write(out)
    return out


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of another seed, by table."""
    out = tmp_path_factory.mktemp("real")
    faasera.load(POLICY, seed=77, rows=3000).write(out)
    return read(out / "people.csv")


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def failed(report):
    return {f"{finding.kind} {finding.subject}".strip() for finding in report.findings if finding.status == "failed"}


def test_independent_data_pass_all_tests(made, rows, tmp_path):
    report = compare_with(
        made, write(tmp_path / "people.csv", rows[:1500]), holdout=write(tmp_path / "unused.csv", rows[1500:])
    )
    assert failed(report) == set()
    assert report.count("skipped") == 1  # The table of rows that nobody used has another name.
    kinds = {finding.kind for finding in report.findings}
    assert kinds == {
        "values",
        "near values",
        "rows",
        "near rows",
        "distance to the closest record",
        "nearest neighbour ratio",
        "membership",
    }
    assert report.measures["people"]["columns"]["id"]["inSource"] == 1500
    assert report.measures["people"]["columns"]["gender"]["byNature"] == 1


def test_copied_values_and_rows_are_found(made, rows, tmp_path):
    real = rows[:1000] + read(made / "people.csv")[:3]
    report = compare_with(made, write(tmp_path / "people.csv", real))
    assert failed(report) >= {"values email", "values ssn", "values code", "rows"}
    by_kind = {(finding.kind, finding.subject): finding for finding in report.findings}
    assert by_kind["values", "ssn"].violations == 3
    assert by_kind["rows", ""].violations == 3
    relaxed = compare_with(made, write(tmp_path / "people.csv", real), thresholds=Thresholds(values=3))
    assert "values ssn" not in failed(relaxed)


def test_a_value_that_was_changed_a_little_is_near(made, rows, tmp_path):
    def typo(row):
        return row | {
            "email": row["email"].upper(),
            "code": row["code"][:5] + ("0" if row["code"][5] != "0" else "1") + row["code"][6:],
        }

    real = rows[:1000] + [typo(row) for row in read(made / "people.csv")[:200]]
    report = compare_with(made, write(tmp_path / "people.csv", real))
    assert failed(report) >= {"near values email", "near values code"}
    assert "values code" not in failed(report)


def test_rows_with_one_other_value_are_near(made, rows, tmp_path):
    real = rows[:1000] + [row | {"ssn": "x" * 9, "city": "Nowhere"} for row in read(made / "people.csv")[:200]]
    narrow = ["first_name", "last_name", "date_of_birth", "gender", "city"]
    real = [{name: row[name] for name in narrow} for row in real]
    assert "near rows" in failed(compare_with(made, write(tmp_path / "people.csv", real)))


def test_a_generator_that_learned_its_source_by_heart_is_found(rows, tmp_path):
    """What "generated" claims to be is the source with a little noise: no row is equal, and all are close."""
    out = tmp_path / "learned"
    faasera.load(POLICY).write(out)
    learned = []
    for number, row in enumerate(rows[:1500]):
        noisy = row | {"income": f"{float(row['income']) + 3:.2f}", "date_of_birth": row["date_of_birth"][:8] + "15"}
        learned.append(
            noisy
            | {
                "ssn": f"9{number:08d}",
                "email": f"p{number}q{number * 7919}@example.com",
                "code": f"ZZZZ{number * 7919:08d}",
            }
        )
    write(out / "people.csv", learned)
    report = compare_with(
        out, write(tmp_path / "people.csv", rows[:1500]), holdout=write_in(tmp_path / "unused", rows[1500:])
    )
    assert failed(report) >= {"membership", "distance to the closest record"}
    assert report.measures["people"]["membership"]["area"] > 0.9


def write_in(folder, rows):
    folder.mkdir()
    write(folder / "people.csv", rows)
    return str(folder)


def test_membership_is_chance_where_the_source_was_never_seen(made, rows, tmp_path):
    report = compare_with(
        made, write(tmp_path / "people.csv", rows[:1500]), holdout=write_in(tmp_path / "unused", rows[1500:])
    )
    assert failed(report) == set()
    assert 0.45 < report.measures["people"]["membership"]["area"] < 0.55


@pytest.mark.parametrize("format", ["parquet", "jsonl", "tsv"])
def test_sources_of_other_formats(made, rows, tmp_path, format):
    real = rows[:300] + read(made / "people.csv")[:1]
    if format == "tsv":
        text = "\t".join(real[0]) + "\n" + "\n".join("\t".join(row.values()) for row in real)
        (tmp_path / "people.tsv").write_text(text)
    elif format == "jsonl":
        (tmp_path / "people.jsonl").write_text("\n".join(map(json.dumps, real)))
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(real), tmp_path / "people.parquet")
    assert "values ssn" in failed(compare_with(made, str(tmp_path)))


def test_a_database_as_the_source(made, rows, tmp_path):
    real = rows[:300] + read(made / "people.csv")[:1]
    with sqlite3.connect(tmp_path / "real.db") as database:
        database.execute(f"CREATE TABLE People ({', '.join(f'{name} TEXT' for name in real[0])})")
        database.executemany(
            f"INSERT INTO People VALUES ({', '.join('?' * len(real[0]))})", [tuple(row.values()) for row in real]
        )
    report = compare_with(made, f"sqlite:///{tmp_path}/real.db")
    assert failed(report) >= {"values email", "values ssn"}


def test_nothing_of_the_source_is_in_the_report_or_left_on_the_disk(made, rows, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    real = rows[:300] + read(made / "people.csv")[:2]
    text = json.dumps(compare_with(made, write(tmp_path / "people.csv", real)).as_dict())
    for row in real:
        for name in ("email", "ssn", "code", "income"):
            assert row[name] not in text
    assert not list((tmp_path / "t").iterdir())


def test_tables_with_nothing_in_common_are_refused(made, tmp_path):
    (tmp_path / "planes.csv").write_text("wing,tail\n1,2\n")
    (tmp_path / "trains.csv").write_text("wheel,seat\n1,2\n")
    with pytest.raises(PolicyError) as caught:
        compare_with(made, str(tmp_path))
    assert caught.value.problems[0].code == "nothing-in-common"
    with pytest.raises(PolicyError):
        compare_with(made, str(tmp_path / "planes.csv"))


def test_too_few_rows_are_said_to_be_too_few(made, rows, tmp_path):
    report = compare_with(made, write(tmp_path / "people.csv", rows[:10]))
    assert any("too few to measure" in finding.detail for finding in report.findings if finding.status == "skipped")
    assert failed(report) == set()


def test_what_was_not_compared_is_named(made, rows, tmp_path):
    real = [{name: value for name, value in row.items() if name != "city"} | {"extra": "x"} for row in rows[:300]]
    report = compare_with(made, write(tmp_path / "whatever.csv", real))
    assert report.unmatched == ["people.city: only generated", "whatever.extra: only in the source"]


@pytest.mark.parametrize("content, code", [(None, "source-unreadable"), ("", "file-format")])
def test_sources_that_cannot_be_read(made, tmp_path, content, code):
    path = tmp_path / "source.xyz"
    if content is not None:
        path.write_text(content)
    with pytest.raises(PolicyError) as caught:
        compare_with(made, str(path))
    assert caught.value.problems[0].code == code
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(PolicyError):
        compare_with(made, str(tmp_path / "broken.parquet"))


def test_the_command_says_it_and_leaves_with_a_code(made, rows, tmp_path):
    clean, copied = (
        write(tmp_path / "clean.csv", rows[:300]),
        write(tmp_path / "copied.csv", rows[:300] + read(made / "people.csv")[:1]),
    )
    good = CliRunner().invoke(app, ["privacy", str(made), "--against", clean])
    assert good.exit_code == 0, good.output
    assert "0 failed" in good.output
    bad = CliRunner().invoke(app, ["privacy", str(made), "--against", copied, "--json"])
    assert bad.exit_code == 3
    assert json.loads(bad.output)["thresholds"]["values"] == 0
    assert json.loads(bad.output)["ok"] is False
