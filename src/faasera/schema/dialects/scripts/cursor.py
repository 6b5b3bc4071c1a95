"""A place in the words of a statement, which readers move on."""

from collections.abc import Iterable, Sequence

from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.scripts.tokens import NUMBER, QUOTED, SYMBOL, TEXT, WORD, Statement, Token

_LONGEST = 63
_END = Token("end", "", "", -1, -1)


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


class UnreadError(Exception):
    """A statement says what no reader knows."""


class Cursor:
    """Reads a row of tokens from left to right.

    Args:
        text: the script that they are of.
        tokens: to read.
        lexis: of the dialect.
    """

    def __init__(self, text: str, tokens: Sequence[Token], lexis: Lexis) -> None:
        self.text = text
        self.tokens = tokens
        self.lexis = lexis
        self.place = 0

    @classmethod
    def of(cls, statement: Statement, lexis: Lexis) -> "Cursor":
        """At the beginning of a statement."""
        return cls(statement.text, statement.tokens, lexis)

    def peek(self, ahead: int = 0) -> Token:
        """A token that is yet to be read."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    @property
    def done(self) -> bool:
        """Whether all is read."""
        return self.place >= len(self.tokens)

    def at(self, *words: str) -> bool:
        """Whether these words or signs come next."""
        return all(self.peek(ahead).upper == word for ahead, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Read these words, if they come next."""
        if not self.at(*words):
            return False
        self.place += len(words)
        return True

    def take_any(self, words: Iterable[str]) -> str:
        """Read one of some words; empty for none of them."""
        found = self.peek().upper
        if found and found in words:
            self.place += 1
            return found
        return ""

    def next(self) -> Token:
        """Read a token."""
        found = self.peek()
        self.place += 1
        return found

    def spelled(self, token: Token) -> str:
        """A name as the database will have it."""
        if not self.lexis.folded:
            return token.value
        name = token.value.lower() if token.kind == WORD else token.value
        # Longer names are cut by the database, too.
        return name if len(name) < _LONGEST else name.encode()[:_LONGEST].decode(errors="ignore")

    def name(self) -> str:
        """Read a name.

        Raises:
            UnreadError: there is none.
        """
        token = self.peek()
        if token.kind not in (WORD, QUOTED, TEXT):
            raise UnreadError
        self.place += 1
        return self.spelled(token)

    def qualified(self) -> tuple[str, ...]:
        """Read a name with what it belongs to in front."""
        found = [self.name()]
        while self.at(".") and self.peek(1).kind in (WORD, QUOTED, TEXT):
            self.place += 1
            found.append(self.name())
        return tuple(found)

    def string(self) -> str:
        """Read a text, whichever its quotes."""
        token = self.peek()
        if token.kind not in (TEXT, QUOTED):
            raise UnreadError
        self.place += 1
        return token.value

    def group(self) -> "Cursor":
        """Read what is in parentheses.

        Raises:
            UnreadError: there are none, or they are not closed.
        """
        if not self.at("("):
            raise UnreadError
        start = self.place + 1
        end = self._closing()
        self.place = end + 1
        return Cursor(self.text, self.tokens[start:end], self.lexis)

    def skip_group(self) -> bool:
        """Pass over what is in parentheses, if they come next."""
        if self.at("("):
            self.group()
            return True
        return False

    def _closing(self) -> int:
        depth = 0
        for place in range(self.place, len(self.tokens)):
            upper = self.tokens[place].upper
            if upper == "(":
                depth += 1
            elif upper == ")":
                depth -= 1
                if not depth:
                    return place
        raise UnreadError

    def parts(self) -> list["Cursor"]:
        """All that is left, cut at its commas."""
        made, start, depth = [], self.place, 0
        for place in range(self.place, len(self.tokens)):
            token = self.tokens[place]
            if token.kind != SYMBOL:
                continue
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.upper, 0)
            if token.upper == "," and not depth:
                made.append(Cursor(self.text, self.tokens[start:place], self.lexis))
                start = place + 1
        made.append(Cursor(self.text, self.tokens[start:], self.lexis))
        self.place = len(self.tokens)
        return [one for one in made if not one.done]

    def between(self, start: int, end: int) -> str:
        """The text of some tokens, by their places."""
        if start >= end:
            return ""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def all(self) -> str:
        """The text of all tokens, in one line where it has no text of several."""
        return self.between(0, len(self.tokens))

    def rest(self) -> str:
        """Read on to the end."""
        made = self.between(self.place, len(self.tokens))
        self.place = len(self.tokens)
        return made

    def until(self, *words: str) -> str:
        """Read on to one of some words outside of parentheses, which is not read."""
        start = self.place
        while not self.done and self.peek().upper not in words:
            if not self.skip_group():
                self.place += 1
        return self.between(start, self.place)

    def number(self) -> bool:
        """Whether a number comes next."""
        return self.peek().kind == NUMBER
