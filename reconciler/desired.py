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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.config.model import Application
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.expr import RoleGrant, Surroundings
from reconciler.mapping import (
    Line,
    Projection,
    Table,
    as_entra_sees,
    attributes_of,
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
    Generated,
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
        self._user_name = named.target if named else "userName"
        self._domains = RegisteredDomains(application.registered_domains)

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
        standing, reason = _standing(subject, decision)
        attributes = self.attributes(subject, decision, standing)
        candidate = _candidate(
            self.users, subject.anchor, subject.anchor, standing, reason, decision, attributes
        )
        try:
            if standing is not Standing.WANTED:
                return replace(candidate, disabling=self.users.disabling(attributes))
            projection = self.users.project(attributes)
        except MappingError as exc:
            return _skipped(candidate, CANNOT_MAP, str(exc))
        return self._in_domain(candidate, projection)

    def group(self, group: SourceGroup) -> Candidate:
        """Judge one group."""
        if self.groups is None:
            raise MappingError("groups are not mapped")
        decision = self.scope.decide_group(group)
        wanted = decision.cause is Cause.IN_SCOPE
        standing = Standing.WANTED if wanted else Standing.LEAVES_SCOPE
        attributes = attributes_of(group.attributes, (), soft_deleted=not wanted)
        candidate = _candidate(
            self.groups,
            group.anchor,
            group.display_name,
            standing,
            decision.reason,
            decision,
            attributes,
        )
        if not wanted:
            return candidate
        try:
            projection = self.groups.project(attributes)
        except MappingError as exc:
            return _skipped(candidate, CANNOT_MAP, str(exc))
        members = group.members if self.groups.maps_members else None
        if self.groups.expands_members:
            members = people_in(self.directory.groups, group.anchor)
        desired = DesiredResource(projection.created, projection.managed, members)
        return replace(candidate, desired=desired)

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
        grants = tuple(RoleGrant(role.value, role.name) for role in decision.roles)
        wanted = standing is Standing.WANTED
        seen = attributes_of(subject.attributes, grants, soft_deleted=not wanted)
        return as_entra_sees(seen)

    def _in_domain(self, candidate: Candidate, projection: Projection) -> Candidate:
        """
        Return somebody in scope: wanted, if the name that would be written is accepted.

        Of several candidates for the name, those that are accepted remain.
        """
        created, target = projection.created, self._user_name
        name = created.get(target)
        names = name.values if isinstance(name, FirstFree) else (name,)
        problems = {one: self._domains.problem(one) for one in names if isinstance(one, str)}
        accepted = tuple(one for one, problem in problems.items() if problem is None)
        if problems and not accepted:
            problem = UNREGISTERED if target in self.users.redacted else problems.popitem()[1]
            return _skipped(candidate, INVALID_DOMAIN, str(problem))
        if isinstance(name, FirstFree):
            created = {**created, target: FirstFree(accepted)}
        return replace(candidate, desired=DesiredResource(created, projection.managed))


def _standing(subject: Subject, decision: Decision) -> tuple[Standing, str]:
    """Return what a person is to the application, before any mapping is tried."""
    if subject.deleted:
        return Standing.DELETED, "deleted at the source"
    if decision.cause is not Cause.IN_SCOPE:
        return Standing.LEAVES_SCOPE, decision.reason
    if not subject.enabled:
        return Standing.DISABLED, "disabled at the source"
    return Standing.WANTED, decision.reason


def _candidate(
    table: Table,
    anchor: str,
    fallback_key: str,
    standing: Standing,
    reason: str,
    decision: Decision,
    attributes: Attributes,
) -> Candidate:
    """Return the candidate of an object with what it is recognised by."""
    matching, sound = table.match_values(attributes)
    external_id = anchor if table.external is None else _value_of(table.external, attributes)
    return Candidate(
        source_id=anchor,
        key=_key(table, matching, attributes, fallback_key) or anchor,
        standing=standing,
        reason=reason,
        matching=matching,
        matching_known=sound,
        external_id=external_id,
        code=None if standing is Standing.WANTED else NOT_ENTITLED,
        assigned=decision.assigned,
        redacted=table.redacted,
    )


def _key(
    table: Table,
    matching: Sequence[tuple[str, str | None]],
    attributes: Attributes,
    fallback: str,
) -> str | None:
    """Return what a reader knows an object by; None when that is hidden (Redact)."""
    target, key = next(((path, value) for path, value in matching if value), (None, fallback))
    if table.name is not None and table.name not in table.matching[:1]:
        name = _value_of(table.name, attributes)
        target, key = (table.name.target, name) if name else (target, key)
    hidden = table.hides_name if target is None else target in table.redacted
    return None if hidden else key


def _value_of(line: Line, attributes: Attributes) -> str | None:
    """Return what *line* yields as text, or None when nobody can say yet, or at all."""
    try:
        value = line.yields(attributes)
    except MappingError:
        return None
    return None if value is None or isinstance(value, Generated | FirstFree) else str(value)


def _skipped(candidate: Candidate, code: str, detail: str) -> Candidate:
    """Return *candidate* as somebody whose account stays exactly as it is."""
    return replace(candidate, standing=Standing.SKIPPED, code=code, reason=detail)
