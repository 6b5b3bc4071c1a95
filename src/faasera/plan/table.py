"""One table on its way from policy to plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.errors import Problems, did_you_mean
from faasera.core.streams import Stream
from faasera.core.types import BIGINT, STRING, DataType
from faasera.generators import GENERATORS
from faasera.generators.base import Choice, Context, Drawn, Generator, WithNulls
from faasera.generators.lists import ListDomain
from faasera.generators.reference import ParentValue
from faasera.generators.sequence import SequenceGenerator
from faasera.plan.keys import Member, TableKeys
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, TablePlan
from faasera.plan.scope import RuleScope
from faasera.policy.model import ForeignKey, Rule
from faasera.policy.parse import ParsedTable
from faasera.vocabulary.lists import infer

if TYPE_CHECKING:
    from faasera.plan.resolve import Resolver

LOCALES = ("en_US",)


@dataclass(frozen=True)
class Handle(Generator):
    """What other columns may know of a column before keys have decided its draw."""

    name: str
    data_type: DataType
    nullable: bool
    unique: bool
    bounds: tuple[int, int] | None
    max_length: int | None

    def generate(self, context: Context) -> pa.Array:  # noqa: D102
        return context.column(self.name)

    def describe(self) -> str:  # noqa: D102
        return self.name


def refuse_later(problems: Problems, key: str, what: str) -> None:
    """Report a key that this version does not offer yet."""
    message = f"'{key}' ({what}) is not available in this version"
    problems.add("not-available-yet", message, "Remove it; a later release brings it.", at=[key])


class TableResolver:
    """One table on its way to a plan."""

    def __init__(self, parsed: ParsedTable, resolver: "Resolver") -> None:
        self.parsed = parsed
        self.policy = parsed.policy
        self.name = parsed.policy.table_name
        self.resolver = resolver
        self.problems = parsed.problems
        self.seed = resolver.parsed.document.seed
        self.composite = tuple(
            name.strip() for name in (self.policy.composite_key_column or "").split("+") if name.strip()
        )
        self.foreign_keys: dict[str, ForeignKey] = {}
        self.foreign_columns: dict[str, str] = {}
        self._collect_foreign_keys()
        self.order = self._column_order()
        self.compiled: dict[str, Choice | Generator | None] = {}

    def _collect_foreign_keys(self) -> None:
        for index, foreign_key in enumerate(self.policy.foreign_keys):
            problems = self.problems.at("foreignKeys", index)
            if len(set(foreign_key.columns)) < len(foreign_key.columns):
                problems.add("foreign-key", "a column is named twice", "Name each column once.", at=["columns"])
                continue
            shared = [column for column in foreign_key.columns if column in self.foreign_columns]
            if shared:
                message = f"'{shared[0]}' belongs to two foreign keys, which is not available in this version"
                problems.add(
                    "not-available-yet",
                    message,
                    "Keep one of them; a later release brings shared columns.",
                    at=["columns"],
                )
                continue
            name = "+".join(foreign_key.columns)
            self.foreign_keys[name] = foreign_key
            self.foreign_columns |= dict.fromkeys(foreign_key.columns, name)

    def _column_order(self) -> list[str]:
        """The primary key first where it has no rule, then foreign keys' columns without one, then the rules."""
        ruled = list(self.parsed.rules)
        primary = self.policy.primary_key_column
        leading = [primary] if primary is not None and primary not in ruled else []
        leading += [column for column in self.foreign_columns if column not in ruled and column not in leading]
        return leading + ruled

    def unique_tuples(self) -> list[tuple[tuple[str, ...], tuple[str | int, ...]]]:
        """All unique tuples, the primary key first, each with its place in the policy; single columns before tuples."""
        found: list[tuple[tuple[str, ...], tuple[str | int, ...]]] = []
        if self.policy.primary_key_column is not None:
            found.append(((self.policy.primary_key_column,), ("primaryKeyColumn",)))
        if self.composite:
            found.append((self.composite, ("compositeKeyColumn",)))
        found += [(tuple(key), ("uniqueKeys", index)) for index, key in enumerate(self.policy.unique_keys)]
        found += [
            ((name,), ("columnRuleMap", name, "unique"))
            for name, rule in self.parsed.rules.items()
            if rule and rule.unique
        ]
        for index, foreign_key in enumerate(self.policy.foreign_keys):
            if foreign_key.unique:
                found.append((tuple(foreign_key.columns), ("foreignKeys", index, "unique")))
        return sorted(found, key=lambda key: len(key[0]) > 1)

    def check(self) -> None:
        """Report what can be seen without compiling a rule."""
        document = self.resolver.parsed.document
        self._check_locale(self.policy.locale, self.problems)
        if self.policy.use_ai_hinting:
            refuse_later(self.problems, "useAIHinting", "AI hinting")
        if not self.order:
            self.problems.add(
                "no-columns", f"'{self.name}' has no columns", "Add one to 'columnRuleMap'.", at=["columnRuleMap"]
            )
        elif all(rule and rule.hidden for rule in map(self.parsed.rules.get, self.order)):
            self.problems.add(
                "no-columns", f"all columns of '{self.name}' are hidden", "Show one.", at=["columnRuleMap"]
            )
        if len(self.composite) == 1:
            message = "a composite key has at least two columns"
            self.problems.add("key", message, "Use 'primaryKeyColumn' or 'uniqueKeys'.", at=["compositeKeyColumn"])
        folded: dict[str, str] = {}
        for name in self.order:
            if name.casefold() in folded:
                message = f"'{name}' and '{folded[name.casefold()]}' differ only in case"
                self.problems.add("duplicate-column", message, "Rename one of them.", at=["columnRuleMap", name])
            folded[name.casefold()] = name
        for columns, path in self.unique_tuples():
            for column in columns:
                if column not in self.order:
                    remedy = did_you_mean(column, self.order)
                    self.problems.add("unknown-column", f"'{self.name}' has no column '{column}'", remedy, at=path)
            if len(set(columns)) < len(columns) or not columns:
                self.problems.add("key", "a key names a column twice, or none", "Name each column once.", at=path)
        never_null = {*self.composite, self.policy.primary_key_column}
        for name, rule in self.parsed.rules.items():
            place = self.problems.at("columnRuleMap", name)
            if rule is None:
                continue
            self._check_locale(rule.locale, place)
            if rule.locale is not None and getattr(rule, "semantic_type", None) is None:
                place.add("no-effect", "'locale' has no effect on this rule", "Remove it.", at=["locale"])
            if rule.null_fraction and name in never_null:
                message = f"'{name}' belongs to the primary or composite key, which is never null"
                place.add("key-null", message, "Remove 'nullFraction'.", at=["nullFraction"])
        for name, foreign_key in self.foreign_keys.items():
            if foreign_key.null_fraction and set(foreign_key.columns) & never_null:
                index = self.policy.foreign_keys.index(foreign_key)
                message = f"'{name}' belongs to the primary or composite key, which is never null"
                self.problems.add(
                    "key-null", message, "Remove 'nullFraction'.", at=["foreignKeys", index, "nullFraction"]
                )
        if document.locale not in LOCALES:
            self._check_locale(document.locale, self.resolver.parsed.problems)

    def _check_locale(self, locale: str | None, problems: Problems) -> None:
        if locale is not None and locale not in LOCALES:
            problems.add(
                "unknown-locale", f"there is no locale '{locale}' yet", did_you_mean(locale, LOCALES), at=["locale"]
            )

    def check_foreign_keys(self) -> None:
        """Report foreign keys that point at nothing, or at no key."""
        for name, foreign_key in self.foreign_keys.items():
            problems = self.problems.at("foreignKeys", self.policy.foreign_keys.index(foreign_key))
            target = foreign_key.references
            parent = self.resolver.tables.get(target.table)
            if parent is None:
                remedy = did_you_mean(target.table, self.resolver.tables)
                problems.add("unknown-table", f"there is no table '{target.table}'", remedy, at=["references", "table"])
            elif parent is self:
                message = "a table that refers to itself is not available in this version"
                problems.add(
                    "not-available-yet",
                    message,
                    "Remove the key; a later release brings it.",
                    at=["references", "table"],
                )
            elif len(target.columns) != len(foreign_key.columns):
                message = f"{len(foreign_key.columns)} columns refer to {len(target.columns)}"
                problems.add(
                    "foreign-key", message, "Name as many columns on both sides.", at=["references", "columns"]
                )
            elif not any(set(columns) == set(target.columns) for columns, _ in parent.unique_tuples()):
                keys = "; ".join("+".join(columns) for columns, _ in parent.unique_tuples()) or "none"
                message = f"({', '.join(target.columns)}) is no key of '{target.table}'; its keys: {keys}"
                problems.add(
                    "foreign-key",
                    message,
                    "Refer to a key, or declare these columns in 'uniqueKeys'.",
                    at=["references", "columns"],
                )
            else:
                self._check_parents(name, foreign_key, parent, problems)

    def _check_parents(self, name: str, foreign_key: ForeignKey, parent: "TableResolver", problems: Problems) -> None:
        if self.policy.row_count and not parent.policy.row_count and foreign_key.null_fraction < 1:
            message = f"{self.policy.row_count:,} rows refer by '{name}' to '{parent.name}', which has 0 rows"
            problems.add("no-parents", message, "Give the parent rows, or set 'nullFraction' to 1.")

    # compiling

    def compile(self, column: str) -> Choice | Generator | None:
        """What a column's rule comes to; None after problems were reported."""
        if column not in self.compiled:
            resolver = self.resolver
            place = (self.name, column)
            if place in resolver.active:
                cycle = [*resolver.active[resolver.active.index(place) :], place]
                shown = " → ".join(name if table == self.name else f"{table}.{name}" for table, name in cycle)
                message = f"these columns depend on each other: {shown}"
                self.problems.add(
                    "cycle", message, "Break the cycle: let one of them stand on its own.", at=["columnRuleMap", column]
                )
                resolver.cyclic.update(cycle)
                return None
            resolver.active.append(place)
            made = self._compile(column)
            resolver.active.pop()
            self.compiled[column] = made
        return self.compiled[column]

    def _compile(self, column: str) -> Choice | Generator | None:
        rule = self.parsed.rules.get(column)
        problems = self.problems.at("columnRuleMap", column)
        if column in self.foreign_columns:
            if rule is not None:
                message = f"'{column}' takes its values from its parent: a rule of its own has no effect"
                problems.add(
                    "no-effect", message, "Write {}, which only fixes the column's place, or leave the column out."
                )
                return None
            return self._parent_value(column)
        if rule is None:
            return self._without_rule(column, problems)
        scope = RuleScope(self, column)
        declared = GENERATORS.get(rule.type)
        assert declared is not None
        made = declared.compile(rule, scope)
        return self._cut(made, rule, problems) if made is not None and rule.max_length is not None else made

    def _parent_value(self, column: str) -> Generator | None:
        name = self.foreign_columns[column]
        foreign_key = self.foreign_keys[name]
        target = foreign_key.references
        parent = self.resolver.tables.get(target.table)
        position = foreign_key.columns.index(column)
        if parent is None or parent is self or position >= len(target.columns):
            return None
        source = parent.handle(target.columns[position])
        if source is None:
            return None
        nullable = bool(foreign_key.null_fraction) or source.nullable
        return ParentValue((name,), target.table, target.columns[position], source, nullable)

    def _without_rule(self, column: str, problems: Problems) -> Choice | Generator | None:
        if column == self.policy.primary_key_column:
            return SequenceGenerator(1, 1, BIGINT, self.policy.row_count)
        entry = infer(column)
        if entry is None:
            message = f"nothing says what '{column}' holds, and its name fits no built-in list"
            problems.add("cannot-infer", message, "Give it a rule with a 'type'.")
            return None
        values = self.resolver.cached(f"vocabulary {entry.name}", lambda: pa.array(entry.values()))
        return Choice(ListDomain(values, STRING, f"the built-in list {entry.name}, by the column's name"))

    def _cut(self, made: Choice | Generator, rule: Rule, problems: Problems) -> Choice | Generator | None:
        """Apply ``maxLength`` where the rule itself did not."""
        limit = rule.max_length
        assert limit is not None
        data_type = made.domain.data_type if isinstance(made, Choice) else made.data_type
        longest = made.domain.max_length if isinstance(made, Choice) else made.max_length
        if not data_type.is_text:
            problems.add("no-effect", f"'maxLength' has no effect on {data_type}", "Remove it.", at=["maxLength"])
            return None
        if longest is not None and longest <= limit:
            return made
        if isinstance(made, Choice) and isinstance(made.domain, ListDomain):
            values = pc.utf8_slice_codeunits(made.domain.values, start=0, stop=limit)
            return replace(
                made, domain=ListDomain(values, data_type, f"{made.domain.source}, cut to {limit} characters")
            )
        message = f"texts here can have {longest or 'any number of'} characters, more than {limit}"
        problems.add("max-length", message, "Shorten the pattern, or raise 'maxLength'.", at=["maxLength"])
        return None

    def handle(self, column: str) -> Handle | None:
        """What others may know of a column; None after problems were reported."""
        made = self.compile(column)
        if made is None:
            return None
        rule = self.parsed.rules.get(column)
        source: Any = made.domain if isinstance(made, Choice) else made
        unique = not isinstance(made, Choice) and made.unique
        unique = unique or any(columns == (column,) for columns, _ in self.unique_tuples())
        nullable = (not isinstance(made, Choice) and made.nullable) or bool(rule and rule.null_fraction)
        return Handle(column, source.data_type, nullable, unique, source.bounds, source.max_length)

    # finishing

    def finish(self) -> TablePlan | None:
        """The table's plan; None after problems were reported."""
        rows = self.policy.row_count
        members = {**self._foreign_key_members(), **self._column_members()}
        others = {name: made for name, made in self.compiled.items() if isinstance(made, Generator)}
        keys = TableKeys(self.name, rows, self.seed, members, others)
        for columns, path in self.unique_tuples():
            distinct = bool(columns) and len(set(columns)) == len(columns)
            if distinct and all(self.compiled.get(column) is not None for column in columns):
                keys.require(columns, self.problems.at(*path))
        keys.finish()
        made = [self._column(name, members, keys) for name in self.order]
        if any(column is None for column in made):
            return None
        foreign_keys = {name: self._foreign_key(name, members[name]) for name in self.foreign_keys if name in members}
        unique = list(dict.fromkeys(columns for columns, _ in self.unique_tuples()))
        kept = tuple(column for column in made if column is not None)
        return TablePlan(self.name, rows, kept, self.policy.primary_key_column, tuple(unique), foreign_keys)

    def _foreign_key_members(self) -> dict[str, Member]:
        members = {}
        for index, (name, foreign_key) in enumerate(self.foreign_keys.items()):
            parent = self.resolver.tables.get(foreign_key.references.table)
            if parent is None:
                continue
            stream = Stream(self.seed, self.name, name, "parent")
            place = self.problems.at("foreignKeys", index, "distribution")
            size, columns = parent.policy.row_count, tuple(foreign_key.columns)
            members[name] = Member(name, columns, size, stream, foreign_key.distribution, None, None, place)
        return members

    def _column_members(self) -> dict[str, Member]:
        members = {}
        for name, made in self.compiled.items():
            if isinstance(made, Choice):
                stream = made.stream or Stream(self.seed, self.name, name, "value")
                place = self.problems.at("columnRuleMap", name, "distribution")
                members[f"column {name}"] = Member(
                    name, (name,), made.domain.size, stream, made.distribution, made.weights, made, place, made.domain
                )
        return members

    def _column(self, name: str, members: Mapping[str, Member], keys: TableKeys) -> ColumnPlan | None:
        made = self.compiled.get(name)
        rule = self.parsed.rules.get(name)
        if made is None:
            return None
        generator: Generator
        if isinstance(made, Choice):
            member = members[f"column {name}"]
            assert member.domain is not None
            generator = Drawn(member.domain, member.draw, member.stream)
        else:
            generator = made
        if isinstance(generator, ParentValue) and frozenset([name]) in keys.satisfied:
            generator = replace(generator, unique=True)
        if rule is not None and rule.null_fraction:
            generator = WithNulls(generator, float(rule.null_fraction), Stream(self.seed, self.name, name, "null"))
        label = rule.type if rule is not None else ("FOREIGN KEY" if name in self.foreign_columns else "(no rule)")
        return ColumnPlan(name, generator, label, bool(rule and rule.hidden))

    def _foreign_key(self, name: str, member: Member) -> ForeignKeyPlan:
        foreign_key = self.foreign_keys[name]
        target = foreign_key.references
        assert member.draw is not None or self.problems.found
        null_stream = Stream(self.seed, self.name, name, "parent null")
        draw: Any = member.draw
        fraction = float(foreign_key.null_fraction)
        return ForeignKeyPlan(name, member.columns, target.table, tuple(target.columns), draw, fraction, null_stream)
