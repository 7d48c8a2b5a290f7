"""
Things in a file of our own, each made anew whenever it is asked for.

The file is a temporary one that nobody but us can open, and that has no name where the
system allows it: it holds personal data, and is gone when the process is. Where there
is no room for it, things stay in memory, encoded. ``TMPDIR`` says where it is made.

Made by :mod:`reconciler.pile`.
"""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from threading import Lock
from typing import Any, Final, TypeVar, overload

import msgspec

from reconciler.learned import Learned
from reconciler.scim.paths import AttributePath
from reconciler.sheet import Sheet
from reconciler.states import UNREAD, Columns

IN_HAND: Final = 1 << 20
"""Bytes that are written at a time."""

TOGETHER: Final = 1 << 17
"""Bytes whose things are made together: with more, what is made does not stay near enough."""

AHEAD: Final = 1 << 16
"""Bytes that are read where one thing is asked for after the other."""

T = TypeVar("T")

_ENCODER: Final = msgspec.json.Encoder()


class Aside(Sequence[T]):
    """Things in a file, each made anew whenever it is asked for; safe for threads."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._of_many: msgspec.json.Decoder[list[T]] = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
        self._begins = array("Q", (0,))
        self._rest = bytearray()
        """What is not in the file yet."""
        self._filed = 0
        """Bytes in the file."""
        self._file: Any = None
        self._near = 0, b""
        """What was read last, and where it begins: often, who is next is asked for next."""
        self._lock = Lock()
        self._has_room = True

    def lay(self, thing: T) -> None:
        """Lay one more thing aside."""
        self.lay_all((_ENCODER.encode(thing),))

    def lay_all(self, encoded: Sequence[bytes]) -> None:
        """Lay things aside that are JSON already."""
        if not encoded:
            return
        ends = accumulate(map(len, encoded), _after, initial=self._filed + len(self._rest))
        self._begins.extend(islice(ends, 1, None))
        self._rest += b",".join(encoded)
        self._rest += b","
        if len(self._rest) > IN_HAND and self._has_room:
            self._write()

    def _write(self) -> None:
        """Move what is in memory into the file; without room for it, nothing is moved any more."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - kept open
                weakref.finalize(self, self._file.close)
            self._file.seek(self._filed)
            left = memoryview(bytes(self._rest))
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._has_room = False
            return
        self._filed += len(self._rest)
        self._rest.clear()

    def __len__(self) -> int:
        return len(self._begins) - 1

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        place = at + len(self) if at < 0 else at
        if place < 0:
            raise IndexError(at)
        begin, end = self._begins[place], self._begins[place + 1] - 1
        first, block = self._near
        if begin < first or end > first + len(block):
            follows = first <= begin <= first + len(block)
            block = self._bytes(begin, max(end, begin + AHEAD) if follows else end)
            first, _ = self._near = begin, block
        return self._decoder.decode(block[begin - first : end - first])

    def __iter__(self) -> Iterator[T]:
        for many in self.lists():
            yield from many

    def lists(self) -> Iterator[list[T]]:
        """Yield all things, many at a time, which is quicker than one by one."""
        yield from map(self._of_many.decode, self._bodies())

    def columns(self, paths: Sequence[AttributePath]) -> Iterator[Columns]:
        """Yield what is at *paths* of many things at a time; things are resources then."""
        learned = Learned()
        for body in self._bodies():
            rows = learned.decode(body)
            if rows is None:
                yield ((UNREAD,) * len(self._of_many.decode(body)),) * len(paths)
            else:
                yield tuple(map(Sheet(rows, learned.shape.elements).column, paths))

    def _bodies(self) -> Iterator[bytes]:
        """Yield all things, many at a time, each a JSON list."""
        begins = self._begins
        at, end = 0, len(self)
        while at < end:
            begin, last = begins[at], at + 1
            while last < end and begins[last] - begin < TOGETHER:
                last += 1
            yield b"[%b]" % self._bytes(begin, begins[last] - 1)
            at = last

    def _bytes(self, begin: int, end: int) -> bytes:
        """Return what stands between two places of all that was laid aside, as far as it goes."""
        if begin >= self._filed:
            return bytes(self._rest[begin - self._filed : end - self._filed])
        with self._lock:
            self._file.seek(begin)
            found: bytes = self._file.read(min(end, self._filed) - begin)
        return found if end <= self._filed else found + self._rest[: end - self._filed]


def made(encoded: bytes, kind: type[T]) -> T:
    """Return the thing that was encoded."""
    return msgspec.json.decode(encoded, type=kind)


def _after(end: int, size: int) -> int:
    """Return where a thing of so many bytes ends, and the comma that follows it."""
    return end + size + 1
