"""The built-in file formats; importing this package registers them."""

from faasera.writers import arrow, csv, json, parquet
from faasera.writers.base import WRITERS

__all__ = ["WRITERS", "arrow", "csv", "json", "parquet"]
