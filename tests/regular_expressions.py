"""Random regular expressions and texts, and the engines that say which of them match."""

import json
import random
import re
import sqlite3
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from database_fixtures import ask

Asked = list[tuple[str, list[str]]]
"""Patterns, each with texts."""
Judge = Callable[[Asked], list[list[bool]]]
"""Tells which texts a pattern matches."""

_ATOMS = (
    "a", "b", "-", "1", "_", " ", ".", r"\.", r"\-", "[a-c]", "[^a]", "[a-c1_-]", "[+*?]", "[a{1,2}]", r"\d", r"\w", r"\s", r"\D", r"\W",
    r"\S", r"\t", "[^a-z ]", r"[\d_]", r"[\w.]", r"[^\s]",
)  # fmt: skip
_POSIX = (
    "[[:alpha:]]", "[[:digit:]]", "[[:upper:][:digit:]]", "[^[:space:]]", "[[:punct:]]", "[^[:alnum:]_]", "[[:lower:]]", "[[:xdigit:]]",
    "[]a]", "[^]a]",
)  # fmt: skip
_TIMES = ("*", "+", "?", "{2}", "{1,3}", "{1,}", "{1,2}?", "*?", "+?")
_LOOKS = ("(?=%s)", "(?!%s)")


@dataclass(frozen=True)
class Grammar:
    """What random patterns of an engine are made of."""

    atoms: tuple[str, ...]
    times: tuple[str, ...] = _TIMES
    places: tuple[str, ...] = ()
    groups: tuple[str, ...] = ("(", "(?:")
    folding: bool = True
    looks: tuple[str, ...] = field(default=_LOOKS)


GRAMMARS = {
    "postgres": Grammar((*_ATOMS, *_POSIX, r"\x41", r"\u0062", "[[.-.]]"), (*_TIMES, "??", "{0}"), (r"\m", r"\M", r"\y", "[[:<:]]", r"\A", r"\Z")),
    "mysql": Grammar((*_ATOMS, *_POSIX, r"\x41", r"\x{62}"), (*_TIMES, "*+", "?+"), (r"\b", r"\B", r"\A"), ("(", "(?:", "(?<n>", "(?i:")),
    "ecma": Grammar((*_ATOMS, r"\x41", r"\u0062", "[^]"), _TIMES, (r"\b", r"\B"), ("(", "(?:", "(?<n>"), folding=False),
    "duckdb": Grammar((*_ATOMS, *_POSIX, r"\x41"), _TIMES, (r"\b", r"\B"), ("(", "(?:", "(?P<n>"), looks=()),
    "sqlite": Grammar((*_ATOMS, "[]a]", r"\x41"), _TIMES, (r"\b",), ("(", "(?:", "(?P<n>")),
}  # fmt: skip


class Maker:
    """Makes patterns of an engine."""

    def __init__(self, engine: str, seed: int) -> None:
        self.grammar = GRAMMARS[engine]
        self.chance = random.Random(f"{engine} {seed}")
        self.named = 0

    def pattern(self) -> str:
        """A pattern, with and without anchors, flags and look-around."""
        chance, self.named = self.chance, 0
        made = "".join(self._part(3) for _ in range(chance.randint(1, 3)))
        if self.grammar.looks and chance.random() < 0.15:
            made = chance.choice(self.grammar.looks) % self._part(1) + made
        made = ("^" if chance.random() < 0.5 else "") + made + ("$" if chance.random() < 0.5 else "")
        return f"(?i){made}" if self.grammar.folding and chance.random() < 0.15 else made

    def _part(self, depth: int) -> str:
        chance, kind = self.chance, self.chance.random()
        if depth <= 0 or kind < 0.45:
            return chance.choice(self.grammar.atoms)
        if kind < 0.65:
            return "".join(self._part(depth - 1) for _ in range(chance.randint(1, 3)))
        if kind < 0.8:
            self.named += 1
            opening = chance.choice(self.grammar.groups).replace("<n>", f"<n{self.named}>")
            return opening + "|".join(self._part(depth - 1) for _ in range(chance.randint(1, 3))) + ")"
        if kind < 0.85 and self.grammar.places:
            return chance.choice(self.grammar.places) + self._part(depth - 1)
        repeated = chance.choice(self.grammar.atoms) if chance.random() < 0.6 else f"(?:{self._part(depth - 1)})"
        return repeated + chance.choice(self.grammar.times)

    def texts(self, count: int) -> list[str]:
        """Short texts of few characters, some of them no ASCII."""
        letters = [*"aabbcA1-_. ]{+é\t\n\u00a0"]
        return ["".join(self.chance.choice(letters) for _ in range(self.chance.randint(0, 7))) for _ in range(count)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def postgres(url: str, operator: str = "~") -> Judge:
    """PostgreSQL, in one statement."""

    def judge(asked: Asked) -> list[list[bool]]:
        rows = (
            f"({number}, {_quoted(pattern)}, ARRAY[{', '.join(map(_quoted, texts))}])"
            for number, (pattern, texts) in enumerate(asked)
        )
        matched = f"SELECT t {operator} p FROM unnest(texts) WITH ORDINALITY x(t, n) ORDER BY n"
        answer = f"SELECT array({matched}) FROM (VALUES {', '.join(rows)}) y(number, p, texts) ORDER BY number"
        return [found for (found,) in ask(url, answer)]

    return judge


def mariadb(url: str) -> Judge:
    """MariaDB, in one statement; small letters are not capitals in the collation that is asked for."""

    def judge(asked: Asked) -> list[list[bool]]:
        shown = (
            ", ".join(f"{literal(text)} COLLATE utf8mb4_bin REGEXP {literal(pattern)}" for text in texts)
            for pattern, texts in asked
        )
        (row,) = ask(url, "SELECT " + ", ".join(f"CONCAT({one})" for one in shown))
        return [[one == "1" for one in found] for found in row]

    def literal(text: str) -> str:
        return _quoted(text.replace("\\", "\\\\"))

    return judge


def duckdb(asked: Asked) -> list[list[bool]]:
    """DuckDB."""
    import duckdb as engine

    parts = (
        f"[regexp_matches(t, {_quoted(pattern)}) for t in ${number}]" for number, (pattern, _) in enumerate(asked, 1)
    )
    found = engine.execute(f"SELECT {', '.join(parts)}", [texts for _, texts in asked]).fetchone()
    return list(found or ())


def python(asked: Asked) -> list[list[bool]]:
    """What programs give SQLite as its REGEXP."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [[re.search(pattern, text) is not None for text in texts] for pattern, texts in asked]


def sqlite(operator: str) -> Judge:
    """LIKE or GLOB of SQLite."""

    def judge(asked: Asked) -> list[list[bool]]:
        with sqlite3.connect(":memory:") as engine:
            given = f"SELECT ? {operator} ?"
            return [[bool(engine.execute(given, (text, one)).fetchone()[0]) for text in texts] for one, texts in asked]

    return judge


_PAGE = """<pre id="found"></pre><script>
const found = %s.map(([pattern, texts]) => texts.map(text => new RegExp(pattern).test(text)));
document.getElementById("found").textContent = JSON.stringify(found);
</script>"""


def ecma(folder: Path) -> Judge:
    """Chromium, without a driver."""

    def judge(asked: Asked) -> list[list[bool]]:
        page = folder / "patterns.html"
        page.write_text(_PAGE % json.dumps(asked))
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        command = ["/usr/bin/chromium", *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        return list(json.loads(re.search(r'<pre id="found">(.*?)</pre>', shown, re.S)[1]))  # type: ignore[index]

    return judge
