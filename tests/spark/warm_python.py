"""A Python for Spark whose daemon has imported what its workers need before it forks them."""

import sys
from pathlib import Path

_PROGRAM = """#!{python}
import os, sys
if sys.argv[1:3] == ["-m", "pyspark.daemon"]:
    import pandas
    import pyspark.sql.worker.create_data_source, pyspark.sql.worker.lookup_data_sources, pyspark.sql.worker.plan_data_source_read
    import pyspark.worker
    import faasera.frontends.spark.source, faasera.frontends.spark.writing, faasera.run.planning
    from pyspark.daemon import manager
    del sys.argv[1:3]
    manager()
else:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def warm_python(folder: Path) -> str:
    """The path of such a Python, in a folder."""
    program = folder / "python"
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    return str(program)
