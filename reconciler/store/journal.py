"""
The journal, as it is written: an append-only, hash-chained record of what an apply did.

Three rules:

1. **Durable before it counts.** `append` returns when the record is on the disk:
   written, flushed and fsynced (INV-12), or in the bucket. A write that fails is
   fatal and never tried again: nobody knows what is there (F63, F64).
2. **A chain without a torn tail.** Each record follows the one before it
   (:mod:`reconciler.store.chain`). Half a record that a crash has left was never durable:
   it is cut off, and the next record says so. Opening a journal leaves its bytes as they
   are; the torn tail goes with the first append.
3. **One run at a time.** What a run writes that was taken over (:mod:`reconciler.store.claim`)
   does not count. How that is seen to is the business of the place: :mod:`reconciler.store.tail`
   in a folder, :mod:`reconciler.store.segments` in a bucket.

:class:`FileJournal` implements :class:`reconciler.ports.Journal`; chains of other records
(:mod:`reconciler.store.attempts`) are made by the same code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC
from threading import Condition
from typing import Any, Generic, Self

from pydantic import TypeAdapter

from reconciler.diagnostics import ReconcilerError
from reconciler.ports import Clock, JournalFailed, LockHeld
from reconciler.store.chain import GENESIS, RecordT, read_chain, summed
from reconciler.store.claim import Claim
from reconciler.store.disk import DISK, Disk
from reconciler.store.records import RECORD, Record
from reconciler.store.slot import Location, slot

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Form of `at`: UTC, of one length, so that it sorts as text."""


class JournalUnwritable(JournalFailed):
    """A record could not be made durable; no request may follow."""


class FileChain(Generic[RecordT]):
    """
    A chain of records in a file, opened for appending.

    May be shared by threads: what several of them append while one write is under way goes into
    the next one together, as far as the place takes it. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        path: Location,
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
            LockHeld: Another run has taken over.
        """
        self.path = path
        self._clock = clock
        self._shape = shape
        self._claim = claim
        content = read_chain(path, shape)
        self._records = list(content.records)
        self._head = content.head
        self._torn = content.torn
        self._tail = slot(path, disk).tail(content.size, content.torn, self._require_claim)
        self._require_claim()  # after the end is known: who takes over now, finds it first
        self._lock = Condition()
        self._waiting: list[tuple[str, bytes, RecordT]] = []
        self._chained = len(self._records)
        self._is_writing = False
        self._over: JournalUnwritable | LockHeld | None = None

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
            self._require_going_on()
            self._waiting.append((kind, line, record))
            self._head, self._torn = hashlib.sha256(line).hexdigest(), 0
            mine = self._chained = self._chained + 1
        while self._is_due(mine):
            try:
                self._write()
            finally:
                with self._lock:
                    self._is_writing = False
                    self._lock.notify_all()

    def _is_due(self, mine: int) -> bool:
        """
        Wait for whoever is writing; return whether there is still something to be written.

        Raises:
            JournalUnwritable, LockHeld: It cannot be written any more.
        """
        with self._lock:
            while self._is_writing and len(self._records) < mine:
                self._lock.wait()
            if len(self._records) >= mine:
                return False
            self._require_going_on()
            self._is_writing = True
            return True

    def _require_going_on(self) -> None:
        """
        Check that nothing has gone wrong before.

        Raises:
            JournalUnwritable, LockHeld: It has.
        """
        if self._over is not None:
            raise type(self._over)(f"nothing more is written to {self.path}: {self._over}")

    def _write(self) -> None:
        """
        Write what waits, also for others who wait for it, and wait for the disk.

        Raises:
            JournalUnwritable, LockHeld: As :meth:`append`.
        """
        with self._lock:
            waiting = self._waiting[: self._tail.most]
            del self._waiting[: self._tail.most]
        try:
            self._tail.append(b"".join(line + b"\n" for _, line, _ in waiting))
            if self._claim is not None and any(kind == "run_begin" for kind, _, _ in waiting):
                self._claim.begin()
        except LockHeld:
            self._over = LockHeld("another apply has taken over")
            raise
        except (OSError, ReconcilerError) as exc:
            self._over = JournalUnwritable("an earlier write failed")
            reason = getattr(exc, "strerror", None) or str(exc)
            raise JournalUnwritable(f"cannot write the journal {self.path}: {reason}") from exc
        except BaseException:
            self._over = JournalUnwritable("an earlier write was cut off")
            raise
        self._records += [record for _, _, record in waiting]

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
            "seq": self._chained,
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

    def close(self) -> None:
        """Close the file; every record is on the disk already."""
        with self._lock:
            self._over = self._over or JournalUnwritable("it is closed")
            while self._is_writing:
                self._lock.wait()
            self._tail.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FileJournal(FileChain[Record]):
    """One plan's journal."""

    def __init__(
        self, path: Location, clock: Clock, disk: Disk = DISK, claim: Claim | None = None
    ) -> None:
        """Open the journal at *path*; raises as :class:`FileChain`."""
        super().__init__(path, clock, RECORD, disk, claim)
