"""What the columns of a table mean, and which of them belong together: by their names, or as their rules say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from faasera.core.types import DataType
from faasera.generators.semantic.registry import SEMANTIC_TYPES, Member, SemanticType
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


@dataclass(frozen=True)
class Meaning:
    """What a column's name says.

    Attributes:
        semantic: the name of the type.
        group: what stands before the type's name, where that tells one address or person from another.
    """

    semantic: str
    group: str


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {name: entry.name for entry in SEMANTIC_TYPES for name in entry.names}


def meaning(column: str, table: str) -> Meaning | None:
    """What a column's name means, or None where it is not sure; the last words of the name decide."""
    words = words_of(column)
    while words and words[-1].isdigit() and len(words) > 1:
        words.pop()
    known = _by_name()
    for start in range(len(words)):
        semantic = known.get("".join(words[start:]))
        if semantic is not None:
            return Meaning(semantic, _group(words[:start], table))
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


def _whose_name(words: list[str], table: str) -> Meaning | None:
    """``name`` and ``customer_name``: of a person, a company or a thing, if the words or the table say so."""
    subject = words[-1] if words else (words_of(table.rpartition(".")[2]) or [""])[-1]
    rest = words[:-1] if words else []
    if subject.startswith(_PEOPLE):
        group = _group(words, table) if words else ""
        return Meaning("firstname-lastname", group)
    if subject.startswith(_COMPANIES):
        return Meaning("company", _group(rest, table))
    semantic = next((meant for start, meant in _OTHERS.items() if subject.startswith(start)), None)
    return Meaning(semantic, _group(rest, table)) if semantic is not None else None


def fits(entry: SemanticType, data_type: DataType | None) -> bool:
    """Whether a type's values can be of a data type; texts can always be texts."""
    if data_type is None or data_type == entry.data_type:
        return True
    if data_type.is_whole or entry.data_type.is_whole:
        return data_type.is_whole and entry.data_type.is_whole
    return data_type.is_number and entry.data_type.is_number


def semantic_type_of(rule: Rule | None, column: str, table: str) -> Meaning | None:
    """The semantic type of a rule: named, or by the column's name where the rule leaves it open."""
    named = getattr(rule, "semantic_type", None)
    by_name = meaning(column, table)
    if named is not None:
        given = getattr(rule, "group", None)
        same = by_name if by_name is not None and _related(by_name.semantic, named) else None
        return Meaning(named, given if given is not None else (same.group if same else ""))
    if rule is None:
        return by_name
    if rule.type == "RANDOM" and by_name is not None:
        open_ = all(getattr(rule, key) is None for key in ("range", "pattern", "length", "distribution"))
        entry = SEMANTIC_TYPES.get(by_name.semantic)
        data_type = DataType.parse(rule.data_type) if rule.data_type else None
        if open_ and entry is not None and fits(entry, data_type):
            return by_name
    return None


def _related(one: str, other: str) -> bool:
    """Whether two types are of one kind, so that a column's prefix tells the group of either."""
    first, second = SEMANTIC_TYPES.get(one), SEMANTIC_TYPES.get(other)
    return first is not None and second is not None and first.kind == second.kind


def members(rules: Mapping[str, Rule | None], table: str) -> Iterator[tuple[str, Rule | None, Meaning]]:
    """All columns of a table that have a semantic type."""
    for column, rule in rules.items():
        found = semantic_type_of(rule, column, table)
        if found is not None:
            yield column, rule, found


_LISTED = ("first-name", "last-name")
"""Types that become plain lists where a key asks for them to be unique."""


def source_of(member: Member, semantic: str) -> str | None:
    """A column of the group that means a type but is made otherwise: of a seed file, or unique and so out of the group.

    What is derived from the type follows such a column, so that the row agrees with what it shows.
    """
    scope = member.scope
    wanted = Meaning(semantic, member.group)
    for column, rule in scope.rules.items():
        if column == scope.column:
            continue
        typed = semantic_type_of(rule, column, scope.table)
        if typed is not None:
            found = typed == wanted and semantic in _LISTED and column in scope.unique_columns
        else:
            derived = rule is None or rule.type == "FPE_ENCODED"
            derived = derived or (
                rule is not None and rule.type == "PRESERVE" and getattr(rule, "lookup", None) is None
            )
            found = not derived and meaning(column, scope.table) == wanted
        if found:
            handle = scope.generator(column, at="semanticType")
            entry = SEMANTIC_TYPES.get(semantic)
            if handle is not None and entry is not None and handle.data_type == entry.data_type:
                return column
    return None
