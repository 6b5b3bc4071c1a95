"""The keys of a table, read in one place for whoever needs them: plan, checks, definitions and page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from faasera.policy.model import Rule, TablePolicy

PRIMARY, COMPOSITE, UNIQUE = "primary key", "composite key", "unique"


@dataclass(frozen=True)
class Key:
    """Columns that are unique together.

    Attributes:
        columns: their names.
        kind: ``primary key``, ``composite key`` or ``unique``.
        place: where the table's policy says so.
    """

    columns: tuple[str, ...]
    kind: str = UNIQUE
    place: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Keys:
    """All keys of a table.

    Attributes:
        declared: in the order of the policy; one may be there twice.
    """

    declared: tuple[Key, ...] = ()

    @cached_property
    def ordered(self) -> tuple[Key, ...]:
        """Single columns first, and a part before its whole."""
        ordered: list[Key] = []
        for key in sorted(self.declared, key=lambda key: len(key.columns) > 1):
            wider = [place for place, known in enumerate(ordered) if set(key.columns) < set(known.columns)]
            ordered.insert(wider[0] if wider else len(ordered), key)
        return tuple(ordered)

    @cached_property
    def never_null(self) -> frozenset[str]:
        """The columns of the primary and of the composite key."""
        return frozenset(column for key in self.declared if key.kind != UNIQUE for column in key.columns)

    @cached_property
    def unique_columns(self) -> frozenset[str]:
        """The columns that a key asks to be unique, alone or with others.

        A key that holds because of some of its columns asks nothing of the others.
        """
        tuples = [frozenset(key.columns) for key in self.ordered]
        return frozenset(
            column
            for one in tuples
            for column in one
            if not any(other < one and column not in other for other in tuples)
        )

    def binds(self, column: str) -> bool:
        """Whether a column belongs to a key."""
        return any(column in key.columns for key in self.declared)

    def single(self, column: str) -> bool:
        """Whether a column is a key by itself."""
        return any(key.columns == (column,) for key in self.declared)

    def has(self, columns: Iterable[str]) -> bool:
        """Whether these columns, in any order, are a key."""
        wanted = set(columns)
        return any(set(key.columns) == wanted for key in self.declared)

    def within(self, columns: Iterable[str]) -> list[tuple[str, ...]]:
        """The keys that have no other columns than these."""
        wanted = set(columns)
        return [key.columns for key in self.ordered if set(key.columns) <= wanted]


def composite_columns(written: str | None) -> tuple[str, ...]:
    """The columns of a ``compositeKeyColumn``.

    >>> composite_columns("store_id + receipt_no")
    ('store_id', 'receipt_no')
    """
    return tuple(name.strip() for name in (written or "").split("+") if name.strip())


def identifying_columns(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns of the primary or composite key of a table that stands in a document, perhaps with mistakes."""
    primary, composite = table.get("primaryKeyColumn"), table.get("compositeKeyColumn")
    if isinstance(primary, str) and primary:
        return (primary,)
    return composite_columns(composite if isinstance(composite, str) else None)


def read_keys(policy: TablePolicy, rules: Mapping[str, Rule | None]) -> Keys:
    """The keys of a table.

    Args:
        policy: the table.
        rules: of its columns.
    """
    found: list[Key] = []
    if policy.primary_key_column is not None:
        found.append(Key((policy.primary_key_column,), PRIMARY, ("primaryKeyColumn",)))
    composite = composite_columns(policy.composite_key_column)
    if composite:
        found.append(Key(composite, COMPOSITE, ("compositeKeyColumn",)))
    found += [Key(tuple(key), UNIQUE, ("uniqueKeys", index)) for index, key in enumerate(policy.unique_keys)]
    found += [
        Key((name,), UNIQUE, ("columnRuleMap", name, "unique")) for name, rule in rules.items() if rule and rule.unique
    ]
    for index, foreign_key in enumerate(policy.foreign_keys):
        counted = foreign_key.children_per_parent is not None and foreign_key.children_per_parent.max > 1
        if foreign_key.unique and not counted:  # What contradicts itself is reported once.
            found.append(Key(foreign_key.unique_columns, UNIQUE, ("foreignKeys", index, "unique")))
    return Keys(tuple(found))
