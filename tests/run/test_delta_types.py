from types import SimpleNamespace

import pyarrow as pa
import pytest
from data_types import DATA_TYPES
from deltalake import Schema
from hypothesis import assume, given

from faasera.core.errors import PolicyError
from faasera.core.from_arrow import from_arrow
from faasera.core.types import STRING, TIME, Field, ListOf, MapOf, Struct
from faasera.run.delta import delta_schema, require_delta


def tables(data_type):
    return [SimpleNamespace(name="t", visible=[SimpleNamespace(name="c", data_type=data_type)])]


@given(DATA_TYPES)
def test_delta_has_every_type_but_times_of_day(data_type):
    assume(TIME not in data_type.walk())
    require_delta(tables(data_type))
    table = {"columns": [{"name": "c", "dataType": str(data_type), "nullable": True}]}
    back = pa.schema(Schema.from_arrow(delta_schema(table)))
    assert from_arrow(back.field("c").type) == from_arrow(data_type.arrow)


@pytest.mark.parametrize(
    "data_type", [TIME, ListOf(TIME), MapOf(STRING, ListOf(TIME)), Struct((Field("a", STRING), Field("b", TIME)))]
)
def test_a_time_of_day_is_refused_however_deep(data_type):
    with pytest.raises(PolicyError) as caught:
        require_delta(tables(data_type))
    assert caught.value.problems[0].code == "delta-type"
