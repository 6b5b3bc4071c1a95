"""From the structure of a source to a policy that keeps all of it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem
from faasera.databases.structure import Column, ForeignKey, Structure, Table, UniqueKey
from faasera.generators import GENERATORS
from faasera.plan.resolve import resolve
from faasera.policy.model import DEFAULT_ROWS
from faasera.policy.parse import parse
from faasera.schema.conditions import UntranslatableError, column_text, text_literal, translate
from faasera.schema.facts import Facts, facts_of
from faasera.schema.guesses import Guess, Place, guesses, standard_type

_NULL_PARENTS = 0.1
_ROUNDS = 40
_BAD_TABLE = re.compile(r"[/\\\x00-\x1f]")
_BAD_COLUMN = re.compile(r"[{}|\x00-\x1f]")
_CHILDREN = 4


@dataclass(frozen=True)
class Note:
    """Something of the source that a person should know.

    Attributes:
        table: where.
        subject: the column or constraint.
        text: what was decided, and why.
        broken: whether it cannot be honoured.
    """

    table: str
    subject: str
    text: str
    broken: bool = False

    @property
    def where(self) -> str:
        """The table and the subject."""
        return " ".join(part for part in (self.table, self.subject) if part) or "schema"


@dataclass
class Draft:
    """A policy as it comes about.

    Attributes:
        policy: the document.
        notes: what a person should know.
        problems: that the policy still has.
    """

    policy: dict[str, Any]
    notes: list[Note]
    problems: tuple[Problem, ...] = ()


@dataclass
class _TableDraft:
    """One table as it comes about."""

    table: Table
    rows: int
    choices: dict[str, list[Guess]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    keys: list[ForeignKey] = field(default_factory=list)
    children: dict[tuple[str, ...], int] = field(default_factory=dict)
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    primary: tuple[str, ...] = ()
    checks: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Guess] = field(default_factory=dict)

    def nullable(self, key: ForeignKey) -> bool:
        columns = [self.table.column(name) for name in key.columns]
        keyed = {*self.primary}
        return all(one is not None and one.nullable and one.name not in keyed for one in columns)

    def as_policy(self) -> dict[str, Any]:
        made: dict[str, Any] = {"tableName": self.table.name}
        if self.table.comment:
            made["description"] = self.table.comment
        if not self.children and self.rows != DEFAULT_ROWS:
            made["rowCount"] = self.rows
        if len(self.primary) == 1:
            made["primaryKeyColumn"] = self.primary[0]
        elif self.primary:
            made["compositeKeyColumn"] = "+".join(self.primary)
        if self.uniques:
            made["uniqueKeys"] = [list(key) for key in self.uniques]
        if self.keys:
            made["foreignKeys"] = [self._foreign_key(key) for key in self.keys]
        if self.checks:
            made["checks"] = self.checks
        foreign = {column for key in self.keys for column in key.columns}
        rules = {name: {} if name in foreign else self.choices[name][0] for name in self.order}
        made["columnRuleMap"] = rules | self.extra
        return made

    def _foreign_key(self, key: ForeignKey) -> dict[str, Any]:
        made: dict[str, Any] = {
            "columns": list(key.columns),
            "references": {"table": key.table, "columns": list(key.references)},
        }
        if key.columns in self.children:
            made["childrenPerParent"] = {"min": 0, "max": self.children[key.columns]}
        elif self.nullable(key):
            made["nullFraction"] = _NULL_PARENTS
        elif key.table == self.table.name:
            made["nullFraction"] = 0
        return made


def policy_of(structure: Structure, *, name: str, scale: float | None = None, locale: str | None = None) -> Draft:
    """A policy that keeps what a structure promises, with every guess and its reason.

    Args:
        structure: of the source.
        name: of the policy.
        scale: row counts are the source's statistics times this; without it each table has the default number.
        locale: of names and forms.
    """
    return _Importer(structure, name, scale, locale).draft()


class _Importer:
    def __init__(self, structure: Structure, name: str, scale: float | None, locale: str | None) -> None:
        self.structure = structure
        self.name = name
        self.scale = scale
        self.locale = locale
        self.notes: list[Note] = []
        self.tables: dict[str, _TableDraft] = {}

    def note(self, table: str, subject: str, text: str, *, broken: bool = False) -> None:
        made = Note(table, subject, text, broken)
        if made not in self.notes:
            self.notes.append(made)

    def draft(self) -> Draft:
        for table in self.structure:
            if _BAD_TABLE.search(table.name):
                self.note(table.name, "", "a name with such characters cannot be a file's", broken=True)
                continue
            self.tables[table.name] = _TableDraft(table, self._rows(table))
        for text in self.structure.unread:
            self.note("", "", text, broken=True)
        for made in self.tables.values():
            self._keys(made)
        for made in list(self.tables.values()):
            self._columns(made)
        for made in self.tables.values():
            self._partial_keys(made)
            for text in made.table.unread:
                self.note(made.table.name, "", f"not honoured: {text}", broken=True)
        for made in [one for one in self.tables.values() if not one.order]:
            self.note(made.table.name, "", "there is no column that may be written", broken=True)
            del self.tables[made.table.name]
        problems = self._repair()
        return Draft(self._policy(), self.notes, problems)

    def _policy(self) -> dict[str, Any]:
        made: dict[str, Any] = {"name": self.name}
        if self.locale is not None:
            made["locale"] = self.locale
        made["tables"] = [table.as_policy() for table in self.tables.values()]
        return made

    def _rows(self, table: Table) -> int:
        if self.scale is not None and table.rows is None:
            self.note(table.name, "", f"the source has no statistics of it: {DEFAULT_ROWS:,} rows")
        if self.scale is None or table.rows is None:
            return DEFAULT_ROWS
        return max(1, round(table.rows * self.scale)) if table.rows else 0

    # keys

    def _keys(self, made: _TableDraft) -> None:
        table = made.table
        writable = {column.name for column in table.columns if self._writable(column)}
        seen: set[tuple[frozenset[str], str]] = set()
        for key in table.foreign_keys:
            label = f"{', '.join(key.columns)} → {key.table}"
            parent = self.structure.tables.get(key.table)
            if parent is None or key.table not in self.tables:
                self._lost_parent(table, key, label)
            elif not set(key.columns) <= writable or len(key.references) != len(key.columns):
                self.note(table.name, label, "not honoured: its columns cannot be written", broken=True)
            elif _implied(key, table.foreign_keys):
                self.note(table.name, label, "follows from a wider key to the same table")
            elif (frozenset(key.columns), key.table) not in seen:
                seen.add((frozenset(key.columns), key.table))
                made.keys.append(key)
        made.primary = tuple(name for name in table.primary_key if name in writable)
        if made.primary != table.primary_key:
            made.primary = ()
        if any("+" in name for name in made.primary) and len(made.primary) > 1:
            made.uniques.append(made.primary)
            made.primary = ()
        for unique in table.unique_keys:
            if unique.where is None and set(unique.columns) <= writable:
                self._add_unique(made, unique.columns)
            elif unique.where is None:
                self.note(table.name, ", ".join(unique.columns), "not promised: the database computes a part of it")
        for other in self.structure:
            for key in other.foreign_keys:
                if key.table == table.name and key.references and not table.is_key(key.references):
                    self._add_unique(made, key.references)

    def _add_unique(self, made: _TableDraft, columns: tuple[str, ...]) -> None:
        known = [set(one) for one in (*made.uniques, made.primary)]
        if set(columns) not in known:
            made.uniques.append(columns)

    def _lost_parent(self, table: Table, key: ForeignKey, label: str) -> None:
        columns = [table.column(name) for name in key.columns]
        optional = all(one is not None and one.nullable for one in columns)
        text = f"{key.table} is not among the tables" + (": the column stays empty" if optional else "")
        self.note(table.name, label, text, broken=not optional)

    # columns

    def _writable(self, column: Column) -> bool:
        return column.data_type is not None and not column.generated and not _BAD_COLUMN.search(column.name)

    def _columns(self, made: _TableDraft) -> None:
        table = made.table
        self._checks(made)
        expressions = [one["expression"] for one in made.checks if "expression" in one]
        facts = facts_of(expressions)
        keyed = {name for key in (made.primary, *made.uniques) for name in key}
        foreign = {name for key in made.keys for name in key.columns}
        referenced = {
            name
            for other in self.structure
            for key in other.foreign_keys
            if key.table == table.name
            for name in key.references
        }
        lost = {name for key in table.foreign_keys if key not in made.keys for name in key.columns}
        dates: list[str] = []
        for column in table.columns:
            own = facts.get(column.name, Facts())
            if column.name in foreign:
                made.order.append(column.name)
                continue
            if not self._kept(made, column, keyed | referenced | set(own.after) | self._named(expressions, column)):
                continue
            made.order.append(column.name)
            single = made.primary == (column.name,) or (column.name,) in made.uniques
            place = Place(table, column, own, single, column.name in keyed, tuple(dates), self.structure.dialect)
            made.choices[column.name] = guesses(place)
            if column.name in lost and column.nullable:
                empty = {
                    "type": "CONSTANT",
                    "value": "",
                    "nullFraction": 1,
                    "databaseType": standard_type(column.type, self.structure.dialect),
                }
                made.choices[column.name] = [self._empty(column, empty)]
            if not made.choices[column.name]:
                self._without(made, column, f"there is no rule for {column.type}")
                continue
            if column.data_type is not None and column.data_type.name in ("DATE", "TIMESTAMP") and not column.nullable:
                dates.append(column.name)

    @staticmethod
    def _empty(column: Column, rule: Guess) -> Guess:
        """A column that stays empty."""
        assert column.data_type is not None
        values: dict[str, Any] = {
            "STRING": "",
            "BOOLEAN": False,
            "DATE": "2025-01-01",
            "TIMESTAMP": "2025-01-01 00:00:00",
        }
        value = values.get(column.data_type.name, 0 if column.data_type.is_number else None)
        if value is None:
            return {
                "type": "RANDOM",
                "dataType": str(column.data_type),
                **{k: v for k, v in rule.items() if k not in ("type", "value")},
            }
        return {**rule, "value": value, "dataType": str(column.data_type)}

    def _named(self, expressions: list[str], column: Column) -> set[str]:
        shown = column_text(column.name)
        return {column.name} if any(shown in text for text in expressions) else set()

    def _kept(self, made: _TableDraft, column: Column, needed: set[str]) -> bool:
        """Whether a column gets a rule; what is left to the database is noted."""
        if column.generated:
            return False
        if column.identity and column.name not in needed:
            self.note(made.table.name, column.name, "left to the database, which numbers it")
            return False
        if self._writable(column):
            return True
        reason = f"policies do not know {column.type}" if column.data_type is None else "of its name"
        self._without(made, column, reason)
        return False

    def _without(self, made: _TableDraft, column: Column, reason: str) -> None:
        if column.name in made.order:
            made.order.remove(column.name)
            made.choices.pop(column.name, None)
        if column.nullable or column.default is not None:
            left = "its default" if column.default is not None else "null"
            self.note(made.table.name, column.name, f"left out, so that it is {left}: {reason}")
        else:
            self.note(made.table.name, column.name, f"not honoured: it needs a value, and {reason}", broken=True)

    def _checks(self, made: _TableDraft) -> None:
        table = made.table
        names: Counter[str] = Counter()
        for place, check in enumerate(table.checks, start=1):
            label = check.name or f"{table.name} check {place}"
            names[label] += 1
            label = label if names[label] == 1 else f"{label} {names[label]}"
            try:
                text = translate(check.sql, self.structure.dialect, table)
            except UntranslatableError as error:
                left = self._left_to_database(made, check.sql)
                if left is not None:
                    self.note(table.name, label, f"no row can break it: {left} is left to the database")
                    continue
                made.checks.append({"name": label, "sql": check.sql})
                self.note(table.name, label, f"not honoured: {check.sql}: {error}", broken=True)
                continue
            if text is not None:
                made.checks.append({"name": label, "expression": text})

    def _left_to_database(self, made: _TableDraft, sql: str) -> str | None:
        """A column that makes a constraint hold by being null in all rows, as policies do not write it."""
        for column in made.table.columns:
            unknown = column.data_type is None and column.nullable and column.default is None
            if unknown and re.search(rf"\b{re.escape(column.name)}\b", sql) and "null" not in sql.lower():
                return column.name
        return None

    # partial keys

    def _partial_keys(self, made: _TableDraft) -> None:
        for unique in made.table.unique_keys:
            if unique.where is None:
                continue
            label = f"({', '.join(unique.columns)}) where {unique.where}"
            if not all(name in made.order for name in unique.columns):
                self.note(made.table.name, label, "not honoured: its columns cannot be written", broken=True)
            elif self._first_child(made, unique):
                self.note(made.table.name, label, "holds for the first child of each parent alone")
            elif any(set(key) <= set(unique.columns) for key in (*made.uniques, made.primary) if key):
                continue
            else:
                made.uniques.append(unique.columns)
                self._as_keyed(made, unique.columns)
                self.note(made.table.name, label, "kept unique in all rows, which is more than asked")

    def _as_keyed(self, made: _TableDraft, columns: tuple[str, ...]) -> None:
        """Rules that can be unique, for columns that were no key before."""
        for name in columns:
            column = made.table.column(name)
            if column is not None and name in made.choices and not column.values:
                facts = facts_of([one["expression"] for one in made.checks if "expression" in one]).get(name, Facts())
                place = Place(made.table, column, facts, len(columns) == 1, True, (), self.structure.dialect)
                made.choices[name] = guesses(place)

    def _first_child(self, made: _TableDraft, unique: UniqueKey) -> bool:
        """Let a condition hold for one child of each parent, where the key is a foreign key; False where it is none."""
        key = next((one for one in made.keys if set(one.columns) == set(unique.columns)), None)
        if key is None or made.children or key.table == made.table.name or made.nullable(key):
            return False
        try:
            text = translate(str(unique.where), self.structure.dialect, made.table)
        except UntranslatableError:
            return False
        rule = self._only_first(made, text or "")
        if rule is None:
            return False
        column, made_rule = rule
        kept = {key: value for key, value in made.choices[column][0].items() if key in ("databaseType", "description")}
        made.choices[column] = [{**made_rule, **kept, "guess": f"unique key where {unique.where}"}]
        made.children[key.columns] = _CHILDREN
        return True

    def _only_first(self, made: _TableDraft, condition: str) -> tuple[str, Guess] | None:
        for name, choices in made.choices.items():
            column = made.table.column(name)
            assert column is not None
            shown = column_text(name)
            if (
                column.data_type is not None
                and column.data_type.name == "BOOLEAN"
                and condition
                in (
                    shown,
                    f"coalesce({shown}, false) = true",
                    f"{shown} = true",
                    f"integer({shown}) = 1",
                    f"{shown} in (true)",
                )
            ):
                return name, {"type": "PRESERVE", "expression": "first()"}
            match = re.fullmatch(rf"{re.escape(shown)} = '([^']*)'", condition)
            values = choices[0].get("values")
            if match and column.data_type is not None and column.data_type.name == "STRING":
                others = [one for one in values or ["other"] if one != match[1]]
                if others:
                    text = f"if(first(), {text_literal(match[1])}, {text_literal(others[0])})"
                    return name, {"type": "PRESERVE", "expression": text}
            if condition in (f"{shown} is null", f"({shown} is null)"):
                hidden = f"{name} of others"
                rule = {k: v for k, v in choices[0].items() if k not in ("nullFraction", "databaseType", "guess")}
                made.extra[hidden] = {**rule, "hidden": True}
                text = f"if(first(), null, {column_text(hidden)})"
                return name, {"type": "PRESERVE", "dataType": str(column.data_type), "expression": text}
        return None

    # repair

    def _repair(self) -> tuple[Problem, ...]:
        """Let the plan judge, and give way where it refuses: another rule, fewer rows, a key less."""
        problems: tuple[Problem, ...] = ()
        for _ in range(_ROUNDS):
            problems = _problems_of(self._policy())
            changed = [self._give_way(problem) for problem in problems]
            if not any(changed):
                break
        return problems

    def _give_way(self, problem: Problem) -> bool:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]]
        if len(parts) < 3 or parts[0] != "tables":
            return False
        made = list(self.tables.values())[int(parts[1])]
        if parts[2] == "columnRuleMap" and len(parts) > 3:
            return self._demote(made, parts[3]) or self._fewer(made, problem)
        if parts[2] == "foreignKeys" and len(parts) > 3:
            return self._key_gives_way(made, int(parts[3]), problem)
        if parts[2] in ("primaryKeyColumn", "compositeKeyColumn", "uniqueKeys"):
            columns = self._columns_at(made, parts)
            demoted = [self._demote(made, name) for name in columns]
            return any(demoted) or self._fewer(made, problem)
        return parts[2] == "checks" and len(parts) == 3 and self._check_gives_way(made)

    @staticmethod
    def _columns_at(made: _TableDraft, parts: list[str]) -> tuple[str, ...]:
        return made.uniques[int(parts[3])] if parts[2] == "uniqueKeys" and len(parts) > 3 else made.primary

    def _demote(self, made: _TableDraft, column: str) -> bool:
        choices = made.choices.get(column, [])
        if len(choices) > 1:
            choices.pop(0)
            return True
        return False

    def _fewer(self, made: _TableDraft, problem: Problem) -> bool:
        if problem.code not in ("domain-too-small", "no-parents", "unique-shaped") or made.children or made.rows <= 1:
            return False
        made.rows = max(1, made.rows // 2 if made.rows < 100 else made.rows * 2 // 3)
        self.note(made.table.name, "", "has fewer rows, as its keys have no more values")
        return True

    def _key_gives_way(self, made: _TableDraft, index: int, problem: Problem) -> bool:
        key = made.keys[index]
        if problem.code in ("domain-too-small", "no-parents"):
            return self._fewer(made, problem)
        label = f"{', '.join(key.columns)} → {key.table}"
        self.note(made.table.name, label, f"not honoured: {problem.message}", broken=True)
        del made.keys[index]
        made.children.pop(key.columns, None)
        still = {name for one in made.keys for name in one.columns}
        for name in key.columns:
            column = made.table.column(name)
            if name not in still and column is not None:
                keyed = any(name in one for one in (made.primary, *made.uniques))
                made.choices[name] = guesses(
                    Place(made.table, column, Facts(), False, keyed, (), self.structure.dialect)
                )
        return True

    def _check_gives_way(self, made: _TableDraft) -> bool:
        """Columns of checks that too few rows meet take their next rule."""
        named = [
            name
            for name, choices in made.choices.items()
            if len(choices) > 1 and any(column_text(name) in str(one.get("expression")) for one in made.checks)
        ]
        demoted = [self._demote(made, name) for name in named]
        return any(demoted)


def _implied(key: ForeignKey, others: tuple[ForeignKey, ...]) -> bool:
    """Whether another key has the same pairs of columns and more."""
    pairs = set(zip(key.columns, key.references, strict=False))
    return any(
        other.table == key.table and pairs < set(zip(other.columns, other.references, strict=False)) for other in others
    )


def _problems_of(policy: dict[str, Any]) -> tuple[Problem, ...]:
    try:
        resolve(parse(policy, GENERATORS, Path.cwd()))
    except PolicyError as error:
        return error.problems
    return ()


def guessed(policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each guess of a policy: its table, its column and its reason."""
    for table in policy["tables"]:
        for column, rule in table["columnRuleMap"].items():
            if rule.get("guess"):
                yield table["tableName"], column, rule["guess"]
