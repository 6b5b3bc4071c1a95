"""From a parsed policy to a plan, phase by phase, with every problem of every rule and key at once."""

from collections.abc import Mapping

import pyarrow as pa

from faasera.core.kept import Kept
from faasera.generators.workshop import Workshop
from faasera.plan.acceptance import accept
from faasera.plan.columns import compile_columns
from faasera.plan.counts import count
from faasera.plan.deny import deny_list_of
from faasera.plan.evaluate import Rows
from faasera.plan.frame import frame
from faasera.plan.model import Plan
from faasera.plan.outline import outline
from faasera.plan.relations import relate
from faasera.plan.sound import Soundness
from faasera.plan.tables import plan_tables
from faasera.plan.told import inputs_of, policy_digest, warnings_of
from faasera.policy.parse import ParsedPolicy


def resolve(
    parsed: ParsedPolicy,
    default_name: str = "policy",
    *,
    kept: Kept | None = None,
    keys: Mapping[str, pa.Table] | None = None,
    offsets: Mapping[str, int] | None = None,
    early: bool = False,
) -> Plan:
    """The plan of a parsed policy.

    Args:
        parsed: the policy.
        default_name: where it has no name of its own.
        kept: running totals that are known, and how to make others.
        keys: rows of databases that are known, by the plan's name for them.
        offsets: of tables whose rows come after so many others.
        early: whether to stop before a row is made, where rules or keys have problems.

    Raises:
        PolicyError: with all problems of all tables.
    """
    kept, workshop = kept or Kept(), Workshop()
    outlined = outline(parsed)
    related = relate(outlined, keys or {})
    framed = frame(outlined, related, count(outlined, related, kept))
    deny_list = deny_list_of(outlined)
    columns = compile_columns(framed, workshop, deny_list)
    tables = Rows({name: existing.plan for name, existing in related.existing.items()}, kept)
    sound = Soundness(framed, outlined.problems.found)
    plan_tables(framed, columns, tables, offsets or {}, sound)
    if early:
        outlined.problems.raise_any()
    outlined.problems.add_all(accept(framed, tables, sound))
    outlined.problems.add_all(columns.check_problems)
    outlined.problems.raise_any()
    document = outlined.document
    return Plan(
        document.name or default_name,
        document.seed,
        document.as_of,
        {name: tables.plans[name] for name in related.order},
        parsed.source,
        policy_digest(parsed.source),
        inputs_of(workshop, related),
        warnings_of(outlined, workshop, columns),
        tables.plans,
        outlined.directory,
        deny_list,
        tuple(columns.surroundings.notes.provenance),
        kept,
        {name: existing.rows for name, existing in related.existing.items() if existing.path is None},
        tuple(sorted(workshop.own_keys.keys())),
    )
