"""The words of a script, and its statements: read once, from the first character to the last."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from faasera.schema.dialects.lexis import Lexis

WORD, QUOTED, TEXT, NUMBER, SYMBOL, BROKEN = "word", "quoted", "text", "number", "symbol", "broken"
"""Kinds of tokens; a broken one begins something that does not end."""


class Token(NamedTuple):
    """One word, name, text or sign.

    Attributes:
        kind: which.
        value: a name or text without its quotes; all else as it stands.
        upper: a word in capitals, a sign as it stands; empty for names in quotes, texts and numbers.
        start: where it begins in the script.
        end: where it has ended.
    """

    kind: str
    value: str
    upper: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One statement of a script.

    Attributes:
        text: the script.
        tokens: its words.
        line: where it begins, counted from 1.
        whole: whether it has its end.
    """

    text: str
    tokens: tuple[Token, ...]
    line: int
    whole: bool = True

    @property
    def sql(self) -> str:
        """As it is written."""
        return self.text[self.tokens[0].start : self.tokens[-1].end] if self.tokens else ""


_TOKEN = r"""
(?P<space>\s+|--[^\n]*{hashes})
|(?P<condition>{conditional})
|(?P<comment>/\*)
|(?P<text>(?:[eEnNbBxXuU]&?)?'{text}')
|(?P<dollars>\$(?P<tag>(?:[A-Za-z_][\w]*)?)\$)
|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`{brackets})
|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$])|\.\d+)
|(?P<word>[\w@\#][\w@$\#]*)
|(?P<broken>["'`])
|(?P<symbol>::|:=|<>|<=|>=|!=|\|\||.)
"""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}


@lru_cache(maxsize=64)
def _pattern(lexis: Lexis) -> re.Pattern[str]:
    made = _TOKEN.format(
        hashes=r"|\#[^\n]*" if lexis.hashes else "",
        conditional=r"/\*M?!\d*|\*/" if lexis.conditional else "(?!)",
        text=r"(?:[^'\\]|''|\\.)*" if lexis.backslashes else r"(?:[^']|'')*",
        brackets=r"|\[(?!\d*\])(?:[^\]]|\]\])*\]" if lexis.brackets else "",
    )
    return re.compile(made, re.X | re.S)


_ESCAPED = re.compile(r"[eE]'(?:[^'\\]|''|\\.)*'", re.S)


def _text_value(raw: str, *, backslashes: bool) -> str:
    body = raw[raw.index("'") + 1 : -1].replace("''", "'")
    if backslashes or raw[0] in "eE":
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), body, flags=re.S)
    return body


def _comment_end(text: str, start: int) -> int:
    """Where a comment has ended, with the comments in it; -1 for one that does not end."""
    depth, at = 0, start
    while True:
        opening, closing = text.find("/*", at), text.find("*/", at)
        if closing < 0:
            # What opens another one without an end is an ordinary comment in dialects that do not nest them.
            first = text.find("*/", start + 2)
            return first + 2 if first >= 0 else -1
        if 0 <= opening < closing:
            depth, at = depth + 1, opening + 2
        else:
            depth, at = depth - 1, closing + 2
            if not depth:
                return at


def scan(text: str, lexis: Lexis, start: int = 0) -> Iterator[Token]:
    """The tokens of a text from a place on, without spaces and comments."""
    match_at = _pattern(lexis).match
    at, size = start, len(text)
    while at < size:
        match = match_at(text, at)
        assert match is not None
        kind, end = str(match.lastgroup), match.end()
        raw = match[0]
        if kind in ("space", "condition"):
            at = end
        elif kind == "comment":
            end = _comment_end(text, at)
            if end < 0:
                yield Token(BROKEN, raw, "", at, size)
                return
            at = end
        elif kind == "word":
            yield Token(WORD, raw, raw.upper(), at, end)
            at = end
        elif kind == "symbol":
            yield Token(SYMBOL, raw, raw, at, end)
            at = end
        elif kind == "text":
            if raw[0] in "eE" and not lexis.backslashes and (escaped := _ESCAPED.match(text, at)):
                raw, end = escaped[0], escaped.end()
            yield Token(TEXT, _text_value(raw, backslashes=lexis.backslashes), "", at, end)
            at = end
        elif kind == "quoted":
            yield Token(QUOTED, raw[1:-1].replace(raw[-1] * 2, raw[-1]), "", at, end)
            at = end
        elif kind == "number":
            yield Token(NUMBER, raw, "", at, end)
            at = end
        elif kind in ("dollars", "tag"):
            closing = text.find(match["dollars"], end)
            if closing < 0:
                yield Token(BROKEN, raw, "", at, size)
                return
            yield Token(TEXT, text[end:closing], "", at, closing + len(match["dollars"]))
            at = closing + len(match["dollars"])
        else:
            yield Token(BROKEN, raw, "", at, size)
            return
