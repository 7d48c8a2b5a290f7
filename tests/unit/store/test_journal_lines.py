"""What is written at once is one line: all of it is there, or none (decision 36)."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from reconciler.store.attempts import attempts
from reconciler.store.audit import audit
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.disk import Disk
from reconciler.store.journal import FileJournal
from reconciler.store.records import MOST_TOGETHER
from tests.journals import BEGIN, CREATE, END, SteppingClock, done
from tests.plans import APPLICATION, TENANT_URL

SHARED = {"at", "seq", "prev", "sum", "torn"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / APPLICATION / "x.journal.jsonl"


def intents(count: int) -> list[dict[str, Any]]:
    return [{**CREATE, "kind": "intent", "op": f"op-{number}"} for number in range(count)]


def ends() -> list[dict[str, Any]]:
    failed = {**CREATE, "kind": "failed", "op": "op-2", "code": "Timeout", "detail": "no \ud800"}
    conflict = {**failed, "kind": "conflict", "op": "op-1"}
    return [{"kind": "done", **done(["create"], "a-1", "t-1", op="op-0")}, conflict, failed]


def written(path: Path) -> list[bytes]:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append_all(intents(3))
        journal.append_all(ends())
        journal.append("run_end", **END)
    return path.read_bytes().splitlines()


def plain(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return records without what ties them to their line."""
    return [{k: v for k, v in record.items() if k not in SHARED} for record in records]


def test_several_records_are_one_line_and_are_read_one_by_one(path: Path) -> None:
    lines = written(path)

    records = read_journal(path).records
    assert [json.loads(line)["kind"] for line in lines] == [
        "run_begin",
        "together",
        "together",
        "run_end",
    ]
    assert [record["seq"] for record in records] == [0, 1, 1, 1, 2, 2, 2, 3]
    assert [record["kind"] for record in records[1:7]] == [
        *["intent"] * 3,
        "done",
        "conflict",
        "failed",
    ]
    assert len({record["at"] for record in records[1:4]}) == 1


def test_they_say_the_same_as_lines_of_their_own(path: Path, tmp_path: Path) -> None:
    written(path)
    apart = tmp_path / "y.journal.jsonl"
    with FileJournal(apart, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        for record in [*intents(3), *ends()]:
            fields = {**record}
            journal.append(fields.pop("kind"), **fields)
        journal.append("run_end", **END)

    assert plain(read_journal(path).records) == plain(read_journal(apart).records)


def test_inv_12_they_are_one_write_and_one_wait_for_the_disk(path: Path) -> None:
    class Counting(Disk):
        calls: ClassVar[list[str]] = []

        def write(self, descriptor: int, data: bytes) -> None:
            self.calls.append("write")
            super().write(descriptor, data)

        def sync(self, descriptor: int) -> None:
            self.calls.append("sync")
            super().sync(descriptor)

    disk = Counting()
    with FileJournal(path, SteppingClock(), disk) as journal:
        journal.append("run_begin", **BEGIN)
        disk.calls.clear()
        journal.append_all(intents(100))

        assert disk.calls == ["write", "sync"]


@pytest.mark.parametrize(
    ("count", "kinds"),
    [
        pytest.param(0, [], id="none is no line"),
        pytest.param(1, ["intent"], id="one is as if it was alone"),
        pytest.param(2, ["together"], id="two"),
        pytest.param(MOST_TOGETHER, ["together"], id="as many as a line holds"),
        pytest.param(MOST_TOGETHER + 1, ["together", "intent"], id="one more"),
    ],
)
def test_a_line_holds_from_two_to_a_thousand(path: Path, count: int, kinds: list[str]) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append_all(intents(count))

    found = [json.loads(line)["kind"] for line in path.read_bytes().splitlines()]
    assert found == ["run_begin", *kinds]
    assert len(read_journal(path).records) == 1 + count


def test_f61_of_a_line_that_a_crash_has_cut_off_nothing_is_told(path: Path) -> None:
    data = b"\n".join(written(path)[:2]) + b"\n"
    begun = data.index(b"\n") + 1
    for cut in range(begun, len(data), 7):
        path.write_bytes(data[:cut])

        with FileJournal(path, SteppingClock()) as journal:
            assert len(journal.records()) == 1
            journal.append_all(intents(2))

        records = read_journal(path).records
        assert len(records) == 3
        assert [record.get("torn") for record in records[1:]] == [cut - begun or None] * 2


@pytest.mark.parametrize("block", [0, 1, 2])
def test_f62_a_line_with_a_hole_in_it_is_no_record_and_no_damage(path: Path, block: int) -> None:
    """After a loss of power any block of what was not synced may be missing."""
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        whole = path.stat().st_size
        journal.append_all(intents(60))
    data = bytearray(path.read_bytes())
    start = whole + block * 4096
    data[start : start + 4096] = bytes(4096)
    path.write_bytes(data)

    content = read_journal(path)

    assert [record["kind"] for record in content.records] == ["run_begin"]
    assert content.torn == len(data) - whole


def test_f69_a_record_of_a_line_that_was_changed_is_noticed(path: Path) -> None:
    lines = written(path)
    lines[1] = lines[1].replace(b"op-1", b"op-9")
    path.write_bytes(b"\n".join(lines) + b"\n")

    with pytest.raises(JournalDamaged, match="line 3: does not follow the line before"):
        read_journal(path)
    assert audit(path.parent.parent).problems


def test_f69_the_newest_line_is_believed_in_its_own_bytes_alone(path: Path) -> None:
    lines = written(path)[:2]
    path.write_bytes(b"\n".join([lines[0], lines[1].replace(b"op-1", b"op-9")]) + b"\n")

    with pytest.raises(JournalDamaged, match="line 2: its sum does not fit"):
        read_journal(path)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([{**CREATE, "kind": "intent"}, {"kind": "run_end", **END}], id="another kind"),
        pytest.param([{**CREATE, "kind": "intent", "x": 1}] * 2, id="another field"),
    ],
)
def test_what_is_no_record_of_an_operation_is_a_defect(
    path: Path, records: list[dict[str, Any]]
) -> None:
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        with pytest.raises(ValidationError):
            journal.append_all(records)

        journal.append("run_end", **END)

    assert len(read_journal(path).records) == 2


def test_f64_what_could_not_be_synced_is_not_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = FileJournal(path, SteppingClock())
    journal.append("run_begin", **BEGIN)

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", failing)
        with pytest.raises(Exception, match="Input/output error"):
            journal.append_all(intents(3))

    assert [record["kind"] for record in journal.records()] == ["run_begin"]


def test_failures_of_a_line_count_against_the_health_of_an_application(path: Path) -> None:
    written(path)

    (attempt,) = attempts(path.parent.parent, APPLICATION).attempts

    assert attempt.failed == {"Timeout": 1}
    assert BEGIN["tenant_url"] == TENANT_URL
