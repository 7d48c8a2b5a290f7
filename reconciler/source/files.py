"""
Files as the source of people and groups: CSV, JSON Lines, JSON and YAML.

Each file is read once, fully, in one go; nothing is decided about anybody
unless everything could be read (ruling 5: only a complete read may say that
somebody is gone). Every problem in both files is reported at once, with its
place (ruling 1).

Made by :mod:`reconciler.workflow`; implements :class:`reconciler.ports.Source`.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.diagnostics import Position
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.ports import SourceUnusable
from reconciler.source.csv_file import read_csv
from reconciler.source.json_file import read_json, read_jsonl
from reconciler.source.people import groups_of, subjects_of
from reconciler.source.streamed import CONTROL_BYTES, Recalling, read_people
from reconciler.source.table import Problems, Table, check_text
from reconciler.source.yaml_file import read_yaml

SIZE_LIMIT = 1024**3
"""Bytes of one file: some three million people, and far more than a mistake should read."""

READERS: dict[str, Callable[[str, str, Problems], Table | None]] = {
    ".csv": read_csv,
    ".jsonl": read_jsonl,
    ".json": read_json,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}
"""The reader of each extension, in lower case."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Digests:
    """SHA-256 of each file, and of all one after the other, in hex digits."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._whole = hashlib.sha256()

    def begin(self, first: Any) -> None:
        """Take the first file in, by the hash of its bytes."""
        self.files.append(first.hexdigest())
        self._whole = first

    def add(self, data: bytes) -> None:
        """Take one file in."""
        self.files.append(hashlib.sha256(data).hexdigest())
        self._whole.update(data)

    def whole(self) -> str:
        """Return the digest of everything so far."""
        return self._whole.hexdigest()


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of people and, perhaps, one of groups."""

    users: Path
    groups: Path | None = None
    show: Callable[[Path], str] = str
    """How a path is named to people: relative to the configuration, for example."""
    default_domain: str | None = None
    """What the configuration says of the tenant."""
    recall: Recalling = field(default=nullcontext, compare=False, repr=False)
    """Opens what is remembered of files that were read before."""

    def read(self) -> Directory:
        """
        Return everybody and every group, read completely.

        Raises:
            SourceUnusable: With the first 50 problems, each with its place, and
                how many more there are.
        """
        return self.read_with_digests()[0]

    def read_with_digests(self) -> tuple[Directory, tuple[str, ...]]:
        """Return the same, and :meth:`digests` of the very bytes that it was read from."""
        problems = Problems()
        digests = _Digests()
        users, subjects = self._people(digests, problems)
        before = problems.count
        groups = self._table(self.groups, digests, problems) if self.groups else None
        by_anchor: dict[str, SourceGroup] = {}
        ignored = 0
        if groups:
            by_anchor, ignored = groups_of(groups, subjects, problems)
        if problems.count:
            sound = problems.count == before
            raise SourceUnusable(problems.shown(), by_anchor if sound else None)
        return Directory(
            subjects,
            by_anchor,
            ignored,
            digests.whole(),
            self.default_domain,
            users.noted.filled if users and users.noted else None,
        ), tuple(digests.files)

    def _people(
        self, digests: _Digests, problems: Problems
    ) -> tuple[Table | None, Mapping[str, Subject]]:
        """Return the people, and the table that they are from, if there are any to judge."""
        found = None
        if _is_fit(self.users):
            found = read_people(self.users, self.show(self.users), self.recall)
        if found is not None:
            subjects, table, digest = found
            digests.begin(digest)
            return table, subjects
        users = self._table(self.users, digests, problems)
        return users, subjects_of(users, problems) if users else {}

    def digest(self) -> str | None:
        """Return the digest of the files, as a read would; None when one cannot be read."""
        found = self._digests()
        return None if found is None else found.whole()

    def digests(self) -> tuple[str, ...] | None:
        """Return the digest of each file; None when one cannot be read."""
        found = self._digests()
        return None if found is None else tuple(found.files)

    def _digests(self) -> _Digests | None:
        """Return the digests of the files as they are now; None when one cannot be read."""
        found = _Digests()
        for path in (self.users, self.groups):
            data = b"" if path is None else _bytes(path, str(path), Problems())
            if data is None:
                return None
            if path is not None:
                found.add(data)
        return found

    def _table(self, path: Path, digests: _Digests, problems: Problems) -> Table | None:
        """Return the rows of one file, or None when there are none to judge."""
        file = self.show(path)
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            known = ", ".join(READERS)
            message = f"{file} has no extension that is read"
            problems.add("unsupported-format", message, None, f"known are: {known}")
            return None
        data = _bytes(path, file, problems)
        if data is None:
            return None
        digests.add(data)
        text = _text(data, file, problems)
        del data  # the text is as large, and both together are more than the people
        if text is None:
            return None
        before = problems.count
        table = reader(text, file, problems)
        if table is not None and table.rows:
            return table
        if problems.count == before:
            hint = "an empty source would make everybody leave; export it again"
            problems.add("no-rows", f"{file} holds nobody", Position(file, 1, 1), hint)
        return None


def _is_fit(path: Path) -> bool:
    """Say whether there is a file of a size that is read."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= SIZE_LIMIT


def _bytes(path: Path, file: str, problems: Problems) -> bytes | None:
    """Return what the file holds, read in one go."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            problems.add("not-a-file", f"{file} is not a regular file")
            return None
        if found.st_size > SIZE_LIMIT:
            message = f"{file} has {found.st_size} bytes; at most {SIZE_LIMIT} are read"
            problems.add("file-too-large", message)
            return None
        data = path.read_bytes()
    except FileNotFoundError:
        hint = (
            "it is named under `source` in the configuration, relative to the folder of that file"
        )
        problems.add("missing-file", f"{file} does not exist", None, hint)
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name cannot be used"
        problems.add("unreadable-file", f"{file} cannot be read: {reason}")
        return None
    if len(data) != found.st_size:
        problems.add("changed-file", f"{file} changed while it was read", None, "try again")
        return None
    return data


def _text(data: bytes, file: str, problems: Problems) -> str | None:
    """Return *data* as text: UTF-8, with or without a byte order mark."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        position = Position(file, data.count(b"\n", 0, error.start) + 1, column)
        name = "UTF-16" if data.startswith(_UTF16) else "not UTF-8"
        hint = 'save it as UTF-8 (Excel: "CSV UTF-8")'
        problems.add("wrong-encoding", f"the file is {name}", position, hint)
        return None
    if not text.strip():
        hint = "an empty source would make everybody leave; export it again"
        problems.add("empty-file", f"{file} is empty", Position(file, 1, 1), hint)
        return None
    if len(data.translate(None, CONTROL_BYTES)) != len(data):
        check_text(text, file, problems)
    return text
