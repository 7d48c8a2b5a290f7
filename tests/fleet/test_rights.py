"""The roles of the page on fleets can do what they are for, made as it says, on a real server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.e2e.crash_world import CountingSandbox
from tests.fleet.postgres import PASSWORD, Postgres
from tests.fleet.test_jobs import apply, one
from tests.fleet.world import VARIABLE, Firm

Make = Callable[[], CountingSandbox]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "fleet.md"


def blocks() -> list[str]:
    """Return the statements of the page, those of the owner and those of the worker."""
    return re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def carry_out(administrator: str, statements: str, name: str) -> None:
    """Do what an administrator does."""
    with psycopg.connect(administrator, autocommit=True, dbname=name) as connection:
        for statement in statements.replace("…", PASSWORD).split(";"):
            if statement.strip():
                connection.execute(statement.encode())


def conninfo(database: Postgres, role: str) -> str:
    return f"postgresql://{role}:{PASSWORD}@127.0.0.1:{database.port}/fleet"


@pytest.fixture
def own(database: Postgres) -> Iterator[Postgres]:
    """A server with the database of the page."""
    administrator = database.conninfo
    carry_out(administrator, blocks()[0], "postgres")
    yield database
    carry_out(
        administrator,
        "DROP DATABASE fleet WITH (FORCE); DROP ROLE reconciler; DROP ROLE IF EXISTS worker",
        "postgres",
    )


def test_the_owner_and_then_a_role_that_makes_nothing_can_work(
    own: Postgres, firm: Firm, sandbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(firm, sandbox)
    monkeypatch.setattr(Postgres, "conninfo", conninfo(own, "reconciler"))
    monkeypatch.setenv(VARIABLE, own.conninfo)
    first = firm.worker()
    apply(firm, 0)
    assert first.stop() == 0

    monkeypatch.undo()
    carry_out(own.conninfo, blocks()[1], "fleet")
    monkeypatch.setattr(Postgres, "conninfo", conninfo(own, "worker"))
    monkeypatch.setenv(VARIABLE, own.conninfo)
    second = firm.worker()
    apply(firm, 0)
    assert second.stop() == 0
    with (
        psycopg.connect(own.conninfo) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE another (id integer)")
