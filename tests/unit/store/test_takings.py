"""What earlier runs took, by their journals."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.states import Taken
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from tests.journals import BEGIN, START, SteppingClock, done, write_journal
from tests.plans import APPLICATION, TENANT_URL


def place(store: Path, number: int = 1) -> Path:
    return store / APPLICATION / f"2026-11-23T10000{number}Z-{number:012x}.journal.jsonl"


def taken(store: Path) -> tuple[Taken, ...]:
    return recorded(store, APPLICATION, TENANT_URL).taken


def counts(store: Path) -> list[dict[str, int]]:
    return [dict(one.counts) for one in taken(store)]


def begun(**fields: Any) -> dict[str, Any]:
    """Return the fields of an intent."""
    about = done([], "a-1", "t-1", **fields)
    return {key: value for key, value in about.items() if key not in {"effects", "outcome"}}


def test_what_was_done_is_what_it_says_that_it_counted(tmp_path: Path) -> None:
    said = {"accidental_deletions": 1, "delete_users": 1}
    write_journal(place(tmp_path), done(["delete"], None, "t-1", counts=said), plan_digest="c" * 64)

    [one] = taken(tmp_path)

    assert one.counts == said
    assert (one.plan, one.target_id, one.resource_type.value) == ("c" * 64, "t-1", "User")
    assert one.at == datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC)


def test_what_counted_for_nothing_is_not_kept(tmp_path: Path) -> None:
    write_journal(place(tmp_path), done(["delete"], None, "t-1", counts={}))

    assert taken(tmp_path) == ()


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (done(["disable"], "a-1", "t-1"), {"accidental_deletions"}),
        (done(["delete"], "a-1", "t-1"), {"accidental_deletions", "delete_users"}),
        (
            done(["delete"], "a-1", "t-1", resource_type="Group"),
            {"accidental_deletions", "delete_groups"},
        ),
        (done(["enable"], "a-1", "t-1"), {"enable_users"}),
        (done([], "a-1", "t-1", action="revoke"), {"revoke_roles"}),
        (
            done([], "a-1", "t-1", action="remove_members", resource_type="Group"),
            {"remove_members", "group_members"},
        ),
        (done(["create"], "a-1", "t-1", action="create"), set()),
    ],
)
def test_an_old_journal_is_counted_as_far_as_it_tells(
    tmp_path: Path, record: dict[str, Any], expected: set[str]
) -> None:
    write_journal(place(tmp_path), record)

    assert {one for each in counts(tmp_path) for one in each} == expected


@pytest.mark.parametrize(
    ("ends", "counted"),
    [
        pytest.param((), 1, id="nobody knows: it may have arrived"),
        pytest.param(("done",), 1, id="done"),
        pytest.param(("refused",), 0, id="it is not there"),
        pytest.param(("failed",), 1, id="the answer is lost, and so is the look"),
        pytest.param(("conflict",), 0, id="nothing was sent"),
        pytest.param(("run_begin", "intent", "done"), 1, id="done by the next run: once"),
        pytest.param(("run_begin", "intent", "refused"), 0, id="the next run found that it is not"),
        pytest.param(("run_begin", "conflict"), 1, id="the next run did not get to look"),
        pytest.param(("done", "run_begin", "failed"), 1, id="what is done stays done"),
    ],
)
def test_what_was_begun_counts_until_it_is_known_not_to_be_there(
    tmp_path: Path, ends: tuple[str, ...], counted: int
) -> None:
    said = {"accidental_deletions": 1}
    fields: dict[str, dict[str, Any]] = {
        "run_begin": {**BEGIN, "resumed": True},
        "intent": begun(counts=said),
        "done": done(["disable"], "a-1", "t-1", counts=said),
        "failed": {**begun(), "code": "Timeout", "detail": "no answer"},
        "refused": {**begun(), "code": "InsufficientRights", "detail": "not this one"},
        "conflict": {**begun(), "code": "EntryConflict", "detail": "changed"},
    }
    with FileJournal(place(tmp_path), SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        for kind in ("intent", *ends):
            journal.append("failed" if kind == "refused" else kind, **fields[kind])

    assert counts(tmp_path) == [said] * counted


@pytest.mark.parametrize(
    ("code", "counted"),
    [
        ("UnprocessableEntity", 0),
        ("Unauthorized", 0),
        ("InternalServerError", 1),
        ("SystemForCrossDomainIdentityManagementServiceIncompatible", 1),
        ("OfALaterVersion", 1),
    ],
)
def test_the_code_of_a_failure_says_whether_it_may_be_there(
    tmp_path: Path, code: str, counted: int
) -> None:
    said = {"accidental_deletions": 1}
    with FileJournal(place(tmp_path), SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append("intent", **begun(counts=said))
        journal.append("failed", **begun(), code=code, detail="as it came")

    assert counts(tmp_path) == [said] * counted


@pytest.mark.parametrize(
    ("guards", "left"),
    [
        ((), {"accidental_deletions": 1, "delete_users": 1}),
        (("accidental_deletions",), {"delete_users": 1}),
        (("accidental_deletions", "delete_users"), {}),
        (("half_gone",), {"accidental_deletions": 1, "delete_users": 1}),
        (("rolling_window",), {}),
    ],
)
def test_what_an_approval_let_pass_does_not_count(
    tmp_path: Path, guards: tuple[str, ...], left: dict[str, int]
) -> None:
    approvals = [{"guard": guard, "count": 1, "approval": "f" * 64} for guard in guards]
    said = {"accidental_deletions": 1, "delete_users": 1}
    write_journal(place(tmp_path), done(["delete"], None, "t-1", counts=said), approvals=approvals)

    assert counts(tmp_path) == ([left] if left else [])


def test_an_approval_covers_its_own_run_only(tmp_path: Path) -> None:
    said = {"accidental_deletions": 1}
    approved = [{"guard": "accidental_deletions", "count": 1, "approval": "f" * 64}]
    one = done(["disable"], None, "t-1", counts=said)
    with FileJournal(place(tmp_path), SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append("done", **one)
        journal.append("run_begin", **{**BEGIN, "approvals": approved, "resumed": True})
        journal.append("done", **{**one, "op": "op-0002", "target_id": "t-2"})

    assert [each.target_id for each in taken(tmp_path)] == ["t-1"]


def test_runs_against_another_tenant_say_nothing(tmp_path: Path) -> None:
    elsewhere = "http://127.0.0.1:9/other"
    write_journal(place(tmp_path), done(["disable"], None, "t-1"), tenant_url=elsewhere)

    assert taken(tmp_path) == ()


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    later = START.replace(hour=20)
    write_journal(place(tmp_path, 1), done(["disable"], None, "t-1"), start=later)
    write_journal(
        place(tmp_path, 2), done(["disable"], None, "t-2"), start=START, plan_digest="d" * 64
    )

    assert [one.target_id for one in taken(tmp_path)] == ["t-2", "t-1"]
