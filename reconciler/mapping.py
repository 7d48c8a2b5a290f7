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
* what only `apply` can make (Guid, RandomString) is tried out with chance that
  is none, and handed on as an expression and what it reads;
* a target that refers to another resource (manager, members) holds the anchor
  of what it refers to, until the plan knows its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from reconciler.config.model import AttributeMapping
from reconciler.directory import Cell
from reconciler.expr import (
    EvaluationError,
    Expression,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
)
from reconciler.expr.nodes import Call
from reconciler.expr.surroundings import NOTHING, RANDOM_FUNCTIONS, REDACTING_FUNCTIONS
from reconciler.scim.paths import NAMED_BY, AttributePath, parse_path, refers
from reconciler.scim.roles import is_role_list
from reconciler.scim.schema import Schemas
from reconciler.shapes import (
    Attributes,
    MappingError,
    at_apply,
    is_plain_text,
    reference,
    rehearsal,
    role_list,
    shape_of,
)
from reconciler.states import DesiredValue

SOFT_DELETED = "IsSoftDeleted"
"""Entra's computed attribute: true for whoever should lose access (entra.md, section 1.7)."""

ROLE_ASSIGNMENTS = "appRoleAssignments"
"""Entra's computed attribute: the app roles of one person."""

_ADD_ONLY = "AppRoleAssignmentsComplex"
"""The role function that never takes: when it yields nothing, nothing is cleared."""

_ROLE_LISTS = {
    _ADD_ONLY: ("displayName", False),
    "AssertiveAppRoleAssignmentsComplex": ("display", True),
}
"""Functions that yield all roles: where each writes their names, and whether the list replaces."""

ROLE_FUNCTIONS = frozenset({"AppRoleAssignments", "SingleAppRoleAssignment", *_ROLE_LISTS})
"""Functions that turn role assignments into a value (entra.md, sections 1.10 and 4.2)."""


IGNORING = "IgnoreFlowIfNullOrEmpty"
"""The function that takes an attribute out of the flow: no default, no clearing (entra.md, 4.2)."""


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
    redacted: bool
    """Whether its expression calls Redact: no output shows the value."""


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
        self.redacted = frozenset(line.target for line in self.lines if line.redacted)
        self.external = self.target_of("externalId")
        self.name = self.target_of(NAMED_BY[resource_type])
        self._plain = tuple(line for line in self.lines if line.target.lower() != "members")
        self.expands_members = self.maps_members and any(m.nested == "expand" for m in mappings)
        """Whether the people of groups in groups are members, and these groups are not."""
        members = self.target_of("members")
        self.fills_once = members is not None and members.on_create
        """Whether a group is given its members when it is created, and never again."""

    @property
    def hides_name(self) -> bool:
        """Whether what resources are known by is hidden: their ids stand for it then."""
        return self.name is not None and self.name.redacted

    @property
    def maps_members(self) -> bool:
        """Whether the memberships of groups are managed."""
        return any(line.target.lower() == "members" for line in self.lines)

    def hides(self, target: str) -> bool:
        """Say whether the values of *target*, compared without case, are hidden (Redact)."""
        line = self.target_of(target)
        return line is not None and line.redacted

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
        object fails in :meth:`project` with the reason. So does what is no
        single text or number: no account can be looked up by it.
        """
        values: list[tuple[str, str | None]] = []
        sound = True
        for line in self.matching:
            try:
                value = line.yields(attributes)
            except MappingError:
                value, sound = None, False
            values.append((line.target, str(value) if isinstance(value, str | int) else None))
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


GUEST = "#EXT#@"
"""What stands in the userPrincipalName of a B2B guest, before the inviting tenant's domain."""


def as_entra_sees(attributes: dict[str, Value]) -> dict[str, Value]:
    """
    Return what expressions see of a person: a guest has the name from home.

    Entra reads ``ada_home.example#EXT#@contoso.example`` as ``ada@home.example``, and has
    the name as it is in ``originalUserPrincipalName`` (entra.md, section 1.8).
    """
    name = attributes.get("userPrincipalName")
    if isinstance(name, str) and GUEST in name:
        alias, underscore, domain = name.partition(GUEST)[0].rpartition("_")
        attributes.setdefault("originalUserPrincipalName", name)
        attributes["userPrincipalName"] = f"{alias}@{domain}" if underscore else domain
    return attributes


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
    expression = None if mapping.expression is None else parse(mapping.expression)
    functions: frozenset[str] = expression.functions if expression else frozenset()
    is_reference, redacted = refers(path), bool(REDACTING_FUNCTIONS & functions)
    ignores = _ignores_null(expression)
    shape = reference if is_reference else shape_of(path, definition)
    if is_role_list(str(path)):
        shape = next((role_list(*_ROLE_LISTS[f]) for f in functions & _ROLE_LISTS.keys()), shape)
    produce, reads = _producer(mapping, expression, surroundings)

    def yields(attributes: Attributes) -> DesiredValue:
        try:
            value = produce(attributes)
            return None if value is None or value == "" or value == () else shape(value)
        except (EvaluationError, MappingError) as exc:
            raise MappingError(f"{mapping.target}: {exc}") from exc

    read: Callable[[Attributes], DesiredValue] = yields
    if mapping.source is not None and is_plain_text(definition) and not is_reference:
        read = _copied(mapping.source, yields)
    elif expression is not None and _made_later(functions, surroundings):
        read = at_apply(expression, surroundings.default_domain, yields)
    return Line(
        target=_spelling(mapping.target, path),
        path=path,
        yields=read,
        default=None if ignores else _default(mapping, shape),
        on_create=mapping.apply == "on_create",
        clear=not ignores and (mapping.clear or bool((ROLE_FUNCTIONS - {_ADD_ONLY}) & functions)),
        match=mapping.match,
        soft_deleted=SOFT_DELETED in reads,
        role=bool(ROLE_FUNCTIONS & functions) or path.attribute.lower() == "roles",
        reference=is_reference,
        redacted=redacted,
    )


def _ignores_null(expression: Expression | None) -> bool:
    """Say whether nothing at all is written for null, whatever else the mapping says."""
    root = expression.root if expression is not None else None
    return isinstance(root, Call) and root.name == IGNORING


def _made_later(functions: frozenset[str], surroundings: Surroundings) -> bool:
    """Say whether a value can be made by `apply` only."""
    return surroundings.chance is None and bool(RANDOM_FUNCTIONS & functions)


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
    mapping: AttributeMapping, expression: Expression | None, surroundings: Surroundings
) -> tuple[Callable[[Attributes], Value], frozenset[str]]:
    """Return how the raw value is made, and the attributes it reads."""
    if expression is not None:
        if _made_later(expression.functions, surroundings):
            surroundings = rehearsal(surroundings)
        return compile_expression(expression, surroundings), expression.attributes
    if mapping.source is not None:
        name = mapping.source
        return (lambda attributes: attributes.get(name)), frozenset({name})
    constant = _plain_constant(mapping.constant)
    return (lambda _: constant), frozenset()


def _plain_constant(value: str | bool | int | None) -> Value:
    """Return a constant as expressions know it: booleans travel as "True" and "False"."""
    return str(value) if isinstance(value, bool) else value
