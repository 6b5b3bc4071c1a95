"""Jobs whose rows the driver collects."""

from typing import TYPE_CHECKING

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from faasera.core.errors import RunError, refuse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row


def collected(frame: "DataFrame", what: str) -> "list[Row]":
    """The rows of a data frame.

    Args:
        frame: it.
        what: is made, for messages.

    Raises:
        RunError: the job failed; the message ends with what an executor said last.
    """
    try:
        return list(frame.collect())
    except (PySparkException, Py4JError) as error:
        lines = [line.strip() for line in str(error).splitlines() if "Error" in line and "Traceback" not in line]
        reason = lines[-1] if lines else str(error).partition("\n")[0]
        message = f"{what}: the job failed: {reason[:300]}"
        refuse("spark-job-failed", message, "See the log of the executor.", kind=RunError, cause=error)
