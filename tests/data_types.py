"""Random data types, nested ones included, for tests of what other systems make of them."""

from hypothesis import strategies as st

from faasera.core.types import NAMES, DataType, Field, ListOf, MapOf, Scalar, Struct

DECIMALS = st.integers(1, 38).flatmap(
    lambda precision: st.integers(0, precision).map(lambda scale: Scalar("DECIMAL", precision, scale))
)
SCALARS: st.SearchStrategy[DataType] = st.one_of(
    st.sampled_from([Scalar(name) for name in NAMES if name != "DECIMAL"]), DECIMALS
)
FIELD_NAMES = st.one_of(
    st.sampled_from(["a", "city", "NOT", "LIST", "select"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=8),
)


def _nested(inner: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
    fields = st.lists(
        st.builds(Field, FIELD_NAMES, inner, st.booleans()),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.name.casefold(),
    )
    return st.one_of(
        st.builds(ListOf, inner, st.booleans()),
        st.builds(Struct, fields.map(tuple)),
        st.builds(MapOf, SCALARS, inner, st.booleans()),
    )


DATA_TYPES: st.SearchStrategy[DataType] = st.recursive(SCALARS, _nested, max_leaves=6)
NESTED = _nested(DATA_TYPES)
