"""``SEED``: a value of a list."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field
from typing_extensions import override

from faasera.core.errors import did_you_mean
from faasera.core.types import DOUBLE, NAMES, STRING, DataType
from faasera.generators import seed_files
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.generator import Choice, Made
from faasera.generators.lists import ListDomain, literal_text, type_of_values, typed_values
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.scope import Scope
from faasera.generators.seed_files import SeedFile
from faasera.generators.seed_guard import suspicions
from faasera.generators.semantic.compiled import compile_named
from faasera.generators.semantic.rule import SemanticRule
from faasera.generators.shape import check_weights
from faasera.policy.model import DistributionOrName, Model, Scalar


class Provenance(Model):
    """What a person states of a file's origin."""

    source: str = Field(min_length=1, description="Where it comes from.")
    personal_data: Literal[False] = Field(description="false: it holds no personal data.")


class SeedRule(SemanticRule):
    """A value of a list: a seed file, inline values, or what a semantic type knows."""

    seed_file_name: str | None = Field(
        None, min_length=1, description="A file in the seed directory: .csv, .tsv or .txt."
    )
    values: list[Scalar] | None = Field(None, min_length=1, description="The list itself.")
    column: str | None = Field(
        None, description="Which column of the seed file (default: the one named like this column)."
    )
    header: bool | None = Field(
        None, description="Whether the file's first line is a header (default: yes, in .txt no)."
    )
    seed_separator: str | None = Field(
        None, min_length=1, max_length=16, description="What separates the file's columns."
    )
    weight_column: str | None = Field(None, description="A column of the file with the weight of each row.")
    weights: list[float | int] | None = Field(None, description="One weight for each of 'values'.")
    provenance: Provenance | None = Field(
        None, description="Where the file comes from, if it looks like personal data and is none; in the manifest."
    )
    distribution: DistributionOrName | None = Field(None, description="ZIPF (the first value most often) or WEIGHTED.")

    @property
    @override
    def lacks_source(self) -> bool:
        return not {"values", "seed_file_name", "semantic_type"} & self.model_fields_set


def _compile(rule: SeedRule, scope: Scope) -> Made | None:
    sources = {"seedFileName": rule.seed_file_name, "values": rule.values, "semanticType": rule.semantic_type}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        message = f"{' and '.join(given)} exclude each other" if given else "SEED needs a list"
        scope.problems.add("seed-source", message, "Give exactly one of seedFileName, values and semanticType.")
        return None
    if not _keys_fit(rule, scope):
        return None
    if rule.distribution is not None and (rule.weights is not None or rule.weight_column is not None):
        scope.problems.add(
            "exclusive-keys", "weights and 'distribution' exclude each other", "Keep one.", at=["distribution"]
        )
        return None
    if rule.seed_file_name is not None:
        return _from_file(rule, scope)
    if rule.semantic_type is not None:
        return compile_named(rule, scope, rule.distribution)
    return _from_values(rule, scope)


def _keys_fit(rule: SeedRule, scope: Scope) -> bool:
    """Whether no key is given that only another source of the list understands."""
    of_files: dict[str, object] = {"column": rule.column, "header": rule.header, "seedSeparator": rule.seed_separator}
    of_files |= {"weightColumn": rule.weight_column, "provenance": rule.provenance}
    found: list[tuple[str, str]] = []
    if rule.seed_file_name is None:
        found += [(name, "a seed file") for name, value in of_files.items() if value is not None]
    if rule.values is not None and rule.group is not None:
        found.append(("group", "a seed file or a semantic type"))
    if rule.semantic_type is None:
        of_types = {"arguments": rule.arguments, "poolSize": rule.pool_size}
        found += [(name, "a semantic type") for name, value in of_types.items() if value is not None]
    if rule.semantic_type is not None and rule.weights is not None:
        found.append(("weights", "'values'"))
    for name, what in found:
        scope.problems.add("no-effect", f"'{name}' has no effect without {what}", "Remove it.", at=[name])
    return not found


def _data_type(rule: SeedRule, otherwise: DataType) -> DataType:
    return DataType.parse(rule.data_type) if rule.data_type else otherwise


def _from_values(rule: SeedRule, scope: Scope) -> Choice | None:
    values = rule.values or []
    data_type = _data_type(rule, type_of_values(values))
    try:
        array = typed_values(values, data_type)
    except ValueError as error:
        position, _, message = str(error).partition(": ")
        scope.problems.add("bad-value", message, f"Use values of {data_type}.", at=["values", int(position)])
        return None
    if rule.weights is not None:
        if len(rule.weights) != len(values):
            message = f"{len(rule.weights)} weights for {len(values)} values"
            scope.problems.add("weights", message, "Give one weight for each value.", at=["weights"])
            return None
        if not check_weights(rule.weights, scope.problems.at("weights")):
            return None
    weights = tuple(map(float, rule.weights)) if rule.weights is not None else None
    return Choice(ListDomain(array, data_type, "the policy"), weights, rule.distribution)


def _from_file(rule: SeedRule, scope: Scope) -> Choice | None:
    if rule.weights is not None:
        scope.problems.add(
            "no-effect", "'weights' belongs to 'values'", "Use 'weightColumn' with a file.", at=["weights"]
        )
        return None
    problems = scope.problems.at("seedFileName")
    path = seed_files.locate(str(rule.seed_file_name), scope.seed_directory, problems)
    if path is None:
        return None
    key = (path, rule.seed_separator, rule.header)
    file = scope.workshop.seed_files.get(key, lambda: seed_files.read(*key, problems))
    if file is None or not _guarded(rule, scope, file):
        return None
    position = _column(rule, scope, file)
    if position is None:
        return None
    scope.draws_from(str(rule.seed_file_name), file.header[position] if file.header else str(position + 1))
    weights = None
    if rule.weight_column is not None:
        weights = _weights(rule, scope, file)
        if weights is None:
            return None
    data_type = _data_type(rule, STRING)
    try:
        values = file.columns[position]
        array = scope.workshop.lists.get((key, position, data_type), lambda: typed_values(values, data_type))
    except ValueError as error:
        offset, _, message = str(error).partition(": ")
        line = file.first_line + int(offset)
        scope.problems.add(
            "bad-value", f"line {line} of '{path.name}': {message}", f"Use values of {data_type}.", at=["seedFileName"]
        )
        return None
    stream = None
    if rule.group is not None:
        stream = scope.stream(f"group {rule.group}", column=path.name)
        shape = (rule.weight_column, rule.distribution)
        if scope.workshop.shapes.get((scope.table, path, rule.group), lambda: shape) != shape:
            message = f"the columns of group '{rule.group}' are drawn by different weights, and would not stay together"
            scope.problems.add(
                "group-shape", message, "Give them the same 'weightColumn' or 'distribution'.", at=["group"]
            )
            return None
    return Choice(ListDomain(array, data_type, file.describe()), weights, rule.distribution, stream)


def _guarded(rule: SeedRule, scope: Scope, file: seed_files.SeedFile) -> bool:
    """Whether a file may be used: it does not look like personal data, or the policy states that it is none."""
    if rule.provenance is not None:
        scope.state_provenance(file.path.name, rule.provenance.source)
        return True
    found = scope.workshop.suspicions.get((file.path, file.header), lambda: list(suspicions(file)))
    for one in found:
        remedy = (
            "Use made-up values. If these are, say where they come from: "
            '"provenance": {"source": "…", "personalData": false}.'
        )
        message = f"'{file.path.name}' looks like real personal data: {one}"
        scope.problems.add("personal-data", message, remedy, at=["seedFileName"])
    return not found


def _column(rule: SeedRule, scope: Scope, file: seed_files.SeedFile) -> int | None:
    """The position of the rule's column in the file."""
    wanted = rule.column if rule.column is not None else scope.column
    if file.header and wanted in file.header:
        return file.header.index(wanted)
    if rule.column is None and len(file.columns) == 1:
        return 0
    if file.header is None:
        if rule.column is not None and rule.column.isdigit() and 1 <= int(rule.column) <= len(file.columns):
            return int(rule.column) - 1
        message = f"'{file.path.name}' has {len(file.columns)} columns without names"
        scope.problems.add("seed-column", message, "Give 'column' as a number from 1.", at=["column"])
        return None
    message = f"'{file.path.name}' has no column '{wanted}'"
    remedy = did_you_mean(wanted, file.header)
    scope.problems.add(
        "seed-column", message, remedy if rule.column else f"Name it with 'column'. {remedy}", at=["column"]
    )
    return None


def _weights(rule: SeedRule, scope: Scope, file: seed_files.SeedFile) -> tuple[float, ...] | None:
    name = str(rule.weight_column)
    if not file.header or name not in file.header:
        remedy = did_you_mean(name, file.header or ())
        scope.problems.add("seed-column", f"'{file.path.name}' has no column '{name}'", remedy, at=["weightColumn"])
        return None
    try:
        weights = typed_values(file.columns[file.header.index(name)], DOUBLE).to_pylist()
    except ValueError as error:
        offset, _, message = str(error).partition(": ")
        line = file.first_line + int(offset)
        scope.problems.add(
            "weights", f"line {line} of '{file.path.name}': {message}", "Use numbers.", at=["weightColumn"]
        )
        return None
    return tuple(weights) if check_weights(weights, scope.problems.at("weightColumn")) else None


def _checked(rule: SeedRule, column: WrittenColumn) -> Iterator[Promise]:
    if rule.values is not None:
        cut = rule.max_length if column.data_type.is_text else None
        values = [literal_text(value)[:cut] if cut else value for value in rule.values]
        yield Promise("values", column.unlike(values))
    elif rule.semantic_type is not None:
        yield from column.meaning()
    else:
        file = column.seed_file(str(rule.seed_file_name), rule.seed_separator, rule.header)
        values = list(dict.fromkeys(seed_column(file, rule.column, column.name)))
        listed = ", ".join(f"({column.literal(value)})" for value in values)
        yield Promise("values", f"{column.sql} NOT IN (SELECT * FROM (VALUES {listed}))")
        if rule.group is not None:
            yield from _same_line(rule, column, file)


def _same_line(rule: SeedRule, column: WrittenColumn, file: SeedFile) -> Iterator[Promise]:
    """Columns of one file and group come from the same line; told of at the first of them."""
    members = {
        name: other
        for name, other in column.rules.items()
        if isinstance(other, SeedRule) and (other.seed_file_name, other.group) == (rule.seed_file_name, rule.group)
    }
    if len(members) < 2 or next(iter(members)) != column.name:
        return
    written = [column.sibling(name) for name in members]
    lines = zip(*(seed_column(file, other.column, name) for name, other in members.items()), strict=True)
    listed = ", ".join(
        f"({', '.join(one.literal(value) for one, value in zip(written, line, strict=True))})"
        for line in dict.fromkeys(lines)
    )
    together = ", ".join(one.sql for one in written)
    filled = " AND ".join(f"{one.sql} IS NOT NULL" for one in written)
    wrong = f"{filled} AND ({together}) NOT IN (SELECT * FROM (VALUES {listed}))"
    yield Promise("same line", wrong, ", ".join(members))


def seed_column(file: SeedFile, given: str | None, column: str) -> list[str]:
    """The values of the file that a column draws from.

    Args:
        file: as it was read.
        given: the column of the file that the rule names, or its number from 1; None for the one of the same name.
        column: the policy's.
    """
    if len(file.columns) == 1 and given is None:
        return list(file.columns[0])
    wanted = given or column
    if file.header is not None and wanted in file.header:
        return list(file.columns[file.header.index(wanted)])
    return list(file.columns[int(wanted) - 1])


GENERATORS.add(
    GeneratorType(
        name="SEED",
        summary="A value of a list: a seed file, inline values, or what a semantic type knows.",
        example={"type": "SEED", "values": ["NEW", "PAID", "SHIPPED"], "weights": [1, 5, 4]},
        rule=SeedRule,
        accepts=NAMES,
        compile=_compile,
        inputs=("seed_file_name",),
        hinted=True,
        checked=_checked,
    )
)
