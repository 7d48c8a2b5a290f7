"""
The journal: an append-only, hash-chained record of what an apply did.

Four rules:

1. **Durable before it counts.** `append` returns when the record is on the disk:
   written, flushed and fsynced (INV-12). A write or an fsync that fails is
   fatal and never tried again: after a failed fsync nobody knows what the disk
   holds (F63, F64).
2. **A chain.** Each line carries the SHA-256 of the bytes of the line before it
   (without the newline), so that a line that is changed, lost, added or moved
   shows (F69). No line follows the newest one, so each carries a sum of itself
   too, and is believed only in the very bytes in which it was written.
3. **A torn tail is no damage.** A process that was killed, or a machine that
   lost power, may leave half a record at the end (F61). It was never durable,
   so nothing was done because of it: it is cut off, and the next record says
   so. Anything else that does not fit is damage, and nothing is concluded from
   a damaged journal (INV-34).
4. **Looking changes nothing.** Reading a journal, or opening one to append,
   leaves its bytes as they are; the torn tail goes with the first append.
5. **No two processes append to one file.** A run that goes on with a journal puts a
   copy in its place first, so that whoever was taken over (:mod:`reconciler.store.claim`)
   and does not know it yet writes to what is not the journal any more.

:class:`FileJournal` implements :class:`reconciler.ports.Journal`;
:func:`read_journal` is what :mod:`reconciler.store.history` folds over, and
:func:`examined` what :mod:`reconciler.store.audit` complains of. Chains of other records
(:mod:`reconciler.store.attempts`) are made and read by the same code.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from threading import Lock
from typing import Any, Generic, Self

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypeVar

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.digest import canonical_json, digest
from reconciler.ports import Clock, JournalFailed, RecordsAltered
from reconciler.store.claim import Claim
from reconciler.store.damage import OVERWRITTEN, Damage, misshapen, unlinked
from reconciler.store.disk import DISK, Disk
from reconciler.store.folder import (
    NO_FOLLOW,
    StoreError,
    make_folder,
    read_once,
    sync_folder,
    synced,
)
from reconciler.store.records import RECORD, Chained, Record

GENESIS = "0" * 64
"""`prev` of the first record of a file."""

JOURNAL_LIMIT = 1024 * 1024 * 1024
"""Bytes of the largest journal that is read: a million operations of two records each."""

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Form of `at`: UTC, of one length, so that it sorts as text."""


RecordT = TypeVar("RecordT", bound=Chained, default=Record)
"""The records of a chain: a journal's, unless something else is said."""


class JournalDamaged(RecordsAltered):
    """A journal is not what was written; nothing is concluded from it."""


class JournalUnwritable(JournalFailed):
    """A record could not be made durable; no request may follow."""


@dataclass(frozen=True, slots=True)
class JournalContent(Generic[RecordT]):
    """What a journal file holds."""

    records: tuple[RecordT, ...]
    head: str | None
    """SHA-256 of the newest whole line; None when there is none."""
    size: int
    """Bytes of the whole lines."""
    torn: int
    """Bytes after them: half a record."""


def read_journal(path: Path) -> JournalContent:
    """Return what the journal at *path* holds; raises as :func:`read_chain`."""
    return read_chain(path, RECORD)


def read_chain(path: Path, shape: TypeAdapter[RecordT]) -> JournalContent[RecordT]:
    """
    Return what the file at *path* holds, its chain verified; no file is an empty chain.

    Raises:
        JournalDamaged: A line is not a record, or does not follow the line before.
        StoreError: It is a link, no regular file, too large, or unreadable.
    """
    try:
        data = read_once(path, JOURNAL_LIMIT)
    except FileNotFoundError:
        data = b""
    content, damages = examined_chain(data, shape)
    for damage in damages:
        raise JournalDamaged(f"{path}, line {damage.line}: {damage.what}")
    return content


def chained_lines(path: Path) -> Iterator[bytes]:
    """
    Yield the whole lines of the chain at *path*, of which only the links are verified.

    For whoever needs few records of a long journal: that each line is a record is
    verified by :func:`read_chain` alone, and takes most of its time.

    Raises:
        JournalDamaged: A line does not follow the line before, or the newest was changed.
        StoreError: As :func:`read_chain`.
    """
    try:
        lines = read_once(path, JOURNAL_LIMIT).split(b"\n")
    except FileNotFoundError:
        return
    if not lines.pop() and lines and not _is_json(lines[-1]):
        lines.pop()
    head = GENESIS
    for number, line in enumerate(lines, 1):
        if f'"prev":"{head}"'.encode() not in line:
            raise JournalDamaged(f"{path}, line {number}: {unlinked(number)}")
        if number == len(lines) and not _as_written(line):
            raise JournalDamaged(f"{path}, line {number}: {OVERWRITTEN}")
        head = hashlib.sha256(line).hexdigest()
        yield line


def examined(data: bytes) -> tuple[JournalContent, list[Damage]]:
    """Return what the bytes of a journal hold, and what is wrong with its lines."""
    return examined_chain(data, RECORD)


def examined_chain(
    data: bytes, shape: TypeAdapter[RecordT]
) -> tuple[JournalContent[RecordT], list[Damage]]:
    """
    Return what the bytes of a chain hold, and everything that is wrong with its lines.

    A line that is no record is left out of what the journal holds; the lines after
    it are judged by the bytes that are there, so that each fault is told once.
    """
    lines = data.split(b"\n")
    tail = lines.pop()
    torn = len(tail)
    if lines and not tail and not _is_json(lines[-1]):
        torn = len(lines.pop()) + 1
    records: list[RecordT] = []
    damages: list[Damage] = []
    seq, head = 0, GENESIS
    record: RecordT | str = ""
    for number, line in enumerate(lines, 1):
        record = _record(line, shape)
        if isinstance(record, str):
            damages.append(Damage(number, record))
        else:
            records.append(record)
            if (record["seq"], record["prev"]) != (seq, head):
                damages.append(Damage(number, unlinked(number)))
            seq = record["seq"]
        seq, head = seq + 1, hashlib.sha256(line).hexdigest()
    if lines and not isinstance(record, str) and not _as_written(lines[-1]):
        damages.append(Damage(len(lines), OVERWRITTEN))
    whole = len(data) - torn
    return JournalContent(tuple(records), head if records else None, whole, torn), damages


def _record(line: bytes, shape: TypeAdapter[RecordT]) -> RecordT | str:
    """Return *line* as a record, or why it is none."""
    try:
        return shape.validate_json(line)
    except ValidationError as exc:
        return misshapen(exc)


def summed(record: dict[str, Any]) -> bytes:
    """Return the line of *record*, which has no sum yet, without a newline."""
    return canonical_json({**record, "sum": digest(record)})


def _as_written(line: bytes) -> bool:
    """Say whether *line*, a record, is what was written; the line after it says so of others."""
    try:
        record = json.loads(line)
        del record["sum"]
    except (ValueError, KeyError, TypeError):
        return False
    return summed(record) == line


def _is_json(line: bytes) -> bool:
    """Say whether *line* is any JSON at all; half a record is not."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


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
            JournalDamaged: As :func:`read_journal`.
            StoreError: As :func:`read_journal`.
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
        """Begin the file, or go on with a copy without the torn tail; make its name durable."""
        make_folder(self.path.parent, self._disk)
        flags = os.O_WRONLY | os.O_APPEND | NO_FOLLOW
        before = self._as_read()
        if before is None:
            self._descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        else:
            copy = synced(self.path, before, self._disk)
            try:
                self._descriptor = os.open(copy, flags)
                copy.replace(self.path)
            except OSError:
                copy.unlink()
                raise
        sync_folder(self.path.parent, self._disk)
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
