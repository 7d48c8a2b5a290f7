"""
One person or group in, one decision out.

In this order (entra.md, sections 1.8 and 2; ruling 6 names the ways to leave):

1. `scope: assigned` wants a valid assignment; `scope: all` wants none, and
   knows no Default Access rule. Assignments still give roles.
2. With `default_access: exclude`, people whose only valid role is Default
   Access are out. A group needs no role.
3. One of the scoping filters must let them pass, if there are any.

Whether the source has disabled or deleted somebody is judged by
:mod:`reconciler.desired`, which calls this. Decisions hold no prose but the
reason; :meth:`Scope.explain` builds the steps for one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import repeat

from reconciler.config.model import Application, AppRole, ScopingFilter
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.directory import Directory, People, SourceGroup, Subject
from reconciler.scope.assignments import Expansion, Grant, Locate, expand, nowhere
from reconciler.scope.filters import Attributes, check_filters, compile_filters
from reconciler.scope.roles import DEFAULT_ACCESS, strongest_first
from reconciler.scope.steps import (
    Step,
    active_step,
    assignment_steps,
    filter_steps,
    outside,
    role_step,
)


class Cause(StrEnum):
    """Why somebody is in scope or out of it."""

    IN_SCOPE = "in scope"
    UNASSIGNED = "unassigned"
    EXPIRED = "expired"
    DEFAULT_ACCESS_ONLY = "Default Access only"
    FILTERED_OUT = "filtered out"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one person or group."""

    cause: Cause
    roles: tuple[AppRole, ...]
    """The app roles held, strongest first, each once; also of who is filtered out."""
    reason: str
    """In the configuration's words: ``assigned User by group Sales``."""
    assigned: bool
    """Whether any assignment (or `scope: all`) names them, expired ones included."""


def complaints(
    application: Application, directory: Directory, as_of: date, locate: Locate = nowhere
) -> tuple[Diagnostic, ...]:
    """Return what is wrong between an application, which may be wrong itself, and the source."""
    return _complaints(
        application, directory, expand(application, directory, as_of, locate), locate
    )


def _complaints(
    application: Application, directory: Directory, expansion: Expansion, locate: Locate
) -> tuple[Diagnostic, ...]:
    filters = application.scoping_filters
    people = [s.attributes for s in directory.subjects.values()] if filters.users else ()
    groups = [g.attributes for g in directory.groups.values()] if filters.groups else ()
    return (
        *expansion.errors,
        *expansion.warnings,
        *check_filters(filters.users, "users", people, locate),
        *check_filters(filters.groups, "groups", groups, locate),
    )


class Scope:
    """Decides who is in scope of one application, as of one day."""

    def __init__(
        self,
        application: Application,
        directory: Directory,
        as_of: date,
        locate: Locate = nowhere,
    ) -> None:
        """
        Expand the assignments and compile the filters.

        Raises:
            ConfigError: An assignment names no group or several, or a filter
                cannot judge the data; with every problem found.
        """
        self._application = application
        self._expansion = expand(application, directory, as_of, locate)
        filters = application.scoping_filters
        found = _complaints(application, directory, self._expansion, locate)
        if any(complaint.severity == "error" for complaint in found):
            raise ConfigError(found)
        self.warnings: tuple[Diagnostic, ...] = found
        """Assigned people whom the source does not have, and filters by what nobody has."""
        clauses = [clause for one in filters.users or () for clause in one.clauses]
        self._filtering = tuple(dict.fromkeys(clause.attribute for clause in clauses))
        self._of_users = _Judge(application, filters.users, role_needed=True)
        self._of_groups = _Judge(application, filters.groups, role_needed=False)

    def decide(self, subject: Subject) -> Decision:
        """Decide about one person."""
        grants = self._expansion.users.get(subject.anchor, ())
        return self._of_users.decide(grants, subject.attributes)

    def decide_all(self, people: People) -> list[Decision]:
        """Decide about some people."""
        grants = [*map(self._expansion.users.get, people.anchors, repeat(()))]
        if not self._filtering:  # who has the same grants shares a decision
            shared = {id(one): one for one in grants}
            decisions = {place: self._of_users.decide(one, {}) for place, one in shared.items()}
            return [*map(decisions.__getitem__, map(id, grants))]
        rows: Iterable[Attributes] = repeat({})
        if names := [name for name in self._filtering if name in people.cells]:
            cells = zip(*(people.cells[name] for name in names), strict=True)
            rows = ({n: c for n, c in zip(names, row, strict=True) if c} for row in cells)
        return [*map(self._of_users.decide, grants, rows)]

    def decide_group(self, group: SourceGroup) -> Decision:
        """Decide about one group."""
        grants = self._expansion.groups.get(group.anchor, ())
        return self._of_groups.decide(grants, group.attributes)

    def explain(self, subject: Subject, hidden: frozenset[str] = frozenset()) -> tuple[Step, ...]:
        """
        Return every step that leads to the decision about one person, in Entra's order.

        The values of *hidden* attributes are judged and not shown.
        """
        grants = self._expansion.users.get(subject.anchor, ())
        roles = strongest_first(self._application.roles, grants)
        assigned = any(not grant.expired for grant in grants)
        return (
            active_step(subject),
            *assignment_steps(self._application, grants),
            role_step(self._application, roles, assigned=assigned),
            *filter_steps(self._application.scoping_filters.users, subject.attributes, hidden),
        )


class _Judge:
    """The rules for people, or for groups; many share a few paths, so answers are remembered."""

    def __init__(
        self,
        application: Application,
        filters: Sequence[ScopingFilter] | None,
        *,
        role_needed: bool,
    ) -> None:
        self._application = application
        self._passes = compile_filters(filters)
        self._outside = outside(filters or ())
        self._role_needed = role_needed and application.default_access == "exclude"
        self._known: dict[int, tuple[tuple[Grant, ...], Decision, Decision | None]] = {}

    def decide(self, grants: tuple[Grant, ...], attributes: Attributes) -> Decision:
        """Decide about somebody who has *grants* and *attributes*."""
        known = self._known.get(id(grants))  # equal ones are one object (Expansion)
        if known is None:
            known = self._known[id(grants)] = grants, *self._both(grants)
        _, decision, filtered_out = known
        if filtered_out is None or self._passes(attributes):
            return decision
        return filtered_out

    def _both(self, grants: tuple[Grant, ...]) -> tuple[Decision, Decision | None]:
        """Return the decision by assignment, and the one for whom the filters leave out."""
        decision = self._by_assignment(grants)
        if decision.cause is not Cause.IN_SCOPE:
            return decision, None
        return decision, replace(decision, cause=Cause.FILTERED_OUT, reason=self._outside)

    def _by_assignment(self, grants: tuple[Grant, ...]) -> Decision:
        roles = strongest_first(self._application.roles, grants)
        if self._application.scope == "all":
            reason = _reason(roles, grants) if roles else "all users and groups are in scope"
            return Decision(Cause.IN_SCOPE, roles, reason, assigned=True)
        if not grants:
            return Decision(Cause.UNASSIGNED, (), "not assigned", assigned=False)
        if all(grant.expired for grant in grants):
            return Decision(Cause.EXPIRED, (), _expired(grants), assigned=True)
        if self._role_needed and not roles:
            reason = f"only role is {DEFAULT_ACCESS}"
            return Decision(Cause.DEFAULT_ACCESS_ONLY, (), reason, assigned=True)
        return Decision(Cause.IN_SCOPE, roles, _reason(roles, grants), assigned=True)


def _reason(roles: tuple[AppRole, ...], grants: tuple[Grant, ...]) -> str:
    """Name the strongest role and the first assignment that gives it."""
    name = roles[0].name if roles else None
    grant = next(grant for grant in grants if grant.role == name and not grant.expired)
    path = "directly" if grant.via is None else f"by group {grant.via}"
    return f"assigned {name or DEFAULT_ACCESS} {path}"


def _expired(grants: tuple[Grant, ...]) -> str:
    """Name the assignment that lasted longest."""
    last = max(grants, key=lambda grant: grant.expires or date.min)
    path = "direct assignment" if last.via is None else f"assignment by group {last.via}"
    return f"{path} expired on {last.expires}"
