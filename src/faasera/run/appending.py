"""Rows that come after those of a database: where row numbers, keys and counters go on."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faasera.core.arrow import decoded
from faasera.core.errors import PolicyError, Problem
from faasera.databases.base import Database
from faasera.databases.structure import Structure
from faasera.generators import GENERATORS
from faasera.plan.evaluate import batch_of
from faasera.plan.model import Plan, TablePlan
from faasera.plan.resolve import resolve
from faasera.policy.parse import parse

_PROBES = 16


@dataclass(frozen=True)
class Continuation:
    """How a run goes on after the rows that are there.

    Attributes:
        plan: of all rows, or of the new ones.
        first: the first row to write, by table.
    """

    plan: Plan
    first: Mapping[str, int]


def continue_keys(plan: Plan, database: Database, structure: Structure, present: Mapping[str, int]) -> Continuation:
    """Continue what a database holds.

    Where its rows are the first ones of this very policy, the run goes on with the row after them, so that all keys
    stay unique and children may refer to the old parents, too. Where they are others, whole-numbered keys go on after
    the largest, and new rows refer to new rows.
    """
    if not any(present.values()):
        return Continuation(plan, {})
    grown = _grown(plan, present)
    if grown is not None and all(_same_rows(grown, database, name, rows) for name, rows in present.items() if rows):
        return Continuation(grown, dict(present))
    return Continuation(_beside(plan, database, structure, present), {})


def _replanned(plan: Plan, policy: dict[str, Any]) -> Plan:
    return resolve(parse(policy, GENERATORS, plan.directory), plan.name)


def _tables(policy: dict[str, Any]) -> list[dict[str, Any]]:
    tables = policy.get("tables")
    return tables if isinstance(tables, list) else [policy]


def _grown(plan: Plan, present: Mapping[str, int]) -> Plan | None:
    """The plan of the rows that are there and of the new ones; None where its keys have no room for both."""
    policy = copy.deepcopy(dict(plan.policy))
    for table in _tables(policy):
        name = table["tableName"]
        counted = any("childrenPerParent" in key for key in table.get("foreignKeys", []))
        if not counted and name in plan.tables:
            table["rowCount"] = plan.tables[name].row_count + present.get(name, 0)
    try:
        return _replanned(plan, policy)
    except PolicyError:
        return None


def _same_rows(plan: Plan, database: Database, name: str, rows: int) -> bool:
    """Whether the keys of a table's first rows, some of them looked at, are in the database."""
    table = plan.tables[name]
    if table.row_count < rows:
        return False
    visible = {column.name for column in table.visible}
    keys = [one for one in table.keys if set(one) <= visible]
    if not keys:
        return False
    probes = sorted({round(place * (rows - 1) / (_PROBES - 1)) for place in range(_PROBES)})
    for row in probes:
        batch = batch_of(plan, table, row, row + 1)
        # All keys of the row at once: a foreign key that is one to one moves when there are more parents.
        columns = dict.fromkeys(column for key in keys for column in key)
        conditions = [_equal(database, column, decoded(batch.column(column))[0].as_py()) for column in columns]
        found = database.query(f"SELECT count(*) FROM {database.table(name)} WHERE {' AND '.join(conditions)}")
        if not int(found[0][0]):
            return False
    return True


def _equal(database: Database, column: str, value: Any) -> str:
    if value is None:
        return f"{database.quote(column)} IS NULL"
    shown = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else database.text(str(value))
    return f"{database.quote(column)} = {shown}"


def _beside(plan: Plan, database: Database, structure: Structure, present: Mapping[str, int]) -> Plan:
    """The plan of new rows whose counted keys begin after the largest that is there."""
    policy = copy.deepcopy(dict(plan.policy))
    problems = []
    for table in _tables(policy):
        name = table["tableName"]
        if not present.get(name):
            continue
        made: TablePlan = plan.tables[name]
        for column in _keys(made):
            largest = database.query(f"SELECT max({database.quote(column)}) FROM {database.table(name)}")[0][0]
            rules = table["columnRuleMap"]
            rule = dict(rules.get(column) or {})
            if not isinstance(largest, int) or rule.get("type", "SEQUENCE") != "SEQUENCE":
                continue
            step = int(rule.get("step", 1))
            rules[column] = {"type": "SEQUENCE", **rule, "start": largest + abs(step)}
            if column not in plan.policy.get("columnRuleMap", {}) and next(iter(rules)) != column:
                table["columnRuleMap"] = {column: rules.pop(column), **rules}
        for one in made.visible:
            clash = _clash(plan, made, one.name, database)
            if clash is not None:
                message = f"{name}: the unique value {clash!r} of '{one.name}' is there already"
                problems.append(Problem("", "target-not-empty", message, "Use another --seed, or --mode truncate."))
    if problems:
        raise PolicyError(problems)
    del structure
    return _replanned(plan, json.loads(json.dumps(policy)))


def _keys(table: TablePlan) -> list[str]:
    foreign = {column for key in table.foreign_keys.values() for column in key.columns}
    single = [key[0] for key in table.keys if len(key) == 1]
    return [
        column
        for column in single
        if column not in foreign and table.column(column).data_type.name in ("INTEGER", "BIGINT")
    ]


def _clash(plan: Plan, table: TablePlan, column: str, database: Database) -> Any:
    """One of the first values of a unique text that the database has already; None where there is none."""
    if (column,) not in table.keys or column in _keys(table) or not table.row_count:
        return None
    batch = batch_of(plan, table, 0, min(table.row_count, 1000))
    values = [value for value in decoded(batch.column(column)).to_pylist() if value is not None]
    if not values or any(column in key.columns for key in table.foreign_keys.values()):
        return None
    listed = ", ".join(database.text(str(value)) for value in values)
    shown = database.quote(column)
    found = database.query(f"SELECT {shown} FROM {database.table(table.name)} WHERE {shown} IN ({listed})")
    return found[0][0] if found else None
