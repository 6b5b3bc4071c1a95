"""Tables from Python's models: SQLAlchemy's and pydantic's, and from any database that SQLAlchemy reads."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from faasera.core.errors import refuse
from faasera.core.extras import require
from faasera.databases.connection import Connection
from faasera.databases.structure import Structure, TableStructure
from faasera.schema.ddl import read_ddl
from faasera.schema.dialects.postgresql import POSTGRESQL
from faasera.schema.documents import read_document


def read_models(source: str) -> Structure:
    """The tables of a Python file, or of a module by its dotted name.

    Raises:
        PolicyError: it cannot be imported, or has no models.
    """
    module = _module(source)
    tables: dict[str, TableStructure] = {}
    for metadata in _metadata(module):
        tables |= structure_of(metadata, source).tables
    for name, schema in _pydantic(module):
        found = read_document(schema, source, name).tables
        tables.setdefault(name, replace(found[next(iter(found))], name=name))
    if not tables:
        message = f"{source} has no models of SQLAlchemy or pydantic"
        refuse("no-tables", message, "Name the module that defines them.")
    return Structure(source, POSTGRESQL.name, tables)


def _module(source: str) -> ModuleType:
    path = Path(source)
    try:
        if path.suffix == ".py":
            name = f"faasera_models_{path.stem}"
            specification = importlib.util.spec_from_file_location(name, path)
            assert specification is not None and specification.loader is not None
            module = importlib.util.module_from_spec(specification)
            sys.modules[name] = module
            specification.loader.exec_module(module)
            return module
        return importlib.import_module(source)
    except Exception as error:
        message = f"{source} cannot be imported: {type(error).__name__}: {error}"
        refuse("source-unreadable", message, "See that Python can import it here.")


def _metadata(module: ModuleType) -> Iterator[Any]:
    """Each MetaData of SQLAlchemy that a module holds, by itself or in its base class."""
    if importlib.util.find_spec("sqlalchemy") is None:
        return
    from sqlalchemy import MetaData

    seen = set()
    for value in vars(module).values():
        found = value if isinstance(value, MetaData) else getattr(value, "metadata", None)
        if isinstance(found, MetaData) and found.tables and id(found) not in seen:
            seen.add(id(found))
            yield found


def _pydantic(module: ModuleType) -> Iterator[tuple[str, Any]]:
    from pydantic import BaseModel

    for name, value in vars(module).items():
        own = inspect.isclass(value) and value.__module__ == module.__name__
        if own and issubclass(value, BaseModel) and value.model_fields:
            yield name, value.model_json_schema()


def structure_of(metadata: Any, source: str) -> Structure:
    """The tables of a MetaData of SQLAlchemy, by the DDL that it writes for PostgreSQL."""
    from sqlalchemy import Enum
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    dialect: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements, comments = [], {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Enum) and column.type.enums:
                kind = column.type.name or f"{table.name}_{column.name}"
                column.type.name = kind
                values = ", ".join("'" + value.replace("'", "''") + "'" for value in column.type.enums)
                statements.append(f"CREATE TYPE {kind} AS ENUM ({values})")
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes if index.unique]
        comments[table.fullname] = {column.name: column.comment for column in table.columns}, table.comment
    found = read_ddl(";\n".join(statements), source, POSTGRESQL.name)
    tables = {
        name: replace(
            table,
            comment=comments[name][1],
            columns=tuple(replace(column, comment=comments[name][0].get(column.name)) for column in table.columns),
        )
        for name, table in found.tables.items()
    }
    return replace(found, tables=tables)


def read_other(connection: Connection) -> Structure:
    """The tables of a database that SQLAlchemy has a dialect for, as far as it reflects them.

    Raises:
        PolicyError: SQLAlchemy or the driver is missing, or the database cannot be reached.
    """
    require("sqlalchemy", extra="db", purpose=f"reading {connection.engine}")
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(connection.full_url())
        metadata = sqlalchemy.MetaData()
        metadata.reflect(engine)
        views = len(sqlalchemy.inspect(engine).get_view_names())
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, NotImplementedError) as error:
        reason = connection.redacted(str(error).partition("\n")[0])
        message = f"{connection} cannot be read: {reason}"
        remedy = "Check the URL, and install the driver that SQLAlchemy names for it."
        refuse("database-unreachable", message, remedy)
    return replace(structure_of(metadata, str(connection)), views=views)
