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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from threading import Lock
from typing import Any, Final, TypeVar, overload

import msgspec

IN_HAND: Final = 1 << 20
"""Bytes that are written, or read, at a time."""

AHEAD: Final = 1 << 16
"""Bytes that are read where one thing is asked for after the other."""

T = TypeVar("T")

_ENCODER: Final = msgspec.msgpack.Encoder()


class Aside(Sequence[T]):
    """Things in a file, each made anew whenever it is asked for; safe for threads."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.msgpack.Decoder(kind)
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
        self._rest += _ENCODER.encode(thing)
        self._begins.append(self._filed + len(self._rest))
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
        begin, end = self._begins[place], self._begins[place + 1]
        first, block = self._near
        if begin < first or end > first + len(block):
            follows = first <= begin <= first + len(block)
            block = self._bytes(begin, max(end, begin + AHEAD) if follows else end)
            first, _ = self._near = begin, block
        return self._decoder.decode(block[begin - first : end - first])

    def __iter__(self) -> Iterator[T]:
        return self._each(self._decoder.decode)

    def parts(self, names: Collection[str]) -> Iterator[Mapping[str, Any]]:
        """
        Yield of each thing what it has by one of *names*, spelt like that, and nothing else.

        Things are mappings then; to leave out is much quicker than to make.
        """
        fields = [(f"part{at}", Any, msgspec.UNSET) for at, _ in enumerate(names)]
        spelt = {field[0]: name for field, name in zip(fields, names, strict=True)}
        part = msgspec.defstruct("Part", fields, rename=spelt)
        pairs = tuple(zip(names, map(attrgetter, spelt), strict=True))
        for one in self._each(msgspec.msgpack.Decoder(part).decode):
            yield {name: got for name, get in pairs if (got := get(one)) is not msgspec.UNSET}

    def _each(self, decode: Callable[[bytes], Any]) -> Iterator[Any]:
        """Yield what *decode* makes of each thing, and read many at a time."""
        begins = self._begins
        at, end = 0, len(self)
        while at < end:
            begin, last = begins[at], at + 1
            while last < end and begins[last] - begin < IN_HAND:
                last += 1
            block = self._bytes(begin, begins[last])
            for one in range(at, last):
                yield decode(block[begins[one] - begin : begins[one + 1] - begin])
            at = last

    def _bytes(self, begin: int, end: int) -> bytes:
        """Return what stands between two places of all that was laid aside, as far as it goes."""
        if begin >= self._filed:
            return bytes(self._rest[begin - self._filed : end - self._filed])
        with self._lock:
            self._file.seek(begin)
            found: bytes = self._file.read(min(end, self._filed) - begin)
        return found if end <= self._filed else found + self._rest[: end - self._filed]
