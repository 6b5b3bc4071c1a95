"""The files that a policy names, read off the document."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any


def input_files(policy: Mapping[str, Any]) -> list[str]:
    """The seed files, files of keys and deny lists of a policy, relative to its folder.

    Names that lead elsewhere are left out: the plan reports them. Files with secret keys are not among them.

    >>> input_files({"seedDirectory": "seeds", "columnRuleMap": {"city": {"type": "SEED", "seedFileName": "city.csv"}}})
    ['seeds/city.csv']
    """
    folder = policy.get("seedDirectory")
    names = dict.fromkeys(_named(policy))
    paths = [posixpath.normpath(posixpath.join(folder if isinstance(folder, str) else "", name)) for name in names]
    return [path for path in paths if not path.startswith(("../", "/")) and path not in ("", ".", "..")]


def _named(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _named(entry, key)
    elif isinstance(value, Mapping):
        if key in ("references", "denyList") and isinstance(value.get("file"), str):
            yield value["file"]
        if isinstance(value.get("seedFileName"), str):
            yield value["seedFileName"]
        for name, entry in value.items():
            yield from _named(entry, name)
