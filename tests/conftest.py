"""What all tests share."""

import contextlib
import os
from pathlib import Path

import hypothesis
import pytest
from policies import ROOT
from servers import servers

hypothesis.settings.register_profile("faasera", deadline=None, max_examples=40, derandomize=True)
hypothesis.settings.load_profile("faasera")
os.environ["COLUMNS"] = "160"


_STARTED = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database servers once, for all processes of the run."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        _STARTED.enter_context(servers())


def pytest_unconfigure() -> None:
    """Stop what was started."""
    _STARTED.close()


@pytest.fixture
def shop() -> Path:
    """The policy of the shop example."""
    return ROOT / "examples/shop/policy.json"


@pytest.fixture
def guide() -> Path:
    """The policy of the user guide."""
    return ROOT / "examples/guide/customers.json"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to say of how much they tried, from every process."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "tried":
                terminalreporter.write_line(text)
