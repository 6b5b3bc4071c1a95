"""Where the values of each column come from, and what may therefore be said of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from faasera.plan.model import ColumnPlan, Plan, TablePlan

GENERATED, DERIVED, ENCODED, TAKEN = "generated", "derived", "encoded", "taken"
SYNTHETIC, PSEUDONYMISED, EXISTING = "synthetic", "pseudonymised", "existing"
TABLE, FILE, ROWS, REFERENCE = "table", "file", "rows", "reference"


@dataclass(frozen=True, order=True)
class Source:
    """A column that values come from.

    Attributes:
        kind: ``table`` of the policy, seed ``file``, ``rows`` that exist already (a file of keys, a table of a
            database), or the package's ``reference`` data.
        dataset: the table, the file, the connection and its table, or the semantic type.
        column: its name there.
    """

    kind: str
    dataset: str
    column: str

    def __str__(self) -> str:
        """As manifests name it: the table or file and its column, or the reference data."""
        return f"reference/{self.dataset}" if self.kind == REFERENCE else f"{self.dataset}.{self.column}"


@dataclass(frozen=True)
class Origin:
    """Where a column comes from.

    Attributes:
        method: ``generated`` by its rule, ``derived`` from other columns, ``encoded`` from another column by
            format-preserving encryption, or ``taken`` from rows that exist already.
        marking: ``synthetic``; ``pseudonymised`` where something that was there before the run is encoded; or
            ``existing`` where it is passed on as it is.
        sources: what the values are made from; columns that are not written are looked through.
    """

    method: str
    marking: str
    sources: tuple[Source, ...]

    def as_dict(self) -> dict[str, Any]:
        """For manifests."""
        values: dict[str, Any] = {"method": self.method, "marking": self.marking}
        if self.sources:
            values["from"] = [str(source) for source in self.sources]
        return values


class Origins:
    """The origins of all columns of a plan.

    Args:
        plan: to look at.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._markings: dict[tuple[str, str], str] = {}

    def table(self, table: TablePlan) -> Mapping[str, Origin]:
        """Those of a table's written columns, by name."""
        return {column.name: self.column(table.name, column) for column in table.visible}

    def column(self, table: str, column: ColumnPlan) -> Origin:
        """That of one column."""
        sources = tuple(dict.fromkeys(self._sources(table, column, set())))
        return Origin(self._method(table, column), self.marking(table, column), sources)

    def _method(self, table: str, column: ColumnPlan) -> str:
        if column.encodes:
            return ENCODED
        if any(source.kind == ROWS for source in self._direct(table, column)):
            return TAKEN
        return DERIVED if column.generator.uses else GENERATED

    def marking(self, table: str, column: ColumnPlan) -> str:
        """What may be said of a column's values: the least of what may be said of all that they are made from."""
        key = (table, column.name)
        if key not in self._markings:
            self._markings[key] = SYNTHETIC  # A column that needs itself in the parent adds nothing to what it is.
            self._markings[key] = self._marking(table, column)
        return self._markings[key]

    def _marking(self, table: str, column: ColumnPlan) -> str:
        if column.encodes:
            return PSEUDONYMISED if self._from_outside(table, column, set()) else SYNTHETIC
        found = {SYNTHETIC}
        for source in self._direct(table, column):
            if source.kind == ROWS:
                found.add(EXISTING)
            elif source.kind == TABLE:
                found.add(self.marking(source.dataset, self._find(source)))
        return next(mark for mark in (EXISTING, PSEUDONYMISED, SYNTHETIC) if mark in found)

    def _from_outside(self, table: str, column: ColumnPlan, seen: set[tuple[str, str]]) -> bool:
        """Whether values go back to a seed file or to rows that exist already."""
        if (table, column.name) in seen:
            return False
        seen.add((table, column.name))
        for source in self._direct(table, column):
            if source.kind in (FILE, ROWS):
                return True
            if source.kind == TABLE and self._from_outside(source.dataset, self._find(source), seen):
                return True
        return False

    def _find(self, source: Source) -> ColumnPlan:
        return self.plan.tables[source.dataset].column(source.column)

    def _direct(self, table: str, column: ColumnPlan) -> Iterator[Source]:
        """What a column is made from at the first step."""
        for file, name in column.files:
            yield Source(FILE, file, name)
        for used in column.generator.uses:
            yield self._used(table, used)
        if column.meaning is not None:
            yield Source(REFERENCE, column.meaning.semantic_type, "value")

    def _used(self, table: str, path: str) -> Source:
        """The column that a path of a rule leads to: of the row, of its parents, or of its children."""
        plan = self.plan.relatives[table]
        if any(column.name == path for column in plan.columns):
            return Source(TABLE if table in self.plan.tables else ROWS, table, path)
        steps = [(name, name) for name in self.plan.relatives]
        steps += [(word, key.parent) for key in plan.foreign_keys.values() for word in key.words]
        # The longest that fits: a file is named with its suffix, and by its stem in paths.
        word, owner = max((step for step in steps if path.startswith(f"{step[0]}.")), key=lambda step: len(step[0]))
        return self._used(owner, path[len(word) + 1 :])

    def _sources(self, table: str, column: ColumnPlan, seen: set[tuple[str, str]]) -> Iterator[Source]:
        """What a column is made from, as far as it is written somewhere."""
        seen.add((table, column.name))
        for source in self._direct(table, column):
            if source.kind != TABLE or not self._find(source).hidden:
                yield source
            elif (source.dataset, source.column) not in seen:
                yield from self._sources(source.dataset, self._find(source), seen)


def not_synthetic(origins: Mapping[str, Origin]) -> dict[str, str]:
    """The columns that may not be called synthetic, with what they are."""
    return {name: origin.marking for name, origin in origins.items() if origin.marking != SYNTHETIC}


def mark(plan: Plan, table: TablePlan) -> dict[str, str]:
    """What an artefact says of itself, as keys and values: whether it is synthetic, and what made it."""
    others = not_synthetic(Origins(plan).table(table))
    return {
        "synthetic": "false" if others else "true",
        **{f"faasera.marking.{name}": marking for name, marking in others.items()},
        "faasera.table": table.name,
        "faasera.policy": plan.name,
        "faasera.policyDigest": plan.policy_digest,
        "faasera.seed": str(plan.seed),
    }
