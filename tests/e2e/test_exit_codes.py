"""
Every exit code of product.md, section 5, that plan, apply and their like can end with.

Pipelines read these numbers. Beside the number, each test checks what it
promises: nothing written, everything stored, a journal that is whole.
"""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.digest import digest
from reconciler.states import ResourceType
from reconciler.store.journal import read_journal
from reconciler.store.lock import hold
from tests.e2e.company import Company, Sandbox, account, command
from tests.servers import free_port

USER = ResourceType.USER
HOUR = "2026-01-01T00:00:00Z"


def edited(plan: Path, change: Callable[[dict[str, Any]], object], *, seal: bool = False) -> Path:
    """Write a changed copy of a plan beside the store; *seal* makes its digests fit again."""
    value = json.loads(plan.read_text("utf-8"))
    change(value)
    if seal:
        body = value["body"]
        plain = [{k: v for k, v in op.items() if k != "precondition"} for op in body["operations"]]
        body["operations_digest"] = digest(
            [body["application"], body["target"]["tenant_url"], plain]
        )
        value["digest"] = digest(body)
    copy = plan.parents[2] / "edited.plan.json"
    copy.write_text(json.dumps(value), "utf-8")
    return copy


# 0 and 2


def test_0_plan_apply_and_a_plan_without_changes(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    company.apply()
    company.plan("--detailed-exitcode")

    assert company.body()["operations"] == []
    assert len(sandbox.users()) == 6


def test_2_there_are_changes_and_they_were_asked_for(company: Company) -> None:
    company.plan("--detailed-exitcode", code=2)

    assert company.operations()[0] == ("create", "ada@contoso.example")


def test_0_a_finished_plan_applied_again_sends_nothing(settled: Company, sandbox: Sandbox) -> None:
    sandbox.requests.clear()

    ended = settled.apply()

    assert "applied before" in ended.out
    assert sandbox.requests == []


def test_0_skipped_people_never_change_the_exit_code(company: Company) -> None:
    company.application = {"registered_domains": ["contoso.example"]}
    company.hire("gil", userPrincipalName="gil@partner.example")
    company.settle()

    company.plan("--detailed-exitcode")

    assert [one["code"] for one in company.body()["skipped"]] == ["InvalidDomain"]


# 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--frobnicate"), "--frobnicate"),
        (("plan", "crm"), 'application "crm" is not defined'),
        (("frobnicate",), "frobnicate"),
        (("apply",), "PLAN"),
        (("apply", "no-such.plan.json"), "no-such.plan.json"),
        (("apply", "0123456789ab"), "0123456789ab"),
        (("apply", "--max-age", "soon", "x"), "soon"),
        (("plan", "--as-of", "tomorrow"), "tomorrow"),
        (("plan", "--as-of", "0001-01-01T00:00:00+14:00"), "0001-01-01"),
        (("plan", "--format", "pdf"), "pdf"),
        (("plan", "--user", "nobody@contoso.example"), "unknown-user"),
        (("plan", "--user", "adda@contoso.example"), "ada@contoso.example"),
        (("plan", "--group", "Stuff"), "Staff"),
        (("plan", "--offline-live", "no-such.json"), "no-such.json"),
        (("plan", "--policy", "no-such.yaml"), "no-such.yaml"),
        (("show", "no-such.plan.json"), "no-such.plan.json"),
        (("explain", "nobody@contoso.example"), "unknown-user"),
        (("history", "crm"), "crm"),
        (("probe", "crm"), "crm"),
        (("expr", "Join("), "bad-expression"),
        (("schema", "people"), "people"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_3_what_cannot_be_meant(
    arguments: tuple[str, ...], words: str, company: Company, sandbox: Sandbox
) -> None:
    company.write()

    ended = company.run(*arguments)

    assert ended.code == 3
    assert words in ended.err
    assert "Traceback" not in ended.text
    assert sandbox.requests == []
    assert company.plans() == []


def test_3_an_apply_without_a_terminal_needs_auto_approve(
    company: Company, sandbox: Sandbox
) -> None:
    company.plan()

    ended = company.run("apply", company.newest())

    assert ended.code == 3
    assert "--auto-approve" in ended.err
    assert sandbox.writes == []


class Keyboard(io.StringIO):
    """Somebody at a terminal, who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("yes\n", 0), ("no\n", 3), ("\n", 3), ("", 130)])
def test_3_whoever_is_asked_and_does_not_say_yes_changes_nothing(
    typed: str, code: int, company: Company, sandbox: Sandbox
) -> None:
    company.plan()

    ended = command("--config", company.file, "apply", company.newest(), stdin=Keyboard(typed))

    assert ended.code == code
    assert "create users (6)" in ended.out
    assert len(sandbox.users()) == (6 if code == 0 else 0)


def test_3_an_application_that_is_switched_off_is_not_applied(
    company: Company, sandbox: Sandbox
) -> None:
    company.application = {"enabled": False}
    company.plan()

    ended = company.apply(code=3)

    assert "enabled: false" in ended.err
    assert sandbox.writes == []


@pytest.mark.parametrize(
    "arguments", [("--out", "{}/plan.json"), ("--junit", "{}/r.xml"), ("--save-live", "{}/l.json")]
)
def test_3_a_file_that_cannot_be_written(arguments: tuple[str, str], company: Company) -> None:
    in_the_way = company.folder / "file"
    company.write()
    in_the_way.write_text("", "utf-8")

    ended = company.run("plan", arguments[0], arguments[1].format(in_the_way), "app")

    assert ended.code == 3
    assert str(in_the_way) in ended.err
    assert "Traceback" not in ended.text


# 4


def test_4_a_credential_that_is_refused_during_a_run(company: Company, sandbox: Sandbox) -> None:
    company.plan()

    def expire(method: str, path: str) -> None:
        if len(sandbox.writes) == 2:
            sandbox.expire()

    sandbox.before = expire
    ended = company.apply(code=4)

    assert "401" in ended.err
    assert company.journal()[-1]["status"] == "partial"


# 5


def shrunk(company: Company) -> Company:
    """Apply, and lose so many people that the next plan is blocked."""
    company.application = {"lifecycle": {"deleted_at_source": "delete"}}
    company.settle()
    company.lose("bob", "cleo", "dan", "eve")
    return company


def test_5_a_blocked_plan_is_stored_and_printed(company: Company) -> None:
    shrunk(company)

    ended = company.plan(code=5)

    assert "4 of 6 active users of ours would be disabled or deleted" in ended.words
    assert company.operations().count(("delete", "bob@contoso.example")) == 1
    blocked = {guard["id"] for guard in company.body()["guards"] if guard["blocked"]}
    assert {"accidental_deletions", "delete_users", "source_shrinks"} <= blocked


def test_5_detailed_exitcode_does_not_hide_a_block(company: Company) -> None:
    shrunk(company)

    company.plan("--detailed-exitcode", code=5)


def test_5_a_blocked_plan_is_not_applied(company: Company, sandbox: Sandbox) -> None:
    shrunk(company)
    company.plan(code=5)
    sandbox.requests.clear()

    ended = company.apply(code=5)

    assert "accidental_deletions: 4 of 6" in ended.err
    assert sandbox.requests == []
    assert len(sandbox.users()) == 6


# 6


def test_6_an_altered_plan(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    operations = "operations"
    plan = edited(company.newest(), lambda value: value["body"][operations].pop())

    ended = company.run("apply", "--auto-approve", plan)

    assert ended.code == 6
    assert "altered" in ended.err
    assert sandbox.writes == []


def test_6_a_changed_byte_of_a_plan_is_found_wherever_it_is(
    company: Company, sandbox: Sandbox
) -> None:
    """The header, which comes last, stands outside the digest."""
    company.plan()
    data = company.newest().read_bytes()
    copy = company.folder / "copy.plan.json"
    for place in range(0, data.index(b'"header"'), 97):
        copy.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])

        assert company.run("apply", "--auto-approve", copy).code == 6, place
    assert sandbox.writes == []


@pytest.mark.parametrize("command_", ["apply", "show"])
def test_6_a_file_that_is_no_plan(command_: str, company: Company) -> None:
    company.write()
    plan = company.folder / "no.plan.json"
    plan.write_text('{"format_version": "2.0"}', "utf-8")

    ended = company.run(command_, plan)

    assert ended.code == 6
    assert "not a plan" in ended.err


def test_6_ruling_17_a_plan_for_another_address(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    company.url = f"http://127.0.0.1:{free_port()}/v2"
    company.write()

    ended = company.apply(code=6)

    assert sandbox.url in ended.err
    assert company.url in ended.err
    assert sandbox.writes == []


def test_6_ruling_17_a_plan_that_says_where_to_send_the_token(
    company: Company, sandbox: Sandbox
) -> None:
    """Its digests fit, and yet the target comes from the configuration."""
    company.plan()

    def redirect(value: dict[str, Any]) -> None:
        value["body"]["target"]["tenant_url"] = "https://evil.example/v2"

    ended = company.run("apply", "--auto-approve", edited(company.newest(), redirect, seal=True))

    assert ended.code == 6
    assert sandbox.writes == []


def test_6_ruling_15_other_operations_than_the_reviewed_ones(
    company: Company, sandbox: Sandbox
) -> None:
    company.plan()

    ended = company.apply("--expect", "0" * 64, code=6)

    assert "not the reviewed ones" in ended.err
    assert sandbox.writes == []
    company.apply("--expect", company.body()["operations_digest"])


def test_6_a_plan_that_is_too_old(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    old = edited(company.newest(), lambda value: value["header"].update(created_at=HOUR))

    assert company.run("apply", "--auto-approve", old).code == 6
    ended = company.run("apply", "--auto-approve", "--max-age", "9999d", old)

    assert ended.code == 0, ended.text


def test_6_a_plan_whose_header_has_no_time(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    odd = edited(company.newest(), lambda value: value["header"].update(created_at="soon"))

    ended = company.run("apply", "--auto-approve", odd)

    assert ended.code == 6
    assert "Traceback" not in ended.text
    assert sandbox.writes == []


def test_6_a_service_that_can_do_other_things_by_now(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    sandbox.stop_patching()

    ended = company.apply(code=6)

    assert "capabilities changed" in ended.err
    assert sandbox.writes == []


def test_6_a_journal_that_somebody_changed(settled: Company, sandbox: Sandbox) -> None:
    journal = next(settled.store.glob("*.journal.jsonl"))
    journal.write_text(journal.read_text("utf-8").replace("ada@", "eva@", 1), "utf-8")
    sandbox.requests.clear()

    planned = settled.run("plan", "app")
    listed = settled.run("history")

    assert (planned.code, listed.code) == (6, 6)
    assert "the journal was changed" in planned.err
    assert sandbox.writes == []


def test_6_on_stale_abort_before_anything_was_written(settled: Company, sandbox: Sandbox) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.plan()
    meddle(sandbox, "ada@contoso.example", title="Queen")
    sandbox.requests.clear()

    ended = settled.apply("--on-stale", "abort", code=6)

    assert "was changed since the plan" in ended.err
    assert sandbox.writes == []


# 7


def meddle(sandbox: Sandbox, user_name: str, **attributes: Any) -> None:
    """Let an administrator of the target change an account by hand."""
    changes = [{"op": "replace", "path": path, "value": v} for path, v in attributes.items()]
    with sandbox.by_hand() as target:
        found = target.search(USER, "userName", user_name)[0]
        target.patch(USER, found["id"], changes)


def test_7_what_the_target_refuses_fails_alone(tmp_path: Path) -> None:
    with Sandbox(domains=["contoso.example"]) as sandbox:
        company = Company(tmp_path / "company", sandbox.url)
        company.hire("ada")
        company.hire("bob", userPrincipalName="bob@elsewhere.example")
        company.plan()

        ended = company.apply(code=7)

    assert sorted(sandbox.users()) == ["ada@contoso.example"]
    assert len(sandbox.groups()["Staff"]["members"]) == 1
    failed = [line for line in company.journal() if line["kind"] == "failed"]
    assert [line["key"] for line in failed] == ["bob@elsewhere.example"]
    assert "elsewhere.example" in failed[0]["detail"]
    assert company.journal()[-1]["status"] == "partial"
    assert "reconciler history app" in ended.err


def test_7_what_somebody_changed_since_the_plan_is_skipped(
    settled: Company, sandbox: Sandbox
) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.people["bob"]["jobTitle"] = "Director"
    settled.plan()
    meddle(sandbox, "ada@contoso.example", title="Queen")

    settled.apply(code=7)

    titles = {name: user["title"] for name, user in sandbox.users().items()}
    assert titles["ada@contoso.example"] == "Queen"
    assert titles["bob@contoso.example"] == "Director"
    conflicts = [line for line in settled.journal() if line["kind"] == "conflict"]
    assert [(line["key"], line["code"]) for line in conflicts] == [
        ("ada@contoso.example", "EntryConflict")
    ]


def test_7_an_account_that_is_gone_is_skipped(settled: Company, sandbox: Sandbox) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.plan()
    with sandbox.by_hand() as target:
        target.delete(USER, sandbox.users()["ada@contoso.example"]["id"])

    settled.apply(code=7)

    assert [line["code"] for line in settled.journal() if line["kind"] == "conflict"] == [
        "InvalidAnchor"
    ]


def test_7_an_account_that_somebody_made_meanwhile_is_not_taken_over(
    company: Company, sandbox: Sandbox
) -> None:
    company.plan()
    with sandbox.by_hand() as target:
        target.create(USER, account("ada@contoso.example", displayName="Another Ada"))

    company.apply(code=7)

    assert sandbox.users()["ada@contoso.example"]["displayName"] == "Another Ada"
    assert len(sandbox.users()) == 6


def test_7_on_stale_abort_after_something_was_written(settled: Company, sandbox: Sandbox) -> None:
    settled.target = {"concurrency": 1}
    for name in ("ada", "bob", "cleo"):
        settled.people[name]["jobTitle"] = "Director"
    settled.plan()
    meddle(sandbox, "bob@contoso.example", title="King")

    settled.apply("--on-stale", "abort", code=7)

    titles = [user["title"] for _, user in sorted(sandbox.users().items())]
    assert titles[:3] == ["Director", "King", "Employee"]


def test_7_applied_in_part_is_resumed_by_the_same_command(
    settled: Company, sandbox: Sandbox
) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.plan()
    meddle(sandbox, "ada@contoso.example", title="Queen")
    settled.apply(code=7)
    meddle(sandbox, "ada@contoso.example", title="Employee")

    ended = settled.apply()

    assert "Resumed" in ended.out
    assert sandbox.users()["ada@contoso.example"]["title"] == "Director"


@pytest.mark.usefixtures("hurried")
def test_7_a_target_that_stops_answering_ends_the_run(company: Company, sandbox: Sandbox) -> None:
    company.plan()

    def hang_up(method: str, path: str) -> None:
        if len(sandbox.writes) >= 2:
            raise ConnectionError

    sandbox.before = hang_up
    ended = company.apply(code=7)

    assert "in a row" in ended.err
    assert company.journal()[-1]["status"] == "partial"
    sandbox.before = lambda method, path: None
    company.apply()
    assert len(sandbox.users()) == 6


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
