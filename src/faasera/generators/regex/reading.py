"""The one reader of regular expressions: a recursive descent, by what a syntax declares."""

import string
from dataclasses import dataclass, replace

from faasera.generators.regex.characters import (
    ALL,
    BEYOND_ASCII,
    Ranges,
    complement,
    folded,
    of,
    union,
)
from faasera.generators.regex.flavours import BEYOND, LETTERS, POSIX, Flavour, category, no_newline
from faasera.generators.regex.tree import (
    Alternatives,
    Anchor,
    Backreference,
    Characters,
    Group,
    Look,
    Node,
    Place,
    RegexError,
    Repeat,
    Sequence,
    sequence,
)

LONGEST = 4_096
_MAXIMUM_NESTING = 32
_MOST_TIMES = 100_000
_NEWLINE = Characters(of("\n"))
_CASES = ("[:lower:]", "[:upper:]")
_LOOKS = {"=": (True, False), "!": (True, True), "<=": (False, False), "<!": (False, True)}


@dataclass(frozen=True)
class _Flags:
    """What ``(?…)`` sets.

    Attributes:
        fold: small letters and capitals are the same.
        lines: ``^`` and ``$`` are those of lines.
        all: ``.`` takes newlines.
        newline: neither ``.`` nor a negated class takes a newline.
        expanded: blanks and comments mean nothing.
    """

    fold: bool = False
    lines: bool = False
    all: bool = False
    newline: bool = False
    expanded: bool = False


def read(text: str, flavour: Flavour, *, fold: bool = False, wide: bool = False) -> Node:
    """The tree of a regular expression.

    Args:
        text: as it is written.
        flavour: the syntax.
        fold: whether small letters and capitals are the same from the start.
        wide: whether the tree matches whatever may match, as the locale has it, instead of what surely does.

    Raises:
        RegexError: it cannot be read; the text says why, and where.
    """
    if len(text) > LONGEST:
        raise RegexError(f"the pattern has {len(text):,} characters; at most {LONGEST:,} are read")
    return _Reader(text, flavour, _Flags(fold=fold), wide).all()


class _Reader:
    """One expression.

    Raises:
        RegexError: from any method, where the expression cannot be read on.
    """

    def __init__(self, text: str, flavour: Flavour, flags: _Flags, wide: bool) -> None:
        self.text = text
        self.flavour = flavour
        self.flags = flags
        self.wide = wide
        self.place = 0
        self.groups = 0
        self.names: dict[str, int] = {}

    def all(self) -> Node:
        if self.flavour.directors and self.accept("***="):
            return sequence([self.one(of(character)) for character in self.text[self.place :]])
        if self.flavour.directors:
            self.accept("***:")
        made = self.alternatives(0)
        if self.place < len(self.text):
            raise self.error("unmatched ')'")
        return sequence([Anchor(Place.START), made, Anchor(Place.END)]) if self.flavour.whole else made

    def error(self, message: str) -> RegexError:
        return RegexError(f"{message} at character {self.place + 1} of the pattern")

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.error("the pattern ends too early")
        self.place += 1
        return character

    def accept(self, text: str) -> bool:
        found = self.text.startswith(text, self.place)
        self.place += len(text) if found else 0
        return found

    def until(self, end: str) -> str:
        """The text up to an end, which is taken, too."""
        found = self.text.find(end, self.place)
        if found < 0:
            raise self.error("the pattern ends too early")
        made = self.text[self.place : found]
        self.place = found + len(end)
        return made

    def means(self, character: str) -> bool:
        """Whether a character is more than itself here."""
        return self.peek() == character and character in self.flavour.meta

    # structure

    def alternatives(self, depth: int) -> Node:
        if depth > _MAXIMUM_NESTING:
            raise self.error(f"groups are nested deeper than {_MAXIMUM_NESTING}")
        before = self.flags
        branches = [self.sequence(depth)]
        while self.means("|"):
            self.place += 1
            branches.append(self.sequence(depth))
        self.flags = before
        return branches[0] if len(branches) == 1 else Alternatives(tuple(branches))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.peek() and not self.means("|") and not self.means(")"):
            if self.flags.expanded and self.blank():
                continue
            atom = self.atom(depth)
            if atom is not None:
                parts.append(self.quantified(atom))
        return sequence(parts)

    def blank(self) -> bool:
        """Whether something was passed over that means nothing in an expanded expression."""
        if self.peek() == "#":
            end = self.text.find("\n", self.place)
            self.place = len(self.text) if end < 0 else end + 1
            return True
        found = self.peek().isspace()
        self.place += found
        return found

    def atom(self, depth: int) -> Node | None:
        """What can be repeated; None for what says something of the rest."""
        character = self.take()
        wild = self.flavour.wildcards.get(character)
        if wild is not None:
            return wild
        if character == self.flavour.escape:
            return self.escaped()
        if character not in self.flavour.meta or character in "]}":
            return self.one(of(character))
        if character == "(":
            return self.group(depth)
        if character == "[":
            return self.bracket()
        if character == ".":
            taken = ALL if self.flags.all else self.flavour.dot
            return Characters(no_newline(taken) if self.flags.newline else taken, open=True)
        if character == "^":
            return Anchor(Place.LINE_START if self.flags.lines else Place.START)
        if character == "$":
            return self.end("$")
        self.place -= 1
        if character == "{" and self.flavour.loose_braces and self.counts() is None:
            self.place += 1
            return self.one(of(character))
        raise self.error(f"'{character}' has nothing to repeat")

    def end(self, mark: str) -> Node:
        if mark == "$" and self.flags.lines:
            return Anchor(Place.LINE_END)
        if mark in self.flavour.before_newline and self.wide:
            return Sequence((Repeat(_NEWLINE, 0, 1), Anchor(Place.END)))
        return Anchor(Place.END)

    def one(self, ranges: Ranges, *, open: bool = False) -> Characters:
        """A character out of a set as it is written."""
        if self.flags.fold:
            made = folded(ranges, beyond_ascii=self.wide or not self.flavour.unsure)
            return Characters(made, open, None if made == ranges else ranges)
        return Characters(ranges, open)

    # groups

    def group(self, depth: int) -> Node | None:
        if self.peek() == "*":
            raise self.error("verbs are not understood")
        if not self.accept("?"):
            return self.captured(depth)
        if self.accept("#"):
            self.until(")")
            return None
        if self.accept(":"):
            return self.closed(depth)
        if self.accept(">"):
            return Repeat(self.closed(depth), 1, 1, possessive=True)
        for mark, (ahead, negated) in _LOOKS.items():
            if self.accept(mark):
                self.wide ^= negated
                inner = self.closed(depth)
                self.wide ^= negated
                return Look(inner, ahead, negated)
        for start, end in (("P<", ">"), ("<", ">"), ("'", "'")):
            if self.accept(start):
                return self.captured(depth, self.until(end))
        return self.flagged(depth)

    def captured(self, depth: int, name: str = "") -> Node:
        self.groups += 1
        number = self.groups
        if name:
            self.names[name] = number
        return Group(self.closed(depth), number)

    def closed(self, depth: int) -> Node:
        """A group's inside, up to its end."""
        before = self.flags
        made = self.alternatives(depth + 1)
        if not self.accept(")"):
            raise self.error("missing ')'")
        self.flags = before
        return made

    def flagged(self, depth: int) -> Node | None:
        """Flags, of the rest or of a group."""
        on = True
        before, flags = self.flags, self.flags
        while self.peek() not in (")", ":"):
            letter = self.take()
            if letter == "-" and on:
                on = False
                continue
            meaning = self.flavour.flags.get(letter)
            if meaning is None:
                self.place -= 1
                raise self.error(f"'(?{letter}' is not understood")
            for word in meaning.split():
                flags = replace(flags, fold=False) if word == "exact" else replace(flags, **{word: on})
        self.flags = flags
        if self.take() == ")":
            return None
        made = self.closed(depth)
        self.flags = before
        return made

    # escapes

    def escaped(self) -> Node:
        flavour = self.flavour
        if flavour.escape != "\\" or "." not in flavour.meta:
            return self.one(of(self.take()))
        letter = self.peek()
        if letter in flavour.anchors:
            self.place += 1
            place = flavour.anchors[letter]
            return self.end(letter) if place == Place.END else Anchor(place)
        if flavour.quoted and self.accept("Q"):
            end = self.text.find("\\E", self.place)
            quoted = self.text[self.place :] if end < 0 else self.text[self.place : end]
            self.place = len(self.text) if end < 0 else end + 2
            return sequence([self.one(of(character)) for character in quoted])
        if flavour.references and letter.isdigit() and letter != "0":
            return self.reference()
        if flavour.references and letter == "k" and self.text[self.place + 1 : self.place + 2] == "<":
            self.place += 2
            return self.backreference(self.names.get(self.until(">"), 0))
        ranges, open = self.escape(negated=False)
        return self.one(ranges, open=open)

    def reference(self) -> Node:
        digits = ""
        while self.peek().isdigit() and int(digits + self.peek()) <= max(self.groups, 9):
            digits += self.take()
        return self.backreference(int(digits))

    def backreference(self, number: int) -> Node:
        if not 1 <= number <= self.groups:
            raise self.error("a reference to a group that is not there")
        return Backreference(number)

    def escape(self, *, negated: bool) -> tuple[Ranges, bool]:
        """The set after a backslash, and whether it is a named one."""
        flavour, letter = self.flavour, self.take()
        known = flavour.classes.get(letter) if letter.isalpha() else None
        if known is not None:
            return self.named(known, LETTERS.get(letter, "ascii"), negated=negated), letter in "sN"
        known = flavour.classes.get(letter.lower()) if letter.isupper() else None
        if known is not None:
            return complement(self.named(known, LETTERS.get(letter.lower(), "ascii"), negated=not negated)), True
        if letter in "pP" and flavour.categories:
            return self.category(letter == "P", negated)
        if letter in flavour.controls:
            return of(flavour.controls[letter]), False
        if letter in flavour.hexadecimal:
            return of(self.code_point(flavour.hexadecimal[letter])), False
        if letter == "c" and flavour.references and self.peek().isalpha():
            return of(chr(ord(self.take()) % 32)), False
        if letter.isalnum():
            self.place -= 1
            raise self.error(f"'\\{letter}' is not understood")
        return of(letter), False

    def code_point(self, digits: int) -> str:
        if digits and self.accept("{"):
            found = self.until("}")
        else:
            found = ""
            while self.peek() and self.peek() in string.hexdigits and (not digits or len(found) < digits):
                found += self.take()
        try:
            return chr(int(found, 16))
        except (ValueError, OverflowError):
            raise self.error("a code point is none") from None

    def category(self, inverted: bool, negated: bool) -> tuple[Ranges, bool]:
        """A category of Unicode."""
        name = self.until("}") if self.accept("{") else self.take()
        if name.startswith("^"):
            inverted, name = not inverted, name[1:]
        known = category(name)
        if known is None:
            raise self.error(f"the category '{name}' is not understood")
        sure = name == "Z" or not (self.wide ^ negated ^ inverted)
        made = known if sure else union(known, BEYOND_ASCII)
        return (complement(made), True) if inverted else (made, False)

    def named(self, ranges: Ranges, name: str, *, negated: bool) -> Ranges:
        """A named class, with what it may hold beyond ASCII where that is asked for."""
        beyond = self.flavour.unsure and name not in self.flavour.sure and (self.wide ^ negated)
        return union(ranges, BEYOND.get(name, BEYOND_ASCII)) if beyond else ranges

    # classes

    def bracket(self) -> Node:
        if self.flavour.collating:
            for mark, place in (("[:<:]]", Place.WORD_START), ("[:>:]]", Place.WORD_END)):
                if self.accept(mark):
                    return Anchor(place)
        negated = self.accept("^")
        parts, cased = list[Ranges](), list[Ranges]()
        open, first = negated, not self.flavour.empty_classes
        while first or self.peek() != "]":
            first = False
            fixed = (
                not self.flavour.folds_cases and (self.wide == negated) and self.text[self.place :].startswith(_CASES)
            )
            low, named = self.class_member(negated)
            if fixed:
                cased.append(low)
                continue
            open = open or named
            following = self.text[self.place + 1 : self.place + 2]
            if self.peek() == "-" and following not in ("]", ""):
                self.place += 1
                low = self.span(low, self.class_member(negated)[0])
            parts.append(low)
        self.place += 1
        ranges = union(*parts)
        if not negated:
            made = self.one(ranges, open=open)
            return (
                Characters(union(made.ranges, *cased), open, made.plain and union(made.plain, *cased))
                if cased
                else made
            )
        if self.flags.fold:
            ranges = folded(ranges, beyond_ascii=not self.wide or not self.flavour.unsure)
        taken = complement(union(ranges, *cased))
        return Characters(no_newline(taken) if self.flags.newline else taken, open=True)

    def span(self, low: Ranges, high: Ranges) -> Ranges:
        ends = [one[0][0] for one in (low, high) if len(one) == 1 and one[0][0] == one[0][1]]
        if len(ends) < 2 or ends[0] > ends[1]:
            raise self.error("a class has a range turned round")
        return ((ends[0], ends[1]),)

    def class_member(self, negated: bool) -> tuple[Ranges, bool]:
        """A part of a class, and whether it is a named one."""
        if self.peek() == "[" and self.flavour.meta >= {"(", "["}:
            if self.accept("[:"):
                return self.posix(negated)
            if self.flavour.collating and (self.accept("[.") or self.accept("[=")):
                end = self.text[self.place - 1] + "]"
                found = self.until(end)
                if len(found) != 1:
                    raise self.error(f"the collating element '{found}' is not understood")
                return of(found), False
        character = self.take()
        if character == "\\" and self.flavour.class_escapes:
            if self.peek() == "b" and "b" in self.flavour.anchors:
                self.place += 1
                return of("\b"), False
            return self.escape(negated=negated)
        return of(character), False

    def posix(self, negated: bool) -> tuple[Ranges, bool]:
        start = self.place
        end = self.text.find(":]", start)
        name = self.text[start:end] if end >= 0 else ""
        inverted = name.startswith("^")
        known = POSIX.get(name.removeprefix("^"))
        if known is None:
            if name.isalpha():
                raise self.error(f"there is no class '[:{name}:]'")
            # A bracket and a colon by themselves.
            self.place = start - 1
            return of("["), False
        self.place = end + 2
        made = self.named(known, name.removeprefix("^"), negated=negated ^ inverted)
        return (complement(made), True) if inverted else (made, name in ("space", "blank", "cntrl", "print", "graph"))

    # repetition

    def quantified(self, atom: Node) -> Node:
        while True:
            counts = self.quantifier()
            if counts is None:
                return atom
            if isinstance(atom, Anchor) or atom == Sequence():
                raise self.error("a place cannot be repeated")
            least, most = counts
            possessive = self.flavour.possessive and self.accept("+")
            if not possessive:
                self.accept("?")
            atom = Repeat(atom, least, most, possessive)

    def quantifier(self) -> tuple[int, int | None] | None:
        """How often what stands before may come; None where nothing says so."""
        for mark, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.means(mark):
                self.place += 1
                return counts
        if not self.means("{"):
            return None
        found = self.counts()
        if found is None and not self.flavour.loose_braces:
            raise self.error("a repetition is {m} or {m,n}")
        return found

    def counts(self) -> tuple[int, int | None] | None:
        """``{m}``, ``{m,}`` or ``{m,n}``, taken; None where it is none of them."""
        end = self.text.find("}", self.place)
        low, comma, high = self.text[self.place + 1 : end].partition(",") if end >= 0 else ("", "", "")
        if not (low.isascii() and low.isdigit()) or (high and not (high.isascii() and high.isdigit())):
            return None
        least = int(low)
        most = int(high) if high else (None if comma else least)
        if max(least, most or 0) > _MOST_TIMES:
            raise self.error(f"a repetition of more than {_MOST_TIMES:,}")
        if most is not None and least > most:
            raise self.error("a repetition is turned round")
        self.place = end + 1
        return least, most
