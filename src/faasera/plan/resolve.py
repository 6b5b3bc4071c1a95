"""From a parsed policy to a plan, phase by phase, with every problem of every rule and key at once."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from faasera.core.kept import Kept
from faasera.core.streams import STREAM_VERSION
from faasera.generators.workshop import Workshop
from faasera.plan.acceptance import check_links, measured
from faasera.plan.checks import condition
from faasera.plan.columns import Columns, compile_columns
from faasera.plan.counts import count
from faasera.plan.deny import deny_list_of
from faasera.plan.draws import decide, draw
from faasera.plan.evaluate import Rows, UnplannedError
from faasera.plan.frame import Frame, frame
from faasera.plan.model import Plan
from faasera.plan.order import planning_order
from faasera.plan.outline import Outline, outline
from faasera.plan.relations import Relations, relate
from faasera.plan.shift import shifted
from faasera.policy.parse import ParsedPolicy


def resolve(
    parsed: ParsedPolicy,
    default_name: str = "policy",
    *,
    kept: Kept | None = None,
    keys: Mapping[str, pa.Table] | None = None,
    offsets: Mapping[str, int] | None = None,
) -> Plan:
    """The plan of a parsed policy.

    Args:
        parsed: the policy.
        default_name: where it has no name of its own.
        kept: running totals that are known, and how to make others.
        keys: rows of databases that are known, by the plan's name for them.
        offsets: of tables whose rows come after so many others.

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
    for name in planning_order(framed, columns):
        _plan_table(framed, columns, name, tables, (offsets or {}).get(name, 0))
    outlined.problems.raise_any()
    check_links(framed, tables)
    outlined.problems.raise_any()
    for name, table in outlined.tables.items():
        tables.plans[name] = measured(tables.plans[name], tables, table.problems)
    outlined.problems.raise_any()
    document = outlined.document
    return Plan(
        document.name or default_name,
        document.seed,
        document.as_of,
        {name: tables.plans[name] for name in related.order},
        parsed.source,
        policy_digest(parsed.source),
        _inputs(workshop, related),
        _warnings(outlined, workshop, columns),
        tables.plans,
        outlined.directory,
        deny_list,
        tuple(columns.surroundings.notes.provenance),
        kept,
        {name: existing.rows for name, existing in related.existing.items() if existing.path is None},
        tuple(sorted(workshop.own_keys.keys())),
    )


def _plan_table(frame: Frame, columns: Columns, name: str, tables: Rows, offset: int) -> None:
    """Decide a table's draws and, as long as nothing is wrong anywhere, add its plan to those of the others."""
    table = frame.tables[name]
    problems = table.outline.problems
    if table.components and problems.found:
        return  # Rows would have to be made of other tables.
    try:
        decided = decide(frame, columns, table, tables)
    except UnplannedError as missing:
        message = f"tables that share columns must be known before one another: {name} → {missing} → {name}"
        remedy = "Let one of the foreign keys in the circle have columns of its own."
        problems.add("cycle", message, remedy, at=["foreignKeys"])
        return
    if not problems.found:
        plan = draw(decided)
        if plan is not None:
            tables.plans[name] = shifted(condition(plan, columns.checks[name]), offset)


def _inputs(workshop: Workshop, relations: Relations) -> dict[str, str]:
    """The digests of all files and existing rows that values are made from."""
    files = {file.path: None for file in workshop.seed_files if file is not None}
    digests = {path.name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in files}
    return digests | {name: existing.digest for name, existing in relations.existing.items()}


def _warnings(outline: Outline, workshop: Workshop, columns: Columns) -> tuple[str, ...]:
    document = outline.document
    found = dict(columns.surroundings.notes.warnings)
    unreviewed = [f"{one.get('table')}.{one.get('column')}" for one in document.hints if not one.get("reviewed")]
    if unreviewed:
        shown = ", ".join(unreviewed[:5]) + (f" and {len(unreviewed) - 5} more" if len(unreviewed) > 5 else "")
        found[f"nobody has reviewed the hints for {shown}: faasera hints review"] = None
    asked = document.use_ai_hinting or any(table.policy.use_ai_hinting for table in outline.tables.values())
    if asked and not document.hints:
        found["'useAIHinting' has no effect: every column says itself what it holds"] = None
    files = {file.path: file for file in workshop.seed_files if file is not None}
    return *found, *(
        f"{file.path.name}: the header line '{', '.join(file.header or ())}' looks like a value; "
        'if the file has no header, say "header": false'
        for file in files.values()
        if file.header_looks_like_value()
    )


def policy_digest(policy: Mapping[str, Any]) -> str:
    """The digest of a policy's JSON value: key order, white space, and who suggested its lists play no part."""
    told = {key: value for key, value in policy.items() if key != "hints"}
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(f"{STREAM_VERSION}\0{canonical}".encode(), digest_size=16).hexdigest()
