"""The tables of a database that rows are loaded into: looked at, created where they are missing, and completed."""

from collections.abc import Sequence
from dataclasses import dataclass

from faasera.core.errors import FaaseraError, Problems, refuse
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, Structure, TableStructure
from faasera.plan.model import ForeignKeyPlan, Plan, TablePlan
from faasera.schema.comparison import compare
from faasera.schema.creation import MARK, Definition, define
from faasera.schema.live import read_database

_UNFINISHED = "unfinished load"


@dataclass(frozen=True)
class TargetTable:
    """One table that rows are loaded into.

    Attributes:
        plan: of the table.
        columns: of the database, in the order of the plan's.
        definition: how it is created; None where it is there.
        late: foreign keys whose parents come later, as the database holds them.
    """

    plan: TablePlan
    columns: tuple[ColumnStructure, ...]
    definition: Definition | None
    late: tuple[ForeignKeyPlan, ...]

    @property
    def row_key(self) -> tuple[str, ...]:
        """A key that tells the rows apart, and is never null."""
        visible = {column.name for column in self.plan.visible}
        nullable = {column.name for column in self.plan.columns if column.generator.nullable}
        return next((key for key in self.plan.keys if set(key) <= visible - nullable), ())

    def postponed(self) -> tuple[ForeignKeyPlan, ...]:
        """Late foreign keys that can be empty until their parents are there."""
        nullable = {column.name for column in self.columns if column.nullable}
        free = nullable - set(self.row_key)
        return tuple(key for key in self.late if self.row_key and set(key.columns) <= free)


def unfinished(structure: Structure) -> list[TableStructure]:
    """Tables of a target that a run created and did not end."""
    return [one for one in structure if one.comment and one.comment.startswith(f"{_UNFINISHED}: {MARK}")]


class TargetTables:
    """What is in a database before a load, and what is made there for it.

    Args:
        database: open.
        mode: what to do with rows that are there.

    Attributes:
        structure: what was there at first.
        warnings: what a person should know of the tables.
    """

    def __init__(self, database: Database, mode: str) -> None:
        self.database = database
        self.mode = mode
        self.structure = read_database(database)
        self.warnings: list[str] = []
        self._created: list[str] = []

    # before

    def remove_unfinished(self) -> None:
        """Remove tables that a run created which was cut off, and that are still without rows."""
        left = unfinished(self.structure)
        if left:
            self.database.drop([one.name for one in left])
        for one in left:
            del self.structure.tables[one.name]
            self.warnings.append(f"the table {one.name}, which a run that was cut off had left empty, was made anew")

    def present(self, tables: Sequence[TablePlan]) -> dict[str, int]:
        """How many rows the tables have.

        Raises:
            PolicyError: they have any, and nothing says what to do with them.
        """
        database = self.database
        self._check_rights(tables)
        there = self.structure.tables
        found = {table.name: database.count(there[table.name]) for table in tables if table.name in there}
        held = {name: rows for name, rows in found.items() if rows}
        if held and self.mode == "fail":
            shown = ", ".join(f"{name} ({rows:,})" for name, rows in held.items())
            message = f"{database.connection} has rows already: {shown}"
            remedy = "Add --mode append, truncate or replace, or choose another target."
            refuse("target-not-empty", message, remedy)
        return found

    def _check_rights(self, tables: Sequence[TablePlan]) -> None:
        """See that nothing is asked for which is not the policy's, or not for whoever asks.

        Raises:
            PolicyError: with all problems.
        """
        problems = Problems()
        needed = {"USAGE", "SELECT", "INSERT", *(["TRUNCATE"] if self.mode == "truncate" else [])}
        for table in tables:
            owner = self.structure.reserved.get(table.name)
            if owner is not None:
                message = f"{table.name} belongs to {owner}: its rows are left alone"
                problems.add("reserved-table", message, "Take it out of the policy.")
            there = self.structure.tables.get(table.name)
            missing = [right for right in there.lacking if right in needed] if there is not None else []
            if missing and self.mode != "replace":
                message = f"whoever asks has no right to {', '.join(missing)} on {table.name}"
                problems.add("rights-missing", message, "Grant it, or ask as somebody else.")
        problems.raise_any()

    def check_triggers(self, tables: Sequence[TablePlan]) -> None:
        """See that the triggers of tables can be disabled.

        Raises:
            PolicyError: the database has no way to.
        """
        database = self.database
        if not database.has_triggers:
            refuse("no-effect", f"{database.label} has no triggers to disable", "Leave out --disable-triggers.")
        there = [self.structure.tables[one.name] for one in tables if one.name in self.structure.tables]
        named = [
            f"{trigger.name} of {table.name}" for table in there for trigger in table.triggers if trigger.on_insert
        ]
        if named and not database.disables_triggers:
            message = f"{database.label} cannot load without its triggers: {', '.join(named)}"
            refuse("triggers-stay", message, "Drop them while rows are loaded, or leave out --disable-triggers.")

    def check(self, plan: Plan, tables: Sequence[TablePlan]) -> None:
        """See what the target needs and the policy lacks, of all tables at once.

        Raises:
            PolicyError: with all problems.
        """
        problems = Problems()
        wanted = {table.name for table in tables}
        for table in tables:
            target = self.structure.tables.get(table.name) if self.mode != "replace" else None
            if target is not None and not table.row_count:
                continue
            if target is not None:
                compare(plan, table, target, self.database.dialect, problems)
                continue
            for key in table.foreign_keys.values():
                if not key.virtual and key.parent not in wanted and key.parent not in self.structure.tables:
                    message = f"{table.name} refers to {key.parent}, which is neither loaded nor there"
                    problems.add("target-differs", message, "Load both.")
        self._check_dependents(wanted, problems)
        problems.raise_any()

    def _check_dependents(self, wanted: set[str], problems: Problems) -> None:
        """Tables beside the policy's that refer to rows which would go."""
        if self.mode not in ("truncate", "replace"):
            return
        for other in self.structure:
            for key in other.foreign_keys:
                if key.table in wanted and other.name not in wanted:
                    message = f"{other.name}, which is not loaded, refers to {key.table}, whose rows would go"
                    problems.add("target-in-use", message, "Load both, or drop that foreign key.")

    def of(self, plan: Plan, tables: Sequence[TablePlan]) -> list[TargetTable]:
        """The tables as they are loaded, in order."""
        kept = {} if self.mode == "replace" else self.structure.tables
        missing = [table for table in tables if table.name not in kept]
        known = set(kept)
        # What cannot be rolled back is made with all of its constraints beside tables that keep their rows.
        inline = not self.database.transactional_definitions and len(missing) < len(tables)
        order = [one.name for one in tables]
        found = []
        for table in tables:
            definition = None
            if table in missing:
                known.add(table.name)
                definition = define(plan, table, self.database, known, inline=inline)
                self.warnings += definition.warnings
                columns = definition.columns
            else:
                columns = compare(plan, table, kept[table.name], self.database.dialect, Problems())
            follows = definition is not None and not (inline or self.database.inline_constraints)
            late = () if follows else _late(table, order, kept.get(table.name))
            found.append(TargetTable(table, tuple(columns), definition, late))
        return found

    # created

    def create(self, tables: Sequence[TargetTable]) -> None:
        """Create those that are missing; those to be replaced are dropped before."""
        if self.mode == "replace":
            self.database.drop([one.plan.name for one in tables if one.plan.name in self.structure.tables])
        for table in tables:
            for statement in table.definition.create if table.definition is not None else ():
                if not self.database.transactional_definitions:
                    # Marked until the run is done, as this cannot be rolled back.
                    statement = statement.replace(f"COMMENT = '{MARK}", f"COMMENT = '{_UNFINISHED}: {MARK}", 1)
                self._created.append(table.plan.name)
                self.database.execute(statement)

    def complete(self, tables: Sequence[TargetTable]) -> None:
        """Give tables that have their rows what is still missing: keys, references, comments, counters."""
        database = self.database
        made = [(one.plan.name, one.definition) for one in tables if one.definition is not None]
        for statement in [statement for _, definition in made for statement in definition.keys]:
            database.execute(statement)
        for statement in [statement for _, definition in made for statement in definition.references]:
            database.execute(statement)
        if not database.transactional_definitions:
            for name, definition in made:
                comment = definition.create[-1].rpartition("COMMENT = ")[2]
                database.execute(f"ALTER TABLE {database.table(name)} COMMENT = {comment}")
        for table in tables:
            for column in table.columns if table.definition is None else ():
                if column.identity:
                    database.advance(table.plan.name, column)

    def drop_created(self) -> list[str]:
        """Drop what was created where it cannot be rolled back; the names of what is left."""
        left = []
        for name in reversed(dict.fromkeys(self._created)) if not self.database.transactional_definitions else ():
            try:
                self.database.drop([name])
            except FaaseraError:
                left.append(name)
        return left


def _late(table: TablePlan, order: Sequence[str], target: TableStructure | None) -> tuple[ForeignKeyPlan, ...]:
    """Foreign keys whose parents may come after the row."""
    found = []
    for key in table.foreign_keys.values():
        later = key.parent in order and order.index(key.parent) > order.index(table.name)
        own = key.parent == table.name and not key.link.parents_first
        held = target is None or any(set(one.columns) == set(key.columns) for one in target.foreign_keys)
        if (later or own) and held and not key.virtual:
            found.append(key)
    return tuple(found)
