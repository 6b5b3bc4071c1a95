"""What ``faasera import`` can read: databases, DDL, data files, documents, Python models."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from faasera.core.errors import PolicyError, Problem, did_you_mean, refuse
from faasera.databases.base import DATABASES, open_database
from faasera.databases.connections import find_connection, is_connection, is_database_file
from faasera.databases.structure import Structure
from faasera.policy.parse import read_text
from faasera.policy.values import pairs, repetitions
from faasera.policy.yaml_text import read_yaml
from faasera.schema.ddl import read_scripts
from faasera.schema.dialects import dialect_named
from faasera.schema.documents import read_document
from faasera.schema.files import SUFFIXES, read_files
from faasera.schema.live import read_database, require_tables
from faasera.schema.models import read_models, read_other
from faasera.schema.named_keys import with_named_keys
from faasera.schema.scripts import SUFFIXES as SCRIPTS
from faasera.schema.scripts import Scripts, find_scripts, read_folder, read_script

KeyGuesses = dict[tuple[str, str], str]
"""Why a column was taken for a key, by its table and name."""

_DOCUMENTS = (".json", ".yaml", ".yml", ".avsc")


def read_source(
    source: str, *, dialect: str | None = None, text: str | None = None, via: str | None = None
) -> tuple[Structure, KeyGuesses]:
    """The structure of a source, and which keys were guessed.

    Args:
        source: a URL or the name of a connection, a file, a folder of data files or of migrations, or a Python module.
        dialect: of DDL; None to look at the text.
        text: DDL, instead of a file's content.
        via: a server that runs DDL in a database of its own, from which it is read.

    Raises:
        PolicyError: it cannot be read, or has no tables.
    """
    if dialect is not None:
        dialect_named(dialect)
    if text is not None:
        return require_tables(_tables(Scripts((("standard input", text),)), "standard input", dialect, via)), {}
    path = Path(source)
    scripts = _is_scripts(path)
    if via is not None and dialect is not None and not path.is_dir():
        refuse("no-effect", "--dialect has no effect beside --via: the server's own is spoken", "Remove it.")
    if via is not None and not scripts:
        refuse("no-effect", "--via has no effect: this is no DDL", "Remove it.")
    if dialect is not None and not scripts:
        refuse("no-effect", "--dialect has no effect: this is no DDL", "Remove it.")
    if is_connection(source) or is_database_file(source):
        return require_tables(_database(source)), {}
    if scripts:
        found = read_folder(path, dialect) if path.is_dir() else read_script(path)
        return require_tables(_tables(found, source, dialect, via)), {}
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return _named(read_files(_data_files(path), source))
    if path.suffix == ".py" or (not path.exists() and not path.suffix and "/" not in source and _importable(source)):
        return _named(require_tables(read_models(source)))
    if path.suffix.lower() in _DOCUMENTS:
        return _named(read_document(_document(path), source, path.stem))
    files = [suffix for database in DATABASES for suffix in database.suffixes]
    known = ", ".join([*SCRIPTS[:1], *SUFFIXES, *_DOCUMENTS, ".py", *files])
    message = f"'{source}' is nothing that can be imported"
    remedy = f"Give a database's URL, the name of a connection, or a file: {known}."
    refuse("unknown-source", message, remedy)


def _is_scripts(path: Path) -> bool:
    """Whether a path is DDL: a file of it, or a folder of scripts that has no data files."""
    if path.is_dir():
        return not any(one.suffix.lower() in SUFFIXES for one in path.iterdir()) and find_scripts(path)
    return path.suffix.lower() in SCRIPTS


def _tables(found: Scripts, source: str, dialect: str | None, via: str | None) -> Structure:
    """The tables of scripts: read, or run and read then."""
    if via is not None:
        from faasera.schema.scratch import read_by_running

        return read_by_running(found, source, via)
    made = read_scripts(found.texts, source, dialect or found.dialect)
    made = replace(made, notes=(*found.notes, *made.notes))
    if not made.tables and not made.views and made.notes:
        message = f"{source} holds no table that can be read: {made.notes[-1]}"
        refuse("no-tables", message, "Code is not run here; --via URL runs the scripts in a database of their own.")
    return made


def _importable(source: str) -> bool:
    import importlib.util

    try:
        return importlib.util.find_spec(source) is not None
    except (ImportError, ValueError):
        return False


def _database(source: str) -> Structure:
    connection = find_connection(source, open_to_all=True)
    kind = DATABASES.get(connection.engine)
    if kind is None:
        return read_other(connection)
    if kind.in_file and not Path(connection.database).is_file():
        message = f"there is no file {connection.database}"
        refuse("database-unreachable", message, "Check the path.")
    database = open_database(connection)
    try:
        return read_database(database)
    finally:
        database.close()


def _data_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
    if not found:
        message = f"{path} holds no data file and no script"
        refuse("no-tables", message, f"Name a folder with {', '.join(SUFFIXES)} files, or one of migrations.")
    return found


def _document(path: Path) -> Any:
    text = read_text(path)
    try:
        yaml = path.suffix.lower() in (".yaml", ".yml")
        document = read_yaml(text) if yaml else json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        refuse("document-syntax", f"{path}: {error}", "Correct the syntax there.")
    twice = next(repetitions(document), None)
    if twice is not None:
        refuse("document-syntax", f"{path}: {twice}", "Keep one of them.")
    return document


def _named(structure: Structure) -> tuple[Structure, KeyGuesses]:
    made, guessed = with_named_keys(structure)
    return made, {(table, column): reason for table, column, reason in guessed}


def only_tables(structure: Structure, names: list[str] | None) -> Structure:
    """The structure of some of the tables.

    Raises:
        PolicyError: a name is no table's.
    """
    if names is None:
        return structure
    unknown = [name for name in names if name not in structure.tables]
    if unknown:
        raise PolicyError(_unknown_table(structure, name) for name in unknown)
    return replace(structure, tables={name: structure.tables[name] for name in names})


def _unknown_table(structure: Structure, name: str) -> Problem:
    if name in structure.reserved:
        message = f"the table '{name}' belongs to {structure.reserved[name]}"
        return Problem("", "reserved-table", message, "Leave it out.")
    return Problem("", "unknown-table", f"there is no table '{name}'", did_you_mean(name, structure.tables))
