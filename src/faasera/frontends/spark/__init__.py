"""Faasera on Spark: a data source, and a generator of data frames."""

from faasera.frontends.spark.generator import FaaseraGenerator, register
from faasera.frontends.spark.source import FaaseraDataSource

__all__ = ["FaaseraDataSource", "FaaseraGenerator", "register"]
