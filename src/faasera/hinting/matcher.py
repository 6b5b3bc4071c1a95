"""The built-in matcher: which semantic type a column may be, by its name, its description and its neighbours; offline.

Lexical: the words of the column beside those of each type, weighed by how rare they are (Spärck Jones, A Statistical
Interpretation of Term Specificity, 1972), and the likeness of names (Ratcliff and Obershelp, 1988). With the extra
``embeddings`` a small static embedding model does the same by meaning.
"""

import datetime
import difflib
import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from faasera.core.errors import PolicyError, refuse
from faasera.generators.semantic.neighbours import words_of
from faasera.generators.semantic.registry import SEMANTIC_TYPES
from faasera.hinting.frozen import Hint
from faasera.hinting.wanted import Wanted

SURE = 0.55
"""From this confidence on a match is used without being asked for."""
FAIR = 0.35
"""From this confidence on a match is proposed to a person."""
LEXICAL = "built-in matcher (lexical)"
MODEL_VARIABLE = "FAASERA_EMBEDDING_MODEL"
_DEFAULT_MODEL = "minishlab/potion-base-8M"
_LIKE = 0.8
_SILENT = frozenset(
    re.findall(r"\w+", "the of a an and or in to for with by is it its that such as on where which s this")
)
_WEIGHTS = {"column": 3.0, "description": 2.0, "table": 0.5, "neighbours": 0.15}


@dataclass(frozen=True)
class Match:
    """A semantic type for a column.

    Attributes:
        semantic_type: its name.
        confidence: 0 to 1.
        matcher: which one found it.
    """

    semantic_type: str
    confidence: float
    matcher: str

    def hint(self, one: Wanted, date: str | None = None) -> Hint:
        """As an entry of a file of hints; a match that nobody froze has no date."""
        asked = f"{one.table}\0{one.column}\0{one.description}\0{one.table_description}\0{one.neighbours}"
        return Hint(
            table=one.table,
            column=one.column,
            semantic_type=self.semantic_type,
            model=self.matcher,
            date=date,
            prompt_digest=hashlib.sha256(asked.encode()).hexdigest(),
            confidence=round(self.confidence, 3),
        )


def today() -> str:
    """The date for files of hints."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def lexical_match(one: Wanted) -> Match | None:
    """The type whose words fit best; None where none fits at all."""
    asked = _query(one)
    rarity, documents = _index()
    known = {word: weight * rarity.get(word, max(rarity.values())) for word, weight in asked.items()}
    length = math.sqrt(sum(weight**2 for weight in known.values()))
    best, confidence = "", 0.0
    joined = "".join(words_of(one.column))
    for name, document in documents.items():
        shared = sum(known[word] * weight for word, weight in document.items() if word in known)
        score = shared / length if length else 0.0
        for alias in SEMANTIC_TYPES.get(name).names if SEMANTIC_TYPES.get(name) else ():  # type: ignore[union-attr]
            like = difflib.SequenceMatcher(None, joined, alias).ratio() if abs(len(joined) - len(alias)) <= 3 else 0.0
            if like >= _LIKE and len(joined) > 3:
                score = max(score, like)
        if score > confidence:
            best, confidence = name, score
    return Match(best, min(confidence, 1.0), LEXICAL) if best else None


def _query(one: Wanted) -> Mapping[str, float]:
    words: Counter[str] = Counter()
    parts = {
        "column": words_of(one.column),
        "description": re.findall(r"[a-z]+", one.description.lower()),
        "table": words_of(one.table) + re.findall(r"[a-z]+", one.table_description.lower()),
        "neighbours": [word for name in one.neighbours for word in words_of(name)],
    }
    for part, found in parts.items():
        for word in {_stem(word) for word in found if word not in _SILENT}:
            words[word] = max(words[word], _WEIGHTS[part])  # type: ignore[assignment]
    return words


@cache
def _index() -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """How rare each word is among the types, and each type's words as a vector of length one."""
    texts: dict[str, Counter[str]] = {}
    for entry in SEMANTIC_TYPES:
        words: Counter[str] = Counter()
        for word in entry.name.split("-"):
            words[_stem(word)] += 3
        for name in entry.names:
            words[_stem(name)] += 2
        for word in re.findall(r"[a-z]+", entry.summary.lower()):
            if word not in _SILENT:
                words[_stem(word)] += 1
        texts[entry.name] = words
    count = Counter(word for words in texts.values() for word in words)
    rarity = {word: math.log(1 + len(texts) / number) for word, number in count.items()}
    vectors = {}
    for name, words in texts.items():
        weights = {word: math.sqrt(number) * rarity[word] for word, number in words.items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        vectors[name] = {word: weight / length for word, weight in weights.items()}
    return rarity, vectors


def _stem(word: str) -> str:
    """Without the endings of plurals."""
    return word[:-3] + "y" if word.endswith("ies") else word[:-1] if word.endswith("s") and len(word) > 3 else word


class EmbeddingMatcher:
    """Matches by meaning, with a static embedding model (model2vec); loaded once.

    Raises:
        PolicyError: the model cannot be loaded.
    """

    def __init__(self) -> None:
        from model2vec import StaticModel

        self.name = os.environ.get(MODEL_VARIABLE) or _DEFAULT_MODEL
        try:
            self._model = StaticModel.from_pretrained(self.name)
        except Exception as error:
            message = f"the embedding model {self.name} cannot be loaded: {type(error).__name__}"
            remedy = f"Set {MODEL_VARIABLE} to a folder with one, or uninstall model2vec to match lexically."
            refuse("embedding-model", message, remedy)
        self._types = list(SEMANTIC_TYPES)
        self._vectors = self._embedded([f"{one.name.replace('-', ' ')}. {one.summary}" for one in self._types])

    def _embedded(self, texts: list[str]) -> Any:
        import numpy as np

        vectors = np.asarray(self._model.encode(texts))
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def match(self, one: Wanted) -> Match | None:
        """The type that is nearest in meaning; names that are plainly those of a type go before."""
        plain = lexical_match(one)
        if plain is not None and plain.confidence > 0.9:
            return plain
        asked = f"{' '.join(words_of(one.column))}. {one.description} {one.table_description}".strip()
        likeness = self._vectors @ self._embedded([asked])[0]
        place = int(likeness.argmax())
        confidence = max(0.0, float(likeness[place]))
        name = self.name.rstrip("/").rpartition("/")[2]
        return Match(self._types[place].name, min(confidence, 1.0), f"built-in matcher (embeddings, {name})")


def best_matcher() -> tuple[str, Callable[[Wanted], Match | None]]:
    """Which matcher is used here, and a function that matches.

    Raises:
        PolicyError: the embedding model that is asked for cannot be loaded.
    """
    if find_spec("model2vec") is None:
        return LEXICAL, lexical_match
    try:
        matcher = EmbeddingMatcher()
    except PolicyError as error:
        if os.environ.get(MODEL_VARIABLE):
            raise
        return f"{LEXICAL}; {error.problems[0].message}", lexical_match
    return f"built-in matcher (embeddings, {matcher.name})", matcher.match
