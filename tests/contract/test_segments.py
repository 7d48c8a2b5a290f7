"""Journals in an object store: one end, seals, gaps, and what is put together."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from reconciler.ports import LockHeld, RecordsAltered
from reconciler.store.bucket import Bucket, Found
from reconciler.store.chain import read_journal
from reconciler.store.claim import Claim, claimed
from reconciler.store.journal import FileJournal
from reconciler.store.lineage import newest_in
from reconciler.store.objects import Key
from reconciler.store.segments import MANY, RecordsLost, joined, seal, segments
from tests.journals import BEGIN, CREATE, END, SteppingClock
from tests.s3 import STORE, S3Server, bucket_of, objects, url_of

FOLDER = "app/x.journal.jsonl"


@pytest.fixture
def path(s3: S3Server) -> Key:
    return Key("", STORE, bucket_of()) / "app" / "x.journal.jsonl"


@pytest.fixture
def elsewhere(path: Key, monkeypatch: pytest.MonkeyPatch) -> Iterator[Claim]:
    """A run on another machine: nobody here can tell whether it goes on."""
    with ExitStack() as stack:
        with monkeypatch.context() as there:
            there.setattr("reconciler.store.claim._machine", lambda: "another machine")
            claim = stack.enter_context(claimed(path, lambda: newest_in(path.parent)))
        yield claim


@pytest.fixture
def slow(path: Key, elsewhere: Claim) -> FileJournal:
    """The journal of that run, which has begun."""
    journal = FileJournal(path, SteppingClock(), claim=elsewhere)
    journal.append("run_begin", **BEGIN)
    return journal


def take_over(stack: ExitStack, path: Key) -> FileJournal:
    claim = stack.enter_context(claimed(path, lambda: newest_in(path.parent)))
    return stack.enter_context(FileJournal(path, SteppingClock(), claim=claim))


@pytest.mark.parametrize("name", ["x.journal.jsonl", "y.journal.jsonl"])
def test_inv_18_whoever_was_taken_over_writes_nothing_more(
    name: str, path: Key, slow: FileJournal
) -> None:
    with ExitStack() as stack:
        take_over(stack, path.with_name(name))

        with pytest.raises(LockHeld, match="has taken over"):
            slow.append("intent", **CREATE)
    assert [record["kind"] for record in read_journal(path).records] == ["run_begin"]


def test_inv_18_whoever_was_taken_over_before_its_first_record_writes_none(
    path: Key, elsewhere: Claim
) -> None:
    with ExitStack() as stack:
        take_over(stack, path.with_name("y.journal.jsonl"))

        with pytest.raises(LockHeld):
            FileJournal(path, SteppingClock(), claim=elsewhere)


def test_inv_18_it_is_the_store_that_refuses_and_not_the_claim(
    path: Key, slow: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        take_over(stack, path.with_name("y.journal.jsonl"))
        monkeypatch.setattr(Claim, "require", lambda self: None)

        with pytest.raises(LockHeld):
            slow.append("intent", **CREATE)


def test_whoever_takes_over_finds_every_intent(path: Key, slow: FileJournal) -> None:
    slow.append("intent", **CREATE)
    with ExitStack() as stack:
        mine = take_over(stack, path)

        assert [record["kind"] for record in mine.records()] == ["run_begin", "intent"]
        mine.append("run_begin", **{**BEGIN, "resumed": True})
    assert [record.get("run") for record in read_journal(path).records] == [1, None, 2]


def test_a_run_that_ends_by_itself_is_not_sealed(path: Key) -> None:
    for _ in range(2):
        with ExitStack() as stack:
            journal = take_over(stack, path)
            journal.append("run_begin", **BEGIN)
            journal.append("run_end", **END)

    assert len(segments(path.bucket, path.path).after) == 4


def test_a_seal_is_put_behind_whatever_is_written_meanwhile(path: Key, slow: FileJournal) -> None:
    written = threading.Event()
    refused = threading.Event()

    def go_on() -> None:
        try:
            while True:
                slow.append("intent", **CREATE)
                written.set()
        except LockHeld:
            refused.set()

    writer = threading.Thread(target=go_on)
    writer.start()
    assert written.wait(60)
    with ExitStack() as stack:
        mine = take_over(stack, path)
        writer.join(60)

    assert refused.is_set()
    assert mine.records() == slow.records()


def test_a_seal_that_is_refused_leaves_no_gap(path: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two writes at once a store may refuse both (409)."""
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
    create, refused = Bucket.create, list[str]()

    def refuse_once(bucket: Bucket, name: str, data: bytes) -> bool:
        if refused:
            return create(bucket, name, data)
        refused.append(name)
        return False

    monkeypatch.setattr(Bucket, "create", refuse_once)
    seal(path.bucket, path.path)

    assert segments(path.bucket, path.path).after == (1, 2)


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_inv_34_a_segment_that_is_gone_is_told(gone: int, path: Key) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        for _ in range(3):
            journal.append("intent", **CREATE)
    path.bucket.delete([f"{FOLDER}/0000000{gone}"])

    with pytest.raises(RecordsAltered, match=f"segment {gone} is missing"):
        read_journal(path)


@pytest.mark.parametrize(
    "data", [b'{"kind":"intent"', b'{"kind":"intent"}', b'{"a":1}\n{"b"\n'], ids=repr
)
def test_inv_34_half_a_segment_is_damage_and_no_crash(data: bytes, path: Key) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
    path.bucket.create(f"{FOLDER}/00000002", data)

    with pytest.raises(RecordsLost, match="does not hold whole records"):
        read_journal(path)


def long_journal(path: Key, records: int = MANY + 4) -> bytes:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        for _ in range(records - 1):
            journal.append("intent", **CREATE)
        return joined(path.bucket, path.path, 10**6)


def test_many_segments_are_put_together_and_read_as_before(path: Key) -> None:
    before = long_journal(path)

    assert objects(path.bucket) == [f"{FOLDER}/000000{MANY + 4}.all"]
    assert joined(path.bucket, path.path, 10**6) == before


def test_what_was_put_together_is_gone_on_with(path: Key) -> None:
    before = long_journal(path)
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_end", **END)

    assert joined(path.bucket, path.path, 10**6).startswith(before)
    assert len(read_journal(path).records) == MANY + 5
    long = long_again(path)
    assert [name[-4:] for name in objects(path.bucket)] == [".all"]
    assert len(read_journal(path).records) == long


def long_again(path: Key) -> int:
    with FileJournal(path, SteppingClock()) as journal:
        for _ in range(MANY):
            journal.append("intent", **CREATE)
        return len(journal.records())


def test_inv_34_what_was_put_together_and_is_gone_is_told(path: Key) -> None:
    long_journal(path)
    seal(path.bucket, path.path)
    (together,) = [name for name in objects(path.bucket) if name.endswith(".all")]
    path.bucket.delete([together])

    with pytest.raises(RecordsLost, match="segment 1 is missing"):
        read_journal(path)


def test_inv_18_a_seal_outlives_what_is_put_together(path: Key, slow: FileJournal) -> None:
    with ExitStack() as stack:
        mine = take_over(stack, path)
        mine.append("run_begin", **BEGIN)
        for _ in range(MANY):
            mine.append("intent", **CREATE)
    assert [name[-4:] for name in objects(path.bucket, FOLDER)] == ["0002", ".all"]

    with pytest.raises(LockHeld):
        slow.append("intent", **CREATE)
    assert read_journal(path).records == mine.records()


def test_a_crash_while_putting_together_loses_nothing(
    path: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(type(path.bucket), "delete", lambda self, paths: None)
        before = long_journal(path)
    assert len(objects(path.bucket)) == MANY + 5

    assert joined(path.bucket, path.path, 10**6) == before
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_end", **END)
    assert [name[-4:] for name in objects(path.bucket)] == [".all", "0021"]


class Interrupted(Bucket):
    """A reader to whom something happens between the listing and the first segment."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__(url_of())
        self.happens = happens

    def get(self, path: str, limit: int) -> Found:
        happens, self.happens = self.happens, lambda: None
        happens()
        return super().get(path, limit)


def test_a_reader_looks_again_when_segments_are_put_together_meanwhile(path: Key) -> None:
    before = long_journal(path, MANY - 1)
    assert len(objects(path.bucket)) == MANY - 1

    def one_more() -> None:
        with FileJournal(path, SteppingClock()) as journal:
            journal.append("run_end", **END)

    assert joined(Interrupted(one_more), path.path, 10**6).startswith(before)
    assert [name[-4:] for name in objects(path.bucket)] == [".all"]


RACER = """
import sys
from reconciler.ports import LockHeld
from tests.s3 import bucket_of
bucket, me, won = bucket_of(), sys.argv[1], 0
for number in range(1, 21):
    won += bucket.create(f"race/{number:08d}", me.encode())
print(won)
"""


def test_of_processes_that_write_the_same_number_one_does(s3: S3Server) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, name], stdout=subprocess.PIPE, text=True)
        for name in "abc"
    ]
    won = {
        name: int(racer.communicate(timeout=60)[0])
        for name, racer in zip("abc", racers, strict=True)
    }

    bucket = bucket_of()
    written = [bucket.get(name, 10).data.decode() for name in objects(bucket, "race")]
    assert len(written) == 20
    assert won == {name: written.count(name) for name in "abc"}
