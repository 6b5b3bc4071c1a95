"""The copilot: a policy from a description, judged and sent back; and what it may not do."""

import json

import pytest
from chat import chat
from typer.testing import CliRunner

from faasera.frontends.cli import app
from faasera.run.drafting import instructions, reaching_out

GOOD = {
    "name": "clinic",
    "locale": "de_DE",
    "tables": [
        {
            "tableName": "patients",
            "rowCount": 10_000,
            "primaryKeyColumn": "id",
            "columnRuleMap": {"id": {"type": "SEQUENCE"}, "first_name": {}, "city": {}},
        },
        {
            "tableName": "visits",
            "primaryKeyColumn": "id",
            "foreignKeys": [
                {
                    "columns": ["patient"],
                    "references": {"table": "patients", "columns": ["id"]},
                    "childrenPerParent": {"min": 1, "max": 4},
                }
            ],
            "columnRuleMap": {
                "id": {"type": "SEQUENCE"},
                "patient": {},
                "ward": {"type": "SEED", "values": ["A", "B"]},
            },
        },
    ],
}
WRONG = {"tables": [GOOD["tables"][0] | {"columnRuleMap": {"id": {"type": "SEQUENZ"}}}]}


def command(*words):
    result = CliRunner().invoke(app, list(map(str, words)))
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def test_a_policy_from_a_description(tmp_path, monkeypatch):
    with chat(monkeypatch, lambda *_: GOOD) as server:
        code, text = command("draft", "a clinic; ten thousand patients, German", "-o", tmp_path / "clinic.json")
    assert code == 0, text
    assert json.loads((tmp_path / "clinic.json").read_text()) == GOOD
    assert "patients (10,000)" in text
    assert "promises kept, 0 broken" in text
    assert "1 round, 150 tokens" in text
    question = json.loads(server.bodies()[0]["messages"][1]["content"])
    assert question == {"wanted": "a clinic; ten thousand patients, German"}
    assert command("validate", tmp_path / "clinic.json")[0] == 0


def test_problems_go_back_to_the_model(monkeypatch):
    with chat(monkeypatch, lambda _, number: [None, "Sure! Here it is.", WRONG, GOOD][number]) as server:
        code, text = command("draft", "a clinic", "--json")
    assert code == 0
    assert json.loads(text)["rounds"] == 3
    told = server.bodies()[2]["messages"][-1]["content"]
    assert "SEQUENZ" in told and "/tables/0/columnRuleMap/id/type" in told and "remedy" in told
    assert "no JSON object" in server.bodies()[1]["messages"][-1]["content"]


def test_after_three_rounds_it_ends(tmp_path, monkeypatch):
    with chat(monkeypatch, lambda *_: WRONG) as server:
        code, text = command("draft", "a clinic", "-o", tmp_path / "p.json")
    assert code == 1
    assert len(server.requests) == 3
    assert "After 3 rounds" in text
    assert not (tmp_path / "p.json").exists()


def test_a_change_of_a_policy(tmp_path, monkeypatch):
    (tmp_path / "p.json").write_text(json.dumps(GOOD))
    with chat(monkeypatch, lambda *_: GOOD) as server:
        assert command("draft", "fewer wards", "--change", tmp_path / "p.json")[0] == 0
    assert json.loads(server.bodies()[0]["messages"][1]["content"])["policyToChange"] == GOOD
    assert command("draft", "x", "-o", tmp_path / "p.json")[0] == 2


@pytest.mark.parametrize(
    "rule, code",
    [
        ({"type": "SEED", "seedFileName": "/etc/passwd"}, "not-in-drafts"),
        ({"type": "SEED", "values": ["jane.doe@gmail.com"]}, "personal-data"),
    ],
)
def test_what_a_draft_may_not_name(monkeypatch, rule, code):
    evil = {"tables": [{"tableName": "t", "columnRuleMap": {"x": rule}}], "fpeKeys": {"k": {"env": "HOME"}}}
    assert {problem.code for problem in reaching_out(evil)} == {code, "not-in-drafts"}
    with chat(monkeypatch, lambda *_: evil):
        status, text = command("draft", "x", "--json")
    assert status == 1
    assert json.loads(text)["policy"] == evil


def test_foreign_files_and_too_many_rows_are_refused(monkeypatch):
    referring = {
        "tables": [
            {
                "tableName": "t",
                "foreignKeys": [{"columns": ["a"], "references": [{"file": "k.csv", "columns": ["a"]}]}],
                "columnRuleMap": {"a": {}},
            }
        ]
    }
    assert [problem.code for problem in reaching_out(referring)] == ["not-in-drafts"]
    many = {"tableName": "t", "rowCount": "2b", "columnRuleMap": {"n": {"type": "SEQUENCE"}}}
    with chat(monkeypatch, lambda *_: many):
        text = command("draft", "x", "--json")[1]
    assert json.loads(text)["problems"][0]["code"] == "too-many-rows"


def test_without_a_model_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv("FAASERA_AI_BASE_URL", raising=False)
    code, text = command("draft", "a clinic")
    assert code == 2
    assert "FAASERA_AI_BASE_URL" in text


def test_the_model_is_told_every_type():
    text = instructions()
    for name in ("SEED", "RANDOM", "PRESERVE", "DATE_RANDOM", "SEQUENCE", "first-name", "iban-code"):
        assert name in text
    assert "{types}" not in text and "{{" not in text
