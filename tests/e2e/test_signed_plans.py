"""Signed plans: by the real command, against the sandbox."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reconciler.store.plans import signature_path
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import Company, Ended, Sandbox, command
from tests.e2e.test_exit_codes_apply import edited
from tests.signing import settings_of, write_key


@pytest.fixture
def keys(settled: Company) -> dict[str, Path]:
    settled.top = {"trust": settings_of({"pipeline": ["planner"], "grace": ["approver"]})}
    settled.hire("gil")
    folder = settled.folder.parent
    return {name: write_key(folder, name) for name in ("pipeline", "grace", "mallory")}


def apply(company: Company, plan: Path, code: int) -> Ended:
    ended = company.run("apply", "--auto-approve", plan)
    assert ended.code == code, ended.text
    return ended


def test_a_signed_plan_is_applied(
    settled: Company, sandbox: Sandbox, keys: dict[str, Path]
) -> None:
    settled.plan("--key", keys["pipeline"])
    shown = settled.run("show", settled.newest())
    settled.apply()

    assert "signed by pipeline" in shown.err
    assert "gil@contoso.example" in sandbox.users()


def test_the_signature_goes_with_the_copy(
    settled: Company, sandbox: Sandbox, keys: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    settled.top["trust"]["signed_plans"] = "required"
    settled.plan("--no-store", "--out", out, "--key", keys["pipeline"])

    apply(settled, out, 0)

    (stored,) = [path for path in settled.plans() if signature_path(path).exists()]
    assert signature_path(stored).read_bytes() == signature_path(out).read_bytes()


def test_a_blocked_plan_is_kept_with_its_signature(
    settled: Company, keys: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    settled.top["trust"]["signed_plans"] = "required"
    settled.lose("ada", "bob", "cleo", "dan")
    settled.plan("--no-store", "--out", out, "--key", keys["pipeline"], code=5)
    before = settled.plans()

    apply(settled, out, 5)

    (stored,) = set(settled.plans()) - set(before)
    assert signature_path(stored).read_bytes() == signature_path(out).read_bytes()
    assert settled.run("show", stored).code == 0


def test_a_plan_that_nobody_signed_is_refused_where_it_must_be(
    settled: Company, sandbox: Sandbox, keys: dict[str, Path]
) -> None:
    settled.top["trust"]["signed_plans"] = "required"
    settled.plan()
    sandbox.requests.clear()

    assert "is not signed" in apply(settled, settled.newest(), 6).err
    assert sandbox.requests == []


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_plan_that_nobody_signed_can_be_looked_at(
    settled: Company, keys: dict[str, Path], form: str
) -> None:
    settled.top["trust"]["signed_plans"] = "required"
    settled.plan()

    shown = settled.run("show", "--format", form, settled.newest())

    assert shown.code == 0
    assert "gil@contoso.example" in shown.out
    assert shown.err.splitlines() == [
        "warning: this plan is not signed, and `trust` says `signed_plans: required`: `approve` "
        "and `apply` refuse it; plan again with --key"
    ]


def test_a_blocked_plan_that_nobody_signed_has_no_command_that_approves(
    settled: Company, keys: dict[str, Path]
) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    settled.top["trust"]["signed_plans"] = "required"
    settled.plan(code=5)
    wanted = ("--guard", "accidental_deletions", "--count", "4", "--reason", "HR-4711")

    shown = settled.run("show", settled.newest())
    refused = settled.run("approve", settled.newest(), *wanted, "--key", keys["grace"])

    assert "reconciler approve" not in shown.out
    assert "This plan is not signed" in shown.words
    assert refused.code == 6


class TestAPlanFromBeforeTheRule:
    """It was applied, unsigned; then `signed_plans: required` was set."""

    @pytest.fixture
    def undone(self, settled: Company, keys: dict[str, Path]) -> Path:
        settled.settle()
        settled.top["trust"]["signed_plans"] = "required"
        settled.write()
        return settled.newest()

    def test_it_is_undone_by_a_signed_plan(
        self, settled: Company, sandbox: Sandbox, keys: dict[str, Path], undone: Path
    ) -> None:
        ended = settled.run("revert", "--key", keys["pipeline"], undone)

        assert ended.code == 0, ended.text
        assert "warning: the plan to be undone is not signed" in ended.err
        assert "Its journal has its digest" in ended.err
        assert signature_path(settled.newest()).exists()
        settled.apply()
        assert sandbox.users()["gil@contoso.example"]["active"] is False

    def test_a_plan_that_undoes_it_is_not_kept_unsigned(
        self, settled: Company, sandbox: Sandbox, undone: Path, tmp_path: Path
    ) -> None:
        before, out = settled.plans(), tmp_path / "plan.json"
        sandbox.requests.clear()

        for kept in ((), ("--no-store", "--out", out)):
            ended = settled.run("revert", *kept, undone)
            assert (ended.code, "add --key FILE" in ended.err) == (3, True), ended.text
        assert sandbox.requests == []
        seen = settled.run("revert", "--no-store", undone)

        assert (seen.code, "gil@contoso.example" in seen.out) == (0, True), seen.text
        assert (settled.plans(), out.exists()) == (before, False)

    def test_nobody_vouches_for_a_plan_that_no_journal_has(
        self, settled: Company, sandbox: Sandbox, keys: dict[str, Path], undone: Path
    ) -> None:
        settled.hire("hal")
        settled.plan()
        sandbox.requests.clear()

        ended = settled.run("revert", "--key", keys["pipeline"], settled.newest())

        assert (ended.code, "nobody vouches for it" in ended.err) == (6, True), ended.text
        assert sandbox.requests == []

    def test_a_forged_plan_is_not_undone(
        self, settled: Company, sandbox: Sandbox, keys: dict[str, Path], undone: Path
    ) -> None:
        """Under the name of the applied plan, with digests that fit, and another past."""

        def forge(value: dict[str, Any]) -> None:
            value["body"]["operations"][0]["changes"][0]["before"] = "mallory"

        forged = edited(undone, forge, seal=True)
        undone.chmod(0o600)
        undone.write_bytes(forged.read_bytes())
        sandbox.requests.clear()

        ended = settled.run("revert", "--key", keys["pipeline"], undone)

        assert (ended.code, "nobody vouches for it" in ended.err) == (6, True), ended.text
        assert sandbox.requests == []

    def test_a_signature_that_is_there_must_be_good(
        self, settled: Company, keys: dict[str, Path], undone: Path
    ) -> None:
        signature_path(undone).write_bytes(b"{}")

        assert settled.run("show", undone).code == 6
        assert settled.run("revert", "--key", keys["pipeline"], undone).code == 6


@pytest.mark.parametrize("who", ["grace", "mallory"])
def test_nobody_but_a_planner_can_sign_a_plan(
    settled: Company, keys: dict[str, Path], who: str
) -> None:
    before = settled.plans()

    ended = settled.plan("--key", keys[who], code=6)

    assert "does not have the key" in ended.err
    assert settled.plans() == before


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        pytest.param({}, "nobody is trusted for", id="unknown key"),
        pytest.param({"pipeline": ["approver"]}, "who is no planner", id="wrong role"),
        pytest.param({"pipeline": []}, "who is no planner", id="retired"),
    ],
)
def test_a_signature_that_is_there_must_be_good(
    settled: Company,
    sandbox: Sandbox,
    keys: dict[str, Path],
    trust: dict[str, list[str]],
    said: str,
) -> None:
    settled.plan("--key", keys["pipeline"])
    settled.top = {"trust": settings_of(trust)}
    settled.write()
    sandbox.requests.clear()

    assert said in apply(settled, settled.newest(), 6).err
    assert sandbox.requests == []


def test_the_signature_of_another_plan_is_refused(
    settled: Company, sandbox: Sandbox, keys: dict[str, Path]
) -> None:
    settled.plan("--key", keys["pipeline"])
    first = signature_path(settled.newest())
    settled.hire("hal")
    settled.plan("--key", keys["pipeline"])
    shutil.copy(first, signature_path(settled.newest()))

    assert "it was made for other bytes" in apply(settled, settled.newest(), 6).err


def test_it_is_verified_before_the_plan_is_parsed(settled: Company, keys: dict[str, Path]) -> None:
    settled.plan("--key", keys["pipeline"])
    settled.newest().write_bytes(b"{")

    ended = apply(settled, settled.newest(), 6)

    assert "it was made for other bytes" in ended.err
    assert "not a plan of format" not in ended.err


def test_a_doctored_header_is_no_way_to_make_a_plan_younger(
    settled: Company, keys: dict[str, Path]
) -> None:
    """Digests anybody can make anew; the signature nobody can."""
    settled.plan("--key", keys["pipeline"])
    path = settled.newest()
    plain = json.loads(path.read_text())
    plain["header"]["author"] = "somebody else"
    path.write_text(json.dumps(plain))

    assert "it was made for other bytes" in apply(settled, path, 6).err


def test_planning_again_keeps_the_signature(settled: Company, keys: dict[str, Path]) -> None:
    settled.plan("--key", keys["pipeline"])
    stored, signature = settled.newest(), signature_path(settled.newest()).read_bytes()

    settled.plan("--key", keys["pipeline"])

    assert settled.newest() == stored
    assert signature_path(stored).read_bytes() == signature


@pytest.mark.parametrize("signed_plans", ["optional", "required"])
def test_what_somebody_else_has_stored_is_not_signed(
    settled: Company, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch, signed_plans: str
) -> None:
    settled.top["trust"]["signed_plans"] = signed_plans
    monkeypatch.setenv("GITHUB_ACTOR", "mallory")
    settled.plan()
    monkeypatch.setenv("GITHUB_ACTOR", "pipeline")

    ended = settled.plan("--key", keys["pipeline"], code=6)

    assert "what we did not make we do not sign" in ended.err
    assert f"{settled.newest()} is this very plan" in ended.err
    assert "Remove that file and plan again" in ended.err
    assert not signature_path(settled.newest()).exists()
    settled.newest().unlink()
    settled.plan("--key", keys["pipeline"])
    assert signature_path(settled.newest()).exists()


def test_a_copy_without_a_key_leaves_no_old_signature_beside_it(
    settled: Company, keys: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    settled.plan("--no-store", "--out", out, "--key", keys["pipeline"])
    settled.plan("--no-store", "--out", out)

    assert not signature_path(out).exists()
    apply(settled, out, 0)


def test_under_a_policy_its_trust_holds(
    settled: Company, keys: dict[str, Path], tmp_path: Path
) -> None:
    """A pull request that trusts a key of its own cannot sign with it."""
    base = tmp_path / "base"
    settled.write()
    shutil.copytree(settled.folder, base)
    settled.top = {"trust": settings_of({"mallory": ["planner"]})}
    policy = ("--policy", base / "provisioning.yaml")

    settled.plan("--no-store", *policy, "--key", keys["mallory"], code=6)
    settled.plan("--no-store", *policy, "--key", keys["pipeline"])


def test_a_signed_plan_is_not_shown_as_if_nobody_had_signed_it(
    settled: Company, keys: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "alone" / "plan.json"
    settled.plan("--no-store", "--out", out, "--key", keys["pipeline"])

    assert command("--config", tmp_path / "none.yaml", "show", out).code == 3
    signature_path(out).unlink()
    assert command("--config", tmp_path / "none.yaml", "show", out).code == 0


def test_keys_are_in_no_artefact(settled: Company, keys: dict[str, Path]) -> None:
    secret = keys["pipeline"].read_bytes().splitlines()[1]
    ended = settled.plan("--key", keys["pipeline"])
    settled.apply()

    assert secret.decode() not in ended.text
    assert [path for path in settled.files() if secret in path.read_bytes()] == []


class TestAnOlderPlan:
    """A plan is made at one time, another one later; the later one is applied first."""

    @pytest.fixture
    def times(self, settled: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        began = datetime.now(UTC)
        ticks = (began + timedelta(seconds=2 * n) for n in count())
        monkeypatch.setattr(SystemClock, "now", lambda clock: next(ticks))

    def older(self, company: Company) -> Path:
        """Somebody is gone from the export, and a plan is made; then they are back."""
        lost = company.people["fay"]
        company.lose("fay")
        company.plan()
        older = company.newest()
        company.people["fay"] = lost
        company.group("Staff")["members"].append("fay")
        return older

    def test_it_is_refused_when_the_newer_one_judged_everybody(
        self, settled: Company, sandbox: Sandbox, times: None
    ) -> None:
        older = self.older(settled)
        settled.hire("gil")
        settled.settle()
        sandbox.requests.clear()

        ended = apply(settled, older, 6)

        assert "a newer plan was applied" in ended.err
        assert sandbox.writes == []

    def test_it_is_applied_after_a_plan_of_one_person(
        self, settled: Company, sandbox: Sandbox, times: None
    ) -> None:
        older = self.older(settled)
        settled.hire("gil")
        settled.settle("--user", "gil@contoso.example")

        apply(settled, older, 0)

        assert sandbox.users()["fay@contoso.example"]["active"] is False

    @pytest.mark.parametrize(
        ("selected", "code"),
        [
            pytest.param((), 6, id="of everybody"),
            pytest.param(("--user", "gil@contoso.example"), 0, id="of one person"),
        ],
    )
    def test_what_undoes_a_plan_is_for_whom_that_one_was(
        self,
        settled: Company,
        sandbox: Sandbox,
        times: None,
        selected: tuple[str, ...],
        code: int,
    ) -> None:
        settled.hire("gil")
        settled.settle(*selected)
        undone, older = settled.newest(), self.older(settled)
        assert settled.run("revert", undone).code == 0
        settled.apply()

        ended = apply(settled, older, code)

        assert ("or undid one that was" in ended.err) is (code == 6)
        assert sandbox.users()["fay@contoso.example"]["active"] is (code == 6)
