"""
Everybody through scope, mapping and the domain check: the wanted side.

Each object of the source gets exactly one standing. What decides, in this
order (rulings 5 and 6; entra.md, section 1.7):

1. soft-deleted at the source;
2. out of scope: unassigned, expired, Default Access only, filtered out;
3. disabled at the source;
4. wanted, unless it cannot be judged or written, which is *skipped* and never
   a reason to leave.

Used by the workflows that plan, test and explain; pure, so the same source and
configuration always give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from reconciler.config.model import Application
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.expr import RoleGrant, Surroundings
from reconciler.mapping import (
    Shared,
    Table,
    Written,
    as_entra_sees,
    attributes_of,
    is_guest,
)
from reconciler.nested import circles, people_in
from reconciler.scim.schema import Schemas
from reconciler.scope.assignments import Locate, nowhere
from reconciler.scope.decide import Cause, Decision, Scope
from reconciler.scope.domains import RegisteredDomains
from reconciler.shapes import Attributes, MappingError
from reconciler.states import (
    Candidate,
    DesiredResource,
    DesiredState,
    FirstFree,
    Standing,
)

NOT_ENTITLED = "NotEffectivelyEntitled"
"""Entra's skip reason for who is assigned and yet not entitled (entra.md, section 8)."""

CANNOT_MAP = "EntrySynchronizationSkipped"
"""Entra's code for an object that was not synchronised; here, because a mapping failed."""

INVALID_DOMAIN = "InvalidDomain"
"""Entra's code for a domain that the target does not accept."""

UNREGISTERED = "the domain of the user name, which is hidden, is not registered"
"""Why somebody is skipped whose name no output may show."""


REMEMBERED = 4096
"""Grounds that are kept; many people share a few, and where they do not, memory is bounded."""

Outcome = DesiredResource | str
"""How a wanted object should be, or why it cannot be written."""

NOTHING_WRITTEN: Written = {}
"""What a disable writes for whoever is not to be disabled; shared, so nobody may change it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is the same for all who share a decision, and are enabled or deleted alike."""

    decision: Decision
    """Kept with it, because grounds are remembered by its identity."""
    standing: Standing
    wanted: bool
    reason: str
    code: str | None
    """Entra's skip code of whoever is not wanted."""
    shared: Shared | None = None
    """What the mapping table says of all of them; None: each is worked out as a whole."""
    disabling: Written | None = None
    """What a disable writes for each of them; None: it has to be worked out."""

    @classmethod
    def of(cls, decision: Decision, standing: Standing, reason: str) -> Ground:
        """Return the ground of who is *standing* for *reason*, and of whom nothing is shared."""
        wanted = standing is Standing.WANTED
        return cls(decision, standing, wanted, reason, None if wanted else NOT_ENTITLED)


class Judge:
    """Judges the objects of one source for one application."""

    def __init__(
        self,
        application: Application,
        directory: Directory,
        as_of: datetime,
        schemas: Schemas,
        locate: Locate = nowhere,
    ) -> None:
        """
        Compile scope and mappings; *as_of* is the plan's one time, UTC (ruling 4).

        Raises:
            ConfigError: As :class:`reconciler.scope.decide.Scope`; *locate*
                says where in the file the values stand.
        """
        self.directory = directory
        self.scope = Scope(application, directory, as_of.date(), locate)
        known = Surroundings(as_of, directory.default_domain)
        self.users = Table(application.mappings.users, "User", schemas, known)
        groups = application.mappings.groups
        self.groups = None if groups is None else Table(groups, "Group", schemas, known)
        named = self.users.target_of("userName")
        self.user_name = named.target if named else "userName"
        self.domains = RegisteredDomains(application.registered_domains)
        self._grounds: dict[tuple[int, bool, bool], Ground] = {}

    def everybody(self) -> Iterator[Candidate]:
        """Judge everybody, in the order of the source."""
        return map(self.user, self.directory.subjects.values())

    def state(self, users: Iterable[Candidate] | None = None) -> DesiredState:
        """Judge every group, and everybody, unless *users* are those judged already."""
        groups = None
        if self.groups is not None:
            groups = tuple(self.group(group) for group in self.directory.groups.values())
        return DesiredState(
            tuple(self.everybody() if users is None else users),
            groups,
            self.users.disabling_the_gone(),
            self._circles(groups),
        )

    def user(self, subject: Subject) -> Candidate:
        """Judge one person."""
        decision = self.scope.decide(subject)
        ground = self.ground(decision, enabled=subject.enabled, deleted=subject.deleted)
        seen: Attributes = subject.attributes
        if ground.shared is None or is_guest(seen):
            seen = self.attributes(subject, decision, ground.standing)
        anchor = subject.anchor
        return _judged(self.users, ground, seen, anchor, anchor, self._in_domain)

    def group(self, group: SourceGroup) -> Candidate:
        """Judge one group."""
        if self.groups is None:
            raise MappingError("groups are not mapped")
        decision = self.scope.decide_group(group)
        wanted = decision.cause is Cause.IN_SCOPE
        standing = Standing.WANTED if wanted else Standing.LEAVES_SCOPE
        seen = attributes_of(group.attributes, (), soft_deleted=not wanted)
        ground = replace(Ground.of(decision, standing, decision.reason), disabling=NOTHING_WRITTEN)
        with_members = partial(self._with_members, group)
        return _judged(self.groups, ground, seen, group.anchor, group.display_name, with_members)

    def _with_members(self, group: SourceGroup, created: Written, managed: Written) -> Outcome:
        """Return how *group* should be."""
        members = None
        if self.groups is not None and self.groups.maps_members:
            members = group.members
            if self.groups.expands_members:
                members = people_in(self.directory.groups, group.anchor)
        return DesiredResource(created, managed, members)

    def _circles(self, groups: tuple[Candidate, ...] | None) -> tuple[tuple[str, ...], ...]:
        """Return the keys of groups that are in each other, where it matters to who is wanted."""
        if groups is None or self.groups is None or not self.groups.expands_members:
            return ()
        wanted = [group.source_id for group in groups if group.desired is not None]
        keys = {group.source_id: group.key for group in groups}
        found = circles(self.directory.groups, wanted)
        return tuple(tuple(keys[anchor] for anchor in circle) for circle in found)

    def attributes(self, subject: Subject, decision: Decision, standing: Standing) -> Attributes:
        """Return what the expressions see of one person."""
        wanted = standing is Standing.WANTED
        seen = attributes_of(subject.attributes, grants(decision), soft_deleted=not wanted)
        return as_entra_sees(seen)

    def ground(self, decision: Decision, *, enabled: bool, deleted: bool) -> Ground:
        """Return what is the same for all of whom the same was decided; remembered."""
        place = (id(decision), enabled, deleted)
        ground = self._grounds.get(place)
        if ground is None:
            ground = self._new_ground(decision, *_standing(decision, enabled, deleted))
            if len(self._grounds) < REMEMBERED:
                self._grounds[place] = ground
        return ground

    def _new_ground(self, decision: Decision, standing: Standing, reason: str) -> Ground:
        """Work out what depends on standing and roles alone."""
        ground = Ground.of(decision, standing, reason)
        if self.users.blends:
            return ground
        computed = attributes_of({}, grants(decision), soft_deleted=not ground.wanted)
        with suppress(MappingError):  # everybody fails then, each with the reason
            if ground.wanted:
                return replace(ground, shared=self.users.shared(computed))
            return replace(ground, shared=(), disabling=self.users.disabling(computed))
        return ground

    def _in_domain(self, created: Written, managed: Written) -> Outcome:
        """
        Return how somebody in scope should be, if the name that would be written is accepted.

        Of several candidates for the name, those that are accepted remain.
        """
        target, problem_of = self.user_name, self.domains.problem
        name = created.get(target)
        if isinstance(name, str) and problem_of(name) is None:
            return DesiredResource(created, managed)
        names = name.values if isinstance(name, FirstFree) else (name,)
        problems = {one: problem_of(one) for one in names if isinstance(one, str)}
        accepted = tuple(one for one, problem in problems.items() if problem is None)
        if problems and not accepted:
            return UNREGISTERED if target in self.users.redacted else str(problems.popitem()[1])
        if isinstance(name, FirstFree):
            created = {**created, target: FirstFree(accepted)}
        return DesiredResource(created, managed)


def _judged(
    table: Table,
    ground: Ground,
    seen: Attributes,
    anchor: str,
    fallback: str,
    complete: Callable[[Written, Written], Outcome],
) -> Candidate:
    """Return the candidate of one object, of which expressions see *seen*; made once, whole."""
    standing, reason, code = ground.standing, ground.reason, ground.code
    desired, disabling, values = None, NOTHING_WRITTEN, None
    try:
        if ground.wanted:
            values = table.values(seen, ground.shared)
        else:
            disabling = table.disabling(seen) if ground.disabling is None else ground.disabling
    except MappingError as exc:
        standing, reason, code = Standing.SKIPPED, str(exc), CANNOT_MAP
    known = table.tried(seen) if values is None else table.known_by(values, seen)
    key, matching, sound, external = table.recognised(known, anchor, fallback)
    if values is not None:
        outcome = complete(*table.written(values))
        if isinstance(outcome, str):
            standing, reason, code = Standing.SKIPPED, outcome, INVALID_DOMAIN
        else:
            desired = outcome
    return Candidate(
        source_id=anchor,
        key=key or anchor,
        standing=standing,
        reason=reason,
        matching=matching,
        matching_known=sound,
        external_id=external,
        code=code,
        assigned=ground.decision.assigned,
        desired=desired,
        disabling=disabling,
        redacted=table.redacted,
    )


def grants(decision: Decision) -> tuple[RoleGrant, ...]:
    """Return the roles of a decision as expressions see them."""
    return tuple(RoleGrant(role.value, role.name) for role in decision.roles)


def _standing(decision: Decision, enabled: bool, deleted: bool) -> tuple[Standing, str]:
    """Return what a person is to the application, before any mapping is tried."""
    if deleted:
        return Standing.DELETED, "deleted at the source"
    if decision.cause is not Cause.IN_SCOPE:
        return Standing.LEAVES_SCOPE, decision.reason
    if not enabled:
        return Standing.DISABLED, "disabled at the source"
    return Standing.WANTED, decision.reason
