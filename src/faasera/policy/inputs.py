"""The files that a policy names, read off the document."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class RuleInputs(Protocol):
    """Where it is declared which keys of a rule name files: the registry of generators."""

    def inputs(self, name: str) -> tuple[str, ...]:
        """The keys of a rule type's rules that name files, as a policy spells them."""


def input_files(policy: Mapping[str, Any], types: RuleInputs) -> list[str]:
    """The files of rules, files of keys and deny lists of a policy, relative to its folder.

    Names that lead elsewhere are left out: the plan reports them. Files with secret keys are not among them.

    Args:
        policy: the document's value; what is wrong with it is for others to say.
        types: which keys of rules name files.
    """
    folder = policy.get("seedDirectory")
    names = dict.fromkeys(_named(policy, types))
    paths = [posixpath.normpath(posixpath.join(folder if isinstance(folder, str) else "", name)) for name in names]
    return [path for path in paths if not path.startswith(("../", "/")) and path not in ("", ".", "..")]


def _named(policy: Mapping[str, Any], types: RuleInputs) -> Iterator[str]:
    yield from _texts(policy.get("denyList"), "file")
    for table in [policy, *_mappings(policy.get("tables"))]:
        for key in _mappings(table.get("foreignKeys")):
            for reference in _mappings(key.get("references")):
                yield from _texts(reference, "file")
        rules = table.get("columnRuleMap")
        for rule in rules.values() if isinstance(rules, Mapping) else ():
            yield from _of_rule(rule, types)


def _of_rule(rule: Any, types: RuleInputs) -> Iterator[str]:
    """The files of a rule, and those of its cases."""
    if isinstance(rule, Mapping):
        if isinstance(rule.get("type"), str):
            yield from _texts(rule, *types.inputs(rule["type"]))
        for case in _mappings(rule.get("when")):
            yield from _of_rule(case.get("rule"), types)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list, or one alone."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping)]


def _texts(value: Any, *keys: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (value[key] for key in keys if isinstance(value.get(key), str))
