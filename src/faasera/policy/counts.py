"""Row counts as people write them."""

import re
from decimal import Decimal

_COUNT = re.compile(r"^(\d+(?:_\d+)*(?:\.\d+)?)\s*([kKmMgGbB]?)$")
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}
MAXIMUM_ROWS = 1 << 53
ATTEMPT_BITS = 48
"""A row that breaks a check is drawn again as rows that lie so many bits further on, and so beyond the table's own."""


def parse_count(value: object) -> int:
    """A row count from a number or from ``"10k"``, ``"2.5M"``, ``"1_000_000"``.

    Raises:
        ValueError: it is no whole number of rows between 0 and 2^53.

    >>> parse_count("2.5M")
    2500000
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value!r} is not a row count; write a whole number, or a text such as '10k' or '2.5M'")
    if isinstance(value, str):
        match = _COUNT.match(value.strip())
        if not match:
            raise ValueError(f"{value!r} is not a row count; write 10000, '10k', '2.5M' or '1_000_000'")
        exact = Decimal(match[1].replace("_", "")) * _FACTORS[match[2].lower()]
        if exact != exact.to_integral_value():
            raise ValueError(f"{value!r} is not a whole number of rows")
        value = int(exact)
    if not 0 <= value <= MAXIMUM_ROWS:
        raise ValueError(f"a table has between 0 and {MAXIMUM_ROWS:,} rows, not {value:,}")
    return value
