"""What was attempted, from journals and from the file beside them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.quarantine import Cause, Ending
from reconciler.store.attempts import ATTEMPTS_NAME, attempts, write_attempt
from reconciler.store.chain import JournalDamaged
from reconciler.store.folder import StoreError
from reconciler.store.journal import FileJournal
from reconciler.store.plans import JOURNAL_SUFFIX
from tests.journals import BEGIN, CREATE, START, SteppingClock, done
from tests.plans import APPLICATION

BLOCKED: dict[str, Any] = {
    "plan_digest": "a" * 64,
    "config_sha256": "c" * 64,
    "scheduled": True,
    "cause": "credential",
    "guards": [],
    "detail": "the target answered 401",
}


def run(store: Path, *records: tuple[str, Mapping[str, Any]], number: int = 0) -> None:
    """Write a journal of one run, of an hour of its own."""
    path = store / APPLICATION / f"2026-11-23T10000{number}Z-{'a' * 12}{JOURNAL_SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    clock = SteppingClock(START.replace(hour=10 + number))
    with FileJournal(path, clock) as journal:
        journal.append("run_begin", **BEGIN, config_sha256="c" * 64)
        for kind, fields in records:
            journal.append(kind, **fields)


def ended(status: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    return "run_end", {"status": status, "counts": {"failed": 1}, **fields}


def failed(code: str) -> tuple[str, dict[str, Any]]:
    return "failed", {**CREATE, "code": code, "detail": "no"}


DONE = ("done", done(["create"], "a-1", "t-1", action="create"))


@pytest.mark.parametrize(
    ("records", "ending", "cause"),
    [
        pytest.param([DONE, ended("done")], Ending.THROUGH, None, id="done"),
        pytest.param([failed("UnprocessableEntity"), ended("partial")], Ending.THROUGH, None,
                     id="nobody but somebody refused for their own sake"),
        pytest.param([failed("InsufficientRights"), ended("partial")], Ending.THROUGH, None,
                     id="forbidden for one person"),
        pytest.param([failed("Timeout"), ended("partial")], Ending.FAILED, Cause.FAILED,
                     id="the road failed and nothing was done"),
        pytest.param([DONE, failed("Timeout"), ended("partial")], Ending.THROUGH, None,
                     id="the road failed once and the rest was done"),
        pytest.param([DONE, ended("partial", stopped="credential")], Ending.FAILED,
                     Cause.CREDENTIAL, id="the credential was refused on the way"),
        pytest.param([DONE, ended("partial", stopped="budget")], Ending.FAILED, Cause.BUDGET,
                     id="the budget was spent"),
        pytest.param([ended("partial", stopped="unreachable")], Ending.FAILED, Cause.UNREACHABLE,
                     id="three unanswered in a row"),
        pytest.param([ended("partial", stopped="stale")], Ending.NEITHER, None,
                     id="something was changed meanwhile"),
        pytest.param([ended("interrupted")], Ending.NEITHER, None, id="interrupted"),
        pytest.param([DONE], Ending.NEITHER, None, id="killed after something was done"),
        pytest.param([("intent", CREATE)], Ending.FAILED, Cause.UNFINISHED,
                     id="killed before anything was done"),
        pytest.param([], Ending.FAILED, Cause.UNFINISHED, id="killed at once"),
    ],
)  # fmt: skip
def test_a_run_is_judged_by_its_journal(
    tmp_path: Path, records: Any, ending: Ending, cause: Cause | None
) -> None:
    run(tmp_path, *records)

    (attempt,) = attempts(tmp_path, APPLICATION).attempts

    assert (attempt.ending, attempt.cause) == (ending, cause)
    assert attempt.config_sha256 == "c" * 64


def test_runs_and_what_never_became_one_are_in_the_order_of_time(tmp_path: Path) -> None:
    run(tmp_path, DONE, ended("done"), number=0)
    run(tmp_path, DONE, ended("done"), number=2)
    clock = SteppingClock(START.replace(hour=11))
    write_attempt(tmp_path, APPLICATION, clock, "blocked", **BLOCKED)
    write_attempt(tmp_path, APPLICATION, clock, "clear", by=None, reason="well again")

    found = attempts(tmp_path, APPLICATION).attempts

    assert [one.ending.value for one in found] == ["through", "failed", "cleared", "through"]


def test_several_runs_of_one_plan_are_several_attempts(tmp_path: Path) -> None:
    run(tmp_path, ("intent", CREATE))
    run(tmp_path, DONE, ended("done"))

    found = attempts(tmp_path, APPLICATION).attempts

    assert [one.ending for one in found] == [Ending.FAILED, Ending.THROUGH]


def test_what_came_too_early_and_what_was_told_say_nothing_of_health(tmp_path: Path) -> None:
    clock = SteppingClock()
    common = {key: BLOCKED[key] for key in ("plan_digest", "config_sha256", "scheduled")}
    write_attempt(tmp_path, APPLICATION, clock, "too_early", **common, next_attempt=None)
    write_attempt(
        tmp_path, APPLICATION, clock, "notified",
        channel="email", event="entered", about="credential", since=None,
    )  # fmt: skip

    found = attempts(tmp_path, APPLICATION)

    assert found.attempts == ()
    assert [one["kind"] for one in found.blocked] == ["too_early"]
    told = found.told_last("email")
    assert told is not None
    assert (told.event.value, told.about, found.told_last("webhook")) == (
        "entered", "credential", None,
    )  # fmt: skip


def test_a_torn_tail_is_no_damage_and_goes_with_the_next_record(tmp_path: Path) -> None:
    clock = SteppingClock()
    write_attempt(tmp_path, APPLICATION, clock, "blocked", **BLOCKED)
    path = tmp_path / APPLICATION / ATTEMPTS_NAME
    path.write_bytes(path.read_bytes() + b'{"kind":"blo')
    write_attempt(tmp_path, APPLICATION, clock, "blocked", **BLOCKED)

    assert len(attempts(tmp_path, APPLICATION).attempts) == 2


def test_a_clock_that_was_set_back_does_not_bring_a_clear_before_its_failure(
    tmp_path: Path,
) -> None:
    write_attempt(tmp_path, APPLICATION, SteppingClock(START), "blocked", **BLOCKED)
    slow = SteppingClock(START.replace(hour=9))
    write_attempt(tmp_path, APPLICATION, slow, "clear", by=None, reason="well again")

    found = attempts(tmp_path, APPLICATION).attempts

    assert [one.ending for one in found] == [Ending.FAILED, Ending.CLEARED]


@pytest.mark.parametrize("line", [0, 1, 2])
@pytest.mark.parametrize("flip", [(b'"a-1"', b'"a-2"'), (b'"kind":"', b'"kind":"x')])
def test_nothing_is_concluded_from_a_journal_that_was_changed(
    tmp_path: Path, line: int, flip: tuple[bytes, bytes]
) -> None:
    run(tmp_path, DONE, ended("done"))
    (path,) = (tmp_path / APPLICATION).glob(f"*{JOURNAL_SUFFIX}")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(*flip)
    changed = b"".join(lines) != path.read_bytes()
    path.write_bytes(b"".join(lines))

    if changed:
        with pytest.raises(JournalDamaged):
            attempts(tmp_path, APPLICATION)


def test_a_line_that_was_taken_out_is_noticed(tmp_path: Path) -> None:
    run(tmp_path, failed("Timeout"), failed("Timeout"), ended("partial"))
    (path,) = (tmp_path / APPLICATION).glob(f"*{JOURNAL_SUFFIX}")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))

    with pytest.raises(JournalDamaged, match="line 2"):
        attempts(tmp_path, APPLICATION)


def test_the_torn_tail_of_a_journal_is_no_damage(tmp_path: Path) -> None:
    run(tmp_path, DONE)
    (path,) = (tmp_path / APPLICATION).glob(f"*{JOURNAL_SUFFIX}")
    path.write_bytes(path.read_bytes() + b'{"kind":"run_e')

    (attempt,) = attempts(tmp_path, APPLICATION).attempts

    assert attempt.ending is Ending.NEITHER


def test_records_of_another_application_are_damage(tmp_path: Path) -> None:
    write_attempt(tmp_path, "elsewhere", SteppingClock(), "blocked", **BLOCKED)
    (tmp_path / "elsewhere").rename(tmp_path / APPLICATION)

    with pytest.raises(JournalDamaged, match="is about elsewhere"):
        attempts(tmp_path, APPLICATION)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / APPLICATION).write_text("a file")

    with pytest.raises(StoreError, match="cannot be read"):
        write_attempt(tmp_path, APPLICATION, SteppingClock(), "blocked", **BLOCKED)


def test_lines_of_two_branches_in_one_file_are_damage(tmp_path: Path) -> None:
    """What git makes of it with `merge=union`."""
    path = tmp_path / APPLICATION / ATTEMPTS_NAME
    write_attempt(tmp_path, APPLICATION, SteppingClock(), "blocked", **BLOCKED)
    base, sides = path.read_bytes(), []
    for reason in ("well again", "looked at"):
        path.write_bytes(base)
        write_attempt(tmp_path, APPLICATION, SteppingClock(), "clear", by=None, reason=reason)
        sides.append(path.read_bytes())
    files = [tmp_path / name for name in ("ours", "base", "theirs")]
    for file, data in zip(files, (sides[0], base, sides[1]), strict=True):
        file.write_bytes(data)
    union = ["git", "merge-file", "--union", *map(str, files)]
    subprocess.run(union, check=True)
    path.write_bytes(files[0].read_bytes())

    assert len(path.read_bytes().splitlines()) == 3
    with pytest.raises(JournalDamaged, match="line 3: does not follow"):
        attempts(tmp_path, APPLICATION)
