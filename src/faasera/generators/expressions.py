"""Expressions over the columns of a row, evaluated as Arrow vectors."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded, from_integers, valid_mask, with_nulls
from faasera.core.errors import RunError, did_you_mean, pointer, refuse
from faasera.core.json_text import first_wrong
from faasera.core.text import to_text
from faasera.core.types import BINARY, BOOLEAN, DATE, DOUBLE, JSON, STRING, TIME, TIMESTAMP, DataType
from faasera.generators.context import Context
from faasera.generators.expression_functions import (
    AGE,
    BYTES,
    CLOCK,
    COMPARISONS,
    CONSTANT_ARGUMENTS,
    DATED,
    DAYS,
    FUNCTIONS,
    INTEGER,
    MOMENT,
    NULL,
    NUMBER,
    NUMERIC,
    TEXT,
    TRUTH,
    UNITS,
    Function,
    matches,
    same_kind,
)
from faasera.generators.expression_parts import (
    ARROW,
    TYPES,
    Age,
    Applied,
    Compared,
    Converted,
    Fixed,
    Loaded,
    Neighbour,
    Part,
    SiblingPlace,
)
from faasera.generators.expression_syntax import Call, Column, ExpressionError, Literal, Node, parse_expression
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.literals import has_time, parse_date, parse_time, parse_timestamp
from faasera.generators.overflow import check_fits
from faasera.generators.regex.tree import RegexError
from faasera.generators.scope import Scope
from faasera.generators.siblings import CHILD_NUMBER, FAMILY_FUNCTIONS
from faasera.policy.names import Named

_KINDS: dict[DataType, str] = {BOOLEAN: TRUTH, DATE: DAYS, TIMESTAMP: MOMENT, TIME: CLOCK, BINARY: BYTES}


class _Compiler:
    """From the tree to values, with problems reported in one go."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems = scope.problems.at("expression")
        self.columns: list[str] = []
        self.nullable = False
        self.forgiving = 0
        self.exact = False
        self.data_type: DataType | None = None

    def compile(self, node: Node) -> Part | None:
        if isinstance(node, Literal):
            return self.literal(node)
        if isinstance(node, Column):
            return self.column(node)
        return self.call(node)

    def literal(self, node: Literal) -> Part:
        value = node.value
        kinds: dict[type, str] = {bool: TRUTH, int: INTEGER, float: NUMBER, str: TEXT}
        kind = NULL if value is None else kinds[type(value)]
        self.nullable = self.nullable or value is None
        return Fixed(kind, pa.scalar(value, ARROW[kind]))

    def column(self, node: Column) -> Part | None:
        name = node.name
        found = self.scope.find(Named(name, node.own), at="expression", optional=self.forgiving > 0)
        if found is None:
            return None
        source = found.source
        self.data_type = source.data_type
        self.columns.append(name)
        self.nullable = self.nullable or source.nullable
        self._warn_of_digits(name, source)
        kind = _kind(source.data_type)
        if kind is None:
            self.problems.add(
                "expression", f"'{name}' is {source.data_type}, which expressions do not know", "Use another column."
            )
            return None
        return Loaded(kind, name, None if found.own else source)

    def _warn_of_digits(self, name: str, source: Generator) -> None:
        """Say where digits of a decimal are lost, as doubles are computed with."""
        bounds = source.bounds if source.data_type.is_decimal else None
        if bounds is not None and max(-bounds[0], bounds[1]) > 1 << 53 and not self.exact:
            place = f"{self.scope.table}.{self.scope.column}" if self.scope.column else self.scope.table
            self.scope.warn(f"{place}: '{name}' has more digits than a double, which expressions compute with")

    def call(self, node: Call) -> Part | None:
        if node.function in FAMILY_FUNCTIONS:
            return self.among_siblings(node)
        # What these are given may be null: that is what they are for.
        forgiving = node.function in ("coalesce", "is_null")
        self.forgiving += forgiving
        values = [self.compile(argument) for argument in node.arguments]
        self.forgiving -= forgiving
        arguments = [value for value in values if value is not None]
        if len(arguments) < len(values):
            return None
        if node.function in COMPARISONS:
            return self.comparison(node.function, arguments)
        if node.function == "as_of" and not arguments:
            return Fixed(DAYS, pa.scalar(self.scope.as_of, pa.date32()))
        if node.function == "age":
            return Age(arguments[0], self.scope.as_of) if self.fits("age", AGE, arguments) else None
        if node.function in FUNCTIONS:
            return self.apply(node.function, arguments)
        known = [*(name for name in FUNCTIONS if name.isidentifier()), "age", "as_of", *FAMILY_FUNCTIONS]
        self.problems.add("expression", f"there is no function '{node.function}'", did_you_mean(node.function, known))
        return None

    def among_siblings(self, node: Call) -> Part | None:
        """A function of a row's place among the children of its parent."""
        name = node.function
        if self.scope.family is None:
            message = f"'{name}' is about the children of one parent, and no foreign key decides these"
            self.problems.add("no-siblings", message, "Give a foreign key 'childrenPerParent'.")
            return None
        step = {"next": 1, "previous": -1}.get(name)
        if step is None:
            if node.arguments:
                self.problems.add("expression", f"'{name}()' takes no arguments", "Remove them.")
                return None
            self.columns.append(CHILD_NUMBER)
            return SiblingPlace(name)
        if (
            len(node.arguments) != 1
            or not isinstance(node.arguments[0], Column)
            or not self.scope.has(node.arguments[0].name)
        ):
            self.problems.add("expression", f"'{name}' takes a column of this table", f"Write {name}(column).")
            return None
        value = self.column(Column(node.arguments[0].name, own=True))
        if value is None:
            return None
        self.nullable = True
        return Neighbour(value, step)

    def fits(self, name: str, function: Function, arguments: list[Part]) -> bool:
        """Whether a function takes these arguments; reported where it does not."""
        most = len(function.kinds)
        if len(arguments) < most - function.optional or (len(arguments) > most and not function.variadic):
            self.problems.add("expression", f"'{name}' takes {function.signature}", "Give it these arguments.")
            return False
        for place, argument in enumerate(arguments):
            allowed = function.kinds[min(place, most - 1)]
            if argument.kind not in allowed:
                message = f"argument {place + 1} of {function.signature} is {argument.kind}, not {' or '.join(allowed)}"
                self.problems.add("expression", message, "Convert it, or use another function.")
                return False
            if place in CONSTANT_ARGUMENTS.get(name, ()) and not argument.constant:
                message = f"argument {place + 1} of {function.signature} must be a literal"
                self.problems.add("expression", message, "Write it out.")
                return False
        return True

    def apply(self, name: str, arguments: list[Part]) -> Part | None:
        function = FUNCTIONS[name]
        if not self.fits(name, function, arguments):
            return None
        if name == "matches" and not self.readable(arguments[1]):
            return None
        if name == "cut" and arguments[1].plain() not in UNITS:
            self.problems.add("expression", f"dates cannot be cut to '{arguments[1].plain()}'", did_you_mean("", UNITS))
            return None
        kinds = [argument.kind for argument in arguments]
        if name == "if":
            result = same_kind(kinds[1:])
            wanted = [TRUTH, result, result]
        else:
            result = function.result if isinstance(function.result, str) else function.result(kinds)
            unified = callable(function.result) and len(arguments) > 1 and function.result is same_kind
            wanted = [result if unified else kind for kind in kinds]
        if name in ("/", "coalesce"):
            self.nullable = True
        parts = [_converted(argument, kind) for argument, kind in zip(arguments, wanted, strict=True)]
        return Applied(result, name, tuple(parts))

    def comparison(self, operator: str, arguments: list[Part]) -> Part | None:
        left, right = arguments
        kinds = {left.kind, right.kind} - {NULL}
        if kinds <= set(NUMERIC):
            kind = same_kind([left.kind, right.kind])
        elif kinds & set(DATED) and kinds <= {*DATED, TEXT}:
            kind = MOMENT if MOMENT in kinds else DAYS
        elif kinds == {CLOCK, TEXT}:
            kind = CLOCK
        elif len(kinds) == 1:
            kind = kinds.pop()
        else:
            message = f"{left.kind} and {right.kind} cannot be compared"
            self.problems.add("expression", message, "Convert one of them.")
            return None
        parts = []
        for argument in (left, right):
            if argument.kind == TEXT and kind in (*DATED, CLOCK):
                moment = self.date_literal(argument, kind)
                if moment is None:
                    return None
                parts.append(_converted(moment, kind))
            else:
                parts.append(_converted(argument, kind))
        return Compared(operator, *parts)

    def readable(self, pattern: Part) -> bool:
        """Whether a regular expression can be read; reported where it cannot."""
        try:
            matches(pa.array([""]), pa.scalar(pattern.plain(), pa.string()))
        except (pa.ArrowInvalid, RegexError) as error:
            reason = str(error).partition(" (")[0]
            remedy = "Use the syntax of RE2, and look-around next to ^ and $ alone."
            self.problems.add("pattern", reason, remedy)
            return False
        return True

    def date_literal(self, argument: Part, wanted: str) -> Part | None:
        """A literal text beside a date or a time of day, read as one."""
        if not argument.constant:
            self.problems.add("expression", "a date cannot be compared with a text column", "Compare dates with dates.")
            return None
        text = str(argument.plain())
        try:
            if wanted == CLOCK:
                kind, whole = CLOCK, parse_time(text)
            else:
                kind, whole = (MOMENT, parse_timestamp(text)) if has_time(text) else (DAYS, parse_date(text))
        except ValueError as error:
            self.problems.add("expression", str(error), "Correct the date.")
            return None
        return Fixed(kind, from_integers(np.array([whole]), TYPES[kind])[0])


def _converted(part: Part, kind: str) -> Part:
    return part if part.kind == kind else Converted(kind, part)


def _kind(data_type: DataType) -> str | None:
    """The kind of a column of that type."""
    if data_type.is_whole:
        return INTEGER
    if data_type.is_number:
        return NUMBER
    return _KINDS.get(data_type, TEXT if data_type.is_text else None)


@dataclass(frozen=True)
class ExpressionGenerator(Generator):
    """A column computed from others."""

    text: str
    value: Part
    facts: Facts
    where: str
    cut: int | None

    @override
    def generate(self, context: Context) -> pa.Array:
        try:
            made = self.value.evaluate(context)
        except pa.ArrowInvalid as error:
            refuse("expression", f"{self.text}: {error}", "Keep the numbers smaller.", at=self.where, kind=RunError)
        if isinstance(made, pa.Scalar):
            made = pa.repeat(made, len(context.rows))
        if isinstance(made, pa.ChunkedArray):
            made = made.combine_chunks()
        if self.data_type.is_text:
            texts = decoded(to_text(made))
            if self.data_type == JSON:
                return self._checked(texts, context)
            return pc.utf8_slice_codeunits(texts, start=0, stop=self.cut) if self.cut is not None else texts
        if made.type == self.data_type.arrow:
            return made
        if self.data_type.is_number:
            return to_number(made, self.data_type, context, self.where)
        return made.cast(self.data_type.arrow, safe=False)

    def _checked(self, texts: pa.Array, context: Context) -> pa.Array:
        """The texts, if all are JSON."""
        wrong = first_wrong(texts)
        if wrong is not None:
            message = f"row {int(context.rows[wrong])}: {texts[wrong].as_py()!r} is no JSON value"
            refuse("expression", message, "Use a template and its filter json.", at=self.where, kind=RunError)
        return texts

    @override
    def describe(self) -> str:
        return self.text


def to_number(made: pa.Array, data_type: DataType, context: Context, where: str) -> pa.Array:
    """Numbers rounded, half away from zero, to a type's digits.

    Raises:
        RunError: one of them is too large for the type.
    """
    valid = valid_mask(made)
    numbers = np.asarray(made.cast(pa.float64(), safe=False).fill_null(0.0))
    if data_type == DOUBLE:
        return with_nulls(pa.array(numbers), valid)
    scaled = numbers * 10.0**data_type.scale
    whole = np.trunc(scaled + np.copysign(0.5, scaled))
    check_fits(whole, data_type, context.rows, where)
    if pa.types.is_int64(made.type) and data_type.scale == 0:
        exact = np.asarray(made.fill_null(0))
        return with_nulls(from_integers(exact, data_type), valid)
    return with_nulls(from_integers(whole.astype(np.int64), data_type), valid)


def compile_expression(text: str, scope: Scope, wanted: DataType | None, cut: int | None) -> Generator | None:
    """The generator of an expression; None after problems were reported under ``expression``."""
    problems = scope.problems.at("expression")
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        problems.add("expression", str(error), "Correct the expression.")
        return None
    compiler = _Compiler(scope)
    compiler.exact = isinstance(node, Column) and wanted is not None and wanted.is_decimal
    value = compiler.compile(node)
    if value is None:
        return None
    if value.kind == NULL:
        problems.add("expression", "the expression is always null", "Use nullFraction 1 on a typed rule.")
        return None
    if not compiler.columns:
        problems.add("expression", "the expression names no column", "Use CONSTANT for a fixed value.")
        return None
    data_type = wanted or TYPES[value.kind]
    number = value.kind in NUMERIC and data_type.is_number
    dated = value.kind in DATED and data_type.has_date
    if not (data_type.is_text or number or dated or data_type == TYPES[value.kind]):
        scope.problems.add(
            "data-type", f"the expression makes {value.kind}, not {data_type}", "Change 'dataType'.", at=["dataType"]
        )
        return None
    if data_type == JSON and cut is not None:
        problems.add("max-length", "a JSON value cannot be cut", "Remove 'maxLength'.")
        return None
    uses = tuple(dict.fromkeys(compiler.columns))
    numbering = node == Column(CHILD_NUMBER) and (data_type.is_whole or data_type == STRING) and cut is None
    facts = Facts(data_type, nullable=compiler.nullable, numbering=numbering, max_length=cut, uses=uses)
    if isinstance(value, Loaded) and data_type.is_decimal and data_type == compiler.data_type:
        # A decimal as it is keeps all of its digits.
        value = replace(value, exact=True)
    return ExpressionGenerator(text, value, facts, pointer(*problems.path), cut)
