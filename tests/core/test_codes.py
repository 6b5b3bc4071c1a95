"""Every problem that the source names has a number, a cause and a remedy, and the docs list them all."""

import ast
import re
from pathlib import Path

from faasera.core.codes import codes, number_of
from faasera.core.errors import Problem

ROOT = Path(__file__).parents[2]
_WORD = re.compile(r"^[a-z]+(-[a-z]+)*$")
_REPORTERS = {"add", "report", "_report", "_fail", "_refuse"}


def named() -> dict[str, str]:
    """The words of problems in the source, each with a place."""
    found = {}
    for path in (ROOT / "src/faasera").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = 1 if name == "Problem" else 0 if name in _REPORTERS or name.endswith("Error") else None
            if place is None or len(node.args) < place + 3:
                continue
            given = node.args[place]
            options = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
            for option in options:
                if isinstance(option, ast.Constant) and isinstance(option.value, str) and _WORD.match(option.value):
                    found[option.value] = f"{path.name}:{node.lineno}"
    return found


def test_every_problem_of_the_source_is_listed():
    assert {word: place for word, place in named().items() if word not in codes()} == {}
    assert len(named()) > 150


def test_numbers_are_in_order_and_do_not_change():
    numbers = [code.number for code in codes().values()]
    assert numbers == [f"F{place:03d}" for place in range(1, len(numbers) + 1)]
    assert (number_of("policy-unreadable"), number_of("no-effect"), number_of("domain-too-small")) == (
        "F001",
        "F014",
        "F040",
    )
    assert number_of("of-a-plug-in") == ""


def test_every_code_says_why_and_what_to_do():
    for code in codes().values():
        assert code.cause.endswith(".") and code.remedy.endswith("."), code


def test_messages_and_json_have_the_number():
    problem = Problem("/a", "unknown-key", "no", "Do.")
    assert str(problem) == "/a: no [unknown-key, F007] Do."
    assert problem.as_dict()["number"] == "F007"
    assert Problem.from_dict(problem.as_dict()) == problem


def test_the_page_of_the_docs_lists_them_all():
    page = (ROOT / "docs/errors.md").read_text()
    for code in codes().values():
        assert f"| {code.number} | `{code.word}` | {code.cause} | {code.remedy} |" in page
