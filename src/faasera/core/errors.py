"""Errors as data: what is wrong, where, and what to do about it."""

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from faasera.core.codes import number_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person can put right.

    Attributes:
        pointer: JSON Pointer (RFC 6901) into the policy; empty for the whole document or for the call itself.
        code: stable, short, for programs (``unknown-key``).
        message: what is wrong and why.
        remedy: what to do.
        room: of a table with more rows than can be, how many there can be; None where that is not the matter.
    """

    pointer: str
    code: str
    message: str
    remedy: str
    room: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """The problem on one line."""
        where = f"{self.pointer}: " if self.pointer else ""
        return f"{where}{self.message} [{self.label}] {self.remedy}".rstrip()

    @property
    def label(self) -> str:
        """The code with its number, as people are shown it."""
        number = number_of(self.code)
        return f"{self.code}, {number}" if number else self.code

    def as_dict(self) -> dict[str, str]:
        """What a person reads and the code's number, for JSON."""
        told = {"pointer": self.pointer, "code": self.code, "message": self.message, "remedy": self.remedy}
        return {**told, "number": number_of(self.code)}

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> "Problem":
        """What ``as_dict`` gave, perhaps of another process."""
        return cls(values["pointer"], values["code"], values["message"], values["remedy"])


class FaaseraError(Exception):
    """Base of every error that is meant for a person; carries its problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class PolicyError(FaaseraError):
    """The policy or the call is wrong; nothing was generated."""


class RunError(FaaseraError):
    """A run failed after it began; nothing is left under a final name."""


def refuse(
    code: str,
    message: str,
    remedy: str,
    *,
    at: str = "",
    kind: type[FaaseraError] = PolicyError,
    cause: BaseException | None = None,
) -> NoReturn:
    """Raise one problem.

    Args:
        code: as in ``Problem``.
        message: as in ``Problem``.
        remedy: as in ``Problem``.
        at: the JSON Pointer of the place; empty for the call itself.
        kind: of the error.
        cause: what led to it, where that helps whoever reads a traceback.

    Raises:
        FaaseraError: of that kind, with this problem.
    """
    raise kind([Problem(at, code, message, remedy)]) from cause


def pointer(*parts: str | int) -> str:
    """The JSON Pointer (RFC 6901) of a path.

    >>> pointer("columnRuleMap", "a/b", 0)
    '/columnRuleMap/a~1b/0'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A remedy that names the nearest choices, or all of a short list.

    >>> did_you_mean("colum", ["column", "header"])
    "Did you mean 'column'?"
    """
    known = sorted(set(choices))
    folded = {choice.casefold(): choice for choice in known}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=2, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(f"'{folded[match]}'" for match in near) + "?"
    if not known:
        return "There is none to choose from."
    shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
    return f"Choose one of: {shown}."


class NoneAdded:
    """True as long as nothing is added to a list of problems.

    Args:
        found: the list, perhaps with problems in it already.
    """

    def __init__(self, found: Sequence[Problem]) -> None:
        self._found = found
        self._before = len(found)

    def __bool__(self) -> bool:
        """Whether nothing was added."""
        return len(self._found) == self._before


class Problems:
    """Collects problems under a place in the policy, so that all of them are reported at once."""

    def __init__(self, path: Sequence[str | int] = (), found: list[Problem] | None = None) -> None:
        self.path = tuple(path)
        self.found: list[Problem] = [] if found is None else found

    def at(self, *parts: str | int) -> "Problems":
        """The same collection, looking at a place further down."""
        return Problems((*self.path, *parts), self.found)

    def add(
        self, code: str, message: str, remedy: str, *, at: Sequence[str | int] = (), room: int | None = None
    ) -> None:
        """Record a problem at this place, or at a path below it."""
        problem = Problem(pointer(*self.path, *at), code, message, remedy, room)
        if problem not in self.found:
            self.found.append(problem)

    def add_all(self, problems: Iterable[Problem]) -> None:
        """Record problems that were collected apart."""
        self.found += [problem for problem in problems if problem not in self.found]

    @contextlib.contextmanager
    def expected_none(self) -> Iterator[NoneAdded]:
        """Do something that may report problems, here or elsewhere in this collection.

        Returns:
            Whether nothing was reported, to be asked afterwards: ``if fine:``.
        """
        yield NoneAdded(self.found)

    def raise_any(self) -> None:
        """Raise everything found so far.

        Raises:
            PolicyError: if anything was found.
        """
        if self.found:
            raise PolicyError(self.found)
