"""The exit codes 6 and 7: a plan that does not fit, and one that was applied in part."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.digest import digest
from reconciler.states import ResourceType
from tests.e2e.company import Company, Sandbox, account
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
        value["header_digest"] = digest(value["header"])
    copy = plan.parents[2] / "edited.plan.json"
    copy.write_text(json.dumps(value), "utf-8")
    return copy


# 0


def test_0_a_plan_that_was_carried_out_asks_for_nothing_and_writes_nothing_again(
    settled: Company, sandbox: Sandbox
) -> None:
    journal = settled.journal()
    sandbox.requests.clear()

    ended = settled.apply()

    assert "applied before" in ended.words
    assert sandbox.requests == []
    assert settled.journal() == journal


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
    company.plan()
    data = company.newest().read_bytes()
    copy = company.folder / "copy.plan.json"
    for place in range(0, len(data), 97):
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
    old = edited(company.newest(), lambda value: value["header"].update(created_at=HOUR), seal=True)

    assert company.run("apply", "--auto-approve", old).code == 6
    ended = company.run("apply", "--auto-approve", "--max-age", "9999d", old)

    assert ended.code == 0, ended.text


def test_6_a_plan_whose_header_has_no_time(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    odd = edited(
        company.newest(), lambda value: value["header"].update(created_at="soon"), seal=True
    )

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
    for ended in (planned, listed):
        assert re.search(r"line [0-9]+: does not follow the line before: one of the two", ended.err)
        assert "hint: nothing was concluded from it. `reconciler audit verify` lists" in ended.err
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
    company.target = {"concurrency": 1}
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
