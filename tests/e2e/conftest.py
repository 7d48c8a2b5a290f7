"""What end-to-end tests share: a token in the environment, a sandbox, and a company."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Sandbox
from tests.s3 import s3 as s3
from tests.s3 import s3_server as s3_server
from tests.servers import TOKEN


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret token, where the configuration says that it is."""
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    return TOKEN


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries do not wait."""
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """The sandbox of a whole session; take `sandbox`."""
    with Sandbox() as made:
        yield made


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    """An empty sandbox."""
    server.reset()
    return server


def founded(folder: Path, url: str) -> Company:
    """Return six people in one group, not planned yet."""
    made = Company(folder, url)
    for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
        made.hire(name)
    return made


@pytest.fixture
def company(sandbox: Sandbox, tmp_path: Path) -> Company:
    """Six people in one group, not planned yet."""
    return founded(tmp_path / "company", sandbox.url)


@pytest.fixture(scope="session")
def first_apply(
    server: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Any]]:
    """The folder of a company after its first apply, and what the sandbox holds then."""
    folder = tmp_path_factory.mktemp("settled") / "company"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_NAME, TOKEN)
        server.reset()
        founded(folder, server.url).settle()
    return folder, server.stored()


@pytest.fixture
def settled(first_apply: tuple[Path, list[Any]], sandbox: Sandbox, tmp_path: Path) -> Company:
    """The same six people after their first apply: nothing is left to do."""
    folder, resources = first_apply
    sandbox.reset(resources)
    shutil.copytree(folder, tmp_path / "company")
    return founded(tmp_path / "company", sandbox.url)
