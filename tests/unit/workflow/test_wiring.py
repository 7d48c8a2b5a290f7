"""Adapters are made here, of what the configuration and the environment say."""

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Timer

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.ports import Halted
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.wiring import SystemClock, Wiring
from tests.e2e.company import TOKEN_NAME, Company
from tests.worlds import FrozenClock


@pytest.fixture
def project(company: Company) -> Project:
    company.write()
    return open_project(company.file)


def test_the_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)

    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_the_clock_waits() -> None:
    began = time.monotonic()

    SystemClock().sleep(0.02)

    assert time.monotonic() - began >= 0.02


def test_inv_19_nobody_waits_once_the_command_is_to_end() -> None:
    stop = Event()
    Timer(0.05, stop.set).start()

    with pytest.raises(Halted):
        SystemClock(stop).sleep(300)


def test_ruling_4_a_plan_is_made_as_of_the_start_of_the_day() -> None:
    class Noon(FrozenClock):
        def now(self) -> datetime:
            return datetime(2026, 11, 23, 12, 30, 45, 678, tzinfo=UTC)

    assert Wiring(Noon()).today() == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_source_without_groups(company: Company) -> None:
    text = '{"version": 1, "source": {"users": "people.csv"}, "applications": {"app": %s}}'
    company.application = {"assignments": [{"user": "ada", "role": "User"}]}
    company.write()
    company.file.write_text(text % json.dumps(company.settings()["applications"]["app"]), "utf-8")

    directory = Wiring().source(open_project(company.file)).read()

    assert list(directory.subjects) == ["ada", "bob", "cleo"]
    assert directory.groups == {}


@pytest.mark.parametrize("reference", [{"env": TOKEN_NAME}, {"file": "no-such-file"}], ids=str)
def test_a_credential_that_is_not_there(
    reference: dict[str, str], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_NAME, raising=False)
    company.target = {"secret_token": reference}
    company.write()
    project = open_project(company.file)

    with pytest.raises(ConfigError, match="missing-secret"):
        Wiring().target(project, project.application("app"))


def test_the_commit_is_that_of_the_configuration(project: Project) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@contoso.example")
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=project.folder, check=True, capture_output=True)

    assert Wiring().commit(project) is None
    git("init", "--quiet")
    assert Wiring().commit(project) is None
    git("add", "provisioning.yaml")
    git("commit", "--quiet", "--message", "First")

    assert len(str(Wiring().commit(project))) == 40


def test_without_git_there_is_no_commit(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert Wiring().commit(project) is None


def test_the_author_is_the_actor_of_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "ada")

    assert Wiring().author() == "ada"


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no name")], ids=str)
def test_an_author_who_has_no_name(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    monkeypatch.setattr("getpass.getuser", nameless)

    assert Wiring().author() is None
