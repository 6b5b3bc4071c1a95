"""The statements of a script, whoever wrote it: a person, a dump, a tool that migrates."""

import re
from collections import Counter
from collections.abc import Iterator

from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.scripts.tokens import BROKEN, SYMBOL, WORD, Statement, Token, scan

_DELIMITER = re.compile(r"[ \t]*DELIMITER[ \t]+(\S+)[^\n]*", re.I)
_META = re.compile(r"[ \t]*(?:\\[^\n]*|\.[a-z]+[^\n]*|@@?\S[^\n]*)")
_HASH = re.compile(r"#[^\n]*")
_BATCH = re.compile(r"[ \t]*GO(?:[ \t]+\d+)?[ \t]*;?[ \t]*(?:--[^\n]*)?\r?(?=\n|\Z)", re.I)
_SLASH = re.compile(r"[ \t]*/[ \t]*\r?(?=\n|\Z)")
_CLIENT = re.compile(
    r"(?:PROMPT|REM|REMARK|SPOOL|WHENEVER|SET\s+(?:DEFINE|FEEDBACK|ECHO|SQLBLANKLINES|VERIFY|SERVEROUTPUT|SCAN))\b[^\n]*",
    re.I,
)
_BLANK = re.compile(r"(?:\s+|--[^\n]*)*")
_DUMPS = (
    (
        re.compile(r"^-- PostgreSQL database dump\s*$", re.M),
        re.compile(r"^-- PostgreSQL database (cluster )?dump complete", re.M),
    ),
    (re.compile(r"^-- (MySQL|MariaDB) dump ", re.M), re.compile(r"^-- Dump completed", re.M)),
)
_HEAD = 4000
_COPY_END = re.compile(r"^\\\.\r?$", re.M)
_ROUTINES = ("FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "EVENT", "PACKAGE")
_KINDS = (
    *_ROUTINES,
    "TABLE",
    "VIEW",
    "INDEX",
    "TYPE",
    "SCHEMA",
    "SEQUENCE",
    "DOMAIN",
    "EXTENSION",
    "RULE",
    "USER",
    "ROLE",
    "DATABASE",
    "POLICY",
)
_NO_BLOCKS = ("IF", "LOOP", "WHILE", "REPEAT", "FOR")
# A batch of SQL Server has statements without a sign between them.
_NEXT = re.compile(
    r"[ \t]*(?:CREATE|INSERT|EXEC|EXECUTE|PRINT|IF|USE|BEGIN|END|ALTER\s+(?:TABLE|DATABASE|AUTHORIZATION)|DROP\s+(?:TABLE|INDEX|VIEW|SCHEMA|TYPE))\b",
    re.I,
)


class Splitter:
    """Finds where statements begin and end.

    Args:
        text: the script.
        lexis: of its dialect.

    Attributes:
        left_out: what is no SQL, by its kind, and how often.
        cut: how the script shows that its end is missing; empty where it does not.
    """

    def __init__(self, text: str, lexis: Lexis) -> None:
        self.text = text
        self.lexis = lexis
        self.left_out: Counter[str] = Counter()
        self.cut = ""
        self._delimiter = ";"
        self._line, self._counted = 1, 0

    def statements(self) -> Iterator[Statement]:
        """One after the other, without the signs between them."""
        at = 0
        while at < len(self.text):
            at = self._past_noise(at)
            tokens, at = self._one(at)
            if not tokens:
                continue
            whole = tokens[-1].kind != BROKEN and (at < len(self.text) or _balanced(tokens))
            made = Statement(self.text, tuple(tokens), self._line_of(tokens[0].start), whole)
            yield made
            if tokens[0].upper == "COPY" and _from_input(tokens):
                found = _COPY_END.search(self.text, at)
                at = found.end() if found else len(self.text)
                if not found:
                    self.cut = "it ends among the rows of a table: what follows is missing"
        for begins, ends in _DUMPS:
            if not self.cut and begins.search(self.text[:_HEAD]) and not ends.search(self.text[-_HEAD:]):
                self.cut = "it begins as a dump and has not its last line: keys and tables at its end may be missing"

    def _line_of(self, place: int) -> int:
        """The line of a place, which is asked for in order."""
        self._line += self.text.count("\n", self._counted, place)
        self._counted = max(place, self._counted)
        return self._line

    def _past_noise(self, at: int) -> int:
        """Where the next statement may begin: behind what is said to a client, and not to a database."""
        while at < len(self.text):
            found = _BLANK.match(self.text, at)
            at = found.end() if found else at
            begin = self.text.rfind("\n", 0, at) + 1
            if self.text[begin:at].strip():
                return at
            if match := _DELIMITER.match(self.text, at):
                self._delimiter = match[1]
            elif match := _META.match(self.text, at):
                if re.match(r"\\(i|ir|include|include_relative)\b|@", match[0].strip()):
                    self.left_out["other file, which is not followed"] += 1
            elif (
                (not self.lexis.hashes and (match := _HASH.match(self.text, at)))
                or (self.lexis.batches and (match := _BATCH.match(self.text, at)))
                or (self.lexis.slashes and (match := (_SLASH.match(self.text, at) or _CLIENT.match(self.text, at))))
            ):
                pass
            else:
                return at
            at = match.end()
        return at

    def _one(self, at: int) -> tuple[list[Token], int]:
        """The tokens of the statement that begins at a place, and where the next one may begin."""
        tokens: list[Token] = []
        routine: _Routine | None = None
        decided, depth, last = False, 0, at
        for token in scan(self.text, self.lexis, at):
            if tokens or token.start > at:
                ended = self._line_end(last, token.start, tokens, depth, routine)
                if ended is not None:
                    return tokens, ended
            if self._delimiter != ";" and self.text.startswith(self._delimiter, token.start):
                return tokens, token.start + len(self._delimiter)
            tokens.append(token)
            last = token.end
            if token.kind == SYMBOL:
                depth += 1 if token.upper == "(" else -1 if token.upper == ")" else 0
                if token.upper == ";" and self._delimiter == ";" and (routine is None or routine.ended):
                    return tokens[:-1], token.end
            elif token.kind == WORD:
                if not decided and token.upper in _KINDS:
                    decided = True
                    if tokens[0].upper in ("CREATE", "ALTER") and token.upper in _ROUTINES:
                        batch = self.lexis.routine_ends or (self.lexis.slashes and _has_slash(self.text, token.end))
                        routine = _Routine(batch)
                elif not decided and len(tokens) == 1 and token.upper in ("DECLARE", "BEGIN") and self.lexis.slashes:
                    decided, routine = True, _Routine(_has_slash(self.text, token.end))
                if routine is not None:
                    routine.take(token.upper, self.text, token.end)
        return tokens, len(self.text)

    def _line_end(
        self, last: int, start: int, tokens: list[Token], depth: int, routine: "_Routine | None"
    ) -> int | None:
        """Where a statement ends at the end of a line; None where it goes on."""
        if not (self.lexis.batches or self.lexis.slashes) or "\n" not in self.text[last:start]:
            return None
        line = self.text.rfind("\n", last, start) + 1
        if self.lexis.batches and _BATCH.match(self.text, line):
            return line
        if self.lexis.slashes and _SLASH.match(self.text, line):
            return line
        if self.lexis.routine_ends and routine is None and depth <= 0 and tokens and _NEXT.match(self.text, line):
            return line
        return None


class _Routine:
    """How deep a routine's body is in blocks."""

    def __init__(self, to_batch: bool) -> None:
        self.to_batch = to_batch
        self.depth = 0
        self.before = ""

    def take(self, word: str, text: str, end: int) -> None:
        following = re.match(r"\s*(\w+|;)", text[end : end + 40])
        after = following[1].upper() if following else ""
        if word == "BEGIN" or (word == "CASE" and self.before != "END"):
            self.depth += 1
        elif word == "END" and after not in _NO_BLOCKS:
            self.depth -= 1
        self.before = word

    @property
    def ended(self) -> bool:
        """Whether a semicolon ends it here."""
        return not self.to_batch and self.depth <= 0


def _has_slash(text: str, at: int) -> bool:
    return re.compile(r"^[ \t]*/[ \t]*\r?$", re.M).search(text, at) is not None


def _balanced(tokens: list[Token]) -> bool:
    return sum({"(": 1, ")": -1}.get(token.upper, 0) for token in tokens if token.kind == SYMBOL) <= 0


def _from_input(tokens: list[Token]) -> bool:
    """Whether rows follow the statement."""
    words = [token.upper for token in tokens if token.kind == WORD]
    return "FROM" in words and "STDIN" in words
