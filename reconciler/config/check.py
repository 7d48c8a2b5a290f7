"""
Rules that span two nouns of the file: the role exists, somebody is assigned.

Each rule is a function from what was salvaged to complaints, and a row of
:data:`RULES`; adding one is adding a row and its case under
``tests/cases/negative``. A rule that looks for something that *should* be there
asks first whether the part is whole: a mapping that was cut out because of a
misspelt key is no missing mapping.

Called by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from reconciler.config import (
    check_auth,
    check_filters,
    check_mappings,
    check_notifications,
)
from reconciler.config.model import DEFAULT_ACCESS, Application, Head
from reconciler.config.nodes import Loc
from reconciler.config.salvage import Salvaged
from reconciler.config.store_url import parse_store_url
from reconciler.config.tree import LIMITS
from reconciler.diagnostics import Diagnostic, nearest

Part = Salvaged[Application]
Rule = Callable[[Part], Iterator[Diagnostic]]

_MOST_NAMES = 50
"""Names that a hint lists, and looks for a similar one among."""

_STORE_HINT = (
    "name a folder, or `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`; "
    "credentials and endpoints come from the environment"
)
_DEFAULT_HINT = "leave `role` out for the Default Access role"


def check(part: Part) -> list[Diagnostic]:
    """Return every complaint and warning about one application."""
    everything = (found for rule in RULES for found in rule(part))
    return list(islice(everything, LIMITS.problems + 1))


def check_head(head: Salvaged[Head]) -> Iterator[Diagnostic]:
    """Complain of the rest of the file: what does not exist yet, what does not fit together."""
    try:
        parse_store_url(head.model.plans.store)
    except ValueError as exc:
        yield Diagnostic("bad-store", str(exc), head.at("plans", "store"), _STORE_HINT)
    trust = head.model.trust
    must_sign = trust.signed_plans == "required" and head.is_whole("trust")
    if must_sign and not trust.holders_of("planner"):
        message = "`signed_plans: required`, and no key has the role planner"
        hint = "give `trust.keys` one with `roles: [planner]`, or leave `signed_plans` out"
        yield Diagnostic("nobody-signs", message, head.at("trust", "signed_plans"), hint)
    yield from check_notifications.check(head)


def _roles(part: Part) -> Iterator[Diagnostic]:
    """Names and values of roles are unique, and none takes the name of no role."""
    first: dict[tuple[str, str], int] = {}
    for index, role in enumerate(part.model.roles):
        if role.name.casefold() == DEFAULT_ACCESS.casefold():
            message = f'"{DEFAULT_ACCESS}" is the name of the role of who has none'
            yield Diagnostic("reserved-role", message, part.at("roles", index, "name"))
        for key, text in (("name", role.name.casefold()), ("value", role.value)):
            before = first.setdefault((key, text), index)
            if before != index:
                line = part.at("roles", before, key).line
                message = (
                    f'the role {key} "{getattr(role, key)}" is used twice; first in line {line}'
                )
                yield Diagnostic("repeated-role", message, part.at("roles", index, key))


def _assigned_roles(part: Part) -> Iterator[Diagnostic]:
    """A role that is assigned, or expected by a test, is defined."""
    assignments = part.model.assignments or ()
    for index, assignment in enumerate(assignments):
        yield from _defined(part, assignment.role, ("assignments", index, "role"))
    for index, test in enumerate(part.model.tests):
        if test.expect.role != DEFAULT_ACCESS:
            yield from _defined(part, test.expect.role, ("tests", index, "expect", "role"))


def _defined(part: Part, name: str | None, loc: Loc) -> Iterator[Diagnostic]:
    """Complain of a role *name* that nobody defined."""
    names = [role.name for role in part.model.roles]
    if name is None or name in names or not part.is_whole("roles"):
        return
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if names[_MOST_NAMES:] else "")
    known = f"defined roles: {shown}" if names else "no roles are defined"
    close = nearest(name, names[:_MOST_NAMES])
    hint = f'did you mean "{close}"? {known}' if close else known
    if name.casefold() == DEFAULT_ACCESS.casefold():
        hint = _DEFAULT_HINT
    yield Diagnostic("unknown-role", f'role "{name}" is not defined', part.at(*loc), hint)


def _repeated_assignments(part: Part) -> Iterator[Diagnostic]:
    """An assignment that is there twice is probably another one, misspelt."""
    first: dict[tuple[object, ...], int] = {}
    for index, one in enumerate(part.model.assignments or ()):
        before = first.setdefault((one.group, one.user, one.role, one.expires), index)
        if before != index:
            line = part.at("assignments", before).line
            message = f"this assignment is already in line {line}"
            place = part.at("assignments", index)
            yield Diagnostic("repeated-assignment", message, place, severity="warning")


def _entitled(part: Part) -> Iterator[Diagnostic]:
    """With ``scope: assigned``, somebody is assigned, and not everybody is excluded at once."""
    application = part.model
    told = all(part.is_whole(key) for key in ("scope", "assignments", "default_access"))
    if application.scope != "assigned" or not told:
        return
    if application.assignments is None:
        message = "`scope: assigned`, and nobody is assigned: everybody would leave"
        hint = "give `assignments`, or `scope: all`"
        yield Diagnostic("nobody-assigned", message, part.at("scope"), hint)
    elif application.default_access == "exclude" and not any(
        assignment.role for assignment in application.assignments
    ):
        message = (
            "no assignment names a role, and `default_access: exclude` leaves out who has none"
        )
        hint = "give assignments a `role`, or write `default_access: include`"
        yield Diagnostic("everybody-excluded", message, part.at("assignments"), hint)


def _deletes(part: Part) -> Iterator[Diagnostic]:
    """Who wants deletes lists `delete` among the actions."""
    lifecycle = part.model.lifecycle
    if "delete" in lifecycle.actions or not part.is_whole("lifecycle"):
        return
    wishes = {
        "delete_after": lifecycle.delete_after != "never",
        "leaves_scope": lifecycle.leaves_scope == "delete",
        "deleted_at_source": lifecycle.deleted_at_source == "delete",
    }
    for key in (key for key, wished in wishes.items() if wished):
        message = f"`{key}` asks for deletes, and `actions` does not allow them"
        hint = f"add `delete` to `actions`, or change `{key}`"
        yield Diagnostic("deletes-not-allowed", message, part.at("lifecycle", key), hint)


RULES: tuple[Rule, ...] = (
    check_auth.check,
    _roles,
    _assigned_roles,
    _repeated_assignments,
    _entitled,
    _deletes,
    check_filters.check,
    check_mappings.check,
)
