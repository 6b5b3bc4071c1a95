"""What semantic types promise: their form, their lists, and that the columns of a group agree."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from faasera.generators.meaning import TypeInGroup
from faasera.generators.semantic import SEMANTIC_TYPES
from faasera.generators.semantic.neighbours import members, semantic_type_of
from faasera.generators.semantic.registry import DEFAULT_LOCALE, SemanticType
from faasera.policy.model import Document
from faasera.run.check import sql
from faasera.run.check.place import CheckedTable
from faasera.run.check.sql import Condition, NotCheckableError
from faasera.run.check.view import RowsView
from faasera.vocabulary.reference import GENDERS, Places, locale_data, locale_names, places

_PLACE_COLUMNS = {
    "city": "city",
    "county": "county",
    "state": "region",
    "region": "region",
    "state-code": "region_code",
    "time-zone": "time_zone",
}
_POSTCODES = ("zip-code", "postcode")


def semantic(table: CheckedTable, rows: RowsView, column: str) -> Iterator[Condition]:
    """The promises of a column with a semantic type; none for other columns.

    Raises:
        NotCheckableError: its values come from another package.
    """
    document = rows.view.place.policy.document
    rule = table.rule(column)
    found = semantic_type_of(rule, column, table.name)
    entry = SEMANTIC_TYPES.get(found.semantic) if found is not None else None
    if found is not None and entry is None:
        raise NotCheckableError(f"{found.semantic} comes from elsewhere")
    if found is None or entry is None:
        return
    realistic = rule is not None and rule.allow_realistic
    shown = rows.visible(column)
    whole = rule is None or rule.max_length is None
    if entry.pattern is not None and whole and not realistic and table.columns[column].is_text:
        yield Condition("form", column, f"NOT regexp_full_match({shown}, {sql.text(entry.pattern)})")
    locales = _locales(document, table, column, entry)
    if entry.name in ("first-name", "middle-name", "last-name"):
        cut = rule.max_length if rule is not None else None
        names = [name[:cut] for name in _names(entry.name, locales)]
        yield Condition("values", column, f"{shown} NOT IN ({_texts(names)})")
    group = _group(table, found, entry)
    if entry.name == "gender" and "first-name" in group and "first-name" in _unbound(table, group):
        first = SEMANTIC_TYPES.get("first-name")
        assert first is not None
        yield from _gendered(rows, column, group["first-name"], _locales(document, table, group["first-name"], first))
    if entry.name == "age" and "date-of-birth" in group:
        yield _ages(document, rows, column, group["date-of-birth"])
    if entry.kind == "place" and column == _first_place(group):
        given = table.parsed.policy.locale or document.locale
        yield from _places(table, rows, group, [name for name in given if name in locale_names()])


def _group(table: CheckedTable, meaning: TypeInGroup, entry: SemanticType) -> dict[str, str]:
    """The columns of a group by type; of several with one type the first."""
    found: dict[str, str] = {}
    for column, _, other in members(table.parsed.rules, table.name):
        known = SEMANTIC_TYPES.get(other.semantic)
        same = known is not None and known.kind == entry.kind and other.group == meaning.group
        if same and column in table.columns:
            found.setdefault(other.semantic, column)
    return found


def _unbound(table: CheckedTable, group: dict[str, str]) -> dict[str, str]:
    """The columns of a group that show it whole: no key takes them out of it, no length cuts them."""
    cut = {column for column, rule in table.parsed.rules.items() if rule is not None and rule.max_length}
    return {
        semantic: column for semantic, column in group.items() if column not in cut and not table.keys.binds(column)
    }


def _locales(document: Document, table: CheckedTable, column: str, entry: SemanticType) -> list[str]:
    rule = table.rule(column)
    given = (rule.locale if rule else None) or table.parsed.policy.locale or document.locale
    known = [name for name in given if name in locale_names()]
    return [name if entry.supports(name) else entry.fallback for name in known] or [DEFAULT_LOCALE]


def _names(kind: str, locales: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in locales:
        data = locale_data(name)
        for number, gender in enumerate(GENDERS):
            if kind == "last-name":
                found |= dict.fromkeys(data.last_names[number].values.to_pylist())
            else:
                found |= dict.fromkeys(_given(name, number, gender))
    return list(found)


def _given(locale: str, number: int, gender: str) -> list[str]:
    data = locale_data(locale)
    listed = dict.fromkeys(data.first_names[number].values.to_pylist())
    for names in data.decades(gender).values():
        listed |= dict.fromkeys(names)
    return list(listed)


def _texts(values: Sequence[str]) -> str:
    return ", ".join(map(sql.text, values))


def _gendered(rows: RowsView, column: str, first_name: str, locales: Sequence[str]) -> Iterator[Condition]:
    for number, gender in enumerate(GENDERS):
        names = [name for locale in locales for name in _given(locale, number, gender)]
        wrong = f"{rows.visible(column)} = {sql.text(gender)} AND {rows.visible(first_name)} NOT IN ({_texts(names)})"
        yield Condition("agreement", f"{column}, {first_name}", wrong)


def _ages(document: Document, rows: RowsView, column: str, birth: str) -> Condition:
    as_of = f"DATE '{document.as_of}'"
    day = f"CAST({rows.visible(birth)} AS DATE)"
    before = f"(month({as_of}), day({as_of})) < (month({day}), day({day}))"
    years = f"year({as_of}) - year({day}) - CAST({before} AS INTEGER)"
    return Condition("agreement", f"{column}, {birth}", f"{rows.visible(column)} <> {years}")


def _first_place(group: dict[str, str]) -> str | None:
    return next(iter(group.values()), None)


def _places(table: CheckedTable, rows: RowsView, group: dict[str, str], locales: Sequence[str]) -> Iterator[Condition]:
    """The place columns of a row are those of one place of the reference data."""
    world = any((getattr(table.rule(column), "arguments", None) or {}).get("world") for column in group.values())
    known: list[Places] = [places(name) for name in (["world"] if world else locales)]
    wanted: dict[str, str] = {}
    for kind, column in _unbound(table, group).items():
        rule = table.rule(column)
        if rule is not None and rule.locale is not None:
            continue  # of another country than the others
        name = "postcode" if kind in _POSTCODES else _PLACE_COLUMNS.get(kind)
        if name is not None and all(one.has(name) for one in known):
            wanted.setdefault(name, column)
    if not wanted:
        return

    def made() -> pa.Table:
        parts = [pa.table({name: one.column(name).cast(pa.string()) for name in wanted}) for one in known]
        return pa.concat_tables(parts).group_by(list(wanted)).aggregate([])

    key = f"places/{world}/{sorted(locales)}/{list(wanted)}"
    reference = rows.view.place.reference(key, made)
    shown = ", ".join(rows.visible(column) for column in wanted.values())
    filled = " AND ".join(f"{rows.visible(column)} IS NOT NULL" for column in wanted.values())
    subject = ", ".join(wanted.values())
    yield Condition("agreement", subject, f"{filled} AND ({shown}) NOT IN (SELECT * FROM {reference})")
