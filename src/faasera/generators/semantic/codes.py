"""Codes with check digits as domains: fixed places, free places, and places that follow from the others.

A code is cut into runs of places. Each run has a table of its texts and, for every check, one of what its places add to
the checksum, so that making a code takes a few gathers, however the checksum is defined.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from typing_extensions import override

from faasera.core.draws import MAXIMUM_PERMUTATION
from faasera.core.records import TokenTable, assemble
from faasera.core.streams import Words
from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.facts import Facts
from faasera.generators.generator import Domain

_MOST_TEXTS = 10_000
CHECKS = "①②③"
DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLASSES = {"#": DIGITS, "%": DIGITS[1:], "@": LETTERS}
TO_ELEVEN = ("0", "", *(str(11 - rest) for rest in range(2, 11)))
"""Check digits by remainder: what is missing to 11; none where that is 10, which has two places."""
PlaceTable = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Check:
    """A check digit, or several, by a sum over the other places.

    Attributes:
        modulus: of the sum.
        term: what a character adds, given its place from the left, literals and check digits counted, marks not; a
            value or a function of a module.
        characters: what stands for each remainder; an empty text for one that no code may have.
    """

    modulus: int
    term: Callable[[int, str], int]
    characters: tuple[str, ...]


@dataclass(frozen=True)
class Automaton:
    """A check digit by a machine that reads the places from the left.

    Attributes:
        states: how many.
        start: the first.
        step: the next state, given the state, the place and its character; a value or a function of a module.
        characters: what stands for each last state.
    """

    states: int
    start: int
    step: Callable[[int, int, str], int]
    characters: tuple[str, ...]


@dataclass
class _Run:
    """Neighbouring places.

    Attributes:
        texts: all of them, or those of a check digit.
        table: for assembling.
        effects: what each text does to each check: a summand, or the next state by state.
        check: the number of the check that chooses the text; None for free places.
        adjusted: whether it gives way where a remainder has no check digit.
    """

    texts: list[str]
    table: TokenTable
    effects: list[PlaceTable]
    check: int | None
    adjusted: bool = False


@dataclass(frozen=True, eq=False)
class CodeDomain(ByContent, Domain):
    """All codes of a layout.

    Attributes:
        layout: of literals, class characters, and ①, ②, … for the checks, in the order in which they are computed.
        checks: the checks; a later one may depend on an earlier.
        classes: class characters with their alphabets, beside # (digit), % (1 to 9) and @ (letter); the members of
            an alphabet may be texts of one length.
        source: a phrase for the plan.
        marks: literals that no check counts.
    """

    layout: str
    checks: tuple[Check | Automaton, ...] = ()
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: str = ""
    marks: str = " -/.()+:"

    @cached_property
    def _classes(self) -> dict[str, Sequence[str]]:
        """All class characters."""
        return {**CLASSES, **self.classes}

    @cached_property
    def _places(self) -> list[tuple[str, int, bool]]:
        """Each character of the layout with the number of its place, and whether it is adjustable."""
        adjusted = self._adjusted
        found, place = [], 0
        for position, character in enumerate(self.layout):
            found.append((character, place, position == adjusted))
            if character in CHECKS:
                place += len(self._characters(CHECKS.index(character))[0])
            elif character in self._classes:
                place += len(self._classes[character][0])
            elif character not in self.marks:
                place += 1
        return found

    def _characters(self, check: int) -> list[str]:
        width = max(map(len, self.checks[check].characters))
        return [text or "?" * width for text in self.checks[check].characters]

    @cached_property
    def _adjusted(self) -> int | None:
        """The position of the free place that gives way where a remainder has no check digit."""
        if all("" not in check.characters for check in self.checks):
            return None
        return max(position for position, character in enumerate(self.layout) if character in self._classes)

    @cached_property
    def _runs(self) -> list[_Run]:
        runs: list[_Run] = []
        pending: list[tuple[str, int]] = []
        size = 1

        def flush() -> None:
            nonlocal size
            if pending:
                runs.append(self._free(pending))
            pending.clear()
            size = 1

        for character, place, adjusted in self._places:
            if character in CHECKS:
                flush()
                runs.append(self._determined(CHECKS.index(character), place))
                continue
            choices = len(self._classes.get(character, " "))
            if adjusted or size * choices > _MOST_TEXTS:
                flush()
            pending.append((character, place))
            size *= choices
            if adjusted:
                flush()
                runs[-1].adjusted = True
        flush()
        return runs

    def _free(self, places: list[tuple[str, int]]) -> _Run:
        choices = [(list(self._classes.get(character, character)), place) for character, place in places]
        texts = ["".join(one) for one in product(*(listed for listed, _ in choices))]
        effects = [self._effect(check, choices) for check in self.checks]
        return _Run(texts, TokenTable([text.encode() for text in texts]), effects, None)

    def _determined(self, check: int, place: int) -> _Run:
        texts = self._characters(check)
        effects = [self._effect(one, [(texts, place)]) for one in self.checks]
        return _Run(texts, TokenTable([text.encode() for text in texts]), effects, check)

    def _effect(self, check: Check | Automaton, choices: list[tuple[list[str], int]]) -> PlaceTable:
        """What each text of a run, from one choice a place, does to a check."""
        if isinstance(check, Check):
            total = np.zeros(1, dtype=np.int64)
            for listed, place in choices:
                added = [sum(check.term(number, one) for number, one in self._counted(text, place)) for text in listed]
                total = ((total[:, None] + np.array(added, dtype=np.int64)) % check.modulus).reshape(-1)
            return total
        table = np.arange(check.states).reshape(1, -1)
        for listed, place in choices:
            steps = np.array(
                [[self._last(check, text, place, state) for state in range(check.states)] for text in listed]
            )
            table = steps[np.arange(len(listed))[None, :, None], table[:, None, :]].reshape(-1, check.states)
        return table

    def _counted(self, text: str, place: int) -> list[tuple[int, str]]:
        """The characters that checks count, with their places."""
        placed = enumerate(text, start=place)
        return [(number, one) for number, one in placed if one not in self.marks and one != "?"]

    def _last(self, check: Automaton, text: str, place: int, state: int) -> int:
        for number, one in self._counted(text, place):
            state = check.step(state, number, one)
        return state

    @cached_property
    @override
    def size(self) -> int:
        """How many codes can be numbered: all, up to 2^62."""
        size = 1
        for run, room in zip(self._runs, self._rooms, strict=True):
            size *= room if run.check is None else 1
        return min(size, MAXIMUM_PERMUTATION)

    @cached_property
    def _rooms(self) -> list[int]:
        """How many texts of each run an index chooses from: one less where one place gives way."""
        return [len(run.texts) - run.adjusted for run in self._runs]

    @cached_property
    @override
    def facts(self) -> Facts:
        return Facts(STRING, max_length=sum(len(run.texts[0]) for run in self._runs))

    @override
    def at(self, indices: Words) -> pa.Array:
        chosen: list[PlaceTable | None] = [None] * len(self._runs)
        rest = indices
        for number in range(len(self._runs) - 1, -1, -1):
            run, room = self._runs[number], self._rooms[number]
            if run.check is not None:
                continue
            if room == 1 and len(run.texts) == 1:
                chosen[number] = np.zeros(len(indices), dtype=np.int64)
                continue
            quotient = rest // np.uint64(room)
            chosen[number] = (rest - quotient * np.uint64(room)).view(np.int64)
            rest = quotient
        for number, check in enumerate(self.checks):
            self._adjust(check, number, chosen)
            place = next(index for index, run in enumerate(self._runs) if run.check == number)
            chosen[place] = self._state(check, number, chosen)
        parts = [(run.table, index) for run, index in zip(self._runs, chosen, strict=True) if index is not None]
        return assemble(parts)

    def _state(
        self, check: Check | Automaton, number: int, chosen: list[PlaceTable | None], *, without: int | None = None
    ) -> PlaceTable:
        """The remainder, or the last state, over all runs that are known."""
        known = [
            (run, index)
            for place, (run, index) in enumerate(zip(self._runs, chosen, strict=True))
            if index is not None and place != without
        ]
        if isinstance(check, Check):
            total = np.zeros(len(known[0][1]), dtype=np.int64)
            for run, index in known:
                total += run.effects[number][index]
            return total % check.modulus
        state = np.full(len(known[0][1]), check.start, dtype=np.int64)
        for run, index in known:
            state = run.effects[number][index, state]
        return state

    def _adjust(self, check: Check | Automaton, number: int, chosen: list[PlaceTable | None]) -> None:
        """Skip the one choice of the adjustable place that would leave no check digit."""
        if "" not in check.characters:
            return
        assert isinstance(check, Check)
        place = next(
            index
            for index, (run, room) in enumerate(zip(self._runs, self._rooms, strict=True))
            if room < len(run.texts)
        )
        index = chosen[place]
        assert index is not None
        bad = check.characters.index("")
        effect = self._runs[place].effects[number]
        skipped = np.full(check.modulus, len(effect), dtype=np.int64)
        for choice, added in enumerate(effect.tolist()):
            skipped[(bad - added) % check.modulus] = choice
        base = self._state(check, number, chosen, without=place)
        chosen[place] = index + (index >= skipped[base])

    @override
    def describe(self) -> str:
        return self.source


@dataclass(frozen=True)
class WeightedDigits:
    """The term of a sum of digits by weights; places beside the weights add nothing.

    Attributes:
        weights: one for each place.
        start: the first of these places.
    """

    weights: tuple[int, ...]
    start: int = 0

    def __call__(self, place: int, character: str) -> int:
        """What a character adds."""
        inside = self.start <= place < self.start + len(self.weights)
        return self.weights[place - self.start] * int(character) if inside else 0


@dataclass(frozen=True)
class LuhnDigits:
    """The term of Luhn's sum (ISO/IEC 7812-1, annex B).

    Attributes:
        doubled: 0 where the even places from the first are doubled, 1 where the odd.
        prefix: what digits that are not written add.
        first: the first place that counts.
        stop: the place behind the last; None for the end.
    """

    doubled: int
    prefix: int = 0
    first: int = 0
    stop: int | None = None

    def __call__(self, place: int, character: str) -> int:
        """What a character adds."""
        if place < self.first or (self.stop is not None and place >= self.stop):
            return 0
        digit = int(character)
        value = digit if (place - self.first + self.doubled) % 2 else (digit * 2 if digit < 5 else digit * 2 - 9)
        return value + (self.prefix if place == self.first else 0)


def numbered(first: int, last: int, width: int) -> tuple[str, ...]:
    """Numbers of a width, zero-padded, both ends included."""
    return tuple(f"{number:0{width}d}" for number in range(first, last + 1))


def remainders(modulus: int, *, minus: bool = True) -> tuple[str, ...]:
    """The check digits 0 … modulus-1 by remainder: the remainder, or what is missing to the modulus."""
    return tuple(str((modulus - one) % modulus if minus else one) for one in range(modulus))


def luhn(doubled: int, *, prefix: int = 0) -> Check:
    """Luhn's check digit (ISO/IEC 7812-1, annex B).

    Args:
        doubled: 0 where the even places from the left are doubled, 1 where the odd.
        prefix: what a prefix that is not written adds.
    """
    return Check(10, LuhnDigits(doubled, prefix), remainders(10))


def weighted(weights: tuple[int, ...], modulus: int, characters: tuple[str, ...], *, start: int = 0) -> Check:
    """A sum of digits by weights, from a place on; places beside the weights add nothing."""
    return Check(modulus, WeightedDigits(weights, start), characters)
