"""All keys of a table: one after the other, and those that share columns together where that is the only way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from faasera.core.draws import Draw, PermutedDraw, TupleDraw, strides
from faasera.core.errors import Problem, Problems
from faasera.core.streams import Permutation, Stream
from faasera.plan.arrangement import ArrangedDraw, Base, Key, Members, arranged, most_rows, touching
from faasera.plan.link import CardinalityLink
from faasera.plan.uniqueness import Member, SiblingRankDraw, Uniqueness


@dataclass(frozen=True)
class Wanted:
    """A tuple of columns that is to be unique.

    Attributes:
        columns: of the tuple.
        problems: where to report.
        part: a part of it that is unique with it; None for none.
        reason: why, where the table itself does not ask for it.
        empty: whether one of the columns never has a value, so that the tuple is unique anyhow.
    """

    columns: tuple[str, ...]
    problems: Problems
    part: frozenset[str] | None = None
    reason: str = ""
    empty: bool = False


def require_all(
    uniqueness: Uniqueness, wanted: Sequence[Wanted], telling: Mapping[str, Sequence[frozenset[str]]]
) -> None:
    """Decide the draws of a table so that all keys hold, or report those for which there is no way.

    Args:
        uniqueness: of the table.
        wanted: its keys.
        telling: of each member the columns that tell its value alone, where these are not all of its columns.
    """
    before = replace(uniqueness, members=dict(uniqueness.members), satisfied=list(uniqueness.satisfied))
    failed = _one_by_one(uniqueness, wanted)
    if not failed or uniqueness.rows <= 1:
        return
    overlaps = _Overlaps(before, wanted, list(failed), telling)
    decided = overlaps.decided()
    if decided is None:
        said = set[str]()
        for key, found in failed.items():
            told = [one for one in overlaps.told(key, found) if one.message not in said]
            said |= {one.message for one in told}
            why = f"; {key.reason}" if key.reason else ""
            key.problems.add_all(replace(one, message=one.message + why) for one in told)
        return
    uniqueness.members, uniqueness.satisfied = decided.members, decided.satisfied


def _one_by_one(uniqueness: Uniqueness, wanted: Sequence[Wanted]) -> dict[Wanted, list[Problem]]:
    """The keys that cannot hold beside those before them, each with what is wrong."""
    failed: dict[Wanted, list[Problem]] = {}
    for key in wanted:
        apart = Problems(key.problems.path)
        uniqueness.require(key.columns, apart)
        if apart.found and not key.empty:
            failed[key] = apart.found
        if key.part is not None:
            uniqueness.satisfied.append(key.part)
    return failed


class _Overlaps:
    """Keys that are decided together.

    Attributes:
        before: the table with nothing decided.
        free: its members that can be arranged.
        keys: of each key the members that it can be told by; none of keys that hold by themselves.
        together: the keys that hang together with those that failed.
    """

    def __init__(
        self,
        before: Uniqueness,
        wanted: Sequence[Wanted],
        failed: Sequence[Wanted],
        telling: Mapping[str, Sequence[frozenset[str]]],
    ) -> None:
        self.before = before
        self.wanted = wanted
        self.telling = telling
        given = {name: member.without_repetitions() for name, member in before.members.items() if member.draw is None}
        self.free = {name: one for name, one in given.items() if one.distinct and one.uniform and one.size}
        late = frozenset(name for name, one in self.free.items() if one.domain is None)
        self.members = Members({name: one.size for name, one in self.free.items()}, late)
        self.keys = {key: self._telling(key) for key in wanted if not self._holds(key)}
        groups = touching(list(self.keys.values()))
        near = [group for group in groups if any(self.keys.get(key) in group for key in failed)]
        self.together = [key for key, told in self.keys.items() if any(told in group for group in near)]

    def _problems_alone(self, key: Wanted) -> list[Problem]:
        """What is wrong with a key where there is no other."""
        alone = replace(self.before, members=dict(self.before.members), satisfied=list(self.before.satisfied))
        apart = Problems(key.problems.path)
        alone.require(key.columns, apart)
        return apart.found

    def _holds(self, key: Wanted) -> bool:
        """Whether a key holds whatever is drawn."""
        alone = replace(self.before, members={}, satisfied=list(self.before.satisfied))
        apart = Problems()
        alone.require(key.columns, apart)
        return not apart.found

    def _telling(self, key: Wanted) -> Key:
        """The members that a key has the values of."""
        columns = set(key.columns)
        return frozenset(name for name in self.free if self._shown(name, columns) is not None)

    def _shown(self, name: str, columns: set[str]) -> frozenset[str] | None:
        """Those of the columns that tell a member's value; None where they do not."""
        whole = frozenset(self.free[name].columns)
        return next((one for one in (whole, *self.telling.get(name, ())) if one <= columns), None)

    # deciding

    def decided(self) -> Uniqueness | None:
        """The table with all keys decided; None where no way was found."""
        family = [key for key in self.together if self._is_of_family(key)]
        others = [key for key in self.together if key not in family]
        ways = [[(self.together, False)]]
        if family:
            ways += [[(others, False), (family, True)], [(family, True), (others, False)]]
        for way in ways:
            made = replace(self.before, members=dict(self.before.members), satisfied=list(self.before.satisfied))
            added = all(self._add(made, keys, siblings=siblings) for keys, siblings in way if keys)
            if added and not _one_by_one(made, self.wanted):
                return made
        return None

    def _is_of_family(self, key: Wanted) -> bool:
        return self.before.family is not None and self.before.family[0] <= set(key.columns)

    def _add(self, made: Uniqueness, keys: Sequence[Wanted], *, siblings: bool) -> bool:
        """Arrange keys; False where that cannot be."""
        taken = {name for name in self.free if made.members[name].draw is not None}
        left = [key for key in keys if not any(known <= set(key.columns) for known in made.satisfied)]
        bases = arranged(self.members, [self.keys[key] - taken for key in left], self._rows(siblings=siblings))
        for base in bases or ():
            made.members |= self._drawn(base, siblings=siblings)
            made.satisfied += self._satisfied(base, left, siblings=siblings)
        return bases is not None

    def _rows(self, *, siblings: bool) -> int:
        return self._link.largest if siblings else self.before.rows

    @property
    def _link(self) -> CardinalityLink:
        assert self.before.family is not None
        return self.before.family[1]

    def _drawn(self, base: Base, *, siblings: bool) -> dict[str, Member]:
        names = sorted(base.parts)
        stream = Stream(self.before.seed, self.before.table, "+".join(names), "arranged")
        if len(names) == 1 and not siblings:
            member = self.free[names[0]]
            return {names[0]: replace(member, draw=PermutedDraw(base.size, member.stream))}
        numbers: Draw = TupleDraw(base.size, 1, Permutation(base.size, stream))
        if siblings:
            steps = strides(base.size, stream.sub("steps"))
            numbers = SiblingRankDraw(base.size, 1, base.size, stream, steps, self._link.foreign_key)
        shown = {name: _label(self.free[name]) for name in names}
        return {
            name: replace(
                self.free[name],
                draw=ArrangedDraw(
                    self.free[name].size, numbers, part, tuple(shown[one] for one in names if one != name)
                ),
            )
            for name, part in base.parts.items()
        }

    def _satisfied(self, base: Base, keys: Sequence[Wanted], *, siblings: bool) -> list[frozenset[str]]:
        """The columns that are unique by a base."""
        found = []
        for key in keys:
            columns = set(key.columns)
            for told in base.keys:
                shown = [self._shown(name, columns) for name in told]
                if all(one is not None for one in shown):
                    family = self.before.family[0] if siblings and self.before.family is not None else frozenset[str]()
                    found.append(family.union(*(one for one in shown if one is not None)))
        return found

    # telling

    def told(self, key: Wanted, found: Sequence[Problem]) -> list[Problem]:
        """What is wrong with a key: by itself, or only beside the others."""
        rows, told = self.before.rows, self.keys.get(key, frozenset())
        alone = self._problems_alone(key)
        if alone or self._is_of_family(key) or not told:
            return alone or list(found)
        group = next(group for group in touching(list(self.keys.values())) if told in group)
        beside = [one for one in self.together if self.keys[one] in group and not self._is_of_family(one)]
        most = most_rows(self.members, [self.keys[one] for one in beside], rows)
        names = " and ".join(f"({', '.join(one.columns)})" for one in beside)
        message = f"{names} share columns: {rows:,} rows asked, and a way was found for {most:,}"
        apart = Problems(key.problems.path)
        apart.add("domain-too-small", message, "Ask for fewer rows, or give the columns more values.", room=most)
        return apart.found


def _label(member: Member) -> str:
    return "+".join(member.columns)
