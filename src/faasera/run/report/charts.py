"""How values lie, as bars in SVG: what is there, and beside it what was asked for."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _FOOT = 260, 96, 14
_ROW, _LABEL = 15, 92
_TITLES = {
    "histogram": "distribution",
    "values": "most frequent values",
    "lengths": "lengths of the texts",
    "not shown": "",
}


def title_of(distribution: Mapping[str, Any]) -> str:
    """What a chart shows."""
    return _TITLES[distribution["kind"]] + (", and as asked for" if distribution.get("expected") else "")


def chart(name: str, profile: Mapping[str, Any]) -> str:
    """The chart of a column; empty where there is nothing to show.

    Args:
        name: of the column, for those who do not see it.
        profile: its ``low``, ``high`` and ``distribution``, as ``ColumnProfile`` has them.
    """
    distribution = profile["distribution"]
    labels, counts = distribution["labels"], distribution["counts"]
    if not counts or not max(counts):
        return ""
    expected = distribution.get("expected") or []
    most = max(zip(counts, map(str, labels), strict=True))
    spoken = f"{name}: {_TITLES[distribution['kind']]}, {len(counts)} bars, most at {most[1]} with {most[0]:,}"
    if distribution["kind"] == "values":
        width, height, body = _rows(labels, counts, expected)
    else:
        measured = distribution["kind"] == "histogram" and profile["low"] is not None
        ends = (profile["low"], profile["high"]) if measured else (labels[0], labels[-1])
        width, height, body = _columns(labels, counts, expected, ends)
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(spoken)}">'
        f"<title>{escape(spoken)}</title>{body}</svg>"
    )


def _columns(
    labels: Sequence[Any], counts: Sequence[int], expected: Sequence[float], ends: tuple[Any, Any]
) -> tuple[int, int, str]:
    """Upright bars, the least and the greatest value below."""
    top = max([*counts, *expected])
    step = _WIDTH / len(counts)
    room = _HEIGHT - _FOOT
    parts = []
    for place, count in enumerate(counts):
        height = count / top * (room - 2)
        said = f"<title>{escape(str(labels[place]))}: {count:,}</title>"
        parts.append(
            f'<rect class="bar" x="{place * step + step * 0.06:.1f}" y="{room - height:.1f}" '
            f'width="{step * 0.88:.1f}" height="{height:.1f}">{said}</rect>'
        )
    if expected:
        points = " ".join(
            f"{place * step + step / 2:.1f},{room - wanted / top * (room - 2):.1f}"
            for place, wanted in enumerate(expected)
        )
        parts.append(f'<polyline class="asked" points="{points}"/>')
    parts.append(f'<line class="axis" x1="0" y1="{room}" x2="{_WIDTH}" y2="{room}"/>')
    parts.append(f'<text x="0" y="{_HEIGHT - 2}">{escape(str(ends[0])[:20])}</text>')
    if len(labels) > 1:
        last = escape(str(ends[1])[:20])
        parts.append(f'<text x="{_WIDTH}" y="{_HEIGHT - 2}" text-anchor="end">{last}</text>')
    return _WIDTH, _HEIGHT, "".join(parts)


def _rows(labels: Sequence[Any], counts: Sequence[int], expected: Sequence[float]) -> tuple[int, int, str]:
    """Lying bars, each with its label."""
    top = max([*counts, *expected])
    room = _WIDTH - _LABEL
    parts = []
    for place, count in enumerate(counts):
        y = place * _ROW
        label = str(labels[place])
        shown = label if len(label) <= 14 else label[:13] + "…"
        width = count / top * (room - 2)
        parts.append(f'<text x="{_LABEL - 4}" y="{y + 11}" text-anchor="end">{escape(shown)}</text>')
        parts.append(
            f'<rect class="bar" x="{_LABEL}" y="{y + 2}" width="{width:.1f}" height="{_ROW - 4}">'
            f"<title>{escape(label)}: {count:,}</title></rect>"
        )
        if expected:
            x = _LABEL + expected[place] / top * (room - 2)
            parts.append(f'<line class="asked" x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + _ROW}"/>')
    return _WIDTH, len(counts) * _ROW + 2, "".join(parts)
