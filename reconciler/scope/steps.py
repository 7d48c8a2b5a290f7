"""
Why somebody is in scope or not, step by step, in Entra's words.

The steps are those of Entra's *provision on demand*: active in source,
assigned to application, scope, role, and each clause of each scoping filter
(written as Entra's log writes it) with its truth and what the source says.
Built for one person at a time, on request: 100,000 decisions need no prose.

Used by :mod:`reconciler.scope.decide`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.config.model import INTEGER_OPERATORS, Application, AppRole, ScopingFilter
from reconciler.directory import Cell, Subject
from reconciler.scope.assignments import Grant
from reconciler.scope.filters import Attributes, compile_clause, compile_filters
from reconciler.scope.roles import DEFAULT_ACCESS


@dataclass(frozen=True, slots=True)
class Step:
    """One question that was asked, its answer, and what the answer rests on."""

    title: str
    holds: bool
    detail: str


def active_step(subject: Subject) -> Step:
    """Say whether the source lets a person work at all."""
    detail = "enabled and not deleted at the source"
    if subject.deleted:
        detail = "soft-deleted at the source (isDeleted is true)"
    elif not subject.enabled:
        detail = "disabled at the source (accountEnabled is false)"
    return Step("Active in source", subject.enabled and not subject.deleted, detail)


def assignment_steps(application: Application, grants: Sequence[Grant]) -> Iterator[Step]:
    """Say which assignments name a person or group, and whether the scope asks for one."""
    assigned = any(not grant.expired for grant in grants)
    detail = "; ".join(map(describe, grants)) or "not assigned"
    yield Step("Assigned to application", assigned, detail)
    if application.scope == "all":
        yield Step("Scope", True, "all users and groups: no assignment is needed")
    else:
        yield Step("Scope", assigned, "assigned users and groups only")


def role_step(application: Application, roles: Sequence[AppRole], *, assigned: bool) -> Step:
    """Say which role a person has, and what having none means."""
    if roles:
        names = ", ".join(role.name for role in roles)
        detail = f"{roles[0].name} (the strongest of {names})" if len(roles) > 1 else names
        return Step("Role", True, detail)
    if application.scope == "all":
        return Step("Role", True, "no role; with `scope: all` none is needed")
    if not assigned:
        return Step("Role", False, "no role, because nothing assigns one")
    included = application.default_access == "include"
    return Step("Role", included, f"{DEFAULT_ACCESS} only, which is {application.default_access}d")


def filter_steps(
    filters: Sequence[ScopingFilter] | None,
    attributes: Attributes,
    hidden: frozenset[str] = frozenset(),
) -> Iterator[Step]:
    """Say of every clause whether it holds, and of all filters whether one lets pass."""
    if not filters:
        yield Step("Scoping filters", True, "none: everybody passes")
        return
    for scoping_filter in filters:
        for clause in scoping_filter.clauses:
            title = clause.sentence(scoping_filter.title)
            holds = compile_clause(clause)(attributes)
            detail = _found(clause.attribute, attributes.get(clause.attribute), hidden)
            if clause.operator in INTEGER_OPERATORS and not holds:
                detail += "; only integers are compared"
            yield Step(title, holds, detail)
    passed = [f.title for f in filters if compile_filters((f,))(attributes)]
    detail = f"passes {', '.join(passed)}" if passed else outside(filters)
    yield Step("Scoping filters", bool(passed), detail)


def outside(filters: Sequence[ScopingFilter]) -> str:
    """Return the reason of somebody whom none of *filters* lets pass."""
    titles = ", ".join(f.title for f in filters)
    return f"outside scoping filter{'s' if len(filters) > 1 else ''} {titles}"


def describe(grant: Grant) -> str:
    """Return a grant in words: ``User by group Sales``, ``Administrator directly``."""
    role = grant.role or DEFAULT_ACCESS
    path = "directly" if grant.via is None else f"by group {grant.via}"
    if grant.expires is None:
        return f"{role} {path}"
    return f"{role} {path}, {'expired on' if grant.expired else 'valid through'} {grant.expires}"


def _found(name: str, cell: Cell | None, hidden: frozenset[str]) -> str:
    """Return what the source says, in words; several values were refused before."""
    if not cell:
        return f"{name} is null"
    return f"{name} is [Redact]" if name in hidden else f'{name} is "{cell}"'
