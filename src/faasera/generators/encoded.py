"""``FPE_ENCODED``: format-preserving encoding of the row number or of a column, by FF1. There is no way back here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from typing_extensions import override

from faasera.core.arrow import decoded, valid_mask, with_nulls
from faasera.core.errors import RunError, pointer, refuse
from faasera.core.extras import missing
from faasera.core.streams import Words
from faasera.core.text import to_text
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.ff1 import FF1, LARGEST_RADIX, SMALLEST_DOMAIN, Bytes, Numerals
from faasera.generators.forms import PLACE, Alphabet, Form, Points, from_points, to_points
from faasera.generators.generator import Generator
from faasera.generators.keys import SecretKey
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.reference import ParentValue
from faasera.generators.scope import Scope
from faasera.policy.model import ColumnName, Model, Rule
from faasera.policy.names import braced, read_name

DIGITS = "0123456789"
_MOSTPLACES = 4096


class Tweak(Model):
    """What is mixed into the encoding beside the key; the same value then differs with it."""

    hex: str | None = Field(None, pattern=r"^([0-9A-Fa-f]{2})*$", description="Bytes in hexadecimal digits.")
    text: str | None = Field(None, description="Bytes of a text in UTF-8.")
    column: ColumnName | None = Field(None, description="A column of texts; each row has its own.")


class EncodedRule(Rule):
    """Format-preserving encoding by NIST SP 800-38G FF1."""

    source: str | None = Field(
        None,
        min_length=1,
        description="The column of texts to encode (default: the row number: unique texts).",
    )
    alphabet: str | None = Field(
        None,
        min_length=2,
        max_length=LARGEST_RADIX,
        description="The characters, in order (default: the digits).",
    )
    pattern: str | None = Field(
        None, min_length=1, max_length=_MOSTPLACES, description="The form: # is encoded, all else stays: ###-##-####."
    )
    fpe_key_id: str | None = Field(
        None, min_length=1, description="One of 'fpeKeys' (default: a key of this run that is thrown away)."
    )
    tweak: Tweak | None = Field(None, description="{hex}, {text} or {column}.")


@dataclass(frozen=True)
class EncodedRows(Generator):
    """The row number, encoded: unique texts of one form.

    A form with fewer than a million texts is walked through a larger one, until a text of the form comes up.
    """

    form: Form
    key: SecretKey
    tweak: bytes

    @property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, unique=True, max_length=len(self.form.frame))

    @property
    def size(self) -> int:
        """How many texts the form has."""
        return int(self.form.alphabet.radix ** len(self.form.places))

    @cached_property
    def _walked(self) -> int:
        """How many numerals are encoded: those of the form, or enough for a million texts."""
        count, radix = max(len(self.form.places), 2), self.form.alphabet.radix
        while radix**count < SMALLEST_DOMAIN:
            count += 1
        return count

    @override
    def generate(self, context: Context) -> pa.Array:
        count = self._walked
        cipher = FF1(self.key.cipher, self.form.alphabet.radix, count, len(self.tweak))
        tweaks = np.frombuffer(self.tweak, dtype=np.uint8).reshape(1, -1)
        numerals = cipher.encrypt(self._numerals(context.rows, count), tweaks)
        spare = count - len(self.form.places)
        if spare:
            outside = np.flatnonzero(numerals[:, :spare].any(axis=1))
            while len(outside):
                walked = cipher.encrypt(numerals[outside], tweaks)
                numerals[outside] = walked
                outside = outside[walked[:, :spare].any(axis=1)]
        return from_points(self.form.filled(numerals[:, spare:]))

    def _numerals(self, rows: Words, count: int) -> Numerals:
        numerals = np.zeros((len(rows), count), dtype=np.int64, order="F")
        rest, radix = rows, np.uint64(self.form.alphabet.radix)
        for place in range(count - 1, -1, -1):
            quotient = rest // radix
            numerals[:, place] = (rest - quotient * radix).view(np.int64)
            rest = quotient
        return numerals

    @override
    def describe(self) -> str:
        walked = ", cycle-walked as there are fewer than a million" if self._walked > len(self.form.places) else ""
        return f"the row number as one of {self.size:,} texts {self.form.pattern}{walked}; {_phrase(self.key)}; unique"


@dataclass(frozen=True)
class EncodedColumn(Generator):
    """Another column's texts, encoded in their own form.

    Attributes:
        form: what of a text is encoded, and what stays.
        key: encodes.
        source: makes the texts.
        column: the texts' column.
        tweak: bytes that the encoding depends on, in all rows alike.
        tweak_source: makes such bytes of its own for each row instead; None where ``tweak`` holds.
        tweak_column: the column that these are; empty for none.
        where: the rule, for errors.
    """

    form: Form
    key: SecretKey
    source: Generator
    column: str
    tweak: bytes
    tweak_source: Generator | None
    tweak_column: str
    where: str

    @property
    @override
    def facts(self) -> Facts:
        return Facts(
            STRING,
            nullable=self.source.nullable,
            # A bijection of the source, where the tweak is the same in all rows.
            unique=self.source.unique and self.tweak_source is None,
            max_length=self.source.max_length,
            uses=(self.column, self.tweak_column) if self.tweak_column else (self.column,),
        )

    @override
    def generate(self, context: Context) -> pa.Array:
        texts = decoded(_values(self.source, self.column, context))
        valid = valid_mask(texts)
        points, lengths = to_points(texts)
        starts = np.cumsum(lengths) - lengths
        tweaks = self._tweaks(context)
        made: list[pa.Array] = [pa.array([""] * int(valid is not None), pa.string())]
        back = np.zeros(len(lengths), dtype=np.int64)
        total = len(made[0])
        for which, width, given in self._groups(lengths, valid, tweaks):
            rows = context.rows[which]
            matrix = points[starts[which][:, None] + np.arange(width)]
            made.append(self._encoded(matrix, given, rows))
            back[which] = total + np.arange(len(which))
            total += len(which)
        return with_nulls(pa.concat_arrays(made).take(pa.array(back)), valid)

    def _groups(
        self, lengths: npt.NDArray[np.int64], valid: Any, tweaks: tuple[Bytes, npt.NDArray[np.int64]] | None
    ) -> Iterator[tuple[npt.NDArray[np.intp], int, Bytes]]:
        """Rows whose texts, and whose tweaks, have one length."""
        kept = np.arange(len(lengths)) if valid is None else np.flatnonzero(valid)
        if tweaks is None:
            constant = np.frombuffer(self.tweak, dtype=np.uint8).reshape(1, -1)
            for width in np.unique(lengths[kept]).tolist():
                yield kept[lengths[kept] == width], width, constant
            return
        data, sizes = tweaks
        begins = np.cumsum(sizes) - sizes
        pairs = np.unique(np.stack([lengths[kept], sizes[kept]], axis=1), axis=0)
        for width, size in pairs.tolist():
            which = kept[(lengths[kept] == width) & (sizes[kept] == size)]
            yield which, width, data[begins[which][:, None] + np.arange(size)]

    def _tweaks(self, context: Context) -> tuple[Bytes, npt.NDArray[np.int64]] | None:
        if self.tweak_source is None:
            return None
        texts = to_text(decoded(_values(self.tweak_source, self.tweak_column, context)))
        binary = pc.fill_null(decoded(texts), "").cast(pa.binary())
        offsets = np.frombuffer(binary.buffers()[1], dtype=np.int32)[binary.offset : binary.offset + len(binary) + 1]
        data = binary.buffers()[2]
        raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
        return raw[int(offsets[0]) : int(offsets[-1])], np.diff(offsets).astype(np.int64)

    def _encoded(self, points: Points, tweaks: Bytes, rows: Words) -> pa.Array:
        """Texts of one length."""
        width = points.shape[1]
        if self.form.pattern is not None:
            self._check_frame(points, rows)
            points = points[:, self.form.places]
        numerals = self.form.alphabet.numerals(points)
        strange = numerals < 0
        if strange.any():
            row, place = np.argwhere(strange)[0].tolist()
            self._fail(rows[row], f"the character {chr(int(points[row, place]))!r} is not in the alphabet")
        count, radix = numerals.shape[1], self.form.alphabet.radix
        if len(rows) and (count < 2 or radix**count < SMALLEST_DOMAIN):
            message = f"{width} characters make {radix**count:,} texts, and FF1 needs a million"
            self._fail(rows[0], message)
        cipher = FF1(self.key.cipher, radix, count, tweaks.shape[1])
        return from_points(self.form.filled(cipher.encrypt(numerals, tweaks)))

    def _check_frame(self, points: Points, rows: Words) -> None:
        frame = self.form.frame
        if points.shape[1] != len(frame):
            self._fail(rows[0], f"{points.shape[1]} characters, and the pattern has {len(frame)}")
        fixed = np.ones(len(frame), dtype=np.bool_)
        fixed[self.form.places] = False
        wrong = (points != frame) & fixed
        if wrong.any():
            row, place = np.argwhere(wrong)[0].tolist()
            found, wanted = chr(int(points[row, place])), chr(int(frame[place]))
            self._fail(rows[row], f"the character {found!r} stands where the pattern has {wanted!r}")

    def _fail(self, row: Any, reason: str) -> None:
        message = f"row {int(row):,} of '{self.column}': {reason}"
        remedy = "Correct the source, or name its characters in 'alphabet' and its form in 'pattern'."
        refuse("fpe-source", message, remedy, at=self.where, kind=RunError)

    @override
    def describe(self) -> str:
        form = f" in the form {self.form.pattern}" if self.form.pattern else ""
        return f"{self.column}, encoded{form}; {_phrase(self.key)}{'; unique' if self.unique else ''}"


def _phrase(key: SecretKey) -> str:
    return f"FF1 with AES-{key.bits}, {key.describe()}"


def _values(source: Generator, column: str, context: Context) -> pa.Array:
    return source.generate(context) if isinstance(source, ParentValue) else context.column(column)


def _compile(rule: EncodedRule, scope: Scope) -> Generator | None:
    form = _form(rule, scope)
    tweak = _tweak(rule, scope)
    key = scope.encryption_key(rule.fpe_key_id, at="fpeKeyId")
    if form is None or tweak is None or key is None:
        return None
    lacking = missing("cryptography", extra="fpe", purpose="format-preserving encoding")
    if lacking is not None:
        scope.problems.add("missing-package", *lacking, at=["type"])
        return None
    _ = key.cipher  # A key that is not there is refused now.
    if rule.fpe_key_id is None:
        scope.warn(
            f"{scope.table}.{scope.column}: without 'fpeKeyId' it is encoded under a key that is thrown away; "
            "values repeat within a run only, and nobody can reverse them"
        )
    constant, tweak_source = tweak
    tweak_column = read_name(rule.tweak.column or "").name if rule.tweak else ""
    if rule.source is None:
        return _rows(rule, scope, form, EncodedRows(form, key, constant))
    source = _text_column(rule.source, "source", scope)
    if source is None:
        return None
    where = pointer(*scope.problems.path)
    return EncodedColumn(form, key, source, read_name(rule.source).name, constant, tweak_source, tweak_column, where)


def _rows(rule: EncodedRule, scope: Scope, form: Form, made: EncodedRows) -> Generator | None:
    problems = scope.problems
    if form.pattern is None:
        message = "the row number needs a form to be encoded in"
        problems.add("missing-key", message, "Give 'pattern' (###-##-####), or a 'source'.", at=["pattern"])
        return None
    if rule.tweak is not None and rule.tweak.column is not None:
        message = "a tweak of each row would not keep row numbers apart"
        problems.add("no-effect", message, "Use 'hex' or 'text', or a 'source'.", at=["tweak", "column"])
        return None
    if made.size < scope.row_count:
        message = f"{scope.row_count:,} rows, and '{form.pattern}' has {made.size:,} texts"
        problems.add("domain-too-small", message, "Lengthen the pattern, or ask for fewer rows.", at=["pattern"])
        return None
    return made


def _form(rule: EncodedRule, scope: Scope) -> Form | None:
    characters = rule.alphabet if rule.alphabet is not None else DIGITS
    repeated = next((one for place, one in enumerate(characters) if one in characters[:place]), None)
    if repeated is not None:
        message = f"the alphabet names {repeated!r} twice"
        scope.problems.add("alphabet", message, "Name each character once.", at=["alphabet"])
        return None
    if rule.data_type not in (None, "STRING"):
        scope.problems.add("data-type", "encoded values are STRING", "Leave out 'dataType'.", at=["dataType"])
        return None
    if rule.pattern is not None and PLACE not in rule.pattern:
        message = "the pattern has no # and nothing to encode"
        scope.problems.add("pattern", message, "Write # for each encoded place: ###-##-####.", at=["pattern"])
        return None
    form = Form(rule.pattern, Alphabet(characters))
    count = len(form.places)
    if rule.source is not None and rule.pattern is not None and len(characters) ** count < SMALLEST_DOMAIN:
        message = f"{count} places of {len(characters)} characters make fewer than a million texts, which FF1 needs"
        scope.problems.add("domain-too-small", message, "Encode more places.", at=["pattern"])
        return None
    return form


def _tweak(rule: EncodedRule, scope: Scope) -> tuple[bytes, Generator | None] | None:
    if rule.tweak is None:
        return b"", None
    if sum(one is not None for one in (rule.tweak.hex, rule.tweak.text, rule.tweak.column)) != 1:
        message = "a tweak is one of hex, text and column"
        scope.problems.add("exclusive-keys", message, "Give exactly one of them.", at=["tweak"])
        return None
    if rule.tweak.hex is not None:
        return bytes.fromhex(rule.tweak.hex), None
    if rule.tweak.text is not None:
        return rule.tweak.text.encode(), None
    found = scope.find(read_name(str(rule.tweak.column)), at="tweak/column")
    return None if found is None else (b"", found.source)


def _text_column(column: str, at: str, scope: Scope) -> Generator | None:
    found = scope.find(read_name(column), at=at)
    if found is None:
        return None
    source = found.source
    if not source.data_type.is_text:
        message = f"'{column}' is {source.data_type}; texts are encoded"
        pattern = f"{braced(read_name(column).name)[:-1]}|pad:8}}"
        remedy = f'Give it as a text first: {{"type": "PRESERVE", "pattern": "{pattern}", "hidden": true}}.'
        scope.problems.add("data-type", message, remedy, at=at.split("/"))
        return None
    return source


def _checked(rule: EncodedRule, column: WrittenColumn) -> Iterator[Promise]:
    """The form alone can be judged: nobody has the key there."""
    if rule.pattern is not None:
        yield Promise("length", f"length({column.sql}) <> {len(rule.pattern)}")
        for place, one in enumerate(rule.pattern, start=1):
            if one != PLACE:
                yield Promise("form", f"substr({column.sql}, {place}, 1) <> {column.text(one)}")
    kept = (rule.alphabet or DIGITS) + (rule.pattern or "").replace(PLACE, "")
    yield Promise("alphabet", f"translate({column.sql}, {column.text(kept)}, '') <> ''")
    source = column.beside(rule.source) if rule.source is not None else None
    if source is not None:
        yield Promise("length", f"length({column.sql}) <> length({source})")


GENERATORS.add(
    GeneratorType(
        name="FPE_ENCODED",
        summary="Format-preserving encoding (NIST SP 800-38G FF1) of the row number or of a column.",
        example={"type": "FPE_ENCODED", "pattern": "####-####-##"},
        rule=EncodedRule,
        accepts=("STRING",),
        compile=_compile,
        checked=_checked,
    )
)
