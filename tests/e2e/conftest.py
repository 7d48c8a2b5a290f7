"""What end-to-end tests share: a token in the environment, and no real waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Sandbox
from tests.servers import TOKEN


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret token, where the configuration says that it is."""
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    return TOKEN


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that breaks no sentence; a worker of xdist would have one of 80 columns."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries do not wait."""
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


@pytest.fixture
def company(sandbox: Sandbox, tmp_path: Path) -> Company:
    """Six people in one group, not planned yet."""
    made = Company(tmp_path / "company", sandbox.url)
    for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
        made.hire(name)
    return made
