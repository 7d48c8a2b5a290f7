"""
App roles in a mapping: one of them as text, or all of them as the list `roles`.

A list has parts and a way of being written, added to or replaced, that belong to
the function that yields it (entra.md, section 1.10). So the two functions that
yield all roles, and the whole of `roles`, go with each other and with nothing
else; and what would give one list two owners, or two meanings, is refused.

Called by :mod:`reconciler.config.check_mappings`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.check_targets import Problem, Target
from reconciler.config.model import AttributeMapping
from reconciler.expr import Expression
from reconciler.expr.nodes import Call
from reconciler.scim.roles import is_role_list

ASSIGNMENTS = "appRoleAssignments"
"""The computed source attribute that holds a person's roles."""

ADD_ONLY = "AppRoleAssignmentsComplex"
REPLACING = "AssertiveAppRoleAssignmentsComplex"
LISTS = frozenset({ADD_ONLY, REPLACING})
"""Functions that yield all roles of a person."""

_ALL = f"{REPLACING}([{ASSIGNMENTS}])"
_ONE = f"SingleAppRoleAssignment([{ASSIGNMENTS}])"


def check_roles(
    target: Target | None, mapping: AttributeMapping, expression: Expression | None
) -> Iterator[Problem]:
    """Yield what is wrong with app roles in one mapping; *expression* is None if unreadable."""
    whole = target is not None and is_role_list(str(target.path))
    if mapping.source == ASSIGNMENTS:
        message = f"`{ASSIGNMENTS}` holds grants and cannot be copied"
        hint = f"use the expression {_ALL if whole else _ONE}"
        yield Problem("roles-not-copied", message, hint, "source")
    elif whole:
        yield from _whole(mapping, expression)
    elif target is not None and expression is not None:
        for name in sorted(expression.functions & LISTS):
            message = f"{name} yields all roles of a person, and only `roles` takes all"
            hint = f"write `target: roles`, or {_ONE} for one role"
            yield Problem("roles-need-target", message, hint, "expression")


def _whole(mapping: AttributeMapping, expression: Expression | None) -> Iterator[Problem]:
    """Yield what is wrong with a mapping of the whole of `roles`."""
    if mapping.expression is not None and expression is None:
        return
    root = expression.root if expression else None
    if not isinstance(root, Call) or root.name not in LISTS:
        message = "the whole of `roles` is a list, and only a role function yields one"
        hint = f'use the expression {_ALL}, or map one role: `roles[primary eq "True"].value`'
        given = ("source", "constant", "expression")
        key = next(name for name in given if getattr(mapping, name) is not None)
        yield Problem("roles-need-function", message, hint, key)
        return
    if mapping.default is not None:
        message = "a list of roles has no `default`: it holds what assignments give"
        yield Problem("unfit-value", message, "give everybody a role by an assignment", "default")
    if mapping.clear and root.name == ADD_ONLY:
        message = f"{ADD_ONLY} never takes a role, and `clear` would take all"
        hint = f"use {REPLACING}, or remove `clear`"
        yield Problem("unfit-value", message, hint, "clear")
