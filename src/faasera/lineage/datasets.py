"""The names that catalogues know datasets by.

Source: the OpenLineage naming specification, https://openlineage.io/docs/spec/naming.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from faasera.core.errors import FaaseraError
from faasera.core.storage import Location
from faasera.databases import DATABASES
from faasera.databases.connection import Connection
from faasera.databases.connections import find_connection
from faasera.plan.model import Plan
from faasera.plan.origins import FILE, REFERENCE, TABLE, Source

OWN = "faasera"


@dataclass(frozen=True, order=True)
class DatasetName:
    """The name that a catalogue knows a dataset by.

    Attributes:
        namespace: of the place: ``file``, ``s3://bucket``, ``postgres://host:5432``.
        name: there.
    """

    namespace: str
    name: str


def file_dataset(path: Path) -> DatasetName:
    """A file or folder of this machine."""
    return DatasetName("file", str(path.resolve()))


def object_dataset(location: Location, name: str) -> DatasetName:
    """A file or folder in an object store, by its path below a location."""
    parts = urlsplit(location.shown)
    if not parts.scheme:
        return file_dataset(Path(location.shown) / name)
    return DatasetName(f"{parts.scheme}://{parts.netloc}", f"{parts.path.strip('/')}/{name}".lstrip("/"))


def table_dataset(connection: Connection, table: str) -> DatasetName:
    """A table of a database; without a name, the database as a whole."""
    kind = DATABASES.get(connection.engine)
    prefix = kind.namespace if kind is not None else connection.engine
    schema, _, name = table.rpartition(".")
    schema = schema or (kind.schema if kind is not None else "")
    if kind is not None and kind.port is not None:
        namespace = f"{prefix}://{connection.host or 'localhost'}:{connection.port or kind.port}"
        parts = [connection.database, schema, name]
    else:
        namespace = f"{prefix}://{Path(connection.database).resolve()}"
        parts = [schema, name]
    if not table:
        return DatasetName(namespace, connection.database)
    return DatasetName(namespace, ".".join(part for part in parts if part))


class DatasetNames:
    """The datasets that a run reads and writes.

    Args:
        plan: of the run.
        outputs: where each of the policy's tables goes.
    """

    def __init__(self, plan: Plan, outputs: Mapping[str, DatasetName]) -> None:
        self.plan = plan
        self.outputs = outputs
        self._seeds = plan.directory / str(plan.policy.get("seedDirectory") or ".")

    def of(self, source: Source) -> DatasetName:
        """The dataset in which a source is."""
        if source.kind == TABLE:
            return self.outputs.get(source.dataset) or DatasetName(OWN, f"{self.plan.name}/{source.dataset}")
        if source.kind == REFERENCE:
            return DatasetName(OWN, f"reference/{source.dataset}")
        connection, slash, table = source.dataset.partition("/")
        if source.kind == FILE or not slash or (self._seeds / source.dataset).exists():
            return file_dataset(self._seeds / source.dataset)
        try:
            return table_dataset(find_connection(connection), table)
        except FaaseraError:
            return DatasetName(connection, table)

    def schema_source(self) -> DatasetName | None:
        """What the policy was imported from; None where it was written."""
        given = self.plan.policy.get("importedFrom")
        if given is None:
            return None
        try:
            connection = find_connection(str(given))
        except FaaseraError:
            return DatasetName("file", str(given))
        return table_dataset(connection, "")
