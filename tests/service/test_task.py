"""A load that was cut off at the worst moment: just before its commit, or just after it."""

import json
from pathlib import Path

import pytest
from database_fixtures import DIALECTS, ask
from service_process import POLICY

from faasera.core.errors import PolicyError
from faasera.run.order import IntoDatabase, Order
from faasera.service import task


@pytest.fixture
def load(fresh, tmp_path: Path, monkeypatch):
    """Does the task of a job into a new database, and tells how many rows there are then."""
    told: list[dict] = []
    monkeypatch.setattr(task, "tell", told.append)

    def make(dialect: str):
        url = fresh(dialect)
        monkeypatch.setenv("FAASERA_CONNECTION_TARGET", url)

        def run(mode: str, folder: str) -> tuple[dict, int]:
            path = tmp_path / folder
            (path / "seeds").mkdir(parents=True, exist_ok=True)
            (path / "output").mkdir(exist_ok=True)
            (path / "seeds/policy.json").write_text(json.dumps(POLICY))
            order = Order(str(path / "seeds/policy.json"), IntoDatabase("target", mode), workers=2)
            task.job({"folder": str(path), "order": order.as_dict()})
            return json.loads((path / "manifest.json").read_text()), ask(url, "SELECT count(*) FROM customers")[0][0]

        return run

    return make


@pytest.mark.parametrize("dialect", DIALECTS)
def test_killed_just_after_the_commit(load, tmp_path, dialect):
    run = load(dialect)
    for mode, rows in (("fail", 1000), ("append", 2000), ("truncate", 1000), ("replace", 1000)):
        first, found = run(mode, mode)
        assert found == rows
        # The rows are kept, and the note of that is lost.
        (tmp_path / mode / "manifest.json").unlink()
        again, found = run(mode, mode)
        assert (again["tables"][0]["digest"], found) == (first["tables"][0]["digest"], rows), mode


class KilledError(Exception):
    pass


@pytest.mark.parametrize("dialect", DIALECTS)
def test_killed_just_before_the_commit(load, tmp_path, monkeypatch, dialect):
    run = load(dialect)
    kept = task._Log.commit

    def commit(self, manifest):
        kept(self, manifest)
        raise KilledError

    for mode, rows in (("fail", 1000), ("append", 2000)):
        monkeypatch.setattr(task._Log, "commit", commit)
        with pytest.raises(KilledError):
            run(mode, mode)
        assert (tmp_path / mode / "about.json").exists()
        monkeypatch.setattr(task._Log, "commit", kept)
        _, found = run(mode, mode)
        assert found == rows, mode


def test_rows_of_somebody_else_are_not_taken_for_ours(load, tmp_path):
    run = load("sqlite")
    run("fail", "first")
    with pytest.raises(PolicyError) as raised:
        run("fail", "second")
    assert raised.value.problems[0].code == "target-not-empty"
    assert not (tmp_path / "second/manifest.json").exists()
