"""Words, sentences and paragraphs of the locale's common words; they look like text and say nothing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.streams import Stream, below
from faasera.core.types import STRING
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner
from faasera.generators.lists import ListDomain
from faasera.generators.semantic.person import longest
from faasera.generators.semantic.registry import Member, declare

_FEWEST, _MOST = 5, 12
_SENTENCES = 4


@dataclass(frozen=True)
class Sentences(Generator):
    """Sentences of five to twelve words.

    Attributes:
        words: to choose from.
        count: of sentences, with a blank between.
        stream: decides the words.
    """

    words: pa.Array
    count: int
    stream: Stream

    @cached_property
    @override
    def facts(self) -> Facts:
        """Twelve of the longest words a sentence."""
        return Facts(STRING, max_length=self.count * _MOST * (longest(self.words) + 1))

    @cached_property
    def _lists(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Words that begin a sentence, words with a blank before them or nothing at all, and words that end one."""
        first = pc.utf8_capitalize(self.words)
        inner = pa.concat_arrays([pc.binary_join_element_wise(" ", self.words, ""), pa.array([""])])
        return first, inner, pc.binary_join_element_wise(" ", self.words, ".", "")

    @cached_property
    def _joiner(self) -> ListJoiner:
        return ListJoiner("")

    def _sentence(self, context: Context, number: int) -> pa.Array:
        first, inner, last = self._lists
        streams = [self.stream.sub(f"{number} {place}") for place in range(_MOST + 1)]
        size = len(self.words)
        length = below(streams[_MOST].words(context.rows), _MOST - _FEWEST + 1).view(np.int64) + _FEWEST
        parts = []
        for place in range(_MOST):
            index = below(streams[place].words(context.rows), size).view(np.int64)
            if place == 0:
                parts.append(_listed(index, first))
            elif place == _MOST - 1:
                parts.append(_listed(index, last))
            else:
                parts.append(_listed(np.where(place < length - 1, index, size), inner))
        return self._joiner.join(parts)

    @override
    def generate(self, context: Context) -> pa.Array:
        made = [self._sentence(context, number) for number in range(self.count)]
        return made[0] if self.count == 1 else pc.binary_join_element_wise(*made, " ")

    @override
    def describe(self) -> str:
        return f"{'a sentence' if self.count == 1 else f'{self.count} sentences'} of {len(self.words):,} common words"


def _listed(index: np.ndarray, values: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), values, safe=False)


def _words(member: Member) -> pa.Array:
    return pa.array(member.locale.listed("words"))


def _word(member: Member) -> Choice:
    return Choice(ListDomain(_words(member), STRING, f"common words of {member.locale.name}"))


def _sentences(member: Member, count: int) -> Generator:
    return Sentences(_words(member), count, member.scope.stream())


_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "hr", "et", "el", "tr", "ru", "uk", "ar", "ja", "ko", "zh")  # fmt: skip
_SOURCE = "mimesis, common words"
declare(name="word", kind="", localised=True, locales=_LOCALES, names=("word", "keyword", "tag"), summary="A common word.", example="river", compile=_word, source=_SOURCE)  # fmt: skip
declare(name="sentence", kind="", localised=True, locales=_LOCALES, names=("sentence", "shorttext", "comment", "remark", "note", "subject"), summary="Five to twelve common words.", example="Paper often holds the small river again.", compile=lambda member: _sentences(member, 1), source=_SOURCE)  # fmt: skip
declare(name="paragraph", kind="", localised=True, locales=_LOCALES, names=("paragraph", "text", "description", "comments", "remarks", "notes", "body", "bio", "longtext"), summary="Four sentences.", example="Paper holds the small river. Open light gives people early time.", compile=lambda member: _sentences(member, _SENTENCES), source=_SOURCE)  # fmt: skip
