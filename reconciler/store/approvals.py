"""
Approvals in the store: ``<store>/<application>/<time>-<operations>-<approval>.approval.json``.

The name has the time from which an approval is good, and the first 12 digits of
the digest of the operations and of its own; it says nothing that is believed.
An approval is written once. That it was used is in the journal that used it,
before the first operation, and nowhere else.

Called by :mod:`reconciler.workflow.wiring` and :mod:`reconciler.store.audit`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.plan.document import Plan
from reconciler.signing.admission import SHOWN
from reconciler.signing.approval import Approval, claimed
from reconciler.signing.envelope import ENVELOPE_LIMIT
from reconciler.store.applications import application_folder
from reconciler.store.chain import read_journal
from reconciler.store.folder import StoreError
from reconciler.store.plans import JOURNAL_SUFFIX, TIME_FORMAT
from reconciler.store.records import Record, RunBegin
from reconciler.store.slot import Location, LocationT, files, slot

APPROVAL_SUFFIX = ".approval.json"

MOST = 10_000
"""Approvals in one folder: one every day for 27 years."""


def approval_name(approval: Approval) -> str:
    """Return the name under which *approval* is kept, in the store and beside a plan."""
    time, operations = f"{approval.not_before:{TIME_FORMAT}}", approval.operations_digest[:SHOWN]
    return f"{time}-{operations}-{approval.sha256[:SHOWN]}{APPROVAL_SUFFIX}"


def keep_approval(folder: LocationT, approval: Approval) -> LocationT:
    """
    Put *approval* into *folder* unless it is there already.

    Raises:
        StoreUnwritable: The disk refuses.
    """
    path = folder / approval_name(approval)
    slot(path).create((approval.data,))
    return path


def approvals_in(folder: Location) -> Iterator[tuple[str, bytes]]:
    """
    Yield path and bytes of every approval in *folder*.

    Raises:
        StoreError: One is a link or too large, or there are too many.
    """
    for number, path in enumerate(files(folder, APPROVAL_SUFFIX)):
        if number == MOST:
            raise StoreError(f"{folder} holds more than {MOST:,} approvals")
        yield str(path), slot(path).read(ENVELOPE_LIMIT)


def approvals_used(store: Location, application: str) -> dict[str, str]:
    """
    Return which approvals the journals of *application* have used: plan by approval, digests both.

    Raises:
        JournalDamaged: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    used: dict[str, str] = {}
    for path in files(application_folder(store, application), JOURNAL_SUFFIX):
        for begin in begins(read_journal(path).records):
            for one in begin.get("approvals", ()):
                used.setdefault(one["approval"], begin["plan_digest"])
    return used


@dataclass(frozen=True, slots=True)
class Given:
    """An approval; who gave it, and why, if its file is still there."""

    guard: str
    count: int
    approver: str | None
    reason: str | None
    used: bool
    """Whether a run has used it; of one that none has, nothing is verified yet."""


def used_in(folder: Location, records: Iterable[Record]) -> tuple[Given, ...]:
    """
    Return the approvals that the runs in *records*, of one journal of *folder*, have used.

    The digest in the journal says which file was verified then, so its words are shown.

    Raises:
        StoreError: An approval is a link or too large.
    """
    named = {
        (one["approval"], one["guard"], one["count"])
        for begin in begins(records)
        for one in begin.get("approvals", ())
    }
    found = []
    for sha256, guard, count in sorted(named, key=lambda one: one[1:]):
        approval = _by_digest(folder, sha256)
        who, why = (approval.approver, approval.reason) if approval else (None, None)
        found.append(Given(guard, count, who, why, used=True))
    return tuple(found)


def not_used(store: Location, plan: Plan) -> tuple[Given, ...]:
    """
    Return the approvals in the store of the operations of *plan* that no run has used.

    Raises:
        JournalDamaged: A journal is not what was written.
        StoreError: An approval is a link or too large.
    """
    name, digest = plan.body.application, plan.body.operations_digest
    paths = files(application_folder(store, name), APPROVAL_SUFFIX)
    named = (path for path in paths if f"-{digest[:SHOWN]}-" in path.name)
    said = [claimed(slot(path).read(ENVELOPE_LIMIT), str(path)) for path in named]
    found = [one for one in said if one is not None and one.operations_digest == digest]
    used = approvals_used(store, name) if found else {}
    return tuple(
        Given(one.guard, one.count, one.approver, one.reason, used=False)
        for one in sorted(found, key=lambda one: (one.guard, one.count))
        if one.sha256 not in used
    )


def _by_digest(folder: Location, sha256: str) -> Approval | None:
    """Return the approval in *folder* whose bytes have this digest."""
    for path in files(folder, f"-{sha256[:SHOWN]}{APPROVAL_SUFFIX}"):
        data = slot(path).read(ENVELOPE_LIMIT)
        if hashlib.sha256(data).hexdigest() == sha256:
            return claimed(data, str(path))
    return None


def begins(records: Iterable[Record]) -> Iterator[RunBegin]:
    """Yield the beginnings of runs among *records*."""
    for record in records:
        if record["kind"] == "run_begin":
            yield record
