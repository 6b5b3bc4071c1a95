"""What is data is shown as it is: never an emoji, markup or a control sequence."""

import json
from pathlib import Path
from typing import Any

import pytest
from policies import table
from rich.console import Console
from typer.testing import CliRunner

from faasera.frontends import show, terminal
from faasera.frontends.cli import app

HOSTILE = "02:05:8e:ab:6b:fa [red]x[/red] [/] :smile: \\"


def run(*arguments: Any) -> str:
    found = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "300"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rules = {
        "mac:ab: [bold]": {"type": "CONSTANT", "value": HOSTILE},
        "x": {"type": "RANDOM", "range": {"min": 1, "max": 5}},
        "seen": {"type": "PRESERVE", "pattern": "{x} :heart: [b]"},
    }
    checks = [{"name": "[i]c[/i] :sun:", "expression": "x > 0"}]
    (tmp_path / "p:ab:.json").write_text(json.dumps(table(rules, 3, checks=checks) | {"tableName": "t:ab:[u]"}))
    monkeypatch.setattr(terminal.out, "_width", 300)
    monkeypatch.setattr(terminal.err, "_width", 300)
    return tmp_path


def test_rows_plans_and_runs(folder: Path):
    policy = folder / "p:ab:.json"
    assert f"{HOSTILE} " in run("preview", policy) and "mac:ab: [bold]" in run("preview", policy)
    plan = run("plan", policy)
    for said in (f"always {HOSTILE}", "t:ab:[u]", "{x} :heart: [b]", "check: [i]c[/i] :sun:"):
        assert said in plan
    assert "p:ab:: 1 tables" in run("validate", policy)
    assert "t:ab:[u]" in run("generate", policy, "--out", folder / "o:ab:")
    file = next((folder / "o:ab:").glob("t*.csv"))
    file.write_text(file.read_text().replace("6b:fa", "6b:fb", 1))
    found = run("check", folder / "o:ab:")
    assert "t:ab:[u]: values mac:ab: [bold]" in found and json.dumps(HOSTILE.replace("6b:fa", "6b:fb")) in found


@pytest.mark.parametrize(
    "call",
    [
        ("preview", ":ab:[red].json"),
        ("catalog", ":ab:[red]"),
        ("import", ":ab:[red]", "-o", "x.json"),
        ("manifest", ":ab:[red]"),
        ("check", ":ab:[red]"),
    ],
)
def test_errors_name_what_was_given(call: tuple[str, ...]):
    assert ":ab:[red]" in run(*call).replace("\n", "")


def test_an_import_names_tables_and_columns(tmp_path: Path):
    (tmp_path / "s.sql").write_text('create table "t:ab:[red]" (id int primary key, ":sun:" geometry not null);')
    found = run("import", tmp_path / "s.sql", "--dialect", "postgres", "-o", tmp_path / "p.json")
    assert "t:ab:[red]" in found and "☀" not in found


def test_control_characters_do_nothing(tmp_path: Path):
    (tmp_path / "p.json").write_text(json.dumps(table({"c": {"type": "CONSTANT", "value": "a\x1b[31mb\x07"}}, 1)))
    assert r"a\x1b[31mb\x07" in run("preview", tmp_path / "p.json")


def test_progress_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch):
    screen = Console(force_terminal=True, width=200, record=True, emoji=False)
    monkeypatch.setattr(show, "err", screen)
    with show.check_progress(quiet=False) as progress:
        assert progress is not None
        progress("t:ab:[red]", "keys")
    assert "t:ab:[red]" in screen.export_text()
