"""The built-in generation types; importing this package registers them."""

from faasera.generators import constant, date_random, encoded, preserve, random_value, seed_list, sequence
from faasera.generators.base import GENERATORS

__all__ = ["GENERATORS", "constant", "date_random", "encoded", "preserve", "random_value", "seed_list", "sequence"]
