"""What is said of a line that is damaged: its number, its record, its field; nobody's name."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from reconciler.store.attempt_records import ATTEMPT_RECORD
from reconciler.store.chain import JournalDamaged, read_chain
from reconciler.store.journal import FileJournal
from reconciler.store.records import RECORD
from tests.journals import BEGIN, SteppingClock

GONE = object()


def spoilt(tmp_path: Path, **changes: Any) -> Path:
    """Return a journal of one record in which some fields are others, or gone."""
    path = tmp_path / "x.journal.jsonl"
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
    record = {**json.loads(path.read_bytes()), **changes}
    plain = {key: value for key, value in record.items() if value is not GONE}
    path.write_bytes(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return path


def said(path: Path, shape: TypeAdapter[Any] = RECORD) -> str:
    """Return what is said of the file, after its name."""
    with pytest.raises(JournalDamaged) as caught:
        read_chain(path, shape)
    return str(caught.value).removeprefix(f"{path}, ")


OURS = "line 1: not a record of ours: "
BEGUN = f"{OURS}by its `kind` it is `run_begin`, and its field "


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"kind": "gone"}, f"{OURS}its `kind` is none that this file can hold"),
        pytest.param({"kind": GONE}, f"{OURS}it has no field `kind`"),
        pytest.param({"users": GONE}, f"{BEGUN}`users` is missing"),
        pytest.param({"users": "ada"}, f"{BEGUN}`users` does not hold what we write there"),
        pytest.param(
            {"approvals": [{"guard": "self", "count": 1}]},
            f"{BEGUN}`approvals.0.approval` is missing",
        ),
        pytest.param(
            {"more": "ada"},
            f"{OURS}by its `kind` it is `run_begin`, and it has a field `more`, which such a "
            "record does not have",
        ),
        pytest.param(
            {"seq": 1},
            "line 1: is not the first record of this file: what stood before it is gone, or this "
            "line was changed",
        ),
        pytest.param({"users": 7}, "line 1: its sum does not fit: the line was changed"),
    ],
)
def test_what_is_said_of_a_record(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    told = said(spoilt(tmp_path, **changes))

    assert told == words
    assert "ada" not in told


@pytest.mark.parametrize(
    ("line", "words"),
    [(b"half a rec\n{}\n", "it is not JSON"), (b"[]\n", "it is not an object")],
)
def test_what_is_said_of_a_line_that_is_none(tmp_path: Path, line: bytes, words: str) -> None:
    path = tmp_path / "x.journal.jsonl"
    path.write_bytes(line)

    assert said(path) == f"{OURS}{words}"


def test_a_record_of_a_journal_is_none_of_the_attempts(tmp_path: Path) -> None:
    told = said(spoilt(tmp_path), ATTEMPT_RECORD)

    assert told == f"{OURS}its `kind` is none that this file can hold"
