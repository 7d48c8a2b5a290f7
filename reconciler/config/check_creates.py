"""
Values that only a create can write: those made at apply, and those chosen for being free.

Guid() and RandomString() yield another value each time, and SelectUniqueValue
yields the next one as soon as the first is taken. On an account that exists they
would change it in every plan, and nobody could be found by them. What nobody can
see before it is sent must not decide who somebody is, whether they are active, or
what they may do: a reviewer would agree to what is not shown (entra.md, section
4.2; decision 10). A plan with such a value is refused again where it is read
(:mod:`reconciler.plan.generated`).

Called by :mod:`reconciler.config.check_mappings`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.check_roles import ASSIGNMENTS
from reconciler.config.check_targets import Problem, Target
from reconciler.config.model import AttributeMapping
from reconciler.expr import Expression
from reconciler.expr.surroundings import RANDOM_FUNCTIONS

UNIQUE = "SelectUniqueValue"

SEEN = frozenset(
    {("User", "username"), ("User", "active"), ("User", "roles"), ("Group", "displayname")}
)
"""What a reviewer has to see of a resource, by its type; attributes in lower case."""


def check_creates(
    target: Target | None, mapping: AttributeMapping, expression: Expression | None
) -> Iterator[Problem]:
    """Yield what is wrong with a value for creates; *expression* is None if unreadable."""
    if expression is None:
        return
    random = sorted(RANDOM_FUNCTIONS & expression.functions)
    if random:
        for words in _not_once(f"{random[0]} yields another value each time", mapping):
            yield Problem("unfit-generated", *words)
        yield from _generated(random[0], target, expression)
    if UNIQUE in expression.functions:
        for words in _not_once(f"{UNIQUE} yields what is free at that moment", mapping):
            yield Problem("unfit-choice", *words)


def _not_once(message: str, mapping: AttributeMapping) -> Iterator[tuple[str, str, str]]:
    """Yield message, hint and key of what lets such a value be more than written once."""
    if mapping.apply != "on_create":
        problem = f"{message}, and would change every account in every plan"
        yield problem, "add `apply: on_create`", "expression"
    if mapping.match is not None:
        hint = "match by what stays the same: `externalId`"
        yield f"{message}: no account could be found by it", hint, "match"


def _generated(name: str, target: Target | None, expression: Expression) -> Iterator[Problem]:
    """What is made at apply stands where nobody is judged by it, and is made of text."""
    place = target and (target.resource_type, target.path.attribute.lower())
    if target is not None and place in SEEN:
        message = f"{name} makes its value at apply, and `{target.path}` has to be seen before"
        hint = "write it to an attribute of which it does not matter what it is"
        yield Problem("unfit-generated", message, hint, "expression")
    if ASSIGNMENTS in expression.attributes:
        message = f"{name} makes its value at apply, and roles have to be seen before"
        yield Problem("unfit-generated", message, f"take [{ASSIGNMENTS}] out", "expression")
    if UNIQUE in expression.functions:
        message = f"{name} makes its value at apply, and {UNIQUE} chooses in the plan"
        yield Problem("unfit-generated", message, f"remove {UNIQUE}", "expression")
