"""
The changes of one pair, managed attributes only.

Comparators are compiled once per mapping table and then run over every pair:
equal values cost one ``==``, everything else is decided on canonical forms.
Attributes without a mapping are never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.diff.normalize import Canonical, boolean, canonical_for, reference_id
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.scim.schema import Schemas
from reconciler.states import DesiredValue, ReferenceTo, Resource


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute whose two sides differ; null is absent."""

    path: str
    before: Any
    after: DesiredValue


@dataclass(frozen=True, slots=True)
class Attribute:
    """How one target attribute is read from a live resource and compared."""

    read: Callable[[Mapping[str, Any]], Any]
    canonical: Canonical


class Comparator:
    """Reads and compares the attributes of one resource type, by the target's schemas."""

    def __init__(self, resource_type: str, schemas: Schemas) -> None:
        self._resource_type = resource_type
        self._schemas = schemas
        self._attributes: dict[str, Attribute] = {}

    def attribute(self, path: str) -> Attribute:
        """Return how *path* is read and compared; compiled on first use."""
        found = self._attributes.get(path)
        if found is None:
            parsed = parse_path(path)
            definition = self._schemas.of(self._resource_type, parsed)
            found = Attribute(reader(parsed), canonical_for(definition))
            self._attributes[path] = found
        return found

    def live_value(self, resource: Resource, path: str) -> Any:
        """Return the canonical value of *path* in *resource*; None when it is absent."""
        attribute = self.attribute(path)
        return attribute.canonical(attribute.read(resource))

    def active(self, resource: Resource) -> bool:
        """Say whether an account is active; one without `active` is (ruling 7)."""
        return boolean(self.attribute("active").read(resource)) is not False

    def same(self, path: str, one: Any, other: Any) -> bool:
        """Say whether two values of *path* are the same by schema."""
        canonical = self.attribute(path).canonical
        return bool(canonical(one) == canonical(other))

    def differences(self, managed: Mapping[str, DesiredValue], live: Resource) -> list[Difference]:
        """
        Return what differs, in the order of the mapping table.

        References are left to the caller, who knows which ids exist; they come
        back as a difference whose *after* is a :class:`ReferenceTo`.
        """
        found: list[Difference] = []
        for path, wanted in managed.items():
            attribute = self._attributes.get(path) or self.attribute(path)
            before = attribute.read(live)
            if before == wanted and type(before) is type(wanted):
                continue
            if isinstance(wanted, ReferenceTo):
                found.append(Difference(path, reference_id(before), wanted))
            elif attribute.canonical(before) != attribute.canonical(wanted):
                found.append(Difference(path, before, wanted))
        return found
