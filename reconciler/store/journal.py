"""
The journal, as it is written: an append-only, hash-chained record of what an apply did.

Three rules:

1. **Durable before it counts.** `append` returns when the record is on the disk:
   written, flushed and fsynced (INV-12), or in the bucket. A write that fails is
   fatal and never tried again: nobody knows what is there (F63, F64).
2. **A chain without a torn tail.** Each line follows the one before it
   (:mod:`reconciler.store.chain`). Half a line that a crash has left was never durable:
   it is cut off, and the next one says so. What is written at once is one line, so that
   a crash leaves no hole between two records. Opening a journal leaves its bytes as they
   are; the torn tail goes with the first append.
3. **One run at a time.** What a run writes that was taken over (:mod:`reconciler.store.claim`)
   does not count. How that is seen to is the business of the place: :mod:`reconciler.store.tail`
   in a folder, :mod:`reconciler.store.segments` in a bucket.

:class:`FileJournal` implements :class:`reconciler.ports.Journal`; chains of other records
(:mod:`reconciler.store.attempts`) are made by the same code.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from threading import Condition, Event
from typing import Any, Generic, Self

from pydantic import TypeAdapter

from reconciler.diagnostics import ReconcilerError
from reconciler.ports import Clock, JournalFailed, JournalGrown, LockHeld
from reconciler.store.chain import GENESIS, RecordT, read_chain, summed
from reconciler.store.claim import Claim
from reconciler.store.disk import DISK, Disk
from reconciler.store.records import MOST_TOGETHER, RECORD, Record
from reconciler.store.slot import Location, slot

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Form of `at`: UTC, of one length, so that it sorts as text."""


class JournalUnwritable(JournalFailed):
    """A record could not be made durable; no request may follow."""


@dataclass(slots=True, eq=False)
class _Entry:
    """A line that somebody waits for."""

    kind: str
    line: bytes
    turn: Event = field(default_factory=Event)
    """Set when it is written, when it is its turn to be, and when it never will be."""
    written: bool = False


class FileChain(Generic[RecordT]):
    """
    A chain of records in a file, opened for appending.

    May be shared by threads: what several of them append while one write is under way goes into
    the next one together, as far as the place takes it. Whoever has written wakes those whose
    records it wrote, and whoever writes next, and nobody else: a hundred who wake each time to
    wait again take longer than the disk. Close it, or use it as a context manager.
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
        self._records: Sequence[RecordT] | None = content.records
        """What was there; None once anything was written since, and then the file says."""
        self._head = content.head
        self._torn = content.torn
        self._tail = slot(path, disk).tail(content.size, content.torn, self._require_claim)
        self._require_claim()  # after the end is known: who takes over now, finds it first
        self._lock = Condition()
        self._waiting: deque[_Entry] = deque()
        self._chained = self._durable = content.lines
        """Lines that have been made, and those that are on the disk."""
        self._is_writing = False
        self._over: JournalUnwritable | LockHeld | None = None

    @property
    def head(self) -> str | None:
        """SHA-256 of the newest record's line; None before the first."""
        return self._head

    def records(self) -> Sequence[RecordT]:
        """
        Return all records of the file, oldest first, those of this run included.

        What this run has written is read again: to hold all of it would take as much
        memory as there are operations.
        """
        with self._lock:
            known, durable = self._records, self._durable
        if known is not None:
            return known
        found = read_chain(self.path, self._shape).records
        return tuple(record for record in found if record["seq"] < durable)

    def append(self, kind: str, **fields: Any) -> None:
        """
        Write one record and wait for the disk.

        Raises:
            JournalUnwritable: This record, or one before it, could not be made durable.
            JournalGrown: The first record; somebody has written since the file was read.
            LockHeld: Another run has taken over; the record does not count.
            pydantic.ValidationError: The fields are not those of *kind*: a defect.
        """
        self._append(kind, fields)

    def append_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """
        Write several records of operations as one line, and wait for the disk once.

        After a loss of power all of them are there, or none (decision 36).

        Args:
            records: Fields of each, `kind` included.

        Raises:
            JournalUnwritable, LockHeld, pydantic.ValidationError: As :meth:`append`.
        """
        for start in range(0, len(records), MOST_TOGETHER):
            part = [sayable(one) for one in records[start : start + MOST_TOGETHER]]
            if len(part) == 1:
                fields = {**part[0]}
                self._append(fields.pop("kind"), fields)
            else:
                self._append("together", {"records": part})

    def _append(self, kind: str, fields: dict[str, Any]) -> None:
        """Write one line and wait for the disk; raises as :meth:`append`."""
        with self._lock:
            line = self._line(kind, fields)
            self._shape.validate_json(line)
            mine = _Entry(kind, line)
            self._require_going_on()
            self._waiting.append(mine)
            self._head, self._torn = hashlib.sha256(line).hexdigest(), 0
            self._chained += 1
            is_first, self._is_writing = not self._is_writing, True
        if not is_first:
            self._wait_for(mine)
        if not mine.written:
            self._write_down()

    def _wait_for(self, mine: _Entry) -> None:
        """
        Wait until *mine* is written, or comes next.

        Raises:
            JournalUnwritable, LockHeld: It cannot be written any more.
        """
        try:
            mine.turn.wait()
        except BaseException:  # Ctrl-C: nobody is left to write it, nor what follows it
            with self._lock:
                self._over = self._over or JournalUnwritable("an earlier write was cut off")
                if mine.turn.is_set() and not mine.written:
                    self._hand_over(())
            raise
        if not mine.written:
            with self._lock:
                if self._over is not None:
                    self._hand_over(())
                self._require_going_on()

    def _write_down(self) -> None:
        """
        Write what waits, wait for the disk, and wake whom that concerns.

        Raises:
            JournalUnwritable, LockHeld: As :meth:`append`.
        """
        with self._lock:
            number = min(self._tail.most, len(self._waiting))
            due = [self._waiting.popleft() for _ in range(number)]
        try:
            self._write(due)
        finally:
            with self._lock:
                self._hand_over(due)

    def _hand_over(self, ended: Sequence[_Entry]) -> None:
        """Wake those whose records have been written, or not, and whoever comes next."""
        over = self._over is not None
        for entry in (*ended, *(self._waiting if over else list(self._waiting)[:1])):
            entry.turn.set()
        if over:
            self._waiting.clear()
        self._is_writing = bool(self._waiting)
        self._lock.notify_all()

    def _require_going_on(self) -> None:
        """
        Check that nothing has gone wrong before.

        Raises:
            JournalUnwritable, LockHeld: It has.
        """
        if self._over is not None:
            raise type(self._over)(f"nothing more is written to {self.path}: {self._over}")

    def _write(self, due: Sequence[_Entry]) -> None:
        """
        Write *due*, also for others who wait for it, and wait for the disk.

        Raises:
            JournalUnwritable, LockHeld: As :meth:`append`.
        """
        try:
            self._tail.append(b"".join(entry.line + b"\n" for entry in due))
            if self._claim is not None and any(entry.kind == "run_begin" for entry in due):
                self._claim.begin()
        except LockHeld:
            self._over = LockHeld("another apply has taken over")
            raise
        except (OSError, ReconcilerError) as exc:
            self._over = JournalUnwritable("an earlier write failed")
            reason = getattr(exc, "strerror", None) or str(exc)
            kind = JournalGrown if isinstance(exc, JournalGrown) else JournalUnwritable
            raise kind(f"cannot write the journal {self.path}: {reason}") from exc
        except BaseException:
            self._over = JournalUnwritable("an earlier write was cut off")
            raise
        with self._lock:
            self._records = None
            self._durable += len(due)
            for entry in due:
                entry.written = True

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
            **sayable(fields),
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


def sayable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return *fields* without lone surrogates: a server's own words may hold some."""
    detail = fields.get("detail")
    if not isinstance(detail, str):
        return dict(fields)
    return {**fields, "detail": detail.encode("utf-8", "replace").decode("utf-8")}


class FileJournal(FileChain[Record]):
    """One plan's journal."""

    def __init__(
        self, path: Location, clock: Clock, disk: Disk = DISK, claim: Claim | None = None
    ) -> None:
        """Open the journal at *path*; raises as :class:`FileChain`."""
        super().__init__(path, clock, RECORD, disk, claim)
