"""The exit codes 8 to 130, and the one code of several applications."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reconciler.store.chain import read_journal
from reconciler.store.lock import hold
from tests.e2e.company import Company, Sandbox, command
from tests.servers import free_port

# 8


def test_8_another_apply_is_running(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    sandbox.requests.clear()
    with hold(company.folder / "plans", "app"):
        ended = company.apply(code=8)

    assert "another apply of app is running" in ended.err
    assert sandbox.requests == []


# 9


@pytest.mark.usefixtures("hurried")
def test_9_nobody_there(company: Company) -> None:
    company.url = f"http://127.0.0.1:{free_port()}/v2"

    company.plan(code=9)

    assert company.plans() == []


@pytest.mark.usefixtures("hurried")
def test_9_an_apply_that_cannot_read_writes_nothing(company: Company, sandbox: Sandbox) -> None:
    company.plan()

    def hang_up(method: str, path: str) -> None:
        if path == "/Groups":
            raise ConnectionError

    sandbox.before = hang_up
    company.apply(code=9)

    assert sandbox.writes == []
    assert list(company.store.glob("*.journal.jsonl")) == []


# 12


def test_12_a_test_of_the_file_fails(company: Company) -> None:
    company.application = {"tests": [{"user": "ada", "expect": {"role": "Administrator"}}]}
    company.write()

    ended = company.run("test")

    assert ended.code == 12
    assert "expected Administrator, found User" in ended.out


# 130


@contextmanager
def slow_apply(company: Company, sandbox: Sandbox) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Apply in a process of its own; gives it when the second write is being served."""
    reached, go_on = threading.Event(), threading.Event()

    def wait(method: str, path: str) -> None:
        if method != "GET" and len(sandbox.writes) == 2:
            reached.set()
            go_on.wait(10)

    sandbox.before = wait
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "--auto-approve", str(company.newest())],
        cwd=company.folder,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert reached.wait(30)
        yield process, go_on
    finally:
        go_on.set()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_130_an_interrupted_apply_leaves_a_whole_journal_and_is_resumed(
    sent: signal.Signals, company: Company, sandbox: Sandbox
) -> None:
    company.target = {"concurrency": 1}
    company.plan()
    with slow_apply(company, sandbox) as (process, go_on):
        process.send_signal(sent)
        go_on.set()
        output, _ = process.communicate(timeout=30)
    written = len(sandbox.writes)

    assert process.returncode == 130
    assert "The same command resumes" in output
    assert written < 6
    content = read_journal(next(company.store.glob("*.journal.jsonl")))
    assert content.torn == 0
    assert content.records[-1]["kind"] == "run_end"
    assert company.journal()[-1]["status"] == "interrupted"
    assert "Resumed" in company.apply().out
    assert len(sandbox.users()) == 6
    company.plan("--detailed-exitcode")


# several applications


@pytest.fixture
def two(company: Company, tmp_path: Path) -> Company:
    """Two applications of one file: app, and wiki on another server."""
    company.others = {"wiki": {}}
    return company


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("wiki", "code"),
    [
        pytest.param({}, 2, id="both have changes"),
        pytest.param({"target": "nobody there"}, 9, id="9 goes before 2"),
        pytest.param({"target": "no token"}, 3, id="3 goes before 2"),
        pytest.param({"target": "wrong token"}, 4, id="4 goes before 2"),
    ],
)
def test_several_applications_end_with_the_first_code_of_the_list(
    wiki: dict[str, Any], code: int, two: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "wrong-token")
    troubles: dict[str, dict[str, Any]] = {
        "nobody there": {"tenant_url": f"http://127.0.0.1:{free_port()}/v2"},
        "no token": {"secret_token": {"env": "NOT_SET_ANYWHERE"}},
        "wrong token": {"secret_token": {"env": "WRONG"}},
    }
    target = two.settings()["applications"]["app"]["target"]
    if wiki:
        two.others["wiki"] = {"target": {**target, **troubles[wiki["target"]]}}
    two.write()

    ended = two.run("plan", "--detailed-exitcode")

    assert ended.code == code
    assert "7 to create" in ended.out
    assert len(two.plans()) == 1
    assert ("wiki: no plan was made" in ended.err) is bool(wiki)


def test_plan_without_app_plans_all_and_out_is_a_folder(two: Company) -> None:
    two.write()
    folder = two.folder / "review"

    ended = two.run("plan", "--no-store", "--out", folder)

    assert ended.code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["app.plan.json", "wiki.plan.json"]
    for path in folder.iterdir():
        assert two.run("show", path).code == 0


def test_plan_without_app_takes_a_folder_for_a_single_application_too(company: Company) -> None:
    company.write()

    company.run("plan", "--no-store", "--out", company.folder / "review")
    company.run("plan", "--no-store", "--out", company.folder / "plan.json")

    assert (company.folder / "review" / "app.plan.json").is_file()
    assert (company.folder / "plan.json").is_file()


def test_a_plan_that_was_copied_is_stored_when_it_is_applied(company: Company) -> None:
    """Ruling 16: the journal lies in the store, wherever the plan file lies."""
    company.write()
    copy = company.folder / "elsewhere" / "plan.json"
    company.run("plan", "--no-store", "--out", copy, "app")
    assert not company.store.exists()

    assert company.run("apply", "--auto-approve", copy).code == 0

    assert len(company.plans()) == 1
    assert company.journal()[-1]["status"] == "done"
    assert list(copy.parent.iterdir()) == [copy]


@pytest.mark.parametrize("flag", ["--save-live", "--offline-live"])
def test_3_a_saved_live_state_is_of_one_application(flag: str, two: Company) -> None:
    two.write()
    live = two.folder / "live.json"
    live.write_text("{}", "utf-8")

    assert two.run("plan", flag, live).code == 3


def test_3_without_a_file_the_command_says_how_to_make_one(tmp_path: Path) -> None:
    ended = command("--config", tmp_path / "provisioning.yaml", "plan")

    assert ended.code == 3
    assert "reconciler init" in ended.err
