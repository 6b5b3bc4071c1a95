"""Regular expressions of lists and of JSON, as policies write the lists of a database: JSON until it is loaded."""

import json
import re
from collections.abc import Sequence
from typing import Any

_VALUE = r'("[^"\\]*"|[0-9]+|true|false|null)'
_OBJECT = rf'\{{("\w+": ?{_VALUE}(, ?"\w+": ?{_VALUE})*)?\}}'
_LIST = rf"\[({_VALUE}(, ?{_VALUE})*)?\]"
JSON_TEXT = f"^({_OBJECT}|{_LIST})$"
"""A text that is surely JSON: a flat object, or a flat list."""
JSON_PATTERNS = {
    "object": r'\{"id": [1-9][0-9]{5}, "code": "[a-z]{6}"\}',
    "array": r'\["[a-z]{3,8}"(, "[a-z]{3,8}"){0,2}\]',
    "string": '"[a-z]{3,8}"',
    "number": "[1-9][0-9]{0,3}",
    "boolean": "(true|false)",
}
"""Of each kind of JSON, what rules make."""
_OPEN, _CLOSE = r"^\[(?:(?:", r")*)?\]$"


def _element(value: Any) -> str:
    return re.escape(json.dumps(value, ensure_ascii=False))


def only(values: Sequence[Any]) -> str:
    """A list of these values, of any length."""
    one = "|".join(map(_element, values))
    return f"{_OPEN}{one})(?:, ?(?:{one}){_CLOSE}"


def having(value: Any) -> str:
    """A list that has a value."""
    return rf"[\[,] ?{_element(value)}[,\]]"


def elements(pattern: str | None) -> str | None:
    """What the elements of a list of ``only`` match; None where a pattern is another one."""
    if pattern is None or not (pattern.startswith(_OPEN) and pattern.endswith(_CLOSE)):
        return None
    return f"({pattern[len(_OPEN) :].partition(')(?:, ?')[0]})"
