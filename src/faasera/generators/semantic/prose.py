"""Words, sentences and paragraphs of the locale's common words; they look like text and say nothing."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.streams import Stream, below
from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner
from faasera.generators.semantic.attribute import dictionary
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.known import known_list, most_characters
from faasera.generators.semantic.registry import declare
from faasera.vocabulary.reference import locale_data

_FEWEST, _MOST = 5, 12
_SENTENCES = 4


@cache
def common_words(locale: str) -> pa.Array:
    """The common words of a locale."""
    return pa.array(locale_data(locale).listed("words"))


@cache
def _forms(locale: str) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Words that begin a sentence, words with a blank before them or nothing at all, and words that end one."""
    words = common_words(locale)
    inner = pa.concat_arrays([pc.binary_join_element_wise(" ", words, ""), pa.array([""])])
    return pc.utf8_capitalize(words), inner, pc.binary_join_element_wise(" ", words, ".", "")


@dataclass(frozen=True, eq=False)
class Sentences(ByContent, Generator):
    """Sentences of five to twelve words.

    Attributes:
        locale: whose common words they are made of.
        count: of sentences, with a blank between.
        stream: decides the words.
    """

    locale: str
    count: int
    stream: Stream

    @property
    @override
    def facts(self) -> Facts:
        # Twelve of the longest words a sentence, each with a blank or a full stop.
        longest = most_characters(common_words, self.locale) + 1
        return Facts(STRING, max_length=self.count * _MOST * longest)

    @cached_property
    def _joiner(self) -> ListJoiner:
        return ListJoiner("")

    def _sentence(self, context: Context, number: int) -> pa.Array:
        first, inner, last = _forms(self.locale)
        streams = [self.stream.sub(f"{number} {place}") for place in range(_MOST + 1)]
        size = len(first)
        length = below(streams[_MOST].words(context.rows), _MOST - _FEWEST + 1).view(np.int64) + _FEWEST
        parts = []
        for place in range(_MOST):
            index = below(streams[place].words(context.rows), size).view(np.int64)
            if place == 0:
                parts.append(dictionary(index, first))
            elif place == _MOST - 1:
                parts.append(dictionary(index, last))
            else:
                parts.append(dictionary(np.where(place < length - 1, index, size), inner))
        return self._joiner.join(parts)

    @override
    def generate(self, context: Context) -> pa.Array:
        made = [self._sentence(context, number) for number in range(self.count)]
        return made[0] if self.count == 1 else pc.binary_join_element_wise(*made, " ")

    @override
    def describe(self) -> str:
        return f"{'a sentence' if self.count == 1 else f'{self.count} sentences'} of {len(common_words(self.locale)):,} common words"


def _word(column: SemanticColumn) -> Choice:
    locale = column.group.locale
    return Choice(known_list(common_words, locale, source=f"common words of {locale}"))


def _sentences(column: SemanticColumn, count: int) -> Generator:
    return Sentences(column.group.locale, count, column.scope.stream())


_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "hr", "et", "el", "tr", "ru", "uk", "ar", "ja", "ko", "zh")  # fmt: skip
_SOURCE = "mimesis, common words"
declare(name="word", kind="", localised=True, locales=_LOCALES, names=("word", "keyword", "tag"), summary="A common word.", example="river", compile=_word, source=_SOURCE)  # fmt: skip
declare(name="sentence", kind="", localised=True, locales=_LOCALES, names=("sentence", "shorttext", "comment", "remark", "note", "subject"), summary="Five to twelve common words.", example="Paper often holds the small river again.", compile=lambda column: _sentences(column, 1), source=_SOURCE)  # fmt: skip
declare(name="paragraph", kind="", localised=True, locales=_LOCALES, names=("paragraph", "text", "description", "comments", "remarks", "notes", "body", "bio", "longtext"), summary="Four sentences.", example="Paper holds the small river. Open light gives people early time.", compile=lambda column: _sentences(column, _SENTENCES), source=_SOURCE)  # fmt: skip
