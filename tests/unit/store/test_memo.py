"""What earlier runs have worked out: there to be lost."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from reconciler.store.memo import Memo

RULES = b"rules"


def remember(path: Path, **found: bytes) -> None:
    """Remember *found* by the bytes that it was worked out of."""
    with Memo(path) as memo:
        by = memo.by(RULES)
        for data, worked_out in found.items():
            by.put(by.key(data.encode()), worked_out)


def remember_and_fail(path: Path) -> None:
    """Remember something, and come to a bad end."""
    with Memo(path) as memo:
        by = memo.by(RULES)
        by.put(by.key(b"b"), b"second" * 1_000_000)
        raise ValueError("failed")


def recall(path: Path, *asked: str, rules: bytes = RULES) -> list[bytes | None]:
    """Return what is remembered of the bytes that are *asked* for."""
    with Memo(path) as memo:
        by = memo.by(rules)
        return [by.get(by.key(data.encode())) for data in asked]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "app.memo"


def test_what_was_worked_out_is_known_in_the_next_run(path: Path) -> None:
    remember(path, a=b"first", b=b"second" * 1_000_000)

    assert recall(path, "a", "c", "b") == [b"first", None, b"second" * 1_000_000]


def test_by_other_rules_nothing_is_known_and_the_secret_is_another(path: Path) -> None:
    remember(path, a=b"first")

    assert recall(path, "a", rules=b"others") == [None]
    with Memo(path) as memo:
        assert memo.by(RULES).secret != memo.by(b"others").secret


def test_the_secret_stays_for_as_long_as_the_file_does(path: Path) -> None:
    remember(path, a=b"first")
    with Memo(path) as memo:
        before = memo.by(RULES).secret
    with Memo(path) as memo:
        assert memo.by(RULES).secret == before
    path.unlink()

    with Memo(path) as memo:
        assert memo.by(RULES).secret != before


def test_what_nobody_asks_for_is_forgotten_once_something_new_is_learned(path: Path) -> None:
    remember(path, a=b"first", b=b"second")
    with Memo(path) as memo:
        by = memo.by(RULES)
        assert by.get(by.key(b"a")) == b"first"
        by.put(by.key(b"c"), b"third")

    assert recall(path, "a", "b", "c") == [b"first", None, b"third"]


def test_a_run_that_only_asks_leaves_the_file_alone(path: Path) -> None:
    remember(path, a=b"first", b=b"second")
    before = path.read_bytes()

    recall(path, "a")

    assert path.read_bytes() == before


def test_a_run_that_fails_leaves_the_file_alone(path: Path) -> None:
    remember(path, a=b"first")
    before = path.read_bytes()

    with pytest.raises(ValueError, match="failed"):
        remember_and_fail(path)

    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


def cut_off(data: bytes) -> bytes:
    return data[:-1]


def longer(data: bytes) -> bytes:
    return data + b"\0"


def empty(data: bytes) -> bytes:
    return b""


def another_bit(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


def another_head(data: bytes) -> bytes:
    return b"R" + data[1:]


@pytest.mark.parametrize("harm", [cut_off, longer, empty, another_bit, another_head])
def test_a_file_that_is_not_what_was_written_knows_nothing(
    path: Path, harm: Callable[[bytes], bytes]
) -> None:
    remember(path, a=b"first", b=b"second")
    path.write_bytes(harm(path.read_bytes()))

    assert recall(path, "a", "b") == [None, None]
    remember(path, a=b"again")
    assert recall(path, "a") == [b"again"]


def test_what_a_killed_run_has_left_behind_is_cleared_away_after_a_day(path: Path) -> None:
    path.parent.mkdir()
    names = (f"{path.name}old", f"{path.name}new", "other.memoold")
    left, fresh, other = (path.parent / name for name in names)
    for one, age in ((left, 90_000), (fresh, 10), (other, 90_000)):
        one.write_bytes(b"half")
        moment = time.time() - age
        os.utime(one, (moment, moment))

    remember(path, a=b"first")

    assert not left.exists()
    assert fresh.exists()
    assert other.exists()


def test_nobody_else_can_read_it(path: Path) -> None:
    remember(path, a=b"first")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_where_there_is_no_room_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")

    remember(tmp_path / "cache" / "app.memo", a=b"first", b=b"x" * 2_000_000, c=b"third")

    assert recall(tmp_path / "cache" / "app.memo", "a") == [None]


def test_where_the_room_ends_the_file_stays_as_it_was(path: Path) -> None:
    remember(path, a=b"first")
    before = path.read_bytes()
    with Memo(path) as memo:
        by = memo.by(RULES)
        by.put(by.key(b"b"), b"x" * 2_000_000)
        assert memo._new is not None
        with patch.object(memo._new, "write", side_effect=OSError("no space left")):
            by.put(by.key(b"c"), b"x" * 2_000_000)
        by.put(by.key(b"d"), b"x" * 2_000_000)

    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


def test_of_two_runs_at_the_same_time_the_one_that_ends_last_is_remembered(path: Path) -> None:
    with Memo(path) as one, Memo(path) as other:
        for memo, found in ((one, b"one"), (other, b"other")):
            by = memo.by(RULES)
            by.put(by.key(b"a"), found)

    with Memo(path) as memo:
        assert memo.by(RULES).knows(memo.by(RULES).key(b"a"))
    assert recall(path, "a") == [b"one"]
