"""Which columns of a policy wait for suggestions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from faasera.core.errors import pointer
from faasera.generators import GENERATORS
from faasera.generators.semantic.neighbours import meaning

KEY = "useAIHinting"
_OPEN = {
    "type",
    "nullFraction",
    "maxLength",
    "description",
    "hidden",
    "databaseType",
    "dataType",
    "locale",
    "guess",
    KEY,
}
"""Keys that say nothing of the values themselves."""
_DEFAULT_LOCALE = "en_US"


@dataclass(frozen=True)
class Wanted:
    """A column that waits for suggestions.

    Attributes:
        table: its table's name.
        column: its name.
        pointer: JSON Pointer to its rule.
        rule: as it stands.
        locale: the most frequent one of its rows.
        description: of the column; may be empty.
        table_description: of its table; may be empty.
        neighbours: the names of the table's other columns.
        explicit: whether the column itself asks, not only its table or the document.
    """

    table: str
    column: str
    pointer: str
    rule: Mapping[str, Any]
    locale: str
    description: str
    table_description: str
    neighbours: Sequence[str]
    explicit: bool

    @property
    def max_length(self) -> int | None:
        """The longest text that the rule allows."""
        found = self.rule.get("maxLength")
        return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else None


def is_open(rule: Mapping[str, Any]) -> bool:
    """Whether a rule says nothing of where its values come from."""
    texts = rule.get("dataType") in (None, "STRING")
    return texts and set(rule) <= _OPEN and _hinted(rule.get("type"))


def _hinted(rule_type: Any) -> bool:
    """Whether hints may fill rules of a type; those that name none, too."""
    known = GENERATORS.get(rule_type) if isinstance(rule_type, str) else None
    return rule_type is None or (known is not None and known.hinted)


def wanted(policy: Mapping[str, Any]) -> Iterator[Wanted]:
    """The columns of a policy's value that hints are for; what is wrong with the value is for others to say.

    A column that asks itself always counts; where its table or the document asks, columns count whose names do not
    say already what they hold. Columns of keys never do.
    """
    for place, table in _tables(policy):
        rules = table.get("columnRuleMap")
        if not isinstance(rules, Mapping):
            continue
        asked = _flag(table.get(KEY), _flag(policy.get(KEY), False))
        keys = set(_key_columns(table))
        for column, rule in rules.items():
            if not isinstance(rule, Mapping) or column in keys or not is_open(rule):
                continue
            explicit = rule.get(KEY) is True
            unsaid = meaning(column, str(table.get("tableName"))) is None
            if explicit or (asked and rule.get(KEY) is None and unsaid):
                yield Wanted(
                    str(table.get("tableName")),
                    column,
                    pointer(*place, "columnRuleMap", column),
                    rule,
                    _locale(rule, table, policy),
                    str(rule.get("description") or ""),
                    str(table.get("description") or ""),
                    [name for name in rules if name != column],
                    explicit,
                )


def _tables(policy: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    tables = policy.get("tables")
    if isinstance(tables, list):
        yield from ((("tables", place), table) for place, table in enumerate(tables) if isinstance(table, Mapping))
    else:
        yield (), policy


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _flag(value: Any, otherwise: bool) -> bool:
    return value if isinstance(value, bool) else otherwise


def _key_columns(table: Mapping[str, Any]) -> Iterator[str]:
    """Columns whose values keys decide."""
    yield str(table.get("primaryKeyColumn") or "")
    yield from (name.strip() for name in str(table.get("compositeKeyColumn") or "").split("+"))
    for key in _list(table.get("uniqueKeys")):
        yield from map(str, _list(key))
    for one in _list(table.get("foreignKeys")):
        yield from map(str, _list(one.get("columns") if isinstance(one, Mapping) else None))


def _locale(*levels: Mapping[str, Any]) -> str:
    """The most frequent locale of the nearest level that names one."""
    for level in levels:
        given = level.get("locale")
        if isinstance(given, str):
            return given
        if isinstance(given, Mapping) and given:
            numbers = {name: weight for name, weight in given.items() if isinstance(weight, int | float)}
            return str(max(numbers, key=lambda name: numbers[name])) if numbers else _DEFAULT_LOCALE
    return _DEFAULT_LOCALE
