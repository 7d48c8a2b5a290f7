"""
What earlier runs took, for the guard ``rolling_window``.

A fold over the journals. What counts is what was done, and what was begun and of
which no journal says how it ended: it may have arrived. An operation counts once
in its plan, however often it was begun. What ended in the same run as a conflict,
or failed because the service refused it, is not there, and does not count. What
failed in any other way may be there: an answer was lost, and so was the look, or that
was refused.

A run may have been let pass by approvals: what it counted for an approved guard
does not count any more; all of it, if the approved guard is `rolling_window`.

Journals of earlier versions do not say what an operation counted. Of those, the
effects and the action tell as far as they can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.plan.operation import Action
from reconciler.states import ResourceType, Taken
from reconciler.store.records import Conflict, Done, Failed, Intent, Record, RunBegin
from reconciler.vocabulary import Category, meaning_of

WHOLE_RUN = "rolling_window"
"""The guard whose approval covers everything that its run took."""

_BY_EFFECT: Mapping[tuple[str, ResourceType], tuple[str, ...]] = {
    ("disable", ResourceType.USER): ("accidental_deletions",),
    ("delete", ResourceType.USER): ("accidental_deletions", "delete_users"),
    ("delete", ResourceType.GROUP): ("accidental_deletions", "delete_groups"),
    ("enable", ResourceType.USER): ("enable_users",),
}
_BY_ACTION: Mapping[Action, tuple[str, ...]] = {
    Action.REVOKE: ("revoke_roles",),
    Action.REMOVE_MEMBERS: ("remove_members", "group_members"),
}


_Found = tuple[RunBegin, Taken | None, bool]
"""The run of an operation, what it took if it took anything, and whether it is done."""


@dataclass(slots=True)
class Takings:
    """What has been read so far, by plan and operation."""

    _found: dict[tuple[str, str], _Found] = field(default_factory=dict)
    _nothing: tuple[_Found, _Found] | None = None
    """What is found of operations of the latest run that took nothing, begun and done: they are
    nearly all, and share it."""

    def note(self, at: str, begin: RunBegin, record: Record) -> None:
        """Take in the next record, written *at* that time in the run that *begin* began."""
        if record["kind"] == "run_begin" or record["kind"] == "run_end":
            return
        place = (begin["plan_digest"], record["op"])
        run, _, done = self._found.get(place, (None, None, False))
        if record["kind"] == "intent" or record["kind"] == "done":
            if not done:
                taken, is_done = _taken(at, begin, record), record["kind"] == "done"
                self._found[place] = (
                    (begin, taken, is_done) if taken else self._without(begin)[is_done]
                )
        elif run is begin and not done and _is_not_there(record):
            del self._found[place]

    def in_order(self) -> tuple[Taken, ...]:
        """Return everything that counted for any guard, the oldest first."""
        taken = (taken for _, taken, _ in self._found.values() if taken is not None)
        return tuple(sorted(taken, key=lambda one: one.at))

    def _without(self, begin: RunBegin) -> tuple[_Found, _Found]:
        """Return what is found of an operation of the run *begin* that took nothing."""
        if self._nothing is None or self._nothing[0][0] is not begin:
            self._nothing = ((begin, None, False), (begin, None, True))
        return self._nothing


def _is_not_there(record: Conflict | Failed) -> bool:
    """Say whether nothing was taken: by its code, the service or the data was in the way."""
    refused = meaning_of(record["code"]).category is Category.NON_SERVICE_FAILURE
    return record["kind"] == "conflict" or refused


def _taken(at: str, begin: RunBegin, record: Intent | Done) -> Taken | None:
    """Return what one operation counted, without what an approval let pass; None is nothing."""
    counts = record["counts"] if "counts" in record else dict.fromkeys(_told(record), 1)
    if not counts:
        return None
    approved = {one["guard"] for one in begin.get("approvals", ())}
    left = {} if WHOLE_RUN in approved else counts
    taken = {guard: count for guard, count in left.items() if count and guard not in approved}
    if not taken:
        return None
    return Taken(
        datetime.fromisoformat(at),
        begin["plan_digest"],
        record["resource_type"],
        record["target_id"],
        taken,
    )


def _told(record: Intent | Done) -> Iterator[str]:
    """Yield the guards for which an old record counted, as far as it tells."""
    action, kind = record["action"], record["resource_type"]
    effects: Iterable[str] = record["effects"] if record["kind"] == "done" else (action.value,)
    for effect in effects:
        yield from _BY_EFFECT.get((effect, kind), ())
    yield from _BY_ACTION.get(action, ())
