"""First phase: names. The tables of a policy, the order of their columns, their keys, and what is wrong with these."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasera.core.errors import Problems, did_you_mean
from faasera.generators.semantic.neighbours import semantic_type_of
from faasera.generators.semantic.registry import DEFAULT_LOCALE
from faasera.generators.semantic.rule import SemanticRule
from faasera.generators.siblings import CHILD_NUMBER
from faasera.policy.keys import Keys, read_keys
from faasera.policy.model import Document, Rule, TablePolicy
from faasera.policy.parse import ParsedPolicy, ParsedTable
from faasera.vocabulary.reference import locale_names


@dataclass(frozen=True, eq=False)
class TableOutline:
    """A table as far as names go.

    Attributes:
        name: as in the policy.
        policy: the table.
        rules: column → rule; an empty rule is None.
        cases: column → the rules of its ``when``.
        order: the columns in the order of the output.
        keys: what is unique.
        foreign_columns: the columns of foreign keys.
        listed_references: of each foreign key whether its references stand in a list.
        default_locales: the document's.
        problems: where to report, at the table.
    """

    name: str
    policy: TablePolicy
    rules: Mapping[str, Rule | None]
    cases: Mapping[str, tuple[Rule | None, ...]]
    order: tuple[str, ...]
    keys: Keys
    foreign_columns: frozenset[str]
    listed_references: tuple[bool, ...]
    default_locales: Mapping[str, float]
    problems: Problems

    def locales(self, rule: Rule | None) -> tuple[tuple[str, float], ...]:
        """The locales of a rule's rows with their weights: its own, else the table's, else the document's."""
        given = (rule.locale if rule else None) or self.policy.locale or self.default_locales
        known = tuple((name, float(weight)) for name, weight in given.items() if name in locale_names())
        return known or ((DEFAULT_LOCALE, 1.0),)


@dataclass(frozen=True, eq=False)
class Outline:
    """A policy as far as names go.

    Attributes:
        document: what holds for all tables.
        directory: the folder that the policy's paths start from.
        seed_directory: where seed files are.
        tables: by name.
        problems: where to report, at the document.
    """

    document: Document
    directory: Path
    seed_directory: Path
    tables: Mapping[str, TableOutline]
    problems: Problems


def outline(parsed: ParsedPolicy) -> Outline:
    """The outline of a policy; what can be seen without following a foreign key or compiling a rule is reported."""
    tables: dict[str, TableOutline] = {}
    folded: set[str] = set()
    for table in parsed.tables:
        name = table.policy.table_name
        if name.casefold() in folded:
            message = f"there are two tables '{name}' (upper and lower case count as the same)"
            table.problems.add("duplicate-table", message, "Rename one of them.", at=["tableName"])
        folded.add(name.casefold())
        tables[name] = _table(table, parsed.document)
    seed_directory = _seed_directory(parsed)
    for one in tables.values():
        _check_locale(one.policy.locale, one.problems)
        _check_columns(one)
        _check_keys(one)
        for column, rule in one.rules.items():
            if rule is not None:
                _check_rule(one, column, rule)
    _check_locale(parsed.document.locale, parsed.problems)
    return Outline(parsed.document, parsed.directory, seed_directory, tables, parsed.problems)


def _table(parsed: ParsedTable, document: Document) -> TableOutline:
    policy = parsed.policy
    written = parsed.source.get("foreignKeys", [])
    return TableOutline(
        policy.table_name,
        policy,
        parsed.rules,
        parsed.cases,
        _column_order(policy, parsed.rules),
        read_keys(policy, parsed.rules),
        frozenset(column for key in policy.foreign_keys for column in key.columns),
        tuple(isinstance(written[index].get("references"), list) for index in range(len(policy.foreign_keys))),
        document.locale,
        parsed.problems,
    )


def _column_order(policy: TablePolicy, rules: Mapping[str, Rule | None]) -> tuple[str, ...]:
    """The primary key first where it has no rule, then foreign keys' columns without one, then the rules."""
    primary = policy.primary_key_column
    leading = [primary] if primary is not None and primary not in rules else []
    leading += [column for key in policy.foreign_keys for column in key.columns if column not in rules]
    numbered = any(key.children_per_parent is not None for key in policy.foreign_keys)
    return tuple(dict.fromkeys([*leading, *rules])) + ((CHILD_NUMBER,) if numbered else ())


def _seed_directory(parsed: ParsedPolicy) -> Path:
    given = parsed.document.seed_directory
    path = parsed.directory / given if given else parsed.directory
    if not path.is_dir():
        message = f"there is no folder '{given}'"
        parsed.problems.add("seed-directory", message, "Create it, or correct the path.", at=["seedDirectory"])
    return path


def _check_columns(table: TableOutline) -> None:
    if not table.order:
        message = f"'{table.name}' has no columns"
        table.problems.add("no-columns", message, "Add one to 'columnRuleMap'.", at=["columnRuleMap"])
    elif all(rule and rule.hidden for rule in map(table.rules.get, table.order)):
        message = f"all columns of '{table.name}' are hidden"
        table.problems.add("no-columns", message, "Show one.", at=["columnRuleMap"])
    folded: dict[str, str] = {}
    for name in table.order:
        if name.casefold() in folded:
            message = f"'{name}' and '{folded[name.casefold()]}' differ only in case"
            table.problems.add("duplicate-column", message, "Rename one of them.", at=["columnRuleMap", name])
        folded[name.casefold()] = name
    if CHILD_NUMBER in table.rules:
        message = f"'{CHILD_NUMBER}' is the number of a child within its parent"
        table.problems.add("reserved-name", message, "Rename it.", at=["columnRuleMap", CHILD_NUMBER])


def _check_keys(table: TableOutline) -> None:
    for key in table.keys.ordered:
        if key.place == ("compositeKeyColumn",) and len(key.columns) == 1:
            message = "a composite key has at least two columns"
            table.problems.add("key", message, "Use 'primaryKeyColumn' or 'uniqueKeys'.", at=key.place)
        for column in key.columns:
            if column not in table.order:
                remedy = did_you_mean(column, table.order)
                message = f"'{table.name}' has no column '{column}'"
                table.problems.add("unknown-column", message, remedy, at=key.place)
        if len(set(key.columns)) < len(key.columns) or not key.columns:
            message = "a key names a column twice, or none"
            table.problems.add("key", message, "Name each column once.", at=key.place)


def _check_rule(table: TableOutline, column: str, rule: Rule) -> None:
    place = table.problems.at("columnRuleMap", column)
    _check_locale(rule.locale, place)
    if rule.use_ai_hinting:
        _check_hinting(column, rule, place)
    for key, given in (("locale", rule.locale is not None), ("allowRealistic", rule.allow_realistic)):
        if given and semantic_type_of(rule, column, table.name) is None:
            message = f"'{key}' has no effect on a rule without a semantic type"
            place.add("no-effect", message, "Remove it.", at=[key])
    if rule.null_fraction and column in table.keys.never_null:
        message = f"'{column}' belongs to the primary or composite key, which is never null"
        place.add("key-null", message, "Remove 'nullFraction'.", at=["nullFraction"])


def _check_hinting(column: str, rule: Rule, place: Problems) -> None:
    """Suggestions are put into a rule before it is planned: one that still waits for them has none."""
    if isinstance(rule, SemanticRule) and rule.lacks_source:
        message = f"'{column}' waits for suggestions, and the built-in matcher is not sure what it holds"
        remedy = "Run 'faasera hints POLICY', or say more in its 'description'."
        place.add("hints-missing", message, remedy)
    else:
        message = "the rule says itself where its values come from, or a key does"
        place.add("no-effect", message, "Remove 'useAIHinting'.", at=["useAIHinting"])


def _check_locale(locales: Mapping[str, float] | None, problems: Problems) -> None:
    for locale in locales or ():
        if locale not in locale_names():
            remedy = did_you_mean(locale, locale_names())
            problems.add("unknown-locale", f"there is no locale '{locale}'", remedy, at=["locale"])
