"""Fifth phase: who draws what, so that all keys hold. From a table's compiled rules and foreign keys to its plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from faasera.core.copula import CorrelatedStream, ranked
from faasera.core.draws import UniformDraw
from faasera.core.streams import Stream
from faasera.generators.generator import Choice, Drawn, Generator, WithNulls
from faasera.generators.lists import typed_values
from faasera.generators.reference import ParentValue
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.columns import Columns, Compiled
from faasera.plan.correlations import correlated_streams
from faasera.plan.evaluate import Rows
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.link import CardinalityLink, Link
from faasera.plan.links import claimed
from faasera.plan.links.claim import Claim, Drawing
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, TablePlan
from faasera.plan.relations import Relation
from faasera.plan.uniqueness import Member, Uniqueness, column_member


@dataclass(frozen=True, eq=False)
class Decided:
    """A table whose keys hold.

    Attributes:
        drawing: the table.
        columns: what its rules come to, by name.
        claims: of its foreign keys.
        members: what is drawn, each with its draw.
        satisfied: tuples that are unique.
    """

    drawing: Drawing
    columns: Mapping[str, Compiled]
    claims: Mapping[str, Claim]
    members: Mapping[str, Member]
    satisfied: frozenset[frozenset[str]]


def decide(frame: Frame, columns: Columns, table: TableFrame, tables: Rows) -> Decided:
    """Decide all draws of a table; keys that cannot hold are reported with the arithmetic."""
    drawing, own = Drawing(frame, table, columns, tables), columns.by_table[table.name]
    claims = {name: claimed(drawing, relation) for name, relation in table.relations.items()}
    members = {name: claim.member for name, claim in claims.items() if claim.member is not None}
    uniqueness = Uniqueness(
        table.name,
        table.row_count,
        frame.seed,
        {**members, **_column_members(drawing, own)},
        {name: one.made.facts for name, one in own.items() if isinstance(one.made, Generator)},
        _family(table),
    )
    uniqueness.satisfied += [columns for claim in claims.values() for columns in claim.satisfied]
    for relation in table.relations.values():
        for part in _parts_of_keys(frame, table, relation):
            uniqueness.require(relation.columns, relation.problems)
            uniqueness.satisfied.append(frozenset(part))
    for key in table.keys.ordered:
        distinct = bool(key.columns) and len(set(key.columns)) == len(key.columns)
        if distinct and all(drawing.made(column) is not None for column in key.columns):
            uniqueness.require(key.columns, drawing.problems.at(*key.place))
    return Decided(drawing, own, claims, uniqueness.settled(), frozenset(uniqueness.satisfied))


def draw(decided: Decided) -> TablePlan | None:
    """The plan of a table whose draws are decided; None after problems were reported."""
    drawing, table = decided.drawing, decided.drawing.table
    with drawing.problems.expected_none() as fine:
        links = _links(decided)
        columns = [_column(decided, name) for name in table.order]
    if not fine or any(column is None for column in columns):
        return None
    return TablePlan(
        table.name,
        table.row_count,
        tuple(column for column in columns if column is not None),
        table.outline.policy.primary_key_column,
        tuple(dict.fromkeys(key.columns for key in table.keys.ordered)),
        {name: _foreign_key(decided, relation, links[name]) for name, relation in table.relations.items()},
        table.family.link if table.family is not None else None,
    )


def _family(table: TableFrame) -> tuple[frozenset[str], CardinalityLink] | None:
    family = table.family
    return (frozenset(family.relation.columns), family.link) if family is not None and family.link else None


def _parts_of_keys(frame: Frame, table: TableFrame, relation: Relation) -> list[tuple[str, ...]]:
    """Unique tuples within a foreign key that are a key of the parent, too: each parent has one child at most."""
    if relation.when is not None or relation.own or relation.policy.children_per_parent is not None:
        return []
    keys = frame.parent(relation).keys
    return [
        columns
        for columns in table.keys.within(relation.columns)
        if set(columns) < set(relation.columns) and keys.has(relation.target(column) for column in columns)
    ]


def _links(decided: Decided) -> dict[str, Link]:
    links: dict[str, Link] = {}
    for claim in decided.claims.values():
        drawn = decided.members[claim.member.name].draw if claim.member is not None else None
        links |= claim.links(drawn)
    return links


def _foreign_key(decided: Decided, relation: Relation, link: Link) -> ForeignKeyPlan:
    fraction = 0.0 if relation.is_forest else float(relation.policy.null_fraction)
    when = tuple((column, _scalar(decided, column, value)) for column, value in (relation.when or {}).items())
    return ForeignKeyPlan(
        relation.name,
        relation.columns,
        relation.parent,
        relation.parent_columns,
        link,
        fraction,
        decided.drawing.stream(relation, "parent null"),
        when,
        relation.existing,
        relation.word,
    )


def _scalar(decided: Decided, column: str, value: object) -> pa.Scalar:
    return typed_values([value], decided.columns[column].made.facts.data_type)[0]


# columns


def _column_members(drawing: Drawing, columns: Mapping[str, Compiled]) -> dict[str, Member]:
    correlated, members = correlated_streams(drawing), {}
    for name, compiled in columns.items():
        if isinstance(compiled.made, Choice):
            place = drawing.problems.at("columnRuleMap", name, "distribution")
            stream = Stream(drawing.frame.seed, drawing.table.name, name, "value")
            member = column_member(compiled.made, name, stream, place)
            if name in correlated:
                member = replace(member, stream=correlated[name])
            members[f"column {name}"] = member
    return members


def _column(decided: Decided, name: str) -> ColumnPlan | None:
    """The plan of a column; None after a problem was reported."""
    drawing, outline = decided.drawing, decided.drawing.table.outline
    compiled = decided.columns.get(name)
    if compiled is None:
        return None
    rule = outline.rules.get(name)
    generator = _drawn(decided.members[f"column {name}"]) if isinstance(compiled.made, Choice) else compiled.made
    if generator is None:
        return None
    if isinstance(generator, ParentValue) and frozenset([name]) in decided.satisfied:
        generator = replace(generator, one_to_one=True)
    if rule is not None and rule.null_fraction:
        nulls = Stream(drawing.frame.seed, drawing.table.name, name, "null")
        generator = WithNulls(generator, float(rule.null_fraction), nulls)
    if name == CHILD_NUMBER:
        return ColumnPlan(name, generator, "CHILD NUMBER", True)
    label = rule.type if rule is not None else ("FOREIGN KEY" if name in outline.foreign_columns else "(no rule)")
    hidden = bool(rule and rule.hidden)
    return ColumnPlan(name, generator, label, hidden, compiled.meaning, compiled.files, compiled.encodes)


def _drawn(member: Member) -> Drawn | None:
    """A column that is drawn; None after a problem was reported."""
    assert member.domain is not None
    draw = member.draw
    if isinstance(member.stream, CorrelatedStream):
        draw = ranked(draw or UniformDraw(member.domain.size, member.stream))
        if draw is None:
            message = "this distribution has no order that could move with others"
            member.problems.add("correlation", message, "Use another, or drop the correlation.")
            return None
    return Drawn(member.domain, draw, member.stream)
