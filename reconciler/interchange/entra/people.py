"""
App roles and assignments of Entra as ours.

Nobody may lose an assignment on the way: one whose role is unknown becomes one
without a role, and Default Access is included, as Entra has done for all
configurations since 2020 (entra.md, section 1.8). Principals stay objectIds,
which both sides know; their names are comments.

Shapes: entra.md, section 10.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.config import DEFAULT_ACCESS
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.entra.draft import Draft, Line
from reconciler.interchange.entra.shapes import Json, check, items

NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""The appRoleId of an assignment without a role."""

PRINCIPALS = {"User": "user", "Group": "group"}
"""Our keys, by principalType; others are programs, and have no account."""


def take_roles(value: Any, file: str, used: frozenset[str], draft: Draft) -> Mapping[str, str]:
    """
    Fill in the roles of an application, and return their names by id.

    Args:
        value: A servicePrincipal, or a list of one as Graph answers a search.
        file: Its name, for people.
        used: The ids of roles that somebody is assigned.
        draft: What is filled in.

    Raises:
        ConfigError: It is neither.
    """
    principal = _principal(value, file)
    check(principal, "servicePrincipal", file)
    draft.display_name = principal.get("displayName") or None
    names: dict[str, str] = {}
    for index, role in enumerate(items(principal, "appRoles")):
        place = f"{file}: $.appRoles[{index}] ({role.get('displayName')})"
        why = _left_out(role, used)
        if why is None:
            names[role.get("id") or ""] = _take_role(role, place, draft)
        else:
            draft.unsupported(place, why)
    return names


def _principal(value: Any, file: str) -> Any:
    """Return the one service principal that a file holds."""
    if not isinstance(value, dict) or "value" not in value or "appRoles" in value:
        return value
    found = value["value"]
    if isinstance(found, list) and len(found) == 1:
        return found[0]
    message = f"{file}: $.value must be a list of one service principal"
    raise ConfigError([Diagnostic("unfit-entra-file", message)])


def _left_out(role: Json, used: frozenset[str]) -> str | None:
    """Say why a role is no role of people; one that somebody has always is."""
    if role.get("id") in used:
        return None
    if role.get("isEnabled") is False:
        return "the role is disabled, and nobody has it"
    members = role.get("allowedMemberTypes")
    if members is not None and "User" not in members:
        return "the role is for programs"
    return None


def _take_role(role: Json, place: str, draft: Draft) -> str:
    """Add one role, or find the one of the same value; return its name."""
    value = role.get("value") or role.get("displayName") or role.get("id") or "unnamed"
    for line in draft.roles:
        if line.said["value"] == value:
            message = f"the role `{role.get('displayName')}` has the same value, and is this one"
            draft.choice(place, message, line)
            return str(line.said["name"])
    name = _free(role.get("displayName") or value, draft)
    line = Line({"name": name, "value": value}, place)
    if not role.get("value"):
        draft.choice(place, "the role has no value: its name is sent", line)
    if role.get("isEnabled") is False:
        draft.choice(place, "disabled in Entra, and somebody has it", line)
    if name != role.get("displayName"):
        draft.choice(place, f"called {role.get('displayName')} in Entra", line)
    draft.roles.append(line)
    return name


def _free(name: str, draft: Draft) -> str:
    """Return *name*, numbered if another role, or having no role, is called so."""
    taken = {DEFAULT_ACCESS.casefold(), *(one.said["name"].casefold() for one in draft.roles)}
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def assignments_in(value: Any, file: str) -> list[Json]:
    """
    Return the assignments of a file.

    Raises:
        ConfigError: It holds no list of them, or only the first page of one.
    """
    if isinstance(value, dict) and value.get("@odata.nextLink"):
        message = f"{file}: $['@odata.nextLink'] says that there are more pages"
        hint = "fetch them all and put them into one list: whoever is missing here would leave"
        raise ConfigError([Diagnostic("incomplete-list", message, hint=hint)])
    found = value.get("value") if isinstance(value, dict) else value
    if not isinstance(found, list):
        message = f"{file}: $ must be a list of assignments, or an object with one under `value`"
        raise ConfigError([Diagnostic("unfit-entra-file", message)])
    for index, one in enumerate(found):
        check(one, "assignment", file, f"$.value[{index}]")
    return found


def take_assignments(found: list[Json], file: str, names: Mapping[str, str], draft: Draft) -> None:
    """Fill in who may use an application, and as what."""
    seen = set()
    for index, one in enumerate(found):
        place = f"{file}: $.value[{index}]"
        key = PRINCIPALS.get(one.get("principalType") or "User")
        if key is None:
            kind = one.get("principalType")
            draft.unsupported(place, f"a {kind} is assigned; only people and groups have accounts")
            continue
        line = Line({key: one["principalId"]}, place)
        if one.get("principalDisplayName"):
            line.remarks.append(one["principalDisplayName"])
        _take_role_of(one, line, names, draft)
        if (identity := tuple(line.said.items())) in seen:
            draft.leave_out(line, "the same assignment is there already")
        seen.add(identity)
        draft.assignments.append(line)


def _take_role_of(one: Json, line: Line, names: Mapping[str, str], draft: Draft) -> None:
    """Say what role an assignment gives."""
    identity = one.get("appRoleId") or NO_ROLE
    if identity in names:
        line.said["role"] = names[identity]
        return
    draft.include_default_access = True
    if identity != NO_ROLE:
        message = f"the role {identity} is not known: assigned without a role (use --roles)"
        draft.unsupported(line.place, message)
        line.remarks.append(f"role {identity} is not known")
