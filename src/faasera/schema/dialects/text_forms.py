"""Types that policies have as texts only: how their values are written, so that they are printed in the same way."""

import re
from collections.abc import Callable, Mapping, Sequence

from faasera.databases.structure import TextForm
from faasera.schema.dialects.types import ReadType

# Few lengths and alternatives: a pattern is as many shapes as they can be combined.
_DAY = "0[1-9]-[12][0-8]"
_CLOCK = "0[1-9]:[0-5][0-9]:[0-5][0-9]"
_MOMENT = f'"{{}}-{_DAY} {_CLOCK}"'
_ZONED = rf'"{{}}-{_DAY} {_CLOCK}\+00"'
_HEX = "[1-9a-f][0-9a-f]{3}"
_PAIR = r"[1-9][0-9]?\.[1-9] [1-9][0-9]?\.[1-9]"
_FAR_PAIR = r"[1-9][0-9]?\.[0-9]{4}[1-9] [1-9][0-9]?\.[0-9]{4}[1-9]"
_MOST_CHARACTERS = 16

ELEMENTS: Mapping[str, str] = {
    "STRING": "[a-z]{6}",
    "INTEGER": "[1-9][0-9]{0,2}",
    "BIGINT": "[1-9][0-9]{0,2}",
    "DECIMAL": "[1-9][0-9]",
    "DOUBLE": r"[1-9]\.[1-9]",
    "BOOLEAN": "[tf]",
    "DATE": f"2024-{_DAY}",
    "TIME": _CLOCK,
    "TIMESTAMP": f'"2024-{_DAY} {_CLOCK}"',
    "UUID": "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}",
}
"""Values within rows, by the data type."""

_ENDS: Mapping[str, tuple[str, str, str, str]] = {
    "integer": ("[1-9][0-9]{0,2}", "[1-9][0-9]{4}", "[1-9][0-9]{3}", "[1-9][0-9]{5}"),
    "bigint": ("[1-9][0-9]{0,2}", "[1-9][0-9]{4}", "[1-9][0-9]{3}", "[1-9][0-9]{5}"),
    "numeric": (r"[1-9][0-9]?\.[1-9]", r"[1-9][0-9]{2}\.[1-9]", r"[1-9][0-9]{3}\.[1-9]", r"[1-9][0-9]{4}\.[1-9]"),
    "double precision": (r"[1-9]\.[1-9]", r"[1-9][0-9]\.[1-9]", r"[1-9][0-9]{2}\.[1-9]", r"[1-9][0-9]{3}\.[1-9]"),
    "real": (r"[1-9]\.[1-9]", r"[1-9][0-9]\.[1-9]", r"[1-9][0-9]{2}\.[1-9]", r"[1-9][0-9]{3}\.[1-9]"),
    "date": (f"2024-{_DAY}", f"2025-{_DAY}", f"1[0-9]{{3}}-{_DAY}", f"20[0-2][0-9]-{_DAY}"),
    "timestamp without time zone": (_MOMENT.format("2024"), _MOMENT.format("2025"), _MOMENT.format("2024"), _MOMENT.format("2025")),
    "timestamp with time zone": (_ZONED.format("2024"), _ZONED.format("2025"), _ZONED.format("2024"), _ZONED.format("2025")),
    "text": ("[a-m][a-z]{3}", "[n-z][a-z]{3}", "[a-m][a-z]{7}", "[n-z][a-z]{7}"),
    "inet": (r"10\.0\.0\.[1-9]", r"10\.0\.[1-9]\.[1-9]", r"10\.0\.0\.[1-9][0-9]", r"10\.[1-9]\.[1-9]\.[1-9]"),
}  # fmt: skip
"""Of ranges by the type between their ends: the lower and the upper end, and both with room for keys."""
_RANGES = {
    "int4": "integer", "int8": "bigint", "num": "numeric", "ts": "timestamp without time zone",
    "tstz": "timestamp with time zone", "date": "date",
}  # fmt: skip


def range_form(name: str, within: str, *, several: bool = False) -> TextForm | None:
    """Ranges of a type, or sets of them; None where that type is not known."""
    ends = _ENDS.get(within.partition("(")[0])
    if ends is None:
        return None
    low, high, far_low, far_high = ends
    made = [rf"\[{one},{other}\)" for one, other in ((low, high), (far_low, far_high))]
    pattern, wide = (rf"\{{{one}\}}" for one in made) if several else made
    return TextForm(name, pattern, wide)


def _range(within: str, *, several: bool = False) -> Callable[[str, str], TextForm]:
    def make(name: str, _: str) -> TextForm:
        found = range_form(name, within, several=several)
        assert found is not None
        return found

    return make


def row_form(name: str, parts: Sequence[ReadType]) -> TextForm:
    """Rows of a composite type, by the types of their columns; what is not known there is null."""
    return TextForm(name, rf"\({','.join(map(_element, parts))}\)")


def _element(part: ReadType) -> str:
    if part.array or (part.form is not None and re.search(r'[ ,"\\]', part.form.pattern)):
        return ""
    if part.form is not None:
        return part.form.pattern
    if part.values:
        plain = [value for value in part.values if re.fullmatch(r"\w+", value)]
        return f"({'|'.join(plain)})" if plain else ""
    if part.data_type is None:
        return ""
    if part.data_type.is_decimal and part.data_type.scale:
        return rf"[1-9]\.[0-9]{{{part.data_type.scale}}}"
    if part.data_type.is_text and part.length is not None and (part.fixed or part.length < len("abcdefgh")):
        return f"[a-z]{{{part.length}}}"
    return ELEMENTS.get(part.data_type.name, "")


def _plain(pattern: str, wide: str = "") -> Callable[[str, str], TextForm]:
    return lambda name, _: TextForm(name, pattern, wide)


def _listed(*values: str) -> Callable[[str, str], TextForm]:
    return lambda name, _: TextForm(name, values=values)


def _bits(name: str, given: str) -> TextForm:
    length = int(given) if given.isdigit() else 1
    return TextForm(name, f"[01]{{{length}}}")


def _varying_bits(name: str, given: str) -> TextForm:
    most = min(int(given) if given.isdigit() else _MOST_CHARACTERS, _MOST_CHARACTERS)
    return TextForm(name, f"[01]{{1,{most}}}", f"[01]{{{int(given) if given.isdigit() else 64}}}")


def _interval(name: str, given: str) -> TextForm:  # noqa: ARG001
    last = name.rpartition(" ")[2].partition("(")[0]
    short = {"year": ("[2-9] years", "[2-9][0-9]{3} years"), "month": ("[2-9] mons", "[2-9][0-9]{2} years [2-9] mons")}
    if last in short:
        return TextForm(name, *short[last])
    if last in ("day", "hour", "minute"):
        return TextForm(name, "[2-9] days", "[2-9][0-9]{5} days")
    return TextForm(name, f"[2-9] days {_CLOCK}", f"[2-9][0-9]{{3}} days {_CLOCK}")


def _vector(name: str, given: str) -> TextForm:
    size = int(given) if given.isdigit() else 3
    return TextForm(name, rf"\[0\.[1-9](,0\.[1-9]){{{size - 1}}}\]" if size > 1 else r"\[0\.[1-9]\]")


def _square(x: int, y: int) -> str:
    return f"({x} {y},{x} {y + 1},{x + 1} {y + 1},{x + 1} {y},{x} {y})"


_SQUARES = [_square(x, y) for x, y in ((1, 2), (3, 4), (11, 48), (13, 52), (20, 40), (70, 10))]
_SHAPES: Mapping[str, tuple[str, ...]] = {
    "POLYGON": tuple(f"POLYGON({one})" for one in _SQUARES),
    "MULTIPOINT": ("MULTIPOINT(1 2,3 4)", "MULTIPOINT(11 48,13 52)"),
    "MULTILINESTRING": ("MULTILINESTRING((1 2,3 4),(5 6,7 8))",),
    "MULTIPOLYGON": tuple(f"MULTIPOLYGON({one})" for one in map("({})".format, _SQUARES)),
    "GEOMETRYCOLLECTION": ("GEOMETRYCOLLECTION(POINT(1 2))", "GEOMETRYCOLLECTION(POINT(3 4),LINESTRING(1 2,3 4))"),
}


def shape_form(name: str, shape: str, prefix: str = "") -> TextForm:
    """Shapes as well-known text (OGC Simple Feature Access, 06-103r4).

    Args:
        name: of the type.
        shape: its kind, in capitals; any is a point.
        prefix: before each, as ``SRID=4326;``.
    """
    kind = shape.replace(" ", "")
    flat = kind if kind in ("POINT", "LINESTRING", *_SHAPES) else kind.rstrip("ZM")
    depth = len(kind) - len(flat)
    if depth and flat in ("POINT", "LINESTRING"):
        values = " ".join("123"[: 2 + depth])
        further = " ".join("456"[: 2 + depth])
        mark = kind[len(flat) :]
        listed = values if flat == "POINT" else f"{values},{further}"
        return TextForm(name, values=(f"{prefix}{flat} {mark} ({listed})",))
    if flat in _SHAPES and not depth:
        return TextForm(name, values=tuple(prefix + one for one in _SHAPES[flat]))
    if flat == "LINESTRING":
        return TextForm(
            name, rf"{prefix}LINESTRING\({_PAIR},{_PAIR}\)", rf"{prefix}LINESTRING\({_FAR_PAIR},{_FAR_PAIR}\)"
        )
    return TextForm(name, rf"{prefix}POINT\({_PAIR}\)", rf"{prefix}POINT\({_FAR_PAIR}\)")


def _geography(name: str, given: str) -> TextForm:
    shape, _, reference = (part.strip() for part in given.partition(","))
    srid = reference or ("4326" if name.rpartition(".")[2].startswith("geography") else "")
    return shape_form(name, shape.upper(), f"SRID={srid};" if srid and srid != "0" else "")


POSTGRESQL: Mapping[str, Callable[[str, str], TextForm]] = {
    "inet": lambda name, _: TextForm(name, wide=f"2001:db8:{_HEX}:{_HEX}::1", semantic="ip-address"),
    "cidr": _plain(r"10\.[1-9][0-9]?\.[1-9][0-9]?\.0/24", f"2001:db8:{_HEX}:{_HEX}::/64"),
    "macaddr": lambda name, _: TextForm(name, wide="02(:[0-9a-f]{2}){5}", semantic="mac-address"),
    "macaddr8": _plain("02(:[0-9a-f]{2}){7}"),
    "interval": _interval,
    "tsvector": _plain("'[a-f][a-z]{3,6}' '[g-m][a-z]{4}' '[n-z][a-z]{5}'"),
    "tsquery": _plain("'[a-z]{3,6}' & '[a-z]{4}'"),
    "point": _plain(r"\([1-9][0-9]?\.[1-9],[1-9][0-9]?\.[1-9]\)", r"\([1-9][0-9]{3}\.[1-9],[1-9][0-9]{3}\.[1-9]\)"),
    "line": _plain(r"\{[1-9],-1,[1-9]\}"),
    "lseg": _plain(r"\[\([1-9],[1-9]\),\([1-9],[1-9][0-9]\)\]"),
    "box": _plain(r"\([5-9],[5-9]\),\([1-4],[1-4]\)"),
    "path": _plain(r"\(\([1-9],[1-9]\),\([1-9],[1-9][0-9]\)\)"),
    "polygon": _plain(r"\(\([1-9],[1-9]\),\([1-9],[1-9][0-9]\),\([1-9][0-9],[1-9]\)\)"),
    "circle": _plain(r"<\([1-9],[1-9]\),[1-9]>"),
    "bit": _bits,
    "bit varying": _varying_bits,
    "varbit": _varying_bits,
    "xml": _plain("<a>[a-z]{3,8}</a>"),
    "hstore": _plain('"[a-z]{4}"=>"[a-z]{3,8}"'),
    "ltree": _plain(r"[a-z]{4}\.[a-z]{3,6}"),
    "lquery": _plain("[a-z]{3,6}"),
    "ltxtquery": _plain("[a-z]{3,6}"),
    "pg_lsn": _plain("[1-9A-F]/[1-9A-F][0-9A-F]{6}"),
    "jsonpath": _plain(r'\$\."[a-z]{3,6}"'),
    "pg_snapshot": _plain("[1-9][0-9]{2}:[1-9][0-9]{3}:"),
    "txid_snapshot": _plain("[1-9][0-9]{2}:[1-9][0-9]{3}:"),
    "xid": _plain("[1-9][0-9]{3}"),
    "xid8": _plain("[1-9][0-9]{6}"),
    "cid": _plain("[1-9][0-9]{3}"),
    "tid": _plain(r"\([1-9][0-9]{2},[1-9]\)"),
    "int2vector": _plain("[1-9] [1-9]"),
    "oidvector": _plain("[1-9] [1-9]"),
    "regclass": _listed("pg_class", "pg_type"),
    "regtype": _listed("integer", "text", "boolean"),
    "regproc": _listed("now"),
    "regprocedure": _listed("now()"),
    "regconfig": _listed("simple", "english"),
    "regdictionary": _listed("simple"),
    "regnamespace": _listed("public"),
    "cube": _plain(r"\([1-9], [1-9]\)", r"\([1-9][0-9]{4}, [1-9][0-9]{4}\)"),
    "seg": _plain(r"[1-9]\.[1-9]"),
    "vector": _vector,
    "halfvec": _vector,
    "geometry": _geography,
    "geography": _geography,
    "box2d": _listed("BOX(1 2,3 4)"),
    "box3d": _listed("BOX3D(1 2 3,4 5 6)"),
    **{f"{one}range": _range(within) for one, within in _RANGES.items()},
    **{f"{one}multirange": _range(within, several=True) for one, within in _RANGES.items()},
}
"""PostgreSQL's own types, and those of extensions: from the type and what is in its parentheses."""
