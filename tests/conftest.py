"""What all tests share."""

import os
from pathlib import Path

import hypothesis
import pytest
from policies import ROOT

hypothesis.settings.register_profile("faasera", deadline=None, max_examples=40, derandomize=True)
hypothesis.settings.load_profile("faasera")
os.environ["COLUMNS"] = "160"


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
