"""
What an operation of a plan file must be, so that guards and reviewers can judge it.

A plan that was made here always is; one that was doctored may hide what it does:
under another name of an attribute, behind a reference, in a value that is made
later, or without the state that it is bound to. Such a plan is no plan, also
when its digests fit (ruling 17): whoever altered it can make digests too.

Called by :mod:`reconciler.plan.plan_file` for every operation of a file that is
read, those that are withheld included, since guards look at them too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reconciler.plan.generated import misplaced
from reconciler.plan.operation import Operation
from reconciler.scim.paths import PathError, parse_path, refers
from reconciler.states import ResourceType

JUDGED = frozenset({"active", "username", "members"})
"""Attributes, in lower case, by which effects on people are judged."""


def unsound(operation: Operation) -> str | None:
    """Return why *operation* cannot be judged, in words that follow its id; None if it can."""
    odd = _misspelt(operation)
    if odd is not None:
        return f"hides what it does: it names {odd} oddly"
    if not all(_refers(reference.path) for reference in operation.references):
        return "hides what it does: it refers to somebody where nobody is referred to"
    if not all(_are_members(side) for side in _members(operation)):
        return "cannot be reviewed: its members are no list of ids"
    if operation.target_id is not None and not _is_bound(operation):
        return "cannot be reviewed: it does not say which state it is made for"
    problem = misplaced(operation)
    return None if problem is None else f"cannot be reviewed: {problem}"


def _misspelt(operation: Operation) -> str | None:
    """
    Return the path under which *operation* hides what it does, if there is one.

    Effects are judged by path (ruling 14), so each attribute has one spelling in
    an operation and stands there once.
    """
    seen: set[str] = set()
    for change in operation.changes:
        leaf = _leaf(change.path)
        if leaf is None or leaf in seen:
            return change.path
        seen.add(leaf)
    return None


@lru_cache(maxsize=4096)
def _leaf(text: str) -> str | None:
    """Return which attribute a path names, in lower case; None for one that is spelt oddly."""
    try:
        path = parse_path(text)
    except PathError:
        return None
    written, attribute = text.lower(), path.attribute.lower()
    other_name = written.startswith("urn:") or (attribute in JUDGED and written != attribute)
    if written != written.strip() or (path.urn is None and other_name):
        return None
    return str(path).lower()


def _refers(text: str) -> bool:
    """Say whether *text* is the path of members as a whole, or of a manager, and spelt so."""
    try:
        path = parse_path(text)
    except PathError:
        return False
    is_whole = text.lower() == "members" or path.attribute.lower() != "members"
    return refers(path) and not path.conditions and is_whole and text == text.strip()


def _members(operation: Operation) -> tuple[Any, ...]:
    """Return both sides of the change of members, if there is one."""
    change = operation.change_of("members")
    return () if change is None else (change.before, change.after)


def _are_members(listed: Any) -> bool:
    """Say whether *listed* is nothing, or a list in which each member has an id."""
    return listed is None or (
        isinstance(listed, list)
        and all(isinstance(one, dict) and isinstance(one.get("value"), str) for one in listed)
    )


def _is_bound(operation: Operation) -> bool:
    """
    Say whether *operation* is bound to what it changes, and to whether an account is active.

    A precondition stands outside what a reviewer agrees to (ruling 15), so that it
    must not be emptied to run on whatever is found.
    """
    paths = set(operation.precondition.paths) if operation.precondition else set[str]()
    needed = {change.path for change in operation.changes if change.path.lower() != "members"}
    if operation.resource_type is ResourceType.USER:
        needed.add("active")
    return operation.precondition is not None and needed <= paths and all(map(_is_path, paths))


def _is_path(text: str) -> bool:
    try:
        parse_path(text)
    except PathError:
        return False
    return True
