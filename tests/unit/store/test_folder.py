import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.store.applications import application_folder, application_folders
from reconciler.store.folder import (
    AT_A_TIME,
    StoreError,
    StoreUnwritable,
    make_folder,
    read_once,
    replace,
    write_once,
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("..", id="the folder above"),
        pytest.param("", id="nothing"),
        pytest.param("a/b", id="a path"),
        pytest.param("/etc", id="an absolute path"),
        pytest.param("Crm", id="capitals"),
        pytest.param(".lock", id="hidden"),
        pytest.param("crm\n", id="a newline"),
        pytest.param("c" * 64, id="too long"),
    ],
)
def test_no_name_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be the name of an application"):
        application_folder(tmp_path, name)


@pytest.mark.parametrize("linked", ["store", "store/crm"])
def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, linked: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / linked).parent.mkdir(exist_ok=True)
    (tmp_path / linked).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="symbolic link"):
        application_folder(tmp_path / "store", "crm")


def test_what_cannot_be_an_application_is_none_of_the_stores(tmp_path: Path) -> None:
    for name in ("crm", "Archive", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "readme").write_text("a file, no folder")

    assert application_folders(tmp_path, None) == [tmp_path / "crm"]


def test_a_store_that_does_not_exist_has_no_applications(tmp_path: Path) -> None:
    assert application_folders(tmp_path / "none", None) == []


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    make_folder(tmp_path / "store" / "crm")

    assert (tmp_path / "store" / "crm").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")

    with pytest.raises(StoreUnwritable, match="cannot make the folder"):
        make_folder(tmp_path / "store" / "crm")


def test_what_is_written_once_is_private_and_whole(tmp_path: Path) -> None:
    write_once(tmp_path / "a", (b"first",))

    assert (tmp_path / "a").read_bytes() == b"first"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    write_once(tmp_path / "a", (b"first",))
    write_once(tmp_path / "a", (b"second",))

    assert (tmp_path / "a").read_bytes() == b"first"


@pytest.mark.parametrize("sizes", [(), (0,), (3, 5), (AT_A_TIME,), (7, AT_A_TIME, 1, 2), (1,) * 99])
def test_what_comes_in_pieces_is_whole(sizes: tuple[int, ...], tmp_path: Path) -> None:
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]

    write_once(tmp_path / "a", iter(pieces))

    assert (tmp_path / "a").read_bytes() == b"".join(pieces)


def test_a_piece_that_is_never_made_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(2 * AT_A_TIME)
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        write_once(tmp_path / "a", broken())

    assert list(tmp_path.iterdir()) == []


def test_a_copy_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    replace(tmp_path / "a", (b"first",))
    replace(tmp_path / "a", (b"second",))

    assert (tmp_path / "a").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_copy_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"theirs")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")

    replace(tmp_path / "a", (b"ours",))

    assert (tmp_path / "elsewhere").read_bytes() == b"theirs"
    assert (tmp_path / "a").read_bytes() == b"ours"


def test_a_copy_cannot_take_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    with pytest.raises(StoreUnwritable, match="cannot write"):
        replace(tmp_path / "a", (b"x",))

    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_f63_a_full_disk_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)

    with pytest.raises(StoreUnwritable, match="No space left on device"):
        write_once(tmp_path / "a", (b"x",))

    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "a").symlink_to(tmp_path / "secret")

    with pytest.raises(StoreError, match="symbolic link"):
        read_once(tmp_path / "a", 100)


def test_a_folder_and_a_pipe_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(StoreError, match="not a regular file"):
            read_once(path, 100)


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)

    assert read_once(tmp_path / "a", 10) == b"x" * 10
    with pytest.raises(StoreError, match="larger than 9 bytes"):
        read_once(tmp_path / "a", 9)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_once(tmp_path / "a", 10)
