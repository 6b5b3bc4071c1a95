"""Code in scripts: triggers, and blocks that make what is not there yet."""

import re
from dataclasses import dataclass

from faasera.databases.structure import Trigger
from faasera.schema.dialects.scripts.catalogue import Name
from faasera.schema.dialects.scripts.cursor import Cursor, UnreadError
from faasera.schema.dialects.scripts.tokens import TEXT

_EVENTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
_SETS = re.compile(r'\bNEW\s*\.\s*(?:["`]([^"`]+)["`]|(\w+))\s*:?=(?!=)', re.I)
_BODY = re.compile(r"^\s*(?:DECLARE\s+)?BEGIN\b(?P<body>.*)\bEND\b\s*;?\s*$", re.I | re.S)
_IF_MISSING = re.compile(
    r"\bIF\s+(?:NOT\s+)?EXISTS\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*THEN\b|\bEND\s+IF\s*;", re.I
)
_NESTED = re.compile(r"\bEXCEPTION\s+WHEN\b.*?(?:\bEND\s*;|$)|\bBEGIN\b|\bEND\s*;", re.I | re.S)
_CODE = re.compile(
    r"\b(?:IF(?!\s+(?:NOT\s+)?EXISTS\b)|LOOP|FOR\s+\w+\s+IN|EXECUTE\s+(?!FUNCTION|PROCEDURE)|PERFORM|WHILE|RAISE|ELSE)\b|:=",
    re.I,
)
_SHORTEST = 80


@dataclass(frozen=True)
class Found:
    """A trigger with the name of its table."""

    trigger: Trigger
    table: Name


def trigger_of(cursor: Cursor) -> Found:
    """The trigger that a statement makes, from behind the word TRIGGER.

    Raises:
        UnreadError: it does not say of which table.
    """
    cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()[-1]
    timing, events = "AFTER", []
    while not cursor.done and not cursor.at("ON"):
        word = cursor.next().upper
        if word in ("BEFORE", "AFTER"):
            timing = word
        elif word == "INSTEAD":
            timing = "INSTEAD OF"
        elif word in _EVENTS and word not in events:
            events.append(word)
    if not cursor.take("ON"):
        raise UnreadError
    table = cursor.qualified()
    place = cursor.place
    if not events:
        # SQL Server says when behind the table.
        while not cursor.done and not cursor.at("AS"):
            word = cursor.next().upper
            timing = "INSTEAD OF" if word == "INSTEAD" else timing
            events += [word] if word in _EVENTS else []
    body = cursor.between(place, len(cursor.tokens))
    calls = re.search(r"(?is)\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+(.*)$", body)
    action = " ".join((calls[1] if calls else body).split())
    sets = tuple(dict.fromkeys(first or second for first, second in _SETS.findall(body)))
    return Found(Trigger(name, timing, tuple(events), action[:_SHORTEST], sets=sets), table)


def inner_statements(cursor: Cursor) -> list[str] | None:
    """The statements of a block that does nothing but make what is missing; None for one that does more."""
    texts = [token.value for token in cursor.tokens if token.kind == TEXT]
    match = _BODY.match(re.sub(r"--[^\n]*", "", texts[0])) if texts else None
    if match is None:
        return None
    body = _NESTED.sub(" ", _IF_MISSING.sub(" ", match["body"]))
    return None if _CODE.search(body) else [body]
