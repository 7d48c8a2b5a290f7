"""
The seam between the store and where it lies: a folder, or a bucket of an object store.

Everything else of this room names its files by a :data:`Location` and does with them only what a
:class:`Slot` can do. There are two: :class:`OnDisk`, for a folder, in which links and renames
keep two writers apart, and :class:`reconciler.store.objects.InBucket`, where conditional writes do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeAlias

from typing_extensions import TypeVar

from reconciler.ports import LockHeld
from reconciler.store.disk import DISK, Disk
from reconciler.store.folder import (
    StoreError,
    make_folder,
    read_once,
    remove,
    replace,
    settle,
    write_once,
)
from reconciler.store.objects import InBucket, Key
from reconciler.store.tail import FileTail

Location: TypeAlias = Path | Key
"""Where a file of the store lies, or a folder of them."""

LocationT = TypeVar("LocationT", Path, Key, Location, default=Path)
"""The same where what comes out is of the kind of what went in."""


class Tail(Protocol):
    """The end of a file to which lines are appended."""

    @property
    def most(self) -> int:
        """How many records go into one `append`."""
        ...

    def append(self, lines: bytes) -> None:
        """
        Put whole *lines* at the end; they last when this returns. After an error, no more.

        LockHeld when another run has taken over.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Slot(Protocol):
    """A place in the store, and what can be done there."""

    def names(self) -> list[str]:
        """Return the names of what lies in this folder, sorted; none when it is no folder."""
        ...

    def folders(self) -> list[str]:
        """Return the names of the folders in this folder, sorted."""
        ...

    def require_no_link(self) -> None:
        """Refuse (StoreError) what leads somewhere else."""
        ...

    def exists(self) -> bool:
        """Say whether there is a file, whatever it is."""
        ...

    def read(self, limit: int) -> bytes:
        """Return the bytes of the file; FileNotFoundError, or StoreError when they are no good."""
        ...

    def create(self, pieces: Iterable[bytes]) -> bool:
        """Put *pieces*, to last, where nothing is; return whether nothing was there."""
        ...

    def claim(self, data: bytes) -> bool:
        """Do as `create`, for what two must not have at once."""
        ...

    def replace(self, data: bytes, before: bytes) -> None:
        """Put *data*, to last, in place of *before*; LockHeld when that is not there."""
        ...

    def remove(self) -> None:
        """Take the file away, if it is there."""
        ...

    def settle(self) -> None:
        """Wait until what can be read lasts."""
        ...

    def seal(self) -> None:
        """Keep whoever opened the file before from appending, where that can be done."""
        ...

    def tail(self, size: int, torn: int, check: Callable[[], None]) -> Tail:
        """
        Return the end of a file of which *size* bytes were read, and *torn* more of no use.

        *check* raises LockHeld when another run has taken over.
        """
        ...


class OnDisk:
    """A place in a folder."""

    def __init__(self, path: Path, disk: Disk = DISK) -> None:
        self._path = path
        self._disk = disk

    def names(self) -> list[str]:
        """Return the names of what lies in this folder, sorted."""
        return sorted(os.listdir(self._path)) if self._path.is_dir() else []

    def folders(self) -> list[str]:
        """Return the names of the folders in this folder, sorted, and of links, to be refused."""
        found = ((name, self._path / name) for name in self.names())
        return [name for name, path in found if path.is_dir() or path.is_symlink()]

    def require_no_link(self) -> None:
        """
        Check that this is no link.

        Raises:
            StoreError: It is one.
        """
        if self._path.is_symlink():
            raise StoreError(f"{self._path} is a symbolic link; the store follows none")

    def exists(self) -> bool:
        """Say whether there is a file, or a link that leads nowhere."""
        return os.path.lexists(self._path)

    def read(self, limit: int) -> bytes:
        """Return the bytes of the file; raises as :func:`reconciler.store.folder.read_once`."""
        return read_once(self._path, limit)

    def create(self, pieces: Iterable[bytes]) -> bool:
        """Put *pieces* where nothing is; raises as :func:`reconciler.store.folder.write_once`."""
        make_folder(self._path.parent, self._disk)
        return write_once(self._path, pieces, self._disk)

    def claim(self, data: bytes) -> bool:
        """Do as :meth:`create`: a link that refuses to overwrite needs no proof."""
        return self.create((data,))

    def replace(self, data: bytes, before: bytes) -> None:
        """
        Put *data* in place of *before*; only who holds the lock of the folder does so.

        Raises:
            LockHeld: Something else is there, or nothing.
            StoreUnwritable: The disk refuses.
        """
        try:
            unchanged = read_once(self._path, len(before)) == before
        except (FileNotFoundError, StoreError):
            unchanged = False
        if not unchanged:
            raise LockHeld(f"{self._path} was changed by another process")
        replace(self._path, (data,), self._disk)

    def remove(self) -> None:
        """
        Take the file away, if it is there.

        Raises:
            StoreUnwritable: The disk refuses.
        """
        remove(self._path)

    def settle(self) -> None:
        """Wait for the disk; raises as :func:`reconciler.store.folder.settle`."""
        settle(self._path, self._disk)

    def seal(self) -> None:
        """Do nothing: whoever was taken over finds out by the claim."""

    def tail(self, size: int, torn: int, check: Callable[[], None]) -> FileTail:
        """Return the end of the file."""
        return FileTail(self._path, size, torn, check, self._disk)


def slot(place: Location, disk: Disk = DISK) -> Slot:
    """Return what can be done at *place*; *disk* makes it last where it is a folder's."""
    return InBucket(place) if isinstance(place, Key) else OnDisk(place, disk)


def files(folder: Location, suffix: str) -> list[Location]:
    """Return the files in *folder* whose names end in *suffix*, sorted by name."""
    return [folder / name for name in slot(folder).names() if name.endswith(suffix)]
