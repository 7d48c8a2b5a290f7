"""A source that many applications share is worked out once, and never when it has changed."""

import os
from pathlib import Path

import pytest

from reconciler.ports import SourceUnusable
from reconciler.source import FileSource
from reconciler.source.kept import KeptSource, LastRead

ADA = "objectId,displayName\n1,Ada\n"
EVA = "objectId,displayName\n1,Eva\n"


@pytest.fixture
def files(tmp_path: Path) -> FileSource:
    (tmp_path / "users.csv").write_text(ADA)
    (tmp_path / "groups.csv").write_text("objectId,displayName,members\ng,G,1\n")
    return FileSource(tmp_path / "users.csv", tmp_path / "groups.csv")


def test_what_is_read_again_is_what_was_read(files: FileSource) -> None:
    source = KeptSource(files, LastRead())

    first = source.read()

    assert first == files.read()
    assert source.read() is first
    assert source.digest() == first.sha256 == files.digest()


def test_a_byte_that_differs_is_seen_whatever_the_file_system_says(files: FileSource) -> None:
    source = KeptSource(files, LastRead())
    source.read()
    before = files.users.stat()
    files.users.write_text(EVA)
    os.utime(files.users, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert source.read() == files.read()
    assert source.read().subjects["1"].attributes["displayName"] == "Eva"


def test_a_line_that_moves_from_one_file_to_the_other_is_seen(tmp_path: Path) -> None:
    """The digest of all bytes in a row is the same, and the people are others."""
    users, groups = tmp_path / "users.csv", tmp_path / "groups.csv"
    source = KeptSource(FileSource(users, groups), LastRead())
    bob, rest = "2,Bob\n", "objectId,displayName,members\ng,G,1\n"
    users.write_text(ADA + bob)
    groups.write_text(rest)
    first = source.read()
    users.write_text(ADA)
    groups.write_text(bob + rest)

    assert list(first.subjects) == ["1", "2"]
    assert source.digest() == first.sha256
    with pytest.raises(SourceUnusable):
        source.read()


def test_two_sources_are_not_taken_for_each_other(files: FileSource, tmp_path: Path) -> None:
    last = LastRead()
    other = FileSource(files.users, None, default_domain="contoso.example")

    assert KeptSource(files, last).read() == files.read()
    assert KeptSource(other, last).read() == other.read()
    assert KeptSource(files, last).read() == files.read()


def test_what_cannot_be_read_is_not_replaced_by_what_could(files: FileSource) -> None:
    source = KeptSource(files, LastRead())
    source.read()
    files.users.unlink()

    with pytest.raises(SourceUnusable):
        source.read()

    assert source.digest() is None
    files.users.write_text(ADA)
    assert list(source.read().subjects) == ["1"]


def test_what_changes_while_it_is_read_is_known_by_what_was_read(
    files: FileSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = KeptSource(files, LastRead())
    plain = FileSource.read_with_digests

    def changed_at_once(self: FileSource) -> object:
        found = plain(self)
        self.users.write_text(EVA)
        return found

    monkeypatch.setattr(FileSource, "read_with_digests", changed_at_once)
    assert source.read().subjects["1"].attributes["displayName"] == "Ada"
    monkeypatch.undo()

    assert source.read().subjects["1"].attributes["displayName"] == "Eva"
