"""From the text of a policy to its model, with every problem of the document at once."""

import json
import types as python_types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from faasera.core import types
from faasera.core.errors import Problems, did_you_mean, refuse
from faasera.policy.exact import settle_numbers
from faasera.policy.model import Document, Model, Rule, TablePolicy
from faasera.policy.values import Pairs, pairs, real_number, whole_number
from faasera.policy.yaml_text import YamlError, read_yaml

MAXIMUM_BYTES = 16 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 1_000_000
_DOCUMENT_KEYS = [field.alias for name, field in Document.model_fields.items() if name not in ("tables", "description")]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class ParsedTable:
    """A table's policy with its rules.

    Attributes:
        policy: the table.
        rules: column → rule; an empty rule is None.
        cases: column → the rules of its ``when``, in order; None for one that could not be read.
        source: the plain JSON value, as read.
        problems: where to report what is wrong with the table.
    """

    policy: TablePolicy
    rules: dict[str, Rule | None]
    cases: dict[str, tuple[Rule | None, ...]]
    source: dict[str, Any]
    problems: Problems


@dataclass(frozen=True)
class ParsedPolicy:
    """A whole document, its tables and where its files are.

    Attributes:
        document: what holds for all tables.
        tables: in the order of the document.
        directory: the folder that relative paths start from.
        source: the plain JSON value, as read.
        problems: collects what is wrong.
    """

    document: Document
    tables: tuple[ParsedTable, ...]
    directory: Path
    source: dict[str, Any]
    problems: Problems


def _fail(code: str, message: str, remedy: str) -> typing.NoReturn:
    refuse(code, message, remedy)


def read_text(path: Path) -> str:
    """The text of a policy file.

    Raises:
        PolicyError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > MAXIMUM_BYTES:
            _fail(
                "policy-too-large",
                f"{path} has {size / 1e6:,.0f} MB; a policy has at most {MAXIMUM_BYTES / 1e6:.0f} MB",
                "Move long value lists into seed files.",
            )
        data = path.read_bytes()
    except OSError as error:
        _fail("policy-unreadable", f"{path}: {error.strerror or error}", "Check the path and its permissions.")
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """The text of a policy's bytes.

    Raises:
        PolicyError: they are not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _fail(
            "policy-encoding", f"{name} is not UTF-8: byte {data[error.start]:#04x} on line {line}", "Save it as UTF-8."
        )


def _from_yaml(text: str) -> Any:
    try:
        return read_yaml(text)
    except YamlError as error:
        _fail("policy-syntax", f"not valid YAML: {error}", "Correct the syntax there.")


def _from_json(text: str) -> Any:
    def no_constant(name: str) -> typing.NoReturn:
        raise ValueError(f"{name} is not a JSON number")

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_constant=no_constant, parse_int=whole_number, parse_float=real_number
        )
    except json.JSONDecodeError as error:
        _fail(
            "policy-syntax",
            f"not valid JSON: {error.msg} on line {error.lineno}, column {error.colno}",
            "Correct the syntax there.",
        )
    except ValueError as error:
        _fail("policy-syntax", f"not valid JSON: {error}", "Use a finite number of fewer digits.")


def load_value(text: str, *, yaml: bool = False) -> dict[str, Any]:
    """The JSON value of a policy's text, checked for size, depth and keys written twice.

    Raises:
        PolicyError: the text is no JSON or YAML object.
    """
    if len(text) > MAXIMUM_BYTES:
        _fail(
            "policy-too-large",
            f"a policy has at most {MAXIMUM_BYTES / 1e6:.0f} MB",
            "Move long value lists into seed files.",
        )
    try:
        value = _from_yaml(text) if yaml else _from_json(text)
    except RecursionError:
        _fail("policy-too-deep", f"the document is nested deeper than {MAXIMUM_DEPTH} levels", "Flatten it.")
    checked = check_value(value)
    problems = Problems()
    settle_numbers(checked, problems)
    problems.raise_any()
    return checked


def check_value(value: Any) -> dict[str, Any]:
    """The same value, if it is a JSON object of bearable size whose keys are each written once.

    Raises:
        PolicyError: it is not.
    """
    if not isinstance(value, dict):
        _fail("policy-not-an-object", f"a policy is an object, not {_json_name(value)}", "Wrap it in { … }.")
    problems = Problems()
    nodes = 0
    pending: list[tuple[int, _Path, Any]] = [(0, None, value)]
    while pending:
        depth, path, node = pending.pop()
        nodes += 1
        if depth > MAXIMUM_DEPTH:
            _fail("policy-too-deep", f"the document is nested deeper than {MAXIMUM_DEPTH} levels", "Flatten it.")
        if nodes > MAXIMUM_NODES:
            _fail(
                "policy-too-large",
                f"the document has more than {MAXIMUM_NODES:,} values",
                "Move long lists into seed files.",
            )
        if isinstance(node, Pairs):
            for twice in node.repeated:
                problems.at(*_steps(path)).add("duplicate-key", str(twice), "Keep one of them.", at=[twice.key])
        children: Iterable[tuple[str | int, Any]] = ()
        if isinstance(node, dict):
            children = node.items()
        elif isinstance(node, list):
            children = enumerate(node)
        pending.extend((depth + 1, (path, key), child) for key, child in children)
    problems.raise_any()
    return value


_Path = tuple[Any, str | int] | None
"""The path of a value: that of what holds it, and the key; None for the document. Most are never spelled out."""


def _steps(path: _Path) -> list[str | int]:
    steps: list[str | int] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return steps[::-1]


def _json_name(value: Any) -> str:
    names: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number"}
    return "null" if value is None else names.get(type(value), "a number")


def _nested_model(annotation: Any) -> type[Model] | None:
    """The model inside an annotation such as ``Reference | None`` or ``list[ForeignKey]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Model) else None
    if typing.get_origin(annotation) in (typing.Union, python_types.UnionType, list, typing.Annotated):
        for argument in typing.get_args(annotation):
            if found := _nested_model(argument):
                return found
    return None


@cache
def _keys_of(model: type[Model]) -> dict[str, type[Model] | None]:
    """The keys of a model, each with the model that stands below it, if one does."""
    return {field.alias or name: _nested_model(field.annotation) for name, field in model.model_fields.items()}


def _check_keys(model: type[Model], data: Mapping[str, Any], problems: Problems) -> None:
    """Report keys that the model does not have, here and below."""
    keys = _keys_of(model)
    for key, value in data.items():
        if key in keys:
            nested = keys[key]
            members = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, member in members if nested else ():
                if isinstance(member, dict):
                    assert nested is not None
                    _check_keys(nested, member, problems.at(key) if index is None else problems.at(key, index))
        elif key in model.later:
            problems.add(
                "not-available-yet",
                f"'{key}' ({model.later[key]}) is not available in this version",
                "Remove it; a later release brings it.",
                at=[key],
            )
        else:
            problems.add("unknown-key", f"'{key}' is not a key here", did_you_mean(key, keys), at=[key])


def validate(model: type[M], data: Any, problems: Problems) -> M | None:
    """A model of the data, or None after its problems were reported."""
    if not isinstance(data, dict):
        problems.add("wrong-type", f"expected an object, found {_json_name(data)}", "Wrap it in { … }.")
        return None
    with problems.expected_none() as known:
        _check_keys(model, data, problems)
    try:
        valid = model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors():
            if detail["type"] != "extra_forbidden":
                _report(problems, detail, data)
        return None
    return valid if known else None


_UNION_MEMBERS = {"bool", "int", "float", "str", "constrained-str"}


def _report(problems: Problems, detail: Mapping[str, Any], data: Any) -> None:
    """One pydantic error as a problem."""
    path: list[str | int] = []
    node = data
    for part in detail["loc"]:
        if part == "[key]" or (part in _UNION_MEMBERS and not (isinstance(node, dict) and part in node)):
            continue
        if isinstance(part, int) and isinstance(node, dict):
            continue  # A single entry where a list may stand, too.
        path.append(part)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
    kind, context = detail["type"], detail.get("ctx", {})
    message = detail["msg"]
    if kind == "missing":
        problems.add("missing-key", f"the key '{path[-1]}' is missing", "Add it.", at=path)
    elif kind == "literal_error":
        known = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ",").split(",")]
        problems.add("unknown-value", f"{node!r} is not known here", did_you_mean(str(node), known), at=path)
    elif kind == "value_error":
        problems.add("bad-value", str(context["error"]), "Correct the value.", at=path)
    elif kind.endswith("_type"):
        expected = message.removeprefix("Input should be ").removeprefix("a valid ")
        expected = "an object" if "instance of" in expected else expected
        problems.add(
            "wrong-type", f"expected {expected}, found {_json_name(node)}", "Change the value's type.", at=path
        )
    elif kind == "string_pattern_mismatch" and path[-1:] == ["dataType"]:
        remedy = did_you_mean(str(node).partition("(")[0], types.EXAMPLES)
        problems.add("unknown-data-type", f"{node!r} is not a data type", remedy, at=path)
    elif kind == "string_pattern_mismatch" and "[key]" in detail["loc"]:
        message = f"{detail['input']!r} cannot be a name"
        problems.add("bad-value", message, "Leave out control characters.", at=path)
    elif kind == "string_pattern_mismatch":
        problems.add("bad-value", f"{node!r} cannot be used here", "Use letters, digits and _.", at=path)
    else:
        given = detail.get("input", node)
        problems.add("bad-value", f"{given!r}: {message[0].lower()}{message[1:]}", "Correct the value.", at=path)


class RuleModels(typing.Protocol):
    """Where the models of rules come from: the registry of generators."""

    def names(self) -> list[str]:
        """All rule types."""

    def rule(self, name: str) -> type[Rule] | None:
        """The model of a rule type."""


def parse(value: Mapping[str, Any], rule_models: RuleModels, directory: Path) -> ParsedPolicy:
    """The model of a policy: one table, or a pipeline with ``tables``.

    Raises:
        PolicyError: anything in it is wrong; with all of its problems.
    """
    source = dict(value)
    problems = Problems()
    pipeline = "tables" in source
    document_data: dict[str, Any]
    if pipeline:
        document_data = {**source, "tables": [{"tableName": "t", "columnRuleMap": {}}]}
        table_data = source["tables"] if isinstance(source["tables"], list) else []
        if not table_data:
            problems.add("no-tables", "'tables' is a list with at least one table", "Add a table.", at=["tables"])
        places = [problems.at("tables", index) for index in range(len(table_data))]
    else:
        document_data = {key: source[key] for key in _DOCUMENT_KEYS if key in source and key is not None}
        document_data |= {key: source[key] for key in Document.later if key in source}
        document_data["tables"] = [{"tableName": "t", "columnRuleMap": {}}]
        own = {field.alias for field in TablePolicy.model_fields.values()}
        table_data = [{key: node for key, node in source.items() if key in own or key not in document_data}]
        places = [problems]
    document = validate(Document, document_data, problems)
    tables = [_parse_table(data, rule_models, place) for data, place in zip(table_data, places, strict=True)]
    problems.raise_any()
    parsed = tuple(table for table in tables if table is not None)
    assert document is not None
    document = document.model_copy(update={"tables": [table.policy for table in parsed]})
    return ParsedPolicy(document, parsed, directory, source, problems)


def _parse_table(data: Any, rule_models: RuleModels, problems: Problems) -> ParsedTable | None:
    table = validate(TablePolicy, data, problems)
    if not isinstance(data, dict) or not isinstance(data.get("columnRuleMap"), dict):
        return None
    rules = {
        name: _parse_rule(rule, rule_models, problems.at("columnRuleMap", name))
        for name, rule in data["columnRuleMap"].items()
        if isinstance(rule, dict)
    }
    cases = {
        name: tuple(
            _parse_case(case.rule, rule_models, problems.at("columnRuleMap", name, "when", place, "rule"))
            for place, case in enumerate(rule.when)
        )
        for name, rule in rules.items()
        if rule is not None and rule.when is not None
    }
    return ParsedTable(table, rules, cases, data, problems) if table else None


_OF_THE_COLUMN = ("unique", "hidden", "when", "description")


def _parse_case(data: dict[str, Any], rule_models: RuleModels, problems: Problems) -> Rule | None:
    for key in _OF_THE_COLUMN:
        if key in data:
            problems.add("no-effect", f"'{key}' is said of the column, not of a case", "Remove it.", at=[key])
            return None
    return _parse_rule(data or {"type": None}, rule_models, problems)


def _parse_rule(data: dict[str, Any], rule_models: RuleModels, problems: Problems) -> Rule | None:
    if not data:
        return None
    name = data.get("type")
    if name is None:
        problems.add("missing-key", "a rule has a 'type'", did_you_mean("", rule_models.names()), at=["type"])
        return None
    model = rule_models.rule(name) if isinstance(name, str) else None
    if model is None:
        remedy = did_you_mean(str(name), rule_models.names())
        problems.add("unknown-type", f"{name!r} is not a generation type", remedy, at=["type"])
        return None
    return validate(model, data, problems)
