"""A draft that the plan refuses gives way: to another rule, to fewer rows, to a key less."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem
from faasera.generators import GENERATORS
from faasera.generators.expression_syntax import parse_expression
from faasera.plan.resolve import resolve
from faasera.policy.parse import parse
from faasera.schema.column_place import ColumnPlace, Guess
from faasera.schema.condition_nodes import columns_of
from faasera.schema.dialects import Dialect
from faasera.schema.drafts import Note, TableDraft
from faasera.schema.facts import ConstraintFacts
from faasera.schema.guesses import guesses

_ROUNDS = 40


class Repair:
    """Lets the plan judge a draft.

    Args:
        tables: of the draft, in the order of the policy.
        policy: makes the document of them.
        dialect: of the source.
        notes: what a person should know.
    """

    def __init__(
        self, tables: dict[str, TableDraft], policy: Callable[[], dict[str, Any]], dialect: Dialect, notes: list[Note]
    ) -> None:
        self.tables = tables
        self.policy = policy
        self.dialect = dialect
        self.notes = notes
        self.given_up: dict[tuple[str, str], list[tuple[str, list[Guess]]]] = {}

    def note(self, table: str, subject: str, text: str, *, broken: bool = False) -> None:
        """Tell a person something, once."""
        made = Note(table, subject, text, broken)
        if made not in self.notes:
            self.notes.append(made)

    def run(self) -> tuple[Problem, ...]:
        """Let the plan judge, and give way where it refuses: another rule, fewer rows, a key less."""
        problems: tuple[Problem, ...] = ()
        early = True  # Rows are made to be judged once rules and keys have given way.
        for _ in range(_ROUNDS):
            problems = _problems_of(self.policy(), early=early)
            changed = [self._give_way(problem) for problem in problems]
            if not any(changed) and (not early or not problems):
                break
            early = early and any(changed)
        return _problems_of(self.policy(), early=False) if self._restored(problems) else problems

    def _give_way(self, problem: Problem) -> bool:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]]
        if len(parts) < 2 or parts[0] != "tables":
            return False
        made = list(self.tables.values())[int(parts[1])]
        if len(parts) == 2:
            return self._fewer(made, problem)
        if parts[2] == "columnRuleMap" and len(parts) > 3:
            return self._demote(made, parts[3]) or self._fewer(made, problem)
        if parts[2] == "foreignKeys" and len(parts) > 3:
            return self._key_gives_way(made, int(parts[3]), problem)
        if parts[2] in ("primaryKeyColumn", "compositeKeyColumn", "uniqueKeys"):
            columns = self._columns_at(made, parts)
            demoted = [self._demote(made, name) for name in columns]
            return any(demoted) or self._fewer(made, problem)
        return parts[2] == "checks" and len(parts) in (3, 4) and self._check_gives_way(made, problem)

    @staticmethod
    def _columns_at(made: TableDraft, parts: list[str]) -> tuple[str, ...]:
        return made.uniques[int(parts[3])] if parts[2] == "uniqueKeys" and len(parts) > 3 else made.primary

    def _demote(self, made: TableDraft, column: str) -> bool:
        choices = made.choices.get(column, [])
        if len(choices) > 1:
            choices.pop(0)
            return True
        return False

    def _fewer(self, made: TableDraft, problem: Problem) -> bool:
        if problem.code not in ("domain-too-small", "no-parents", "unique-shaped") and problem.room is None:
            return False
        if made.children and max(made.children.values()) > 1:
            made.children = {columns: most // 2 for columns, most in made.children.items()}
            return True
        if made.children or made.rows <= 1:
            return False
        less = max(1, made.rows // 2 if made.rows < 100 else made.rows * 2 // 3)
        made.rows = less if problem.room is None else min(made.rows, problem.room)
        self.note(made.table.name, "", "has fewer rows, as its keys have no more values")
        return True

    def _key_gives_way(self, made: TableDraft, index: int, problem: Problem) -> bool:
        key = made.keys[index]
        if problem.code in ("domain-too-small", "no-parents"):
            return self._fewer(made, problem)
        label = f"{', '.join(key.columns)} → {key.table}"
        self.note(made.table.name, label, f"not honoured: {problem.message}", broken=True)
        made.leave_empty(f"{label} cannot be honoured: {problem.message}")
        del made.keys[index]
        made.children.pop(key.columns, None)
        still = {name for one in made.keys for name in one.columns}
        for name in key.columns:
            column = made.table.column(name)
            if name not in still and column is not None:
                keyed = any(name in one for one in (made.primary, *made.uniques))
                made.choices[name] = guesses(
                    ColumnPlace(made.table, column, ConstraintFacts(), False, keyed, (), self.dialect)
                )
        return True

    def _check_gives_way(self, made: TableDraft, problem: Problem) -> bool:
        """Columns of a check that too few rows meet take their next rule; nothing else of the table does."""
        demoted = False
        for label, columns in _failing(made, problem):
            given = self.given_up.setdefault((made.table.name, label), [])
            for name in columns & made.choices.keys():
                before = list(made.choices[name])
                if self._demote(made, name):
                    given.append((name, before))
                    demoted = True
        return demoted

    def _restored(self, problems: tuple[Problem, ...]) -> bool:
        """Whether columns got back the rules that they gave up in vain, for a check that is not met all the same."""
        restored = False
        tables = list(self.tables.values())
        for problem in problems:
            parts = problem.pointer.split("/")[1:]
            if len(parts) not in (3, 4) or parts[0] != "tables" or parts[2] != "checks":
                continue
            made = tables[int(parts[1])]
            for label, _ in _failing(made, problem):
                for name, choices in reversed(self.given_up.pop((made.table.name, label), [])):
                    made.choices[name] = choices
                    restored = True
        return restored


def _failing(made: TableDraft, problem: Problem) -> list[tuple[str, set[str]]]:
    """The checks that a problem is about, by their names, and the columns of each."""
    return [
        (one["name"], columns_of(parse_expression(one["expression"])))
        for one in made.checks
        if "expression" in one and f"'{one['name']}'" in problem.message
    ]


def _problems_of(policy: dict[str, Any], *, early: bool) -> tuple[Problem, ...]:
    try:
        resolve(parse(policy, GENERATORS, Path.cwd()), early=early)
    except PolicyError as error:
        return error.problems
    return ()
