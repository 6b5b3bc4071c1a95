"""The built-in generation types; importing this package registers them."""

from faasera.generators import (
    constant,
    date_random,
    encoded,
    label,
    preserve,
    random_value,
    seed_list,
    sequence,
    series,
)
from faasera.generators.declared import GENERATORS

__all__ = [
    "GENERATORS",
    "constant",
    "date_random",
    "encoded",
    "label",
    "preserve",
    "random_value",
    "seed_list",
    "sequence",
    "series",
]
