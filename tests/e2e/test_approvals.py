"""
A blocked plan, approved: by the real command, against the sandbox.

Of eight people four leave, and three may. Every refusal is shown with its exit
code, and with a target to which nothing was written.
"""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.states import ResourceType
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Ended, Sandbox
from tests.e2e.conftest import founded
from tests.servers import TOKEN
from tests.signing import settings_of, write_key

GUARD = "accidental_deletions"
USER = ResourceType.USER


LEAVING = ("ada", "bob", "cleo", "dan")


def eight(folder: Path, url: str) -> Company:
    company = founded(folder, url)
    company.hire("gil")
    company.hire("hal")
    wide = {"percent": 100}
    company.application = {"safety": {"source_shrinks": wide, "half_gone": wide}}
    return company


@pytest.fixture(scope="module")
def four_leave(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The folder of the company when the plan is made, and what the sandbox holds."""
    company = eight(tmp_path_factory.mktemp("blocked") / "company", server.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_NAME, TOKEN)
        server.reset()
        company.settle()
        company.lose(*LEAVING)
        company.plan(code=5)
    return company.folder, server.stored()


@pytest.fixture
def blocked(four_leave: tuple[Path, list[Any]], sandbox: Sandbox, tmp_path: Path) -> Company:
    """Eight people in place, of whom four are to be disabled; one more than the limit."""
    folder, resources = four_leave
    sandbox.reset(resources)
    shutil.copytree(folder, tmp_path / "company")
    company = eight(tmp_path / "company", sandbox.url)
    company.lose(*LEAVING)
    return company


def approve(company: Company, count: int = 4, code: int = 0, *more: str | Path) -> Ended:
    ended = company.run(
        *("approve", company.newest(), "--guard", GUARD, "--count", str(count)),
        *("--reason", "Berlin closed, HR-4711", *more),
    )
    assert ended.code == code, ended.text
    return ended


def approvals(company: Company) -> list[Path]:
    return sorted(company.store.glob("*.approval.json"))


def disabled(sandbox: Sandbox) -> int:
    return sum(not user["active"] for user in sandbox.users().values())


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda clock: datetime.now(UTC) + by)


def test_what_was_approved_stands_the_audit_and_is_told(blocked: Company) -> None:
    approve(blocked)
    blocked.apply()

    verified = blocked.run("audit", "verify")
    assert (verified.code, "1 approval: as written" in verified.words) == (0, True), verified.text
    told = blocked.run("history", "--format", "csv").out
    assert "accidental_deletions 4 by " in told
    assert "Berlin closed, HR-4711" in told
    (path,) = approvals(blocked)
    path.unlink()
    lost = blocked.run("audit", "verify")
    assert (lost.code, "no good one with this digest" in lost.out) == (6, True), lost.text


def test_an_approval_is_told_before_it_is_used(blocked: Company) -> None:
    approve(blocked)

    def approved() -> list[tuple[str, int, str, bool]]:
        (plan,) = [
            row
            for row in json.loads(blocked.run("history", "--format", "json").out)["plans"]
            if row["blocked"]
        ]
        return [(a["guard"], a["count"], a["reason"], a["used"]) for a in plan["approved"]]

    reason = "Berlin closed, HR-4711"
    assert approved() == [(GUARD, 4, reason, False)]
    assert f"{reason} (not used)" in blocked.run("history").out
    blocked.apply()
    assert approved() == [(GUARD, 4, reason, True)]
    assert "(not used)" not in blocked.run("history").out


def test_without_an_approval_a_blocked_plan_stays_blocked(
    blocked: Company, sandbox: Sandbox
) -> None:
    blocked.apply(code=5)

    assert sandbox.writes == []


def test_an_approval_lets_exactly_this_plan_pass(blocked: Company, sandbox: Sandbox) -> None:
    said = approve(blocked)
    blocked.apply()

    assert "accidental_deletions, 4, for the operations" in said.out
    assert disabled(sandbox) == 4
    (use,) = blocked.journal()[0]["approvals"]
    assert (use["guard"], use["count"]) == (GUARD, 4)


def test_show_has_the_command_that_approves(blocked: Company, sandbox: Sandbox) -> None:
    shown = blocked.run("show", blocked.newest()).out

    command = next(line for line in shown.splitlines() if "reconciler approve" in line)
    assert command.endswith(f"{blocked.newest()} --guard {GUARD} --count 4 --reason '…'")


def test_the_plan_that_was_printed_has_it_too(blocked: Company) -> None:
    printed = blocked.plan(code=5).out

    assert f"{blocked.newest()} --guard {GUARD} --count 4" in printed


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_plan_that_was_not_kept_has_no_command(blocked: Company, form: str) -> None:
    printed = blocked.plan("--no-store", "--format", form, code=5).words

    assert "reconciler approve" not in printed
    assert "plan again without" in printed


@pytest.mark.parametrize(
    ("guard", "count", "said"),
    [
        pytest.param(GUARD, 3, "the count of accidental_deletions is 4, not 3", id="too few"),
        pytest.param(GUARD, 5, "the count of accidental_deletions is 4, not 5", id="too many"),
        pytest.param("delete_users", 4, "delete_users does not block this plan", id="passes"),
    ],
)
def test_what_would_not_be_accepted_is_not_written(
    blocked: Company, guard: str, count: int, said: str
) -> None:
    wanted = ("--guard", guard, "--count", str(count), "--reason", "x")
    ended = blocked.run("approve", blocked.newest(), *wanted)

    assert (ended.code, said in ended.err) == (6, True), ended.text
    assert approvals(blocked) == []


def test_an_unknown_guard_is_a_usage_error(blocked: Company) -> None:
    wanted = ("--guard", "everything", "--count", "4", "--reason", "x")

    assert blocked.run("approve", blocked.newest(), *wanted).code == 3


@pytest.mark.parametrize("reason", ["", " ", "…", "\udcff"])
def test_3_a_reason_says_something(blocked: Company, reason: str) -> None:
    """Also where the command was pasted as it was printed."""
    wanted = ("--guard", GUARD, "--count", "4", "--reason", reason)
    ended = blocked.run("approve", blocked.newest(), *wanted)

    assert (ended.code, "with a letter or digit in it" in ended.err) == (3, True), ended.text
    assert approvals(blocked) == []


def test_the_protected_list_cannot_be_approved_away(blocked: Company, sandbox: Sandbox) -> None:
    blocked.application["safety"]["protected"] = ["ada@contoso.example"]
    blocked.plan(code=5)
    wanted = ("--guard", "protected", "--count", "1", "--reason", "x")
    ended = blocked.run("approve", blocked.newest(), *wanted)

    assert (ended.code, "protected cannot be approved away" in ended.err) == (6, True)
    shown = blocked.run("show", blocked.newest()).words
    assert "protected cannot be approved away" in shown
    assert "reconciler approve" not in shown
    approve(blocked)
    blocked.apply(code=5)
    assert sandbox.writes == []


def test_an_approval_of_another_plan_does_not_fit(blocked: Company, sandbox: Sandbox) -> None:
    approve(blocked)
    blocked.lose("eve")
    blocked.plan(code=5)

    ended = blocked.apply(code=6)

    assert "and those of this plan are" in ended.err
    assert sandbox.writes == []
    shown = blocked.run("quarantine", "show", "app", "--format", "json")
    (found,) = json.loads(shown.out)["applications"]
    assert (found["in_quarantine"], found["reason"]) == (True, "TooManyDeletes")
    assert [one["id"] for one in found["guards"]] == [GUARD]
    for _ in range(3):  # the third comes too early
        assert "and those of this plan are" in blocked.apply(code=6).err


def test_the_count_is_approved_whatever_it_is_a_share_of(
    blocked: Company, sandbox: Sandbox
) -> None:
    approve(blocked)
    with sandbox.by_hand() as target:
        target.delete(USER, sandbox.users()["hal@contoso.example"]["id"])

    blocked.apply()

    assert disabled(sandbox) == 4


def test_a_guard_that_blocks_by_fresh_counts_alone_was_not_approved(
    blocked: Company, sandbox: Sandbox
) -> None:
    approve(blocked)
    blocked.application["safety"]["half_gone"] = {"percent": 50}
    blocked.write()
    with sandbox.by_hand() as target:
        target.delete(USER, sandbox.users()["hal@contoso.example"]["id"])

    ended = blocked.apply(code=5)

    assert "half_gone: 4 of 7" in ended.err
    assert "accidental_deletions" not in ended.err
    assert sandbox.writes == []


def test_a_stale_operation_does_not_void_an_approval(blocked: Company, sandbox: Sandbox) -> None:
    approve(blocked)
    with sandbox.by_hand() as target:
        off = [{"op": "replace", "path": "active", "value": False}]
        target.patch(USER, sandbox.users()["ada@contoso.example"]["id"], off)

    blocked.apply(code=7)

    assert disabled(sandbox) == 4


def test_an_expired_approval_is_refused(
    blocked: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(blocked)
    later(monkeypatch, timedelta(hours=24, seconds=1))

    ended = blocked.apply(code=6)

    assert "it expired at" in ended.err
    assert sandbox.writes == []


def test_the_configuration_of_apply_says_how_long_it_is_good(
    blocked: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked.top = {"trust": {"approvals_expire": "9d"}}
    blocked.write()
    approve(blocked)
    blocked.top = {}
    blocked.write()
    later(monkeypatch, timedelta(days=2))

    assert "it expired at" in blocked.apply(code=6).err


def test_an_approval_from_the_future_is_refused(
    blocked: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        later(patched, timedelta(hours=1))
        approve(blocked)

    assert "and not yet" in blocked.apply(code=6).err


def test_an_approval_is_used_once(blocked: Company, sandbox: Sandbox) -> None:
    """Somebody switches the four on again: the same operations, in another plan."""
    before = sandbox.stored()
    approve(blocked)
    blocked.apply()
    first = blocked.body()["operations_digest"]
    sandbox.reset(before)
    blocked.plan(code=5)
    assert blocked.body()["operations_digest"] == first

    ended = blocked.apply(code=6)

    assert "an approval is used once" in ended.err
    assert sandbox.writes == []
    approve(blocked)
    blocked.apply()
    assert disabled(sandbox) == 4


def test_an_approval_that_the_plan_alone_needed_is_used_all_the_same(
    blocked: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is raised before apply: the plan is blocked, the fresh counts are not."""
    before, safety = sandbox.stored(), dict(blocked.application["safety"])
    approve(blocked)
    blocked.application["safety"][GUARD] = {"at_most": 50, "percent": 100}
    blocked.write()
    blocked.apply()

    assert [one["guard"] for one in blocked.journal()[0]["approvals"]] == [GUARD]
    with monkeypatch.context() as patched:
        later(patched, timedelta(hours=30))
        assert "applied before" in blocked.apply().out

    blocked.application["safety"] = safety
    sandbox.reset(before)
    blocked.plan(code=5)
    assert "an approval is used once" in blocked.apply(code=6).err
    assert sandbox.writes == []


def test_a_finished_plan_does_nothing_again_under_another_name(
    blocked: Company, sandbox: Sandbox, tmp_path: Path
) -> None:
    approve(blocked)
    blocked.apply()
    copy = tmp_path / "elsewhere.json"
    shutil.copy(blocked.newest(), copy)
    sandbox.requests.clear()

    ended = blocked.run("apply", "--auto-approve", copy)

    assert (ended.code, "applied before" in ended.out) == (0, True)
    assert sandbox.requests == []


def forget(approval: Path) -> None:
    approval.unlink()


def spoil(approval: Path) -> None:
    approval.write_bytes(approval.read_bytes()[:-10])


@pytest.mark.parametrize("lose", [forget, spoil])
def test_a_finished_plan_needs_no_approval_any_more(
    blocked: Company, sandbox: Sandbox, lose: Callable[[Path], None]
) -> None:
    approve(blocked)
    blocked.apply()
    (approval,) = approvals(blocked)
    lose(approval)
    sandbox.requests.clear()

    ended = blocked.apply()

    assert "applied before" in ended.out
    assert sandbox.requests == []
    assert not (blocked.store / "attempts.jsonl").exists()


@pytest.mark.parametrize(("lose", "code"), [(forget, 5), (spoil, 6)])
def test_a_plan_that_has_not_ended_needs_its_approval_still(
    blocked: Company, sandbox: Sandbox, lose: Callable[[Path], None], code: int
) -> None:
    """The run was killed before the last record: nobody has said that it is finished."""
    approve(blocked)
    blocked.apply()
    path = Path(str(blocked.newest()).replace(".plan.json", ".journal.jsonl"))
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    (approval,) = approvals(blocked)
    lose(approval)
    sandbox.requests.clear()

    blocked.apply(code=code)

    assert sandbox.writes == []


def test_a_run_that_was_cut_short_goes_on_with_its_approval(
    blocked: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after the time of the approval."""
    blocked.target = {"concurrency": 1}
    blocked.write()
    approve(blocked)

    def interrupt(method: str, path: str) -> None:
        if method == "PATCH" and disabled(sandbox) == 2:
            raise OSError

    sandbox.before = interrupt
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)
    ended = blocked.run("apply", "--auto-approve", blocked.newest())
    assert ended.code != 0, ended.text
    sandbox.before = lambda method, path: None
    later(monkeypatch, timedelta(hours=30))

    blocked.apply()

    assert disabled(sandbox) == 4


def test_an_approval_travels_beside_a_plan_that_is_not_stored(
    blocked: Company, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Made on another machine: only the plan and what lies beside it come here."""
    out = tmp_path / "handed over"
    blocked.newest().unlink()
    blocked.plan("--no-store", "--out", out / "plan.json", code=5)
    wanted = ("--guard", GUARD, "--count", "4", "--reason", "HR-4711")
    assert blocked.run("approve", out / "plan.json", *wanted).code == 0
    for path in approvals(blocked):
        path.unlink()

    ended = blocked.run("apply", "--auto-approve", out / "plan.json")

    assert ended.code == 0, ended.text
    assert len(approvals(blocked)) == 1


def test_an_approval_that_nobody_needs_is_not_used(blocked: Company, sandbox: Sandbox) -> None:
    approve(blocked)
    blocked.application["safety"][GUARD] = {"at_most": 50, "percent": 100}
    blocked.plan()
    blocked.apply()

    assert "approvals" not in blocked.journal()[0]


class TestSigned:
    """With a key of an approver in `trust`, only what they sign is believed."""

    @pytest.fixture
    def keys(self, blocked: Company) -> dict[str, Path]:
        holders = {"grace": ["approver"], "pipeline": ["planner"]}
        blocked.top = {"trust": settings_of(holders)}
        blocked.write()
        folder = blocked.folder.parent
        return {name: write_key(folder, name) for name in ("grace", "pipeline", "mallory")}

    def test_a_signed_approval_passes(
        self, blocked: Company, sandbox: Sandbox, keys: dict[str, Path]
    ) -> None:
        said = approve(blocked, 4, 0, "--key", keys["grace"])
        blocked.apply()

        assert "Approved by grace (signed)" in said.out
        assert disabled(sandbox) == 4

    def test_an_approver_has_to_sign(self, blocked: Company, keys: dict[str, Path]) -> None:
        assert "add --key FILE" in approve(blocked, 4, 3).err

    @pytest.mark.parametrize("who", ["pipeline", "mallory"])
    def test_nobody_else_can_approve(
        self, blocked: Company, keys: dict[str, Path], who: str
    ) -> None:
        ended = approve(blocked, 4, 6, "--key", keys[who])

        assert "does not have the key" in ended.err
        assert approvals(blocked) == []

    @pytest.mark.parametrize(
        ("trust", "said"),
        [
            pytest.param({}, "nobody is trusted for", id="unknown key"),
            pytest.param({"grace": ["planner"]}, "who is no approver", id="wrong role"),
            pytest.param({"grace": []}, "who is no approver", id="retired"),
            pytest.param({"someone": ["approver"]}, "nobody is trusted for", id="another approver"),
        ],
    )
    def test_who_may_sign_is_what_the_configuration_of_apply_says(
        self,
        blocked: Company,
        sandbox: Sandbox,
        keys: dict[str, Path],
        trust: dict[str, list[str]],
        said: str,
    ) -> None:
        approve(blocked, 4, 0, "--key", keys["grace"])
        blocked.top = {"trust": settings_of(trust)}
        blocked.write()

        assert said in blocked.apply(code=6).err
        assert sandbox.writes == []

    def test_an_approval_without_a_signature_is_refused(
        self, blocked: Company, sandbox: Sandbox, keys: dict[str, Path]
    ) -> None:
        trust, blocked.top = blocked.top, {}
        blocked.write()
        approve(blocked)
        blocked.top = trust
        blocked.write()

        assert "it is not signed" in blocked.apply(code=6).err
        assert sandbox.writes == []

    def test_a_signature_taken_off_is_refused(
        self, blocked: Company, keys: dict[str, Path]
    ) -> None:
        approve(blocked, 4, 0, "--key", keys["grace"])
        (path,) = approvals(blocked)
        plain = json.loads(path.read_text())
        plain["signatures"] = []
        path.write_text(json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n")

        assert "it is not signed" in blocked.apply(code=6).err

    def test_a_key_that_others_can_read_is_refused(
        self, blocked: Company, keys: dict[str, Path]
    ) -> None:
        keys["grace"].chmod(0o640)

        assert "chmod 600" in approve(blocked, 4, 3, "--key", keys["grace"]).err


def test_the_author_of_a_plan_cannot_approve_it(
    blocked: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "grace")
    blocked.top = {"trust": {"approver_not_author": True}}
    blocked.plan(code=5)

    assert "grace made this plan" in approve(blocked, 4, 6).err
    monkeypatch.setenv("GITHUB_ACTOR", "heidi")
    approve(blocked)
    blocked.apply()


def test_an_approval_from_before_that_rule_is_held_to_it(
    blocked: Company, sandbox: Sandbox
) -> None:
    approve(blocked)
    blocked.top = {"trust": {"approver_not_author": True}}
    blocked.write()

    assert "somebody else has to approve it" in blocked.apply(code=6).err
    assert sandbox.writes == []


def test_show_lists_no_command_for_what_is_approved_or_applied(
    blocked: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(blocked)

    for form in ("text", "markdown"):
        shown = blocked.run("show", "--format", form, blocked.newest())
        assert "reconciler approve" not in shown.out
        assert f"Blocked by {GUARD} when it was made, and approved since." in shown.words
        assert "Apply it with: reconciler apply" in shown.words
    blocked.apply()
    applied = blocked.run("show", blocked.newest())

    assert (applied.code, applied.err) == (0, "")
    assert "reconciler approve" not in applied.out
    assert "and let through since; see: reconciler history app" in applied.words


def test_show_lists_the_command_again_when_the_approval_has_expired(
    blocked: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(blocked)
    later(monkeypatch, timedelta(hours=30))

    assert "reconciler approve" in blocked.run("show", blocked.newest()).out


def test_show_lists_the_commands_when_nobody_knows_what_was_approved(blocked: Company) -> None:
    approve(blocked)
    journal = next(blocked.store.glob("*.journal.jsonl"))
    journal.write_bytes(journal.read_bytes().replace(b"verified", b"recorded", 1))

    shown = blocked.run("show", blocked.newest())

    assert shown.code == 0
    assert "reconciler approve" in shown.out
    assert "warning: whether it was approved or applied since is not known: " in shown.err


def test_approving_the_same_again_writes_nothing(blocked: Company, sandbox: Sandbox) -> None:
    first = approve(blocked)
    (path,) = approvals(blocked)
    before = path.read_bytes()

    again = approve(blocked)

    assert (approvals(blocked), path.read_bytes()) == ([path], before)
    assert again.out == first.out.replace("Approved by", "Approved already by")
    assert "nothing was written: an approval with the same facts exists" in again.err
    assert "Apply it with: reconciler apply" in again.err
    blocked.apply()
    assert disabled(sandbox) == 4


def test_what_was_approved_already_is_put_beside_a_plan_that_lies_elsewhere(
    blocked: Company, tmp_path: Path
) -> None:
    approve(blocked)
    copy = tmp_path / "elsewhere" / "plan.json"
    copy.parent.mkdir()
    shutil.copy(blocked.newest(), copy)
    wanted = ("--guard", GUARD, "--count", "4", "--reason", "Berlin closed, HR-4711")

    ended = blocked.run("approve", copy, *wanted)

    (kept,) = approvals(blocked)
    assert (copy.parent / kept.name).read_bytes() == kept.read_bytes()
    assert f"wrote {copy.parent / kept.name}" in ended.err
    assert str(kept) not in ended.err


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"hours": 1}, id="good for longer"),
        pytest.param({"hours": 25}, id="after the first has expired"),
        pytest.param({"expire": "9d"}, id="by another rule"),
        pytest.param({"by": "heidi"}, id="by somebody else"),
        pytest.param({"reason": "HR-4712"}, id="for another reason"),
    ],
)
def test_another_approval_is_written(
    blocked: Company, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "grace")
    approve(blocked)
    if "expire" in change:
        blocked.top = {"trust": {"approvals_expire": change["expire"]}}
        blocked.write()
    monkeypatch.setenv("GITHUB_ACTOR", change.get("by", "grace"))
    later(monkeypatch, timedelta(hours=change.get("hours", 0)))
    why = ("--reason", change["reason"]) if "reason" in change else ()

    assert approve(blocked, 4, 0, *why).out.startswith("Approved by")
    assert len(approvals(blocked)) == 2


def test_each_guard_needs_its_own(company: Company, sandbox: Sandbox) -> None:
    """All but one leave: one guard approved, the other is still in the way."""
    for name in ("gil", "hal"):
        company.hire(name)
    company.settle()
    company.lose(*LEAVING)
    company.plan(code=5)
    sandbox.requests.clear()
    blocking = {one["id"]: one["count"] for one in company.body()["guards"] if one["blocked"]}
    assert len(blocking) > 1

    left = dict(blocking)
    for guard, count in blocking.items():
        assert "accidental_deletions" in company.apply(code=5).err or guard != GUARD
        wanted = ("--guard", guard, "--count", str(count), "--reason", "x")
        ended = company.run("approve", company.newest(), *wanted)
        assert ended.code == 0
        del left[guard]
        told = company.run("show", company.newest()).words
        assert [one for one in blocking if f"--guard {one} " in told] == [*left]
        assert (f"Approved already: {guard}." in told) is bool(left)
        assert ("Apply it with" in ended.err) is (not left)
        assert [one for one in blocking if f"{one} ({blocking[one]})" in ended.err] == [*left]
    company.apply()

    assert disabled(sandbox) == 4
    assert {one["guard"] for one in company.journal()[0]["approvals"]} == set(blocking)


def test_a_plan_for_another_target_is_not_approved(blocked: Company) -> None:
    blocked.target = {"tenant_url": "http://127.0.0.1:9/v2"}
    blocked.write()

    assert "the plan is for" in approve(blocked, 4, 6).err
    assert approvals(blocked) == []


def test_what_cannot_be_counted_any_more_is_not_let_pass(
    blocked: Company, sandbox: Sandbox
) -> None:
    """The journals are lost: four of nobody's accounts."""
    approve(blocked)
    for path in blocked.store.glob("*.journal.jsonl"):
        path.unlink()

    ended = blocked.apply(code=6)

    assert "a journal is missing" in ended.err
    assert sandbox.writes == []


def test_a_flipped_byte_of_an_approval_stops_the_apply(blocked: Company, sandbox: Sandbox) -> None:
    """Every byte is flipped in tests/property/test_tamper_laws.py; here some, by the command."""
    approve(blocked)
    (path,) = approvals(blocked)
    data = path.read_bytes()
    for at in (0, 20, len(data) // 2, len(data) - 60, len(data) - 1):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])

        assert path.name in blocked.apply(code=6).err
        assert blocked.run("audit", "verify").code == 6
    assert sandbox.writes == []
