"""What a test needs, read off its folder and its fixtures: who shares a worker, who starts first, who is quick."""

from pathlib import Path

import pytest

GROUPS = {
    "spark": {"spark"},
    "browser": {"browsers"},
    "server": {"server", "api"},
    "shared": {"two"},
    "store": {"running"},
    "plans": {"copied"},
}
"""What is expensive to start is started by one worker, which has all tests that use it: groups and their fixtures."""
LONG = (
    "test_crash",
    "test_same_everywhere",
    "test_orchestrators",
    "test_relations_hold",
    "test_docs_commands",
    "test_wheel",
    "test_cluster",
    "test_command",
    "test_shared",
)
"""Files whose tests take seconds each, the longest first: they start after the groups, and small ones fill the gaps."""
CORE = {
    "core", "databases", "frontends", "generators", "hinting", "plan", "policy", "privacy", "report", "run", "schema", "semantic", "writers", "test_docs.py",
}  # fmt: skip
"""Folders whose tests need nothing but Python, unless a fixture says otherwise."""
TIME = {
    "test_check",
    "test_determinism",
    "test_failures",
    "test_ff1",
    "test_into_files",
    "test_mcp",
    "test_objects",
    "test_privacy",
    "test_relations_hold",
    "test_report",
    "test_resume",
    "test_runner",
    "test_schemas",
}
"""Files of these folders that need nothing but Python, and too much time to be quick."""
EMBEDDED = {"sqlite", "duckdb"}
ALWAYS_NARROW = ("test_light_and_dark",)
_STARTED = {"own", "bouncy_castle", *(name for names in GROUPS.values() for name in names)}
_TESTS = Path(__file__).parent


def arrange(items: list[pytest.Item]) -> None:
    """Mark tests by their groups and as core, and put the long ones first."""
    for item in items:
        if (group := _group(item)) is not None:
            item.add_marker(pytest.mark.xdist_group(group))
        if _is_narrow(item):
            item.add_marker("slow")
        if _is_core(item):
            item.add_marker("core")
    items.sort(key=_place)


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def _group(item: pytest.Item) -> str | None:
    # Hypothesis reads all of our modules once in each process.
    own = "properties" if hasattr(getattr(item, "obj", None), "hypothesis") else None
    return next((name for name, fixtures in GROUPS.items() if fixtures & _fixtures(item)), own)


def _is_narrow(item: pytest.Item) -> bool:
    """Whether it looks at the page at the width of a telephone; its colours are looked at always."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return parameters.get("browser") == 390 and not item.name.startswith(ALWAYS_NARROW)


def _asks_servers(item: pytest.Item) -> bool:
    """Whether it asks a database server; those that take a dialect may take one that is a file."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return bool({"fresh", "server_url"} & _fixtures(item)) and parameters.get("dialect") not in EMBEDDED


def _is_core(item: pytest.Item) -> bool:
    if (
        item.get_closest_marker("slow")
        or item.get_closest_marker("heavy")
        or _STARTED & _fixtures(item)
        or _asks_servers(item)
    ):
        return False
    path = item.path
    if path.stem in TIME:
        return False
    return not path.is_relative_to(_TESTS) or path.relative_to(_TESTS).parts[0] in CORE


def _place(item: pytest.Item) -> int:
    """Groups, then long tests, then those that start or ask a server, then the rest, each in the order of the files."""
    group, groups = _group(item), [*GROUPS, "properties"]
    if group is not None:
        return groups.index(group)
    if item.path.stem in LONG:
        return len(groups) + LONG.index(item.path.stem)
    return len(groups) + len(LONG) + (not (_STARTED & _fixtures(item) or _asks_servers(item)))
