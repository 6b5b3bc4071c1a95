"""Rows that come after those of a database: where row numbers, and with them all keys, go on."""

import copy
from collections.abc import Mapping
from typing import Any

from faasera.core.arrow import decoded
from faasera.core.errors import PolicyError, Problem
from faasera.databases.base import Database
from faasera.generators import GENERATORS
from faasera.generators.sequence import SequenceGenerator
from faasera.plan.evaluate import batch_of
from faasera.plan.model import Plan, TablePlan
from faasera.plan.resolve import resolve
from faasera.plan.shift import ends, stays
from faasera.policy.parse import parse

_PROBED = 1000


def continue_keys(plan: Plan, database: Database, present: Mapping[str, int]) -> Plan:
    """A plan of new rows for a database that has some.

    Its row numbers come after those of the rows that are there, and after the largest of counted keys, so that what
    the policy keeps unique stays so. New children refer to new parents.

    Raises:
        PolicyError: a key has no more values, or one of the first new ones is there already.
    """
    offsets = {name: _offset(plan.tables[name], database, rows) for name, rows in present.items() if rows}
    if not offsets:
        return plan
    _check_room(plan, offsets)
    made = resolve(parse(dict(plan.policy), GENERATORS, plan.directory), plan.name, keys=plan.keys, offsets=offsets)
    problems = [
        Problem(
            "",
            "target-not-empty",
            f"{name}: the unique value {clash!r} of '{column.name}' is there already",
            "Use another --seed, or --mode truncate.",
        )
        for name in offsets
        for column in made.tables[name].visible
        if not stays(plan.tables[name], column, offsets)
        and (clash := _clash(made, made.tables[name], column.name, database)) is not None
    ]
    if problems:
        raise PolicyError(problems)
    return made


def _offset(table: TablePlan, database: Database, rows: int) -> int:
    """By how many rows a table's row numbers are moved."""
    found = rows
    for column in table.visible:
        generator = column.generator
        if isinstance(generator, SequenceGenerator):
            most = "max" if generator.step > 0 else "min"
            shown = database.quote(column.name)
            last = database.query(f"SELECT {most}({shown}) FROM {database.table(table.name)}")[0][0]
            if last is not None:
                found = max(found, (int(last) - generator.start) // generator.step + 1)
    return found


def _check_room(plan: Plan, offsets: Mapping[str, int]) -> None:
    """Refuse keys that have no values for the rows that are there and the new ones together."""
    problems = [
        Problem(
            "",
            "domain-too-small",
            f"{name}.{column}: {reason}",
            "Load all rows at once, with --mode truncate.",
        )
        for name in offsets
        for column, reason in ends(plan.tables[name], offsets)
    ]
    if problems:
        raise PolicyError(problems)
    policy: dict[str, Any] = copy.deepcopy(dict(plan.policy))
    for table in policy["tables"] if isinstance(policy.get("tables"), list) else [policy]:
        name = table["tableName"]
        if not any("childrenPerParent" in key for key in table.get("foreignKeys", [])):
            table["rowCount"] = plan.tables[name].row_count + offsets.get(name, 0)
    resolve(parse(policy, GENERATORS, plan.directory), plan.name, keys=plan.keys)


def _clash(plan: Plan, table: TablePlan, column: str, database: Database) -> Any:
    """One of the first values of a unique column that the database has already; None where there is none."""
    if (column,) not in table.keys or not table.row_count:
        return None
    batch = batch_of(plan, table, 0, min(table.row_count, _PROBED))
    values = [value for value in decoded(batch.column(column)).to_pylist() if value is not None]
    if not values:
        return None
    listed = ", ".join(database.text(str(value)) for value in values)
    shown = database.quote(column)
    found = database.query(f"SELECT {shown} FROM {database.table(table.name)} WHERE {shown} IN ({listed})")
    return found[0][0] if found else None
