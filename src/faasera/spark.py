"""Faasera on Spark; needs ``faasera[spark]``.

import faasera.spark

faasera.spark.register(spark)
spark.read.format("faasera").option("policy", "shop.json").option("table", "customers").load()
"""

from faasera.frontends.spark import FaaseraDataSource, FaaseraGenerator, register

__all__ = ["FaaseraDataSource", "FaaseraGenerator", "register"]
