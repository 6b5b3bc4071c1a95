"""The report as one HTML file: no script, no link to anywhere, light and dark, for screens and for paper."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from faasera.core.extras import require
from faasera.run.report.charts import chart, title_of
from faasera.run.report.diagram import diagram, hidden_tables
from faasera.run.report.report import written_at

_UNITS = ("B", "kB", "MB", "GB", "TB")


def page(report: Mapping[str, Any]) -> str:
    """The page of a report.

    Args:
        report: as ``Report.as_dict`` has it.

    Raises:
        PolicyError: Jinja is not installed.
    """
    require("jinja2", extra="check", purpose="the page")
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["size"] = size
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.filters["share"] = lambda part, whole: f"{part / whole:.1%}" if whole else "–"
    folder = files("faasera.run.report") / "templates"
    return environment.from_string((folder / "report.html").read_text(encoding="utf-8")).render(
        report=report,
        style=Markup((folder / "report.css").read_text(encoding="utf-8")),
        written=written_at(report),
        diagram=Markup(diagram(report["tables"])),
        hidden=hidden_tables(report["tables"]),
        chart=lambda column: Markup(chart(column["name"], column["profile"])),
        title_of=title_of,
    )


def size(bytes: float) -> str:
    """A number of bytes as people say it, the last unit for all that is larger.

    >>> size(1234), size(5_000_000)
    ('1.2 kB', '5.0 MB')
    """
    if bytes < 1000:
        return f"{bytes:.0f} B"
    power = next((power for power in range(1, len(_UNITS)) if bytes < 1000 ** (power + 1)), len(_UNITS) - 1)
    return f"{bytes / 1000**power:.1f} {_UNITS[power]}"
