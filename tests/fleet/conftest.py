"""One PostgreSQL for all tests of a process; each finds it empty."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.crash_world import CountingSandbox
from tests.fleet import postgres as own
from tests.fleet.postgres import Postgres
from tests.fleet.world import VARIABLE, Firm


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    if not own.there():
        pytest.skip(own.NOT_THERE)
    with own.postgres() as running:
        yield running


@pytest.fixture
def database(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    server.empty()
    monkeypatch.setenv(VARIABLE, server.conninfo)
    return server


@pytest.fixture
def firm(database: Postgres, tmp_path: Path) -> Iterator[Firm]:
    made = Firm(tmp_path / "firm", database)
    yield made
    made.close()


@pytest.fixture
def sandbox() -> Iterator[Callable[[], CountingSandbox]]:
    """Make services that are slow, and count."""
    with ExitStack() as stack:

        def make() -> CountingSandbox:
            made = CountingSandbox()
            stack.callback(made.close)
            return made

        yield make
