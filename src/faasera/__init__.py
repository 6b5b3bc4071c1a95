"""Faasera: a synthetic data engine. A JSON policy goes in; realistic, related, provably non-real tables come out.

>>> import faasera
>>> policy = {"tableName": "people", "rowCount": 2, "columnRuleMap": {"id": {"type": "SEQUENCE"}}}
>>> faasera.generate(policy)["people"].to_pydict()
{'id': [1, 2]}
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from faasera.core.version import __version__

if TYPE_CHECKING:
    from faasera.core.errors import FaaseraError, PolicyError, Problem, RunError
    from faasera.run.check.check import check
    from faasera.run.check.findings import Finding
    from faasera.run.check.report import CheckReport
    from faasera.run.dataset import Dataset, Table, generate, load
    from faasera.run.importing import Imported, import_schema
    from faasera.run.manifest import Manifest
    from faasera.run.privacy.privacy import compare_with as privacy
    from faasera.run.report.report import make_report as report

_HOMES = {
    "CheckReport": "faasera.run.check.report",
    "Dataset": "faasera.run.dataset",
    "FaaseraError": "faasera.core.errors",
    "Finding": "faasera.run.check.findings",
    "Imported": "faasera.run.importing",
    "Manifest": "faasera.run.manifest",
    "PolicyError": "faasera.core.errors",
    "Problem": "faasera.core.errors",
    "RunError": "faasera.core.errors",
    "Table": "faasera.run.dataset",
    "check": "faasera.run.check.check",
    "generate": "faasera.run.dataset",
    "import_schema": "faasera.run.importing",
    "load": "faasera.run.dataset",
    "privacy": "faasera.run.privacy.privacy:compare_with",
    "report": "faasera.run.report.report:make_report",
}
__all__ = [
    "CheckReport",
    "Dataset",
    "FaaseraError",
    "Finding",
    "Imported",
    "Manifest",
    "PolicyError",
    "Problem",
    "RunError",
    "Table",
    "__version__",
    "check",
    "generate",
    "import_schema",
    "load",
    "privacy",
    "report",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that ``import faasera`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'faasera' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute or name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
