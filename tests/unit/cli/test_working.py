"""`fleet` where it cannot work: what is said, and what is not."""

import sys
from pathlib import Path

import pytest

from reconciler.cli.main import run
from tests.servers import free_port
from tests.unit.fleet.test_projects import HEAD, write

SECRET = "hunter2-hunter2"
COMMANDS = (["enqueue"], ["status"], ["worker"])


def fleet(file: Path, *arguments: str) -> int:
    return run(["--config", str(file), "fleet", *arguments])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_the_extra_it_says_how_to_get_it(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)

    assert fleet(write(tmp_path, "crm"), *arguments) == 3
    assert "pip install 'scim-reconciler[fleet]'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_a_fleet_in_the_file_it_says_what_to_write(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "crm")
    file.write_text(HEAD.replace("fleet:", "# fleet:"), "utf-8")

    assert fleet(file, *arguments) == 3
    assert "has no `fleet:`; add `fleet: {name: NAME" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("conninfo", "words"),
    [
        (f"postgresql://fleet:{SECRET}@127.0.0.1:PORT/fleet", "cannot be reached"),
        (f"host=127.0.0.1 port=PORT password={SECRET} user=x", "cannot be reached"),
        (f"fleet {SECRET}", "is not named by a connection string of PostgreSQL"),
        (f"postgresql://fleet:{SECRET}@[::1", "is not named by a connection string of PostgreSQL"),
    ],
    ids=["URL", "words", "no string", "half a URL"],
)
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_database_that_is_not_there_is_told_without_its_password(
    arguments: list[str],
    conninfo: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FLEET_DATABASE", conninfo.replace("PORT", str(free_port())))

    assert fleet(write(tmp_path, "crm"), *arguments) == 3

    said = capsys.readouterr()
    assert f"error: the database of `fleet.database` {words}" in said.err
    assert "hint: is PostgreSQL up, and are host, port" in said.err
    assert SECRET not in said.err + said.out


def test_without_the_variable_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FLEET_DATABASE", raising=False)

    assert fleet(write(tmp_path, "crm"), "status") == 3
    said = capsys.readouterr().err
    assert "the secret of `fleet.database` is missing: environment variable FLEET_DATABASE" in said


def test_a_worker_serves_one_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Jobs in the other one would wait for ever."""
    monkeypatch.setenv("FLEET_DATABASE", f"postgresql://fleet:{SECRET}@127.0.0.1:9/fleet")
    monkeypatch.setenv("OTHER", f"postgresql://fleet:{SECRET}@127.0.0.1:9/other")
    crm, erp = (write(tmp_path / name, name, name=name) for name in ("crm", "erp"))
    erp.write_text(erp.read_text("utf-8").replace("FLEET_DATABASE", "OTHER"), "utf-8")

    assert run(["fleet", "worker", str(crm), str(erp)]) == 3
    said = capsys.readouterr().err
    assert f"{erp} names another database than {crm}" in said
    assert SECRET not in said


def test_a_worker_that_is_given_an_application_says_what_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fleet(write(tmp_path, "crm"), "worker", "crm") == 3
    said = capsys.readouterr().err
    assert "crm does not exist: FILE is a configuration" in said
    assert "`reconciler fleet enqueue` asks for those of one" in said
