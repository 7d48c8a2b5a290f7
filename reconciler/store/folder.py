"""
Files of the store: opened without following links, written once, synced.

Three rules (reliability.md S19, F61 to F64):

1. Nothing of the store is reached through a symbolic link: a link that a pull
   request brings along must not lead a write, or a read, somewhere else.
2. A file appears under its name whole or not at all: temporary file in the same
   folder, fsync, hard link, fsync of the folder. The link refuses to overwrite.
3. What is read is read once, up to a limit; the bytes that were checked are the
   bytes that are used (INV-24).

Used by :mod:`reconciler.store.slot`, which is what the rest of this room works with, and by
:mod:`reconciler.store.tail`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import mkstemp

from reconciler.diagnostics import ReconcilerError
from reconciler.store.disk import DISK, Disk

AT_A_TIME = 1024 * 1024
"""Bytes that are written at once, of what comes in pieces."""

_READ_ONLY = frozenset({errno.EROFS, errno.EINVAL, errno.EBADF})
"""What a system answers that cannot wait for a file which it cannot write."""

NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
"""Flag of every open; where it does not exist, the check of the path stands alone."""

AS_IT_IS: int = getattr(os, "O_BINARY", 0)
"""Flag of every open to write; without it, Windows ends lines in a way of its own."""


class StoreError(ReconcilerError):
    """The store, or a file in it, is not what it must be; nothing of it is used."""


class StoreUnwritable(ReconcilerError):
    """The store cannot be written: a full disk, a missing permission."""


def make_folder(folder: Path, disk: Disk = DISK) -> None:
    """
    Make *folder* and what is missing above it, readable by its owner alone, on the disk.

    Raises:
        StoreUnwritable: It cannot be made.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent, disk)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent, disk)
    except OSError as exc:
        raise StoreUnwritable(f"cannot make the folder {folder}: {exc.strerror}") from exc


def read_once(path: Path, limit: int) -> bytes:
    """
    Return the bytes of the regular file at *path*, at most *limit* of them.

    Raises:
        FileNotFoundError: There is no such file.
        StoreError: It is a link or no regular file, too large, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0))
        try:
            return _whole(descriptor, path, limit)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise
    except OSError as exc:
        why = "it is a symbolic link" if path.is_symlink() else exc.strerror
        raise StoreError(f"{path} cannot be read: {why}") from exc


def _whole(descriptor: int, path: Path, limit: int) -> bytes:
    """Return what the file of *descriptor* holds at this moment."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is not a regular file")
    if status.st_size > limit:
        raise StoreError(f"{path} is larger than {limit} bytes")
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(status.st_size)


def write_once(path: Path, pieces: Iterable[bytes], disk: Disk = DISK) -> bool:
    """
    Put *pieces* at *path* and return True; a file that is already there stays as it is: False.

    Raises:
        StoreUnwritable: The disk refuses; nothing was put at *path*.
    """
    try:
        temporary = synced(path, pieces, disk)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
            sync_folder(path.parent, disk)
    except OSError as exc:
        raise StoreUnwritable(f"cannot write {path}: {exc.strerror}") from exc
    return True


def replace(path: Path, pieces: Iterable[bytes], disk: Disk = DISK) -> None:
    """
    Put *pieces* at *path*, whole, in place of what is there.

    Raises:
        StoreUnwritable: The disk refuses; what was at *path* is still there.
    """
    try:
        temporary = synced(path, pieces, disk)
        try:
            temporary.replace(path)
        except OSError:
            temporary.unlink()
            raise
        sync_folder(path.parent, disk)
    except OSError as exc:
        raise StoreUnwritable(f"cannot write {path}: {exc.strerror}") from exc


def settle(path: Path, disk: Disk = DISK) -> None:
    """
    Wait until the file at *path* is on the disk as it can be read now.

    For what another process has written and not synced yet: without this, a power cut could
    take that away, and leave what was concluded from it. It is no proof where a sync was
    refused before: the system may have thrown the pages away and answer the next sync with
    a success. What was lost so is found when it is read again, as a chain that is broken or
    a record that is missing. Where files cannot be written, nothing.

    Raises:
        StoreError: The disk refuses.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
        try:
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        if exc.errno not in _READ_ONLY:
            raise StoreError(f"{path} is not safe on the disk: {exc.strerror}") from exc


def remove(path: Path) -> None:
    """
    Take the file at *path* away.

    Raises:
        StoreUnwritable: The disk refuses.
    """
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as exc:
        raise StoreUnwritable(f"cannot remove {path}: {exc.strerror}") from exc


def synced(path: Path, pieces: Iterable[bytes], disk: Disk = DISK) -> Path:
    """Return a new temporary file beside *path* that holds *pieces*, on the disk."""
    descriptor, name = mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        try:
            for data in _gathered(pieces):
                disk.write(descriptor, data)
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
    except Exception:
        Path(name).unlink()
        raise
    return Path(name)


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield *pieces* together, as many as are written at once; the rest may be empty."""
    held, size = list[bytes](), 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= AT_A_TIME:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def sync_folder(folder: Path, disk: Disk = DISK) -> None:
    """Wait until the names in *folder* are on the disk; where folders cannot be opened, nothing."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
