"""Where that lies which may be deleted at any time."""

import os
from pathlib import Path

import pytest

from reconciler.store.memo import Memo
from reconciler.workflow.machine import cache_folder


def test_it_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache_folder() == tmp_path / "reconciler"


@pytest.mark.parametrize("named", ["", "relative"])
def test_else_it_is_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert cache_folder() == tmp_path / ".cache" / "reconciler"


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    path = cache_folder() / "app.memo"

    for _ in range(2):
        with Memo(path) as memo:
            by = memo.by(b"rules")
            assert by.get(by.key(b"a")) is None
            by.put(by.key(b"a"), b"found" * 1_000_000)

    assert [*tmp_path.iterdir()] == []
