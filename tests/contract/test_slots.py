"""What a store needs of the place where it lies: the same of a folder and of buckets."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from reconciler.ports import JournalFailed, LockHeld
from reconciler.store.attempt_records import ATTEMPT_RECORD
from reconciler.store.chain import JournalDamaged, read_chain
from reconciler.store.folder import StoreError
from reconciler.store.journal import FileChain
from reconciler.store.objects import Key
from reconciler.store.slot import Location, files, slot
from tests.azurite import azurite, make_container
from tests.journals import SteppingClock
from tests.s3 import STORE, bucket_of

CLEAR = {"application": "app", "by": "ada", "reason": "well"}


def in_a_folder(request: pytest.FixtureRequest) -> Location:
    tmp_path: Path = request.getfixturevalue("tmp_path")
    return tmp_path / "store"


def in_s3(request: pytest.FixtureRequest) -> Location:
    request.getfixturevalue("s3")
    return Key("", STORE, bucket_of())


def in_azure(request: pytest.FixtureRequest) -> Location:
    store = f"az://company/{request.getfixturevalue('az')}"
    return Key("", store, bucket_of(store))


@pytest.fixture(
    params=[in_a_folder, in_s3, pytest.param(in_azure, marks=pytest.mark.servers)],
    ids=lambda kind: kind.__name__,
)
def store(request: pytest.FixtureRequest) -> Location:
    found: Location = request.param(request)
    return found


@pytest.fixture(scope="module")
def az_server() -> Iterator[str]:
    with azurite() as url:
        make_container(url, "company")
        yield url


@pytest.fixture
def az(az_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix that nobody has used, in an emulator that the environment names."""
    monkeypatch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", az_server)
    return uuid4().hex


def test_what_is_there_is_never_written_over(store: Location) -> None:
    place = slot(store / "app" / "x.plan.json")

    assert place.create((b"first",))
    assert not place.create((b"second",))
    assert place.read(100) == b"first"


def test_a_claim_is_one_processs(store: Location) -> None:
    place = slot(store / "app" / ".run-1")

    assert [place.claim(b"mine"), place.claim(b"mine")] == [True, False]


def test_a_file_is_replaced_only_as_it_was_read(store: Location) -> None:
    place = slot(store / "app" / ".run-1")
    place.create((b"claimed",))
    place.replace(b"begun", b"claimed")

    with pytest.raises(LockHeld):
        place.replace(b"ended", b"claimed")
    assert place.read(100) == b"begun"


def test_a_file_that_is_gone_is_not_replaced(store: Location) -> None:
    place = slot(store / "app" / ".run-1")

    with pytest.raises(LockHeld):
        place.replace(b"begun", b"claimed")
    assert not place.exists()


def test_what_is_not_there_is_not_read(store: Location) -> None:
    for name in ("x.plan.json", "x.journal.jsonl"):
        with pytest.raises(FileNotFoundError):
            slot(store / "app" / name).read(100)


def test_what_is_too_large_is_not_read(store: Location) -> None:
    place = slot(store / "app" / "x.plan.json")
    place.create((b"x" * 101,))

    with pytest.raises(StoreError, match="larger than 100 bytes"):
        place.read(100)


def test_names_are_sorted_and_folders_told_apart(store: Location) -> None:
    for name in ("b.plan.json", "a.plan.json", "c.approval.json"):
        slot(store / "app" / name).create((b"{}",))

    assert slot(store).folders() == ["app"]
    assert [place.name for place in files(store / "app", ".plan.json")] == [
        "a.plan.json",
        "b.plan.json",
    ]
    assert slot(store / "nothing").names() == []


def test_what_is_removed_is_gone(store: Location) -> None:
    place = slot(store / "app" / ".run-1")
    place.create((b"x",))
    place.remove()
    place.remove()

    assert not place.exists()


def test_records_are_appended_one_after_the_other(store: Location) -> None:
    path = store / "app" / "attempts.jsonl"
    for count in range(1, 20):
        with FileChain(path, SteppingClock(), ATTEMPT_RECORD) as chain:
            chain.append("clear", **CLEAR)
        assert len(read_chain(path, ATTEMPT_RECORD).records) == count
    assert [place.name for place in files(store / "app", ".jsonl")] == ["attempts.jsonl"]


def test_of_two_who_append_at_once_the_second_does_not(store: Location) -> None:
    path = store / "app" / "attempts.jsonl"
    first, second = (FileChain(path, SteppingClock(), ATTEMPT_RECORD) for _ in range(2))
    first.append("clear", **CLEAR)

    for _ in range(2):
        with pytest.raises((LockHeld, JournalFailed)):
            second.append("clear", **CLEAR)
    assert read_chain(path, ATTEMPT_RECORD).records == first.records()


def _cut(data: bytes) -> bytes:
    return data[:-20]


def _changed(data: bytes) -> bytes:
    return data.replace(b'"well"', b'"weal"')


@pytest.mark.parametrize("change", [_cut, _changed])
def test_a_record_that_was_changed_is_told(change: Callable[[bytes], bytes], s3: object) -> None:
    bucket = bucket_of()
    path = Key("", STORE, bucket) / "app" / "attempts.jsonl"
    with FileChain(path, SteppingClock(), ATTEMPT_RECORD) as chain:
        chain.append("clear", **CLEAR)
    name = "app/attempts.jsonl/00000001"
    found = bucket.get(name, 1000)
    assert bucket.replace(name, change(found.data), found.tag)

    with pytest.raises((JournalDamaged, StoreError)):
        read_chain(path, ATTEMPT_RECORD)
