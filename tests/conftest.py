"""What all tests share: the servers of a run, its seed, and the order of its tests."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from kinds import arrange
from policies import ROOT
from servers import shared_servers
from warm import write_programs

if TYPE_CHECKING:
    from browser import Browser

hypothesis.settings.register_profile(
    "faasera",
    deadline=None,
    max_examples=40,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("faasera")
os.environ["COLUMNS"] = "160"

SEED = "FAASERA_TEST_SEED"
_STARTED = contextlib.ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help=f"of what tests draw at random (or {SEED}); another one each run")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Tests that share what is expensive stay together; the quick ones use two cores without being asked."""
    option = config.option
    if hasattr(config, "workerinput"):
        return
    if option.markexpr == "core" and option.numprocesses is None:
        option.numprocesses = 2
    if option.numprocesses and option.dist in ("no", "load"):
        option.dist = "loadgroup"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """One seed and one set of servers for all processes of the run."""
    config.pluginmanager.register(Doctests())
    if not hasattr(config, "workerinput"):
        given = config.option.seed if config.option.seed is not None else os.environ.get(SEED)
        os.environ[SEED] = str(secrets.randbelow(10**9) if given is None else given)
        write_programs(_STARTED.enter_context(shared_servers()))
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = os.environ[SEED]


class Doctests:
    """Of the source, only modules that have examples are imported."""

    @staticmethod
    def pytest_ignore_collect(collection_path: Path) -> bool | None:
        plain = collection_path.suffix == ".py" and collection_path.is_relative_to(ROOT / "src")
        return True if plain and ">>> " not in collection_path.read_text() else None


def pytest_unconfigure() -> None:
    """Stop what was started."""
    _STARTED.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    arrange(items)


@pytest.fixture(scope="session")
def seed() -> int:
    """Of what this run draws at random."""
    return int(os.environ[SEED])


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], "Browser"]]:
    """The browser of a width, started when it is first asked for."""
    from browser import Browser

    started: dict[int, Browser] = {}

    def of(width: int) -> Browser:
        if width not in started:
            started[width] = Browser(tmp_path_factory.mktemp(f"browser-{width}"), width)
        return started[width]

    yield of
    for one in started.values():
        one.close()


@pytest.fixture
def shop() -> Path:
    """The policy of the shop example."""
    return ROOT / "examples/shop/policy.json"


@pytest.fixture
def guide() -> Path:
    """The policy of the user guide."""
    return ROOT / "examples/guide/customers.json"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to say of how much they tried, from every process, and how to see a failure again."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "tried":
                terminalreporter.write_line(text)
    terminalreporter.write_line(f"seed of this run: {os.environ[SEED]}")
    failed = [
        report.nodeid.partition("@")[0] for kind in ("failed", "error") for report in terminalreporter.getreports(kind)
    ]
    for name in dict.fromkeys(failed):
        terminalreporter.write_line(f"again: .venv/bin/pytest --seed {os.environ[SEED]} {name!r}")
