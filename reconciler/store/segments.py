"""
A file that is appended to, where objects cannot be: ``<file>/00000001``, then ``00000002``.

Five rules:

1. **A segment is one append.** It holds whole lines and is created where nothing is; the file is
   the segments in the order of their numbers. An object is there whole or not at all, so half a
   line is no crash but damage.
2. **One end.** Two who append write to the same number, and the object store lets one of them;
   the other has been overtaken, and stops. This is the compare-and-swap of the journal's head.
3. **A seal** is an empty segment. Whoever takes over puts it at the number that the one taken over
   would write next, who then is refused, whatever it has not noticed.
4. **A gap is damage.** A number that is missing among the others was taken away.
5. **Put together.** Many small objects are slow to read. At the end of a run ``00000042.all`` is
   written with everything up to that number, and only then the segments go; seals stay, since
   whom they stop may not have tried yet. A reader that finds a segment gone looks again.

Used by :mod:`reconciler.store.objects`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.ports import LockHeld, RecordsAltered, StoreUnreachable
from reconciler.store.folder import StoreError

if TYPE_CHECKING:
    from reconciler.store.bucket import Bucket

AT_ONCE = 16
"""Segments that are read at the same time."""

LOOKS = 5
"""How often a reader looks again when segments were put together meanwhile."""

MANY = 16
"""Segments from which on they are put together."""

STEPS = 1_000
"""How many numbers a seal may be beaten to, by a run that goes on writing."""

NOW_AND_THEN = 16
"""Segments after which whoever writes looks whether another run has taken over."""

_SEGMENT = re.compile(r"([0-9]{8})")
_TOGETHER = re.compile(r"([0-9]{8})\.all")


class RecordsLost(StoreError, RecordsAltered):
    """A part of what was appended is gone, or is not whole."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What a file consists of."""

    together: int
    """The number up to which one object holds everything; 0 is none."""
    after: tuple[int, ...]
    """The segments after that, of which none is missing."""
    size: int
    """Bytes of all that."""
    obsolete: tuple[str, ...]
    """Names of what is held by something else, and no seal."""

    @property
    def following(self) -> int:
        """The number of the next segment."""
        return self.together + len(self.after) + 1

    def names(self) -> Iterator[str]:
        """Yield the names of what the file consists of, in order."""
        if self.together:
            yield _together(self.together)
        yield from map(_segment, self.after)


def segments(bucket: Bucket, path: str) -> Segments:
    """
    Return what the file at *path* consists of.

    Raises:
        RecordsLost: A segment is missing.
        StoreUnreachable: The store cannot be asked.
    """
    sizes = bucket.names(path).objects
    together = max((int(m[1]) for name in sizes if (m := _TOGETHER.fullmatch(name))), default=0)
    numbers = sorted(int(m[1]) for name in sizes if (m := _SEGMENT.fullmatch(name)))
    after = tuple(number for number in numbers if number > together)
    if after != tuple(range(together + 1, together + 1 + len(after))):
        gap = next(number for number in range(together + 1, numbers[-1]) if number not in after)
        raise RecordsLost(f"{bucket.url}/{path}: segment {gap} is missing")
    names = {_together(together), *map(_segment, after)} & {*sizes}
    covered = [_segment(number) for number in numbers if number <= together]
    obsolete = [name for name in covered if sizes[name]]
    obsolete += [name for name in sizes if _TOGETHER.fullmatch(name) and name not in names]
    return Segments(together, after, sum(sizes[name] for name in names), tuple(obsolete))


def joined(bucket: Bucket, path: str, limit: int) -> bytes:
    """
    Return what the file at *path* holds.

    Raises:
        FileNotFoundError: There is no such file.
        RecordsLost: A segment is missing, or is not whole.
        StoreError: There are more than *limit* bytes.
        StoreUnreachable: The store cannot be asked.
    """
    for _ in range(LOOKS):
        found = segments(bucket, path)
        if found.size > limit:
            raise StoreError(f"{bucket.url}/{path} is larger than {limit} bytes")
        if found.following == 1:
            raise FileNotFoundError(f"{bucket.url}/{path}")
        with suppress(FileNotFoundError):
            return b"".join(_parts(bucket, path, found, limit))
    raise RecordsLost(f"{bucket.url}/{path}: a segment that is listed is not there")


def _parts(bucket: Bucket, path: str, found: Segments, limit: int) -> list[bytes]:
    """Return the bytes of each part."""

    def part(name: str) -> bytes:
        data = bucket.get(f"{path}/{name}", limit).data
        if data and not _is_whole(data):
            raise RecordsLost(f"{bucket.url}/{path}/{name} does not hold whole records")
        return data

    # Here, and not above: it is long to import, and only a store in a bucket has segments.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(part, found.names()))


def _is_whole(data: bytes) -> bool:
    """Say whether *data* ends with a line, which is JSON."""
    if not data.endswith(b"\n"):
        return False
    try:
        json.loads(data[data.rfind(b"\n", 0, -1) + 1 :])
    except ValueError:
        return False
    return True


def seal(bucket: Bucket, path: str) -> None:
    """
    Let nobody who has opened the file at *path* before append to it.

    Raises:
        LockHeld: Whoever writes to it is always faster.
        RecordsLost, StoreUnreachable: As :func:`segments`.
    """
    for _ in range(STEPS):  # whoever was refused looks again: a refusal is no proof of a segment
        if bucket.create(f"{path}/{_segment(segments(bucket, path).following)}", b""):
            return
    raise LockHeld(f"another apply is writing to {bucket.url}/{path}, and does not stop")


class SegmentTail:
    """The end of a file to which lines are appended; implements the port of :mod:`slot`."""

    most = 1_000
    """Records in one segment."""

    def __init__(self, bucket: Bucket, path: str, size: int, check: Callable[[], None]) -> None:
        """
        Open the end of the file at *path*, of which *size* bytes were read.

        *check* raises LockHeld when another run has taken over. Nobody needs it to be safe: the
        store refuses. But who takes over need not run after a file that goes on growing.

        Raises:
            LockHeld: Somebody has appended since.
            RecordsLost, StoreUnreachable: As :func:`segments`.
        """
        self._bucket = bucket
        self._path = path
        found = segments(bucket, path)
        if found.size != size:
            raise LockHeld(f"another process has just written to {bucket.url}/{path}")
        self._following = found.following
        self._check = check
        self._appended = False

    def append(self, lines: bytes) -> None:
        """
        Put whole *lines* at the end; they last when this returns.

        Raises:
            LockHeld: Somebody else has appended, or has taken over.
            StoreUnreachable: Nobody knows whether they are there.
        """
        self._appended = False
        if self._following % NOW_AND_THEN == 0:
            self._check()
        if not self._bucket.create(f"{self._path}/{_segment(self._following)}", lines):
            raise LockHeld(
                f"another apply has taken over {self._bucket.url}/{self._path}; this has stopped"
            )
        self._following += 1
        self._appended = True

    def close(self) -> None:
        """Put the segments together if they are many; what keeps that from happening is no loss."""
        if self._appended:
            with suppress(StoreUnreachable, StoreError, FileNotFoundError):
                _put_together(self._bucket, self._path)


def _put_together(bucket: Bucket, path: str) -> None:
    """Write one object that holds what many hold, and take away those that it holds."""
    found = segments(bucket, path)
    if len(found.after) >= MANY:
        data = b"".join(_parts(bucket, path, found, found.size))
        bucket.create(f"{path}/{_together(found.following - 1)}", data)
        found = segments(bucket, path)
    bucket.delete(f"{path}/{name}" for name in found.obsolete)


def _segment(number: int) -> str:
    return f"{number:08d}"


def _together(number: int) -> str:
    return f"{number:08d}.all"
