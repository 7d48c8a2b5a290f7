import hashlib
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.ports import Clock, Journal, JournalGrown, LockHeld
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.disk import DISK
from reconciler.store.folder import StoreError
from reconciler.store.journal import FileJournal, JournalUnwritable
from reconciler.store.tail import FileTail
from tests.journals import BEGIN, CREATE, END, SteppingClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm" / "x.journal.jsonl"


def written(path: Path) -> list[bytes]:
    """Write a journal of three records and return its lines."""
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append("intent", **CREATE)
        journal.append("run_end", **END)
    return path.read_bytes().splitlines()


def test_it_is_a_journal(path: Path) -> None:
    journal: Journal = FileJournal(path, SteppingClock())

    journal.append("run_begin", **BEGIN)

    assert [record["kind"] for record in journal.records()] == ["run_begin"]


def test_a_new_journal_is_empty_and_makes_no_file(path: Path) -> None:
    journal = FileJournal(path, SteppingClock())

    assert (journal.records(), journal.head) == ((), None)
    assert not path.parent.exists()


def test_each_record_carries_the_hash_of_the_line_before(path: Path) -> None:
    lines = written(path)

    records = [json.loads(line) for line in lines]
    assert [record["seq"] for record in records] == [0, 1, 2]
    assert records[0]["prev"] == "0" * 64
    assert records[1]["prev"] == hashlib.sha256(lines[0]).hexdigest()
    assert records[2]["prev"] == hashlib.sha256(lines[1]).hexdigest()
    assert FileJournal(path, SteppingClock()).head == hashlib.sha256(lines[2]).hexdigest()


def test_a_record_is_canonical_json_with_its_time(path: Path) -> None:
    line = written(path)[2]

    expected = {
        "kind": "run_end",
        "at": "2026-11-23T10:00:02.000000Z",
        "seq": 2,
        "prev": json.loads(line)["prev"],
        **END,
    }
    plain = json.dumps(expected, sort_keys=True, separators=(",", ":")).encode()
    expected["sum"] = hashlib.sha256(plain).hexdigest()
    assert line == json.dumps(expected, sort_keys=True, separators=(",", ":")).encode()


def test_the_time_is_in_utc_wherever_the_clock_stands(path: Path) -> None:
    cet = timezone(timedelta(hours=1))
    clock = SteppingClock(datetime(2026, 11, 23, 11, 0, tzinfo=cet))

    FileJournal(path, clock).append("run_begin", **BEGIN)

    assert read_journal(path).records[0]["at"] == "2026-11-23T10:00:00.000000Z"


def test_a_journal_is_private(path: Path) -> None:
    written(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_an_opened_journal_goes_on_where_it_stopped(path: Path) -> None:
    written(path)

    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **{**BEGIN, "resumed": True})

    assert [record["seq"] for record in read_journal(path).records] == [0, 1, 2, 3]


def test_inv_12_a_record_is_on_the_disk_when_append_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noting(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def step(*args: Any) -> Any:
            steps.append(name)
            return original(*args)

        return step

    for name in ("write", "fsync"):
        monkeypatch.setattr(os, name, noting(name))
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        steps.clear()
        journal.append("intent", **CREATE)
        assert steps == ["write", "fsync"]


def test_a_write_that_the_system_cuts_short_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: original(descriptor, data[:7]))

    lines = written(path)

    assert len(lines) == 3
    assert len(read_journal(path).records) == 3


@pytest.mark.parametrize(
    ("step", "error"),
    [
        pytest.param("write", OSError(28, "No space left on device"), id="disk full"),
        pytest.param("write", OSError(5, "Input/output error"), id="broken disk"),
        pytest.param("fsync", OSError(5, "Input/output error"), id="failed fsync"),
        pytest.param("open", OSError(30, "Read-only file system"), id="read-only"),
    ],
)
def test_f63_f64_a_write_that_fails_is_fatal_and_never_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: OSError
) -> None:
    journal = FileJournal(path, SteppingClock())
    if step != "open":
        journal.append("run_begin", **BEGIN)

    def failing(*_: Any, **__: Any) -> Any:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(os, step, failing)
        with pytest.raises(JournalUnwritable, match=error.strerror or ""):
            journal.append("intent", **CREATE)

    with pytest.raises(JournalUnwritable, match="an earlier write failed"):
        journal.append("intent", **CREATE)
    assert all(record["kind"] == "run_begin" for record in journal.records())


def test_a_closed_journal_takes_no_record(path: Path) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)

    with pytest.raises(JournalUnwritable, match="it is closed"):
        journal.append("run_end", **END)


def test_a_record_of_another_process_is_not_written_over(path: Path) -> None:
    written(path)
    late = FileJournal(path, SteppingClock())
    with FileJournal(path, SteppingClock()) as early:
        early.append("run_begin", **BEGIN)

    with pytest.raises(JournalGrown, match="another process"):
        late.append("run_begin", **BEGIN)


def test_of_two_who_begin_a_file_the_second_writes_nothing(path: Path) -> None:
    """The first one makes it between the second one's look and its own try."""
    looks = iter((False, True, False))

    def meanwhile() -> None:
        if next(looks):
            path.touch()

    with pytest.raises(JournalGrown, match="another process"):
        FileTail(path, 0, 0, meanwhile, DISK).append(b"{}\n")
    assert path.read_bytes() == b""


@pytest.mark.parametrize("writes", [True, False], ids=["and wrote", "and has not written yet"])
def test_whoever_was_taken_over_is_told_that_and_puts_nothing_in_the_way(
    path: Path, writes: bool
) -> None:
    """Another run has claimed the next number since the claim was looked at."""
    written(path)
    before = path.read_bytes()
    looks = iter((False, True))

    def taken_over() -> None:
        if next(looks):
            raise LockHeld("another apply has taken over")
        if writes:
            path.write_bytes(before + b"{}\n")

    with pytest.raises(LockHeld):
        FileTail(path, len(before), 0, taken_over, DISK).append(b"{}\n")
    assert path.read_bytes() == before + b"{}\n" * writes


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of open files")
def test_nothing_of_the_store_is_open_when_a_journal_is_replaced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows replaces no file that is open, neither the old one nor the new one."""
    written(path)
    replaced: list[set[str]] = []
    replace = Path.replace

    def watched(copy: Path, target: Path) -> Path:
        files = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        named = {os.readlink(one) for one in files if os.path.lexists(one)}
        replaced.append({name for name in named if name.startswith(str(path.parent))})
        return replace(copy, target)

    monkeypatch.setattr(Path, "replace", watched)
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)

    assert replaced == [set()]
    assert len(read_journal(path).records) == 4


def test_threads_may_share_a_journal(path: Path) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)

        def work(worker: int) -> None:
            for number in range(20):
                journal.append("intent", **{**CREATE, "op": f"{worker}-{number}"})

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    records = read_journal(path).records
    assert len(records) == 81
    assert len({record["op"] for record in records if record["kind"] == "intent"}) == 80


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b'{"kind":"int', id="half a record"),
        pytest.param(b"\0" * 512, id="a block of zeros"),
        pytest.param(b'{"kind":"int\n', id="not JSON, with its newline"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
    ],
)
def test_f61_a_torn_tail_is_cut_off_and_told(path: Path, tail: bytes) -> None:
    lines = written(path)
    with path.open("ab") as file:
        file.write(tail)

    with FileJournal(path, SteppingClock()) as journal:
        assert len(journal.records()) == 3
        assert path.read_bytes().endswith(tail), "opening a journal changes nothing"
        journal.append("run_begin", **BEGIN)
        journal.append("run_end", **END)

    records = read_journal(path).records
    assert path.read_bytes().splitlines()[:3] == lines
    assert records[3].get("torn") == len(tail)
    assert "torn" not in records[4]


def test_f61_a_whole_record_without_its_newline_is_a_torn_tail(path: Path) -> None:
    lines = written(path)
    path.write_bytes(b"\n".join(lines))

    content = read_journal(path)

    assert len(content.records) == 2
    assert content.torn == len(lines[2])


def test_f61_every_torn_offset_leaves_a_journal_that_goes_on(path: Path) -> None:
    data = b"\n".join(written(path)) + b"\n"
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        whole = data[:cut].count(b"\n")

        with FileJournal(path, SteppingClock()) as journal:
            assert len(journal.records()) == whole
            journal.append("run_begin", **BEGIN)

        assert len(read_journal(path).records) == whole + 1


def replaced(number: int, old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        lines[number] = lines[number].replace(old, new)
        return lines

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(replaced(1, b"ada@", b"eve@"), id="a value is changed"),
        pytest.param(replaced(0, b'"users":250', b'"users":251'), id="a number is changed"),
        pytest.param(lambda lines: lines[1:], id="the first line is lost"),
        pytest.param(lambda lines: [lines[0], lines[2]], id="a line is lost"),
        pytest.param(lambda lines: [lines[0], lines[0], *lines[1:]], id="a line is added"),
        pytest.param(lambda lines: [lines[1], lines[0], lines[2]], id="two lines are swapped"),
        pytest.param(replaced(1, b"{", b""), id="a line in the middle is torn"),
        pytest.param(replaced(2, b'"seq":2', b'"seq":3'), id="a number is skipped"),
        pytest.param(replaced(2, b'"kind":"run_end"', b'"kind":"other"'), id="an unknown kind"),
        pytest.param(replaced(2, b'{"at"', b'{"a":1,"at"'), id="an unknown field"),
        pytest.param(replaced(2, b'"done":1', b'"done":2'), id="the newest line is changed"),
        pytest.param(replaced(2, b"T10:00", b"T25:00"), id="an hour that no clock shows"),
        pytest.param(lambda lines: [lines[0], b"", *lines[1:]], id="an empty line"),
    ],
)
def test_damage_anywhere_else_is_refused(
    path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n".join(change(written(path))) + b"\n")

    with pytest.raises(JournalDamaged, match=r"x\.journal\.jsonl, line \d"):
        FileJournal(path, SteppingClock())


def test_a_damaged_journal_does_not_show_what_is_in_it(path: Path) -> None:
    lines = written(path)
    lines[1] = lines[1].replace(b'"key":"ada@contoso.example"', b'"key":["ada@contoso.example"]')
    path.write_bytes(b"\n".join(lines) + b"\n")

    with pytest.raises(JournalDamaged) as refused:
        read_journal(path)

    assert "ada@contoso.example" not in str(refused.value)


def test_a_journal_that_is_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    written(path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="symbolic link"):
        FileJournal(path, SteppingClock())


def test_a_link_put_there_after_opening_is_not_followed(path: Path, tmp_path: Path) -> None:
    journal = FileJournal(path, SteppingClock())
    path.parent.mkdir()
    (tmp_path / "elsewhere").touch()
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(JournalUnwritable):
        journal.append("run_begin", **BEGIN)

    assert (tmp_path / "elsewhere").read_bytes() == b""


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param("intent", {}, id="fields missing"),
        pytest.param("intent", {**CREATE, "password": "x"}, id="a field too many"),
        pytest.param("sent", CREATE, id="an unknown kind"),
        pytest.param("run_end", {**END, "status": "fine"}, id="an unknown word"),
    ],
)
def test_a_record_that_is_none_is_not_written(
    path: Path, kind: str, fields: dict[str, Any]
) -> None:
    journal = FileJournal(path, SteppingClock())

    with pytest.raises(ValidationError):
        journal.append(kind, **fields)

    assert not path.exists()


def test_the_words_of_a_server_never_stop_a_record(path: Path) -> None:
    failed = {**CREATE, "code": "InternalServerError", "detail": "a lone \ud800 surrogate"}
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append("failed", **failed)

    record = read_journal(path).records[1]
    assert record["kind"] == "failed"
    assert record["detail"] == "a lone ? surrogate"


def test_the_stepping_clock_is_a_clock() -> None:
    clock: Clock = SteppingClock()

    assert clock.now() == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
