"""Exclusion constraints of PostgreSQL: ranges that lie one behind the other, so that none overlaps another."""

import re
from typing import Any

from faasera.schema.drafts import TableDraft

_PARTS = re.compile(r"EXCLUDE (?:USING \w+ )?\((?P<parts>.*)\)", re.S)
_OVERLAP = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<plain>\w+))(?: \w+_ops)? WITH &&')
_FIRST_DAY = "2020-01-01"


def lay_apart(made: TableDraft, exclusion: str) -> str | None:
    """Give a column of ranges a rule by which no row's overlaps another's, where that keeps a constraint.

    Returns:
        The column; None where the constraint is of another kind.
    """
    parts = _PARTS.search(exclusion)
    keyed = {name for key in (made.primary, *made.uniques) for name in key}
    for found in _OVERLAP.finditer(parts["parts"] if parts else ""):
        name = found["quoted"] or found["plain"]
        column = made.table.column(name)
        place, first = f"place of {name}", f"first {name}"
        rule = _rule(column.type, place, first) if column is not None and name not in keyed else None
        if rule is None or not made.choices.get(name):
            continue
        kept = {key: value for key, value in made.choices[name][0].items() if key in ("databaseType", "description")}
        made.extra[place] = {"type": "SEQUENCE", "hidden": True}
        if "expression" in rule:
            made.extra[first] = {"type": "CONSTANT", "dataType": "DATE", "value": _FIRST_DAY, "hidden": True}
        made.choices[name] = [{"type": "PRESERVE", **rule, **kept, "guess": "ranges of which none overlaps another"}]
        return name
    return None


def _rule(kind: str, place: str, first: str) -> dict[str, Any] | None:
    if kind in ("int4range", "int8range", "numrange"):
        return {"pattern": f"[{{{place}}}0,{{{place}}}5)"}
    day = f"add_days({{{first}}}, {{{place}}})"
    if kind == "daterange":
        return {"expression": f"concat('[', {day}, ',', add_days({day}, 1), ')')"}
    zone = {"tsrange": "", "tstzrange": "+00"}.get(kind)
    if zone is None:
        return None
    return {"expression": f"concat('[\"', {day}, ' 09:00:00{zone}\",\"', {day}, ' 17:00:00{zone}\")')"}
