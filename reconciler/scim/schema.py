"""
What the standard, and the server, say of each attribute.

``CORE`` is RFC 7643 as one table per schema; what a server advertises under
``/Schemas`` is laid over it: the server's word wins, attribute by attribute and
field by field, and what it leaves out stays as in the RFC. So a comparison
knows ``caseExact`` of the server at hand, and a server without discovery is
treated as the standard says.

Used by the mapping table (types), the comparison (case, order) and checks of
the configuration (mutability).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

from reconciler.scim.paths import CORE_URN, AttributePath

__all__ = ["CORE", "CORE_URN", "ENTERPRISE_URN", "AttributeDefinition", "Schemas"]

ENTERPRISE_URN: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
"""Schema URN of the enterprise user extension (RFC 7643, section 4.3)."""

TYPES: Final = {
    kind.lower(): kind
    for kind in (
        "string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex",
    )
}  # fmt: skip
"""Attribute types of RFC 7643, section 2.3, by their lower-case names."""


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """The characteristics of one attribute (RFC 7643, section 2.2); defaults are the RFC's."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    required: bool = False
    sub_attributes: Mapping[str, AttributeDefinition] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By lower-case name."""


Definitions = Mapping[str, AttributeDefinition]
"""Attributes of one schema, by lower-case name."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """Every schema known, and which resource type has which."""

    definitions: Mapping[str, Definitions]
    """Attributes by lower-case schema URN."""
    urns_by_type: Mapping[str, tuple[str, ...]]
    """Schema URNs by resource type, the core schema first."""
    _claims: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    """Resource types by lower-case URN of a schema that they have."""

    def __post_init__(self) -> None:
        claims: dict[str, frozenset[str]] = {}
        for name, urns in self.urns_by_type.items():
            for urn in urns:
                claims[urn.lower()] = claims.get(urn.lower(), frozenset()) | {name}
        object.__setattr__(self, "_claims", claims)

    def urns(self, resource_type: str) -> tuple[str, ...]:
        """Return the schema URNs of a resource type, the core schema first."""
        return self.urns_by_type.get(resource_type, ())

    def of(self, resource_type: str, path: AttributePath) -> AttributeDefinition | None:
        """
        Return the definition of the leaf that *path* names; None when it is unknown.

        An extension that no resource type claims is found under every type,
        since servers forget to list them; one that only others claim is not.
        """
        urns = self.urns(resource_type)
        if not urns:
            return None
        urn = (path.urn or urns[0]).lower()
        if not self._belongs(resource_type, urn):
            return None
        definition = self.definitions.get(urn, {}).get(path.attribute.lower())
        if definition is None and path.urn is None:
            definition = COMMON.get(path.attribute.lower())
        if definition is None or path.sub is None:
            return definition
        return definition.sub_attributes.get(path.sub.lower())

    def _belongs(self, resource_type: str, urn: str) -> bool:
        """Say whether the schema *urn* may be used on *resource_type*."""
        claiming = self._claims.get(urn)
        return claiming is None or resource_type in claiming

    @classmethod
    def from_discovery(
        cls, schemas: Iterable[Mapping[str, Any]], resource_types: Iterable[Mapping[str, Any]]
    ) -> Schemas:
        """
        Lay what a server advertises over :data:`CORE`.

        Args:
            schemas: The Schema resources of ``/Schemas``; what is malformed in
                them is passed over, the RFC's definition then stands.
            resource_types: The resources of ``/ResourceTypes``.
        """
        definitions = dict(CORE.definitions)
        for document in schemas:
            urn = document.get("id")
            if isinstance(urn, str):
                known = definitions.get(urn.lower(), {})
                definitions[urn.lower()] = _overlay(known, document.get("attributes"))
        types = dict(CORE.urns_by_type)
        for resource_type in resource_types:
            name, urns = resource_type.get("name"), _urns_of(resource_type)
            if isinstance(name, str) and urns:
                types[name] = urns
        return cls(definitions, types)


def _urns_of(resource_type: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the schema URNs of a ResourceType resource (RFC 7643, section 6)."""
    core = resource_type.get("schema")
    if not isinstance(core, str) or not core:
        return ()
    extensions = resource_type.get("schemaExtensions")
    listed = extensions if isinstance(extensions, list) else []
    found = [entry.get("schema") for entry in listed if isinstance(entry, dict)]
    return (core, *(urn for urn in found if isinstance(urn, str)))


def _overlay(known: Definitions, advertised: Any) -> Definitions:
    """Return *known* with every attribute that the server describes put over it."""
    result = dict(known)
    for document in advertised if isinstance(advertised, list) else []:
        if isinstance(document, dict) and isinstance(name := document.get("name"), str):
            base = result.get(name.lower()) or AttributeDefinition(name)
            result[name.lower()] = _advertised(base, document)
    return result


def _advertised(base: AttributeDefinition, document: Mapping[str, Any]) -> AttributeDefinition:
    """Return *base* with what one attribute of ``/Schemas`` says of itself."""
    kind = document.get("type")
    known_type = TYPES.get(kind.lower(), base.type) if isinstance(kind, str) else base.type
    named = {
        key: document[name]
        for key, name, expected in _FIELDS
        if isinstance(document.get(name), expected)
    }
    subs = _overlay(base.sub_attributes, document.get("subAttributes"))
    return replace(base, type=known_type, sub_attributes=subs, **named)


_FIELDS: Final = (
    ("name", "name", str),
    ("multi_valued", "multiValued", bool),
    ("case_exact", "caseExact", bool),
    ("mutability", "mutability", str),
    ("returned", "returned", str),
    ("uniqueness", "uniqueness", str),
    ("required", "required", bool),
)

_COMMON = """
schemas              reference many required
id                   string exact readOnly always server
externalId           string exact
meta                 complex readOnly
meta.resourceType    string exact readOnly
meta.created         dateTime readOnly
meta.lastModified    dateTime readOnly
meta.location        reference readOnly
meta.version         string exact readOnly
"""

_ELEMENT = """
{0}                  complex many
{0}.value            {1}
{0}.display          string
{0}.type             string
{0}.primary          boolean
"""

_USER = """
userName             string required server
name                 complex
name.formatted       string
name.familyName      string
name.givenName       string
name.middleName      string
name.honorificPrefix string
name.honorificSuffix string
displayName          string
nickName             string
profileUrl           reference
title                string
userType             string
preferredLanguage    string
locale               string
timezone             string
active               boolean
password             string writeOnly never
addresses            complex many
addresses.formatted  string
addresses.streetAddress string
addresses.locality   string
addresses.region     string
addresses.postalCode string
addresses.country    string
addresses.type       string
addresses.primary    boolean
groups               complex many readOnly
groups.value         string exact readOnly
groups.$ref          reference readOnly
groups.display       string readOnly
groups.type          string readOnly
""" + "".join(
    _ELEMENT.format(name, kind)
    for name, kind in (
        ("emails", "string"), ("phoneNumbers", "string"), ("ims", "string"),
        ("photos", "reference"), ("entitlements", "string"), ("roles", "string"),
        ("x509Certificates", "binary"),
    )
)  # fmt: skip

_GROUP = """
displayName          string required
members              complex many
members.value        string exact immutable
members.$ref         reference immutable
members.type         string immutable
members.display      string immutable
"""

_ENTERPRISE = """
employeeNumber       string
costCenter           string
organization         string
division             string
department           string
manager              complex
manager.value        string exact
manager.$ref         reference
manager.displayName  string readOnly
"""

_EXACT_TYPES = frozenset({"reference", "binary", "dateTime"})
_TRAITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "many": {"multi_valued": True},
    "exact": {"case_exact": True},
    "required": {"required": True},
    **{word: {"mutability": word} for word in ("readOnly", "immutable", "writeOnly")},
    **{word: {"returned": word} for word in ("always", "never")},
    "server": {"uniqueness": "server"},
}


def _table(text: str) -> Definitions:
    """Read one of the tables above: a path, a type, and what is not the default."""
    found: dict[str, AttributeDefinition] = {}
    for line in text.strip().splitlines():
        if line:
            path, kind, *traits = line.split()
            parent, _, sub = path.partition(".")
            _add(found, parent, sub, _row(sub or parent, kind, traits))
    return MappingProxyType(found)


def _row(name: str, kind: str, traits: Sequence[str]) -> AttributeDefinition:
    """Make the definition that one line of a table describes."""
    said: dict[str, Any] = {"case_exact": kind in _EXACT_TYPES}
    return AttributeDefinition(
        name, kind, **reduce(lambda sum_, word: {**sum_, **_TRAITS[word]}, traits, said)
    )


def _add(
    found: dict[str, AttributeDefinition], parent: str, sub: str, row: AttributeDefinition
) -> None:
    """File *row* under its name, or under its parent's."""
    key = parent.lower()
    if not sub:
        found[key] = row
        return
    subs = {**found[key].sub_attributes, sub.lower(): row}
    found[key] = replace(found[key], sub_attributes=MappingProxyType(subs))


COMMON: Final = _table(_COMMON)
"""Attributes that every resource has (RFC 7643, section 3.1)."""

CORE: Final = Schemas(
    definitions={
        CORE_URN["User"].lower(): _table(_USER),
        CORE_URN["Group"].lower(): _table(_GROUP),
        ENTERPRISE_URN.lower(): _table(_ENTERPRISE),
    },
    urns_by_type={
        "User": (CORE_URN["User"], ENTERPRISE_URN),
        "Group": (CORE_URN["Group"],),
    },
)
"""RFC 7643, section 8.7: User, Group and the enterprise extension."""
