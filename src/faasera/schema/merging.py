"""A policy of an earlier import, after its source has changed: what drifted, with a person's edits kept."""

import copy
import re
from dataclasses import dataclass
from typing import Any

Rules = dict[str, Any]


@dataclass(frozen=True)
class Drift:
    """One difference between a policy and its source.

    Attributes:
        kind: ``+`` for what is new, ``-`` for what is gone, ``~`` for what is different.
        table: where.
        subject: the column or constraint; empty for the table itself.
        text: what was done about it.
    """

    kind: str
    table: str
    subject: str
    text: str


def merge(existing: dict[str, Any], fresh: dict[str, Any]) -> tuple[dict[str, Any], list[Drift]]:
    """The existing policy brought up to date with a fresh import of the same source.

    A rule that still carries its ``guess`` follows the source; one that a person has changed is kept, and only what
    the source no longer allows is put right.

    Args:
        existing: the policy as it stands, a pipeline or one table.
        fresh: what an import makes of the source today.
    """
    merged = copy.deepcopy(existing)
    drifts: list[Drift] = []
    if "tables" not in merged:
        merged = {"tables": [merged]}
    old = {table["tableName"]: table for table in merged["tables"]}
    new = {table["tableName"]: table for table in fresh["tables"]}
    for name in old:
        if name not in new:
            drifts.append(Drift("-", name, "", "is no longer in the source, and was taken out"))
    tables = []
    for name, table in new.items():
        if name in old:
            tables.append(_merge_table(old[name], table, drifts))
        else:
            drifts.append(Drift("+", name, "", "is new"))
            tables.append(table)
    order = {name: place for place, name in enumerate(old)}
    merged["tables"] = sorted(tables, key=lambda table: order.get(table["tableName"], len(order)))
    return merged, drifts


def _merge_table(old: Rules, new: Rules, drifts: list[Drift]) -> Rules:
    merged = dict(old)
    name = new["tableName"]
    for key in ("primaryKeyColumn", "compositeKeyColumn"):
        if old.get(key) != new.get(key):
            drifts.append(Drift("~", name, key, f"was {old.get(key) or 'not there'}, and is {new.get(key) or 'gone'}"))
            merged.pop(key, None)
            if key in new:
                merged[key] = new[key]
    _merge_rows(merged, old, new, drifts)
    _merge_unique(merged, old, new, drifts)
    _merge_foreign(merged, old, new, drifts)
    _merge_checks(merged, old, new, drifts)
    if any("childrenPerParent" in key for key in merged.get("foreignKeys", [])):
        merged.pop("rowCount", None)
    merged["columnRuleMap"] = _merge_columns(name, old["columnRuleMap"], new["columnRuleMap"], drifts)
    return merged


def _merge_rows(merged: Rules, old: Rules, new: Rules, drifts: list[Drift]) -> None:
    """A table that an import left without rows has some again once its source can be met, unless a person said how many."""
    if "guess" not in old or old.get("rowCount") != 0 or old["guess"] == new.get("guess"):
        return
    for key in ("rowCount", "guess"):
        merged.pop(key, None)
        if key in new:
            merged[key] = new[key]
    drifts.append(Drift("~", new["tableName"], "", new.get("guess") or "has rows again"))


def _merge_unique(merged: Rules, old: Rules, new: Rules, drifts: list[Drift]) -> None:
    known = [set(key) for key in old.get("uniqueKeys", [])]
    added = [key for key in new.get("uniqueKeys", []) if set(key) not in known]
    columns = set(new["columnRuleMap"]) | {new.get("primaryKeyColumn")}
    kept = [key for key in old.get("uniqueKeys", []) if set(key) <= columns]
    drifts += [Drift("+", new["tableName"], f"unique ({', '.join(key)})", "is new") for key in added]
    if kept or added:
        merged["uniqueKeys"] = [*kept, *added]
    else:
        merged.pop("uniqueKeys", None)


def _identity(key: Rules) -> tuple[Any, ...]:
    references = key["references"] if isinstance(key["references"], list) else [key["references"]]
    return tuple(key["columns"]), tuple(one.get("table") or one.get("file") for one in references)


def _merge_foreign(merged: Rules, old: Rules, new: Rules, drifts: list[Drift]) -> None:
    known = {_identity(key): key for key in old.get("foreignKeys", [])}
    fresh = {_identity(key): key for key in new.get("foreignKeys", [])}
    found = [known.get(identity, key) for identity, key in fresh.items()]
    # What a person wrote beside the source's own keys stays: references to files, and polymorphic ones.
    found += [
        key
        for identity, key in known.items()
        if identity not in fresh and (isinstance(key["references"], list) or "table" not in key["references"])
    ]
    for sign, group, others in (("+", fresh, known), ("-", known, fresh)):
        for columns, tables in group:
            if (columns, tables) not in others:
                subject = f"{', '.join(columns)} → {', '.join(map(str, tables))}"
                drifts.append(Drift(sign, new["tableName"], subject, "is new" if sign == "+" else "is gone"))
    if found:
        merged["foreignKeys"] = found
    else:
        merged.pop("foreignKeys", None)


def _merge_checks(merged: Rules, old: Rules, new: Rules, drifts: list[Drift]) -> None:
    known = {check.get("name"): check for check in old.get("checks", [])}
    fresh = {check.get("name"): check for check in new.get("checks", [])}
    found = []
    for name, check in fresh.items():
        before = known.get(name)
        if before is None:
            drifts.append(Drift("+", new["tableName"], f"check {name}", "is new"))
        elif before.get("expression") != check.get("expression") and not before.get("assumed"):
            drifts.append(
                Drift("~", new["tableName"], f"check {name}", f"is {check.get('expression') or check.get('sql')}")
            )
        found.append(before if before is not None and before.get("assumed") else check)
    # What earlier versions numbered has its own name now.
    numbered = re.compile(rf"{re.escape(str(new['tableName']))} check \d+")
    kept = {name: check for name, check in known.items() if name not in fresh}
    found += [one for name, one in kept.items() if one.get("assumed") or not numbered.fullmatch(str(name))]
    if found:
        merged["checks"] = found
    else:
        merged.pop("checks", None)


def _merge_columns(table: str, old: Rules, new: Rules, drifts: list[Drift]) -> Rules:
    merged: Rules = {}
    for column, rule in new.items():
        before = old.get(column)
        if before is None:
            drifts.append(Drift("+", table, column, f"is new ({rule.get('databaseType', 'a key')})"))
            merged[column] = rule
        else:
            merged[column] = _merge_rule(table, column, before, rule, drifts)
    for column, rule in old.items():
        if column not in new and rule.get("hidden"):
            merged[column] = rule
        elif column not in new:
            drifts.append(Drift("-", table, column, "is gone"))
    return merged


def _merge_rule(table: str, column: str, old: Rules, new: Rules, drifts: list[Drift]) -> Rules:
    if bool(old) != bool(new):
        drifts.append(Drift("~", table, column, "is no foreign key any more" if new else "is a foreign key now"))
        return new
    was, now = old.get("databaseType"), new.get("databaseType")
    required = old.get("nullFraction") and "nullFraction" not in new and old.get("type") == new.get("type")
    if was == now and not (required and old.get("guess")):
        return old
    if old.get("guess") or was is None:
        if was is not None:
            drifts.append(Drift("~", table, column, f"was {was}, and is {now}: the rule was made anew"))
        return new if old.get("guess") else old
    drifts.append(Drift("~", table, column, f"was {was}, and is {now}: your rule was kept"))
    kept = {**old, "databaseType": now} if now else {key: value for key, value in old.items() if key != "databaseType"}
    limit = new.get("maxLength")
    if limit is not None and kept.get("maxLength", limit) > limit:
        kept["maxLength"] = limit
    return kept
