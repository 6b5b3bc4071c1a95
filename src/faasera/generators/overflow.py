"""Numbers that are computed and do not fit their type stop the run, and name the row."""

import numpy as np
import numpy.typing as npt

from faasera.core.errors import RunError, refuse
from faasera.core.streams import Words
from faasera.core.types import DataType

_REMEDY = {False: "Use a wider type.", True: "Use fewer digits behind the point, or DOUBLE."}


def check_fits(whole: npt.NDArray[np.float64], data_type: DataType, rows: Words, where: str) -> None:
    """Refuse what an exact number cannot hold.

    Args:
        whole: unscaled digits, one a row.
        data_type: that they are for.
        rows: the rows' numbers.
        where: the place in the policy.

    Raises:
        RunError: one of them is too large for the type, or for what 64 bits compute.
    """
    wrong = ~(np.abs(whole) < float(data_type.limit_of_arithmetic))
    if not wrong.any():
        return
    row = int(rows[int(np.argmax(wrong))])
    narrow = data_type.limit > data_type.limit_of_arithmetic
    known = "what is computed, which has at most 18 digits" if narrow else str(data_type)
    refuse("overflow", f"row {row}: the value does not fit into {known}", _REMEDY[narrow], at=where, kind=RunError)
