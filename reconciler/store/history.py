"""
What is ours, according to the journals.

There is no state file. The links of an application, and the days of our own
disables, are a fold over all its journals in the order of time (ruling 8). A
journal that is damaged stops everything: a record that is skipped is an account
that is forgotten, and a forgotten account is never disabled (INV-34).

Used by :mod:`reconciler.workflow` for `plan`; :mod:`reconciler.store.applied` folds over
the same records to say which values we wrote, and :mod:`reconciler.store.runs` tells
what became of each plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, cast

from reconciler.states import Recorded, ResourceType
from reconciler.store.applications import application_folder
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.lineage import newest_of, require_whole, witness
from reconciler.store.plans import JOURNAL_SUFFIX
from reconciler.store.records import Done, Record, RunBegin
from reconciler.store.slot import Location, files, slot
from reconciler.store.takings import Takings

APPLIED = frozenset({"done", "partial"})
"""Statuses of a run that went through its plan to the end."""

_Account = tuple[ResourceType, str]


class Moment(NamedTuple):
    """When a record was written; a clock that was set back reorders no file, nor numbered runs."""

    run: int
    at: str
    file: str
    seq: int


Entry = tuple[Moment, RunBegin, Record]
"""A record, when it was written, and the run that it belongs to."""


def recorded(
    folder: Location, application: str, tenant_url: str, plan_head: str | None = None
) -> Recorded:
    """
    Return what the journals of *application* in the store *folder* say about *tenant_url*.

    Runs against another tenant count for the head alone: what was created there
    says nothing about the accounts here. *plan_head* is the record that a plan knows
    as the newest (`inputs.journal_head`), which must be there.

    Raises:
        JournalDamaged: A journal is not what was written.
        HistoryLost: A journal is gone.
        StoreError: The store is not what it must be.
    """
    entries, head = in_order(folder, application, tenant_url, plan_head, _needed)
    fold, takings = _Fold(), Takings()
    applied: RunBegin | None = None
    for moment, begin, record in entries:
        takings.note(moment.at, begin, record)
        if record["kind"] == "done":
            fold.conclude(record)
        elif record["kind"] == "run_end" and record["status"] in APPLIED:
            applied = begin
    return Recorded(
        links=fold.links,
        disabled_on=fold.disabled_on,
        head=head,
        applied_users=applied["users"] if applied else None,
        applied_groups=applied["groups"] if applied else None,
        applied_filled=applied.get("filled", {}) if applied else {},
        taken=takings.in_order(),
    )


def in_order(
    store: Location,
    application: str,
    tenant_url: str,
    plan_head: str | None = None,
    keep: Callable[[Record], Record] | None = None,
) -> tuple[list[Entry], str | None]:
    """
    Return what was done to *tenant_url*, in the order of time, and the newest record of all.

    Of each record there is what *keep* returns of it, if that is given.

    Raises:
        JournalDamaged, HistoryLost, StoreError: As :func:`recorded`.
    """
    folder = application_folder(store, application)
    seen = witness(folder, plan_head)
    paths = files(folder, JOURNAL_SUFFIX)
    contents = {path: read_journal(path, keep) for path in paths}
    require_whole(folder, contents, seen)
    entries: list[Entry] = []
    for path, content in contents.items():
        entries.extend(_moments(path, application, content.records))
    here = [entry for entry in entries if entry[1]["tenant_url"] == tenant_url]
    head = newest_of(contents.values()).head
    for path in (path for path, content in contents.items() if content.head == head):
        slot(path).settle()  # a plan will rely on this record, and must not outlive it
    return sorted(here, key=lambda entry: entry[0]), head


_NEEDED = ("kind", "at", "seq", "prev", "op", "resource_type", "target_id")
"""What is looked at of every operation that was begun or done."""


def _needed(record: Record) -> Record:
    """
    Return what is concluded from of *record*: the whole of one is three times as large.

    It has at most ten fields, since a dictionary of eleven takes twice the room. The action
    tells only where no counts do (:mod:`reconciler.store.takings`).
    """
    if record["kind"] != "intent" and record["kind"] != "done":
        return record
    told = ("counts",) if "counts" in record else ("action",)
    more = ("source_id", "effects") if record["kind"] == "done" else ()
    whole: Mapping[str, Any] = record
    return cast("Record", {name: whole[name] for name in (*_NEEDED, *more, *told)})


def _moments(path: Location, application: str, records: tuple[Record, ...]) -> Iterator[Entry]:
    """Yield each record of one journal with its moment and the run that it belongs to."""
    begin: RunBegin | None = None
    latest, run, name = "", 0, path.name
    for record in records:
        if record["kind"] == "run_begin":
            begin = record
            run = begin.get("run", 0)
        if begin is None or begin["application"] != application:
            raise JournalDamaged(
                f"{path}, line {record['seq'] + 1}: belongs to no run of {application}"
            )
        if record["kind"] == "done" and not _names_an_account(record):
            raise JournalDamaged(
                f"{path}, line {record['seq'] + 1}: does not say whose account was changed"
            )
        latest = max(latest, record["at"])
        yield Moment(run, latest, name, record["seq"]), begin, record


def _names_an_account(done: Done) -> bool:
    """Say whether *done* names what its effects need: an account, and for a link its owner."""
    if not done["effects"]:
        return True
    owned = "create" not in done["effects"] and "link" not in done["effects"]
    return done["target_id"] is not None and (owned or done["source_id"] is not None)


@dataclass(slots=True)
class _Fold:
    """What has been concluded so far; an account is one anchor's at most, and the newest's."""

    links: dict[_Account, str] = field(default_factory=dict)
    """Target id by (type, anchor)."""
    anchors: dict[_Account, str] = field(default_factory=dict)
    """The links read backwards: anchor by (type, target id)."""
    disabled_on: dict[str, date] = field(default_factory=dict)

    def conclude(self, done: Done) -> None:
        """Take the effects of one operation in."""
        for effect in done["effects"]:
            _EFFECTS[effect](self, done)

    def link(self, done: Done) -> None:
        """The account is the anchor's: not another's, and the anchor has no other."""
        kind, anchor, target = done["resource_type"], str(done["source_id"]), str(done["target_id"])
        self._forget(kind, target)
        self._forget(kind, self.links.get((kind, anchor)))
        self.links[kind, anchor] = target
        self.anchors[kind, target] = anchor

    def delete(self, done: Done) -> None:
        """The account is gone."""
        self._forget(done["resource_type"], done["target_id"])
        self.enable(done)

    def disable(self, done: Done) -> None:
        """The account was disabled by us, on that day."""
        self.disabled_on[str(done["target_id"])] = date.fromisoformat(done["at"][:10])

    def enable(self, done: Done) -> None:
        """The account is not disabled by us any more."""
        self.disabled_on.pop(str(done["target_id"]), None)

    def _forget(self, kind: ResourceType, target: str | None) -> None:
        """Drop the link to *target*, if there is one."""
        if target is not None and (anchor := self.anchors.pop((kind, target), None)) is not None:
            del self.links[kind, anchor]


_EFFECTS: Mapping[str, Callable[[_Fold, Done], None]] = {
    "create": _Fold.link,
    "link": _Fold.link,
    "delete": _Fold.delete,
    "disable": _Fold.disable,
    "enable": _Fold.enable,
}
