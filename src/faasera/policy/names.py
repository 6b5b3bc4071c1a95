"""Columns as expressions, templates, lookups and ends of dates write them: ``{name}``, ``parent.name``, ``{"a.b"}``.

Any name can be written: between quotation marks inside of the braces nothing has a meaning; a mark itself is doubled.
"""

import re
from dataclasses import dataclass

_QUOTED = r'"(?:[^"]|"")*"'
_BARE = r'[^{}|".][^{}|.]*'
_PART = rf"\s*(?:{_QUOTED}|{_BARE})\s*"
_PATH = rf"{_PART}(?:\.{_PART})*"
BRACED = rf"\{{(?:{_PATH}|[^{{}}]+)\}}"
"""The pattern of a column in braces."""
_SPLIT = re.compile(rf"\s*({_QUOTED}|{_BARE})\s*(?:\.|$)")
_FIELD = re.compile(rf"\{{({_PATH}(?:\|[^{{}}]*)?|[^{{}}]*)\}}")
_MARKS = re.compile(r"\{\{|\}\}|\{|\}")
_NEEDS_QUOTES = re.compile(r'[{}|".]|^\s|\s$')


@dataclass(frozen=True)
class Named:
    """What a reference names.

    Attributes:
        name: a column, or a path to a parent's column.
        own: whether it is surely a column of the table, as it stands between quotation marks.
    """

    name: str
    own: bool = False


def read_name(text: str) -> Named:
    """What the text between the braces, or the path of a lookup, names.

    >>> read_name('customers."a.b"')
    Named(name='customers.a.b', own=False)
    >>> read_name('"a.b"')
    Named(name='a.b', own=True)
    """
    if '"' not in text or not re.fullmatch(_PATH, text):
        return Named(text.strip())
    parts = _SPLIT.findall(text)
    plain = [part[1:-1].replace('""', '"') if part.startswith('"') else part.strip() for part in parts]
    return Named(".".join(plain), own=len(parts) == 1)


def braced(name: str) -> str:
    """A column of the table as a reference to it, in expressions and templates alike.

    >>> braced("unit price")
    '{unit price}'
    >>> braced("a.b")
    '{"a.b"}'
    """
    return '{"' + name.replace('"', '""') + '"}' if _NEEDS_QUOTES.search(name) else "{" + name + "}"


@dataclass(frozen=True)
class TemplateField:
    """A column in a template.

    Attributes:
        column: what it names.
        filters: behind bars, as written.
    """

    column: Named
    filters: tuple[str, ...]


def split_template(text: str) -> list[tuple[str, TemplateField | None]]:
    """The literal texts of a template, each with the field behind it; the last without one.

    Raises:
        ValueError: a brace has no other one, or a field names no column.
    """
    parts: list[tuple[str, TemplateField | None]] = []
    literal, place = "", 0
    while (mark := _MARKS.search(text, place)) is not None:
        literal += text[place : mark.start()]
        place = mark.end()
        if mark[0] in ("{{", "}}"):
            literal += mark[0][0]
            continue
        field = _FIELD.match(text, mark.start()) if mark[0] == "{" else None
        if field is None:
            raise ValueError(f"the brace at character {mark.start() + 1} of the template has no other one")
        parts.append((literal, _field(field[1])))
        literal, place = "", field.end()
    literal += text[place:]
    return [*parts, (literal, None)] if literal or not parts else parts


def _field(body: str) -> TemplateField:
    quoted = re.match(rf"{_PATH}(?=\||$)", body) if '"' in body else None
    name, rest = (quoted[0], body[quoted.end() :]) if quoted else body.partition("|")[::2]
    filters = rest.removeprefix("|").split("|") if rest else []
    if not name.strip():
        raise ValueError("a field of the template names no column")
    return TemplateField(read_name(name), tuple(one.strip() for one in filters))
