"""Tables as Spark sees them: the schema, and batches that have it exactly."""

from collections.abc import Callable, Sequence

import pyarrow as pa
from pyspark.sql import types
from pyspark.sql.pandas.types import to_arrow_schema

from faasera.core.arrow import decoded
from faasera.core.text import to_text
from faasera.core.types import DataType
from faasera.plan.model import ColumnPlan

_TYPES: dict[str, Callable[[], types.DataType]] = {
    "STRING": types.StringType,
    "UUID": types.StringType,
    "JSON": types.StringType,
    "TIME": types.StringType,
    "INTEGER": types.IntegerType,
    "BIGINT": types.LongType,
    "DOUBLE": types.DoubleType,
    "BOOLEAN": types.BooleanType,
    "DATE": types.DateType,
    "TIMESTAMP": types.TimestampNTZType,
    "BINARY": types.BinaryType,
}


def spark_type(data_type: DataType) -> types.DataType:
    """The type of a column; a timestamp has no zone, and a time of day is a text: Spark switches its own type off."""
    if data_type.name == "DECIMAL":
        return types.DecimalType(data_type.precision, data_type.scale)
    return _TYPES[data_type.name]()


def spark_schema(columns: Sequence[ColumnPlan]) -> types.StructType:
    """The schema of some columns; each field's metadata say the policy's ``dataType``."""
    return types.StructType(
        [
            types.StructField(
                column.name,
                spark_type(column.data_type),
                column.generator.nullable,
                {"dataType": str(column.data_type)},
            )
            for column in columns
        ]
    )


class Converter:
    """Makes batches of plain Arrow types that Spark takes as they are."""

    def __init__(self, schema: types.StructType) -> None:
        self.schema: pa.Schema = to_arrow_schema(schema)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The same rows without dictionaries."""
        arrays = []
        for column, field in zip(batch.columns, self.schema, strict=True):
            arrays.append(decoded(to_text(column) if pa.types.is_time64(column.type) else column))
            assert arrays[-1].type == field.type
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
