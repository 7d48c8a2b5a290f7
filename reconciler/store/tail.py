"""
The end of a file in a folder, to which records are appended.

Three rules:

1. **Durable before it counts.** `append` returns when the bytes are written and fsynced
   (INV-12). A write or an fsync that fails is fatal and never tried again: after a failed
   fsync nobody knows what the disk holds (F63, F64).
2. **No two processes append to one file.** A run that goes on with a file puts a copy in its
   place first, so that whoever was taken over (:mod:`reconciler.store.claim`) and does not know
   it yet writes to what is not the file any more. The copy leaves a torn tail out, and nothing
   else: where there is more than was read, nobody may know of it, and it is to be read again.
   Windows puts nothing in the place of a file that is open: there the run that takes over ends
   unwritten.
3. **Whoever was taken over stops.** The claim is looked at before and after each write.

Implements :class:`reconciler.store.slot.Tail`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from reconciler.ports import JournalGrown
from reconciler.store.disk import Disk
from reconciler.store.folder import (
    AS_IT_IS,
    NO_FOLLOW,
    make_folder,
    read_once,
    replace,
    sync_folder,
)


class FileTail:
    """The end of a file in a folder; nothing is touched before the first append."""

    most = 1
    """Records in one write: what a crash may leave of it is at most half a record."""

    def __init__(
        self, path: Path, size: int, torn: int, check: Callable[[], None], disk: Disk
    ) -> None:
        """
        Remember the end of the file at *path*.

        Args:
            path: Where it lies, or will.
            size: Bytes of it that were read and are of use.
            torn: Bytes after them, which are cut off.
            check: Raises LockHeld when another run has taken over.
            disk: What makes it last.
        """
        self._path = path
        self._size, self._torn = size, torn
        self._check = check
        self._disk = disk
        self._descriptor: int | None = None

    def append(self, lines: bytes) -> None:
        """
        Put *lines* at the end of the file, all of them, and wait for the disk.

        Raises:
            LockHeld: Another run has taken over.
            JournalGrown: Another process has written to the file since it was read.
            OSError, StoreError, StoreUnwritable: It was not done; nothing more may follow.
        """
        self._check()
        descriptor = self._open() if self._descriptor is None else self._descriptor
        self._disk.write(descriptor, lines)
        self._disk.sync(descriptor)
        self._check()

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        """
        Begin the file, or go on with a copy without the torn tail; make its name durable.

        The copy is opened when it is in its place, because Windows moves no open file. What
        is there by then may be that of a run which has taken over, and is not written to.

        Raises:
            LockHeld: One has.
            JournalGrown: As :meth:`append`.
        """
        make_folder(self._path.parent, self._disk)
        flags = os.O_WRONLY | os.O_APPEND | NO_FOLLOW | AS_IT_IS
        before = self._as_read()
        if before is None:
            self._descriptor = self._begun(flags | os.O_CREAT | os.O_EXCL)
            sync_folder(self._path.parent, self._disk)
        else:
            replace(self._path, (before,), self._disk)
            self._descriptor = os.open(self._path, flags)
            self._check()
        return self._descriptor

    def _begun(self, flags: int) -> int:
        """
        Open a new file with *flags*.

        Raises:
            LockHeld, JournalGrown: There is one by now.
        """
        try:
            return os.open(self._path, flags, 0o600)
        except FileExistsError as exc:
            raise self._grown() from exc

    def _as_read(self) -> bytes | None:
        """
        Return the whole lines of the file, which are those that were read; None is no file.

        Raises:
            LockHeld, JournalGrown: It is not what was read.
        """
        expected = self._size + self._torn
        try:
            data = read_once(self._path, sys.maxsize)  # it was not too large when it was read
        except FileNotFoundError:
            data = None
        if len(data or b"") != expected:
            raise self._grown()
        self._check()  # to copy takes a while
        return None if data is None else data[: self._size]

    def _grown(self) -> JournalGrown:
        """
        Return the error of a file that another process has written to.

        Raises:
            LockHeld: It is that of a run which has taken over.
        """
        self._check()
        return JournalGrown("another process has written to it")
