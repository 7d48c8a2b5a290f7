"""
Live accounts as a source: who is there today becomes the desired state.

The mapping tables are read backwards. A copied attribute becomes a column, an
expression of one attribute that is not known yet is tried out, and roles become
assignments, so that the first plan against the same service holds links and
nothing else (ruling 9). What cannot be read backwards is counted: a link would
write it anew, and the plan shows that before it happens.

Nothing is guessed for whoever has no usable name: their account is left out, and
said so. People are assigned by name where the name is theirs alone, and roles get
names that no other role has: what is written loads, whatever the service holds.
Used by ``import scim``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.config.model import Application, AppRole, AttributeMapping
from reconciler.diff import Comparator
from reconciler.diff.normalize import boolean, reference_id
from reconciler.expr import RoleGrant, Value, parse
from reconciler.interchange.names import free_name, nameable
from reconciler.mapping import ROLE_ASSIGNMENTS, SOFT_DELETED, Table, as_entra_sees, attributes_of
from reconciler.plan.drafts import ACTIVE
from reconciler.plan.groups import live_members
from reconciler.plan.roles import is_value, values_made
from reconciler.scim.folding import fold
from reconciler.scim.roles import is_role_list
from reconciler.shapes import MappingError
from reconciler.states import LiveState, Resource, ResourceType

COMPUTED = frozenset({SOFT_DELETED, ROLE_ASSIGNMENTS})
"""Attributes that no source holds."""

Cells = dict[str, str]


@dataclass(slots=True)
class Adopted:
    """What a service holds, in the shape of a source and its assignments."""

    people: list[Cells] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    """Columns and, if they are mapped, ``members``: objectIds."""
    roles: list[AppRole] = field(default_factory=list)
    """Those of the application, then those that only the accounts have."""
    assignments: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be taken over, in sentences."""

    @property
    def needs_default_access(self) -> bool:
        """Whether somebody is there without any role."""
        named = {one["user"] for one in self.assignments if "user" in one and "role" in one}
        return any(one["user"] not in named for one in self.assignments if "user" in one)


def adopt(application: Application, live: LiveState) -> Adopted:
    """
    Return the accounts, groups and roles of *live*, as *application* would describe them.

    Both listings must be complete; the caller refuses others.
    """
    adopted = Adopted(roles=list(application.roles))
    users = _Side(ResourceType.USER, application.mappings.users, live, application.roles)
    anchors = users.anchors(adopted)
    for target, anchor in anchors.items():
        _adopt_person(adopted, users, target, anchor, anchors)
    _call_by_name(adopted)
    if application.mappings.groups and live.groups is not None:
        groups = _Side(ResourceType.GROUP, application.mappings.groups, live)
        named = groups.anchors(adopted)
        for target, anchor in named.items():
            _adopt_group(adopted, groups, target, anchor, {**named, **anchors})
    adopted.notes.extend(users.differences())
    if hidden := sorted(users.table.redacted):
        shown = ", ".join(hidden)
        adopted.notes.append(f"{shown}: hidden by Redact elsewhere, but a source holds it as it is")
    return adopted


def _adopt_person(
    adopted: Adopted, side: _Side, target: str, anchor: str, anchors: Mapping[str, str]
) -> None:
    """Add one account: a row, and an assignment for each of its roles."""
    resource = side.resources[target]
    cells = side.cells(resource, anchor, anchors)
    if not side.comparator.active(resource):
        cells["accountEnabled"] = "false"
    adopted.people.append(cells)
    values = side.role_values(resource)
    roles = [_role(adopted, value) for value in values if nameable(value)]
    if len(roles) < len(values):
        who = f"{side.kind.value} {target}"
        adopted.notes.append(f"{who} has a role that cannot be written here; left out")
    if not roles:
        adopted.assignments.append({"user": anchor})
    for role in roles:
        adopted.assignments.append({"user": anchor, "role": role.name})
    side.hold_against(resource, cells, roles)


def _role(adopted: Adopted, value: str) -> AppRole:
    """Return the role with *value*, added as the weakest when the application has none."""
    found = next((role for role in adopted.roles if fold(role.value) == fold(value)), None)
    if found is None:
        name = free_name(value, (role.name for role in adopted.roles))
        found = AppRole(name=name, value=value)
        adopted.roles.append(found)
        adopted.notes.append(f'the role "{value}" is not among `roles`; it was added as the last')
    return found


def _call_by_name(adopted: Adopted) -> None:
    """Assign by user name whoever alone is called so; the others stay objectIds."""
    names = {row["objectId"]: row.get("userPrincipalName") or "" for row in adopted.people}
    count = Counter(map(fold, names.values()))
    for one in adopted.assignments:
        anchor = one["user"]
        name = names[anchor]
        if nameable(name) and count[fold(name)] == 1 and (name == anchor or name not in names):
            one["user"] = name


def _adopt_group(
    adopted: Adopted, side: _Side, target: str, anchor: str, anchors: Mapping[str, str]
) -> None:
    """Add one group, with those of its members that were taken over."""
    resource = side.resources[target]
    row: dict[str, Any] = dict(side.cells(resource, anchor, anchors))
    row.setdefault("displayName", str(resource.get("displayName") or anchor))
    if side.table.maps_members:
        members = live_members(resource)
        row["members"] = sorted(anchors[member] for member in members if member in anchors)
        if lost := sum(member not in anchors for member in members):
            adopted.notes.append(
                f"group {row['displayName']}: members that are no account here, left out: {lost}"
            )
    adopted.groups.append(row)
    adopted.assignments.append({"group": anchor})


class _Side:
    """The resources of one type, and the mapping table that is read backwards."""

    def __init__(
        self,
        kind: ResourceType,
        mappings: Sequence[AttributeMapping],
        live: LiveState,
        roles: Sequence[AppRole] = (),
    ) -> None:
        listing = live.users if kind is ResourceType.USER else live.groups
        listed = listing.resources if listing is not None else ()
        schemas = live.capabilities.schemas
        self.kind, self.mappings = kind, mappings
        self.resources: dict[str, Resource] = {one["id"]: one for one in listed}
        self.table = Table(mappings, kind.value, schemas)
        self.comparator = Comparator(kind.value, schemas)
        self._made = {
            line.target: {
                value: tuple(roles[index].value for index in sorted(held))
                for value, held in reversed([*values_made(line, roles)])
            }
            for line in self.table.lines
            if line.role and not is_role_list(line.target)
        }
        self._changed: Counter[str] = Counter()

    def anchors(self, adopted: Adopted) -> dict[str, str]:
        """
        Return an objectId for each resource that has a name, by id; the rest is noted.

        The externalId is the anchor where it is mapped from objectId and belongs to
        one resource alone, and no other is called so; else the resource's own id.
        """
        name = self.kind.named_by
        line = next((m for m in self.mappings if m.target.lower() == "externalid"), None)
        marked = line is not None and line.source == "objectId"
        carried = {i: r.get("externalId") if marked else None for i, r in self.resources.items()}
        count = Counter(carried.values())
        called = {i: fold(str(r.get(name))) for i, r in self.resources.items()}
        owners = {word: i for i, text in called.items() for word in (text, fold(i))}
        found: dict[str, str] = {}
        for target in sorted(self.resources, key=lambda each: (called[each], each)):
            if not isinstance(self.resources[target].get(name), str):
                adopted.notes.append(f"{self.kind.value} {target} has no {name}; left out")
                continue
            marker = carried[target]
            usable = isinstance(marker, str) and nameable(marker) and count[marker] == 1
            unique = usable and owners.get(fold(str(marker)), target) == target
            found[target] = str(marker) if unique else target
        return found

    def cells(self, resource: Resource, anchor: str, anchors: Mapping[str, str]) -> Cells:
        """Return the columns that *resource* fills: copied attributes first, then expressions."""
        cells: Cells = {"objectId": anchor}
        for mapping, line in zip(self.mappings, self.table.lines, strict=True):
            name = mapping.source
            if name is None or name == "members" or cells.get(name):
                continue
            value = self.comparator.attribute(line.target).read(resource)
            cells[name] = (
                anchors.get(reference_id(value) or "", "") if line.reference else _text(value)
            )
        for mapping, line in zip(self.mappings, self.table.lines, strict=True):
            if mapping.expression is None:
                continue
            unknown = _unknown(mapping.expression, cells)
            value = _text(self.comparator.attribute(line.target).read(resource))
            if len(unknown) == 1 and value:
                tried = {**cells, unknown[0]: value}
                cells = tried if self._yields(line.target, tried, resource) else cells
        return cells

    def _yields(self, target: str, cells: Cells, resource: Resource) -> bool:
        """Say whether a mapping yields what is live from *cells*."""
        line = next(one for one in self.table.lines if one.target == target)
        try:
            value = line.yields(_seen(cells))
        except MappingError:
            return False
        return self.comparator.same(target, self.comparator.attribute(target).read(resource), value)

    def role_values(self, resource: Resource) -> list[str]:
        """
        Return the roles that an account holds where roles are mapped, each once.

        What an expression made of roles ("Owner" of admin) stands for these.
        """
        found: list[str] = []
        for path in filter(is_value, self.table.role_targets):
            value = self.comparator.attribute(path).read(resource)
            elements = value if isinstance(value, list) else [value]
            texts = [_text(e.get("value") if isinstance(e, dict) else e) for e in elements]
            made = self._made.get(path, {})
            found += [role for text in texts for role in made.get(fold(text), (text,))]
        return list(dict.fromkeys(value for value in found if value))

    def hold_against(self, resource: Resource, cells: Cells, roles: Sequence[AppRole]) -> None:
        """Count the attributes that a plan made from *cells* would change."""
        grants = tuple(RoleGrant(role.value, role.name) for role in roles)
        active = self.comparator.active(resource)
        if not active:
            return
        try:
            managed = self.table.project(_seen(cells, grants)).managed
        except MappingError:
            self._changed["(a mapping that fails)"] += 1
            return
        quiet = {line.target for line in self.table.lines if line.reference}
        for difference in self.comparator.differences(managed, resource):
            on_anyway = difference.path.lower() == ACTIVE and boolean(difference.after) is True
            if difference.path not in quiet and not on_anyway:
                self._changed[difference.path] += 1

    def differences(self) -> Iterator[str]:
        """Say which attributes the mappings would write anew, and for how many."""
        for path, count in sorted(self._changed.items()):
            yield f"{path}: the mapping yields something else for {count}; a link would write it"


def _seen(cells: Cells, grants: Sequence[RoleGrant] = ()) -> dict[str, Value]:
    """Return what expressions see of a row, once it has been read as a source."""
    filled = {name: value for name, value in cells.items() if value}
    return as_entra_sees(attributes_of(filled, grants, soft_deleted=False))


def _unknown(expression: str, cells: Cells) -> list[str]:
    """Return the attributes that an expression reads and no column has yet."""
    return [name for name in sorted(parse(expression).attributes - COMPUTED) if not cells.get(name)]


def _text(value: Any) -> str:
    """Return a live value as a cell; several values are no cell."""
    if isinstance(value, str):
        return value
    if isinstance(boolean(value), bool):
        return "True" if value else "False"
    return str(value) if isinstance(value, int) else ""
