"""Whole numbers as values of their types, for people."""

import numpy as np

from faasera.core.types import DATE, TIME, DataType


def show_whole(value: int, data_type: DataType, scale: int = 0) -> str:
    """A whole number as a value of its type, for people."""
    scale = scale or data_type.scale
    if data_type == DATE:
        return str(np.datetime64(value, "D"))
    if data_type.has_time:
        unit = "us" if value % data_type.unit else "s"
        shown = str(np.datetime64(value, "us").astype(f"datetime64[{unit}]"))
        return shown[11:] if data_type == TIME else shown.replace("T", " ")
    if scale:
        digits = f"{abs(value):0{scale + 1}d}"
        return f"{'-' if value < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"
    return str(value)


def show_step(step: int, data_type: DataType, scale: int = 0) -> str:
    """The step of a range for people, or nothing when it is the natural one."""
    if data_type.is_temporal:
        name = "seconds" if data_type.has_time else "days"
        return "" if step == data_type.unit else f" every {step / data_type.unit:g} {name}"
    return "" if step == 1 else f" in steps of {show_whole(step, data_type, scale)}"
