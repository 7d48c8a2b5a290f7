"""
The journal, as it is written: an append-only, hash-chained record of what an apply did.

Three rules:

1. **Durable before it counts.** `append` returns when the record is on the disk:
   written, flushed and fsynced (INV-12). A write or an fsync that fails is
   fatal and never tried again: after a failed fsync nobody knows what the disk
   holds (F63, F64).
2. **A chain without a torn tail.** Each record follows the one before it
   (:mod:`reconciler.store.chain`). Half a record that a crash has left was never durable:
   it is cut off, and the next record says so. Opening a journal leaves its bytes as they
   are; the torn tail goes with the first append.
3. **No two processes append to one file.** A run that goes on with a journal puts a
   copy in its place first, so that whoever was taken over (:mod:`reconciler.store.claim`)
   and does not know it yet writes to what is not the journal any more. Windows puts nothing
   in the place of a file that is open: there the run that takes over ends unwritten.

:class:`FileJournal` implements :class:`reconciler.ports.Journal`; chains of other records
(:mod:`reconciler.store.attempts`) are made by the same code.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from threading import Lock
from typing import Any, Generic, Self

from pydantic import TypeAdapter

from reconciler.diagnostics import ReconcilerError
from reconciler.ports import Clock, JournalFailed, LockHeld
from reconciler.store.chain import GENESIS, JOURNAL_LIMIT, RecordT, read_chain, summed
from reconciler.store.claim import Claim
from reconciler.store.disk import DISK, Disk
from reconciler.store.folder import (
    AS_IT_IS,
    NO_FOLLOW,
    StoreError,
    make_folder,
    read_once,
    sync_folder,
)
from reconciler.store.folder import replace as replace_file
from reconciler.store.records import RECORD, Record

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Form of `at`: UTC, of one length, so that it sorts as text."""


class JournalUnwritable(JournalFailed):
    """A record could not be made durable; no request may follow."""


class FileChain(Generic[RecordT]):
    """
    A chain of records in a file, opened for appending.

    May be shared by threads. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        shape: TypeAdapter[RecordT],
        disk: Disk = DISK,
        claim: Claim | None = None,
    ) -> None:
        """
        Open the file at *path* and verify its whole chain; no file is an empty chain.

        Args:
            path: Where it lies.
            clock: Dates the records.
            shape: What its records are like.
            disk: What makes them last.
            claim: That of the run that writes; with it each run has a number, and no
                record counts that is written after another run has taken over.

        Raises:
            JournalDamaged, StoreError: As :func:`reconciler.store.chain.read_chain`.
        """
        self.path = path
        self._clock = clock
        self._shape = shape
        self._disk = disk
        self._claim = claim
        content = read_chain(path, shape)
        self._records = list(content.records)
        self._head = content.head
        self._size, self._torn = content.size, content.torn
        self._lock = Lock()
        self._descriptor: int | None = None
        self._over: str | None = None

    @property
    def head(self) -> str | None:
        """SHA-256 of the newest record's line; None before the first."""
        return self._head

    def records(self) -> Sequence[RecordT]:
        """Return all records of the file, oldest first, those of this run included."""
        with self._lock:
            return tuple(self._records)

    def append(self, kind: str, **fields: Any) -> None:
        """
        Write one record and wait for the disk.

        Raises:
            JournalUnwritable: This record, or one before it, could not be made durable.
            LockHeld: Another run has taken over; the record does not count.
            pydantic.ValidationError: The fields are not those of *kind*: a defect.
        """
        with self._lock:
            line = self._line(kind, fields)
            record = self._shape.validate_json(line)
            if self._over:
                raise JournalUnwritable(f"nothing more is written to {self.path}: {self._over}")
            self._require_claim()
            try:
                self._write(line + b"\n")
                if kind == "run_begin" and self._claim is not None:
                    self._claim.begin()
            except LockHeld:
                raise
            except (OSError, ReconcilerError) as exc:
                self._over = "an earlier write failed"
                reason = getattr(exc, "strerror", None) or str(exc)
                raise JournalUnwritable(f"cannot write the journal {self.path}: {reason}") from exc
            self._records.append(record)
            self._head = hashlib.sha256(line).hexdigest()
            self._torn = 0
            self._require_claim()

    def _require_claim(self) -> None:
        """
        Check that this run may still write.

        Raises:
            LockHeld: Another has taken over.
        """
        if self._claim is not None:
            self._claim.require()

    def _line(self, kind: str, fields: dict[str, Any]) -> bytes:
        """Return the bytes of the next record, without a newline."""
        record = {
            **fields,
            "kind": kind,
            "at": self._clock.now().astimezone(UTC).strftime(TIME_FORMAT),
            "seq": len(self._records),
            "prev": self._head or GENESIS,
        }
        if self._torn:
            record["torn"] = self._torn
        if kind == "run_begin" and self._claim is not None:
            record["run"] = self._claim.number
            record |= {"after": self._claim.after} if self._claim.after else {}
        if isinstance(detail := record.get("detail"), str):
            # A server's own words may hold lone surrogates, which no UTF-8 can say.
            record["detail"] = detail.encode("utf-8", "replace").decode("utf-8")
        return summed(record)

    def _write(self, data: bytes) -> None:
        """Put *data* at the end of the file, all of it, and wait for the disk."""
        descriptor = self._open() if self._descriptor is None else self._descriptor
        self._disk.write(descriptor, data)
        self._disk.sync(descriptor)

    def _open(self) -> int:
        """
        Begin the file, or go on with a copy without the torn tail; make its name durable.

        The copy is opened when it is in its place, because Windows moves no open file. What
        is there by then may be that of a run which has taken over, and is not written to.

        Raises:
            LockHeld: One has.
        """
        make_folder(self.path.parent, self._disk)
        flags = os.O_WRONLY | os.O_APPEND | NO_FOLLOW | AS_IT_IS
        before = self._as_read()
        if before is None:
            self._descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
            sync_folder(self.path.parent, self._disk)
        else:
            replace_file(self.path, before, self._disk)
            self._descriptor = os.open(self.path, flags)
            self._require_claim()
        return self._descriptor

    def _as_read(self) -> bytes | None:
        """
        Return the whole lines of the file, which are those that were read; None is no file.

        Raises:
            StoreError: It is not what was read.
        """
        try:
            data = read_once(self.path, JOURNAL_LIMIT)
        except FileNotFoundError:
            data = None
        if len(data or b"") != self._size + self._torn:
            raise StoreError("another process has written to it")
        return None if data is None else data[: self._size]

    def close(self) -> None:
        """Close the file; every record is on the disk already."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            self._over = self._over or "it is closed"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FileJournal(FileChain[Record]):
    """One plan's journal."""

    def __init__(
        self, path: Path, clock: Clock, disk: Disk = DISK, claim: Claim | None = None
    ) -> None:
        """Open the journal at *path*; raises as :class:`FileChain`."""
        super().__init__(path, clock, RECORD, disk, claim)
