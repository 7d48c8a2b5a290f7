"""
What was changed by hand: the live state against what we wrote last.

This is not a plan. A plan compares with what the source wants today; here nothing but the
target has changed since. Three rules:

1. Only what we wrote is compared, and of that only what a mapping writes today: an
   attribute without a mapping is nobody's business here, and is not even read.
2. Absence is evidence only in a whole listing, which the caller has proved.
3. What is not known for certain (:mod:`reconciler.plan.applied`) is not compared.

Members of a group that we made are all known, so that a stranger shows; of a group that
was there before, only those are that we put in or took out ourselves.

Called by :mod:`reconciler.workflow.find_drift`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.diff import Comparator, Matcher, split_live
from reconciler.diff.normalize import reference_id
from reconciler.mapping import Table
from reconciler.plan.applied import Applied, Written
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Change
from reconciler.plan.shown import is_reference, shows_change
from reconciler.states import (
    HIDDEN,
    Candidate,
    Listing,
    Recorded,
    Resource,
    ResourceType,
)

Label = Literal["assigned", "unassigned", "local"]
"""What the source says of whoever an account belongs to; *local*: nobody in it."""

SAMPLE = 10
"""Accounts that are not ours, of those that are named."""


@dataclass(frozen=True, slots=True)
class Altered:
    """One value that is not what we wrote; null is absent."""

    path: str
    applied: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Drifted:
    """An account or group that is not as we left it."""

    resource_type: ResourceType
    key: str
    target_id: str
    source_id: str | None
    label: Label
    gone: bool
    """Whether it was deleted by hand; nothing else is said of it then."""
    changes: tuple[Altered, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A live account that is not ours."""

    key: str
    target_id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Drift:
    """What was changed by hand in one application."""

    application: str
    drifted: tuple[Drifted, ...]
    compared: Mapping[ResourceType, int]
    """How many of ours were compared."""
    doubtful: int
    """Of how many of them not everything that we wrote is known."""
    strangers: Mapping[Label, int]
    """Accounts that are not ours, counted by label."""
    sample: tuple[Stranger, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One resource type: what is live, whose it is, and how it is read."""

    resource_type: ResourceType
    table: Table
    comparator: Comparator
    live: Mapping[str, Resource]
    ours: frozenset[str]
    people: Mapping[str, Candidate]
    """Who an account belongs to, by its id."""
    source: Mapping[str, Candidate]
    """Everybody of the source by anchor."""
    doubted: frozenset[str]
    """Accounts that somebody of the source resembles, and nobody clearly has."""

    @classmethod
    def of(
        cls,
        comparator: Comparator,
        table: Table,
        candidates: Sequence[Candidate],
        listing: Listing,
        recorded: Recorded,
        ownership: Literal["recorded", "all"],
    ) -> Compared:
        """Pair live resources with the source, as a plan does."""
        kind = ResourceType(comparator.resource_type)
        owned = split_live(listing.resources, recorded, ownership, kind)
        pairing = Matcher(candidates, owned, comparator).pair()
        by_anchor = {one.source_id: one for one in candidates}
        people = {target: by_anchor[anchor] for anchor, target in pairing.account_of.items()}
        people |= {target: candidate for candidate, target in pairing.pairs}
        people |= {t: by_anchor[a] for t, a in owned.anchors.items() if a in by_anchor}
        doubted = frozenset(pairing.kept) - people.keys()
        return cls(kind, table, comparator, owned.live, owned.ours, people, by_anchor, doubted)

    def label(self, target_id: str, source_id: str | None = None) -> Label:
        """Say what the source knows of an account, also of one that is gone."""
        person = self.people.get(target_id) or self.source.get(source_id or "")
        if person is None:
            return "unassigned" if target_id in self.doubted else "local"
        return "assigned" if person.assigned else "unassigned"


def drift_of(application: str, applied: Applied, sides: Collection[Compared]) -> Drift:
    """Return what was changed by hand on the *sides* that are provisioned."""
    known = {side.resource_type: side for side in sides}
    compared = dict.fromkeys(known, 0)
    doubtful, found = 0, list[Drifted]()
    for (kind, target_id), written in applied.written.items():
        if kind in known:
            compared[kind] += 1
            doubtful += written.doubtful
            found += _drifted(known[kind], target_id, written)
    users = known[ResourceType.USER]
    touched = {target for kind, target in applied.written if kind is ResourceType.USER}
    strangers = sorted(
        (_key(users, target), target, users.label(target))
        for target in users.live
        if target not in users.ours and target not in touched
    )
    labels = [label for _, _, label in strangers]
    return Drift(
        application,
        tuple(sorted(found, key=lambda one: (one.resource_type != "User", one.key, one.target_id))),
        compared,
        doubtful,
        {label: labels.count(label) for label in dict.fromkeys(labels)},
        tuple(Stranger(*one) for one in strangers[:SAMPLE]),
    )


def _key(side: Compared, target_id: str) -> str:
    """Return what a reader knows a live account by; its id where its name is hidden."""
    name = side.comparator.attribute("userName").read(side.live[target_id])
    return name if isinstance(name, str) and name and not side.table.hides_name else target_id


def _drifted(side: Compared, target_id: str, written: Written) -> Iterator[Drifted]:
    """Yield how one account differs from what we wrote, if it does."""
    live = side.live.get(target_id)
    changes = () if live is None else tuple(_altered(side, live, written))
    if live is None or changes:
        yield Drifted(
            side.resource_type,
            written.key,
            target_id,
            written.source_id,
            side.label(target_id, written.source_id),
            live is None,
            changes,
        )


def _altered(side: Compared, live: Resource, written: Written) -> Iterator[Altered]:
    """Yield the values of *live* that are not what we wrote, in the order of the mappings."""
    for line in side.table.lines:
        path = line.target
        if path.lower() == MEMBERS:
            yield from _altered_members(live, written)
            continue
        change = written.values.get(path.lower())
        if change is None or shows_change(side.comparator, live, change):
            continue
        there = side.comparator.attribute(path).read(live)
        there = reference_id(there) if is_reference(path) else there
        hidden = line.redacted or path.lower() in written.hidden
        yield _side_by_side(change, there, hidden=hidden)


def _side_by_side(change: Change, live: Any, *, hidden: bool) -> Altered:
    """Return one difference, without its values where no output shows them."""
    if not hidden:
        return Altered(change.path, change.after, live)
    shown = [None if one is None else HIDDEN for one in (change.after, live)]
    return Altered(change.path, *shown)


def _altered_members(live: Resource, written: Written) -> Iterator[Altered]:
    """Yield who is missing in a group, and who is there and should not be."""
    present = live_members(live)
    missing = sorted(one for one, there in written.members.items() if there and one not in present)
    extra = {one for one, there in written.members.items() if there is False and one in present}
    if written.created:
        extra |= present - written.members.keys()
    named = written.displays
    if missing or extra:
        yield Altered(
            MEMBERS,
            [{"value": one, "display": named[one]} for one in missing] or None,
            [{"value": one, "display": named.get(one, one)} for one in sorted(extra)] or None,
        )
