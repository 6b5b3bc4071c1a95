"""Regular expressions mean what they mean in the engine that they come from: random ones, on random texts."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import regular_expressions as engines
from database_fixtures import do, opened

import faasera
from faasera.core.streams import Stream
from faasera.core.types import STRING
from faasera.generators.expression_functions import matches
from faasera.generators.patterns import parse_pattern
from faasera.generators.regex.conjuncts import conjuncts
from faasera.generators.regex.flavours import (
    ECMA,
    GLOB,
    LIKE,
    PERL,
    POSTGRESQL,
    PYTHON,
    RE2,
    SIMILAR,
    Flavour,
    escaped_by,
)
from faasera.generators.regex.reading import read
from faasera.generators.regex.tree import RegexError
from faasera.generators.texts import TextDomain
from faasera.run.importing import import_schema
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan
from faasera.schema.matching import SqlPattern
from faasera.schema.text_forms import TextForm

FLAVOURS = {"postgres": POSTGRESQL, "mysql": PERL, "ecma": ECMA, "duckdb": RE2, "sqlite": PYTHON}
ENGINES = list(FLAVOURS)
_WORDS = re.compile(r"\\[bBmMyY]|\[\[:[<>]:\]\]")
_LAST_NEWLINE = ("mysql", "sqlite")


@pytest.fixture
def judge(server_url: Callable[[str], str], tmp_path: Path) -> Callable[[str], engines.Judge]:
    """Who says what an engine's patterns match."""
    made: dict[str, Callable[[], engines.Judge]] = {
        "postgres": lambda: engines.postgres(server_url("postgres")),
        "mysql": lambda: engines.mariadb(server_url("mysql")),
        "ecma": lambda: engines.ecma(tmp_path),
        "duckdb": lambda: engines.duckdb,
        "sqlite": lambda: engines.python,
    }
    return lambda engine: made[engine]()


def said(pattern: str, flavour: Flavour, texts: list[str], *, negated: bool = False) -> list[bool]:
    """What expressions say of an engine's pattern."""
    canonical = SqlPattern(pattern, flavour).canonical(negated=negated)
    return list(matches(pa.array(texts), pa.scalar(canonical)).to_pylist())


def compare(engine: str, pattern: str, flavour: Flavour, texts: list[str], truth: list[bool]) -> None:
    """A match is surely one of the engine; what surely matches not, is none; within ASCII both are the same."""
    surely, perhaps = (said(pattern, flavour, texts, negated=negated) for negated in (False, True))
    for text, sure, maybe, true in zip(texts, surely, perhaps, truth, strict=True):
        # Where words end is the locale's beyond ASCII, and where a last line does is told of sure matches alone.
        plain = text.isascii() or not _WORDS.search(pattern)
        ended = engine not in _LAST_NEWLINE or not text.endswith("\n")
        seen = (engine, pattern, text)
        assert true or not sure or not plain, seen
        assert maybe or not true or not (plain and ended), seen
        assert sure == true or not (text.isascii() and ended), seen


@pytest.mark.parametrize("engine", ENGINES)
def test_random_patterns_match_what_they_match_in_their_engine(engine, judge, seed):
    maker = engines.Maker(engine, seed)
    texts = maker.texts(30)
    patterns = [maker.pattern() for _ in range(100)]
    compared = 0
    for pattern, truth in zip(patterns, judge(engine)([(one, texts) for one in patterns]), strict=True):
        try:
            compare(engine, pattern, FLAVOURS[engine], texts, truth)
        except RegexError as error:
            assert re.search("look-around|possessive|of a word", str(error)), (pattern, error)
            continue
        compared += 1
    assert compared > 60


@pytest.mark.parametrize("engine", ["postgres", "mysql", "ecma"])
def test_texts_of_random_patterns_match_in_their_engine(engine, judge, seed):
    maker = engines.Maker(engine, seed + 1)
    made: dict[str, list[str]] = {}
    while len(made) < 40:
        pattern = maker.pattern()
        try:
            canonical = SqlPattern(pattern, FLAVOURS[engine]).canonical(negated=False)
            form = TextForm(conjuncts(read(canonical, RE2)), 0, 60)
        except RegexError:
            continue
        for one in form.patterns(keyed=False):
            texts = TextDomain(parse_pattern(one), STRING).random(
                np.arange(6, dtype=np.uint64), Stream(1, "t", "c", "v")
            )
            # The import tries its patterns, too; what an impossible one makes matches nowhere.
            if all(matches(texts, pa.scalar(canonical)).to_pylist()):
                made[pattern] = texts.to_pylist()
    for (pattern, texts), truth in zip(made.items(), judge(engine)(list(made.items())), strict=True):
        plain = [text.isascii() or not _WORDS.search(pattern) for text in texts]
        assert all(true or not one for true, one in zip(truth, plain, strict=True)), pattern


LIKES = ["a%", "%a_", "a\\_%", "\\%%", "_", "%", "a.b%", "%[a]%", "A%", "a\nb%", ""]
SIMILARS = ["a%", "(a|b)_", "[[:alpha:]]+", "a{2}%", "a.b", "^a", "[^a-c]_*", "a\\%", "%(b|c)+", ""]
GLOBS = ["a*", "*[0-9]*", "?", "[]a]*", "[^a]?", "*", "a.b*", "[a-c]", ""]
TEXTS = [
    "",
    "a",
    "ab",
    "a_b",
    "a%b",
    "a.b",
    "b2",
    "aab",
    "a[a]",
    "A",
    "a\nb",
    "^a",
    "]x",
    "x",
    "ac",
    "abcb",
    "a\\_b",
    "%",
]


@pytest.mark.parametrize(
    ("patterns", "operator", "flavour"), [(LIKES, "LIKE", LIKE), (SIMILARS, "SIMILAR TO", SIMILAR)]
)
def test_wildcards_of_postgresql(patterns, operator, flavour, server_url):
    for pattern, truth in zip(
        patterns, engines.postgres(server_url("postgres"), operator)([(one, TEXTS) for one in patterns]), strict=True
    ):
        assert said(pattern, flavour, TEXTS) == truth, pattern


@pytest.mark.parametrize(
    ("patterns", "operator", "flavour"), [(LIKES, "LIKE", escaped_by(LIKE, "")), (GLOBS, "GLOB", GLOB)]
)
def test_wildcards_of_sqlite(patterns, operator, flavour):
    for pattern, truth in zip(patterns, engines.sqlite(operator)([(one, TEXTS) for one in patterns]), strict=True):
        canonical = SqlPattern(pattern, flavour, fold=operator == "LIKE").canonical(negated=False)
        assert matches(pa.array(TEXTS), pa.scalar(canonical)).to_pylist() == truth, pattern


COLUMNS = {
    "postgres": r"""iswc char(15) NOT NULL CHECK (iswc ~ '^T-?\d{3}.?\d{3}.?\d{3}[-.]?\d$'), low char(8) NOT NULL CHECK (low !~ '[A-Z ]'),
        email text NOT NULL UNIQUE CHECK (email ~* '^[[:alnum:]._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$'), w text NOT NULL CHECK (w ~ '\mfoo\M'),
        s text NOT NULL CHECK (s SIMILAR TO '(a|b)_{2}%'), l text NOT NULL CHECK (l LIKE 'A\_%' AND l NOT LIKE '%!%%' ESCAPE '!'),
        p text NOT NULL CHECK (p ~ '^(?=.*\d)(?=.*[a-z]).{8,}$'), r text NOT NULL CHECK (r ~ '^(.)\1+$'), n text NOT NULL CHECK (n !~ '^\s|\s$')""",
    "mysql": r"""email varchar(80) NOT NULL UNIQUE CHECK (email REGEXP '^[[:alnum:]._%+-]+@[[:alnum:].-]+[.][a-z]{2,}$'),
        code char(8) NOT NULL CHECK (code REGEXP '^[A-Z]{2}[0-9]+$'), l varchar(20) NOT NULL CHECK (l LIKE 'A\\_%'),
        x varchar(30) NOT NULL CHECK (x RLIKE '^(?:ab|cd)+?x++y$'), r varchar(9) NOT NULL CHECK (r REGEXP '^([a-z])\\1$')""",
    "sqlite": r"""a text NOT NULL CHECK (a GLOB '[A-Z][0-9]*'), b text NOT NULL CHECK (b NOT GLOB '*[^0-9]*' AND length(b) = 5),
        c text NOT NULL CHECK (c LIKE '%\_%' ESCAPE '\')""",
    "duckdb": r"""a varchar NOT NULL CHECK (regexp_full_match(a, '(ab|cd)+')), b varchar NOT NULL CHECK (b SIMILAR TO '[A-Z]{3}-\d+'),
        c varchar NOT NULL CHECK (regexp_matches(c, '^[[:alpha:]]+$'))""",
}  # fmt: skip


@pytest.mark.parametrize("dialect", COLUMNS)
def test_tables_with_patterns_are_filled_and_proved(dialect, fresh, tmp_path, monkeypatch):
    url = fresh(dialect)
    do(url, f"CREATE TABLE t (id int PRIMARY KEY, {COLUMNS[dialect]})")
    monkeypatch.setenv("FAASERA_CONNECTION_FILLED", url)
    imported = import_schema("filled", tmp_path / "policy.json")
    assert not imported.problems
    database = opened(url)
    DatabaseRun(load_plan(tmp_path / "policy.json", rows={"t": 300}), database).execute()
    database.close()
    report = faasera.check("filled", tmp_path / "policy.json", rows={"t": 300})
    assert report.ok, report.failed[:3]
    assert sum(finding.kind == "check" for finding in report.findings) >= 3
