"""A policy as the text that people read: a line for a rule, as long as it fits."""

import json
from typing import Any

from faasera.policy.yaml_text import write_yaml

_WIDTH = 150


def policy_text(policy: dict[str, Any], *, yaml: bool = False, width: int = _WIDTH) -> str:
    """The policy as JSON, or as YAML, in lines of about ``width`` characters."""
    if yaml:
        return write_yaml(policy, width)
    return _shown(policy, 0, "", width) + "\n"


def _shown(value: Any, depth: int, before: str, width: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    scalar = not isinstance(value, dict | list) or not value
    flat = depth >= 3 and len(line) + 2 * depth + len(before) <= width
    if scalar or flat:
        return _spaced(line) if flat and isinstance(value, dict) and value else line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        parts = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_shown(one, depth + 1, key, width)}"
            for key, one in value.items()
        ]
        return "{\n" + ",\n".join(parts) + f"\n{outer}}}"
    parts = [f"{inner}{_shown(one, depth + 1, '', width)}" for one in value]
    return "[\n" + ",\n".join(parts) + f"\n{outer}]"


def _spaced(line: str) -> str:
    return "{ " + line[1:-1] + " }"
