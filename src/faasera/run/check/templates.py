"""Templates of policies as SQL."""

import json
import re
from collections.abc import Callable

from faasera.core.types import BIGINT, DATE, INTEGER, UUID, DataType
from faasera.generators.json_templates import JSON_FILTER, as_value, inside_strings
from faasera.generators.preserve import PreserveRule
from faasera.policy.names import split_template
from faasera.run.check import sql
from faasera.run.check.sql import NotCheckableError, Sql

_NOT_LOCAL = "[^A-Za-z0-9._+-]"
_LOCAL_PART_LENGTH = 64
_PLAIN_TYPES = (INTEGER, BIGINT, UUID, DATE)


def template_sql(
    rule: PreserveRule,
    resolve: Callable[[str, bool], Sql],
    data_type: Callable[[str, bool], DataType | None],
) -> Sql:
    """The text that a template makes; e-mails as RFC 5322's dot-atoms.

    Args:
        rule: has the template.
        resolve: the SQL of a column or path.
        data_type: its type, where that is known.

    Raises:
        NotCheckableError: a filter has no equal in SQL.
    """
    text = str(rule.pattern)
    fields = split_template(text)
    literals = [literal for literal, _ in fields]
    is_json = rule.data_type == "JSON"
    email = not is_json and text.count("@") == 1 and any("@" in literal for literal in literals)
    before = 1 + next((index for index, literal in enumerate(literals) if "@" in literal), -1)
    room = 0
    if email:
        columns = sum(1 for _, field in fields[: before - 1] if field is not None)
        taken = sum(map(len, literals[: before - 1])) + literals[before - 1].index("@")
        room = max(1, (_LOCAL_PART_LENGTH - taken) // max(columns, 1))
    parts: list[str] = []
    guards: list[str] = []
    inside = iter(inside_strings(fields))
    for index, (literal, field) in enumerate(fields):
        local = email and index < before - 1
        if email and index < before:
            head, sign, rest = literal.partition("@")
            literal = re.sub(_NOT_LOCAL, "", head) + sign + rest
        if literal:
            parts.append(sql.text(literal))
        if field is None:
            continue
        name, own = field.column.name, field.column.own
        kind = data_type(name, own)
        value = sql.as_text(resolve(name, own))
        for place, one in enumerate(field.filters):
            value = _as_json(value, kind, filtered=place > 0) if one == JSON_FILTER else _filtered(value, one)
        if local and kind not in _PLAIN_TYPES:
            value = _local_part(sql.only_ascii(value), room)
        if next(inside) and is_json:
            value = Sql(_escaped(value.text), sql.TEXT, value.guards)
        parts.append(value.text)
        guards += value.guards
    joined = "(" + " || ".join(parts) + ")"
    return Sql(f"left({joined}, {rule.max_length})" if rule.max_length else joined, sql.TEXT, tuple(guards))


def _as_json(value: Sql, kind: DataType | None, *, filtered: bool) -> Sql:
    """A JSON value of a column's text; of a null the word."""
    if kind is None:
        raise NotCheckableError("the type of a column in JSON")
    shown = value.text if not as_value(kind, filtered=filtered) else f"'\"' || {_escaped(value.text)} || '\"'"
    return Sql(f"coalesce({shown}, 'null')", sql.TEXT, value.guards)


def _escaped(shown: str) -> str:
    """A text as it stands inside of a JSON string."""
    for code in ("\\", '"'):
        shown = f"replace({shown}, {sql.text(code)}, {sql.text(json.dumps(code)[1:-1])})"
    for number in range(1, 32):
        escape = {9: "\\t", 10: "\\n", 13: "\\r"}.get(number, f"\\u{number:04x}")
        shown = f"replace({shown}, chr({number}), {sql.text(escape)})"
    return shown


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
