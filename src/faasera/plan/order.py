"""Which tables are planned before others: those whose rows must be counted over, as foreign keys share columns."""

from collections.abc import Iterator

from faasera.plan.columns import Columns
from faasera.plan.components import Component
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.relations import Relation


def planning_order(frame: Frame, columns: Columns) -> tuple[str, ...]:
    """The tables, each after those that it counts over; a circle is entered at its first table."""
    order: dict[str, None] = {}
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in order or name in visiting:
            return
        visiting.add(name)
        for other in _Needs(frame, columns).of(frame.tables[name]):
            visit(other)
        order[name] = None

    for name in frame.tables:
        visit(name)
    return tuple(order)


class _Needs:
    """The tables whose rows are made while one table is planned."""

    def __init__(self, frame: Frame, columns: Columns) -> None:
        self.frame = frame
        self.columns = columns
        self._found: dict[str, None] = {}
        self._seen: set[tuple[str, str]] = set()

    def of(self, table: TableFrame) -> list[str]:
        """Those that a table's foreign keys with shared columns count over."""
        for component in table.components:
            for relation, column in _counted(component):
                self._parents_column(relation, column)
        return [name for name in self._found if name != table.name]

    def _parents_column(self, relation: Relation, column: str) -> None:
        if not relation.existing:
            self._column(self.frame.tables[relation.parent], column)

    def _column(self, table: TableFrame, column: str) -> None:
        if (table.name, column) in self._seen:
            return
        self._seen.add((table.name, column))
        self._found[table.name] = None
        for relation in table.relations.values():
            if column in relation.columns:
                self._parents_column(relation, relation.target(column))
                for other in (*(relation.when or ()), *((relation.weight_column,) if relation.weight_column else ())):
                    self._path(table, other if other in table.order else f"{relation.word}.{other}")
        made = self.columns.made(table.name, column)
        for path in made.facts.uses if made is not None else ():
            self._path(table, path)
        if not table.keys.binds(column):
            # A check may have it drawn again, until other columns fit.
            for check in self.columns.checks[table.name]:
                for path in check.value.facts.uses:
                    self._path(table, path)

    def _path(self, table: TableFrame, path: str) -> None:
        """What a rule's path leads to: a column of the row, or of another table, and all tables on the way to it."""
        if path in table.order:
            self._column(table, path)
            return
        for name in self._ancestors(table):
            self._found[name] = None
        for name, other in self.frame.tables.items():
            column = path.rpartition(".")[2]
            if path.startswith(f"{name}.") and column in other.order:
                self._column(other, column)

    def _ancestors(self, table: TableFrame) -> list[str]:
        found = {table.name: None}
        for name in found.copy():
            self._above(name, found)
        return list(found)

    def _above(self, name: str, found: dict[str, None]) -> None:
        for relation in self.frame.tables[name].relations.values():
            if not relation.existing and relation.parent not in found:
                found[relation.parent] = None
                self._above(relation.parent, found)


def _counted(component: Component) -> Iterator[tuple[Relation, str]]:
    """The parents' columns by which foreign keys agree."""
    for follower in component.followers:
        for column in component.in_common(follower):
            yield component.leader, component.leader.target(column)
            yield follower, follower.target(column)
