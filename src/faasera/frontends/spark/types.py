"""Tables as Spark sees them: the schema, and batches that have it exactly."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.sql import types
from pyspark.sql.pandas.types import to_arrow_schema
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.text import to_text
from faasera.core.types import ListOf, MapOf, Scalar, Struct, TypeMapper
from faasera.plan.model import ColumnPlan


class SparkTypes(TypeMapper[types.DataType]):
    """Spark's types: a timestamp has no zone, and a time of day is a text, since Spark switches its own type off."""

    scalars: Mapping[str, types.DataType] = {
        "STRING": types.StringType(),
        "UUID": types.StringType(),
        "JSON": types.StringType(),
        "TIME": types.StringType(),
        "INTEGER": types.IntegerType(),
        "BIGINT": types.LongType(),
        "DOUBLE": types.DoubleType(),
        "BOOLEAN": types.BooleanType(),
        "DATE": types.DateType(),
        "TIMESTAMP": types.TimestampNTZType(),
        "BINARY": types.BinaryType(),
    }

    @override
    def decimal(self, data_type: Scalar) -> types.DataType:
        return types.DecimalType(data_type.precision, data_type.scale)

    @override
    def list_of(self, data_type: ListOf, item: types.DataType) -> types.DataType:
        return types.ArrayType(item, data_type.item_nullable)

    @override
    def struct(self, data_type: Struct, fields: tuple[types.DataType, ...]) -> types.DataType:
        parts = zip(data_type.fields, fields, strict=True)
        return types.StructType([types.StructField(part.name, made, part.nullable) for part, made in parts])

    @override
    def map_of(self, data_type: MapOf, key: types.DataType, value: types.DataType) -> types.DataType:
        return types.MapType(key, value, data_type.value_nullable)


spark_type = SparkTypes()
"""The type of a column in Spark."""


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
