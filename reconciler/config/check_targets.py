"""
One target path: it exists, it can be written, and a value of that kind fits it.

What the standard says of an attribute comes from :data:`reconciler.scim.schema.CORE`
(RFC 7643). Attributes of extensions that are not in the standard are taken as
they come: what a service adds is known only when it is asked.

Called by :mod:`reconciler.config.check_mappings`, and for the attributes that a profile names
by :mod:`reconciler.config.profile_files`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.config.model import AttributeMapping
from reconciler.diagnostics import Severity, nearest
from reconciler.scim.paths import AttributePath, PathError, parse_path
from reconciler.scim.schema import CORE, AttributeDefinition

_REFERENCES = frozenset({"manager", "members"})
"""Attributes whose value is the id of another resource."""

_ALMOST = 0.6
"""How alike two words are when one is probably the other, misspelt."""

_NOT_MATCHED = frozenset({"boolean", "complex", "reference", "binary"})
"""Types of values that do not tell accounts apart, or cannot be searched for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one key of a mapping; the caller knows the place."""

    code: str
    message: str
    hint: str | None = None
    key: str = "target"
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Target:
    """A path that can be read, with what the standard says of it."""

    path: AttributePath
    resource_type: str
    attribute: AttributeDefinition | None
    """The attribute itself; None for an extension that the standard does not know."""
    leaf: AttributeDefinition | None
    """What is written: the attribute, or its sub-attribute."""

    @property
    def identity(self) -> str:
        """The path in the form in which two spellings of it are the same."""
        return str(self.path).lower()


def read_target(text: str, resource_type: str) -> tuple[Target | None, list[Problem]]:
    """Read a target path of *resource_type*; what is wrong makes it None."""
    try:
        path = parse_path(text)
    except PathError as exc:
        return None, [Problem("bad-path", f"`{text}` is not an attribute path: {exc}")]
    whole = replace(path, conditions=(), sub=None)
    attribute, leaf = CORE.of(resource_type, whole), CORE.of(resource_type, path)
    target = Target(path, resource_type, attribute, leaf)
    problems = list(_unknown(target, text))
    return (None if any(one.severity == "error" for one in problems) else target), problems


def check_name(path: AttributePath) -> Iterator[Problem]:
    """
    Complain of *path* as the name of an attribute that neither users nor groups have.

    What is in a schema that is not of the standard, nobody knows before the service is asked.
    """
    if path.urn is not None and path.urn.lower() not in CORE.definitions:
        return
    kinds = tuple(CORE.urns_by_type)
    whole = replace(path, conditions=(), sub=None)
    known = next((found for kind in kinds if (found := CORE.of(kind, whole))), None)
    if known is not None:
        yield from _no_such_part(path, known)
    else:
        message = f"neither a {' nor a '.join(kinds)} has an attribute `{path}`"
        yield Problem("unknown-target", message, _meant(path, *kinds))


def _unknown(target: Target, text: str) -> Iterator[Problem]:
    """Complain of attributes that the standard schemas do not have."""
    path, urns = target.path, CORE.urns(target.resource_type)
    if path.attribute.lower() == "schemas":
        yield Problem("read-only-target", "`schemas` follows from what is written")
    elif path.urn is not None and path.urn.lower() in _foreign(urns):
        message = f"a {target.resource_type} has no schema `{path.urn}`"
        yield Problem("unknown-target", message)
    elif path.urn is not None and path.urn.lower() not in {urn.lower() for urn in urns}:
        close = _almost(path.urn, urns)
        if close:
            message = f"the schema `{path.urn}` is not one of the standard"
            hint = f"did you mean `{close}`?"
            yield Problem("unknown-schema", message, hint, severity="warning")
    elif target.attribute is None:
        yield _no_such_attribute(target, text)
    else:
        yield from _no_such_part(target.path, target.attribute)


def _foreign(urns: tuple[str, ...]) -> set[str]:
    """Return the standard's schemas that are not among *urns*."""
    return set(CORE.definitions) - {urn.lower() for urn in urns}


def _names(resource_type: str) -> list[str]:
    """Return the names of all standard attributes of a resource type."""
    schemas = (CORE.definitions[urn.lower()] for urn in CORE.urns(resource_type))
    return [attribute.name for schema in schemas for attribute in schema.values()]


def _almost(urn: str, known: tuple[str, ...]) -> str | None:
    """Return the URN that differs from *urn* in one part, and there only a little."""
    parts = urn.lower().split(":")
    for one in known:
        others = one.lower().split(":")
        differ = [pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
        if len(parts) == len(others) and len(differ) == 1 and _alike(*differ[0]):
            return one
    return None


def _alike(one: str, other: str) -> bool:
    """Say whether two words are probably the same, one of them misspelt."""
    from difflib import SequenceMatcher  # two words that nearly agree are rare

    return SequenceMatcher(None, one, other).ratio() >= _ALMOST


def _no_such_attribute(target: Target, text: str) -> Problem:
    """Complain of an attribute that is in no standard schema; perhaps it is in another one."""
    message = f"a {target.resource_type} has no attribute `{text}`"
    return Problem("unknown-target", message, _meant(target.path, target.resource_type))


def _meant(path: AttributePath, *kinds: str) -> str:
    """Return what to write in place of an attribute that resources of these *kinds* do not have."""
    for urn in (urn for kind in kinds for urn in CORE.urns(kind)[1:] if path.urn is None):
        if any(CORE.of(kind, replace(path, urn=urn)) is not None for kind in kinds):
            return f"write `{urn}:{path.attribute}`"
    close = nearest(path.attribute, [name for kind in kinds for name in _names(kind)])
    return f"did you mean `{close}`?" if close else "attributes of a service's own need a URN"


def _no_such_part(path: AttributePath, attribute: AttributeDefinition) -> Iterator[Problem]:
    """Complain of sub-attributes that the attribute does not have."""
    parts = attribute.sub_attributes
    named = [*(name for name, _ in path.conditions), *([path.sub] if path.sub else [])]
    for name in named:
        if name.lower() not in parts:
            known = [part.name for part in parts.values()]
            close = nearest(name, known)
            hint = f"did you mean `{close}`?" if close else f"it has: {', '.join(known) or 'none'}"
            message = f"`{attribute.name}` has no sub-attribute `{name}`"
            yield Problem("unknown-target", message, hint)


def check_target(target: Target, mapping: AttributeMapping) -> list[Problem]:
    """Return what is wrong with writing *mapping* to *target*."""
    attribute, leaf = target.attribute, target.leaf
    if attribute is None or leaf is None:
        return [*_null(mapping), *_nested(target, mapping)]
    refused = _refused(target, attribute, leaf)
    if refused:
        return [refused]
    return [
        *_reference(attribute, mapping),
        *_fit(leaf, mapping),
        *_match(leaf, mapping),
        *_null(mapping),
        *_nested(target, mapping),
    ]


def _refused(
    target: Target, attribute: AttributeDefinition, leaf: AttributeDefinition
) -> Problem | None:
    """Complain of what nobody may write, or nobody can write as one value."""
    name = attribute.name
    if name.lower() == "password":
        return Problem("password-target", "passwords are not provisioned", "remove this mapping")
    if "readOnly" in (attribute.mutability, leaf.mutability):
        return Problem("read-only-target", f"`{_short(target)}` is set by the service, not by us")
    if attribute.multi_valued and target.path.sub and not target.path.conditions:
        which = f'`{name}[type eq "work"].{target.path.sub}`'
        hint = f"write `{name}`" if name.lower() in _REFERENCES else f"say which: {which}"
        return Problem("filter-needed", f"`{name}` holds several values", hint)
    if leaf is attribute and target.path.conditions:
        return Problem(
            "complex-target", f"`{name}` has parts", f"map one of them: `{target.path}.value`"
        )
    alone = attribute.multi_valued or name.lower() in _REFERENCES
    if leaf is attribute and leaf.type == "complex" and not alone:
        parts = ", ".join(f"`{name}.{part.name}`" for part in leaf.sub_attributes.values())
        return Problem("complex-target", f"`{name}` has parts", f"map one of them: {parts}")
    return None


def _short(target: Target) -> str:
    """Return the path without schema and conditions."""
    return str(replace(target.path, urn=None, conditions=()))


def _reference(attribute: AttributeDefinition, mapping: AttributeMapping) -> Iterator[Problem]:
    """A reference is copied: only the source knows who is meant."""
    if attribute.name.lower() in _REFERENCES and mapping.source is None:
        key = "constant" if mapping.constant is not None else "expression"
        message = f"`{attribute.name}` refers to other resources and needs a `source`"
        hint = f"write `source: {attribute.name}`"
        yield Problem("reference-needs-source", message, hint, key)


def _null(mapping: AttributeMapping) -> Iterator[Problem]:
    """A null source has one meaning: what a create writes, the next plan must not clear."""
    if mapping.clear and mapping.default is not None:
        message = "a null source cannot both write a `default` and `clear` the attribute"
        yield Problem("unfit-value", message, "keep one of the two", "default")


def _nested(target: Target, mapping: AttributeMapping) -> Iterator[Problem]:
    """Only a list of members can hold groups that are kept or opened."""
    if "nested" in mapping.model_fields_set and target.path.attribute.lower() != "members":
        message = f"`nested` is about `members`, and `{_short(target)}` has no groups in it"
        yield Problem("unfit-nested", message, "remove `nested`", "nested")


def _fit(leaf: AttributeDefinition, mapping: AttributeMapping) -> Iterator[Problem]:
    """A constant or default is of the attribute's type; booleans may be "True" and "False"."""
    for key, value in (("constant", mapping.constant), ("default", mapping.default)):
        is_truth = isinstance(value, bool) or value in ("True", "False")
        if value is None:
            continue
        if leaf.type == "boolean" and not is_truth:
            message = f"`{leaf.name}` is true or false, and `{key}` is neither"
            yield Problem("unfit-value", message, "write `true` or `false`", key)
        if leaf.type == "string" and isinstance(value, bool):
            message = f"`{leaf.name}` is text, and `{key}` is true or false"
            yield Problem("unfit-value", message, f'put it in quotes: "{str(value).lower()}"', key)


def _match(leaf: AttributeDefinition, mapping: AttributeMapping) -> Iterator[Problem]:
    """Accounts are looked up by text or number."""
    if mapping.match is not None and leaf.type in _NOT_MATCHED:
        message = f"`{leaf.name}` is of type {leaf.type} and cannot be matched on"
        yield Problem("unfit-match", message, key="match")
