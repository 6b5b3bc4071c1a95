"""Keys by the names of columns, for sources that have no keys: files, and documents."""

from collections.abc import Mapping
from dataclasses import replace

from faasera.core.types import BIGINT, INTEGER, STRING, UUID
from faasera.databases.structure import ColumnStructure, ForeignKeyStructure, Structure, TableStructure
from faasera.generators.semantic.neighbours import words_of

_KEY_TYPES = (INTEGER, BIGINT, STRING, UUID)


def with_named_keys(structure: Structure) -> tuple[Structure, list[tuple[str, str, str]]]:
    """The same tables with the keys that their columns' names tell, and what was guessed: table, column, reason."""
    guessed = []
    keyed = {}
    for table in structure:
        primary = _primary_key(table) if not table.primary_key else None
        if primary is not None:
            columns = tuple(replace(one, nullable=False) if one.name == primary else one for one in table.columns)
            table = replace(table, primary_key=(primary,), columns=columns)
            guessed.append((table.name, primary, "taken for the primary key, by its name"))
        keyed[table.name] = table
    for name, table in keyed.items():
        found = [key for column in table.columns if (key := _foreign_key(table, column, keyed)) is not None]
        if not table.foreign_keys and found:
            keyed[name] = replace(table, foreign_keys=tuple(found))
            guessed += [(name, key.columns[0], f"taken for a key of {key.table}, by its name") for key in found]
    return replace(structure, tables=keyed), guessed


def _singular(words: list[str]) -> str:
    text = "".join(words)
    for ending, other in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("ss", "ss"), ("s", "")):
        if text.endswith(ending) and len(text) > len(ending) + 1:
            return text[: len(text) - len(ending)] + other
    return text


def _primary_key(table: TableStructure) -> str | None:
    wanted = {"id", _singular(words_of(table.name)) + "id"}
    for column in table.columns:
        fits = column.data_type is not None and column.data_type in _KEY_TYPES and not column.array
        if fits and "".join(words_of(column.name)) in wanted:
            return column.name
    return None


def _foreign_key(
    table: TableStructure, column: ColumnStructure, tables: Mapping[str, TableStructure]
) -> ForeignKeyStructure | None:
    words = words_of(column.name)
    if (column.name,) == table.primary_key or len(words) < 2 or words[-1] != "id":
        return None
    stem = "".join(words[:-1])
    for parent in tables.values():
        named = _singular(words_of(parent.name.rpartition(".")[2]))
        if parent.primary_key and len(parent.primary_key) == 1 and named == stem:
            key = parent.column(parent.primary_key[0])
            same = key is not None and column.data_type is not None and key.data_type == column.data_type
            if same and parent.name != table.name:
                return ForeignKeyStructure((column.name,), parent.name, parent.primary_key)
    return None
