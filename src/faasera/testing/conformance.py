"""What every generator promises, as checks that a plug-in's author can run too.

>>> from faasera.testing.conformance import check_generator
>>> check_generator({"type": "SEQUENCE"})
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from faasera.core.arrow import decoded
from faasera.core.digest import value_words
from faasera.plan.evaluate import Rows, rows_between
from faasera.plan.model import Plan
from faasera.run.planning import load_plan


def example_policy(rule: Mapping[str, Any], rows: int, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A table with the rule in the column ``value``, and in ``beside`` the columns that it needs."""
    return {"tableName": "t", "rowCount": rows, "columnRuleMap": {**(beside or {}), "value": dict(rule)}}


def values_at(plan: Plan, rows: Sequence[int] | np.ndarray[Any, np.dtype[np.uint64]]) -> pa.Array:
    """The column ``value`` of the given rows, without dictionaries."""
    numbers = np.asarray(rows, dtype=np.uint64)
    return decoded(Rows.of(plan).rows("t", numbers).column("value"))


def check_generator(
    rule: Mapping[str, Any],
    *,
    rows: int = 3000,
    beside: Mapping[str, Any] | None = None,
    scattered: Sequence[int] = (2999, 0, 17, 17, 1024, 5),
    cut: int = 1234,
) -> None:
    """Check one rule: slices agree with the whole, scattered rows with ranges, types with the plan.

    Args:
        rule: the rule of the column under test.
        rows: how many rows the table has.
        beside: other columns that the rule refers to.
        scattered: row numbers in any order, repeated ones too.
        cut: where the whole is cut in two.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    plan = load_plan(example_policy(rule, rows, beside))
    column = plan.tables["t"].column("value")
    whole = values_at(plan, rows_between(0, rows))
    assert len(whole) == rows, "one value for each row"
    assert whole.type == column.data_type.arrow, f"the plan says {column.data_type}, Arrow has {whole.type}"
    assert whole.null_count == 0 or column.generator.nullable, "nulls in a column that the plan calls never null"
    whole.validate(full=True)
    parts = pa.concat_arrays([values_at(plan, rows_between(0, cut)), values_at(plan, rows_between(cut, rows))])
    assert parts.equals(whole), "a slice differs from that part of the whole"
    chosen = values_at(plan, scattered)
    assert chosen.equals(whole.take(pa.array(scattered))), "scattered rows differ from the same rows in a range"
    assert np.array_equal(value_words(chosen), value_words(whole)[list(scattered)]), "digests differ for equal values"
    assert len(values_at(plan, [])) == 0, "no rows, no values"
    again = values_at(load_plan(example_policy(rule, rows, beside)), rows_between(0, rows))
    assert again.equals(whole), "a second plan makes other values"
    if column.generator.unique:
        assert len(whole.drop_null().unique()) == rows - whole.null_count, "a unique column repeats a value"
