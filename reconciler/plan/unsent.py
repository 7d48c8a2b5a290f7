"""
What is not sent to accounts that exist, because by its profile the service does not take it.

Two things: attributes that only a create can write, and the ``active: false`` of a
service that cannot disable, or deletes whoever is disabled where
``lifecycle.actions`` allows no delete. Both are taken out of what is wanted before
anybody is paired, so that nothing is built on a change that never comes: a name
that stays is not free for another. Where it would have made a difference, the plan
says so.

What the service does not keep at all is no part of the application here
(:mod:`reconciler.config.kept`). Called by :mod:`reconciler.plan.build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.config.model import Application
from reconciler.diff.normalize import boolean
from reconciler.mapping import Table
from reconciler.plan.drafts import ACTIVE
from reconciler.profiles.model import Profile
from reconciler.scim.coverage import covers
from reconciler.states import Candidate, DesiredState, DesiredValue, ResourceType

Values = Mapping[str, DesiredValue]

ON_CREATE = "by its profile the service takes it in a create alone"
CANNOT = "by its profile the service cannot disable an account"
DELETES = (
    "by its profile the service deletes whoever is disabled, and `delete` is not among "
    "lifecycle.actions"
)
NOTHING = "by its profile the service takes in a create alone what a disable writes"


def why_never_off(application: Application, profile: Profile) -> str | None:
    """Return why `active: false` is not sent to any account; None when it is."""
    does = profile.deprovision.active_false
    if does == "unsupported":
        return CANNOT
    forbidden = does == "deletes" and "delete" not in application.lifecycle.actions
    return DELETES if forbidden else None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is not sent to the accounts, or groups, of one service."""

    fixed: frozenset[str]
    """Targets that a create alone can write."""
    never_off: str | None = None
    """Why nobody's `active` is turned off; None when it is."""

    @classmethod
    def of(cls, table: Table, profile: Profile, never_off: str | None = None) -> Rule:
        """Return the rule for the mappings of *table*."""
        named = profile.attributes.immutable
        return cls(frozenset(x.target for x in table.lines if covers(named, x.path)), never_off)

    def why(self, path: str, value: DesiredValue) -> str | None:
        """Return why *value* is not sent to *path*; None when it is."""
        if path in self.fixed:
            return ON_CREATE
        return self.never_off if path.lower() == ACTIVE and boolean(value) is False else None

    def sent(self, values: Values) -> Values:
        """Return those of *values* that are sent."""
        return {path: value for path, value in values.items() if self.why(path, value) is None}

    def left(self, values: Values) -> Values:
        """Return those of *values* that are not sent."""
        return {path: value for path, value in values.items() if self.why(path, value) is not None}

    def why_nobody_is_disabled(self, table: Table) -> str | None:
        """Return why a disable would write nothing at all; None when it writes something."""
        paths = [line.target for line in table.soft_deleted]
        whys = [self.why(path, False if path.lower() == ACTIVE else None) for path in paths]
        return None if not whys or None in whys else self.never_off or NOTHING

    def applied(self, candidate: Candidate) -> Candidate:
        """Return *candidate* without what is not sent."""
        desired = candidate.desired
        if desired is not None:
            desired = replace(desired, managed=self.sent(desired.managed))
        return replace(candidate, desired=desired, disabling=self.sent(candidate.disabling))


@dataclass(frozen=True, slots=True)
class Unsent:
    """What is not sent in one plan: the rules, and to whom they apply."""

    users: Rule
    groups: Rule
    values: Mapping[tuple[ResourceType, str], Values] = field(default_factory=dict)
    """By type and anchor: what is wanted and not sent; empty for most."""

    @classmethod
    def of(
        cls, application: Application, profile: Profile, users: Table, groups: Table | None
    ) -> Unsent:
        """Return the rules of a service, before anybody is looked at."""
        of_groups = Rule(frozenset()) if groups is None else Rule.of(groups, profile)
        return cls(Rule.of(users, profile, why_never_off(application, profile)), of_groups)

    @property
    def keep_back(self) -> bool:
        """Say whether anything is not sent."""
        return any(rule.fixed or rule.never_off for rule in (self.users, self.groups))

    def taken_out(self, desired: DesiredState) -> tuple[DesiredState, Unsent]:
        """Return *desired* without what is not sent, and this with what that was."""
        if not self.keep_back:
            return desired, self
        groups = desired.groups
        sent = replace(
            desired,
            users=tuple(map(self.users.applied, desired.users)),
            groups=None if groups is None else tuple(map(self.groups.applied, groups)),
            disabling_the_gone=self.users.sent(desired.disabling_the_gone),
        )
        left = dict(_left(ResourceType.USER, self.users, desired.users))
        left.update(_left(ResourceType.GROUP, self.groups, groups or ()))
        return sent, replace(self, values=left)


def _left(
    kind: ResourceType, rule: Rule, candidates: Iterable[Candidate]
) -> Iterable[tuple[tuple[ResourceType, str], Values]]:
    """Yield what of everybody's values is not sent, if anything is."""
    for candidate in candidates:
        wanted = candidate.desired.managed if candidate.desired else candidate.disabling
        left = rule.left(wanted)
        if left:
            yield (kind, candidate.source_id), left
