"""
What was attempted on an application: the journals of its plans, and ``attempts.jsonl`` beside.

A run is told by its journal; an apply that never became a run, a clear, and what somebody
was told of, by a file of their own (:mod:`reconciler.store.attempt_records`). Both together,
in the order of time, are what :mod:`reconciler.plan.quarantine` folds over. Nothing is
concluded from a file that is damaged (INV-34).

Whoever writes holds the lock of the application (:mod:`reconciler.store.lock`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from reconciler.plan.notices import Event, ToldLast
from reconciler.plan.quarantine import Attempt, Cause, Cleared, Ending, Tripped
from reconciler.ports import Clock
from reconciler.store.applications import application_folder
from reconciler.store.attempt_records import (
    ATTEMPT_RECORD,
    AttemptRecord,
    Blocked,
    Notified,
    TooEarly,
)
from reconciler.store.chain import JournalDamaged, chained_lines, read_chain
from reconciler.store.damage import misshapen
from reconciler.store.journal import FileChain
from reconciler.store.plans import JOURNAL_SUFFIX
from reconciler.store.records import RECORD, Record, records_of
from reconciler.store.slot import Location, files
from reconciler.vocabulary import Category, meaning_of

ATTEMPTS_NAME = "attempts.jsonl"
"""The file below an application's folder; no name of a journal."""


_BEGIN, _DONE = b'"kind":"run_begin"', b'"kind":"done"'
_ENDS = (b'"kind":"run_end"', b'"kind":"failed"')
"""How lines of these kinds can be told without reading them: in JSON, no text holds this."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Everything that was attempted on one application."""

    attempts: tuple[Attempt, ...]
    """Oldest first."""
    notified: Mapping[str, Notified]
    """What somebody was told last, by channel."""
    blocked: tuple[Blocked | TooEarly, ...]
    """Applies that never became a run, oldest first."""
    cleared: Cleared | None
    """The newest clear."""

    def told_last(self, channel: str) -> ToldLast | None:
        """Return what a channel was told last."""
        last = self.notified.get(channel)
        if last is None:
            return None
        since = None if last["since"] is None else _moment(last["since"])
        return ToldLast(_moment(last["at"]), Event(last["event"]), last["about"], since)


def attempts(store: Location, application: str) -> Attempts:
    """
    Return what was attempted on *application*.

    Raises:
        JournalDamaged: A file is not what was written.
        StoreError: The store is not what it must be.
    """
    folder = application_folder(store, application)
    records = read_attempts(folder)
    found = _not_back(one for record in records if (one := _beside(record)))
    for path in files(folder, JOURNAL_SUFFIX):
        found += _runs(_needed(path))
    clears = [
        Cleared(_moment(record["at"]), record["by"], record["reason"])
        for record in records
        if record["kind"] == "clear"
    ]
    return Attempts(
        attempts=tuple(sorted(found, key=lambda attempt: attempt.at)),
        notified={one["channel"]: one for one in records if one["kind"] == "notified"},
        blocked=tuple(r for r in records if r["kind"] == "blocked" or r["kind"] == "too_early"),
        cleared=clears[-1] if clears else None,
    )


def read_attempts(folder: Location) -> tuple[AttemptRecord, ...]:
    """
    Return the records beside the journals of the application whose folder this is.

    Raises:
        JournalDamaged: The file is not what was written, or is another application's.
        StoreError: It is a link, no regular file, too large, or unreadable.
    """
    path = folder / ATTEMPTS_NAME
    records = read_chain(path, ATTEMPT_RECORD).records
    for record in records:
        if record["application"] != folder.name:
            of = f"is about {record['application']}, not {folder.name}"
            raise JournalDamaged(f"{path}, line {record['seq'] + 1}: {of}")
    return records


def write_attempt(
    store: Location, application: str, clock: Clock, kind: str, **fields: Any
) -> None:
    """
    Put one record beside the journals of *application*, and wait for the disk.

    Raises:
        JournalUnwritable, JournalDamaged, StoreError: It was not written.
    """
    path = application_folder(store, application) / ATTEMPTS_NAME
    with FileChain(path, clock, ATTEMPT_RECORD) as chain:
        chain.append(kind, application=application, **fields)


def _not_back(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return *attempts* of one file; a clock that was set back does not reorder them."""
    found: list[Attempt] = []
    for attempt in attempts:
        at = max(attempt.at, found[-1].at) if found else attempt.at
        found.append(replace(attempt, at=at))
    return found


def _needed(path: Location) -> Iterator[Record]:
    """Yield the records of a journal that tell how its runs ended, and the first done of each."""
    done = False
    for number, line in enumerate(chained_lines(path), 1):
        begins, is_done = _BEGIN in line, _DONE in line
        if begins or (is_done and not done) or any(mark in line for mark in _ENDS):
            try:
                yield from records_of(RECORD.validate_json(line))
            except ValidationError as exc:
                raise JournalDamaged(f"{path}, line {number}: {misshapen(exc)}") from exc
        done = not begins and (done or is_done)


def _beside(record: AttemptRecord) -> Attempt | None:
    """Return what a record says of the application's health; None when it says nothing."""
    at = _moment(record["at"])
    if record["kind"] == "clear":
        return Attempt(at, Ending.CLEARED)
    if record["kind"] != "blocked":
        return None
    return Attempt(
        at,
        Ending.FAILED,
        Cause(record["cause"]),
        record["config_sha256"],
        record["plan_digest"],
        record.get("operations_digest"),
        tuple(Tripped(**guard) for guard in record["guards"]),
    )


def _runs(records: Iterable[Record]) -> Iterator[Attempt]:
    """Yield the runs of one journal."""
    run: list[Record] = []
    for record in records:
        if record["kind"] == "run_begin" and run:
            yield _run(run)
            run = []
        run.append(record)
    if run:
        yield _run(run)


def _run(records: list[Record]) -> Attempt:
    """Return one run, which begins with its `run_begin`."""
    begin, end = records[0], records[-1]
    failed = Counter(record["code"] for record in records if record["kind"] == "failed")
    ending, cause = _judged(records, failed)
    counts = end["counts"] if end["kind"] == "run_end" else {}
    told: Mapping[str, Any] = begin if begin["kind"] == "run_begin" else {}
    return Attempt(
        _moment(max(record["at"] for record in records)),
        ending,
        cause,
        told.get("config_sha256"),
        told.get("plan_digest"),
        told.get("operations_digest"),
        counts=counts,
        failed=failed,
    )


def _judged(records: list[Record], failed: Mapping[str, int]) -> tuple[Ending, Cause | None]:
    """
    Say what a run tells of the health of its application.

    One that was cut off, and one in which the service or the road to it failed, count as
    failures only if nothing was done: progress is no reason to leave an application alone.
    """
    end = records[-1]
    progress = any(record["kind"] == "done" for record in records)
    if end["kind"] != "run_end":
        return (Ending.NEITHER, None) if progress else (Ending.FAILED, Cause.UNFINISHED)
    stopped = end.get("stopped")
    if end["status"] == "interrupted" or stopped == "stale":
        return Ending.NEITHER, None
    if stopped is not None:
        return Ending.FAILED, Cause(stopped)
    of_the_service = any(meaning_of(code).category is Category.FAILURE for code in failed)
    if of_the_service and not progress:
        return Ending.FAILED, Cause.FAILED
    return Ending.THROUGH, None


def _moment(at: str) -> datetime:
    """Return the time of a record, aware."""
    return datetime.fromisoformat(at)
