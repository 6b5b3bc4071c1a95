"""Constraints that expressions cannot say, tried in the source's own database on rows that rules would make."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from faasera.core.errors import PolicyError, RunError
from faasera.core.types import STRING
from faasera.databases.base import Database, open_database
from faasera.databases.connections import find_connection
from faasera.databases.structure import ColumnStructure, TableStructure
from faasera.generators import GENERATORS
from faasera.plan.evaluate import batch_of
from faasera.plan.resolve import resolve
from faasera.policy.parse import parse
from faasera.schema.column_place import Guess
from faasera.schema.dialects import Dialect, dialect_of
from faasera.schema.drafts import Note, TableDraft

_ROWS = 400
_MOST_VALUES = 200
_SHAPES = ("[a-z]{4,10}", "[a-z]{3,6}-[a-z]{3,6}", "[A-Z]{2,6}", "[1-9][0-9]{3,7}", "[a-z]{3,8}@example[.]com", "https://example[.]com/[a-z]{3,8}", "[0-9a-f]{40}", "[A-Z][a-z]{3,9}")  # fmt: skip
"""Texts that are tried where the rules of a column do not meet a constraint."""


class SourceTrial:
    """Asks a source whether rows meet a constraint: in transactions that read only, end soon, and are taken back.

    Args:
        source: a URL, or the name of a connection.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._database: Database | None = None

    def met(self, table: TableStructure, sql: str, rows: Sequence[Mapping[str, Any]]) -> list[bool] | None:
        """Whether each row meets a constraint; None where the database cannot say.

        Args:
            table: whose constraint it is.
            sql: the constraint.
            rows: values of all columns that it names.
        """
        if self._database is None:
            self._database = open_database(find_connection(self._source, open_to_all=True))
        database, dialect = self._database, dialect_of(self._database)
        if not dialect.trial_settings or not rows:
            return None
        database.begin()
        try:
            for setting in dialect.trial_settings:
                database.execute(setting)
            return [bool(row[0]) for row in database.query(_question(database, table, sql, rows))]
        except RunError:
            return None
        finally:
            database.rollback()

    def close(self) -> None:
        """Leave the database."""
        if self._database is not None:
            self._database.close()


def _question(database: Database, table: TableStructure, sql: str, rows: Sequence[Mapping[str, Any]]) -> str:
    columns = [one for one in table.columns if one.name in rows[0]]
    listed = ", ".join(f"({', '.join(_literal(database, one, row[one.name]) for one in columns)})" for row in rows)
    names = ", ".join(database.quote(one.name) for one in columns)
    alias = database.quote(database.parts(table.name)[1])
    return f"SELECT coalesce(({sql}), true) FROM (VALUES {listed}) AS {alias} ({names})"


def _literal(database: Database, column: ColumnStructure, value: Any) -> str:
    if value is None:
        shown = "NULL"
    elif isinstance(value, bytes):
        shown = database.text(f"\\x{value.hex()}")
    else:
        shown = database.text(str(value).lower() if isinstance(value, bool) else str(value))
    return f"CAST({shown} AS {column.type})"


class Trials:
    """Tries the constraints of tables that are left as SQL.

    Args:
        trial: asks the source.
        dialect: of the constraints.
        notes: what a person should know.
    """

    def __init__(self, trial: SourceTrial, dialect: Dialect, notes: list[Note]) -> None:
        self.trial = trial
        self.dialect = dialect
        self.notes = notes

    def run(self, made: TableDraft) -> None:
        """Take for granted what the rules of a table are seen to meet, choosing others where the first ones do not."""
        for check in made.checks:
            sql = check.get("sql")
            columns = self._columns(made, sql) if sql is not None else []
            if sql is None or not columns or not self._rules_meet(made, sql, columns):
                continue
            check["assumed"] = True
            old = [one for one in self.notes if one.table == made.table.name and one.subject == check["name"]]
            self.notes[:] = [one for one in self.notes if one not in old]
            text = f"tried in the database on {_ROWS} rows, which meet it: {sql}"
            self.notes.append(Note(made.table.name, check["name"], text))

    def _columns(self, made: TableDraft, sql: str) -> list[str]:
        """The columns that a constraint names; none where values of one of them cannot be put into a question."""
        try:
            tree = sqlglot.parse_one(sql, read=self.dialect.sqlglot or None)
        except (sqlglot.ParseError, sqlglot.TokenError):
            return []
        found = {one.name.casefold() for one in tree.find_all(exp.Column)}
        columns = [one for one in made.table.columns if one.name.casefold() in found]
        fit = all(one.name in made.choices and made.choices[one.name] and not one.array for one in columns)
        return [one.name for one in columns] if fit and len(columns) == len(found) else []

    def _rules_meet(self, made: TableDraft, sql: str, columns: list[str]) -> bool:
        if len(columns) > 1:
            rows = _rows({name: made.choices[name][0] for name in columns})
            answers = self.trial.met(made.table, sql, rows) if rows else None
            return bool(answers) and all(answers or ())
        return self._one_meets(made, sql, columns[0])

    def _one_meets(self, made: TableDraft, sql: str, name: str) -> bool:
        """Whether a rule of the only column is met by all rows, or as many values as are needed are by some."""
        choices, good = made.choices[name], dict[Any, None]()
        column = made.table.column(name)
        kept = {key: value for key, value in choices[0].items() if key in ("nullFraction", "databaseType")}
        textual = column is not None and column.data_type == STRING and not column.fixed
        shapes = [{"type": "RANDOM", "pattern": one, **kept} for one in _SHAPES] if textual else []
        for place, rule in enumerate([*choices, *shapes]):
            rows = _rows({name: rule})
            answers = self.trial.met(made.table, sql, rows) if rows else None
            if answers is None:
                continue
            if all(answers):
                made.choices[name] = choices[place:] or [
                    {**rule, "guess": "a text that a constraint was seen to allow"}
                ]
                return True
            good |= {row[name]: None for row, met in zip(rows, answers, strict=True) if met and row[name] is not None}
        return self._list(made, name, list(good)[:_MOST_VALUES])

    @staticmethod
    def _list(made: TableDraft, name: str, values: list[Any]) -> bool:
        """Let a column have the values that were seen to be allowed."""
        kept = {key: value for key, value in made.choices[name][0].items() if key in ("nullFraction", "databaseType")}
        plain = all(isinstance(one, str | int | bool) for one in values)
        if not values or not plain:
            return False
        guess = {"type": "SEED", "values": values, **kept, "guess": "values that a constraint was seen to allow"}
        made.choices[name] = [guess]
        return True


def _rows(rules: Mapping[str, Guess]) -> list[dict[str, Any]]:
    """Rows of some rules; none where they cannot stand alone."""
    table = {"tableName": "t", "rowCount": _ROWS, "columnRuleMap": dict(rules)}
    try:
        plan = resolve(parse({"tables": [table]}, GENERATORS, Path.cwd()))
        made: list[dict[str, Any]] = batch_of(plan, plan.tables["t"], 0, _ROWS).to_pylist()
    except (PolicyError, RunError):
        return []
    return made
