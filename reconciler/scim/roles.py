"""
The whole of `roles`: a list of elements that are told apart by their value.

A single role is mapped part by part (``roles[primary eq "True"].value``) and is
like any other attribute. Several roles are one value, the list, and of its
elements only ``value`` says which role is meant: services add ``$ref``, and
spell ``display`` their own way (RFC 7643, section 4.1.2).

The two shapes are those of entra.md, section 1.10, and are the same in POST and
PATCH (decision 9). Called by the mapping table, the comparison, and whatever in
a plan asks what a change of the list takes away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROLES = "roles"
"""The path of the whole list, in lower case."""

ROLE_TYPE = "WindowsAzureActiveDirectoryRole"
"""What Entra always writes as the `type` of a role (entra.md, section 1.10)."""


def is_role_list(path: str) -> bool:
    """Say whether *path* is the whole list, and not one part of one element."""
    return path.lower() == ROLES


def role_element(value: str, name: str, label: str) -> Mapping[str, Any]:
    """Return one role as it is written; *label* is the sub-attribute that holds its name."""
    return {"primary": False, "type": ROLE_TYPE, label: name, "value": value}


def role_elements(roles: Any) -> tuple[Any, ...]:
    """Return the elements of a live list, which may be absent, one element, or plain text."""
    if isinstance(roles, list | tuple):
        return tuple(roles)
    return (roles,) if roles else ()


def role_value(element: Any) -> str | None:
    """Return the value of one element; None for one that does not say which role it is."""
    if isinstance(element, Mapping):
        element = next((part for name, part in element.items() if name.lower() == "value"), None)
    return element if isinstance(element, str) and element else None


def role_values(roles: Any) -> frozenset[str]:
    """Return the values in a list of roles, as they are spelt."""
    values = (role_value(element) for element in role_elements(roles))
    return frozenset(value for value in values if value is not None)


def lost_roles(before: Any, after: Any) -> frozenset[str]:
    """
    Return the values that are in the list *before* and not in the list *after*.

    By their spelling, so that what is counted as lost and what is sent as a
    replacement of the list are the same thing.
    """
    return role_values(before) - role_values(after)
