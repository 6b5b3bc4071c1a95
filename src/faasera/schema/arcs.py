"""Conditions on which columns have a value: exclusive arcs, columns that are there together, or by a kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from faasera.core.types import BOOLEAN
from faasera.generators.expression_syntax import Call, Column, Literal, Node, parse_expression
from faasera.schema.column_place import Guess
from faasera.schema.condition_nodes import parts_of
from faasera.schema.drafts import Presence, TableDraft

_MOST_COLUMNS = 8
_MOST_ARMS = 12
_NULLS = 0.1
_OFTEN = 0.5
_LISTED = ("STRING", "INTEGER", "BIGINT", "BOOLEAN")

Pattern = frozenset[str]
"""The columns that have a value in a row."""


class _UnknownError(Exception):
    """A part of a condition that depends on more than which columns have a value."""


@dataclass
class _Group:
    """Conditions that hang together by their columns.

    Attributes:
        nodes: the conditions.
        columns: that are asked for a value.
        kinds: columns that are compared with literals, each with these.
    """

    nodes: list[Node] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    kinds: dict[str, list[Any]] = field(default_factory=dict)

    def touches(self, other: "_Group") -> bool:
        """Whether two have a column in common."""
        return bool((self.columns | self.kinds.keys()) & (other.columns | other.kinds.keys()))

    def add(self, other: "_Group") -> None:
        """Take in the conditions of another one."""
        self.nodes += other.nodes
        self.columns |= other.columns
        for name, values in other.kinds.items():
            known = self.kinds.setdefault(name, [])
            known += [value for value in values if value not in known]

    @property
    def presence(self) -> list[str]:
        """The columns that are asked for a value, and by which nothing is chosen."""
        return sorted(self.columns - self.kinds.keys())


def arrange_presence(made: TableDraft, empty: Mapping[str, Guess]) -> None:
    """Let a column choose which others have a value, so that a table's conditions hold by construction.

    Args:
        made: the table; all of its columns have their rules.
        empty: for each column a rule that makes no value.
    """
    for group in _groups(made):
        if len(group.presence) <= _MOST_COLUMNS and len(group.kinds) <= 1:
            _Arrangement(made, group, empty).apply()


def _groups(made: TableDraft) -> list[_Group]:
    groups: list[_Group] = []
    for check in made.checks:
        for node in parts_of(parse_expression(check["expression"]), "and") if "expression" in check else ():
            group = _group(made, node)
            if group is None:
                continue
            for other in [one for one in groups if one.touches(group)]:
                groups.remove(other)
                group.add(other)
            groups.append(group)
    return [group for group in groups if group.presence]


def _group(made: TableDraft, node: Node) -> _Group | None:
    """A condition by itself; None where it is about something else."""
    group = _Group([node])
    try:
        for name, value in _atoms(made, node, positive=True):
            if value is None:
                group.columns.add(name)
            else:
                known = group.kinds.setdefault(name, [])
                known += [one for one in value if one not in known]
    except _UnknownError:
        return None
    return group if group.columns or group.kinds else None


def _atoms(made: TableDraft, node: Node, *, positive: bool) -> Iterator[tuple[str, list[Any] | None]]:
    """The columns of a condition: those that are asked for a value, and those compared, with the literals.

    Raises:
        _UnknownError: it depends on more.
    """
    if isinstance(node, Literal):
        return
    if isinstance(node, Column):
        if not _is_truth(made, node.name):
            raise _UnknownError
        yield node.name, [True, False]
        return
    inner = node.arguments[0] if node.arguments else None
    compared = _compared(node)
    if node.function == "is_null" and isinstance(inner, Column):
        yield inner.name, None
    elif compared is not None and not _is_truth(made, compared[0]):
        yield compared[0], [compared[1]] if node.function == "=" else []
    elif node.function in _OPERATORS or node.function in ("and", "or", "not", "if", "coalesce", "integer", "negate"):
        if positive and node.function in _COMPARISONS and not _is_sayable(made, node):
            return
        for argument in node.arguments:
            yield from _atoms(made, argument, positive=positive and node.function in ("and", "or"))
    elif not positive:
        raise _UnknownError


def _is_sayable(made: TableDraft, node: Node) -> bool:
    try:
        list(_atoms(made, Call("not", (node,)), positive=False))
    except _UnknownError:
        return False
    return True


def _is_truth(made: TableDraft, name: str) -> bool:
    column = made.table.column(name)
    return column is not None and column.data_type == BOOLEAN


def _compared(node: Call) -> tuple[str, Any] | None:
    """The column and the value of ``c = 1`` and ``c <> 1``."""
    if node.function not in ("=", "<>"):
        return None
    for column, value in (node.arguments, node.arguments[::-1]):
        if isinstance(value, Call) and value.function == "negate" and isinstance(value.arguments[0], Literal):
            number = value.arguments[0].value
            value = Literal(-number) if isinstance(number, int | float) else value
        if isinstance(column, Column) and isinstance(value, Literal) and value.value is not None:
            return column.name, value.value
    return None


# truth


_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_OPERATORS: dict[str, Any] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


def _value(node: Node, present: Pattern, kinds: Mapping[str, Any]) -> Any:
    """A condition's value as SQL has it, None for null; what is about values alone is taken to be met."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Column):
        return kinds.get(node.name, True)
    arguments = node.arguments
    if node.function == "is_null" and isinstance(arguments[0], Column):
        return arguments[0].name not in kinds and arguments[0].name not in present
    if node.function in ("and", "or"):
        left, right = (_value(one, present, kinds) for one in arguments)
        decisive = node.function == "or"
        if left is decisive or right is decisive:
            return decisive
        return None if left is None or right is None else not decisive
    if node.function == "if":
        return _value(arguments[1 if _value(arguments[0], present, kinds) else 2], present, kinds)
    if node.function == "coalesce":
        return next((one for one in (_value(part, present, kinds) for part in arguments) if one is not None), None)
    compared = _compared(node)
    if compared is not None and compared[0] in kinds:
        return (kinds[compared[0]] == compared[1]) == (node.function == "=")
    known = _known(node, kinds)
    if not known:
        return True
    values = [_value(one, present, kinds) for one in arguments]
    if None in values:
        return None
    if node.function == "not":
        return not values[0]
    if node.function == "negate":
        return -values[0]
    return int(values[0]) if node.function == "integer" else _OPERATORS[node.function](*values)


def _known(node: Node, kinds: Mapping[str, Any]) -> bool:
    """Whether a part's value follows from which columns have one."""
    if isinstance(node, Column):
        return node.name in kinds
    if isinstance(node, Literal) or node.function == "is_null":
        return True
    named = node.function in _OPERATORS or node.function in ("and", "or", "not", "if", "coalesce", "integer", "negate")
    return named and all(_known(one, kinds) for one in node.arguments)


# arrangement


class _Arrangement:
    """The conditions of one group, and what a table's columns may be beside them."""

    def __init__(self, made: TableDraft, group: _Group, empty: Mapping[str, Guess]) -> None:
        self.made = made
        self.group = group
        self.empty = empty

    def apply(self) -> None:
        """Let the table's rules and foreign keys follow."""
        if not self._is_settable():
            return
        kind = next(iter(self.group.kinds), None)
        if kind is None:
            self._without_kind(self._allowed({}))
            return
        values = self._values(kind)
        patterns = {value: allowed for value in values if (allowed := self._allowed({kind: value}))}
        if not patterns:
            return
        natural = sum(self._natural(allowed) for allowed in patterns.values()) / max(len(values), 1)
        if not self._is_bound() and natural >= _OFTEN:
            return
        chosen = {value: min(allowed, key=lambda one: (len(one), sorted(one))) for value, allowed in patterns.items()}
        if self._choose(kind, chosen):
            self._list_values(kind, list(chosen))

    def _without_kind(self, allowed: list[Pattern]) -> None:
        if not allowed:
            return
        always = frozenset.intersection(*allowed)
        never = set(self.group.presence) - frozenset.union(*allowed)
        self.made.required |= always
        for name in never:
            if self._fixed(name) is None:
                self.made.presence[name] = Presence("", (), ())
                self.made.empty[name] = self.empty.get(name, {})
        rest = sorted(set(self.group.presence) - always - never)
        open_ones = sorted({one - always for one in allowed}, key=lambda one: (len(one), sorted(one)))
        if len(open_ones) == 2 ** len(rest) or not (self._is_bound() or self._natural(allowed) < _OFTEN):
            return
        name = f"arc {sum('arc' in one for one in self.made.extra) + 1}"
        arms = {" and ".join(sorted(one)) or "none": one | always for one in open_ones[:_MOST_ARMS]}
        if self._choose(name, dict(arms)):
            self.made.extra[name] = {"type": "SEED", "values": list(arms), "hidden": True}

    def _allowed(self, kinds: Mapping[str, Any]) -> list[Pattern]:
        """All patterns that meet the conditions."""
        fixed = {name: given for name in self.group.presence if (given := self._fixed(name)) is not None}
        free = [name for name in self.group.presence if name not in fixed]
        found = []
        for mask in product((True, False), repeat=len(free)):
            there = {**fixed, **dict(zip(free, mask, strict=True))}
            pattern = frozenset(name for name, given in there.items() if given)
            if all(_value(node, pattern, kinds) is not False for node in self.group.nodes):
                found.append(pattern)
        return found

    def _fixed(self, name: str) -> bool | None:
        """Whether a column always has a value, or never; None where either may be."""
        made, column = self.made, self.made.table.column(name)
        if column is None or name not in made.order:
            return bool(column is not None and (column.generated or column.identity or column.default is not None))
        if not column.nullable or name in made.primary or name in made.required:
            return True
        lost = any(name in key.columns for key in made.table.foreign_keys if key not in made.keys)
        return False if lost and name in made.choices else None

    def _natural(self, allowed: list[Pattern]) -> float:
        """How many rows would meet the conditions by chance."""
        free = [name for name in self.group.presence if self._fixed(name) is None]
        return sum((1 - _NULLS) ** len(one & set(free)) * _NULLS ** len(set(free) - one) for one in allowed)

    def _is_settable(self) -> bool:
        """Whether rules say what the columns hold."""
        names = [name for name in self.group.presence if self._fixed(name) is None]
        foreign = {name for key in self.made.keys for name in key.columns}
        plain = all(name in foreign or name in self.empty for name in names)
        kinds = all(name in self.made.choices and name not in foreign for name in self.group.kinds)
        return plain and kinds and not any(name in self.made.presence for name in names)

    def _is_bound(self) -> bool:
        """Whether a column belongs to a key or a foreign key, which are never drawn again."""
        bound = {name for key in (*self.made.uniques, self.made.primary) for name in key}
        bound |= {name for key in self.made.keys for name in key.columns}
        bound |= {name for key in self.made.table.unique_keys for name in key.columns}
        return any(name in bound for name in self.group.presence if self._fixed(name) is None)

    def _values(self, kind: str) -> list[Any]:
        """The values that a column by which is chosen may have."""
        column, listed = self.made.table.column(kind), self.group.kinds[kind]
        assert column is not None
        if column.data_type is None or column.data_type.name not in _LISTED or column.array:
            return []
        given = column.values or self.made.choices[kind][0].get("values") or ()
        return list(dict.fromkeys([*listed, *given])) if not column.values else list(given)

    def _choose(self, kind: str, chosen: Mapping[Any, Pattern]) -> bool:
        """Let a column's value choose; False where a foreign key would be there in a part."""
        found: dict[str, Presence] = {}
        for name in self.group.presence:
            there = [value for value, pattern in chosen.items() if name in pattern]
            if self._fixed(name) is None and len(there) < len(chosen):
                found[name] = Presence(kind, tuple(there), tuple(value for value in chosen if value not in there))
        for key in self.made.keys:
            if len({found[name].present for name in key.columns if name in found}) > 1:
                return False
        for name, presence in found.items():
            self.made.presence[name] = presence
            self.made.empty[name] = self.empty.get(name, {})
        self.made.required |= frozenset.intersection(*chosen.values()) if chosen else frozenset()
        return True

    def _list_values(self, kind: str, values: list[Any]) -> None:
        kept = {
            key: value
            for key, value in self.made.choices[kind][0].items()
            if key in ("databaseType", "description", "dataType")
        }
        column = self.made.table.column(kind)
        assert column is not None and column.data_type is not None
        if column.data_type.name in ("STRING", "BOOLEAN"):
            kept.pop("dataType", None)
        else:
            kept["dataType"] = str(column.data_type)
        self.made.choices[kind] = [{"type": "SEED", "values": values, **kept}]
