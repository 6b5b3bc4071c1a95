"""Sixth phase: what is drawn again in rows that would break a check."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from faasera.generators import GENERATORS
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.plan.model import CheckPlan, ColumnPlan, Redraw, TablePlan


def condition(plan: TablePlan, checks: Sequence[CheckPlan], demanded: Iterable[str] = ()) -> TablePlan:
    """The plan with its checks, and with what is drawn again where one fails.

    Args:
        plan: of the table.
        checks: that its rows meet.
        demanded: columns of keys that other tables need.
    """
    fixed = {column for key in plan.keys for column in key} | set(demanded)
    groups: list[tuple[set[str], set[str], list[CheckPlan]]] = []
    for check in checks:
        columns, keys = _reach(plan, check.value.uses, fixed)
        merged = [group for group in groups if group[0] & columns or group[1] & keys]
        for group in merged:
            groups.remove(group)
            columns |= group[0]
            keys |= group[1]
        own = [one for group in merged for one in group[2]]
        groups.append((columns, keys, [*own, check]))
    groups = _with_followers(plan, groups, fixed)
    for columns, _, own in groups:
        while staying := _deciding(plan, own, columns):
            columns -= staying
    redraws = tuple(
        Redraw(
            frozenset(columns),
            frozenset(keys),
            tuple(own),
        )
        for columns, keys, own in groups
    )
    return replace(plan, redraws=redraws)


_Group = tuple[set[str], set[str], list[CheckPlan]]


def _with_followers(plan: TablePlan, groups: list[_Group], fixed: set[str]) -> list[_Group]:
    """Groups that have nothing to draw again get the foreign keys that choose beside another one."""
    found = [group for group in groups if group[0] or group[1]]
    for _, _, checks in [group for group in groups if not group[0] and not group[1]]:
        uses = {name for check in checks for name in check.value.uses}
        keys = {one for one, key in plan.foreign_keys.items() if uses & set(key.columns) and _follows(plan, one, fixed)}
        for other in [group for group in found if group[1] & keys]:
            found.remove(other)
            keys |= other[1]
            checks = [*other[2], *checks]
        found.append((set(), keys, checks))
    return found


def _follows(plan: TablePlan, name: str, fixed: set[str]) -> bool:
    """Whether a foreign key can be drawn again although it shares columns, as it keeps to what is shared."""
    key = plan.foreign_keys[name]
    others = {column for one, other in plan.foreign_keys.items() if one != name for column in other.columns}
    return key.link.follows and not key.when and not (set(key.columns) - others) & fixed


def _deciding(plan: TablePlan, checks: Sequence[CheckPlan], columns: set[str]) -> set[str]:
    """The columns that what stays is made by, where checks look at it: they must stay as well."""
    found, seen = set[str](), set[str]()
    pending = [name for check in checks for name in check.value.uses]
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for key in plan.foreign_keys.values():
            if name in key.columns:
                found |= {column for column, _ in key.when} & columns
        column = next((one for one in plan.columns if one.name == name), None)
        if column is not None and name not in columns:
            found |= set(column.generator.facts.uses) & columns
            pending += column.generator.facts.uses
    return found


def _reach(plan: TablePlan, uses: tuple[str, ...], fixed: set[str]) -> tuple[set[str], set[str]]:
    """What is drawn again so that these columns change: columns, and foreign keys."""
    columns, keys = set[str](), set[str]()
    pending = list(uses)
    while pending:
        name = pending.pop()
        column = next((one for one in plan.columns if one.name == name), None)
        if column is None:
            leading = [one for one, key in plan.foreign_keys.items() if _leads(name, one, key.parent)]
            keys |= {one for one in leading if _free(plan, one, fixed)}
            continue
        if name in columns:
            continue
        referring = [one for one, key in plan.foreign_keys.items() if name in key.columns]
        if referring:
            keys |= {one for one in referring if _free(plan, one, fixed)}
        elif name not in fixed and not _is_fixed(column):
            columns.add(name)
            pending += column.generator.facts.uses
            pending += _companions(plan, column)
    return columns, keys


def _leads(path: str, key: str, parent: str) -> bool:
    """Whether a path to a parent's column goes by a foreign key."""
    return path.startswith((f"{key}.", f"{parent}."))


def _is_fixed(column: ColumnPlan) -> bool:
    declared, facts = GENERATORS.get(column.rule), column.generator.facts
    by_type = declared is not None and declared.fixed
    return by_type or facts.unique or facts.numbering or facts.by_row


def _companions(plan: TablePlan, column: ColumnPlan) -> list[str]:
    """The columns that agree with one of a semantic type, and change with it."""
    kinds = {one.name: SEMANTIC_TYPES.get(one.meaning.semantic_type) for one in plan.columns if one.meaning}
    own = kinds.get(column.name)
    if own is None or not own.kind:
        return []
    return [name for name, other in kinds.items() if other is not None and other.kind == own.kind]


def _free(plan: TablePlan, name: str, fixed: set[str]) -> bool:
    """Whether a foreign key's parent can be drawn again: nothing else hangs on it."""
    key = plan.foreign_keys[name]
    shared = any(set(key.columns) & set(other.columns) for one, other in plan.foreign_keys.items() if one != name)
    return key.link.redrawable and not shared and not key.when and not set(key.columns) & fixed
