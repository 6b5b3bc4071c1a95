"""Values that hold arrays are equal by what these hold."""

import pickle
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pytest

from faasera.core.value import ByContent, same


@dataclass(frozen=True, eq=False)
class Holder(ByContent):
    name: str
    array: object
    note: str = field(default="", compare=False)

    @cached_property
    def worked_out(self):
        return lambda: None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.array([1, 2]), np.array([1, 2]), True),
        (np.array([1, 2]), np.array([1, 3]), False),
        (np.array([1, 2]), np.array([1, 2], dtype=np.uint8), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (pa.array(["a"]), pa.array(["a"]), True),
        (pa.array(["a"]), pa.array(["b"]), False),
        (pa.array([1]), [1], False),
        ({"a": np.array([1])}, {"a": np.array([1])}, True),
        ({"a": np.array([1])}, {"b": np.array([1])}, False),
        ((pa.array([1]), 2), (pa.array([1]), 2), True),
        ((1, 2), (1, 2, 3), False),
        (pa.table({"a": [1]}), pa.table({"a": [2]}), False),
    ],
)
def test_same(one, other, equal):
    assert same(one, other) is equal
    assert same(other, one) is equal
    made, copy = Holder("x", one), Holder("x", other, note="plays no part")
    assert (made == copy) is equal
    if equal:
        assert hash(made) == hash(copy)


def test_copies_leave_out_what_was_worked_out():
    made = Holder("x", pa.array([1, 2]))
    assert made.worked_out is not None
    copy = pickle.loads(pickle.dumps(made))
    assert copy == made
    assert "worked_out" not in vars(copy)


def test_other_classes_differ():
    assert Holder("x", 1) != ("x", 1)
