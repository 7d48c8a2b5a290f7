"""The audit of signatures and approvals: what was changed, by whom, and how it was used."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.document import Plan, Verdict
from reconciler.plan.plan_file import seal
from reconciler.signing.approval import By, Wanted, approve, read_approval
from reconciler.signing.keys import Trusted
from reconciler.signing.plans import sign_plan
from reconciler.store.approvals import keep_approval
from reconciler.store.audit import Audit, audit
from reconciler.store.audit_signatures import audit_signatures
from reconciler.store.plans import FilePlanStore, encode_plan, signature_path
from tests.journals import START, done, write_journal
from tests.plans import make_plan
from tests.signing import key_of, trusting

BLOCKED = Verdict("accidental_deletions", 24, 200, 10, True, "24 of 200")
KEYS = trusting({"grace": ("approver",), "pipeline": ("planner",)})
RETIRED = trusting({"grace": (), "pipeline": ()})
NOBODY = trusting()
CREATED = done(["create"], "a-1", "t-1", action="create")


class Scene:
    """A signed plan, an approval of it, and the journal of the run that used it."""

    def __init__(self, folder: Path, trust: Trusted = KEYS) -> None:
        self.store = FilePlanStore(folder)
        made = make_plan(guards=[BLOCKED])
        self.plan = seal(made.body, replace(made.header, author="ada"))
        signs = bool(trust.signers)
        signature = sign_plan(encode_plan(self.plan), "x", key_of("pipeline")) if signs else None
        self.path = Path(self.store.save(self.plan, signature))
        self.folder = self.path.parent
        key = key_of("grace") if signs else None
        by = By("grace", key, START - timedelta(hours=1), bytes(16))
        wanted = Wanted(BLOCKED.id, BLOCKED.count, "HR-4711")
        data = approve(self.plan, None, wanted, trust, by)
        self.approval = read_approval(data, "", trust)
        self.kept = keep_approval(self.folder, self.approval)

    def used(self, plan: Plan | None = None, start: datetime = START, **changes: Any) -> Path:
        """Write the journal of a run that has used the approval."""
        plan = plan or self.plan
        use = {"guard": BLOCKED.id, "count": 24, "approval": self.approval.sha256, **changes}
        path = self.store.journal_path(plan)
        write_journal(
            path,
            CREATED,
            start=start,
            plan_digest=plan.digest,
            operations_digest=plan.body.operations_digest,
            approvals=[use],
        )
        return path

    def found(self, trust: Trusted = KEYS) -> Audit:
        result = audit(self.store.folder)
        audit_signatures(self.store.folder, trust, result)
        return result


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "plans")


def problems(found: Audit) -> list[tuple[str, int | None, str]]:
    return [(Path(one.file).name, one.line, one.message) for one in found.problems]


def test_what_is_in_order(scene: Scene) -> None:
    scene.used()
    found = scene.found()

    assert (found.signatures, found.approvals) == (1, 1)
    assert (found.problems, found.remarks) == ([], [])


def test_a_retired_key_is_still_known(scene: Scene) -> None:
    scene.used()

    assert scene.found(RETIRED).problems == []


def test_a_key_that_is_gone_is_not(scene: Scene) -> None:
    scene.used()

    files = {name for name, _, message in problems(scene.found(NOBODY)) if "trusted" in message}
    assert files == {scene.kept.name, signature_path(scene.path).name}


@pytest.mark.parametrize("which", ["kept", "signature"])
def test_a_changed_byte_is_found(scene: Scene, which: str) -> None:
    path = scene.kept if which == "kept" else signature_path(scene.path)
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)

    assert path.name in {name for name, _, _ in problems(scene.found())}


def test_the_signature_of_another_plan_is_found(scene: Scene) -> None:
    path = signature_path(scene.path)
    path.write_bytes(sign_plan(b"another", "x", key_of("pipeline")))

    ((name, _, message),) = problems(scene.found())
    assert (name, "made for other bytes" in message) == (path.name, True)


def test_a_signature_whose_plan_was_thrown_away_is_remarked(scene: Scene) -> None:
    scene.path.unlink()
    found = scene.found()

    assert (found.problems, len(found.remarks)) == ([], 1)


def used_and_lost(scene: Scene) -> None:
    scene.used()
    scene.kept.unlink()


Doing = Callable[[Scene], object]
USES: dict[str, tuple[Doing, str]] = {
    "another count": (lambda scene: scene.used(count=25), "for something else"),
    "another guard": (lambda scene: scene.used(guard="delete_users"), "for something else"),
    "before its time": (
        lambda scene: scene.used(start=START - timedelta(hours=2)),
        "at a time for which",
    ),
    "after its time": (
        lambda scene: scene.used(start=START + timedelta(hours=23)),
        "at a time for which",
    ),
    "one that is not there": (used_and_lost, "no good one"),
}
"""How an approval is misused, and what is said of it."""


@pytest.mark.parametrize("how", USES)
def test_a_use_that_was_not_given_is_found(scene: Scene, how: str) -> None:
    misuse, said = USES[how]
    misuse(scene)

    ((name, line, message),) = problems(scene.found())
    assert (name.endswith(".journal.jsonl"), line, said in message) == (True, 1, True)


def test_a_second_use_is_found(scene: Scene) -> None:
    scene.used()
    again = make_plan(guards=[BLOCKED], users=251)
    scene.store.save(again)
    scene.used(again, START + timedelta(minutes=1), count=24)

    messages = [message for _, _, message in problems(scene.found()) if "uses" in message]
    assert any("which another plan has used" in message for message in messages)


def test_an_approval_under_another_name_is_found(scene: Scene) -> None:
    scene.kept.rename(scene.folder / "mine.approval.json")

    ((name, _, message),) = problems(scene.found())
    assert (name, "its name is not" in message) == ("mine.approval.json", True)


def test_an_approval_in_the_folder_of_another_application_is_found(scene: Scene) -> None:
    other = scene.store.folder / "mail"
    other.mkdir()
    scene.kept.rename(other / scene.kept.name)

    ((_, _, message),) = problems(scene.found())
    assert "is an approval of" in message


def test_what_is_not_signed_is_remarked_where_it_should_be(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "plans", NOBODY)
    scene.used()
    strict = trusting({"grace": ("approver",), "p": ("planner",)}, signed_plans="required")

    assert (scene.found(NOBODY).problems, scene.found(NOBODY).remarks) == ([], [])
    found = scene.found(strict)
    assert found.problems == []
    assert {Path(one.file).name for one in found.remarks} == {scene.kept.name, scene.path.name}
