"""YAML 1.2 by its core schema, as documents of any kind are read here, and as policies are written.

What looks like a number and would lose digits as one stays a text: ``00123`` is no 123. Merge keys (``<<``), which
YAML 1.2 dropped and people use, are understood. What is written reads the same by YAML 1.1 and 1.2.
"""

import re
from collections.abc import Callable
from typing import Any

from faasera.policy.values import pairs, real_number, whole_number

_TAG = "tag:yaml.org,2002:"
_PLAIN = "tag:faasera,2026:plain"
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASES = {"0o": 8, "0x": 16}
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9.][0-9a-zA-Z_.:+-]*$|[-+]$")
"""What some reader of YAML takes for a number, a time or a date."""


class YamlError(ValueError):
    """A text that is not the YAML of a JSON value; says where and why."""


def read_yaml(text: str) -> Any:
    """The JSON value of a YAML document, whose objects are ``Pairs``.

    Raises:
        YamlError: it cannot be read.
        RecursionError: it is nested too deeply.
    """
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # Plain scalars are told from quoted ones by a tag of their own; what they are is decided here.
    loader: Any = type("Loader", (base,), {"yaml_implicit_resolvers": {None: [(_PLAIN, re.compile(""))]}})
    try:
        node: Any = yaml.compose(text, loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise YamlError(f"{getattr(error, 'problem', None) or error}{_where(mark)}") from None
    return _Reader().value(node) if node is not None else None


def _where(mark: Any) -> str:
    return f" on line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


class _Reader:
    """From nodes to values. A node that is named and used again is one value."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: Any) -> Any:
        key = id(node)
        if key not in self._made:
            if key in self._open:
                raise YamlError(f"a value holds itself{_where(node.start_mark)}")
            self._open.add(key)
            self._made[key] = self._read(node)
            self._open.discard(key)
        return self._made[key]

    def _read(self, node: Any) -> Any:
        if node.id == "scalar":
            return _scalar(node)
        if node.tag != _TAG + {"sequence": "seq", "mapping": "map"}[node.id]:
            raise YamlError(f"the tag {node.tag} is not known here{_where(node.start_mark)}")
        if node.id == "sequence":
            return [self.value(one) for one in node.value]
        own = [(_key(key), value, key.start_mark.line + 1) for key, value in node.value if not _merges(key)]
        named = {key for key, _, _ in own}
        merged = [pair for key, value in node.value if _merges(key) for pair in self._merged(value, named)]
        items = [*merged, *((key, self.value(value)) for key, value, _ in own)]
        return pairs(items, [*(0 for _ in merged), *(line for _, _, line in own)])

    def _merged(self, node: Any, named: set[str]) -> list[tuple[str, Any]]:
        """The pairs that a merge key brings; the first source of a key counts."""
        sources = node.value if node.id == "sequence" else [node]
        found: dict[str, Any] = {}
        for source in sources:
            if source.id != "mapping":
                raise YamlError(f"'<<' takes objects{_where(source.start_mark)}")
            for key, value in self.value(source).items():
                if key not in named:
                    found.setdefault(key, value)
        named |= set(found)
        return list(found.items())


def _merges(key: Any) -> bool:
    return bool(key.id == "scalar" and key.tag == _PLAIN and key.value == "<<")


def _key(node: Any) -> str:
    if node.id != "scalar":
        raise YamlError(f"a key is a text{_where(node.start_mark)}")
    return str(node.value)


def _scalar(node: Any) -> Any:
    kind = node.tag.removeprefix(_TAG)
    try:
        if kind == "str":
            return node.value
        value = _plain(node.value)
        if node.tag == _PLAIN:
            return value
        if kind not in _TYPES:
            raise YamlError(f"the tag {node.tag} is not known here")
        if not _TYPES[kind](value):
            raise YamlError(f"{node.value!r} is no {kind}")
    except ValueError as error:
        raise YamlError(f"{error}{_where(node.start_mark)}") from None
    return value


_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def _plain(text: str) -> Any:
    """What a scalar without quotes is."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return whole_number(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text[2:], _BASES[text[:2]])
    if _REAL.fullmatch(text):
        return real_number(text)
    if _ENDLESS.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    return text


def write_yaml(value: Any, width: int = 150) -> str:
    """A JSON value as YAML. Texts that any reader could take for something else are quoted."""
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper: Any = type("Dumper", (base,), {"ignore_aliases": lambda *_: True})
    dumper.add_implicit_resolver(_TAG + "float", _LIKE_A_NUMBER, list("-+.0123456789"))
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=width))
