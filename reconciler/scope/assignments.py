"""
Assignments to grants: who is assigned, as what, and by which path.

A group assignment reaches the direct members of the group and nobody else:
nested groups are not expanded (entra.md, section 1.8). An assignment is valid
through its last day, UTC, and read against the plan's one time (ruling 4).
Expired grants are kept, so that a decision can say why somebody left.

A group that the source does not have, or has twice, is an error: guessing would
take the access of all its members, or give it to strangers. A user who is not
in the source is a warning (ruling 3).

Called by :mod:`reconciler.scope.decide`, and by `validate` for its complaints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from reconciler.config.model import Application, Assignment
from reconciler.diagnostics import Diagnostic, Position, nearest
from reconciler.directory import Directory
from reconciler.scim.folding import fold

USER_NAME = "userPrincipalName"
"""The source attribute that an assignment may name a person by, in any case."""

Locate = Callable[[tuple[str | int, ...]], Position | None]
"""From a place in an application, as keys and indexes, to the place in the file."""


class Grant(NamedTuple):
    """An assignment seen from one person or group; a tuple, because it is a memo key."""

    role: str | None
    """Name of the app role; None is Default Access."""
    via: str | None
    """displayName of the group it came by; None for a direct assignment."""
    expires: date | None
    """Last day on which it is valid."""
    expired: bool


@dataclass(frozen=True, slots=True)
class Expansion:
    """Everybody that any assignment names, expired ones included."""

    users: Mapping[str, tuple[Grant, ...]]
    """By anchor, in the order of the assignments; equal tuples are one object."""
    groups: Mapping[str, tuple[Grant, ...]]
    warnings: tuple[Diagnostic, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


def nowhere(_: tuple[str | int, ...]) -> Position | None:
    """Place a complaint nowhere, for callers that have no file to point at."""
    return None


def expand(
    application: Application, directory: Directory, as_of: date, locate: Locate = nowhere
) -> Expansion:
    """
    Return every grant of *application* in *directory*, as of the day *as_of* (UTC).

    *locate* is asked for the places of complaints, with keys and indexes below
    the application: ``("assignments", 3, "group")``. Nothing is raised: errors
    are part of the result.
    """
    users: dict[str, list[Grant]] = defaultdict(list)
    groups: dict[str, list[Grant]] = defaultdict(list)
    complaints: list[Diagnostic] = []
    names = _Names(directory)
    for index, assignment in enumerate(application.assignments or ()):
        key = "user" if assignment.group is None else "group"
        found = names.find(assignment)
        if isinstance(found, Diagnostic):
            position = locate(("assignments", index, key))
            complaints.append(replace(found, position=position))
            continue
        direct = _grant(assignment, None, as_of)
        if assignment.group is None:
            users[found].append(direct)
            continue
        groups[found].append(direct)
        group = directory.groups[found]
        inherited = _grant(assignment, group.display_name, as_of)
        for member in group.members:
            if member in directory.subjects:
                users[member].append(inherited)
    return Expansion(
        _shared(users),
        _shared(groups),
        tuple(c for c in complaints if c.severity == "warning"),
        tuple(c for c in complaints if c.severity == "error"),
    )


class _Names:
    """The people and groups of a source by everything an assignment may call them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._users: Mapping[str, Sequence[str]] | None = None
        self._groups: dict[str, list[str]] = defaultdict(list)
        for group in directory.groups.values():
            self._groups[group.display_name].append(group.anchor)

    def find(self, assignment: Assignment) -> str | Diagnostic:
        """Return the anchor of whom *assignment* names, or what is wrong with the name."""
        if assignment.group is not None:
            return self._find_group(assignment.group)
        return self._find_user(str(assignment.user))

    def _find_group(self, name: str) -> str | Diagnostic:
        anchors = _anchors(name, self._directory.groups, self._groups.get(name, ()))
        if len(anchors) == 1:
            return anchors[0]
        if anchors:
            message = f'"{name}" is the name of {len(anchors)} groups'
            hint = f"name one by objectId: {', '.join(anchors)}"
            return Diagnostic("ambiguous-group", message, None, hint)
        meant = nearest(name, self._groups)
        hint = f'did you mean "{meant}"?' if meant else "name it by displayName or objectId"
        return Diagnostic("unknown-group", f'there is no group "{name}" in the source', None, hint)

    def _find_user(self, name: str) -> str | Diagnostic:
        subjects = self._directory.subjects
        if self._users is None:
            self._users = _by_user_name(self._directory)
        anchors = _anchors(name, subjects, self._users.get(fold(name), ()))
        if len(anchors) == 1:
            return anchors[0]
        if anchors:
            message = f'"{name}" is the name of {len(anchors)} people'
            hint = f"name one by objectId: {', '.join(anchors)}"
            return Diagnostic("ambiguous-user", message, None, hint)
        message = f'there is no user "{name}" in the source; the assignment reaches nobody'
        hint = f"name people by {USER_NAME} or objectId"
        return Diagnostic("unknown-user", message, None, hint, "warning")


def _anchors(name: str, by_anchor: Mapping[str, object], by_name: Sequence[str]) -> list[str]:
    """Return everything that *name* could mean, as an objectId or as a name, each once."""
    return list(dict.fromkeys((*([name] if name in by_anchor else ()), *by_name)))


def _by_user_name(directory: Directory) -> Mapping[str, Sequence[str]]:
    """Return anchors by user name; user names differ in more than case (Entra compares so)."""
    found: dict[str, list[str]] = defaultdict(list)
    for subject in directory.subjects.values():
        name = subject.attributes.get(USER_NAME)
        if isinstance(name, str):
            found[fold(name)].append(subject.anchor)
    return found


def _grant(assignment: Assignment, via: str | None, as_of: date) -> Grant:
    """Return what *assignment* gives to one person or group."""
    expires = assignment.expires
    return Grant(assignment.role, via, expires, expires is not None and expires < as_of)


def _shared(grants: Mapping[str, list[Grant]]) -> dict[str, tuple[Grant, ...]]:
    """Let people with the same grants share one tuple: there are many people and few paths."""
    known: dict[tuple[Grant, ...], tuple[Grant, ...]] = {}
    return {anchor: known.setdefault(t := tuple(found), t) for anchor, found in grants.items()}
