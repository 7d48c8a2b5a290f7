"""
Chains of records, as they are read: what a file holds, and whether it is what was written.

Four rules:

1. **A chain.** Each line carries the SHA-256 of the bytes of the line before it
   (without the newline), so that a line that is changed, lost, added or moved
   shows (F69). No line follows the newest one, so each carries a sum of itself
   too, and is believed only in the very bytes in which it was written.
2. **A line is whole or nothing.** It holds one record, or several that were written at once
   (decision 36); those are told one by one, as if each stood alone.
3. **A torn tail is no damage.** A process that was killed, or a machine that
   lost power, may leave half a line at the end (F61). It was never durable,
   so nothing was done because of it: it is left out. Anything else that does not
   fit is damage, and nothing is concluded from a damaged journal (INV-34).
4. **Looking changes nothing.** The bytes stay as they are; a torn tail goes with the
   next record (:mod:`reconciler.store.journal`).

:func:`read_journal` is what :mod:`reconciler.store.history` folds over, and
:func:`examined` what :mod:`reconciler.store.audit` complains of. Chains of other records
(:mod:`reconciler.store.attempts`) are read by the same code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypeVar

from reconciler.plan.digest import canonical_json
from reconciler.ports import RecordsAltered
from reconciler.store.damage import OVERWRITTEN, Damage, misshapen, unlinked
from reconciler.store.records import RECORD, Chained, Record, records_of
from reconciler.store.slot import Location, slot

SUM = "sum"

GENESIS = "0" * 64
"""`prev` of the first record of a file."""

JOURNAL_LIMIT = 1024 * 1024 * 1024
"""Bytes of the largest journal that is read: a million operations of two records each."""

RecordT = TypeVar("RecordT", bound=Chained, default=Record)
"""The records of a chain: a journal's, unless something else is said."""


class JournalDamaged(RecordsAltered):
    """A journal is not what was written; nothing is concluded from it."""


@dataclass(frozen=True, slots=True)
class JournalContent(Generic[RecordT]):
    """What a journal file holds."""

    records: tuple[RecordT, ...]
    lines: int
    """Whole lines; one may hold several records."""
    head: str | None
    """SHA-256 of the newest whole line; None when there is none."""
    size: int
    """Bytes of the whole lines."""
    torn: int
    """Bytes after them: half a record."""


def read_journal(path: Location, keep: Callable[[Record], Record] | None = None) -> JournalContent:
    """Return what the journal at *path* holds; *keep* and what is raised as :func:`read_chain`."""
    return read_chain(path, RECORD, keep)


def read_chain(
    path: Location,
    shape: TypeAdapter[RecordT],
    keep: Callable[[RecordT], RecordT] | None = None,
) -> JournalContent[RecordT]:
    """
    Return what the file at *path* holds, its chain verified; no file is an empty chain.

    Args:
        path: Where it lies.
        shape: What its records are like.
        keep: Returns what is kept of a record once it is verified; None keeps all of it.

    Raises:
        JournalDamaged: A line is not a record, or does not follow the line before.
        StoreError: It is a link, no regular file, too large, or unreadable.
    """
    try:
        data = slot(path).read(JOURNAL_LIMIT)
    except FileNotFoundError:
        data = b""
    content, damages = examined_chain(data, shape, keep)
    for damage in damages:
        raise JournalDamaged(f"{path}, line {damage.line}: {damage.what}")
    return content


def chained_lines(path: Location) -> Iterator[bytes]:
    """
    Yield the whole lines of the chain at *path*, of which only the links are verified.

    For whoever needs few records of a long journal: that each line is a record is
    verified by :func:`read_chain` alone, and takes most of its time.

    Raises:
        JournalDamaged: A line does not follow the line before, or the newest was changed.
        StoreError: As :func:`read_chain`.
    """
    try:
        lines = slot(path).read(JOURNAL_LIMIT).split(b"\n")
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
    data: bytes,
    shape: TypeAdapter[RecordT],
    keep: Callable[[RecordT], RecordT] | None = None,
) -> tuple[JournalContent[RecordT], list[Damage]]:
    """
    Return what the bytes of a chain hold, and everything that is wrong with its lines.

    A line that is no record is left out of what the journal holds; the lines after
    it are judged by the bytes that are there, so that each fault is told once.
    """
    whole = _without_torn_tail(data)
    records: list[RecordT] = []
    damages: list[Damage] = []
    seq, head = 0, GENESIS
    record: RecordT | str = ""
    number, line = 0, b""
    for number, line in enumerate(_lines(data, whole), 1):
        record = _record(line, shape)
        if isinstance(record, str):
            damages.append(Damage(number, record))
        else:
            single = records_of(record)
            records += single if keep is None else map(keep, single)
            if (record["seq"], record["prev"]) != (seq, head):
                damages.append(Damage(number, unlinked(number)))
            seq = record["seq"]
        seq, head = seq + 1, hashlib.sha256(line).hexdigest()
    if number and not isinstance(record, str) and not _as_written(line):
        damages.append(Damage(number, OVERWRITTEN))
    torn = len(data) - whole
    content = JournalContent(tuple(records), number, head if records else None, whole, torn)
    return content, damages


def _without_torn_tail(data: bytes) -> int:
    """Return how many bytes of a chain are whole lines: the last one may be half a record."""
    whole = data.rfind(b"\n") + 1
    last = data.rfind(b"\n", 0, max(whole - 1, 0)) + 1
    if whole and whole == len(data) and not _is_json(data[last : whole - 1]):
        return last
    return whole


def _lines(data: bytes, end: int) -> Iterator[bytes]:
    """Yield the lines of *data* up to *end*: all at once they would be as large as the file."""
    start = 0
    while start < end:
        stop = data.index(b"\n", start)
        yield data[start:stop]
        start = stop + 1


def _record(line: bytes, shape: TypeAdapter[RecordT]) -> RecordT | str:
    """Return *line* as a record, or why it is none."""
    try:
        return shape.validate_json(line)
    except ValidationError as exc:
        return misshapen(exc)


def summed(record: dict[str, Any]) -> bytes:
    """Return the line of *record*, which has no sum yet, without a newline."""
    before = canonical_json({name: record[name] for name in record if name < SUM})
    after = canonical_json({name: record[name] for name in record if name > SUM})
    rest = b"," + after[1:] if len(after) > len(b"{}") else b"}"
    found = hashlib.sha256(before[:-1] + rest).hexdigest()
    return b"".join((before[:-1], b',"sum":"', found.encode("ascii"), b'"', rest))


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
