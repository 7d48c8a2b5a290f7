"""
The changes of one pair, managed attributes only.

Comparators are compiled once per mapping table and then run over every pair: what is
equal at first sight is done with (:mod:`reconciler.diff.glance`), everything else is
decided on canonical forms. Attributes without a mapping are never read.

Of a whole list of roles only the values count: what else an element holds is
the service's to spell, or to add (decision 9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from reconciler.diff.glance import Glance, Odd
from reconciler.diff.normalize import Canonical, boolean, canonical_for, reference_id
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.scim.roles import ROLES, is_role_list, role_elements, role_values
from reconciler.scim.schema import Schemas
from reconciler.states import DesiredValue, ReferenceTo, Resource, RoleList

GLANCES: Final = 512
"""Sets of paths that are prepared for; a table has one for each way to lack values."""


class Difference(NamedTuple):
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
        self.resource_type = resource_type
        self._schemas = schemas
        self._attributes: dict[str, Attribute] = {}
        self._glances: dict[tuple[str, ...], Glance] = {}

    def attribute(self, path: str) -> Attribute:
        """Return how *path* is read and compared; compiled on first use."""
        found = self._attributes.get(path)
        if found is None:
            parsed = parse_path(path)
            listed = is_role_list(path)
            compared = parse_path(f"{ROLES}.value") if listed else parsed
            canonical = canonical_for(self._schemas.of(self.resource_type, compared))
            found = Attribute(reader(parsed), _of_values(canonical) if listed else canonical)
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

    def missing_roles(self, there: Any, wanted: Any) -> tuple[Any, ...]:
        """Return the elements of *wanted* whose roles are not in the list *there*, by schema."""
        canonical = self.attribute(ROLES).canonical
        present = set(canonical(there) or ())
        return tuple(
            element
            for element in role_elements(wanted)
            if not present.issuperset(canonical((element,)) or ())
        )

    def at_first_sight(self, wanted: Mapping[str, Any], live: Resource) -> list[Odd] | None:
        """Return where *live* may differ from what is *wanted* by path; None is anywhere."""
        kind = tuple(wanted)
        glance = self._glances.get(kind)
        if glance is None and len(self._glances) < GLANCES:
            glance = self._glances[kind] = Glance(wanted)
        return None if glance is None else glance.unequal(wanted, live)

    def differences(self, managed: Mapping[str, DesiredValue], live: Resource) -> list[Difference]:
        """
        Return what differs, in the order of the mapping table.

        References are left to the caller, who knows which ids exist; they come
        back as a difference whose *after* is a :class:`ReferenceTo`. After a
        difference of all roles stands the whole list as it should be.
        """
        odd = self.at_first_sight(managed, live)
        if odd is None:
            return self.compared(managed, managed, live)
        found: list[Difference] = []
        for _, path, before in odd:
            wanted = managed[path]
            if before is None or not isinstance(wanted, str):
                found += self.compared((path,), managed, live)
                continue
            canonical = (self._attributes.get(path) or self.attribute(path)).canonical
            if canonical(before) != canonical(wanted):
                found.append(Difference(path, before, wanted))
        return found

    def compared(
        self, paths: Iterable[str], managed: Mapping[str, DesiredValue], live: Resource
    ) -> list[Difference]:
        """Return what differs at *paths*, by canonical forms alone."""
        found: list[Difference] = []
        for path in paths:
            wanted = managed[path]
            attribute = self._attributes.get(path) or self.attribute(path)
            before = attribute.read(live)
            if before == wanted and type(before) is type(wanted):
                continue
            if isinstance(wanted, ReferenceTo):
                found.append(Difference(path, reference_id(before), wanted))
                continue
            after = self._whole(before, wanted) if isinstance(wanted, RoleList) else wanted
            canonical = attribute.canonical
            if canonical(before) != canonical(after):
                found.append(Difference(path, before, after))
        return found

    def _whole(self, live: Any, wanted: RoleList) -> tuple[Any, ...]:
        """Return the list of roles as it should be: the wanted alone, or beside what is there."""
        if wanted.replaces:
            return wanted.elements
        return (*role_elements(live), *self.missing_roles(live, wanted.elements))


def _of_values(canonical: Canonical) -> Canonical:
    """Return the canonical form of a list of roles, made of that of their values."""

    def of_list(roles: Any) -> Any:
        return tuple(sorted({canonical(value) for value in role_values(roles)}, key=repr)) or None

    return of_list
