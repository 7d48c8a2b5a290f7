"""
The audit of a store: is everything in it what was written, and does it fit together?

Everything is looked at, and every problem is told with its file and line; nothing
is believed because of a name. Four rules:

1. **Bytes.** A plan is the bytes that its digests, its format and its name ask for;
   a journal is an unbroken chain of records, of which the newest fits its own sum.
2. **Pairs.** A journal is one plan's: its name, each of its runs and each operation
   in it are that plan's. A plan that was thrown away leaves a journal that says what
   is ours, so a journal alone is remarked, and no problem. The attempts beside them
   (:mod:`reconciler.store.attempts`) are a chain of their own, of one application.
3. **Lineage.** What a run, a plan or a claim remembers of the journals is in one of
   them (:mod:`reconciler.store.lineage`).
4. **Heads.** Nothing in a chain shows that its end was cut off. A head that was kept
   elsewhere does: it must be in one of the chains.

A torn tail is what a crash leaves (:mod:`reconciler.store.chain`), and is remarked.
What no crash leaves is a problem, also where a reader takes it for a torn tail.

Called by ``audit verify``. Sums and chains hold no secret: whoever may write the
store can make them anew. Against that helps a head that is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from reconciler.plan.document import Plan, PlanAltered
from reconciler.plan.plan_file import parse_plan
from reconciler.store.applications import application_folders
from reconciler.store.attempt_records import ATTEMPT_RECORD
from reconciler.store.attempts import ATTEMPTS_NAME
from reconciler.store.chain import JOURNAL_LIMIT, JournalContent, examined, examined_chain
from reconciler.store.claim import Claimed, newest_begun
from reconciler.store.folder import StoreError
from reconciler.store.lineage import Trace, outline_of, traces, unclaimed
from reconciler.store.lineage import missing as unknown_to
from reconciler.store.plans import (
    DIGEST_SHOWN,
    JOURNAL_SUFFIX,
    PLAN_LIMIT,
    PLAN_SUFFIX,
    STEM,
    encode_plan,
)
from reconciler.store.records import Record, RunBegin
from reconciler.store.slot import Location, slot


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one file, and the line of it where there is one."""

    file: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record of one application, in its journals or in its attempts."""

    application: str
    chain: Literal["journals", "attempts"]
    file: str
    sha256: str
    at: str


@dataclass(slots=True)
class Audit:
    """What the store holds, and everything that is wrong with it."""

    plans: int = 0
    journals: int = 0
    records: int = 0
    signatures: int = 0
    approvals: int = 0
    heads: list[Head] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)


def audit(store: Location, heads: Sequence[str] = ()) -> Audit:
    """Return what is wrong with *store*; *heads* are hashes of records, kept elsewhere."""
    found = Audit()
    missing = set(heads)
    try:
        folders = application_folders(store, None)
    except StoreError as exc:
        found.problems.append(Finding(str(store), None, str(exc)))
        folders = []
    for folder in folders:
        claim = _claim(folder, found)  # before the journals: a later one knows of later runs
        names = slot(folder).names()
        for name in names:
            if name.endswith((PLAN_SUFFIX, JOURNAL_SUFFIX)) and not _stem(name):
                message = "has no name of the store, so that no command lists it"
                found.problems.append(Finding(str(folder / name), None, message))
        fine = len(found.problems)
        pairs = [
            _Pair(folder, stem, found, missing) for stem in sorted({*map(_stem, names)} - {""})
        ]
        newest = [head for pair in pairs if (head := pair.look())]
        if len(found.problems) == fine:
            found.problems += _forgotten(folder, pairs, claim)
        found.heads += sorted(newest, key=lambda head: head.at)[-1:]
        beside = _Attempts(folder, "", found, missing).look()
        found.heads += [beside] if beside else []
    for lost in sorted(missing):
        message = f"no journal holds the record {lost}: the end of one was cut off, or it is gone"
        found.problems.append(Finding(str(store), None, message))
    return found


def _claim(folder: Location, found: Audit) -> Claimed | None:
    """Return the newest claim of a run that has begun; one that is none is a problem."""
    try:
        return newest_begun(folder)
    except StoreError as exc:
        found.problems.append(Finding(str(folder), None, str(exc)))
        return None


def _forgotten(
    folder: Location, pairs: Sequence[_Pair], claim: Claimed | None
) -> Iterator[Finding]:
    """Yield what somebody remembers of the journals, and none of them holds."""
    outlines = {pair.journal: outline_of(pair.content) for pair in pairs if pair.content}
    by_plans = [trace for pair in pairs for trace in pair.remembered]
    for trace in unknown_to(folder, outlines, [*by_plans, *traces(outlines)]):
        message = f"follows the record {trace.record}, which no journal holds: one is missing"
        yield Finding(str(trace.where), trace.line, message)
    if (run := unclaimed(outlines, claim)) is not None:
        message = f"run {run.number} wrote to it, and it does not hold that run"
        yield Finding(str(folder / run.journal), None, message)


def _stem(name: str) -> str:
    """Return the name of a plan or a journal without its suffix; nothing for any other file."""
    for suffix in (PLAN_SUFFIX, JOURNAL_SUFFIX):
        stem = name.removesuffix(suffix)
        if stem != name and STEM.fullmatch(stem):
            return stem
    return ""


@dataclass(slots=True)
class _Pair:
    """A plan and its journal, of which either may be missing."""

    folder: Location
    stem: str
    found: Audit
    missing: set[str]
    """Heads that no journal has shown yet."""
    content: JournalContent | None = None
    """What the journal holds; None before it is looked at, and where there is none."""
    remembered: list[Trace] = field(default_factory=list)
    """What the plan knows of the journals."""

    @property
    def journal(self) -> Location:
        """Where the journal lies; it need not exist."""
        return self.folder / (self.stem + JOURNAL_SUFFIX)

    def look(self) -> Head | None:
        """Look at both; return the newest record of the journal."""
        plan_path = self.folder / (self.stem + PLAN_SUFFIX)
        plan, there = self._plan(plan_path)
        path = self.journal
        data = self._read(path, JOURNAL_LIMIT)
        if data is None:
            return None
        content, damages = examined(data)
        self.content = content
        self.found.journals += 1
        self.found.records += len(content.records)
        if self.missing:
            self.missing -= {hashlib.sha256(line).hexdigest() for line in data.split(b"\n")}
        for damage in damages:
            self._problem(path, damage.line, damage.what)
        self._tail(path, content.size, data)
        if not damages:
            for line, text in _unpaired(content.records, self.folder.name, self.stem, plan):
                self._problem(path, line, text)
        if not there:
            message = "its plan is not in the store any more"
            self.found.remarks.append(Finding(str(path), None, message))
        if content.head is None:
            return None
        last = content.records[-1]
        return Head(self.folder.name, "journals", str(path), content.head, last["at"])

    def _plan(self, path: Location) -> tuple[Plan | None, bool]:
        """Return the plan at *path* if it is one, and whether there is a file."""
        data = self._read(path, PLAN_LIMIT)
        if data is None:
            return None, slot(path).exists()
        self.found.plans += 1
        try:
            plan = parse_plan(data)
        except PlanAltered as exc:
            self._problem(path, 1, str(exc))
            return None, True
        if encode_plan(plan) != data:
            self._problem(path, 1, "is not in the form in which plans are written")
        if (head := plan.body.inputs.journal_head) is not None:
            self.remembered.append(Trace(path, 1, "the plan", head))
        if plan.digest[:DIGEST_SHOWN] != self.stem[-DIGEST_SHOWN:]:
            self._problem(path, 1, f"its name is not that of the plan {plan.digest}")
        if plan.body.application != self.folder.name:
            self._problem(path, 1, f"is a plan of {plan.body.application}")
        return plan, True

    def _read(self, path: Location, limit: int) -> bytes | None:
        """Return the bytes at *path*; None when there are none that can be read."""
        try:
            return slot(path).read(limit)
        except FileNotFoundError:
            return None
        except StoreError as exc:
            self._problem(path, None, str(exc))
            return None

    def _tail(self, path: Location, size: int, data: bytes) -> None:
        """Tell what comes after the last whole line: half a record, or what no crash leaves."""
        tail = data[size:]
        line = data.count(b"\n", 0, size) + 1
        if tail and (tail.endswith(b"\n") or _is_more_than_a_record(tail)):
            self._problem(path, line, "not a record of ours, and no end of one that a crash leaves")
        elif tail:
            message = f"{len(tail)} bytes of half a record, from a run that was killed"
            self.found.remarks.append(Finding(str(path), line, message))

    def _problem(self, path: Location, line: int | None, message: str) -> None:
        self.found.problems.append(Finding(str(path), line, message))


class _Attempts(_Pair):
    """What was attempted on an application, beside its plans and journals."""

    __slots__ = ()

    def look(self) -> Head | None:
        """Look at the one file; return its newest record."""
        path = self.folder / ATTEMPTS_NAME
        data = self._read(path, JOURNAL_LIMIT)
        if data is None:
            return None
        content, damages = examined_chain(data, ATTEMPT_RECORD)
        self.found.records += len(content.records)
        self.missing -= {hashlib.sha256(line).hexdigest() for line in data.split(b"\n")}
        for damage in damages:
            self._problem(path, damage.line, damage.what)
        self._tail(path, content.size, data)
        for record in content.records:
            if record["application"] != self.folder.name:
                self._problem(path, record["seq"] + 1, f"is about {record['application']}")
        if content.head is None:
            return None
        last = content.records[-1]
        return Head(self.folder.name, "attempts", str(path), content.head, last["at"])


def _is_more_than_a_record(tail: bytes) -> bool:
    """Say whether *tail* goes on after a whole record, but not with the end of its line."""
    text = tail.decode("utf-8", "replace")
    with suppress(ValueError):
        return json.JSONDecoder().raw_decode(text)[1] < len(text)
    return False


def _unpaired(
    records: Sequence[Record], application: str, stem: str, plan: Plan | None
) -> Iterator[tuple[int, str]]:
    """Yield line and message of each record that does not belong to this journal and this plan."""
    begin: RunBegin | None = None
    operations = {one.id: one for one in plan.body.operations} if plan else {}
    for record in records:
        line = record["seq"] + 1
        if record["kind"] == "run_begin":
            begin = record
            yield from ((line, text) for text in _foreign(begin, application, stem, plan))
            continue
        if begin is None:
            yield line, "belongs to no run"
        if record["kind"] == "run_end" or plan is None:
            continue
        known = operations.get(record["op"])
        told = record["action"], record["resource_type"], record["key"], record["source_id"]
        if known is None:
            yield line, f"the plan has no operation {record['op']}"
        elif told != (known.action, known.resource_type, known.key, known.source_id):
            yield line, f"{record['op']} is another operation in the plan"


def _foreign(begin: RunBegin, application: str, stem: str, plan: Plan | None) -> Iterator[str]:
    """Yield what shows that a run is of another plan than this journal is."""
    if begin["application"] != application:
        yield f"a run of {begin['application']}"
    if begin["plan_digest"][:DIGEST_SHOWN] != stem[-DIGEST_SHOWN:]:
        yield f"a run of another plan, {begin['plan_digest']}"
    elif plan is not None:
        body = plan.body
        for name, there, wanted in (
            ("plan_digest", begin["plan_digest"], plan.digest),
            ("operations_digest", begin["operations_digest"], body.operations_digest),
            ("tenant_url", begin["tenant_url"], body.target.tenant_url),
            ("as_of", begin["as_of"], body.inputs.as_of),
            ("users", begin["users"], body.inputs.users),
            ("groups", begin["groups"], body.inputs.groups),
            ("config_sha256", begin.get("config_sha256"), body.inputs.config_sha256),
        ):
            if there not in (None, wanted):
                yield f"its `{name}` is not that of the plan"
