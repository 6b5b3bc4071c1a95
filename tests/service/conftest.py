from collections.abc import Iterator
from pathlib import Path

import pytest
from database_fixtures import fresh
from service_process import Api, ServerProcess

__all__ = ["fresh"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for the tests that do not need one of their own."""
    folder = tmp_path_factory.mktemp("server")
    outputs = folder / "exports"
    found = ServerProcess(
        folder / "data",
        "--outputs", f"file://{outputs}",
        "--max-rows", "50_000_000".replace("_", ""),
        environment={"FAASERA_CONNECTION_SHOP_FILE": f"sqlite:///{folder / 'shop.db'}"},
    ).start()  # fmt: skip
    found.exports = outputs  # type: ignore[attr-defined]
    yield found
    found.stop()


@pytest.fixture
def api(server: ServerProcess) -> Iterator[Api]:
    """Calls with the admin's key."""
    with server.client() as client:
        yield Api(client)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, not yet started."""
    found = ServerProcess(tmp_path / "data")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.kill()
