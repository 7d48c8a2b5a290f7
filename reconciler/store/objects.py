"""
A store in a bucket: what a folder does by links and renames, done by conditional writes.

Names are those of the folder, ``<application>/<file>`` below the store's prefix. What is
appended to (:data:`APPENDED`) lies in segments (:mod:`reconciler.store.segments`); everything else
is one object, which is written once, or replaced only where it is what was read.

An object store keeps no half-written object and no unsynced one: an answer is the sync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.ports import LockHeld, StoreUnreachable
from reconciler.store.folder import StoreError
from reconciler.store.segments import SegmentTail, joined, seal

if TYPE_CHECKING:
    from reconciler.store.bucket import Bucket

APPENDED = ".jsonl"
"""How the names end of what is appended to."""

TAG_LIMIT = 64 * 1024
"""Bytes of the largest object that is replaced."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The place of a file, or of a folder of such, in a bucket."""

    path: str
    """Steps with slashes between them, below the store; empty is the store itself."""
    url: str
    bucket: Bucket = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.url}/{self.path}" if self.path else self.url

    def __truediv__(self, name: str) -> Key:
        return Key(f"{self.path}/{name}" if self.path else name, self.url, self.bucket)

    @property
    def name(self) -> str:
        """The last step."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> Key:
        """The place above."""
        return Key(self.path.rpartition("/")[0], self.url, self.bucket)

    def with_name(self, name: str) -> Key:
        """Return the place beside this one that has this *name*."""
        return self.parent / name


class InBucket:
    """What can be done with a place in a bucket; implements :class:`reconciler.store.slot.Slot`."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._bucket = key.bucket

    def names(self) -> list[str]:
        """Return the names of what lies in this folder, sorted."""
        found = self._bucket.names(self._key.path)
        return sorted({*found.objects, *found.folders})

    def folders(self) -> list[str]:
        """Return the names of the folders in this folder, sorted."""
        return sorted(self._bucket.names(self._key.path).folders)

    def require_no_link(self) -> None:
        """Do nothing: a bucket has no links."""

    def exists(self) -> bool:
        """Say whether there is such a file."""
        if self._appended:
            return bool(self._bucket.names(self._key.path).objects)
        return self._bucket.holds(self._key.path)

    @property
    def _appended(self) -> bool:
        return self._key.path.endswith(APPENDED)

    def read(self, limit: int) -> bytes:
        """
        Return the bytes of the file, at most *limit* of them.

        Raises:
            FileNotFoundError: There is no such file.
            StoreError: It is too large, or (RecordsLost) a part of it is missing.
            StoreUnreachable: The store cannot be asked.
        """
        if self._appended:
            return joined(self._bucket, self._key.path, limit)
        return self._bucket.get(self._key.path, limit).data

    def create(self, pieces: Iterable[bytes]) -> bool:
        """
        Put *pieces*, in one request, where nothing is; return whether that was so.

        Raises:
            StoreError: The service writes over what is there, in spite of the condition.
            StoreUnreachable: Nobody knows whether it was written.
        """
        return self._bucket.create(self._key.path, b"".join(pieces))

    def claim(self, data: bytes) -> bool:
        """
        Put *data* where nothing is, as :meth:`create`, and prove that the service refuses.

        A service that does not know the condition ignores it, and would let two go on. The
        proof writes other bytes: of the same ones nobody could tell whose they are, once an
        answer is lost.
        """
        created = self._bucket.create(self._key.path, data)
        if created and self._bucket.create(self._key.path, data + b"\n"):
            with suppress(StoreUnreachable):  # whoever comes next is told the same
                self.remove()
            raise StoreError(
                f"{self._key.url} writes over what is there (it ignores If-None-Match on a put), "
                "so that two applies could run at once; keep the plans elsewhere"
            )
        return created

    def replace(self, data: bytes, before: bytes) -> None:
        """
        Put *data* in place of *before*.

        Raises:
            LockHeld: Something else is there, or nothing.
            StoreUnreachable: Nobody knows whether it was written.
        """
        try:
            found = self._bucket.get(self._key.path, TAG_LIMIT)
        except FileNotFoundError:
            found = None
        if (
            found is None
            or found.data != before
            or not self._bucket.replace(self._key.path, data, found.tag)
        ):
            raise LockHeld(f"{self._key} was changed by another process")

    def remove(self) -> None:
        """Take the file away, if it is there."""
        self._bucket.delete([self._key.path])

    def settle(self) -> None:
        """Do nothing: what can be read here is durable."""

    def seal(self) -> None:
        """Keep whoever has opened the file to append from writing anything more."""
        seal(self._bucket, self._key.path)

    def tail(self, size: int, torn: int, check: Callable[[], None]) -> SegmentTail:
        """Return the end of the file, of which *size* + *torn* bytes were read."""
        return SegmentTail(self._bucket, self._key.path, size + torn, check)
