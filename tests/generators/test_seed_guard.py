"""Seed files that look like real personal data. Every value here is made up, or reserved."""

import json

import pytest
from policies import problems, table
from typer.testing import CliRunner

import faasera
from faasera.frontends.cli import app

# Assembled, so that no such number stands here: a Luhn number of an issuer, a security number of an issued area.
CARD = "453" + "2015112830366"
SSN = "-".join(["219", "09", "9999"])
PHONES = [f"(415) 867-{number}" for number in (2300, 2301, 2302, 2303)]
REAL = {
    "names beside e-mail": (
        "name,email\n" + "".join(f"Ann{n} Lee,ann{n}@corp{n}.io\n" for n in range(4)),
        "names beside e-mail addresses",
    ),
    "a card": ("card\n4000000000000002\n" + CARD + "\n", "card numbers"),
    "a card with blanks": (
        "card\n" + " ".join(CARD[place : place + 4] for place in range(0, 16, 4)) + "\n",
        "card numbers",
    ),
    "a security number": (f"ssn\n{SSN}\n", "social security numbers"),
    "telephones": ("phone\n" + "\n".join(PHONES) + "\n", "telephone numbers"),
    "telephones under another name": ("reach\n" + "\n".join(PHONES) + "\n", "telephone numbers"),
}
HARMLESS = {
    "names": "name\nAnn Lee\nBob Ray\n",
    "reserved addresses": "name,email\nAnn Lee,ann@example.com\nBob Ray,bob@mail.test\nEve Fox,eve@example.org\n",
    "test cards": "card\n4242424242424242\n5555555555554444\n378282246310005\n",
    "numbers never issued": "ssn\n912-34-5678\n666-12-3456\n000-12-3456\n",
    "drama numbers": "phone\n(212) 555-0123\n(212) 555-0124\n020 7946 0123\n(312) 555-0199\n",
    "order numbers": "order\n100000000001\n100000000002\n100000000003\n100000000004\n",
    "dates": "day\n2024-01-01\n2024-01-02\n2024-01-03\n",
    "products": "product,price\nOak Shelf,12.50\nSteel Mug,8.00\n",
}


def rule(**keys):
    return {"type": "SEED", "seedFileName": "seed.csv", "column": keys.pop("column", None), **keys}


def write(folder, text, **keys):
    (folder / "seed.csv").write_text(text)
    column = text.split("\n")[0].split(",")[0]
    path = folder / "policy.json"
    path.write_text(json.dumps(table({"c": rule(column=column, **keys)}, 5)))
    return path


@pytest.mark.parametrize("name", REAL)
def test_a_file_that_looks_real_is_refused_with_the_reason_and_the_lines(tmp_path, name):
    text, words = REAL[name]
    found = problems(write(tmp_path, text))["/columnRuleMap/c/seedFileName"]
    assert found.code == "personal-data" and words in found.message and "line" in found.message
    assert "provenance" in found.remedy
    assert not any(value in str(found) for value in (CARD, SSN, *PHONES))


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_file_passes(tmp_path, name):
    assert len(faasera.generate(write(tmp_path, HARMLESS[name]))["t"]) == 5


@pytest.mark.parametrize("name", REAL)
def test_a_stated_origin_lets_it_pass_and_the_manifest_repeats_it(tmp_path, name):
    path = write(tmp_path, REAL[name][0], provenance={"source": "made up by a script", "personalData": False})
    faasera.load(path).write(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    assert manifest["provenance"] == [
        {"table": "t", "column": "c", "file": "seed.csv", "source": "made up by a script", "personalData": False}
    ]


@pytest.mark.parametrize(
    "provenance", [{"source": "x", "personalData": True}, {"personalData": False}, {"source": "x"}]
)
def test_an_origin_says_that_no_personal_data_is_there(tmp_path, provenance):
    assert problems(write(tmp_path, HARMLESS["names"], provenance=provenance))


def test_the_command_alone(tmp_path):
    write(tmp_path, REAL["a card"][0])
    made = CliRunner().invoke(app, ["seeds", "check", str(tmp_path / "seed.csv")])
    assert made.exit_code == 3 and "card numbers" in made.output and "line 3" in made.output and CARD not in made.output
    write(tmp_path, HARMLESS["names"])
    made = CliRunner().invoke(app, ["seeds", "check", str(tmp_path / "seed.csv")])
    assert made.exit_code == 0 and "nothing looks like" in made.output
    made = CliRunner().invoke(app, ["seeds", "check", str(tmp_path / "none.csv")])
    assert made.exit_code != 0
