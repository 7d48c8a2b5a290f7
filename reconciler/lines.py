"""
One line of the mapping table, compiled.

Every expression becomes a closure, every target path and its type is looked up
once; what a line reads says how often it has to be worked out: for everybody, or
once for all who have the same standing and roles.

* a boolean target accepts true/false and "True"/"False" and is written as a
  JSON boolean (ruling 7);
* what only `apply` can make (Guid, RandomString) is tried out with chance that
  is none, and handed on as an expression and what it reads (ruling 2);
* a target that refers to another resource (manager, members) holds the anchor
  of what it refers to, until the plan knows its id.

Used by :mod:`reconciler.mapping`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from reconciler.config.model import AttributeMapping
from reconciler.expr import (
    EvaluationError,
    Expression,
    Surroundings,
    Value,
    compile_expression,
    compile_for_many,
    parse,
)
from reconciler.expr.nodes import Call
from reconciler.expr.surroundings import RANDOM_FUNCTIONS, REDACTING_FUNCTIONS
from reconciler.scim.paths import AttributePath, parse_path, refers
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
from reconciler.states import DesiredValue, FirstFree

SOFT_DELETED = "IsSoftDeleted"
"""Entra's computed attribute: true for whoever should lose access (entra.md, section 1.7)."""

ROLE_ASSIGNMENTS = "appRoleAssignments"
"""Entra's computed attribute: the app roles of one person."""

COMPUTED = frozenset({SOFT_DELETED, ROLE_ASSIGNMENTS})
"""What is worked out from standing and roles, whatever the source says."""

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


REMEMBERED = 4096
"""Texts of one attribute whose values are remembered."""

TRIED = 512
"""Different texts after which it is known whether remembering pays."""

_NEVER = FirstFree(())
"""Stands for the value of a text that has not come yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One compiled mapping."""

    target: str
    """The target path as the file spells it; plans show it so."""
    path: AttributePath
    yields: Callable[[Attributes], DesiredValue]
    """The value for one object; raises MappingError."""
    afresh: Callable[[Attributes], DesiredValue]
    """The same without a memory, for whoever has one of their own."""
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
    reads: frozenset[str] = frozenset()
    """The attributes that decide the value."""
    copies: str | None = None
    """The attribute of the source whose text is the value as it is; None: there is more to do."""
    shared: bool = False
    """Whether all who have the same standing and roles have the same value."""
    for_many: Callable[[], Many | None] = lambda: None
    """Makes what yields the values of many, where they are texts of one attribute."""


def carries_role(mapping: AttributeMapping) -> bool:
    """Say whether a mapping carries app roles: by what it writes, or by a function of roles."""
    functions = parse(mapping.expression).functions if mapping.expression else frozenset[str]()
    writes_roles = parse_path(mapping.target).attribute.lower() == "roles"
    return writes_roles or bool(ROLE_FUNCTIONS & functions)


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
    is_text = is_plain_text(definition) and not is_reference
    shape = reference if is_reference else shape_of(path, definition)
    if is_role_list(str(path)) and (lists := functions & _ROLE_LISTS.keys()):
        shape, is_text = role_list(*_ROLE_LISTS[min(lists)]), False
    produce, reads = _producer(mapping, expression, surroundings)
    certain = not RANDOM_FUNCTIONS & functions
    copies = mapping.source if is_text else None
    read = afresh = _shaped(mapping.target, produce, shape, is_text)
    if copies is not None:
        read = afresh = _copied(copies, read)
    elif expression is not None and _made_later(functions, surroundings):
        read = afresh = at_apply(expression, surroundings.default_domain, read)
    elif expression is not None and certain and len(reads) == 1:
        read = remembered(min(reads), read)
    return Line(
        target=_spelling(mapping.target, path),
        path=path,
        yields=read,
        afresh=afresh,
        default=None if ignores else _default(mapping, shape),
        on_create=mapping.apply == "on_create",
        clear=not ignores and (mapping.clear or bool((ROLE_FUNCTIONS - {_ADD_ONLY}) & functions)),
        match=mapping.match,
        soft_deleted=SOFT_DELETED in reads,
        role=carries_role(mapping),
        reference=is_reference,
        redacted=redacted,
        reads=reads,
        copies=None if copies in COMPUTED else copies,
        shared=certain and reads <= COMPUTED,
        for_many=_for_many(expression, surroundings) if is_text and certain else _alone,
    )


Many = Callable[[Sequence[str]], Sequence[str] | None]
"""Yields the values for many texts of the one attribute that is read; None: each alone."""


def _alone() -> Many | None:
    """Say that everybody is to be worked out alone."""
    return None


def _for_many(
    expression: Expression | None, surroundings: Surroundings
) -> Callable[[], Many | None]:
    """Return what makes the way for many, once somebody asks for it."""
    return _alone if expression is None else partial(compile_for_many, expression, surroundings)


def _shaped(
    target: str,
    produce: Callable[[Attributes], Value],
    shape: Callable[[Value], DesiredValue],
    is_text: bool,
) -> Callable[[Attributes], DesiredValue]:
    """Return how what is produced takes the shape of *target*; text that *is_text* has it."""

    def yields(attributes: Attributes) -> DesiredValue:
        try:
            value = produce(attributes)
            if is_text and value.__class__ is str:
                return value or None
            return None if value is None or value == "" or value == () else shape(value)
        except (EvaluationError, MappingError) as exc:
            raise MappingError(f"{target}: {exc}") from exc

    return yields


def remembered(
    name: str, yields: Callable[[Attributes], DesiredValue]
) -> Callable[[Attributes], DesiredValue]:
    """
    Return *yields*, which reads the attribute *name* alone, with a memory.

    Departments come back, user names do not: when three out of four texts are
    new, nothing is remembered any more, because looking would only cost time.
    """
    known: dict[Value, DesiredValue] | None = {}
    asked = 0

    def recalled(attributes: Attributes) -> DesiredValue:
        nonlocal known, asked
        if known is None:
            return yields(attributes)
        asked += 1
        text = attributes.get(name)
        found = known.get(text, _NEVER)
        if found is not _NEVER:
            return found
        found = yields(attributes)
        if text is None or isinstance(text, str):
            if len(known) < REMEMBERED:
                known[text] = found
            if len(known) == TRIED and asked < 4 * TRIED / 3:
                known = None
        return found

    return recalled


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
