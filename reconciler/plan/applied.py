"""
What we wrote last, of every account and group that we wrote to.

A fold over what the journals say became of the operations of our plans, in the order
in which it happened. Only what is certain is kept:

* an operation that was begun and has no end, or that failed, may have been carried out
  in part: what it is about is not known until somebody writes it again;
* where the plan of an operation was thrown away, nobody knows what it wrote, and of
  that account nothing that was written before is believed any more;
* a value that was made at apply is stored nowhere.

What is not known is never compared. Filled by :mod:`reconciler.store.applied`; read by
:mod:`reconciler.plan.drift`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from reconciler.plan.generated import is_generated
from reconciler.plan.groups import MEMBERS
from reconciler.plan.operation import Action, Change, Operation
from reconciler.states import ResourceType

Place = tuple[ResourceType, str]
"""Type and id of something on the target."""


@dataclass(slots=True)
class Written:
    """What we wrote last to one account or group."""

    key: str
    source_id: str | None
    values: dict[str, Change] = field(default_factory=dict)
    """By path in lower case."""
    hidden: set[str] = field(default_factory=set)
    """The paths among them whose values no output shows (Redact)."""
    members: dict[str, bool | None] = field(default_factory=dict)
    """By id: put in (True), taken out (False), or no longer an account of ours (None)."""
    displays: dict[str, str] = field(default_factory=dict)
    """What a reader knows members by."""
    created: bool = False
    """Whether we made it, so that all its members are known."""
    doubtful: bool = False
    """Whether something that we wrote is not known."""


@dataclass(slots=True)
class Applied:
    """The fold; feed it in the order in which things happened."""

    written: dict[Place, Written] = field(default_factory=dict)
    ids: dict[Place, str] = field(default_factory=dict)
    """Target ids by type and anchor."""
    _begun: dict[tuple[str, str], tuple[Place, Operation | None]] = field(default_factory=dict)

    def begin(self, run: str, op: str, place: Place | None, operation: Operation | None) -> None:
        """Take in that operation *op* of a plan was begun; a create has no place yet."""
        if place is not None:
            self._begun[run, op] = (place, operation)

    def conflict(self, run: str, op: str) -> None:
        """Take in that *op* was not carried out, unless an earlier attempt of it was."""
        begun = self._begun.pop((run, op), None)
        if begun is not None:
            self._doubt(*begun)

    def fail(self, run: str, op: str, place: Place | None, operation: Operation | None) -> None:
        """Take in that nobody knows what of an operation is there."""
        self._begun.pop((run, op), None)
        if place is not None:
            self._doubt(place, operation)

    def done(
        self,
        run: str,
        op: str,
        place: Place,
        operation: Operation | None,
        *,
        key: str,
        source_id: str | None,
        effects: Collection[str],
        hidden: Collection[str] = (),
    ) -> None:
        """Take in what was carried out; *operation* is None when its plan is gone."""
        self._begun.pop((run, op), None)
        if "delete" in effects:
            self._gone(place)
            return
        if source_id is not None:
            before = self.ids.get((place[0], source_id))
            if before not in (None, place[1]):
                self._gone((place[0], str(before)))
            self.ids[place[0], source_id] = place[1]
        written = self.written.setdefault(place, Written(key, source_id))
        written.key, written.source_id = key, source_id or written.source_id
        if operation is None:
            self._doubt(place, None)
            return
        written.created |= operation.action is Action.CREATE
        for change in operation.changes:
            self._take(written, change)
        for change in self._references(operation, written):
            self._take(written, change)
        written.hidden |= {path.lower() for path in hidden}

    def ended(self) -> Applied:
        """Return the fold once everything was taken in; what has no end is in doubt."""
        for place, operation in self._begun.values():
            self._doubt(place, operation)
        self._begun.clear()
        return self

    def _take(self, written: Written, change: Change) -> None:
        """Take in one change."""
        path = change.path.lower()
        if path == MEMBERS:
            for there, members in ((False, change.before), (True, change.after)):
                for member in members or ():
                    written.members[member["value"]] = there
                    written.displays[member["value"]] = member.get("display") or member["value"]
        elif is_generated(change.after):
            written.values.pop(path, None)
        else:
            written.values[path] = change

    def _references(self, operation: Operation, written: Written) -> Iterator[Change]:
        """Yield the references of *operation* with the ids that they stood for."""
        for reference in operation.references:
            found = self.ids.get((reference.resource_type, reference.source_id))
            if found is None:
                written.values.pop(reference.path.lower(), None)
                written.doubtful = True
                written.created = False
            elif reference.path.lower() == MEMBERS:
                yield Change(MEMBERS, None, [{"value": found, "display": reference.display}])
            else:
                yield Change(reference.path, None, found)

    def _doubt(self, place: Place, operation: Operation | None) -> None:
        """Forget what *operation* is about; without it, all that is known of *place*."""
        written = self.written.get(place)
        if written is None:
            return
        written.doubtful = True
        if operation is None:
            written.values.clear()
        paths = {one.path.lower() for one in operation.changes} if operation else {MEMBERS}
        paths |= {one.path.lower() for one in operation.references} if operation else set()
        for path in paths:
            written.values.pop(path, None)
        if MEMBERS in paths:
            written.members.clear()
            written.created = False

    def _gone(self, place: Place) -> None:
        """
        Forget what we deleted, or gave up for another account.

        Some services take it out of its groups, and some leave its id behind; either is fine.
        """
        self.written.pop(place, None)
        for written in self.written.values():
            if place[1] in written.members:
                written.members[place[1]] = None
