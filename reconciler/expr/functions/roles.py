"""
Functions that turn a person's app role assignments into values (entra.md 1.10).

``[appRoleAssignments]`` holds the roles, strongest first. The two functions
whose names end in Complex describe the whole ``roles`` attribute: they stand
alone, over that attribute and nothing else. What is sent, and whether roles
that are not assigned stay or go, is decided where mappings become changes.

A text, as somebody types it to try an expression, names a role.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.expr.nodes import Attribute
from reconciler.expr.operands import Arguments, Reader
from reconciler.expr.signatures import Example, Function
from reconciler.expr.traps import ROLE_ATTRIBUTE
from reconciler.expr.values import RoleGrant, Single


def _single(arguments: Arguments) -> Reader:
    read = arguments.values(0)
    return lambda row: next(_grants(arguments, read(row)), None)


def _all(arguments: Arguments) -> Reader:
    read = arguments.values(0)
    return lambda row: tuple(_grants(arguments, read(row))) or None


def _whole_attribute(arguments: Arguments) -> Reader:
    node = arguments.operands[0].node
    if not (isinstance(node, Attribute) and node.name == ROLE_ATTRIBUTE):
        hint = f"write {arguments.call.name}([{ROLE_ATTRIBUTE}])"
        raise arguments.problem(0, f"its argument is not [{ROLE_ATTRIBUTE}]", hint)
    return _all(arguments)


def _values(arguments: Arguments) -> Reader:
    read = arguments.values(0)
    return lambda row: tuple(grant.value for grant in _grants(arguments, read(row))) or None


def _grants(arguments: Arguments, values: list[Single]) -> Iterator[RoleGrant]:
    """Yield the roles among *values*, in their order."""
    for grant in values:
        if isinstance(grant, RoleGrant):
            yield grant
        elif not isinstance(grant, str):
            raise arguments.failure("its argument holds something that is no app role")
        elif grant:
            yield RoleGrant(grant, grant)


_ADMIN = RoleGrant("admin", "Administrator")
_USER = RoleGrant("user", "User")
_HELD = {ROLE_ATTRIBUTE: (_ADMIN, _USER)}

ROLE_FAMILY = (
    Function(
        "AppRoleAssignments",
        "[appRoleAssignments]",
        minimum=1,
        maximum=1,
        doc="The values of all app roles a person holds, strongest first; null when there is none.",
        examples=(
            Example("AppRoleAssignments([appRoleAssignments])", ("admin", "user"), _HELD),
            Example('Join(";", AppRoleAssignments([appRoleAssignments]))', "admin;user", _HELD),
        ),
        build=_values,
    ),
    Function(
        "AppRoleAssignmentsComplex",
        "[appRoleAssignments]",
        minimum=1,
        maximum=1,
        doc="All app roles a person holds, to be added: roles granted in the application stay.",
        examples=(
            Example("AppRoleAssignmentsComplex([appRoleAssignments])", (_ADMIN, _USER), _HELD),
        ),
        build=_whole_attribute,
        outermost=True,
    ),
    Function(
        "AssertiveAppRoleAssignmentsComplex",
        "[appRoleAssignments]",
        minimum=1,
        maximum=1,
        doc="All app roles a person holds, and no others: roles granted in the application go.",
        examples=(
            Example(
                "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", (_ADMIN, _USER), _HELD
            ),
        ),
        build=_whole_attribute,
        outermost=True,
    ),
    Function(
        "SingleAppRoleAssignment",
        "[appRoleAssignments]",
        minimum=1,
        maximum=1,
        doc="The strongest app role a person holds; null when there is none.",
        examples=(Example("SingleAppRoleAssignment([appRoleAssignments])", _ADMIN, _HELD),),
        build=_single,
    ),
)
