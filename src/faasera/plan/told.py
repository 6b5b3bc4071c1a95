"""What a plan tells of what it was made of: digests, and warnings for a person."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from faasera.core.streams import STREAM_VERSION
from faasera.generators.workshop import Workshop
from faasera.plan.columns import Columns
from faasera.plan.outline import Outline
from faasera.plan.relations import Relations


def inputs_of(workshop: Workshop, relations: Relations) -> dict[str, str]:
    """The digests of all files and existing rows that values are made from."""
    files = {file.path: None for file in workshop.seed_files if file is not None}
    digests = {path.name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in files}
    return digests | {name: existing.digest for name, existing in relations.existing.items()}


def warnings_of(outline: Outline, workshop: Workshop, columns: Columns) -> tuple[str, ...]:
    """What a person should know and may ignore."""
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
