"""
How the journals of an application follow each other, and whether one is missing.

There is no state but the journals, so one that is lost is people forgotten, and a
link that was made in it and undone in a later one would be believed again. Three
things remember a journal besides itself (reliability.md F73):

* each run says which record was the newest when it began (`after`);
* each plan says which record was the newest when it was made (`inputs.journal_head`);
* the newest claim says which journal the newest run wrote to
  (:mod:`reconciler.store.claim`).

Where one of these names what is in no journal, nothing is concluded from the rest. Runs
go on while journals are read, so nothing is called missing by what was read before it
could be there: claims and plans are read before the journals, and where a run misses a
record, the journals are read once more.

Used by :mod:`reconciler.store.history` for `plan`, `apply`, `drift` and `revert`, by
:mod:`reconciler.store.audit`, and for what `history` remarks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from reconciler.ports import RecordsAltered
from reconciler.store.chain import (
    GENESIS,
    JOURNAL_LIMIT,
    JournalContent,
    chained_lines,
    examined,
)
from reconciler.store.claim import Claimed, Newest, newest_begun
from reconciler.store.plans import JOURNAL_SUFFIX, PLAN_LIMIT, PLAN_SUFFIX
from reconciler.store.slot import Location, files, slot

_BEGIN = b'"kind":"run_begin"'


class HistoryLost(RecordsAltered):
    """A journal of the application, or the end of one, is gone."""


class Trace(NamedTuple):
    """What remembers a record of a journal."""

    where: Location
    line: int | None
    sentence: str
    """Who remembers it, as the beginning of a sentence."""
    record: str
    """SHA-256 of the record."""


class Age(NamedTuple):
    """How new a journal is; a clock that goes wrong does not reorder numbered runs."""

    run: int
    at: str


def age_of(records: Iterable[Mapping[str, Any]]) -> Age:
    """Return how new the newest run in *records* is."""
    begins = [record for record in records if record["kind"] == "run_begin"]
    return max((Age(begin.get("run", 0), begin["at"]) for begin in begins), default=Age(0, ""))


def newest_of(contents: Iterable[JournalContent]) -> Newest:
    """Return the newest run of several journals."""
    ages = [(age_of(content.records), content.head or "") for content in contents]
    age, head = max(ages, default=(Age(0, ""), ""))
    return Newest(age.run, head or None)


def newest_in(folder: Location) -> Newest:
    """
    Return the newest run in the *folder* of an application; only its own journal is verified.

    Raises:
        StoreError: A journal cannot be read.
    """
    newest, last = Age(0, ""), None
    for path in files(folder, JOURNAL_SUFFIX):
        age = age_of(_begins(slot(path).read(JOURNAL_LIMIT).split(b"\n")))
        if age > newest:
            newest, last = age, path
    head = examined(slot(last).read(JOURNAL_LIMIT))[0].head if last else None
    return Newest(newest.run, head)


def _begins(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the records with which runs begin, unverified; whatever is none is left out."""
    for line in lines:
        if _BEGIN in line:
            with suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict) and isinstance(record.get("at"), str):
                    yield record


class Witness(NamedTuple):
    """What knows of the newest journal besides the journals."""

    claim: Claimed | None
    """The newest claim of a run that has begun."""
    plans: tuple[Trace, ...]
    """What the newest stored plan remembers, and the plan that is to be applied."""


def witness(folder: Location, plan_head: str | None = None) -> Witness:
    """
    Return what knows of the journals in *folder*; to be read before they are.

    A plan that another process stores afterwards may know a record that is written afterwards.

    Args:
        folder: The folder of an application.
        plan_head: The record that the plan which is to be applied knows as the newest.

    Raises:
        StoreError: A claim is none.
    """
    given = () if plan_head is None else (Trace(folder, None, "the plan", plan_head),)
    return Witness(newest_begun(folder), (*given, *_newest_plan(folder)))


class Outline(NamedTuple):
    """Of a journal, what tells whether another one is missing."""

    known: frozenset[str]
    """SHA-256 of each of its records."""
    begins: tuple[Mapping[str, Any], ...]
    """The records with which its runs begin."""


def outline_of(content: JournalContent) -> Outline:
    """Return the outline of a journal that was read."""
    known = {record["prev"] for record in content.records} | {content.head or GENESIS}
    begins = (record for record in content.records if record["kind"] == "run_begin")
    return Outline(frozenset(known), tuple(begins))


def outline_at(path: Location) -> Outline:
    """
    Return the outline of the journal at *path*, of which only the links are verified.

    Raises:
        JournalDamaged: A line does not follow the line before.
        StoreError: It cannot be read.
    """
    lines = list(chained_lines(path))
    known = (hashlib.sha256(line).hexdigest() for line in lines)
    return Outline(frozenset(known), tuple(_begins(lines)))


def require_whole(
    folder: Location, contents: Mapping[Location, JournalContent], seen: Witness
) -> None:
    """
    Check that no journal of an application is missing.

    Args:
        folder: That of the application.
        contents: The journals, by path.
        seen: What knows of them, read before they were.

    Raises:
        HistoryLost: One is.
        StoreError: A journal cannot be read.
    """
    outlines = {path: outline_of(content) for path, content in contents.items()}
    for what in _losses(folder, outlines, seen):
        raise _lost(what)


def losses(folder: Location) -> Iterator[str]:
    """
    Yield what shows that a journal in the *folder* of an application is missing, in sentences.

    Raises:
        JournalDamaged: A journal is not what was written.
        StoreError: A journal or a claim cannot be read.
    """
    seen = witness(folder)
    paths = files(folder, JOURNAL_SUFFIX)
    yield from _losses(folder, {path: outline_at(path) for path in paths}, seen)


def _losses(folder: Location, outlines: Mapping[Location, Outline], seen: Witness) -> Iterator[str]:
    for trace in missing(folder, outlines, [*seen.plans, *traces(outlines)]):
        yield f"{trace.sentence} follows the record {trace.record[:12]}, which is in none"
    if (run := unclaimed(outlines, seen.claim)) is not None:
        yield f"run {run.number} wrote to {run.journal}, which does not hold it"


def _lost(what: str) -> HistoryLost:
    return HistoryLost(
        f"a journal is missing, or the end of one: {what}. Pull, or check out the branch that "
        "holds it; or bring it back from where the store is kept. If it is gone for good, begin "
        "anew with another `plans.store`: the next plan links everybody again, and takes from "
        "nobody"
    )


def traces(outlines: Mapping[Location, Outline]) -> Iterator[Trace]:
    """Yield what the runs of *outlines* remember."""
    for path, outline in outlines.items():
        for record in outline.begins:
            if "after" in record:
                sentence = f"{path.name}, line {record['seq'] + 1}:"
                yield Trace(path, record["seq"] + 1, f"{sentence} the run", record["after"])


def missing(
    folder: Location, outlines: Mapping[Location, Outline], wanted: Iterable[Trace]
) -> list[Trace]:
    """
    Return what is *wanted*, and in none of the journals in *folder*.

    The *outlines* were read one after the other, and a record that one of them follows may
    have been written after its own journal was read. So what they do not hold is looked for
    in all journals as they are now: none of them ever gets shorter.
    """
    lost = _in_none(outlines.values(), wanted)
    return _in_none(_as_they_are_now(folder), lost) if lost else []


def _in_none(outlines: Iterable[Outline], wanted: Iterable[Trace]) -> list[Trace]:
    known = frozenset[str]().union(*(outline.known for outline in outlines))
    return [trace for trace in wanted if trace.record not in known]


def _as_they_are_now(folder: Location) -> Iterator[Outline]:
    for path in files(folder, JOURNAL_SUFFIX):
        yield outline_of(examined(slot(path).read(JOURNAL_LIMIT))[0])


def unclaimed(outlines: Mapping[Location, Outline], claim: Claimed | None) -> Claimed | None:
    """Return *claim*, of a run that has begun, if none of the journals knows of it."""
    if claim is None:
        return None
    newest = max((age_of(outline.begins).run for outline in outlines.values()), default=0)
    return claim if newest < claim.number else None


def _newest_plan(folder: Location) -> Iterator[Trace]:
    """Yield what the newest stored plan remembers; one that is damaged is not for here to judge."""
    for path in files(folder, PLAN_SUFFIX)[-1:]:
        with suppress(ValueError, KeyError, TypeError, RecordsAltered):
            head = _head_in(slot(path).read(PLAN_LIMIT))
            if isinstance(head, str):
                yield Trace(path, None, f"the plan {path.name}", head)


class _Inputs(msgspec.Struct):
    journal_head: str | None


class _Body(msgspec.Struct):
    inputs: _Inputs


class _Plan(msgspec.Struct):
    """All that is wanted of a plan file; a large one is six times as large as JSON values."""

    body: _Body


def _head_in(plan: bytes) -> Any:
    """
    Return the `journal_head` in the bytes of a plan file.

    Raises:
        ValueError, KeyError, TypeError: There is none.
    """
    try:
        return msgspec.json.decode(plan, type=_Plan).body.inputs.journal_head
    except msgspec.MsgspecError:
        return json.loads(plan)["body"]["inputs"]["journal_head"]
