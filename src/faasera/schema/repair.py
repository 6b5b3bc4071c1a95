"""A draft that the plan refuses gives way: to another rule, to fewer rows, to a key less."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem
from faasera.generators import GENERATORS
from faasera.generators.expression_syntax import parse_expression
from faasera.plan.resolve import resolve
from faasera.policy.parse import parse
from faasera.schema.column_place import ColumnPlace
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
        return problems

    def judged(self) -> tuple[Problem, ...]:
        """All problems of the draft as it stands."""
        return _problems_of(self.policy(), early=False)

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
        return parts[2] == "checks" and len(parts) == 4 and self._check_gives_way(made, int(parts[3]))

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
        if problem.code not in ("domain-too-small", "no-parents", "unique-shaped") or made.children or made.rows <= 1:
            return False
        made.rows = max(1, made.rows // 2 if made.rows < 100 else made.rows * 2 // 3)
        self.note(made.table.name, "", "has fewer rows, as its keys have no more values")
        return True

    def _key_gives_way(self, made: TableDraft, index: int, problem: Problem) -> bool:
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
                    ColumnPlace(made.table, column, ConstraintFacts(), False, keyed, (), self.dialect)
                )
        return True

    def _check_gives_way(self, made: TableDraft, place: int) -> bool:
        """The columns of a check that too few rows meet take their next rule."""
        text = made.checks[place].get("expression")
        if text is None:
            return False
        named = set(columns_of(parse_expression(text)))
        demoted = [
            self._demote(made, name) for name, choices in made.choices.items() if name in named and len(choices) > 1
        ]
        return any(demoted)


def _problems_of(policy: dict[str, Any], *, early: bool) -> tuple[Problem, ...]:
    try:
        resolve(parse(policy, GENERATORS, Path.cwd()), early=early)
    except PolicyError as error:
        return error.problems
    return ()
