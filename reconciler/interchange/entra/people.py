"""
App roles and assignments of Entra as ours.

Nobody may lose an assignment on the way: one whose role is unknown becomes one
without a role, and Default Access is included, as Entra has done for all
configurations since 2020 (entra.md, section 1.8). Somebody has to look at it
first, because who has no role may lose the one of the account. Principals stay
objectIds, which both sides know; their names are comments.

Shapes: entra.md, section 10.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.entra.draft import Draft, Line
from reconciler.interchange.entra.shapes import Json, check, items
from reconciler.interchange.names import free_name

NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""The appRoleId of an assignment without a role."""

PRINCIPALS = {"user": "user", "group": "group"}
"""Our keys, by principalType in small letters."""

PROGRAM = "serviceprincipal"
"""The principalType of what has no account."""


def take_roles(value: Any, file: str, used: frozenset[str], draft: Draft) -> Mapping[str, str]:
    """
    Fill in the roles of an application, and return their names by id.

    Args:
        value: A servicePrincipal, or a list of one as Graph answers a search.
        file: Its name, for people.
        used: The ids of roles that somebody is assigned, in small letters.
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
            names[_identity(role.get("id"))] = _take_role(role, place, draft)
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
    if _identity(role.get("id")) in used:
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
    name = free_name(role.get("displayName") or value, (one.said["name"] for one in draft.roles))
    line = Line({"name": name, "value": value}, place)
    if not role.get("value"):
        draft.choice(place, "the role has no value: its name is sent", line)
    if role.get("isEnabled") is False:
        draft.choice(place, "disabled in Entra, and somebody has it", line)
    if name != role.get("displayName"):
        draft.choice(place, f"called {role.get('displayName')} in Entra", line)
    draft.roles.append(line)
    return name


def assignments_in(value: Any, file: str) -> dict[str, Json]:
    """
    Return the assignments of a file, by their place in it.

    Raises:
        ConfigError: It holds no list of them, or only the first page of one.
    """
    if isinstance(value, dict) and value.get("@odata.nextLink"):
        message = f"{file}: $['@odata.nextLink'] says that there are more pages"
        hint = "fetch all and make one list (jq -s '[.[].value[]]'): whoever is missing would leave"
        raise ConfigError([Diagnostic("incomplete-list", message, hint=hint)])
    path, found = ("$.value", value.get("value")) if isinstance(value, dict) else ("$", value)
    if not isinstance(found, list):
        message = f"{file}: $ must be a list of assignments, or an object with one under `value`"
        raise ConfigError([Diagnostic("unfit-entra-file", message)])
    for index, one in enumerate(found):
        check(one, "assignment", file, f"{path}[{index}]")
    return {f"{file}: {path}[{index}]": one for index, one in enumerate(found)}


def roles_used(found: Mapping[str, Json]) -> frozenset[str]:
    """Return the ids of the roles that somebody is assigned, in small letters."""
    return frozenset(_identity(one.get("appRoleId")) for one in found.values())


def take_assignments(found: Mapping[str, Json], names: Mapping[str, str], draft: Draft) -> None:
    """Fill in who may use an application, and as what."""
    seen: set[tuple[Any, ...]] = set()
    unknown: Counter[str] = Counter()
    for place, one in found.items():
        key = PRINCIPALS.get(one["principalType"].casefold())
        if key is None:
            _no_principal(one["principalType"], place, draft)
            continue
        line = Line({key: one["principalId"]}, place)
        if one.get("principalDisplayName"):
            line.remarks.append(one["principalDisplayName"])
        unknown.update(_take_role_of(one, line, names, draft))
        if (said := tuple(line.said.items())) in seen:
            draft.leave_out(line, "the same assignment is there already")
        seen.add(said)
        draft.assignments.append(line)
    for identity, count in unknown.items():
        message = f"not known, so who has it is without a role here: {count} (use --roles)"
        draft.unsupported(f"role {identity}", message)
        draft.hold("some assignments have a role that is not known")


def _take_role_of(one: Json, line: Line, names: Mapping[str, str], draft: Draft) -> Iterator[str]:
    """Say what role an assignment gives; yield the id of one that is not known."""
    identity = _identity(one.get("appRoleId"))
    if identity in names:
        line.said["role"] = names[identity]
        return
    draft.include_default()
    if identity != NO_ROLE:
        line.remarks.append(f"role {identity} is not known")
        yield identity


def _no_principal(kind: str, place: str, draft: Draft) -> None:
    """Note an assignment of something that is neither a person nor a group."""
    draft.unsupported(place, f"a {kind} is assigned; only people and groups have accounts")
    if kind.casefold() != PROGRAM:
        draft.hold(f"a {kind} is assigned, and nobody knows what that is")


def _identity(value: str | None) -> str:
    """Return an appRoleId in small letters; GUIDs are the same in any case (RFC 9562)."""
    return (value or NO_ROLE).casefold()
