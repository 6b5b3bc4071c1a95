"""What the columns of a table mean, and which of them belong together: by their names, or as their rules say."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from faasera.core.types import DataType
from faasera.generators.encoded import EncodedRule
from faasera.generators.meaning import TypeInGroup
from faasera.generators.preserve import PreserveRule
from faasera.generators.scope import Scope
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.registry import SEMANTIC_TYPES, SemanticType
from faasera.generators.semantic.rule import SemanticRule
from faasera.policy.model import Rule

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_KINDS_OF_CONTACT = {"home", "work", "mobile", "cell", "office", "primary", "main", "default", "personal", "business", "contact", "private", "day", "evening", "the", "my", "full", "legal", "user", "e"}  # fmt: skip
"""Words before a name that say which kind of address or number it is, not whose."""
_PEOPLE = ("customer", "client", "patient", "person", "people", "user", "employee", "staff", "member", "contact", "student", "teacher", "doctor", "physician", "guest", "visitor", "subscriber", "applicant", "candidate", "driver", "author", "cardholder", "holder", "passenger", "resident", "citizen", "player", "tenant", "owner", "buyer", "seller", "nurse", "agent", "manager", "worker")  # fmt: skip
_COMPANIES = ("compan", "supplier", "vendor", "employer", "manufacturer", "merchant", "organi")
_OTHERS = {"product": "product-name", "item": "product-name", "article": "product-name", "city": "city", "cities": "city", "country": "country", "countries": "country", "hospital": "hospital"}  # fmt: skip


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: ``billingPostCode`` and ``billing_post_code`` are the same."""
    return [word.lower() for word in _WORD.findall(name)]


@cache
def _by_name() -> dict[str, str]:
    return {name: entry.name for entry in SEMANTIC_TYPES for name in entry.names}


@lru_cache(maxsize=1 << 15)
def meaning(column: str, table: str) -> TypeInGroup | None:
    """What a column's name means, or None where it is not sure; the last words of the name decide."""
    words = words_of(column)
    while words and words[-1].isdigit() and len(words) > 1:
        words.pop()
    known = _by_name()
    for start in range(len(words)):
        semantic = known.get("".join(words[start:]))
        if semantic is not None:
            return TypeInGroup(semantic, _group(words[:start], table))
    if words and words[-1] == "name":
        return _whose_name(words[:-1], table)
    return None


def _group(words: list[str], table: str) -> str:
    """The group that words before a type's name tell: none where they name the table itself or a kind of contact."""
    kept = [word for word in words if word not in _KINDS_OF_CONTACT and not _names_table(word, table)]
    return "_".join(kept)


def _names_table(word: str, table: str) -> bool:
    """Whether a word is the table's name, in the singular or abbreviated (``cust`` in ``customers``)."""
    last = words_of(table.rpartition(".")[2])
    return any(len(word) >= 3 and one.startswith(word.removesuffix("s")) for one in last) or (
        len(word) == 1 and bool(last) and last[-1].startswith(word)
    )


def _whose_name(words: list[str], table: str) -> TypeInGroup | None:
    """``name`` and ``customer_name``: of a person, a company or a thing, if the words or the table say so."""
    subject = words[-1] if words else (words_of(table.rpartition(".")[2]) or [""])[-1]
    rest = words[:-1] if words else []
    if subject.startswith(_PEOPLE):
        group = _group(words, table) if words else ""
        return TypeInGroup("firstname-lastname", group)
    if subject.startswith(_COMPANIES):
        return TypeInGroup("company", _group(rest, table))
    semantic = next((meant for start, meant in _OTHERS.items() if subject.startswith(start)), None)
    return TypeInGroup(semantic, _group(rest, table)) if semantic is not None else None


def fits(entry: SemanticType, data_type: DataType | None) -> bool:
    """Whether a type's values can be of a data type; texts can always be texts."""
    if data_type is None or data_type == entry.data_type:
        return True
    if data_type.is_whole or entry.data_type.is_whole:
        return data_type.is_whole and entry.data_type.is_whole
    return data_type.is_number and entry.data_type.is_number


def semantic_type_of(rule: Rule | None, column: str, table: str) -> TypeInGroup | None:
    """The semantic type of a rule: named, or by the column's name where the rule leaves it open."""
    if rule is None:
        return meaning(column, table)
    if not isinstance(rule, SemanticRule):
        return None
    if rule.semantic_type is not None:
        return TypeInGroup(rule.semantic_type, _group_of(rule, rule.semantic_type, column, table))
    by_name = meaning(column, table) if rule.leaves_open else None
    entry = SEMANTIC_TYPES.get(by_name.semantic) if by_name is not None else None
    data_type = DataType.parse(rule.data_type) if rule.data_type else None
    return by_name if entry is not None and fits(entry, data_type) else None


def _group_of(rule: SemanticRule, named: str, column: str, table: str) -> str:
    """The group of a rule that names its type: given, or by the column's name where that is of the same kind."""
    if rule.group is not None:
        return rule.group
    by_name = meaning(column, table)
    return by_name.group if by_name is not None and _related(by_name.semantic, named) else ""


def _related(one: str, other: str) -> bool:
    """Whether two types are of one kind, so that a column's prefix tells the group of either."""
    first, second = SEMANTIC_TYPES.get(one), SEMANTIC_TYPES.get(other)
    return first is not None and second is not None and first.kind == second.kind


def members(rules: Mapping[str, Rule | None], table: str) -> Iterator[tuple[str, Rule | None, TypeInGroup]]:
    """All columns of a table that have a semantic type."""
    for column, rule in rules.items():
        found = semantic_type_of(rule, column, table)
        if found is not None:
            yield column, rule, found


def meanings_in(scope: Scope) -> Mapping[str, TypeInGroup]:
    """The semantic types of the columns of a rule's table that have one."""
    return scope.workshop.meanings.get(
        scope.table, lambda: {name: meant for name, _, meant in members(scope.rules, scope.table)}
    )


def alone(column: SemanticColumn, kind: str) -> bool:
    """Whether no other column of the table belongs to the group."""
    for name, found in meanings_in(column.scope).items():
        entry = SEMANTIC_TYPES.get(found.semantic)
        if name != column.name and entry is not None and entry.kind == kind and found.group == column.group.name:
            return False
    return True


_LISTED = ("first-name", "last-name")
"""Types that become plain lists where a key asks for them to be unique."""


def source_of(column: SemanticColumn, semantic: str) -> str | None:
    """A column of the group that means a type but is made otherwise: of a seed file, or unique and so out of the group.

    What is derived from the type follows such a column, so that the row agrees with what it shows.
    """
    workshop, group = column.scope.workshop, column.group
    first = workshop.first_columns.get(group, lambda: column.name)
    return workshop.followed.get((group, semantic), lambda: _source(column, semantic, first))


def _source(column: SemanticColumn, semantic: str, first: str) -> str | None:
    scope, wanted = column.scope, TypeInGroup(semantic, column.group.name)
    entry = SEMANTIC_TYPES.get(semantic)
    for name, rule in scope.rules.items():
        # The column of a group that is compiled first is never followed: values of existing policies depend on it.
        if name != first and _stands_for(name, rule, wanted, scope):
            made = scope.generator(name, at="semanticType")
            if made is not None and entry is not None and made.data_type == entry.data_type:
                return name
    return None


def _stands_for(column: str, rule: Rule | None, wanted: TypeInGroup, scope: Scope) -> bool:
    """Whether a column means a type, and its values come from elsewhere than from the group."""
    typed = semantic_type_of(rule, column, scope.table)
    if typed is not None:
        return typed == wanted and wanted.semantic in _LISTED and column in scope.unique_columns
    return not _derived(rule) and meaning(column, scope.table) == wanted


def _derived(rule: Rule | None) -> bool:
    """Whether a rule makes its values of other columns of the row."""
    return rule is None or isinstance(rule, EncodedRule) or (isinstance(rule, PreserveRule) and rule.lookup is None)
