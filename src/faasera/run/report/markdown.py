"""The report as Markdown, for the summaries of pipelines and for reviews."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from faasera.run.report.page import size
from faasera.run.report.report import written_at


def markdown(report: Mapping[str, Any]) -> str:
    """The report in short: verdicts, tables, columns, what is broken, where it comes from.

    Args:
        report: as ``Report.as_dict`` has it.
    """
    check = report["check"]
    verdict = "✓" if check["ok"] and check["passed"] else "✗" if not check["ok"] else "–"
    lines = [f"# {_plain(report['name'])}", ""]
    if report["description"]:
        lines += [_plain(report["description"]), ""]
    lines += [
        f"- {'✓ synthetic' if report['synthetic'] else '– partly synthetic'}",
        f"- {verdict} {check['passed']:,} promises kept, {check['failed']:,} broken, "
        f"{check['skipped']:,} not looked at",
        f"- {len(report['tables'])} tables, {report['rows']:,} rows, {size(report['bytes'])} of {report['format']}, "
        f"in {report['timings']['seconds']:.1f} s",
        f"- policy `{report['policyDigest']}`, seed {report['seed']}, faasera {report['engine']['version']}, "
        f"{written_at(report)}",
    ]
    if report["privacy"]:
        privacy = report["privacy"]
        lines.append(
            f"- {'✓' if privacy['ok'] else '✗'} beside real data: {privacy['passed']} tests passed, "
            f"{privacy['failed']} failed, {privacy['skipped']} not possible"
        )
    lines += [f"- ! {_plain(warning)}" for warning in report["warnings"]]
    broken = [one for table in report["tables"] for one in table["findings"] if one["status"] == "failed"]
    if broken:
        lines += ["", "## Broken promises", ""]
        rows = ((one["table"], one["kind"], one["subject"], one.get("detail", "")) for one in broken)
        lines += _table(("table", "promise", "about", "detail"), rows)
    for table in report["tables"]:
        sampled = f"; described by a sample of {table['lookedAt']:,}" if table["sampled"] else ""
        lines += ["", f"## {_plain(table['name'])}", "", f"{table['rows']:,} rows{sampled}", ""]
        lines += _table(
            ("column", "type", "made", "null", "distinct", "least", "greatest"), map(_column(table), table["columns"])
        )
    return "\n".join(lines) + "\n"


def _column(table: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    def cells(column: Mapping[str, Any]) -> tuple[str, ...]:
        looks = column["profile"]
        made = column["method"] + ("" if column["marking"] == "synthetic" else f", {column['marking']}")
        if looks is None:
            return column["name"], column["dataType"], made, "", "", "", ""
        share = f"{looks['nulls'] / table['lookedAt']:.1%}" if table["lookedAt"] else ""
        ends = [(text or "")[:30] for text in (looks["low"], looks["high"])]
        return column["name"], column["dataType"], made, share, f"{looks['distinct']:,}", *ends

    return cells


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]


def _plain(text: str) -> str:
    """A text that means nothing to Markdown."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
