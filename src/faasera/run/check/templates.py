"""Templates of policies as SQL."""

import re
import string
from collections.abc import Callable

from faasera.core.types import BIGINT, DATE, INTEGER, UUID, DataType
from faasera.run.check import sql
from faasera.run.check.sql import NotCheckableError, Sql

_NOT_LOCAL = "[^A-Za-z0-9._+-]"
_LOCAL_PART_LENGTH = 64
_PLAIN_TYPES = (INTEGER, BIGINT, UUID, DATE)


def template_sql(
    text: str, resolve: Callable[[str], Sql], data_type: Callable[[str], DataType | None], max_length: int | None
) -> Sql:
    """The text that a template makes; e-mails as RFC 5322's dot-atoms.

    Args:
        text: the template.
        resolve: the SQL of a column or path.
        data_type: its type, where that is known.
        max_length: what the text is cut to.

    Raises:
        NotCheckableError: a filter has no equal in SQL.
    """
    fields = list(string.Formatter().parse(text))
    literals = [literal for literal, *_ in fields]
    email = text.count("@") == 1 and any("@" in literal for literal in literals)
    before = 1 + next((index for index, literal in enumerate(literals) if "@" in literal), -1)
    room = 0
    if email:
        columns = sum(1 for _, body, *_ in fields[: before - 1] if body is not None)
        taken = sum(map(len, literals[: before - 1])) + literals[before - 1].index("@")
        room = max(1, (_LOCAL_PART_LENGTH - taken) // max(columns, 1))
    parts: list[str] = []
    guards: list[str] = []
    for index, (literal, body, form, _) in enumerate(fields):
        local = email and index < before - 1
        if email and index < before:
            head, sign, rest = literal.partition("@")
            literal = re.sub(_NOT_LOCAL, "", head) + sign + rest
        if literal:
            parts.append(sql.text(literal))
        if body is None:
            continue
        name, *filters = (part.strip() for part in (body + (f":{form}" if form else "")).split("|"))
        value = sql.as_text(resolve(name))
        for one in filters:
            value = _filtered(value, one)
        if local and data_type(name) not in _PLAIN_TYPES:
            value = _local_part(sql.only_ascii(value), room)
        parts.append(value.text)
        guards += value.guards
    joined = "(" + " || ".join(parts) + ")"
    return Sql(f"left({joined}, {max_length})" if max_length else joined, sql.TEXT, tuple(guards))


def _filtered(value: Sql, text: str) -> Sql:
    filter_name, _, argument = text.partition(":")
    x = value.text
    forms = {
        "lower": f"lower({x})",
        "upper": f"upper({x})",
        "trim": rf"regexp_replace({x}, '^\s+|\s+$', '', 'g')",
        "pad": sql.padded(x, int(argument or 0)),
        "left": f"left({x}, {argument})",
        "right": f"right({x}, {argument})",
    }
    if filter_name == "ascii":
        return sql.only_ascii(value)
    if filter_name == "slug":
        folded = sql.only_ascii(value)
        return Sql(f"trim(regexp_replace(lower({x}), '[^a-z0-9]+', '-', 'g'), '-')", sql.TEXT, folded.guards)
    if filter_name not in forms:
        raise NotCheckableError(f"SQL has no equal of the filter {filter_name}")
    return Sql(forms[filter_name], sql.TEXT, value.guards)


def _local_part(value: Sql, room: int) -> Sql:
    kept = f"regexp_replace({value.text}, '{_NOT_LOCAL}', '', 'g')"
    kept = rf"trim(left(trim(regexp_replace({kept}, '\.{{2,}}', '.', 'g'), '.'), {room}), '.')"
    return Sql(
        f"coalesce(nullif({kept}, ''), CASE WHEN {value.text} IS NULL THEN NULL ELSE 'x' END)", sql.TEXT, value.guards
    )
