"""Tables and keys as a diagram in SVG: parents on the left, children to their right."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_BOX, _LINE, _HEAD = 190, 16, 24
_GAP_X, _GAP_Y, _MARGIN = 70, 18, 8
_MOST_COLUMNS, _MOST_TABLES = 7, 60


def diagram(tables: Sequence[Mapping[str, Any]]) -> str:
    """The diagram of a report's tables; of the first sixty where there are more.

    Args:
        tables: each with ``name``, ``columns`` and ``foreignKeys``.
    """
    shown = tables[:_MOST_TABLES]
    known = {table["name"]: table for table in shown}
    levels = _levels(known)
    places: dict[str, tuple[float, float, float]] = {}
    below = [0.0] * (max(levels.values(), default=0) + 1)
    for name, table in known.items():
        level = levels[name]
        height = _height(table)
        places[name] = (_MARGIN + level * (_BOX + _GAP_X), _MARGIN + below[level], height)
        below[level] += height + _GAP_Y
    width = 2 * _MARGIN + len(below) * (_BOX + _GAP_X) - _GAP_X
    height = 2 * _MARGIN + max(below, default=0.0) - _GAP_Y
    lines = [_edge(table, key, places, known) for table in shown for key in table["foreignKeys"]]
    boxes = [_box(table, *places[name]) for name, table in known.items()]
    words = "; ".join(_in_words(table) for table in shown)
    return (
        f'<svg class="diagram" viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" role="img" '
        f'aria-label="{escape("Tables and keys: " + words)}">{"".join(lines)}{"".join(boxes)}</svg>'
    )


def hidden_tables(tables: Sequence[Mapping[str, Any]]) -> int:
    """How many tables the diagram leaves out."""
    return max(0, len(tables) - _MOST_TABLES)


def _parent(key: Mapping[str, Any]) -> str:
    return str(key["references"].get("table") or "")


def _levels(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """How far to the right each table stands: behind all of its parents; a circle is entered where it comes first."""
    found: dict[str, int] = {}
    active: set[str] = set()

    def level(name: str) -> int:
        if name in found or name in active:
            return found.get(name, 0)
        active.add(name)
        parents = {_parent(key) for key in tables[name]["foreignKeys"]} & set(tables) - {name}
        found[name] = max((level(parent) + 1 for parent in sorted(parents)), default=0)
        return found[name]

    return {name: level(name) for name in tables}


def _listed(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The columns that are shown: keys first."""
    keys = [column for column in table["columns"] if column["primaryKey"] or column["references"] or column["key"]]
    return (keys + [column for column in table["columns"] if column not in keys])[:_MOST_COLUMNS]


def _height(table: Mapping[str, Any]) -> float:
    more = len(table["columns"]) > _MOST_COLUMNS
    return _HEAD + (len(_listed(table)) + more) * _LINE + 6


def _box(table: Mapping[str, Any], x: float, y: float, height: float) -> str:
    parts = [
        f'<g transform="translate({x:.0f} {y:.0f})"><rect class="box" width="{_BOX}" height="{height:.0f}" rx="6"/>',
        f'<text class="name" x="10" y="17">{escape(_short(table["name"], 18))}</text>',
        f'<text class="rows" x="{_BOX - 10}" y="17" text-anchor="end">{table["rows"]:,}</text>',
        f'<line class="axis" x1="0" y1="{_HEAD}" x2="{_BOX}" y2="{_HEAD}"/>',
    ]
    for place, column in enumerate(_listed(table)):
        base = _HEAD + (place + 1) * _LINE
        mark = "PK" if column["primaryKey"] else "FK" if column["references"] else "U" if column["key"] else ""
        parts.append(f'<text class="mark" x="10" y="{base}">{mark}</text>')
        parts.append(f'<text x="32" y="{base}">{escape(_short(column["name"], 22))}</text>')
    more = len(table["columns"]) - _MOST_COLUMNS
    if more > 0:
        base = _HEAD + (_MOST_COLUMNS + 1) * _LINE
        parts.append(f'<text class="rows" x="32" y="{base}">and {more} more</text>')
    return "".join(parts) + "</g>"


def _edge(
    table: Mapping[str, Any],
    key: Mapping[str, Any],
    places: Mapping[str, tuple[float, float, float]],
    tables: Mapping[str, Mapping[str, Any]],
) -> str:
    """A line from the parent's key to the child's column, with three toes at the child."""
    parent, child = _parent(key), table["name"]
    if parent not in places:
        return ""
    px, py, _ = places[parent]
    cx, cy, _ = places[child]
    label = f"<title>{escape(child)} ({escape(', '.join(key['columns']))}) → {escape(parent)}</title>"
    if parent == child:
        x, y = px + _BOX, py + _line_of(table, key["columns"][0])
        curve = f"M{x} {y - 9:.0f} c28 -4 28 22 0 18"
        return f'<path class="edge" d="{curve}">{label}</path>'
    start_y = py + _line_of(tables[parent], key["references"]["columns"][0])
    end_y = cy + _line_of(table, key["columns"][0])
    if cx > px:
        start_x, end_x, bend = px + _BOX, cx, _GAP_X / 2
    else:
        start_x, end_x, bend = px, cx + _BOX, -_GAP_X / 2
    toe = 8 if end_x > start_x else -8
    curve = f"M{start_x} {start_y:.0f} C{start_x + bend} {start_y:.0f} {end_x - bend} {end_y:.0f} {end_x} {end_y:.0f}"
    toes = "".join(f"M{end_x - toe} {end_y:.0f} L{end_x} {end_y + shift:.0f} " for shift in (-5, 5))
    return f'<path class="edge" d="{curve} {toes}">{label}</path>'


def _line_of(table: Mapping[str, Any], column: str) -> float:
    """How far down in its box a column stands; what is not shown is at the end."""
    names = [one["name"] for one in _listed(table)]
    place = names.index(column) if column in names else len(names)
    return _HEAD + (place + 0.7) * _LINE


def _in_words(table: Mapping[str, Any]) -> str:
    parents = [f"{', '.join(key['columns'])} refers to {_parent(key)}" for key in table["foreignKeys"] if _parent(key)]
    return f"{table['name']}, {table['rows']:,} rows" + (f": {', '.join(parents)}" if parents else "")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
