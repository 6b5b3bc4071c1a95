"""Fifth phase: who draws what, so that all keys hold. From a table's compiled rules and foreign keys to its plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from faasera.core.copula import CorrelatedStream, ranked
from faasera.core.draws import UniformDraw
from faasera.core.streams import Stream
from faasera.generators.conditional import Absent
from faasera.generators.generator import Choice, Drawn, Generator, WithNulls
from faasera.generators.lists import typed_values
from faasera.generators.reference import ParentValue
from faasera.generators.siblings import CHILD_NUMBER
from faasera.plan.cases import absences, only_absent
from faasera.plan.columns import Columns, Compiled
from faasera.plan.correlations import correlated_streams
from faasera.plan.demands import Demands
from faasera.plan.evaluate import Rows
from faasera.plan.frame import Frame, TableFrame
from faasera.plan.link import CardinalityLink, Link
from faasera.plan.links import claimed
from faasera.plan.links.claim import Claim, Drawing
from faasera.plan.model import ColumnPlan, ForeignKeyPlan, TablePlan
from faasera.plan.overlaps import Wanted, require_all
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


def decide(frame: Frame, columns: Columns, table: TableFrame, tables: Rows, demands: Demands) -> Decided:
    """Decide all draws of a table; keys that cannot hold are reported with the arithmetic.

    Args:
        frame: the policy before a rule is read.
        columns: what the rules come to.
        table: the table.
        tables: rows of the tables that are planned before.
        demands: keys that tables need because of others.
    """
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
    wanted = [
        Wanted(relation.columns, relation.problems, frozenset(part))
        for relation in table.relations.values()
        for part in _parts_of_keys(demands, table, relation)
    ]
    for one in demands.by_table.get(table.name, ()):
        wanted.append(Wanted(one.columns, drawing.problems, reason=one.reason))
    for key in table.keys.ordered:
        distinct = bool(key.columns) and len(set(key.columns)) == len(key.columns)
        if distinct and all(drawing.made(column) is not None for column in key.columns):
            empty = any(_never_there(table, column) for column in key.columns)
            wanted.append(Wanted(key.columns, drawing.problems.at(*key.place), empty=empty))
    require_all(uniqueness, wanted, _telling(demands, table))
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


def _never_there(table: TableFrame, column: str) -> bool:
    """Whether a column has a value in no row."""
    rule = table.outline.rules.get(column)
    keys = [relation.policy for relation in table.relations.values() if relation.columns == (column,)]
    return any(one is not None and one.null_fraction == 1 for one in (rule, *keys))


def _parts_of_keys(demands: Demands, table: TableFrame, relation: Relation) -> list[tuple[str, ...]]:
    """Unique tuples within a foreign key that are a key of the parent, too: each parent has one child at most."""
    if relation.several or relation.own or relation.policy.children_per_parent is not None:
        return []
    keys, asked = demands.keys_of(relation), [one.columns for one in demands.by_table.get(table.name, ())]
    return [
        columns
        for columns in [*table.keys.within(relation.columns), *asked]
        if set(columns) < set(relation.columns) and keys.has(relation.target(column) for column in columns)
    ]


def _telling(demands: Demands, table: TableFrame) -> dict[str, list[frozenset[str]]]:
    """The parts of foreign keys that are a key of the parent, and so tell which parent it is."""
    found = {}
    for name, relation in table.relations.items():
        if len(relation.columns) > 1 and not relation.existing:
            back = dict(zip(relation.parent_columns, relation.columns, strict=True))
            keys = demands.keys_of(relation).within(relation.parent_columns)
            found[name] = [frozenset(back[column] for column in key) for key in keys]
    return found


def _links(decided: Decided) -> dict[str, Link]:
    links: dict[str, Link] = {}
    for claim in decided.claims.values():
        drawn = decided.members[claim.member.name].draw if claim.member is not None else None
        links |= claim.links(drawn)
    return links


def _foreign_key(decided: Decided, relation: Relation, link: Link) -> ForeignKeyPlan:
    fraction = 0.0 if relation.is_forest else float(relation.policy.null_fraction)
    when = tuple((column, _scalars(decided, column, values)) for column, values in (relation.when or {}).items())
    return ForeignKeyPlan(
        relation.name,
        relation.columns,
        relation.parent,
        relation.parent_columns,
        link,
        fraction,
        decided.drawing.stream(relation, "parent null"),
        when,
        relation.several,
        relation.existing,
        relation.word,
    )


def _scalars(decided: Decided, column: str, values: Sequence[object]) -> tuple[pa.Scalar, ...]:
    return tuple(typed_values(list(values), decided.columns[column].made.facts.data_type))


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
    emptied = drawing.table.keys.binds(name) and only_absent(rule, outline.cases.get(name, ()))
    if rule is not None and rule.null_fraction and (rule.when is None or emptied):
        nulls = Stream(drawing.frame.seed, drawing.table.name, name, "null")
        generator = WithNulls(generator, float(rule.null_fraction), nulls)
    if emptied:
        found = absences(drawing.table, name, lambda other: drawing.columns.known(drawing.table.name, other))
        generator = Absent(generator, found)
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
