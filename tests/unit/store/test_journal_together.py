"""Several threads append to one journal: what waits for the disk is written together."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.ports import LockHeld
from reconciler.store.chain import read_journal
from reconciler.store.disk import Disk
from reconciler.store.journal import FileJournal, JournalUnwritable, _Entry
from reconciler.store.tail import FileTail
from tests.journals import BEGIN, CREATE, SteppingClock

THREADS = 6


class Gate(Disk):
    """A disk that stops in its first write after it is shut, until it is opened again."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.syncs = 0
        self.stopped, self.open = threading.Event(), threading.Event()
        self.open.set()

    def write(self, descriptor: int, data: bytes) -> None:
        if not self.open.is_set():
            self.stopped.set()
            assert self.open.wait(60)
            if self.error is not None:
                raise self.error
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        super().sync(descriptor)


class Waiting(FileJournal):
    """A journal that tells how many records wait in it."""

    def wait_for(self, count: int) -> None:
        for _ in range(6000):
            if len(self._waiting) == count:
                return
            threading.Event().wait(0.01)
        pytest.fail(f"{len(self._waiting)} wait")

    @property
    def over(self) -> bool:
        return self._over is not None


class Crowd:
    """Threads that append one intent each; the first is in the disk, the others wait for it."""

    def __init__(self, path: Path, error: Exception | None = None) -> None:
        self.path, self.disk = path, Gate(error)
        self.journal = Waiting(path, SteppingClock(), self.disk)
        self.journal.append("run_begin", **BEGIN)
        self.there: dict[str, bool] = {}
        self.errors: list[Exception] = []
        self.disk.open.clear()
        self.before = self.disk.syncs
        self.threads = [threading.Thread(target=self._append, args=(n,)) for n in range(THREADS)]
        self.threads[0].start()
        assert self.disk.stopped.wait(60)
        for thread in self.threads[1:]:
            thread.start()
        self.journal.wait_for(THREADS - 1)

    def _append(self, number: int) -> None:
        name = f"op-{number}"
        try:
            self.journal.append("intent", **{**CREATE, "op": name})
        except (JournalUnwritable, LockHeld) as exc:
            self.errors.append(exc)
            return
        self.there[name] = f'"{name}"' in self.path.read_text("utf-8")

    def end(self) -> None:
        self.disk.open.set()
        for thread in self.threads:
            thread.join(60)
        self.journal.close()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that takes many records at once, as a bucket does."""
    monkeypatch.setattr(FileTail, "most", 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm" / "x.journal.jsonl"


@pytest.mark.usefixtures("together")
def test_what_waits_is_written_in_one_go_and_in_one_chain(path: Path) -> None:
    crowd = Crowd(path)
    crowd.end()

    assert crowd.disk.syncs - crowd.before == 2
    assert crowd.errors == []
    assert crowd.there == {f"op-{n}": True for n in range(THREADS)}
    assert len(read_journal(path).records) == 1 + THREADS
    assert read_journal(path).records == crowd.journal.records()


@pytest.mark.parametrize("most", [1, 100])
def test_f63_whoever_waits_for_a_write_that_fails_may_not_go_on(
    path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileTail, "most", most)
    crowd = Crowd(path, OSError(28, "No space left on device"))
    crowd.end()

    assert len(crowd.errors) == THREADS
    assert crowd.there == {}
    assert [record["kind"] for record in read_journal(path).records] == ["run_begin"]
    assert len(crowd.journal.records()) == 1


class Held(threading.Event):
    """A turn whose owner, once it has come, stays where they are until they are let go."""

    go = threading.Event()
    comes = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        super().wait(timeout)
        self.comes.set()
        return self.go.wait(60)


def turning(monkeypatch: pytest.MonkeyPatch, kind: type[threading.Event]) -> None:
    """Let whoever appends from now on wait for a turn of this *kind*."""

    def entry(name: str, line: bytes) -> _Entry:
        return _Entry(name, line, kind())

    monkeypatch.setattr("reconciler.store.journal._Entry", entry)


def test_whose_turn_comes_when_the_journal_is_closed_holds_nobody_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turning(monkeypatch, Held)
    crowd = Crowd(path)
    crowd.disk.open.set()
    assert Held.comes.wait(60)
    closing = threading.Thread(target=crowd.journal.close, daemon=True)
    closing.start()
    for _ in range(6000):
        if crowd.journal.over:
            break
        threading.Event().wait(0.01)
    Held.go.set()

    closing.join(60)

    assert not closing.is_alive()
    crowd.end()
    assert crowd.there == {"op-0": True}
    assert len(crowd.errors) == THREADS - 1
    assert len(read_journal(path).records) == 2


class Interrupted(threading.Event):
    """A turn that is waited for when Ctrl-C comes."""

    def wait(self, timeout: float | None = None) -> bool:
        raise KeyboardInterrupt


def test_inv_12_who_is_interrupted_while_they_wait_leaves_no_hole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their record is in the chain of those that follow: none of these is written."""
    crowd = Crowd(path)
    turning(monkeypatch, Interrupted)

    with pytest.raises(KeyboardInterrupt):
        crowd.journal.append("intent", **{**CREATE, "op": "op-x"})
    crowd.end()

    assert crowd.there == {"op-0": True}
    assert len(crowd.errors) == THREADS - 1
    assert len(read_journal(path).records) == 2


@pytest.fixture
def shared(path: Path) -> Iterator[FileJournal]:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        yield journal


def test_f61_in_a_folder_each_record_is_a_write_of_its_own(path: Path) -> None:
    crowd = Crowd(path)
    crowd.end()

    assert crowd.disk.syncs - crowd.before == THREADS
    assert read_journal(path).records == crowd.journal.records()


def test_many_threads_at_once_make_one_chain(path: Path, shared: FileJournal) -> None:
    def append(number: int) -> None:
        for count in range(20):
            name = f"op-{number}-{count}"
            shared.append("intent", **{**CREATE, "op": name})
            assert f'"{name}"' in path.read_text("utf-8")

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    records = read_journal(path).records
    assert len(records) == 161
    for number in range(8):
        mine = [
            r["op"]
            for r in records
            if r["kind"] == "intent" and r["op"].startswith(f"op-{number}-")
        ]
        assert mine == [f"op-{number}-{count}" for count in range(20)]
