"""Templates: text with columns in it, such as ``{firstname|lower}.{lastname|lower}@example.com``."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.arrow import decoded
from faasera.core.errors import did_you_mean
from faasera.core.text import to_text
from faasera.core.types import BIGINT, DATE, INTEGER, JSON, STRING, UUID, DataType
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.joined import ListJoiner, OncePerList, Transform, fold
from faasera.generators.json_templates import (
    JSON_FILTER,
    Escaped,
    Parts,
    as_value,
    inside_strings,
    needs_escape,
    problem_of,
)
from faasera.generators.reference import ParentValue
from faasera.generators.scope import FamilyScope, Scope
from faasera.generators.siblings import CHILD_NUMBER
from faasera.policy.names import split_template

_FILTER = re.compile(r"^(?P<name>[a-z]+)(?::(?P<argument>\d{1,4}))?$")
_LOCAL_PART_LENGTH = 64
_ALWAYS_LOCAL = (INTEGER, BIGINT, UUID, DATE)
_NOT_LOCAL = r"[^A-Za-z0-9._+-]"


def _slug(texts: pa.Array) -> pa.Array:
    dashed = pc.replace_substring_regex(pc.ascii_lower(fold(texts)), pattern="[^a-z0-9]+", replacement="-")
    return pc.utf8_trim(dashed, characters="-")


def _right(texts: pa.Array, count: int) -> pa.Array:
    return pc.utf8_slice_codeunits(texts, start=-count) if count else pc.utf8_slice_codeunits(texts, 0, 0)


_PLAIN: dict[str, Callable[[pa.Array], pa.Array]] = {
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "title": pc.utf8_title,
    "trim": pc.utf8_trim_whitespace,
    "ascii": fold,
    "slug": _slug,
}
_NUMBERED: dict[str, Callable[[pa.Array, int], pa.Array]] = {
    "pad": lambda texts, width: pc.utf8_lpad(texts, width=width, padding="0"),
    "left": lambda texts, count: pc.utf8_slice_codeunits(texts, start=0, stop=count),
    "right": _right,
}
FILTERS = (*_PLAIN, *(f"{name}:N" for name in _NUMBERED), JSON_FILTER)


@dataclass(frozen=True)
class _Filter:
    """One of ``FILTERS``."""

    name: str
    number: int | None = None

    def __call__(self, texts: pa.Array) -> pa.Array:
        return _PLAIN[self.name](texts) if self.number is None else _NUMBERED[self.name](texts, self.number)


@dataclass(frozen=True)
class _LocalPart:
    """Texts as they may stand in the local part of an e-mail address (RFC 5322, dot-atom); never empty.

    Attributes:
        room: the most characters.
    """

    room: int

    def __call__(self, texts: pa.Array) -> pa.Array:
        kept = pc.replace_substring_regex(fold(texts), pattern=_NOT_LOCAL, replacement="")
        kept = pc.replace_substring_regex(kept, pattern=r"\.{2,}", replacement=".")
        kept = pc.ascii_trim(kept, characters=".")
        kept = pc.ascii_trim(pc.utf8_slice_codeunits(kept, start=0, stop=self.room), characters=".")
        return pc.if_else(pc.equal(kept, ""), "x", kept)


@dataclass(frozen=True, eq=False)
class _Piece(ByContent):
    """A column in a template, with the text that follows it.

    Attributes:
        column: its name, or its path through foreign keys.
        parent: how to get at a parent's column; None for one of the table's own.
        transforms: filters, in order.
        suffix: literal text behind it.
        nulls: the text of a null; None where a null makes the whole text null.
    """

    column: str
    parent: ParentValue | None
    transforms: tuple[Transform, ...]
    suffix: str
    nulls: str | None = None

    @cached_property
    def _lists(self) -> OncePerList:
        return OncePerList(self._apply)

    def texts(self, context: Context) -> pa.Array:
        array = self.parent.generate(context) if self.parent else context.column(self.column)
        array = to_text(array)
        if not pa.types.is_dictionary(array.type) or (self.nulls is not None and array.null_count):
            made = self._apply(decoded(array))
            return made if self.nulls is None else pc.fill_null(made, self.nulls + self.suffix)
        return pa.DictionaryArray.from_arrays(array.indices, self._lists.of(array.dictionary), safe=False)

    def _apply(self, texts: pa.Array) -> pa.Array:
        for transform in self.transforms:
            texts = transform(texts)
        return pc.binary_join_element_wise(texts, self.suffix, "") if self.suffix else texts


@dataclass(frozen=True, eq=False)
class TemplateGenerator(ByContent, Generator):
    """Text joined from literals and columns; null where one of them is null."""

    text: str
    prefix: str
    pieces: tuple[_Piece, ...]
    facts: Facts
    cut: int | None

    @override
    def generate(self, context: Context) -> pa.Array:
        parts = [piece.texts(context) for piece in self.pieces]
        if all(pa.types.is_dictionary(part.type) and not part.null_count for part in parts):
            joined = self._lists.join(parts)
        else:
            plain = [decoded(part) for part in parts]
            joined = pc.binary_join_element_wise(self.prefix, *plain, "") if self.prefix or len(plain) > 1 else plain[0]
        return pc.utf8_slice_codeunits(joined, start=0, stop=self.cut) if self.cut is not None else joined

    @cached_property
    def _lists(self) -> ListJoiner:
        return ListJoiner(self.prefix)

    @override
    def describe(self) -> str:
        return f"{self.text}{'; unique' if self.unique else ''}"


def compile_template(text: str, scope: Scope, data_type: DataType, cut: int | None) -> Generator | None:
    """The generator of a template; None after problems were reported under ``pattern``."""
    problems = scope.problems.at("pattern")
    try:
        parts = split_template(text)
    except ValueError as error:
        problems.add("template", str(error), "Write {column}, or {{ and }} for braces themselves.")
        return None
    email = data_type != JSON and text.count("@") == 1 and "@" in "".join(literal for literal, _ in parts)
    if all(field is None for _, field in parts):
        problems.add("template", "the template names no column", "Use CONSTANT for a fixed text.")
        return None
    if data_type == JSON and cut is not None:
        problems.add("max-length", "a JSON value cannot be cut", "Remove 'maxLength'.")
        return None
    made = _pieces(parts, scope, data_type, email=email)
    if made is None:
        return None
    prefix, pieces, sources = made
    family = scope.family
    unique = cut is None and (
        _is_unique(pieces, sources) or (family is not None and _names_child(pieces, sources, family))
    )
    numbering = cut is None and [piece.column for piece in pieces] == [CHILD_NUMBER] and not pieces[0].transforms
    nullable = any(source.nullable and piece.nulls is None for source, piece in zip(sources, pieces, strict=True))
    uses = tuple(dict.fromkeys(piece.column for piece in pieces))
    facts = Facts(data_type, nullable=nullable, unique=unique, numbering=numbering, max_length=cut, uses=uses)
    return TemplateGenerator(text, prefix, tuple(pieces), facts, cut)


def _pieces(
    parts: Parts, scope: Scope, data_type: DataType, *, email: bool
) -> tuple[str, list[_Piece], list[Generator]] | None:
    """The text before the first column, the columns, and what makes each; None after problems were reported.

    Before the sign of an address, everything is kept to what its local part may hold.
    """
    local = _local_room(parts) if email else 0
    pieces: list[_Piece] = []
    prefix = ""
    seen_at = False
    failed = False
    sources: list[Generator] = []
    inside = iter(inside_strings(parts)) if data_type == JSON else None
    for literal, field in parts:
        if email and not seen_at:
            before, sign, after = literal.partition("@")
            literal = re.sub(_NOT_LOCAL, "", before) + sign + after
            seen_at = bool(sign)
        if pieces:
            pieces[-1] = replace(pieces[-1], suffix=pieces[-1].suffix + literal)
        else:
            prefix += literal
        if field is None:
            continue
        within = next(inside) if inside is not None else False
        found = scope.find(field.column, at="pattern")
        transforms = _transforms(field.filters, scope, found.source.data_type if found is not None else STRING)
        if found is None or transforms is None:
            failed = True
            continue
        source = found.source
        if email and not seen_at and source.data_type not in _ALWAYS_LOCAL:
            transforms = (*transforms, _LocalPart(local))
        if within and (needs_escape(source.data_type) or transforms):
            transforms = (*transforms, Escaped())
        sources.append(source)
        parent = source if isinstance(source, ParentValue) else None
        nulls = "null" if field.filters[-1:] == (JSON_FILTER,) else None
        pieces.append(_Piece(field.column.name, parent, transforms, "", nulls))
    if failed or (data_type == JSON and not _is_json(parts, sources, scope)):
        return None
    return prefix, pieces, sources


def _is_json(parts: Parts, sources: list[Generator], scope: Scope) -> bool:
    """Whether a template makes JSON; reported where it does not."""
    wrong = problem_of(parts, inside_strings(parts), [source.data_type for source in sources])
    if wrong is not None:
        scope.problems.add("template", *wrong, at=["pattern"])
    return wrong is None


def _transforms(filters: Sequence[str], scope: Scope, data_type: DataType) -> tuple[Transform, ...] | None:
    found: list[Transform] = []
    for place, text in enumerate(filters):
        if text == JSON_FILTER:
            found += as_value(data_type, filtered=place > 0)
            continue
        match = _FILTER.match(text)
        name, argument = (match["name"], match["argument"]) if match else (text, None)
        if argument is None and name in _PLAIN:
            found.append(_Filter(name))
        elif argument is not None and name in _NUMBERED:
            found.append(_Filter(name, int(argument)))
        else:
            scope.problems.add(
                "template-filter", f"'{text}' is not a filter", did_you_mean(text, FILTERS), at=["pattern"]
            )
            return None
    return tuple(found)


def _local_room(parts: Parts) -> int:
    """How many characters each column may take in the local part of an e-mail address."""
    literals, columns = 0, 0
    for literal, field in parts:
        before, sign, _ = literal.partition("@")
        literals += len(before)
        if sign:
            break
        columns += field is not None
    return max(1, (_LOCAL_PART_LENGTH - literals) // max(columns, 1))


def _is_unique(pieces: list[_Piece], sources: list[Generator]) -> bool:
    """Whether a unique whole number or UUID can be read off the text again, which makes the text unique.

    It can where it is the first or the last column, and nothing beside it can be taken for a part of it.
    """
    last = len(pieces) - 1
    for place in {0, last}:
        source = sources[place]
        if not source.unique or source.nullable or pieces[place].transforms:
            continue
        if source.data_type == UUID:
            return True
        if not source.data_type.is_whole:
            continue
        inner = (pieces[place - 1].suffix if place else pieces[place].suffix) if last else " "
        border = (inner[-1] if place else inner[0]) if inner else "0"
        positive = source.bounds is not None and source.bounds[0] >= 0
        if not border.isdigit() and (border != "-" or positive):
            return True
    return False


def _names_child(pieces: list[_Piece], sources: list[Generator], family: FamilyScope) -> bool:
    """Whether a text is made of the parent's key and the child's number, each to be read off it again."""
    plain = all(
        not piece.transforms
        and not source.nullable
        and (source.data_type == UUID or (source.data_type.is_whole and (source.bounds or (-1,))[0] >= 0))
        for piece, source in zip(pieces, sources, strict=True)
    )
    apart = all(piece.suffix and not piece.suffix[0].isalnum() for piece in pieces[:-1])
    return plain and apart and sorted(piece.column for piece in pieces) == sorted([*family.columns, CHILD_NUMBER])
