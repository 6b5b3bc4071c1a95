from data_types import DATA_TYPES
from hypothesis import given
from pyspark.sql import types
from pyspark.sql.pandas.types import to_arrow_type

from faasera.core.types import BINARY, DATE, INTEGER, STRING, TIME, TIMESTAMP, Field, ListOf, MapOf, Scalar, Struct
from faasera.frontends.spark.types import spark_type


@given(DATA_TYPES)
def test_spark_holds_what_arrow_holds(data_type):
    """Spark's own way to Arrow leads to the engine's types, with times of day as texts."""
    assert plain(to_arrow_type(spark_type(data_type))) == plain(with_times_as_texts(data_type).arrow)


def plain(kind):
    """The type in words, without what Spark writes down of its own."""
    return str(kind).replace("element: ", "item: ").replace("large_", "")


def with_times_as_texts(data_type):
    if isinstance(data_type, ListOf):
        return ListOf(with_times_as_texts(data_type.item), data_type.item_nullable)
    if isinstance(data_type, MapOf):
        key, value = with_times_as_texts(data_type.key), with_times_as_texts(data_type.value)
        return MapOf(key, value, data_type.value_nullable)
    if isinstance(data_type, Struct):
        return Struct(
            tuple(Field(one.name, with_times_as_texts(one.data_type), one.nullable) for one in data_type.fields)
        )
    return STRING if data_type == TIME else data_type


def test_what_may_be_null():
    kind = Struct((Field("a", ListOf(DATE, False), False), Field("b", MapOf(STRING, ListOf(BINARY), False))))
    assert spark_type(kind) == types.StructType(
        [
            types.StructField("a", types.ArrayType(types.DateType(), False), False),
            types.StructField(
                "b", types.MapType(types.StringType(), types.ArrayType(types.BinaryType(), True), False), True
            ),
        ]
    )


def test_words_of_spark():
    words = {
        INTEGER: "int",
        Scalar("DECIMAL", 12, 2): "decimal(12,2)",
        TIMESTAMP: "timestamp_ntz",
        TIME: "string",
        ListOf(MapOf(STRING, DATE)): "array<map<string,date>>",
        Struct((Field("a", INTEGER), Field("b", BINARY))): "struct<a:int,b:binary>",
    }
    assert {data_type: spark_type(data_type).simpleString() for data_type in words} == words
