"""``RANDOM``: a random value of any data type, by range, pattern or length."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import fixed_text
from faasera.core.json_text import first_wrong
from faasera.core.streams import Stream, Words
from faasera.core.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    NAMES,
    STRING,
    TIME,
    TIMESTAMP,
    UUID,
    DataType,
)
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Made
from faasera.generators.lists import ListDomain
from faasera.generators.literals import has_time
from faasera.generators.patterns import MAXIMUM_LENGTH, Pattern, PatternError, Shape, parse_pattern
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.random_uuid import UuidGenerator
from faasera.generators.ranges import grid
from faasera.generators.regex.flavours import POLICY, RE2
from faasera.generators.regex.reading import read
from faasera.generators.regex.writing import write
from faasera.generators.scope import Scope
from faasera.generators.semantic.compiled import compile_inferred, compile_named
from faasera.generators.semantic.rule import SemanticRule
from faasera.generators.texts import TextDomain
from faasera.policy.model import DistributionOrName, Model, Scalar

_TRIED = 4096
ALPHANUMERIC = string.ascii_uppercase + string.ascii_lowercase + string.digits
_JSON_PATTERN = r'\{"id": [1-9][0-9]{5}, "code": "[a-z]{6}"\}'
_DEFAULT_RANGES: dict[DataType, tuple[Scalar, Scalar, Scalar | None]] = {
    INTEGER: (0, 1_000_000, None),
    BIGINT: (0, 1_000_000_000_000, None),
    DOUBLE: (0.0, 1.0, None),
    DATE: ("2000-01-01", "2025-12-31", None),
    TIMESTAMP: ("2000-01-01 00:00:00", "2025-12-31 23:59:59", None),
    TIME: ("00:00:00", "23:59:59", None),
}


class Range(Model):
    """From ``min`` to ``max``, both included, in steps."""

    min: Scalar = Field(description="The lowest value.")
    max: Scalar = Field(description="The highest value.")
    step: Scalar | None = Field(
        None, description="The distance between values; for dates days or a duration such as P7D."
    )


class Length(Model):
    """A length between two ends."""

    min: int = Field(ge=0, le=MAXIMUM_LENGTH, description="The shortest.")
    max: int = Field(ge=0, le=MAXIMUM_LENGTH, description="The longest.")


class RandomRule(SemanticRule):
    """A random value with optional format."""

    range: Range | None = Field(None, description="Numbers, dates or times between two ends.")
    distribution: DistributionOrName | None = Field(None, description="How likely each value of the range is.")
    pattern: str | None = Field(
        None, min_length=1, description="A regular expression of bounded language, such as [A-Z]{3}-\\d{4}."
    )
    length: int | Length | None = Field(
        None, description="A number of characters (of bytes for BINARY), or {min, max}."
    )
    alphabet: str | None = Field(
        None, min_length=1, description="The characters to use with 'length' (default: letters and digits)."
    )

    @property
    @override
    def leaves_open(self) -> bool:
        return self.range is None and self.pattern is None and self.length is None and self.distribution is None


@dataclass(frozen=True)
class BytesDomain(Domain):
    """Random bytes of one length."""

    length: int

    @property
    @override
    def facts(self) -> Facts:
        return Facts(BINARY, max_length=self.length)

    @property
    @override
    def size(self) -> int:
        """How many values can be numbered, up to 2^62."""
        return 1 << int(min(8 * self.length, 62))

    @override
    def at(self, indices: Words) -> pa.Array:
        data = np.zeros((len(indices), max(self.length, 8)), dtype=np.uint8)
        data[:, :8] = np.ascontiguousarray(indices).view(np.uint8).reshape(-1, 8)
        return fixed_text(np.ascontiguousarray(data[:, : self.length]), self.length, pa.binary())

    @override
    def random(self, rows: Words, stream: Stream) -> pa.Array:
        words = [stream.sub(str(number)).words(rows) for number in range(-(-self.length // 8))]
        data = np.stack(words, axis=1).view(np.uint8).reshape(len(rows), 8 * len(words))
        return fixed_text(np.ascontiguousarray(data[:, : self.length]), self.length, pa.binary())

    @override
    def describe(self) -> str:
        return f"{self.length} random bytes"


def _compile(rule: RandomRule, scope: Scope) -> Made | None:
    sources = {"range": rule.range, "pattern": rule.pattern, "length": rule.length, "semanticType": rule.semantic_type}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) > 1:
        scope.problems.add(
            "exclusive-keys", f"{' and '.join(given)} exclude each other", "Keep one of them.", at=[given[1]]
        )
        return None
    if rule.alphabet is not None and rule.length is None:
        scope.problems.add("no-effect", "'alphabet' has no effect without 'length'", "Add 'length'.", at=["alphabet"])
        return None
    data_type = DataType.parse(rule.data_type) if rule.data_type else None
    if rule.semantic_type is not None:
        return compile_named(rule, scope, rule.distribution)
    if given:
        of_semantic_types = {"arguments": rule.arguments, "group": rule.group, "poolSize": rule.pool_size}
        for key, value in of_semantic_types.items():
            if value is not None:
                message = f"'{key}' has no effect without a semantic type"
                scope.problems.add("no-effect", message, "Remove it.", at=[key])
                return None
    if rule.pattern is not None:
        return _pattern(rule, scope, data_type or STRING)
    if rule.length is not None:
        return _length(rule, scope, data_type or STRING)
    if rule.range is not None:
        return _range(rule, scope, data_type)
    return _by_type(rule, scope, data_type)


def _only_ranges_have(rule: RandomRule, scope: Scope, what: str) -> bool:
    if rule.distribution is not None:
        scope.problems.add(
            "distribution-type",
            f"a distribution has no meaning for {what}",
            "Remove it, or use a range.",
            at=["distribution"],
        )
    return rule.distribution is None


def _pattern(rule: RandomRule, scope: Scope, data_type: DataType) -> Choice | None:
    if not data_type.is_text:
        scope.problems.add("data-type", f"a pattern makes text, not {data_type}", "Use STRING.", at=["dataType"])
        return None
    if not _only_ranges_have(rule, scope, "a pattern"):
        return None
    try:
        domain = TextDomain(parse_pattern(str(rule.pattern)), data_type)
    except PatternError as error:
        scope.problems.add("pattern", str(error), "Change the pattern.", at=["pattern"])
        return None
    if data_type == JSON:
        texts = domain.random(np.arange(_TRIED, dtype=np.uint64), scope.stream("json"))
        wrong = first_wrong(texts)
        if wrong is not None:
            message = f"the pattern makes {texts[wrong].as_py()!r}, which is no JSON value"
            scope.problems.add("pattern", message, "Change it, or use STRING.", at=["pattern"])
            return None
    return Choice(domain)


def _length(rule: RandomRule, scope: Scope, data_type: DataType) -> Choice | None:
    if not _only_ranges_have(rule, scope, "a length"):
        return None
    length = rule.length
    low, high = (length.min, length.max) if isinstance(length, Length) else (int(length or 0), int(length or 0))
    if low > high or low < 0 or high > MAXIMUM_LENGTH:
        message = f"a length lies between 0 and {MAXIMUM_LENGTH:,}, and min is not above max"
        scope.problems.add("bad-value", message, "Correct the length.", at=["length"])
        return None
    if data_type == BINARY:
        if low != high or rule.alphabet is not None or not low:
            message = "BINARY takes one length of at least 1, and no alphabet"
            scope.problems.add("bad-value", message, "Give one number.", at=["length"])
            return None
        return Choice(BytesDomain(low))
    if data_type != STRING:
        scope.problems.add(
            "data-type", f"a length makes STRING or BINARY, not {data_type}", "Use STRING.", at=["dataType"]
        )
        return None
    alphabet = "".join(sorted(set(rule.alphabet or ALPHANUMERIC)))
    if rule.alphabet is not None and len(alphabet) < len(rule.alphabet):
        scope.problems.add("alphabet", "the alphabet names a character twice", "Name each once.", at=["alphabet"])
        return None
    if (high - low + 1) * high > 10**6:
        message = "the lengths differ too much for texts this long"
        scope.problems.add("bad-value", message, "Narrow the lengths.", at=["length"])
        return None
    shapes: list[tuple[Shape, float]] = [((alphabet,) * count, 1 / (high - low + 1)) for count in range(low, high + 1)]
    return Choice(TextDomain(Pattern(f"[{alphabet[:8]}…]{{{low},{high}}}", tuple(shapes)), STRING))


def _type_of_range(bounds: Range) -> DataType:
    ends = [end for end in (bounds.min, bounds.max, bounds.step) if end is not None]
    if any(isinstance(end, str) for end in ends[:2]):
        texts = [str(end) for end in ends[:2]]
        if all(len(text) <= 15 and ":" in text for text in texts):
            return TIME
        return TIMESTAMP if any(has_time(text) for text in texts) else DATE
    if any(isinstance(end, float) for end in ends):
        return DOUBLE
    whole = [end for end in ends if isinstance(end, int)]
    return INTEGER if all(-(2**31) <= end < 2**31 for end in whole) else BIGINT


def _range(rule: RandomRule, scope: Scope, data_type: DataType | None) -> Choice | None:
    bounds = rule.range
    assert bounds is not None
    data_type = data_type or _type_of_range(bounds)
    if not data_type.has_axis:
        scope.problems.add(
            "data-type",
            f"a range of {data_type} has no meaning",
            "Use a number, a date or a time, or 'pattern'.",
            at=["dataType"],
        )
        return None
    try:
        return Choice(grid(data_type, bounds.min, bounds.max, bounds.step), None, rule.distribution)
    except ValueError as error:
        scope.problems.add("range", str(error), "Correct the range.", at=["range"])
        return None


def _by_type(rule: RandomRule, scope: Scope, data_type: DataType | None) -> Made | None:
    found, made = compile_inferred(rule, scope)
    if found:
        return made
    if data_type is None:
        scope.problems.add(
            "cannot-infer",
            f"nothing says what '{scope.column}' holds, and its name fits no semantic type",
            "Give 'semanticType', 'dataType', 'range', 'pattern' or 'length'.",
        )
        return None
    if not data_type.has_axis:
        if data_type == BOOLEAN:
            values = ListDomain(pa.array([False, True]), BOOLEAN, "false and true")
            return Choice(values, None, rule.distribution)
        if not _only_ranges_have(rule, scope, f"{data_type} without a range"):
            return None
        if data_type == UUID:
            return UuidGenerator(scope.stream(), data_type)
        if data_type == BINARY:
            return Choice(BytesDomain(16))
        pattern = _JSON_PATTERN if data_type == JSON else "[A-Za-z0-9]{12}"
        return Choice(TextDomain(parse_pattern(pattern), data_type))
    if data_type.is_decimal:
        digits = min(data_type.precision, 18)
        largest = f"{10**digits - 1}e-{data_type.scale}"
        return Choice(grid(data_type, 0, largest, None), None, rule.distribution)
    low, high, step = _DEFAULT_RANGES[data_type]
    return Choice(grid(data_type, low, high, step), None, rule.distribution)


_EXAMPLE: dict[str, Any] = {
    "type": "RANDOM",
    "dataType": "DECIMAL(8,2)",
    "range": {"min": 1, "max": 500},
    "distribution": "TRIANGULAR",
}


def _checked(rule: RandomRule, column: WrittenColumn) -> Iterator[Promise]:
    shown, data_type = column.sql, column.data_type
    if rule.range is not None:
        low, high = (column.literal(end) for end in (rule.range.min, rule.range.max))
        yield Promise("range", f"{shown} NOT BETWEEN {low} AND {high}")
        if rule.range.step is not None and data_type.is_exact:
            yield Promise("step", f"({shown} - {low}) % {column.literal(rule.range.step)} <> 0")
    elif rule.pattern is not None:
        pattern = write(read(rule.pattern, POLICY), RE2)
        yield Promise("pattern", f"NOT regexp_full_match({column.as_written}, {column.text(pattern)})")
    elif rule.length is not None:
        ends = (rule.length, rule.length) if isinstance(rule.length, int) else (rule.length.min, rule.length.max)
        measure = "octet_length" if data_type == BINARY else "length"
        yield Promise("length", f"{measure}({shown}) NOT BETWEEN {ends[0]} AND {ends[1]}")
        if data_type.is_text:
            strange = f"translate({shown}, {column.text(rule.alphabet or ALPHANUMERIC)}, '')"
            yield Promise("alphabet", f"{strange} <> ''")
    elif rule.semantic_type is not None:
        yield from column.meaning()
    elif data_type == UUID:
        form = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        yield Promise("pattern", f"NOT regexp_full_match({shown}, '{form}')")


GENERATORS.add(
    GeneratorType(
        name="RANDOM",
        summary="A random value of any data type: a range with a distribution, a pattern, or a length.",
        example=_EXAMPLE,
        rule=RandomRule,
        accepts=NAMES,
        compile=_compile,
        hinted=True,
        checked=_checked,
    )
)
