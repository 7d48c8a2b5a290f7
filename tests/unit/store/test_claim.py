import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.ports import LockHeld
from reconciler.store.chain import read_journal
from reconciler.store.claim import Newest, claimed, give_back_owed, newest_claim
from reconciler.store.disk import Disk
from reconciler.store.folder import StoreError, StoreUnwritable
from reconciler.store.journal import FileJournal
from tests.journals import BEGIN, CREATE, END, SteppingClock

NOTHING = Newest(0, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm" / "x.journal.jsonl"


def none_yet() -> Newest:
    return NOTHING


def edit(folder: Path, number: int, **fields: object) -> None:
    """Make the claim somebody else's."""
    path = folder / f".run-{number}"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def abandon(path: Path, **fields: object) -> int:
    """Leave a claim behind as a process does that is killed in mid-run; return its number."""
    with claimed(path, none_yet) as claim:
        claim.begin()
    edit(path.parent, claim.number, state="begun", **fields)
    return claim.number


def state_of(folder: Path) -> str:
    """Return the state of the newest claim."""
    found = newest_claim(folder)
    assert found is not None
    return found.state


DEAD = {"process": f"{os.getpid()} since 1"}
"""A process of our number that was started another time."""
ELSEWHERE = {"machine": "another"}
UNDATED = {"process": str(os.getpid())}
"""A process of our number, on a system that does not tell when it was started."""


def test_runs_are_numbered_from_what_is_known(path: Path) -> None:
    with claimed(path, lambda: Newest(7, "a" * 64)) as claim:
        assert (claim.number, claim.after) == (8, "a" * 64)
        claim.begin()

    with claimed(path, none_yet) as claim:
        assert claim.number == 9


def test_inv_18_a_claim_is_one_runs(path: Path) -> None:
    with claimed(path, none_yet), pytest.raises(LockHeld, match="another apply of crm is running"):
        claimed(path, none_yet).__enter__()


def test_inv_18_of_two_that_claim_at_the_same_time_one_gets_it(path: Path) -> None:
    with ExitStack() as others:

        def meanwhile() -> Newest:
            if not list(path.parent.glob(".run-*")):
                others.enter_context(claimed(path, none_yet))
            return NOTHING

        with pytest.raises(LockHeld, match="has just begun"):
            claimed(path, meanwhile).__enter__()


def test_a_run_that_never_began_leaves_nothing_behind(path: Path) -> None:
    with claimed(path, none_yet):
        pass

    assert os.listdir(path.parent) == []


def test_a_run_that_began_leaves_its_claim_and_no_older_one(path: Path) -> None:
    for _ in range(3):
        with claimed(path, none_yet) as claim:
            claim.begin()

    assert os.listdir(path.parent) == [".run-3"]
    found = newest_claim(path.parent)
    assert found is not None
    assert (found.journal, found.state) == (path.name, "ended")


@pytest.mark.parametrize(
    "owner", [DEAD, ELSEWHERE, UNDATED], ids=["dead", "on another machine", "perhaps another's"]
)
def test_f66_whoever_cannot_give_a_claim_back_is_taken_over(
    path: Path, owner: dict[str, object]
) -> None:
    number = abandon(path, **owner)

    with claimed(path, none_yet) as claim:
        assert claim.number == number + 1


def test_f66_what_could_not_be_given_back_is_given_back_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreUnwritable("no way through")

    with claimed(path, none_yet) as claim:
        claim.begin()
        monkeypatch.setattr("reconciler.store.slot.OnDisk.replace", refuse)
    give_back_owed()
    assert state_of(path.parent) == "begun"

    monkeypatch.undo()
    give_back_owed()
    assert state_of(path.parent) == "ended"


def test_f66_where_no_start_is_known_a_number_that_is_used_again_holds_nobody_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.store.claim._process", str)
    number = abandon(path)

    with claimed(path, none_yet) as claim:
        assert claim.number == number + 1


def test_a_claim_that_is_none_is_not_guessed_at(path: Path) -> None:
    path.parent.mkdir()
    (path.parent / ".run-4").write_text("{}")

    with pytest.raises(StoreError, match=r"\.run-4 is not what an apply writes"):
        claimed(path, none_yet).__enter__()


Act = Callable[[FileJournal], None]


def intend(journal: FileJournal) -> None:
    journal.append("intent", **CREATE)


def end(journal: FileJournal) -> None:
    journal.append("run_end", **END)


@pytest.mark.parametrize("act", [intend, end])
@pytest.mark.parametrize("ended", [False, True], ids=["goes on", "has ended"])
def test_inv_18_whoever_was_taken_over_writes_nothing_more(
    path: Path, act: Act, ended: bool
) -> None:
    with claimed(path, none_yet) as first, FileJournal(path, SteppingClock(), claim=first) as slow:
        slow.append("run_begin", **BEGIN)
        edit(path.parent, first.number, **ELSEWHERE)
        taking = claimed(path, none_yet)
        with FileJournal(path, SteppingClock(), claim=taking.__enter__()) as other:
            other.append("run_begin", **BEGIN)
            if ended:
                taking.__exit__(None, None, None)
            before = path.read_bytes()

            with pytest.raises(LockHeld, match="has taken over"):
                act(slow)

    assert path.read_bytes() == before
    assert [r["run"] for r in read_journal(path).records if r["kind"] == "run_begin"] == [1, 2]


class TakenOver(Disk):
    """A disk on which another run takes over while a record is being written."""

    def __init__(self, take_over: Callable[[], None]) -> None:
        self.take_over = take_over

    def write(self, descriptor: int, data: bytes) -> None:
        if b'"kind":"intent"' in data:
            self.take_over()
        super().write(descriptor, data)


def test_inv_18_an_intent_that_came_too_late_is_not_the_journals(path: Path) -> None:
    """Nobody sends after it, and whoever took over goes on with a whole journal."""
    with ExitStack() as others:

        def take_over() -> None:
            edit(path.parent, 1, **ELSEWHERE)
            claim = others.enter_context(claimed(path, none_yet))
            with FileJournal(path, SteppingClock(), claim=claim) as other:
                other.append("run_begin", **BEGIN)
                other.append("run_end", **END)

        with (
            claimed(path, none_yet) as first,
            FileJournal(path, SteppingClock(), TakenOver(take_over), first) as slow,
        ):
            slow.append("run_begin", **BEGIN)

            with pytest.raises(LockHeld, match="has taken over"):
                intend(slow)

    kinds = [record["kind"] for record in read_journal(path).records]
    assert kinds == ["run_begin", "run_begin", "run_end"]


def test_inv_18_whoever_is_taken_over_while_it_opens_writes_to_nobodys_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run puts its own copy in place of the one that this run has just put there."""
    with FileJournal(path, SteppingClock()) as before:
        before.append("run_begin", **BEGIN)
        before.append("run_end", **END)
    replace = Path.replace

    with ExitStack() as others:

        def overtaken(copy: Path, target: Path) -> Path:
            done = replace(copy, target)
            if target == path:
                monkeypatch.setattr(Path, "replace", replace)
                edit(path.parent, 1, **ELSEWHERE)
                claim = others.enter_context(claimed(path, none_yet))
                with FileJournal(path, SteppingClock(), claim=claim) as other:
                    other.append("run_begin", **BEGIN)
                    other.append("run_end", **END)
            return done

        monkeypatch.setattr(Path, "replace", overtaken)
        with (
            claimed(path, none_yet) as first,
            FileJournal(path, SteppingClock(), claim=first) as slow,
            pytest.raises(LockHeld, match="has taken over"),
        ):
            slow.append("run_begin", **BEGIN)

    begins = [one for one in read_journal(path).records if one["kind"] == "run_begin"]
    assert [one.get("run") for one in begins] == [None, 2]
