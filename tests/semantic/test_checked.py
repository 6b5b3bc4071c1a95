"""What the check proves of semantic types, and what it finds when it is broken."""

import csv

import pytest
from policies import table

import faasera

RULES = {
    "id": {"type": "SEQUENCE"},
    **{name: {} for name in ("first_name", "last_name", "gender", "dob", "age", "email", "city", "county", "state", "zip", "time_zone", "card_number", "ssn")},
    "iban": {"type": "RANDOM", "semanticType": "iban-code", "locale": "de_DE"},
    "account": {"type": "FPE_ENCODED", "pattern": "A-######"},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "out"
    faasera.load(table(RULES, 400, primaryKeyColumn="id")).write(path)
    return path


def broken(folder, tmp_path, changes):
    """What the check finds after cells of the first row were changed."""
    target = tmp_path / "out"
    target.mkdir()
    for file in folder.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    with (target / "t.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    rows[0] |= changes
    with (target / "t.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return {(finding.kind, finding.subject) for finding in faasera.check(target).failed}


def test_what_was_made_holds(folder):
    report = faasera.check(folder)
    assert report.ok and not report.skipped


@pytest.mark.parametrize(
    "changes,kind,subject",
    [
        ({"first_name": "Zzyzx"}, "values", "first_name"),
        ({"last_name": "Zzyzx"}, "values", "last_name"),
        ({"gender": "none"}, "form", "gender"),
        ({"age": "7"}, "agreement", "age, dob"),
        ({"zip": "00000"}, "agreement", "city, county, state, zip, time_zone"),
        ({"state": "Alaska", "city": "Chicago"}, "agreement", "city, county, state, zip, time_zone"),
        ({"email": "ann@gmail.com"}, "form", "email"),
        ({"ssn": "219-09-9999"}, "form", "ssn"),
        ({"card_number": "4929000000006"}, "form", "card_number"),
        ({"iban": "xx"}, "form", "iban"),
        ({"account": "B-123456"}, "form", "account"),
        ({"account": "A-12345x"}, "alphabet", "account"),
    ],
)
def test_what_is_broken_is_found(folder, tmp_path, changes, kind, subject):
    assert (kind, subject) in broken(folder, tmp_path, changes)


def test_a_name_of_the_other_gender_is_found(folder, tmp_path):
    found = broken(folder, tmp_path, {"gender": "male", "first_name": "Elizabeth"})
    assert ("agreement", "gender, first_name") in found
