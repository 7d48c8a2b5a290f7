"""
One source object to target attributes, by the mapping table.

The table is compiled once per application: every expression becomes a closure,
every target path and its type is looked up once. After that a mapping costs
microseconds a person (performance.md, ingredient 3).

Rules (product.md, rulings 2, 6, 7 and 13; entra.md, section 3):

* a null source is not written, unless ``clear`` asks for it, or the mapping is
  a role function, which clears the role it wrote;
* ``default`` stands in for a null source on create only;
* a boolean target accepts true/false and "True"/"False" and is written as a
  JSON boolean;
* a target that refers to another resource (manager, members) holds the anchor
  of what it refers to, until the plan knows its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from reconciler.config.model import AttributeMapping
from reconciler.diagnostics import ReconcilerError
from reconciler.directory import Cell
from reconciler.expr import (
    EvaluationError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
    text_of,
)
from reconciler.expr.surroundings import NOTHING
from reconciler.expr.values import single
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.schema import AttributeDefinition, Schemas
from reconciler.states import DesiredValue, ReferenceTo

SOFT_DELETED = "IsSoftDeleted"
"""Entra's computed attribute: true for whoever should lose access (entra.md, section 1.7)."""

ROLE_ASSIGNMENTS = "appRoleAssignments"
"""Entra's computed attribute: the app roles of one person."""

ROLE_FUNCTIONS = frozenset(
    {
        "SingleAppRoleAssignment",
        "AppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex",
    }
)
"""Functions that turn role assignments into a value (entra.md, section 1.10)."""

ROLE_TYPE = "WindowsAzureActiveDirectoryRole"
"""What Entra always writes as the `type` of a role (entra.md, section 1.10)."""

_BOOLEANS = {"True": True, "False": False, "true": True, "false": False}

Attributes = Mapping[str, Value]


class MappingError(ReconcilerError):
    """One mapping cannot be worked out for one object; the object is left as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One compiled mapping."""

    target: str
    """The target path as the file spells it; plans show it so."""
    path: AttributePath
    yields: Callable[[Attributes], DesiredValue]
    """The value for one object; raises MappingError."""
    default: DesiredValue
    on_create: bool
    clear: bool
    match: int | None
    soft_deleted: bool
    """Whether it reads `[IsSoftDeleted]`: a disable writes it."""
    role: bool
    """Whether it carries an app role."""
    reference: bool


@dataclass(frozen=True, slots=True)
class Projection:
    """The target attributes of one object."""

    created: dict[str, DesiredValue]
    managed: dict[str, DesiredValue]


class Table:
    """A compiled mapping table of one resource type."""

    def __init__(
        self,
        mappings: Sequence[AttributeMapping],
        resource_type: str,
        schemas: Schemas,
        surroundings: Surroundings = NOTHING,
    ) -> None:
        self.lines = tuple(
            compile_line(line, resource_type, schemas, surroundings) for line in mappings
        )
        self.matching = tuple(
            sorted((line for line in self.lines if line.match), key=lambda line: line.match or 0)
        )
        self.soft_deleted = tuple(
            line for line in self.lines if line.soft_deleted and not line.on_create
        )
        self.role_targets = tuple(line.target for line in self.lines if line.role)
        self.external = self.target_of("externalId")
        self.name = self.target_of("userName" if resource_type == "User" else "displayName")
        self._plain = tuple(line for line in self.lines if line.target.lower() != "members")

    @property
    def maps_members(self) -> bool:
        """Whether the memberships of groups are managed."""
        return any(line.target.lower() == "members" for line in self.lines)

    def target_of(self, name: str) -> Line | None:
        """Return the mapping whose target is *name*, compared without case."""
        wanted = name.lower()
        return next((line for line in self.lines if line.target.lower() == wanted), None)

    def project(self, attributes: Attributes) -> Projection:
        """
        Work out every target attribute of one object.

        Raises:
            MappingError: A value cannot be worked out; says which and why.
        """
        created: dict[str, DesiredValue] = {}
        managed: dict[str, DesiredValue] = {}
        for line in self._plain:
            value = line.yields(attributes)
            if value is not None:
                created[line.target] = value
                if not line.on_create:
                    managed[line.target] = value
                continue
            if line.default is not None:
                created[line.target] = line.default
            if line.clear and not line.on_create:
                managed[line.target] = None
        return Projection(created, managed)

    def match_values(
        self, attributes: Attributes
    ) -> tuple[tuple[tuple[str, str | None], ...], bool]:
        """
        Return the matching values by precedence, and whether all could be worked out.

        A value that cannot be worked out counts as missing here; the same
        object fails in :meth:`project` with the reason.
        """
        values: list[tuple[str, str | None]] = []
        sound = True
        for line in self.matching:
            try:
                value = line.yields(attributes)
            except MappingError:
                value, sound = None, False
            values.append((line.target, None if value is None else str(value)))
        return tuple(values), sound

    def disabling(self, attributes: Attributes) -> dict[str, DesiredValue]:
        """
        Return what a disable writes: the mappings that read `[IsSoftDeleted]`, with it true.

        Raises:
            MappingError: One of them cannot be worked out.
        """
        gone = {**attributes, SOFT_DELETED: "True"}
        values = {line.target: line.yields(gone) for line in self.soft_deleted}
        return {target: value for target, value in values.items() if value is not None}

    def disabling_the_gone(self) -> dict[str, DesiredValue]:
        """
        Return what a disable writes for somebody of whom the source says nothing any more.

        A mapping that needs to know more of them is left out: that must not
        keep the others from being written.
        """
        values: dict[str, DesiredValue] = {}
        for line in self.soft_deleted:
            with suppress(MappingError):
                values[line.target] = line.yields({SOFT_DELETED: "True"})
        return {target: value for target, value in values.items() if value is not None}


def attributes_of(
    cells: Mapping[str, Cell], roles: Sequence[RoleGrant], *, soft_deleted: bool
) -> dict[str, Value]:
    """Return what expressions see of one object: its cells and the computed attributes."""
    seen: dict[str, Value] = dict(cells)
    seen[SOFT_DELETED] = "True" if soft_deleted else "False"
    if roles:
        seen[ROLE_ASSIGNMENTS] = tuple(roles)
    else:
        seen.pop(ROLE_ASSIGNMENTS, None)
    return seen


def compile_line(
    mapping: AttributeMapping, resource_type: str, schemas: Schemas, surroundings: Surroundings
) -> Line:
    """Compile one mapping; it has passed :func:`reconciler.config.check.check` before."""
    path = parse_path(mapping.target)
    definition = schemas.of(resource_type, path)
    reference = _refers(path)
    shape = _reference if reference else _shape_of(path, definition)
    produce, functions, reads = _producer(mapping, surroundings)
    role = bool(ROLE_FUNCTIONS & functions) or path.attribute.lower() == "roles"

    def yields(attributes: Attributes) -> DesiredValue:
        try:
            value = produce(attributes)
            return None if value is None or value == "" or value == () else shape(value)
        except (EvaluationError, MappingError) as exc:
            raise MappingError(f"{mapping.target}: {exc}") from exc

    textual = definition is None or definition.type not in _SHAPES
    direct = mapping.source is not None and textual and not reference
    return Line(
        target=_spelling(mapping.target, path),
        path=path,
        yields=_copied(str(mapping.source), yields) if direct else yields,
        default=_default(mapping, shape),
        on_create=mapping.apply == "on_create",
        clear=mapping.clear or bool(ROLE_FUNCTIONS & functions),
        match=mapping.match,
        soft_deleted=SOFT_DELETED in reads,
        role=role,
        reference=reference,
    )


def _spelling(text: str, path: AttributePath) -> str:
    """
    Return the target as plans show it: as the file spells it, without a core schema's URN.

    What an operation does to people is judged by its paths, so one attribute
    must not have two names.
    """
    return str(path) if path.urn is None and text.lower().startswith("urn:") else text.strip()


def _default(mapping: AttributeMapping, shape: Callable[[Value], DesiredValue]) -> DesiredValue:
    """
    Return the default in the type of the target.

    Raises:
        MappingError: The target's schema says that it cannot be that.
    """
    if mapping.default is None:
        return None
    try:
        return shape(_plain_constant(mapping.default))
    except MappingError as exc:
        raise MappingError(f"{mapping.target}: its default: {exc}") from exc


def _copied(
    name: str, otherwise: Callable[[Attributes], DesiredValue]
) -> Callable[[Attributes], DesiredValue]:
    """Return the short way for the commonest mapping: a text that is copied as it is."""

    def yields(attributes: Attributes) -> DesiredValue:
        value = attributes.get(name)
        if value.__class__ is str:
            return value or None
        return None if value is None else otherwise(attributes)

    return yields


def _producer(
    mapping: AttributeMapping, surroundings: Surroundings
) -> tuple[Callable[[Attributes], Value], frozenset[str], frozenset[str]]:
    """Return how the raw value is made, the functions it uses and the attributes it reads."""
    if mapping.expression is not None:
        expression = parse(mapping.expression)
        return (
            compile_expression(expression, surroundings),
            expression.functions,
            expression.attributes,
        )
    if mapping.source is not None:
        name = mapping.source
        return (lambda attributes: attributes.get(name)), frozenset(), frozenset({name})
    constant = _plain_constant(mapping.constant)
    return (lambda _: constant), frozenset(), frozenset()


def _plain_constant(value: str | bool | int | None) -> Value:
    """Return a constant as expressions know it: booleans travel as "True" and "False"."""
    return str(value) if isinstance(value, bool) else value


def _refers(path: AttributePath) -> bool:
    """Say whether the target holds the id of another resource (RFC 7643, sections 4.2 and 4.3)."""
    name = path.attribute.lower()
    return name == "members" or (name == "manager" and (path.sub or "value").lower() == "value")


def _reference(value: Value) -> DesiredValue:
    """Read *value* as the anchor of what is referred to."""
    return ReferenceTo(text_of(single(value, "the target")))


def _shape_of(
    path: AttributePath, definition: AttributeDefinition | None
) -> Callable[[Value], DesiredValue]:
    """Return how a value takes the type of its target attribute."""
    kind = definition.type if definition else "string"
    shape = _SHAPES.get(kind, _text)
    part = (path.sub or "value").lower()
    several = definition is not None and definition.multi_valued and path.sub is None

    def shaped(value: Value) -> DesiredValue:
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
