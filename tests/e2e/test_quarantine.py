"""
An application that fails is left alone more and more, and says so, until it is well again.

The clock is the test's: `later` moves it. Failures are real: another token, a guard on fresh
counts, a service that does not answer.
"""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.states import ResourceType
from reconciler.store.lock import hold
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Ended, Sandbox, account, command
from tests.e2e.test_exit_codes_apply import edited

START = datetime(2030, 1, 7, 8, 0, tzinfo=UTC)
USER = ResourceType.USER


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Move the clock by so much; it stands still otherwise, but for a moment at each look."""
    now = [START]

    def look(clock: SystemClock) -> datetime:
        now[0] += timedelta(milliseconds=1)
        return now[0]

    monkeypatch.setattr(SystemClock, "now", look)
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)

    def move(**span: float) -> None:
        now[0] += timedelta(**span)

    return move


@pytest.fixture
def wrong_token(monkeypatch: pytest.MonkeyPatch, token: str) -> Callable[[bool], None]:
    """Let the pipeline have a token that the service does not know, or the right one again."""
    return lambda wrong: monkeypatch.setenv(TOKEN_NAME, "not-this-one" if wrong else token)


def attempts(company: Company) -> list[dict[str, Any]]:
    """Return the records beside the journals."""
    file = company.store / "attempts.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def hang_up(method: str, path: str) -> None:
    raise ConnectionError


def shown(company: Company) -> dict[str, Any]:
    """Return what `quarantine show` says."""
    ended = company.run("quarantine", "show", "app", "--format", "json")
    assert ended.code == 0, ended.text
    found: dict[str, Any] = json.loads(ended.out)["applications"][0]
    return found


def quarantined(company: Company, wrong_token: Callable[[bool], None], failures: int) -> None:
    """Plan, and let so many applies in a row be refused by the service."""
    company.plan()
    wrong_token(True)
    for _ in range(failures):
        company.apply(code=4)


def test_a_refused_token_leads_into_quarantine_and_two_retries_are_free(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)

    ended = company.apply(code=5)

    assert ended.err.splitlines() == [
        "error: app is in quarantine since 2030-01-07T08:00:00Z: the target refuses our credential "
        "(EncounteredQuarantineException); 3 failed attempts; tried again from "
        "2030-01-07T09:00:00Z on. To clear it: reconciler quarantine clear app --reason TEXT",
        "      = hint: put it right; then a yes at a terminal goes through at once, and so does a "
        "plan of a configuration that was changed, an approval, or other operations after a guard",
    ]
    assert [one["kind"] for one in attempts(company)] == ["blocked"] * 3 + ["too_early"]


def test_the_entry_is_said_once(company: Company, later: Any, wrong_token: Any) -> None:
    company.plan()
    wrong_token(True)

    first, second = company.apply(code=4), company.apply(code=4)

    assert "app is in quarantine since" in first.err
    assert "quarantine" not in second.err


def test_an_apply_that_comes_too_early_asks_nothing_of_the_target(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    sandbox.requests.clear()

    company.apply(code=5)

    assert sandbox.requests == []


def test_retries_thin_out(company: Company, later: Any, wrong_token: Any) -> None:
    quarantined(company, wrong_token, failures=3)
    for hours in (1, 2, 4, 8, 16, 24, 24):
        later(hours=hours, seconds=-2)
        assert company.run("apply", "--auto-approve", company.newest()).code == 5, hours
        later(seconds=2)
        assert company.run("apply", "--auto-approve", company.newest()).code == 4, hours


def test_a_run_that_ends_done_leaves_quarantine(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=2)
    wrong_token(False)

    company.apply()

    assert (shown(company)["in_quarantine"], shown(company)["failed_attempts"]) == (False, 0)


def test_a_finished_plan_is_finished_also_in_quarantine(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    company.settle()
    finished = company.newest()
    company.hire("gil")
    later(seconds=2)
    quarantined(company, wrong_token, failures=3)

    assert company.run("apply", "--auto-approve", finished).code == 0
    company.apply(code=5)


class Yes(io.StringIO):
    """A terminal at which somebody says yes."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(company: Company) -> Ended:
    """Apply the newest plan as a person does."""
    return command("--config", company.file, "apply", company.newest(), stdin=Yes("yes\n"))


def test_a_yes_at_a_terminal_goes_through_at_once(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    company.apply(code=5)

    assert at_a_terminal(company).code == 0


def test_a_plan_of_another_configuration_goes_through_at_once(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    company.plan()
    company.apply(code=5)
    company.application["display_name"] = "Reviewed and merged"
    company.plan()

    company.apply()


def test_a_plan_that_claims_another_configuration_comes_too_early(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    sandbox.requests.clear()

    def claim(value: dict[str, Any]) -> None:
        value["body"]["inputs"]["config_sha256"] = "f" * 64

    forged = edited(company.newest(), claim, seal=True)

    assert company.run("apply", "--auto-approve", forged).code == 5
    assert sandbox.requests == []


def test_a_configuration_that_failed_as_well_is_another_no_more(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    company.application["display_name"] = "Changed"
    company.plan()
    wrong_token(True)
    company.apply(code=4)

    company.apply(code=5)


def test_a_clear_is_recorded_and_lets_through(
    company: Company, later: Any, wrong_token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "grace")
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)

    ended = company.run("quarantine", "clear", "app", "--reason", "token renewed, HR-1")

    assert (ended.code, ended.out) == (
        0,
        "app is not in quarantine any more; the next apply is let through.\n",
    )
    last = attempts(company)[-1]
    assert (last["kind"], last["by"], last["reason"]) == ("clear", "grace", "token renewed, HR-1")
    assert company.run("quarantine", "show", "app").out == (
        "app: not in quarantine (no failed attempt)\n"
        "  last cleared at 2030-01-07T08:00:00Z by grace: token renewed, HR-1\n"
    )
    company.apply()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("app", "--reason", "why not"), "app is not in quarantine; nothing was cleared"),
        (("ap", "--reason", "why not"), 'application "ap" is not defined'),
        (("app",), "Missing option '--reason'"),
        (("app", "--reason", "two\nlines"), "the reason is one line"),
    ],
)
def test_3_what_cannot_be_cleared(company: Company, arguments: Any, said: str) -> None:
    company.write()

    ended = company.run("quarantine", "clear", *arguments)

    assert ended.code == 3
    assert said in ended.err
    assert not (company.store / "attempts.jsonl").exists()


def test_after_28_days_nothing_is_tried_by_itself(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    wrong_token(False)
    later(days=28)
    company.plan()

    ended = company.apply(code=5)

    assert "3 failed attempts; not tried again until it is cleared." in ended.err
    assert shown(company)["next_attempt"] is None
    assert at_a_terminal(company).code == 0


def test_show_of_an_application_that_is_well(company: Company) -> None:
    company.write()

    ended = company.run("quarantine", "show")

    assert (ended.code, ended.out) == (0, "app: not in quarantine (no failed attempt)\n")


def test_show_of_an_application_in_quarantine(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)

    ended = company.run("quarantine", "show", "app")

    assert ended.out == (
        "app: in quarantine since 2030-01-07T08:00:00Z\n"
        "  reason: the target refuses our credential (EncounteredQuarantineException)\n"
        "  failed attempts: 3, the newest at 2030-01-07T08:00:00Z\n"
        "  tried again from 2030-01-07T09:00:00Z on\n"
        "  to clear it: reconciler quarantine clear app --reason TEXT\n"
    )


def test_show_names_the_guard_and_promises_nothing_that_time_does_not_bring(
    settled: Company, later: Any
) -> None:
    settled.application["safety"] = {"rename_users": {"at_most": 1, "percent": 1}}
    for name in ("ada", "bob"):
        settled.people[name]["userPrincipalName"] = f"{name}.new@contoso.example"
    settled.plan(code=5)

    ended = settled.apply(code=5)

    shown = settled.run("quarantine", "show", "app").out
    assert "  reason: the guard rename_users blocks what the plan would do\n" in shown
    assert "  tried again once it is approved, or once its plan is another\n" in shown
    assert "in quarantine since" in ended.err
    assert "(Unknown)" not in ended.text + shown


# what leads in


def test_the_third_unreachable_apply_in_a_row_leads_in(
    company: Company, sandbox: Sandbox, later: Any
) -> None:
    company.plan()
    sandbox.before = hang_up
    found = []
    for _ in range(3):
        company.apply(code=9)
        found.append((shown(company)["in_quarantine"], shown(company)["failed_attempts"]))

    assert found == [(False, 1), (False, 2), (True, 1)]
    assert shown(company)["cause"] == "unreachable"


def test_a_token_that_ends_on_the_way_leads_in(
    company: Company, sandbox: Sandbox, later: Any
) -> None:
    company.target = {"concurrency": 1}
    company.plan()
    sandbox.after = lambda method, path: sandbox.expire() if method == "POST" else None

    company.apply(code=4)

    found = shown(company)
    assert (found["in_quarantine"], found["cause"]) == (True, "credential")
    assert company.journal()[-1]["stopped"] == "credential"
    assert not (company.store / "attempts.jsonl").exists()


def test_a_guard_that_blocks_at_apply_leads_in(settled: Company, later: Any) -> None:
    settled.lose("ada", "bob")
    settled.plan()
    settled.application["safety"] = {"accidental_deletions": {"at_most": 1, "percent": 50}}
    settled.write()

    settled.apply(code=5)

    found = shown(settled)
    assert (found["in_quarantine"], found["reason"]) == (True, "TooManyDeletes")
    assert [one["id"] for one in found["guards"]] == ["accidental_deletions"]
    (record,) = attempts(settled)
    assert (record["cause"], record["scheduled"]) == ("guard", True)


def test_a_plan_that_is_blocked_as_it_is_leads_in_and_is_kept(settled: Company, later: Any) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    settled.plan(code=5)

    settled.apply(code=5)

    assert shown(settled)["reason"] == "TooManyDeletes"
    ended = settled.run("history", "app")
    assert "blocked" in ended.out.splitlines()[-1]


def test_the_mended_plan_goes_at_once_and_the_blocked_one_waits(
    settled: Company, later: Any
) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    for _ in range(3):
        settled.plan(code=5)
        settled.apply(code=5)
    later(seconds=2)
    settled.plan(code=5)
    assert "3 failed attempts; tried again once it is approved" in settled.apply(code=5).err
    later(seconds=2)
    for anchor in ("ada", "bob", "cleo", "dan", "gil"):
        settled.hire(anchor)
    settled.plan()

    settled.apply()

    assert not shown(settled)["in_quarantine"]


def test_attempts_name_guards_and_counts_and_nobody(settled: Company, later: Any) -> None:
    settled.application["safety"] = {"protected": ["ada@contoso.example"]}
    settled.lose("ada")
    settled.plan(code=5)

    ended = settled.apply(code=5)

    (record,) = attempts(settled)
    (guard,) = record["guards"]
    assert record["detail"] == f"protected: 1 of {guard['population']}, limit 0"
    assert "ada" in ended.err
    assert "ada@" not in (settled.store / "attempts.jsonl").read_text("utf-8")


def test_5_a_blocked_plan_is_blocked_also_while_another_apply_is_running(
    settled: Company, later: Any
) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    settled.plan(code=5)
    with hold(settled.folder / "plans", "app"):
        ended = settled.apply(code=5)

    assert "warning: this attempt could not be written down: another apply of app" in ended.err
    assert not (settled.store / "attempts.jsonl").exists()


def test_history_tells_of_every_blocked_apply(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=3)
    company.apply(code=5)

    (row,) = json.loads(company.run("history", "app", "--format", "json").out)["plans"]
    assert (row["state"], row["counts"]) == ("credential refused", {})
    causes = [one["cause"] for one in row["attempts"]]
    assert causes == ["credential", "credential", "credential", "quarantine"]
    wrong_token(False)
    assert at_a_terminal(company).code == 0
    (row,) = json.loads(company.run("history", "app", "--format", "json").out)["plans"]
    assert (row["state"], len(row["attempts"])) == ("applied", 4)


def test_history_tells_what_kept_a_plan_from_being_applied(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    def state() -> str:
        rows = json.loads(company.run("history", "app", "--format", "json").out)["plans"]
        return str(rows[-1]["state"])

    company.plan()
    sandbox.before = hang_up
    company.apply(code=9)
    assert state() == "target unreachable"
    sandbox.before = lambda method, path: None
    quarantined(company, wrong_token, failures=3)
    assert state() == "credential refused"
    later(seconds=2)
    wrong_token(False)
    company.hire("gil")
    company.plan()
    company.apply(code=5)
    assert state() == "in quarantine"


def test_history_finds_the_plans_that_a_guard_blocked_at_apply(
    settled: Company, later: Any
) -> None:
    settled.lose("ada", "bob")
    settled.plan()
    settled.application["safety"] = {"accidental_deletions": {"at_most": 1, "percent": 50}}
    settled.write()
    assert settled.run("history", "--guard", "accidental_deletions").out == "No plans.\n"

    settled.apply(code=5)

    assert "blocked" in settled.run("history", "--guard", "accidental_deletions").out


def test_plan_writes_nothing_beside_the_journals(settled: Company) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    settled.plan(code=5)

    assert not (settled.store / "attempts.jsonl").exists()


def test_somebody_whom_the_service_never_takes_keeps_nobody_inside(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=2)
    wrong_token(False)
    with sandbox.by_hand() as target:
        target.create(USER, account("fay@contoso.example", externalId="somebody else"))

    company.apply(code=7)

    assert shown(company)["in_quarantine"] is False


def test_audit_verify_checks_the_attempts_and_shows_their_head(
    company: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=2)
    found = json.loads(company.run("audit", "verify", "--format", "json").out)
    (head,) = found["heads"]
    assert head["file"].endswith("attempts.jsonl")
    assert company.run("audit", "verify", "--head", head["sha256"]).code == 0

    file = company.store / "attempts.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0])
    assert company.run("audit", "verify", "--head", head["sha256"]).code == 6
    file.write_bytes(lines[0].replace(b"credential", b"incomplete") + lines[1])
    assert company.run("audit", "verify").code == 6


def test_the_heads_of_journals_and_attempts_are_told_apart(
    settled: Company, later: Any, wrong_token: Any
) -> None:
    quarantined(settled, wrong_token, failures=1)

    lines = settled.run("audit", "verify").out.splitlines()

    starts = [line.partition(":")[0] for line in lines if line.startswith("head of")]
    assert starts == ["head of the journals of app", "head of the attempts of app"]


def test_6_nothing_is_concluded_from_attempts_that_were_changed(
    company: Company, sandbox: Sandbox, later: Any, wrong_token: Any
) -> None:
    quarantined(company, wrong_token, failures=2)
    wrong_token(False)
    file = company.store / "attempts.jsonl"
    file.write_bytes(file.read_bytes().replace(b"credential", b"unreachable"))
    sandbox.requests.clear()

    company.apply(code=6)

    assert sandbox.requests == []
