"""Tables of a policy that a load leaves out: they must hold the rows that those which are loaded are made from."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.errors import Problems
from faasera.core.streams import Words
from faasera.core.types import BIGINT, INTEGER, STRING
from faasera.databases.base import Database
from faasera.databases.structure import Structure
from faasera.plan.evaluate import Evaluation, Rows, rows_between
from faasera.plan.model import Plan, TablePlan

_PROBED = 1000
_COMPARED = 100


def check_left_out(plan: Plan, tables: Sequence[TablePlan], structure: Structure, database: Database) -> None:
    """See that tables which are left out, and are there, have the rows that the policy makes of them.

    Their number is compared, and of the first rows the key and what the loaded tables take from them, as far as these
    are whole numbers or texts. Where no constraint asks for rows before others refer to them, they may come later.

    Args:
        plan: of the policy.
        tables: those that are loaded.
        structure: what is in the database.
        database: open.

    Raises:
        PolicyError: a table has fewer rows, or others.
    """
    loaded, problems = {table.name for table in tables}, Problems()
    if loaded >= plan.tables.keys():
        return
    for name, columns in _asked(plan, tables).items():
        if name in plan.tables and name not in loaded and name in structure.tables:
            bound = any(_is_bound(table, name, structure) for table in tables)
            wrong = _difference(plan, plan.tables[name], columns, database, bound=bound)
            if wrong:
                message = f"{name}, which is not loaded, has other rows than the policy makes of it: {wrong}"
                remedy = "Load it as well, or give the --seed and --rows that it was loaded with."
                problems.add("target-differs", message, remedy)
    problems.raise_any()


class _Noted(Rows):
    """All rows of a plan, with a note of what is asked of them.

    Attributes:
        asked: columns of tables.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.relatives, plan.kept)
        self.asked: dict[str, dict[str, None]] = {}

    @override
    def rows(self, table: str, rows: Words) -> Evaluation:
        self.asked.setdefault(table, {})
        return _NotedEvaluation(self, self.plan(table), rows)

    def note(self, table: TablePlan, *columns: str) -> None:
        """Columns of a table are asked."""
        self.asked.setdefault(table.name, {}).update(dict.fromkeys(columns))


class _NotedEvaluation(Evaluation):
    tables: _Noted

    @override
    def at(self, rows: Words) -> "_NotedEvaluation":
        return _NotedEvaluation(self.tables, self.table, rows)

    @override
    def column(self, name: str) -> pa.Array:
        self.tables.note(self.table, name)
        return super().column(name)

    @override
    def parent(self, foreign_key: str) -> Evaluation:
        self.tables.note(self.table, *self.table.foreign_keys[foreign_key].columns)
        return super().parent(foreign_key)


def _asked(plan: Plan, tables: Sequence[TablePlan]) -> dict[str, dict[str, None]]:
    """The tables, and their columns, that the first rows of some tables are made from."""
    noted = _Noted(plan)
    for table in tables:
        noted.rows(table.name, rows_between(0, min(table.row_count, _PROBED))).batch()
    return noted.asked


def _is_bound(table: TablePlan, parent: str, structure: Structure) -> bool:
    """Whether the database looks at the references of a loaded table to another one."""
    if not any(key.parent == parent and not key.virtual for key in table.foreign_keys.values()):
        return False
    target = structure.tables.get(table.name)
    return target is None or any(key.table == parent for key in target.foreign_keys)


def _difference(plan: Plan, table: TablePlan, asked: dict[str, None], database: Database, *, bound: bool) -> str:
    """How the rows of a table differ from those that the policy makes; nothing where they do not.

    Args:
        plan: of the policy.
        table: that is left out.
        asked: columns that the loaded tables are made from.
        database: open.
        bound: whether it must have its rows by now.
    """
    shown = database.table(table.name)
    there = int(database.query(f"SELECT count(*) FROM {shown}")[0][0])
    if not there and not bound:
        return ""
    if there < table.row_count:
        return f"{there:,} rows instead of {table.row_count:,}"
    comparable = [column.name for column in table.visible if _is_comparable(table, column.name)]
    key = next((key for key in table.keys if set(key) <= set(comparable)), None)
    if key is None or not table.row_count:
        return ""
    columns = [*key, *(column for column in asked if column in comparable and column not in key)]
    batch = Rows.of(plan).rows(table.name, rows_between(0, min(table.row_count, _COMPARED))).batch(columns)
    made = [tuple(row) for row in zip(*(decoded(column).to_pylist() for column in batch.columns), strict=True)]
    wanted = " OR ".join(f"({_condition(key, row, database)})" for row in made)
    listed = ", ".join(map(database.quote, columns))
    rows = [tuple(map(_plain, row)) for row in database.query(f"SELECT {listed} FROM {shown} WHERE {wanted}")]
    found = {row[: len(key)]: row for row in rows}
    for row in (tuple(map(_plain, row)) for row in made):
        name = ", ".join(f"{column} {value}" for column, value in zip(key, row, strict=False))
        if row[: len(key)] not in found:
            return f"there is none of {name}"
        for column, mine, other in zip(columns, row, found[row[: len(key)]], strict=True):
            if mine != other:
                return f"'{column}' of {name} is {other!r}, not {mine!r}"
    return ""


def _is_comparable(table: TablePlan, column: str) -> bool:
    """Whether all databases tell a column's values as they were made."""
    return table.column(column).data_type in (INTEGER, BIGINT, STRING)


def _condition(key: Sequence[str], row: Sequence[Any], database: Database) -> str:
    """Whether a row of the database has a key."""
    return " AND ".join(
        f"{database.quote(column)} = {value if isinstance(value, int) else database.text(str(value))}"
        for column, value in zip(key, row, strict=False)
    )


def _plain(value: Any) -> Any:
    """A value without the blanks that a column of fixed length adds."""
    return value.rstrip() if isinstance(value, str) else value
