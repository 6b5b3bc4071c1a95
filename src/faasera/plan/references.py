"""The columns of foreign keys: their parents' values."""

from collections.abc import Sequence

from faasera.generators.generator import Generator
from faasera.generators.reference import FirstOf, Parents, ParentValue
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.known import Knows, Trail
from faasera.plan.relations import Relation


def parent_value(frame: Frame, knows: Knows, table: TableFrame, column: str, trail: Trail) -> Generator | None:
    """The value of a foreign key's column in the row's parent; None after problems were reported."""
    references = _References(frame, knows, table, column, trail)
    relations = [relation for relation in table.relations.values() if column in relation.columns]
    component = next((one for one in table.components if column in one.columns), None)
    if component is not None:
        relations = [one for one in component.relations if column in one.columns]
    if len(relations) < 2:
        return references.of_one(relations[0]) if relations else None
    if component is not None:
        return references.of_agreeing(relations)
    if len({relation.foreign_key for relation in relations}) > 1:
        message = f"'{column}' belongs to several foreign keys, and one of them has several parents"
        relations[1].problems.add("shared-columns", message, "Use another column.", at=["columns"])
        return None
    return references.of_several(relations)


class _References:
    """One column of foreign keys."""

    def __init__(self, frame: Frame, knows: Knows, table: TableFrame, column: str, trail: Trail) -> None:
        self.frame = frame
        self.knows = knows
        self.table = table
        self.column = column
        self.trail = trail

    def of_one(self, relation: Relation, *, bare: bool = False) -> ParentValue | None:
        """The value of the only parent.

        Args:
            relation: the foreign key.
            bare: whether rows without a parent have a value nevertheless, as another foreign key needs it.
        """
        parent = self.frame.parent(relation)
        if relation.weight_column is not None and relation.weight_column in parent.order:
            self.knows.parents_column(relation, relation.weight_column, self.trail)
        source = self._source(relation)
        if source is None:
            return None
        parents = Parents.BARE if bare else Parents.MASKED
        if not parent.row_count:
            parents = Parents.ABSENT
        optional = relation.optional and not bare
        target = relation.target(self.column)
        return ParentValue((relation.name,), parent.name, target, source, parents=parents, optional=optional)

    def of_agreeing(self, relations: Sequence[Relation]) -> ParentValue | None:
        """The value of parents that agree: the leading one's."""
        value = self.of_one(relations[0], bare=True)
        if value is None:
            return None
        others = [self._source(one) for one in relations if not one.own]
        types = {str(source.facts.data_type) for source in others if source is not None}
        return value if self._is_one_type(types, relations[1], "columns") else None

    def of_several(self, relations: Sequence[Relation]) -> FirstOf | None:
        """The value of whichever of several possible parents the row has."""
        values = []
        for relation in relations:
            value = self.of_one(relation)
            if value is None:
                return None
            values.append(value)
        types = {str(value.facts.data_type) for value in values}
        if not self._is_one_type(types, relations[0], "references"):
            return None
        return FirstOf(tuple(values), self._may_be_none(relations, values))

    def _may_be_none(self, relations: Sequence[Relation], values: Sequence[ParentValue]) -> bool:
        """Whether a row may have none of several parents, or one without a value."""
        chosen = sorted({name for relation in relations for name in relation.when or {}})
        known = [self.knows.known(self.table.name, name, self.trail) for name in chosen]
        if any(one is None or one.facts.nullable for one in known):
            return True
        return any(value.source.facts.nullable for value in values) or bool(relations[0].policy.null_fraction)

    def _source(self, relation: Relation) -> Generator | None:
        return self.knows.parents_column(relation, relation.target(self.column), self.trail)

    def _is_one_type(self, types: set[str], relation: Relation, at: str) -> bool:
        if len(types) > 1:
            message = f"'{self.column}' refers to keys of different types: {', '.join(sorted(types))}"
            relation.problems.add("data-type", message, "Refer to keys of one type.", at=[at])
        return len(types) < 2
