"""
Where exactly a change writes to: the leaf, and what it is part of.

Used by whatever says changes to a service (:mod:`reconciler.plan.patches`,
:mod:`reconciler.plan.replacement`).
"""

from __future__ import annotations

from typing import Any

from reconciler.plan.operation import Change
from reconciler.scim.paths import AttributePath
from reconciler.scim.roles import role_elements, role_value, role_values


def leaf(path: AttributePath) -> AttributePath:
    """Return where a value is written: a manager's id is the leaf ``manager.value``."""
    if path.attribute.lower() == "manager" and path.sub is None:
        return AttributePath(path.urn, path.attribute, (), "value")
    return path


def element(path: AttributePath) -> AttributePath:
    """Return the path of the element, or the complex value, that *path* is part of."""
    return AttributePath(path.urn, path.attribute, path.conditions, None)


def attribute(path: AttributePath) -> AttributePath:
    """Return the path of the whole attribute."""
    return AttributePath(path.urn, path.attribute, (), None)


def removed(path: AttributePath) -> AttributePath:
    """Return what is removed: the element with its value, the manager with its id."""
    whole = (path.sub or "value").lower() == "value"
    if whole and (path.conditions or path.attribute.lower() == "manager"):
        return element(path)
    return path


def new_roles(change: Change, live: Any) -> list[Any]:
    """
    Return the elements by which *change* adds to the list of all roles.

    What an interrupted run has added to *live* already is not added again.
    """
    there = role_values(change.before) | role_values(live)
    return [each for each in role_elements(change.after) if role_value(each) not in there]
