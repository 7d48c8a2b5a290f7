"""
What is taken down of both sides of a plan while they are read, and what is remembered of it.

Of accounts, while they are read; of people, when their turn comes. What is noted of
accounts depends on their bytes, the mappings and the schemas; what is noted of people on
everything that the plan is made from but the accounts. That says what is remembered
for how long (docs/decisions/0041).

Used by :mod:`reconciler.workflow.make_plan`.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from reconciler import __version__
from reconciler.aside import Heap
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.diff import Comparator
from reconciler.directory import Directory, InBlocks, People
from reconciler.expr import Surroundings
from reconciler.plan.noting import Noting, PeopleNote
from reconciler.plan.sight import Sight, secret_of_process
from reconciler.ports import Memo, Notes, Recall
from reconciler.scim.capabilities import Capabilities

if TYPE_CHECKING:
    from reconciler.live.proving import Prover

FORMAT = 1
"""Counted up when what is noted, or how, changes between two releases."""

MANY = 300_000
"""People for whose accounts another process is begun; with fewer, its memory is worth more."""


@dataclass(frozen=True, slots=True)
class Aids:
    """What makes a plan quicker, and changes nothing in it."""

    memo: Memo
    """What earlier runs have worked out."""
    config: str
    """What the application's configuration is known by."""
    cores: int
    """How many processors may be used."""


class TakingNotes:
    """
    The judge of one plan, made once the service's schemas are known, and what it notes.

    Where there are very many, two processors share the work: accounts are looked at in
    another process, and people beside it. Use it as a context manager.
    """

    def __init__(
        self, application: Application, directory: Directory, as_of: datetime, aids: Aids
    ) -> None:
        """
        Prepare.

        Args:
            application: Whose mappings say what is noted.
            directory: The source.
            as_of: The plan's one time.
            aids: What makes it quicker.
        """
        self.application, self._directory, self._as_of = application, directory, as_of
        self._aids = aids
        self._judge: Judge | None = None
        self._recall: Recall | None = None
        """What is remembered of people."""
        self._prover: Prover | None = None
        self._beside: ThreadPoolExecutor | None = None
        self._people: Future[Heap] | None = None
        """What was noted of all people beside the reading, by block, as MessagePack."""
        self._is_over = Event()

    def __enter__(self) -> TakingNotes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        if self._beside is not None:
            self._beside.shutdown()
        self.live_is_read()

    def judge(self, known: Capabilities) -> Judge:
        """Return the judge."""
        if self._judge is None:
            self._judge = Judge(self.application, self._directory, self._as_of, known.schemas)
        return self._judge

    def notes(self, known: Capabilities) -> Notes | None:
        """Return how notes are taken of a service's users; None where they are of no use."""
        people = self._directory.subjects
        if not isinstance(people, InBlocks):
            return None
        rules, judge = self._rules(known), self.judge(known)
        if judge.users.redacted:  # what no output shows is not written anywhere else either
            sight = Sight(judge.users, Comparator("User", known.schemas), secret_of_process())
            return Notes(sight) if sight.is_usable else None
        recall = self._aids.memo.by(_told(rules))
        sight = Sight(judge.users, Comparator("User", known.schemas), recall.secret)
        if not sight.is_usable:
            return None
        source = self._directory.sha256, self._directory.default_domain
        moment = self._aids.config, str(self._as_of)
        self._recall = self._aids.memo.by(_told([*rules, *moment, *source]))
        if self._aids.cores > 1 and len(self._directory.subjects) >= MANY:
            from reconciler.live.proving import Prover  # nearly nobody has so many

            there = Surroundings(self._as_of, self._directory.default_domain)
            mappings, secret = self.application.mappings.users, recall.secret
            self._prover = Prover(partial(Sight.of, mappings, known.to_json(), there, secret))
            self._beside = ThreadPoolExecutor(1, "people")
            self._people = self._beside.submit(self._note_all, people, Noting(judge, sight))
        return Notes(sight, recall, self._prover)

    def live_is_read(self) -> None:
        """End what only helped to read the accounts."""
        prover, self._prover = self._prover, None
        if prover is not None:
            prover.close()

    def of_people(self, noting: Noting, people: People, number: int) -> PeopleNote | None:
        """Return what is noted of *people*, who are the block with this *number*."""
        if self._people is not None:
            return _READ(self._people.result().thing(number))
        kept = self._noted(noting, people, number)
        return noting.note(people) if kept is None else _READ(kept)

    def _note_all(self, everybody: InBlocks, noting: Noting) -> Heap:
        """Note what everybody should have."""
        found = Heap(b"\n")
        for number, people in enumerate(everybody.blocks()):
            if self._is_over.is_set():
                break
            found.lay_all((self._noted(noting, people, number) or b"",))
        return found

    def _noted(self, noting: Noting, people: People, number: int) -> bytes | None:
        """Return what is noted of *people*, as MessagePack, and remember it."""
        if self._recall is None:
            return None
        who = f"{number} {len(people)} {people.anchors[0]}"  # of one source, no other people
        key = self._recall.key(who.encode("utf-8", "surrogatepass"))
        kept = self._recall.get(key)
        if kept is None:
            kept = msgspec.msgpack.encode(noting.note(people))
            self._recall.put(key, kept)
        return kept

    def _rules(self, known: Capabilities) -> list[Any]:
        """Return everything that decides what is noted of an account."""
        lines = [line.model_dump(mode="json") for line in self.application.mappings.users]
        return [FORMAT, __version__, lines, known.to_json()]


_READ = msgspec.msgpack.Decoder(PeopleNote | None).decode


def _told(rules: list[Any]) -> bytes:
    """Return *rules* as bytes; other ones, if anything in them is another."""
    return msgspec.json.encode(rules, order="sorted")
