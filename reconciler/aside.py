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
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise
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


class Heap:
    """Bytes of things, one after the other, in a file; safe for threads."""

    def __init__(self, between: bytes) -> None:
        """Begin with nothing; the one byte *between* two things."""
        self._between = between
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

    def lay_all(self, things: Sequence[bytes]) -> None:
        """Lay things aside."""
        if things:
            self.lay_block(self._between.join(things), [*map(len, things)])

    def lay_block(self, block: bytes, sizes: Iterable[int]) -> None:
        """Lay things aside that follow each other in *block*, and have these *sizes* in bytes."""
        ends = accumulate(sizes, _after, initial=self._filed + len(self._rest))
        self._begins.extend(islice(ends, 1, None))
        self._rest += block
        self._rest += self._between
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

    def thing(self, at: int) -> bytes:
        """
        Return the thing at a place.

        Raises:
            IndexError: There is none.
        """
        place = at + len(self) if at < 0 else at
        if place < 0:
            raise IndexError(at)
        begin, end = self._begins[place], self._begins[place + 1] - 1
        first, block = self._near
        if begin < first or end > first + len(block):
            follows = first <= begin <= first + len(block)
            block = self._bytes(begin, max(end, begin + AHEAD) if follows else end)
            first, _ = self._near = begin, block
        return block[begin - first : end - first]

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Yield from which to which place things are looked at together."""
        begins = self._begins
        at, end = 0, len(self)
        while at < end:
            begin, last = begins[at], at + 1
            while last < end and begins[last] - begin < TOGETHER:
                last += 1
            yield at, last
            at = last

    def block(self, first: int, last: int) -> bytes:
        """Return the things from place *first* to *last*, and what is between them."""
        return self._bytes(self._begins[first], self._begins[last] - 1)

    def sizes(self) -> array[int]:
        """Return the bytes of each thing."""
        begins = self._begins
        return array("I", [last - first - 1 for first, last in pairwise(begins)])

    def _bytes(self, begin: int, end: int) -> bytes:
        """Return what stands between two places of all that was laid aside, as far as it goes."""
        if begin >= self._filed:
            return bytes(self._rest[begin - self._filed : end - self._filed])
        with self._lock:
            self._file.seek(begin)
            found: bytes = self._file.read(min(end, self._filed) - begin)
        return found if end <= self._filed else found + self._rest[: end - self._filed]


class Aside(Sequence[T]):
    """Things of which JSON is laid aside, each made anew whenever it is asked for."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._of_many: msgspec.json.Decoder[list[T]] = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
        self._heap = Heap(b",")

    def lay(self, thing: T) -> None:
        """Lay one more thing aside."""
        self._heap.lay_all((_ENCODER.encode(thing),))

    def lay_block(self, block: bytes, sizes: Sequence[int]) -> None:
        """Lay things aside that are JSON, of these *sizes* in bytes, with a comma between."""
        self._heap.lay_block(block, sizes)

    def __len__(self) -> int:
        return len(self._heap)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return self._decoder.decode(self._heap.thing(at))

    def __iter__(self) -> Iterator[T]:
        for body in self._bodies():
            yield from self._of_many.decode(body)

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
        for first, last in self._heap.blocks():
            yield b"[%b]" % self._heap.block(first, last)


def cut(block: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Return what follows each other in *block*, of these *sizes*, with one byte between."""
    begins = accumulate(sizes, _after, initial=0)
    return [block[begin : begin + size] for begin, size in zip(begins, sizes, strict=False)]


def made(encoded: bytes, kind: type[T]) -> T:
    """Return the thing that was encoded."""
    return msgspec.json.decode(encoded, type=kind)


def _after(end: int, size: int) -> int:
    """Return where a thing of so many bytes ends, and what follows it."""
    return end + size + 1
