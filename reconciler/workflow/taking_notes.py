"""
What is taken down of both sides of a plan while they are read, and what is remembered of it.

Of accounts, while they are read; of people, when their turn comes. What is noted of
accounts depends on their bytes, the mappings and the schemas; what is noted of people on
everything that the plan is made from but the accounts. That says what is remembered
for how long (docs/decisions/0041).

Used by :mod:`reconciler.workflow.make_plan`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from reconciler import __version__
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.diff import Comparator
from reconciler.directory import Directory, InBlocks, People
from reconciler.plan.noting import Noting, PeopleNote
from reconciler.plan.sight import Sight
from reconciler.ports import Notes
from reconciler.scim.capabilities import Capabilities

if TYPE_CHECKING:
    from reconciler.store.memo import Memo, Remembered

FORMAT = 1
"""Counted up when what is noted, or how, changes between two releases."""


class TakingNotes:
    """The judge of one plan, made once the service's schemas are known, and what it notes."""

    def __init__(
        self,
        application: Application,
        directory: Directory,
        as_of: datetime,
        memo: Memo,
        config: str,
    ) -> None:
        """
        Prepare.

        Args:
            application: Whose mappings say what is noted.
            directory: The source.
            as_of: The plan's one time.
            memo: What earlier runs have worked out.
            config: Digest of the configuration that *application* is from.
        """
        self.application, self._directory, self._as_of = application, directory, as_of
        self._memo, self._config = memo, config
        self._judge: Judge | None = None
        self._people: Remembered | None = None

    def judge(self, known: Capabilities) -> Judge:
        """Return the judge."""
        if self._judge is None:
            self._judge = Judge(self.application, self._directory, self._as_of, known.schemas)
        return self._judge

    def notes(self, known: Capabilities) -> Notes | None:
        """Return how notes are taken of a service's users; None where they are of no use."""
        if not isinstance(self._directory.subjects, InBlocks):
            return None
        rules = self._rules(known)
        recall = self._memo.by(_told(rules))
        comparator = Comparator("User", known.schemas)
        sight = Sight(self.judge(known).users, comparator, recall.secret)
        if not sight.is_usable:
            return None
        source = self._directory.sha256, self._directory.default_domain
        moment = self._as_of.isoformat(), self.application.target.profile
        self._people = self._memo.by(_told([*rules, self._config, *source, *moment]))
        return Notes(sight, recall)

    def of_people(self, noting: Noting, people: People, number: int) -> PeopleNote | None:
        """Return what is noted of *people*, who are the block with this *number*."""
        if self._people is None:
            return noting.note(people)
        key = self._people.key(b"%d" % number)
        kept = self._people.get(key)
        if kept is not None:
            return _READ(kept)
        note = noting.note(people)
        self._people.put(key, msgspec.msgpack.encode(note))
        return note

    def _rules(self, known: Capabilities) -> list[Any]:
        """Return everything that decides what is noted of an account."""
        lines = [line.model_dump(mode="json") for line in self.application.mappings.users]
        return [FORMAT, __version__, lines, known.to_json()]


_READ = msgspec.msgpack.Decoder(PeopleNote | None).decode


def _told(rules: list[Any]) -> bytes:
    """Return *rules* as bytes; other ones, if anything in them is another."""
    return msgspec.json.encode(rules, order="sorted")
