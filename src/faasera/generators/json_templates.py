"""Templates that make JSON: where their fields stand, what is inserted there, and whether the whole is JSON."""

from dataclasses import dataclass

import pyarrow as pa

from faasera.core.json_text import escaped, is_json, quoted
from faasera.core.types import BOOLEAN, JSON, UUID, DataType
from faasera.policy.names import TemplateField

JSON_FILTER = "json"
Parts = list[tuple[str, TemplateField | None]]


@dataclass(frozen=True)
class Escaped:
    """Texts as they stand inside of a JSON string."""

    def __call__(self, texts: pa.Array) -> pa.Array:
        """The texts with their marks and control characters escaped."""
        return escaped(texts)


@dataclass(frozen=True)
class Quoted:
    """Texts as JSON strings."""

    def __call__(self, texts: pa.Array) -> pa.Array:
        """The texts between quotation marks."""
        return quoted(texts)


def stands_bare(data_type: DataType) -> bool:
    """Whether the text of any value of a type is a JSON value as it is."""
    return data_type.is_number or data_type in (BOOLEAN, JSON)


def needs_escape(data_type: DataType) -> bool:
    """Whether the text of a value can hold what a JSON string must escape."""
    return not (data_type.is_number or data_type.is_temporal or data_type in (BOOLEAN, UUID))


def inside_strings(parts: Parts) -> list[bool]:
    """For each field, whether it stands inside of a JSON string.

    >>> from faasera.policy.names import split_template
    >>> inside_strings(split_template('{{"a": "{x}", "b": {y}}}'))
    [True, False]
    """
    found, inside, escape = [], False, False
    for literal, field in parts:
        for character in literal:
            if inside and escape:
                escape = False
            elif inside and character == "\\":
                escape = True
            elif character == '"':
                inside = not inside
        if field is not None:
            found.append(inside)
    return found


def problem_of(parts: Parts, inside: list[bool], types: list[DataType]) -> tuple[str, str] | None:
    """What keeps a template from being JSON in every row, and the remedy; None where nothing does.

    Args:
        parts: of the template.
        inside: for each field, whether it stands in a string.
        types: of the fields' columns.
    """
    fields = [field for _, field in parts if field is not None]
    for field, within, data_type in zip(fields, inside, types, strict=True):
        shown = "|".join([field.column.name, *field.filters])
        filtered = JSON_FILTER in field.filters
        if filtered and within:
            message = f"'{{{shown}}}' makes a whole JSON value, and stands inside of a string"
            return message, "Drop the quotation marks around it, or the filter."
        if filtered and field.filters[-1] != JSON_FILTER:
            return f"'{{{shown}}}' changes a JSON value", "Put the filter json last."
        if not filtered and not within and (field.filters or not stands_bare(data_type)):
            message = f"'{{{shown}}}' is no JSON value where it stands"
            return message, f"Write {{{shown}|json}}, or put it between quotation marks."
    sample = "".join(
        literal + ("" if field is None else ("x" if within else "0"))
        for (literal, field), within in zip(parts, [*inside, False], strict=False)
    )
    if not is_json(sample):
        return "the text around the columns is no JSON", "Correct it; braces themselves are doubled: {{ and }}."
    return None


def as_value(data_type: DataType, *, filtered: bool) -> tuple[Quoted, ...]:
    """What the filter json does to a column's text: a string of it, unless it is a JSON value already."""
    return (Quoted(),) if filtered or not stands_bare(data_type) else ()
