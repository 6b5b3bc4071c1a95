"""The syntax of expressions: text to a tree, with the place of every error. Nothing is ever evaluated as Python."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from faasera.policy.names import BRACED, read_name

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    rf"|(?P<column>{BRACED})"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<mark><=|>=|<>|!=|==|[-+*/%=<>(),]))"
)
_COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_WORDS = {"and", "or", "not", "in", "is", "like", "between", "true", "false", "null"}
_MAXIMUM_LENGTH = 10_000
_DOUBLE_DIGITS = 17
_LONGEST_NUMBER = 300
_MAXIMUM_NESTING = 64


class ExpressionError(ValueError):
    """An expression that cannot be read; says where and why."""


@dataclass(frozen=True)
class Literal:
    """A number, a text, true, false or null."""

    value: int | float | str | bool | None


@dataclass(frozen=True)
class Column:
    """A column of the row, or of a parent by a dotted path.

    Attributes:
        name: of the column, or the path.
        own: whether it is surely a column of the row.
    """

    name: str
    own: bool = field(default=False, repr=False, compare=False)


@dataclass(frozen=True)
class Call:
    """A function or an operator with its arguments."""

    function: str
    arguments: tuple["Node", ...]


Node = Literal | Column | Call


def parse_expression(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: it cannot be read.

    >>> parse_expression("price * 2")
    Call(function='*', arguments=(Column(name='price'), Literal(value=2)))
    """
    if len(text) > _MAXIMUM_LENGTH:
        raise ExpressionError(f"the expression has more than {_MAXIMUM_LENGTH:,} characters")
    parser = _Parser(text)
    node = parser.either(0)
    if parser.kind != "end":
        raise parser.error(f"'{parser.value}' is not expected")
    return node


def _negated(node: Node, negated: str | None) -> Node:
    return Call("not", (node,)) if negated else node


class _Parser:
    """A recursive descent, one method a level of precedence.

    Raises:
        ExpressionError: from any method, where the expression cannot be read on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.start = 0
        self.kind = ""
        self.value = ""
        self.advance()

    def error(self, message: str) -> ExpressionError:
        return ExpressionError(f"{message} at character {self.start + 1} of the expression")

    def advance(self) -> None:
        rest = self.text[self.place :]
        self.start = self.place + len(rest) - len(rest.lstrip())
        if not rest.strip():
            self.kind, self.value = "end", "the end"
            return
        match = _TOKEN.match(self.text, self.place)
        if not match:
            raise self.error(f"'{self.text[self.start]}' is not understood")
        self.place = match.end()
        self.kind = str(match.lastgroup)
        self.value = match[self.kind]
        if self.kind == "name" and self.value.lower() in _WORDS:
            self.kind, self.value = "word", self.value.lower()

    def accept(self, *values: str) -> str | None:
        if self.kind in ("mark", "word") and self.value in values:
            value = self.value
            self.advance()
            return value
        return None

    def expect(self, value: str) -> None:
        if not self.accept(value):
            raise self.error(f"expected '{value}', found '{self.value}'")

    def either(self, depth: int) -> Node:
        if depth > _MAXIMUM_NESTING:
            raise self.error(f"nested deeper than {_MAXIMUM_NESTING}")
        node = self.both(depth)
        while self.accept("or"):
            node = Call("or", (node, self.both(depth)))
        return node

    def both(self, depth: int) -> Node:
        node = self.negation(depth)
        while self.accept("and"):
            node = Call("and", (node, self.negation(depth)))
        return node

    def negation(self, depth: int) -> Node:
        if self.accept("not"):
            if depth > _MAXIMUM_NESTING:
                raise self.error(f"nested deeper than {_MAXIMUM_NESTING}")
            return Call("not", (self.negation(depth + 1),))
        return self.comparison(depth)

    def comparison(self, depth: int) -> Node:
        node = self.sum(depth)
        if operator := self.accept(*_COMPARISONS):
            return Call(_COMPARISONS[operator], (node, self.sum(depth)))
        if self.accept("is"):
            negated = self.accept("not")
            self.expect("null")
            return _negated(Call("is_null", (node,)), negated)
        negated = self.accept("not")
        if self.accept("in"):
            self.expect("(")
            members = [Call("=", (node, member)) for member in self.members(depth)]
            result: Node = members[0]
            for member in members[1:]:
                result = Call("or", (result, member))
            return _negated(result, negated)
        if self.accept("like"):
            return _negated(Call("like", (node, self.sum(depth))), negated)
        if self.accept("between"):
            low = self.sum(depth)
            self.expect("and")
            both = Call("and", (Call(">=", (node, low)), Call("<=", (node, self.sum(depth)))))
            return _negated(both, negated)
        if negated:
            raise self.error(f"expected 'in', 'like' or 'between', found '{self.value}'")
        return node

    def members(self, depth: int) -> list[Node]:
        """Arguments up to the closing parenthesis."""
        found = [self.either(depth + 1)]
        while self.accept(","):
            found.append(self.either(depth + 1))
        self.expect(")")
        return found

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while operator := self.accept("+", "-"):
            node = Call(operator, (node, self.product(depth)))
        return node

    def product(self, depth: int) -> Node:
        node = self.sign(depth)
        while operator := self.accept("*", "/", "%"):
            node = Call(operator, (node, self.sign(depth)))
        return node

    def sign(self, depth: int) -> Node:
        if self.accept("-"):
            if depth > _MAXIMUM_NESTING:
                raise self.error(f"nested deeper than {_MAXIMUM_NESTING}")
            return Call("negate", (self.sign(depth + 1),))
        return self.primary(depth)

    def number(self, text: str) -> int | float:
        """A number that 64 bits hold: a whole one, or a double that keeps all digits that were written."""
        if len(text) > _LONGEST_NUMBER:
            raise ExpressionError(f"a number has {len(text):,} digits; the most are {_LONGEST_NUMBER}")
        if "." not in text and int(text) < 1 << 63:
            return int(text)
        near = float(text)
        written = Decimal(text)
        if written != Decimal(near) and len(written.as_tuple().digits) > _DOUBLE_DIGITS:
            raise ExpressionError(f"{text} has more digits than expressions compute with")
        return near

    def primary(self, depth: int) -> Node:
        kind, value = self.kind, self.value
        if kind == "number":
            self.advance()
            return Literal(self.number(value))
        if kind == "text":
            self.advance()
            return Literal(value[1:-1].replace(value[0] * 2, value[0]))
        if kind == "column":
            self.advance()
            named = read_name(value[1:-1])
            return Column(named.name, named.own)
        if kind == "word" and value in ("true", "false", "null"):
            self.advance()
            return Literal({"true": True, "false": False, "null": None}[value])
        if kind == "name":
            self.advance()
            if self.accept("("):
                arguments = () if self.accept(")") else tuple(self.members(depth))
                return Call(value.lower(), arguments)
            return Column(value)
        if self.accept("("):
            node = self.either(depth + 1)
            self.expect(")")
            return node
        raise self.error(f"'{value}' is not expected")
