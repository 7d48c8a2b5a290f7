"""
What was worked out in earlier runs, kept for the next one.

A plan for many people is mostly the same work as yesterday. What is worked out of the
same bytes by the same rules is remembered here, by a hash of both. Nothing else rests
on it: the file may be deleted at any time, and one that was cut off, or in which a byte
has changed, knows nothing.

It holds personal data (ids and names), lies in the cache of whoever runs the command, and
only they can read it. A run that learned something new writes the file anew, with
what it asked for and nothing else; so the file never holds more than one run needs.

Made by :mod:`reconciler.workflow.wiring`; implements :class:`reconciler.ports.Recall`.
"""

from __future__ import annotations

import os
import struct
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from threading import Lock
from types import TracebackType
from typing import IO, Any, Final

_HEAD: Final = b"reconciler memo 1\n"
_SECRET: Final = 32
"""Bytes of the secret, which follow the head; then comes the hash of all that follows it."""
_BEGIN: Final = len(_HEAD) + 2 * _SECRET
"""Where the first entry begins."""
_ENTRY: Final = struct.Struct("<32sI")
"""Before each entry: its key, and its bytes."""
_DAY: Final = 86_400
"""Seconds after which nobody writes a new file any more."""
_BLOCK: Final = 1 << 20
"""Bytes that are read or written at a time."""


class Memo:
    """
    One file, safe to lose, and safe for threads.

    Use it as a context manager: a run that fails leaves the file alone.
    """

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is opened before something is asked for."""
        self._path = path
        self._file: IO[bytes] | None = None
        self._places: dict[bytes, tuple[int, int]] | None = None
        """By key, where an entry begins, and its bytes."""
        self._asked: dict[bytes, None] = {}
        """Keys of what was there and asked for, in their order."""
        self._new: IO[bytes] | None = None
        self._in_hand = bytearray()
        """Entries that are not in the new file yet."""
        self._secret, self._is_full = b"", False
        self._lock = Lock()

    def __enter__(self) -> Memo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._end(keep=error is None and not self._is_full)

    def by(self, rules: bytes) -> Remembered:
        """Return what is remembered by *rules*: of other rules, everything is something else."""
        self._open()
        return Remembered(self, sha256(self._secret + sha256(rules).digest()))

    def knows(self, key: bytes) -> bool:
        """Say whether there is an entry with *key*."""
        return key in (self._places or {})

    def get(self, key: bytes) -> bytes | None:
        """Return the entry with *key*; None if it is not there."""
        place = (self._places or {}).get(key)
        if place is None or self._file is None:
            return None
        begin, size = place
        try:
            with self._lock:
                self._file.seek(begin)
                found = self._file.read(size)
        except OSError:
            return None
        self._asked[key] = None
        return found

    def put(self, key: bytes, found: bytes) -> None:
        """Remember *found*, once the run has come to a good end."""
        with self._lock:
            self._in_hand += _ENTRY.pack(key, len(found))
            self._in_hand += found
            if len(self._in_hand) > _BLOCK:
                try:
                    self._write()
                except OSError:  # what is written by half is never put in the place of the old one
                    self._is_full = True

    def _write(self) -> None:
        """Write what is in hand into a new file beside the old one, which nobody else can read."""
        written, self._in_hand = self._in_hand, bytearray()
        if self._new is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._clear()
            self._new = tempfile.NamedTemporaryFile(  # noqa: SIM115
                dir=self._path.parent, prefix=self._path.name, delete=False
            )
            self._new.write(_HEAD + self._secret + bytes(_SECRET))
        self._new.write(written)

    def _clear(self) -> None:
        """Remove what runs have left behind that were killed."""
        for left in self._path.parent.glob(f"{self._path.name}?*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _DAY:
                    left.unlink()

    def _open(self) -> None:
        """Find out what is there, once."""
        if self._places is not None:
            return
        self._places = {}
        with suppress(OSError):
            self._file = self._path.open("rb")
            head = self._file.read(_BEGIN)
            if head.startswith(_HEAD) and head[-_SECRET:] == _hash_of_rest(self._file):
                self._secret = head[len(_HEAD) : -_SECRET]
                self._places = _places(self._file)
        self._secret = self._secret or token_bytes(_SECRET)

    def _end(self, *, keep: bool) -> None:
        """Put the new file, if there is one, in the place of the old one."""
        if keep and self._in_hand:
            self._write()
        if self._new is not None:
            with self._new as new:
                if keep:
                    self._finish(new)
            name = Path(new.name)
            name.replace(self._path) if keep else name.unlink()
        if self._file is not None:
            self._file.close()

    def _finish(self, new: IO[bytes]) -> None:
        """Add what was asked for, and the hash of all."""
        for key in self._asked:
            found = self.get(key)
            if found is not None:
                new.write(_ENTRY.pack(key, len(found)) + found)
        new.seek(_BEGIN)
        hashed = _hash_of_rest(new)
        new.seek(_BEGIN - _SECRET)
        new.write(hashed)


def _hash_of_rest(file: IO[bytes]) -> bytes:
    """Return the hash of what is left to read."""
    hashed = sha256()
    while block := file.read(_BLOCK):
        hashed.update(block)
    return hashed.digest()


def _places(file: IO[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return by key where each entry begins, and its bytes."""
    places: dict[bytes, tuple[int, int]] = {}
    end, begin = file.seek(0, os.SEEK_END), _BEGIN
    while begin < end:
        file.seek(begin)
        key, size = _ENTRY.unpack(file.read(_ENTRY.size))
        begin += _ENTRY.size
        places[key] = begin, size
        begin += size
    return places


class Remembered:
    """What was worked out by the same rules."""

    def __init__(self, memo: Memo, base: Any) -> None:
        self._memo, self._base = memo, base

    @property
    def secret(self) -> bytes:
        """The same in each run that goes by these rules, and known to nobody else."""
        secret: bytes = self._base.digest()
        return secret

    def key(self, data: bytes) -> bytes:
        """Return what *data* is known by."""
        hashed = self._base.copy()
        hashed.update(data)
        key: bytes = hashed.digest()
        return key

    def knows(self, key: bytes) -> bool:
        """Say whether anything is known by *key*."""
        return self._memo.knows(key)

    def get(self, key: bytes) -> bytes | None:
        """Return what was worked out; None when it is not known."""
        return self._memo.get(key)

    def put(self, key: bytes, found: bytes) -> None:
        """Remember what was worked out."""
        self._memo.put(key, found)
