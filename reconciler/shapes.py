"""
How a raw value becomes what a target attribute holds.

A mapping yields text, numbers, roles and lists; the schema of the target says
what is written: a boolean, an integer, text, an anchor that becomes an id, the
list of all roles (rulings 2, 7 and 13). Two kinds of values are not finished
here: what only ``apply`` can make, and what depends on who else has it.

Used by :mod:`reconciler.mapping` for plans, and by :mod:`reconciler.apply.values`
for what is made when it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reconciler.diagnostics import ReconcilerError
from reconciler.expr import Alternatives, Expression, RoleGrant, Surroundings, Value, text_of
from reconciler.expr.values import flatten, single
from reconciler.scim.paths import AttributePath
from reconciler.scim.roles import ROLE_TYPE, role_element
from reconciler.scim.schema import AttributeDefinition
from reconciler.states import DesiredValue, FirstFree, Generated, ReferenceTo, RoleList

Attributes = Mapping[str, Value]

_BOOLEANS = {"True": True, "False": False, "true": True, "false": False}


class MappingError(ReconcilerError):
    """One mapping cannot be worked out for one object; the object is left as it is."""


class _Rehearsed:
    """Bytes that look like chance and are none: the same plan gets the same ones."""

    def __init__(self) -> None:
        self._asked = 0

    def token(self, count: int) -> bytes:
        """Return *count* bytes; others each time, because a value may be tried until it fits."""
        self._asked += 1
        return hashlib.shake_256(str(self._asked).encode()).digest(count)


def rehearsal(surroundings: Surroundings) -> Surroundings:
    """Return *surroundings* in which an expression that needs chance can be tried out."""
    return replace(surroundings, chance=_Rehearsed())


def at_apply(
    expression: Expression,
    default_domain: str | None,
    rehearse: Callable[[Attributes], DesiredValue],
) -> Callable[[Attributes], DesiredValue]:
    """
    Return what stands in a plan for a value that ``apply`` makes.

    Whether there is one at all is found out now, by *rehearse*: whoever it
    cannot be made for is skipped by the plan, and not half way through a run.
    """
    names = sorted(expression.attributes)
    domain = default_domain if "DefaultDomain" in expression.functions else None

    def yields(attributes: Attributes) -> DesiredValue:
        if rehearse(attributes) is None:
            return None
        read = {name: _stored(name, attributes[name]) for name in names if attributes.get(name)}
        return Generated(expression.text, read, domain)

    return yields


def _stored(name: str, value: Value) -> str | tuple[str, ...]:
    """Return a source attribute as a plan can hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return tuple(str(part) for part in value)
    raise MappingError(f"[{name}] cannot be kept for a value that is made at apply")


def is_plain_text(definition: AttributeDefinition | None) -> bool:
    """Say whether text is written to the attribute as it is."""
    return definition is None or definition.type not in _SHAPES


def reference(value: Value) -> DesiredValue:
    """Read *value* as the anchor of what is referred to."""
    return ReferenceTo(text_of(single(value, "the target")))


def shape_of(
    path: AttributePath, definition: AttributeDefinition | None
) -> Callable[[Value], DesiredValue]:
    """Return how a value takes the type of its target attribute."""
    kind = definition.type if definition else "string"
    shape = _SHAPES.get(kind, _text)
    part = (path.sub or "value").lower()
    several = definition is not None and definition.multi_valued and path.sub is None

    def shaped(value: Value) -> DesiredValue:
        if isinstance(value, Alternatives):
            return FirstFree(tuple(dict.fromkeys(shape(one) for one in value.values if one)))
        if isinstance(value, tuple) and several:
            return tuple(shape(_role_part(item, part)) for item in value)
        shaped_value: DesiredValue = shape(_role_part(single(value, "the target"), part))
        return shaped_value

    return shaped


def _role_part(value: Value, part: str) -> Value:
    """Return the part of a role that the target's sub-attribute asks for."""
    if not isinstance(value, RoleGrant):
        return value
    return {"display": value.name, "type": ROLE_TYPE}.get(part, value.value)


def role_list(label: str, replaces: bool) -> Callable[[Value], DesiredValue]:
    """Return how app roles become the whole list; *label* is what holds their names."""

    def shaped(value: Value) -> DesiredValue:
        grants = flatten(value)
        roles = [grant for grant in grants if isinstance(grant, RoleGrant)]
        if len(roles) < len(grants):
            raise MappingError("the target takes app roles, and was given something else")
        return RoleList(tuple(role_element(r.value, r.name, label) for r in roles), replaces)

    return shaped


def _text(value: Value) -> Any:
    """Return *value* as text."""
    return value if type(value) is str else text_of(value)


def _boolean(value: Value) -> Any:
    """Read *value* as a boolean (ruling 7)."""
    found = _BOOLEANS.get(text_of(value))
    if found is None:
        raise MappingError("the target is a boolean: expected True or False")
    return found


def _integer(value: Value) -> Any:
    """Read *value* as an integer."""
    try:
        return int(text_of(value))
    except ValueError:
        raise MappingError("the target is an integer: expected digits") from None


_SHAPES: dict[str, Callable[[Value], Any]] = {"boolean": _boolean, "integer": _integer}
