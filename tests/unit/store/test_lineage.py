import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.states import Recorded
from reconciler.store.audit import audit
from reconciler.store.chain import JournalContent, examined, read_journal
from reconciler.store.claim import claimed
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from reconciler.store.lineage import HistoryLost, losses, newest_in
from reconciler.store.plans import FilePlanStore
from tests.journals import BEGIN, END, SteppingClock, done
from tests.plans import APPLICATION, TENANT_URL, make_plan

PLANS = tuple(f"2026-11-23T10000{second}Z" for second in (1, 2, 3, 4))


def run(store: Path, number: int, *, ends: bool = True) -> Path:
    """Apply the plan of that number, as the program does."""
    path = store / APPLICATION / f"{PLANS[number]}-{number:012x}.journal.jsonl"
    claim = claimed(path, lambda: newest_in(path.parent))
    with claim as held, FileJournal(path, SteppingClock(), claim=held) as journal:
        digest = f"{number:012x}" + "a" * 52
        journal.append("run_begin", **{**BEGIN, "plan_digest": digest})
        journal.append("done", **done(["create"], f"a-{number}", f"t-{number}"))
        if ends:
            journal.append("run_end", **END)
    return path


@pytest.fixture
def journals(tmp_path: Path) -> list[Path]:
    """Three plans, each applied once."""
    return [run(tmp_path, number) for number in range(3)]


def fold(store: Path, plan_head: str | None = None) -> Recorded:
    return recorded(store, APPLICATION, TENANT_URL, plan_head)


def forget_claims(store: Path) -> None:
    """Leave what git keeps."""
    for path in (store / APPLICATION).glob(".run-*"):
        path.unlink()


def test_each_run_says_what_it_follows(journals: list[Path], tmp_path: Path) -> None:
    begins = [json.loads(path.read_bytes().split(b"\n")[0]) for path in journals]

    assert [begin["run"] for begin in begins] == [1, 2, 3]
    assert "after" not in begins[0]
    assert begins[2]["after"] == newest_in_alone(journals[1], tmp_path)
    assert fold(tmp_path).head == newest_in(tmp_path / APPLICATION).head


def newest_in_alone(journal: Path, tmp_path: Path) -> str | None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / journal.name).write_bytes(journal.read_bytes())
    return newest_in(alone).head


def test_a_clock_that_was_set_back_reorders_no_numbered_runs(tmp_path: Path) -> None:
    """Each run of `run` has the same times; the account goes to the newest run's person."""
    for number in (1, 0, 2):
        run(tmp_path, number)

    assert newest_in(tmp_path / APPLICATION).run == 3
    assert fold(tmp_path).links == {("User", f"a-{n}"): f"t-{n}" for n in range(3)}


def cut(path: Path) -> None:
    """Take the last record away."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


Loss = Callable[[Path], None]


@pytest.mark.parametrize("loss", [Path.unlink, cut], ids=["gone", "cut"])
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("claims", [True, False], ids=["claims", "no claims"])
def test_f73_a_journal_that_others_follow_is_missed(
    journals: list[Path], tmp_path: Path, loss: Loss, number: int, claims: bool
) -> None:
    loss(journals[number])
    if not claims:
        forget_claims(tmp_path)

    with pytest.raises(HistoryLost, match=r"line 1: the run follows the record [0-9a-f]{12},"):
        fold(tmp_path)


def test_f73_the_newest_journal_is_missed_by_its_claim(
    journals: list[Path], tmp_path: Path
) -> None:
    journals[2].unlink()

    with pytest.raises(HistoryLost, match=rf"run 3 wrote to {PLANS[2]}"):
        fold(tmp_path)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_f73_what_only_looks_is_told_what_is_missing(
    journals: list[Path], tmp_path: Path, number: int
) -> None:
    assert [*losses(tmp_path / APPLICATION)] == []
    journals[number].unlink()

    told = [*losses(tmp_path / APPLICATION)]

    with pytest.raises(HistoryLost) as caught:
        fold(tmp_path)
    assert len(told) == 1
    assert told[0] in str(caught.value)


def test_f73_a_run_that_only_claimed_its_number_hides_nothing(
    journals: list[Path], tmp_path: Path
) -> None:
    journals[2].unlink()

    meanwhile = claimed(journals[2], lambda: newest_in(tmp_path / APPLICATION))

    with meanwhile, pytest.raises(HistoryLost, match="run 3 wrote to"):
        fold(tmp_path)


@pytest.mark.parametrize("loss", [Path.unlink, cut], ids=["gone", "cut"])
def test_f73_the_newest_journal_is_missed_by_a_stored_plan(
    journals: list[Path], tmp_path: Path, loss: Loss
) -> None:
    path = FilePlanStore(tmp_path).save(make_plan(journal_head=fold(tmp_path).head))
    assert Path(path).name > journals[2].name
    loss(journals[2])
    forget_claims(tmp_path)

    with pytest.raises(HistoryLost, match=rf"the plan {Path(path).name} follows"):
        fold(tmp_path)


def test_f73_a_plan_that_is_stored_while_the_journals_are_read_misses_nothing(
    journals: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process applies, and plans, after the newest journal was read here."""

    def read(path: Path, keep: Any) -> JournalContent:
        content = read_journal(path, keep)
        if path == journals[2]:
            run(tmp_path, 2)
            FilePlanStore(tmp_path).save(make_plan(journal_head=newest_in(path.parent).head))
        return content

    monkeypatch.setattr("reconciler.store.history.read_journal", read)

    assert len(fold(tmp_path).links) == 3


def test_f73_two_runs_while_the_journals_are_read_miss_nothing(
    journals: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second follows the end of the first, which was read before that had come."""

    def read(path: Path, keep: Any) -> JournalContent:
        content = read_journal(path, keep)
        if path == journals[0]:
            run(tmp_path, 0)
            run(tmp_path, 1)
        return content

    monkeypatch.setattr("reconciler.store.history.read_journal", read)

    assert len(fold(tmp_path).links) == 3


def test_f73_the_advice_begins_with_the_checkout(journals: list[Path], tmp_path: Path) -> None:
    journals[1].unlink()

    with pytest.raises(HistoryLost, match=r"which is in none\. Pull, or check out the branch that"):
        fold(tmp_path)


def test_f73_the_newest_journal_is_missed_by_the_plan_that_is_applied(
    journals: list[Path], tmp_path: Path
) -> None:
    head = fold(tmp_path).head
    journals[2].unlink()
    forget_claims(tmp_path)

    assert fold(tmp_path).head != head
    with pytest.raises(HistoryLost, match="the plan follows"):
        fold(tmp_path, head)


def test_a_head_that_was_gone_beyond_is_there(journals: list[Path], tmp_path: Path) -> None:
    head = newest_in_alone(journals[0], tmp_path)

    assert fold(tmp_path, head) == fold(tmp_path)


def test_the_audit_names_who_misses_it(journals: list[Path], tmp_path: Path) -> None:
    """The plans of these journals are not in the store, which is no problem."""
    assert audit(tmp_path).problems == []
    cut(journals[0])
    journals[2].unlink()

    first, second = audit(tmp_path).problems

    assert (first.file, first.line) == (str(journals[1]), 1)
    assert "which no journal holds: one is missing" in first.message
    assert (second.file, second.line) == (str(journals[2]), None)
    assert second.message == "run 3 wrote to it, and it does not hold that run"


@pytest.mark.parametrize(
    ("read", "begun"),
    [
        pytest.param(2, [2], id="one"),
        pytest.param(0, [0, 1], id="two, of which one follows the other"),
        pytest.param(0, [3, 2], id="two, of which one writes a new journal"),
    ],
)
def test_the_audit_misses_nothing_of_runs_that_begin_meanwhile(
    journals: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: int,
    begun: list[int],
) -> None:
    """They begin when one of the journals has been read."""
    before, waiting = journals[read].read_bytes(), [*begun]

    def look(data: bytes) -> Any:
        while data == before and waiting:
            run(tmp_path, waiting.pop(0))
        return examined(data)

    monkeypatch.setattr("reconciler.store.audit.examined", look)

    found = audit(tmp_path)

    assert waiting == []
    assert found.problems == []


def test_the_audit_tells_what_a_plan_misses(journals: list[Path], tmp_path: Path) -> None:
    plan = FilePlanStore(tmp_path).save(make_plan(journal_head="d" * 64))

    (problem,) = audit(tmp_path).problems

    assert problem.file == plan
    assert problem.message.startswith("follows the record dddd")
