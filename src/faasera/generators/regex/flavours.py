"""The syntaxes of regular expressions, declared as data: what each engine means by which characters."""

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from faasera.generators.regex.characters import ALL, NONE, Ranges, complement, of, union, without
from faasera.generators.regex.tree import Characters, Node, Place, Repeat

_NEWLINE = of("\n")
_NOT_NEWLINE = complement(_NEWLINE)
_LINES = union(of("\n\r"), ((0x2028, 0x2029),))
_DIGITS, _WORD, _SPACES = of(string.digits), of(string.ascii_letters + string.digits + "_"), of(" \t\n\v\f\r")
_PUNCTUATION = of(string.punctuation)
POSIX: Mapping[str, Ranges] = {
    "alnum": of(string.ascii_letters + string.digits),
    "alpha": of(string.ascii_letters),
    "ascii": ((0, 127),),
    "blank": of(" \t"),
    "cntrl": union(((0, 31),), ((127, 127),)),
    "digit": _DIGITS,
    "graph": ((33, 126),),
    "lower": of(string.ascii_lowercase),
    "print": ((32, 126),),
    "punct": _PUNCTUATION,
    "space": _SPACES,
    "upper": of(string.ascii_uppercase),
    "word": _WORD,
    "xdigit": of(string.hexdigits),
}
"""The classes of POSIX, as far as ASCII goes; what they hold beyond is the locale's."""
SEPARATORS: Ranges = union(of("\u00a0\u1680\u202f\u205f\u3000"), ((0x2000, 0x200A),), ((0x2028, 0x2029),))
"""The category Z of Unicode beyond ASCII."""
_SPACES_BEYOND = union(SEPARATORS, of("\x85"))
BEYOND: Mapping[str, Ranges] = {
    "ascii": NONE,
    "xdigit": NONE,
    "space": _SPACES_BEYOND,
    "blank": _SPACES_BEYOND,
    "cntrl": union(((128, 159),), SEPARATORS),
}
"""What classes may hold beyond ASCII; those that are not here anything."""
LETTERS: Mapping[str, str] = {"d": "digit", "w": "word", "s": "space"}
"""Letters after a backslash that stand for classes."""
_ECMA_SPACES = union(_SPACES, of("\u00a0\u1680\u202f\u205f\u3000\ufeff"), ((0x2000, 0x200A),), ((0x2028, 0x2029),))
_HORIZONTAL = union(of(" \t\u180e"), without(SEPARATORS, of("\u2028\u2029")))
_CLASSES: Mapping[str, Ranges] = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}
_MORE_CONTROLS = {**_CONTROLS, "f": "\f", "a": "\a"}
_ANY = Characters(ALL, open=True)
_META = frozenset(".^$|()[]{}*+?\\")


@dataclass(frozen=True)
class Flavour:
    """A syntax.

    Attributes:
        name: for messages.
        meta: characters that mean something.
        wildcards: what characters stand for that are wildcards there.
        dot: what ``.`` takes.
        unsure: whether named classes may hold characters beyond ASCII, as the locale has it.
        sure: those that hold none all the same.
        classes: named classes after a backslash, by their small letters.
        controls: characters after a backslash, by their letters.
        anchors: places after a backslash.
        before_newline: ``$`` and ``\\Z`` hold before a last newline, too.
        hexadecimal: letters after a backslash before the digits of a code point, with their number; 0 for any.
        flags: what the letters of ``(?…)`` set: ``fold``, ``lines``, ``all``, ``newline``, ``expanded``, or nothing.
        possessive: whether ``+`` after a repetition makes it possessive.
        references: whether groups can be referred to.
        quoted: whether ``\\Q…\\E`` quotes.
        folds_cases: whether ``[:lower:]`` holds capitals where these are the same as small letters.
        loose_braces: whether ``{`` that begins no repetition stands for itself.
        empty_classes: whether ``[]`` is the class that holds nothing.
        class_escapes: whether a backslash means something in a class.
        collating: whether classes have ``[.a.]`` and ``[=a=]``, and ``[[:<:]]`` is a place.
        categories: whether ``\\p`` names a category of Unicode.
        directors: whether ``***:`` and ``***=`` begin an expression.
        whole: whether it is the whole text that has to match.
        escape: the character that takes the meaning from the next one.
    """

    name: str
    meta: frozenset[str] = _META
    wildcards: Mapping[str, Node] = field(default_factory=dict)
    dot: Ranges = _NOT_NEWLINE
    unsure: bool = False
    sure: tuple[str, ...] = ()
    classes: Mapping[str, Ranges] = field(default_factory=lambda: _CLASSES)
    controls: Mapping[str, str] = field(default_factory=lambda: _MORE_CONTROLS)
    anchors: Mapping[str, Place] = field(default_factory=dict)
    before_newline: tuple[str, ...] = ()
    hexadecimal: Mapping[str, int] = field(default_factory=lambda: {"x": 2})
    flags: Mapping[str, str] = field(default_factory=dict)
    possessive: bool = False
    references: bool = False
    quoted: bool = False
    folds_cases: bool = True
    loose_braces: bool = True
    empty_classes: bool = False
    class_escapes: bool = True
    collating: bool = False
    categories: bool = True
    directors: bool = False
    whole: bool = False
    escape: str = "\\"


_EDGES = {"b": Place.WORD_EDGE, "B": Place.INSIDE}
_PERL_FLAGS = {"i": "fold", "m": "lines", "s": "all", "U": ""}
POLICY = Flavour("patterns", loose_braces=False, controls=_CONTROLS, anchors=_EDGES, flags=_PERL_FLAGS)
"""What policies call a ``pattern``."""
RE2 = Flavour(
    "RE2",
    anchors={**_EDGES, "A": Place.START, "z": Place.END},
    controls={**_MORE_CONTROLS, "v": "\v"},
    flags=_PERL_FLAGS,
    quoted=True,
)
"""What ``matches`` of expressions reads, and DuckDB; look-around is taken apart."""
_POSTGRES_FLAGS = {
    "i": "fold", "c": "exact", "n": "newline lines", "m": "newline lines", "p": "newline", "w": "lines",
    "s": "", "t": "", "e": "", "x": "expanded",
}  # fmt: skip
POSTGRESQL = Flavour(
    "PostgreSQL's regular expressions",
    dot=ALL,
    unsure=True,
    sure=("digit",),
    controls={**_MORE_CONTROLS, "v": "\v", "e": "\x1b", "b": "\b", "B": "\\"},
    anchors={
        "A": Place.START,
        "Z": Place.END,
        "m": Place.WORD_START,
        "M": Place.WORD_END,
        "y": Place.WORD_EDGE,
        "Y": Place.INSIDE,
    },
    hexadecimal={"x": 0, "u": 4, "U": 8},
    flags=_POSTGRES_FLAGS,
    references=True,
    collating=True,
    categories=False,
    directors=True,
)
PERL = Flavour(
    "MySQL's regular expressions",
    unsure=True,
    classes={**_CLASSES, "h": _HORIZONTAL, "v": of("\n\v\f\r\x85\u2028\u2029"), "N": complement(_NEWLINE)},
    controls={**_MORE_CONTROLS, "e": "\x1b"},
    anchors={**_EDGES, "A": Place.START, "z": Place.END, "Z": Place.END},
    before_newline=("$", "Z"),
    hexadecimal={"x": 2, "u": 4, "U": 8},
    flags={**_PERL_FLAGS, "x": "expanded", "J": ""},
    possessive=True,
    references=True,
    quoted=True,
    folds_cases=False,
    collating=True,
)
"""MariaDB's PCRE, and MySQL's ICU as far as they agree."""
ECMA = Flavour(
    "ECMA-262",
    dot=complement(_LINES),
    classes={**_CLASSES, "s": _ECMA_SPACES},
    controls={**_CONTROLS, "v": "\v", "f": "\f", "0": "\0"},
    anchors=_EDGES,
    hexadecimal={"x": 2, "u": 4},
    flags={"i": "fold", "m": "lines", "s": "all"},
    references=True,
    empty_classes=True,
)
PYTHON = Flavour(
    "Python's regular expressions",
    unsure=True,
    controls={**_MORE_CONTROLS, "v": "\v"},
    anchors={**_EDGES, "A": Place.START, "Z": Place.END},
    before_newline=("$",),
    hexadecimal={"x": 2, "u": 4, "U": 8},
    flags={"i": "fold", "m": "lines", "s": "all", "x": "expanded", "u": ""},
    possessive=True,
    references=True,
)
"""What programs give SQLite for its REGEXP, mostly."""
_EVERYTHING = Repeat(_ANY, 0, None)
SIMILAR = Flavour(
    "SIMILAR TO",
    meta=frozenset("|()[]{}*+?\\"),
    wildcards={"%": _EVERYTHING, "_": _ANY},
    unsure=True,
    class_escapes=False,
    collating=True,
    whole=True,
)
LIKE = Flavour("LIKE", meta=frozenset("\\"), wildcards={"%": _EVERYTHING, "_": _ANY}, whole=True)
GLOB = Flavour(
    "GLOB", meta=frozenset("["), wildcards={"*": _EVERYTHING, "?": _ANY}, class_escapes=False, whole=True, escape=""
)


def escaped_by(flavour: Flavour, escape: str) -> Flavour:
    """A syntax with another character that takes the meaning from the next one; none where it is empty."""
    return replace(flavour, meta=(flavour.meta - {"\\"}) | set(escape), escape=escape)


_CATEGORIES = {
    "letter": "L", "alphabetic": "L", "digit": "Nd", "number": "N", "punctuation": "P",
    "uppercase": "Lu", "lowercase": "Ll",
}  # fmt: skip


def category(name: str) -> Ranges | None:
    """A category of Unicode, as far as ASCII goes (separators as a whole); None where it is not known."""
    short = _CATEGORIES.get(name.lower(), name)
    if not 1 <= len(short) <= 2 or short[0] not in "LMNPSZC":
        return None
    if short == "Z":
        return union(SEPARATORS, of(" "))
    return of("".join(chr(code) for code in range(128) if unicodedata.category(chr(code)).startswith(short)))


def no_newline(ranges: Ranges) -> Ranges:
    """A set without the newline."""
    return without(ranges, _NEWLINE)
