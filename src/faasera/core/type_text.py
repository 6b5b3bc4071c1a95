"""Data types from their text, nested ones included: what the project itself has written, not what policies say."""

import re
from collections.abc import Iterator

from faasera.core.types import DataType, Field, ListOf, MapOf, Struct

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|DECIMAL\([^()]*\)|NOT NULL\b|[A-Za-z_][A-Za-z0-9_]*|[<>,:])')


def parse_type(text: str) -> DataType:
    """The type that a text names: the inverse of ``str``.

    Such as ``BIGINT``, ``LIST<STRING NOT NULL>``, ``STRUCT<a: INTEGER, "b c": LIST<DATE>>`` or ``MAP<STRING, BIGINT>``.

    Raises:
        ValueError: the text names no data type.
    """
    reader = _Reader(text)
    found = reader.type()
    reader.expect("")
    return found


class _Reader:
    """Reads tokens from the left; its methods raise ``ValueError``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._place = 0

    @property
    def next(self) -> str:
        """The token in front; nothing at the end."""
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def take(self) -> str:
        """The token in front, which is then behind."""
        token = self.next
        self._place += 1
        return token

    def takes(self, token: str) -> bool:
        """Whether a token is in front, which is then behind."""
        if self.next != token:
            return False
        self._place += 1
        return True

    def expect(self, token: str) -> None:
        if not self.takes(token):
            raise ValueError(f"{self._text!r} is not a data type: {token or 'its end'} is missing")

    def type(self) -> DataType:
        word = self.take()
        if not self.takes("<"):
            return DataType.parse(word)
        found = self._nested(word)
        self.expect(">")
        return found

    def _nested(self, word: str) -> DataType:
        if word == "LIST":
            return ListOf(self.type(), self._nullable())
        if word == "MAP":
            key = self.type()
            self.expect(",")
            return MapOf(key, self.type(), self._nullable())
        if word == "STRUCT":
            return Struct(tuple(self._fields()))
        raise ValueError(f"{self._text!r} is not a data type: {word!r} holds nothing")

    def _fields(self) -> Iterator[Field]:
        while True:
            name = self.take()
            self.expect(":")
            plain = name[1:-1].replace('""', '"') if name.startswith('"') else name
            yield Field(plain, self.type(), self._nullable())
            if not self.takes(","):
                return

    def _nullable(self) -> bool:
        return not self.takes("NOT NULL")


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"{text!r} is not a data type")
        yield match[1]
        place = match.end()
