"""
What was worked out in earlier runs, kept for the next one.

A plan for many people is mostly the same work as yesterday. What is worked out of the
same bytes by the same rules is remembered here, by a hash of both. Nothing else rests
on it: the file may be deleted at any time, and one that was cut off, or that somebody
has written into, knows nothing: each entry is checked by a hash with a secret in it.

It holds personal data (ids and names), lies in the cache of whoever runs the command, and
only they can read it. A run that learned something new writes the file anew, with
what it asked for and nothing else; so the file never holds more than one run needs.

Made by :mod:`reconciler.workflow.wiring`; implements :class:`reconciler.ports.Recall`.
"""

from __future__ import annotations

import os
import struct
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from types import TracebackType
from typing import IO, Any, Final

_HEAD: Final = b"reconciler memo 1\n"
_SECRET: Final = 32
"""Bytes of the secret, which follow the head."""
_ENTRY: Final = struct.Struct("<32sI16s")
"""Before each entry: its key, its bytes, and their check."""


class Memo:
    """One file; safe to lose. Use it as a context manager: a run that fails leaves it alone."""

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is opened before something is asked for."""
        self._path = path
        self._file: IO[bytes] | None = None
        self._places: dict[bytes, tuple[int, int, bytes]] | None = None
        """By key, where an entry begins, its bytes and their check."""
        self._asked: dict[bytes, None] = {}
        """Keys of what was there and asked for, in their order."""
        self._new: IO[bytes] | None = None
        self._secret = b""

    def __enter__(self) -> Memo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._end(keep=error is None)

    def by(self, rules: bytes) -> Remembered:
        """Return what is remembered by *rules*: of other rules, everything is something else."""
        self._open()
        return Remembered(self, sha256(self._secret + sha256(rules).digest()))

    def get(self, key: bytes) -> bytes | None:
        """Return the entry with *key*; None if it is not there, or not what was written."""
        place = (self._places or {}).get(key)
        if place is None or self._file is None:
            return None
        begin, size, check = place
        try:
            self._file.seek(begin)
            found = self._file.read(size)
        except OSError:
            return None
        if self._check(key, found) != check:
            return None
        self._asked[key] = None
        return found

    def put(self, key: bytes, found: bytes) -> None:
        """Remember *found*; where there is no room for it, it is not remembered."""
        try:
            if self._new is None:
                self._new = self._begun()
            self._new.write(_ENTRY.pack(key, len(found), self._check(key, found)) + found)
        except OSError:
            self._asked.clear()  # nothing is written over

    def _check(self, key: bytes, found: bytes) -> bytes:
        return sha256(self._secret + key + found).digest()[:16]

    def _open(self) -> None:
        """Find out what is there, once."""
        if self._places is not None:
            return
        self._places = {}
        with suppress(OSError):
            self._file = self._path.open("rb")
            head = self._file.read(len(_HEAD) + _SECRET)
            if head.startswith(_HEAD) and len(head) == len(_HEAD) + _SECRET:
                self._secret = head[len(_HEAD) :]
                self._index(self._file)
        self._secret = self._secret or token_bytes(_SECRET)

    def _index(self, file: IO[bytes]) -> None:
        """Note where each entry is."""
        places: dict[bytes, tuple[int, int, bytes]] = {}
        end, size = os.fstat(file.fileno()).st_size, _ENTRY.size
        begin = file.tell()
        while begin + size <= end:
            file.seek(begin)
            key, many, check = _ENTRY.unpack(file.read(size))
            places[key] = begin + size, many, check
            begin += size + many
        self._places = places

    def _begun(self) -> IO[bytes]:
        """Return a new file beside the old one, which nobody else can read."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new: Any = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed at the end
            dir=self._path.parent, prefix=self._path.name, delete=False
        )
        new.write(_HEAD + self._secret)
        return new  # type: ignore[no-any-return]

    def _end(self, *, keep: bool) -> None:
        """Put the new file, if there is one, in the place of the old one."""
        if self._new is not None:
            with self._new as new:
                for key in self._asked if keep else ():
                    found = self.get(key)
                    if found is not None:
                        new.write(_ENTRY.pack(key, len(found), self._check(key, found)) + found)
            name = Path(new.name)
            if keep:
                name.replace(self._path)
            else:
                name.unlink()
        if self._file is not None:
            self._file.close()


class Remembered:
    """What was worked out by the same rules."""

    def __init__(self, memo: Memo, base: Any) -> None:
        self._memo, self._base = memo, base
        self.secret: bytes = base.digest()
        """The same in each run that goes by these rules, and known to nobody else."""

    def key(self, data: bytes) -> bytes:
        """Return what *data* is known by."""
        hashed = self._base.copy()
        hashed.update(data)
        key: bytes = hashed.digest()
        return key

    def get(self, key: bytes) -> bytes | None:
        """Return what was worked out; None when it is not known."""
        return self._memo.get(key)

    def put(self, key: bytes, found: bytes) -> None:
        """Remember what was worked out."""
        self._memo.put(key, found)
