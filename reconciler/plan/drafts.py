"""
Operations while a plan is being built: not yet ordered, numbered or bound.

What the builders of users and groups share stands here: the draft itself, and
the context that everything is decided in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reconciler.config.model import Application
from reconciler.diff import Comparator, Difference, Ownership, Pairing
from reconciler.mapping import Table
from reconciler.plan.generated import held
from reconciler.plan.operation import Action, Change, Reference
from reconciler.plan.settled import NOBODY, Settled
from reconciler.profiles.model import GENERIC, Profile
from reconciler.states import Candidate, Generated, Recorded, Resource, ResourceType, RoleList

ACTIVE = "active"
"""The attribute whose loss is a disable (RFC 7643, section 4.1.1)."""


@dataclass(slots=True)
class Draft:
    """One operation in the making."""

    action: Action
    resource_type: ResourceType
    key: str
    source_id: str | None
    target_id: str | None
    reason: str
    changes: list[Change] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    wave: int = 0
    """Set by :mod:`reconciler.plan.order`."""


@dataclass(frozen=True, slots=True)
class Side:
    """One resource type's half of a plan: who is paired with what, and how to compare."""

    resource_type: ResourceType
    table: Table
    ownership: Ownership
    pairing: Pairing
    comparator: Comparator
    by_anchor: Mapping[str, Candidate]
    settled: Settled = NOBODY
    """Those who need nothing, and are not on either side of the rest."""

    def live(self, target_id: str) -> Resource:
        """Return the live resource with *target_id*, also of who is settled."""
        found = self.ownership.live.get(target_id)
        return self.settled.resource(target_id) if found is None else found

    def account_of(self, anchor: str) -> str | None:
        """Return the id of the account of somebody who was recognised; None for others."""
        return self.pairing.account_of.get(anchor) or self.settled.accounts.get(anchor)

    def active(self, target_id: str) -> bool:
        """Say whether an account is active; one without `active` is (ruling 7)."""
        return self.comparator.active(self.live(target_id))

    def is_theirs(self, candidate: Candidate, target_id: str) -> bool:
        """Say whether a resource is ours and stands for *candidate*; otherwise it is linked."""
        anchor = self.ownership.anchors.get(target_id)
        unnamed = anchor is None or anchor == candidate.source_id
        return unnamed and target_id in self.ownership.ours

    def key_of(self, target_id: str) -> str:
        """Return what a reader knows a live resource by; its id, when its name is hidden."""
        if self.table.hides_name:
            return target_id
        resource = self.live(target_id)
        for name in ("userName", "displayName"):
            value = resource.get(name)
            if isinstance(value, str) and value and self._names(name):
                return value
        return target_id

    def _names(self, name: str) -> bool:
        """Say whether *name* is what resources of this type are known by."""
        return (name == "userName") == (self.resource_type is ResourceType.USER)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that the decisions of one plan are made from."""

    application: Application
    as_of: date
    recorded: Recorded
    users: Side
    groups: Side | None
    selected: frozenset[str] | None
    """Anchors named by ``--user`` and ``--group``; None for everybody."""
    profile: Profile = GENERIC
    """What is known of the service."""
    never_disables: str | None = None
    """Why nobody can be disabled here; None when people can."""

    def may(self, action: str) -> bool:
        """Say whether `lifecycle.actions` holds *action*."""
        return action in self.application.lifecycle.actions

    def concerns(self, source_id: str | None) -> bool:
        """Say whether the plan is about this object of the source."""
        return self.selected is None or source_id in self.selected


def change(difference: Difference) -> Change:
    """Return *difference* as a plan shows it."""
    return Change(difference.path, plain(difference.before), plain(difference.after))


def plain(value: Any) -> Any:
    """Return *value* as canonical JSON can hold it: tuples as lists, floats as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Generated):
        return held(value)
    if isinstance(value, RoleList):
        value = value.elements
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return value
