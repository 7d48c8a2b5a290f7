"""
One source object to target attributes, by the mapping table.

The table is compiled once per application, line by line
(:mod:`reconciler.lines`). After that a mapping costs microseconds a person
(performance.md, ingredient 3): what is copied is read in one go, what standing
and roles alone decide is worked out once for all who share them, and only the
rest is worked out for everybody.

Rules (product.md, rulings 2, 6, 7 and 13; entra.md, section 3):

* a null source is not written, unless ``clear`` asks for it, or the mapping is
  a role function, which clears the role it wrote;
* ``default`` stands in for a null source on create only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from reconciler.config.model import AttributeMapping
from reconciler.directory import Cell
from reconciler.expr import RoleGrant, Surroundings, Value
from reconciler.expr.surroundings import NOTHING
from reconciler.lines import (
    COMPUTED,
    IGNORING,
    ROLE_ASSIGNMENTS,
    ROLE_FUNCTIONS,
    SOFT_DELETED,
    Line,
    compile_line,
)
from reconciler.scim.paths import NAMED_BY
from reconciler.scim.schema import Schemas
from reconciler.shapes import Attributes, MappingError
from reconciler.states import DesiredValue, FirstFree, Generated

__all__ = [
    "IGNORING",
    "ROLE_ASSIGNMENTS",
    "ROLE_FUNCTIONS",
    "SOFT_DELETED",
    "Line",
    "Projection",
    "Recognised",
    "Table",
    "as_entra_sees",
    "attributes_of",
    "is_guest",
]

Shared = Sequence[tuple[int, DesiredValue]]
"""Values of the lines that standing and roles decide, by the position of the line."""

Written = Mapping[str, DesiredValue]
"""Values by target path."""

Matching = tuple[tuple[str, str | None], ...]
"""Paths and values by which an account is looked up, by precedence; None is missing."""

Values = Sequence[DesiredValue]
"""One value for each line but ``members``, in the order of the table; None is null."""

_NO_COLUMN = "\0"
"""Stands for the source of a line that copies nothing; no column has such a name."""

_COPIED = frozenset({str, type(None)})
"""What is copied as it is; a list is not."""

_UNKNOWN = Generated("", {})
"""Stands for a value that could not be worked out."""


class Projection(NamedTuple):
    """The target attributes of one object."""

    created: Written
    managed: Written


class Recognised(NamedTuple):
    """What one object is found by on the target."""

    key: str | None
    """What a reader knows it by; None when that is hidden (Redact)."""
    matching: Matching
    """Matching paths and values, by precedence."""
    sound: bool
    """Whether all matching values could be worked out."""
    external_id: str | None


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
        self.expands_members = self.maps_members and any(m.nested == "expand" for m in mappings)
        """Whether the people of groups in groups are members, and these groups are not."""
        members = self.target_of("members")
        self.fills_once = members is not None and members.on_create
        """Whether a group is given its members when it is created, and never again."""
        self._arrange()

    def _arrange(self) -> None:
        """Sort the lines by how their values come about, and by what nulls mean to them."""
        lines = tuple(line for line in self.lines if line.target.lower() != "members")
        self.apart = lines
        """The lines whose values are worked out for one object at a time: all but ``members``."""
        self._pairs = partial(zip, tuple(line.target for line in lines))
        self._yields = tuple(line.yields for line in lines)
        self._sources = tuple(line.copies or _NO_COLUMN for line in lines)
        self._shared = tuple((at, line) for at, line in enumerate(lines) if line.shared)
        self._worked_out = tuple(
            (at, line.yields)
            for at, line in enumerate(lines)
            if line.copies is None and not line.shared
        )
        self._creates_more = any(line.on_create for line in lines)
        self._heeding_null = tuple(
            at for at, line in enumerate(lines) if line.default is not None or line.clear
        )
        named, external = self.name, self.external
        self._recognising = (*self.matching, *filter(None, (external, named)))
        """The lines by which an object is known: what it is matched by, its id, its name."""
        places = {id(line): at for at, line in enumerate(lines)}
        self._places = tuple(places.get(id(line), -1) for line in self._recognising)
        self._members_matched = -1 in self._places
        self._matched_targets = tuple(line.target for line in self.matching)
        self._named_apart = named is not None and named not in self.matching[:1]
        self.blends = any(line.reads & COMPUTED for line in self._recognising) or any(
            line.reads & COMPUTED and not line.shared for line in self.lines
        )
        """Whether cells and what is worked out have to be seen together."""

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

    def shared(self, computed: Attributes) -> Shared:
        """
        Return the values that the *computed* attributes alone decide.

        Raises:
            MappingError: One of them cannot be worked out.
        """
        return tuple((at, line.yields(computed)) for at, line in self._shared)

    def values(self, attributes: Attributes, shared: Shared | None = None) -> Values:
        """
        Work out the value of every line for one object.

        Where *shared* is given, *attributes* need not hold what is computed,
        unless the table :attr:`blends` the two.

        Raises:
            MappingError: A value cannot be worked out; says which and why.
        """
        if shared is None:
            return [yields(attributes) for yields in self._yields]
        get: Callable[[str], Any] = attributes.get
        values: list[DesiredValue] = list(map(get, self._sources))
        if not _COPIED.issuperset(map(type, values)) or "" in values:
            known = dict(shared)
            return [
                known[at] if at in known else line.yields(attributes)
                for at, line in enumerate(self.apart)
            ]
        for at, value in shared:
            values[at] = value
        for at, yields in self._worked_out:
            values[at] = yields(attributes)
        return values

    def project(self, attributes: Attributes) -> Projection:
        """
        Work out every target attribute of one object.

        Raises:
            MappingError: A value cannot be worked out; says which and why.
        """
        return Projection(*self.written(self.values(attributes)))

    def written(self, values: Values) -> tuple[Written, Written]:
        """Return what a create writes and what an existing resource must show."""
        for at in self._heeding_null:
            if values[at] is None:
                return self._written_apart(values)
        if self._creates_more:
            return self._written_apart(values)
        pairs = self._pairs(values)
        both = dict(pairs) if all(values) else {path: v for path, v in pairs if v is not None}
        return both, both

    def _written_apart(self, values: Values) -> tuple[Written, Written]:
        """Return the two where they differ: by what is created only, and by nulls."""
        created: dict[str, DesiredValue] = {}
        managed: dict[str, DesiredValue] = {}
        for line, value in zip(self.apart, values, strict=True):
            if value is not None:
                created[line.target] = value
                if not line.on_create:
                    managed[line.target] = value
                continue
            if line.default is not None:
                created[line.target] = line.default
            if line.clear and not line.on_create:
                managed[line.target] = None
        return created, managed

    def known_by(self, values: Values, attributes: Attributes) -> Values:
        """Return those of *values* that an object is recognised by."""
        if self._members_matched:
            return self.tried(attributes)
        return [values[at] for at in self._places]

    def tried(self, attributes: Attributes) -> Values:
        """
        Work out what an object is recognised by, as far as it can be.

        A value that cannot be worked out counts as missing; the same object
        fails in :meth:`values` with the reason.
        """
        found: list[DesiredValue] = []
        for line in self._recognising:
            try:
                found.append(line.yields(attributes))
            except MappingError:
                found.append(_UNKNOWN)
        return found

    def recognised(self, known: Values, anchor: str, fallback: str) -> Recognised:
        """
        Return what an object is found by.

        Args:
            known: What :meth:`known_by` or :meth:`tried` said.
            anchor: The source's id; the ``externalId`` where no line says another.
            fallback: What a reader knows the object by if nothing else.
        """
        matching, sound = self._matched(known)
        target, key = None, fallback
        for path, value in matching:
            if value:
                target, key = path, value
                break
        if self._named_apart and (name := _text_of(known[-1])):
            target, key = self._recognising[-1].target, name
        hides = self.redacted and (self.hides_name if target is None else target in self.redacted)
        external = anchor if self.external is None else _text_of(known[len(matching)])
        return Recognised(None if hides else key, matching, sound, external)

    def _matched(self, known: Values) -> tuple[Matching, bool]:
        """Return the matching values among what an object is recognised by."""
        sound = True
        found: list[tuple[str, str | None]] = []
        for target, value in zip(self._matched_targets, known, strict=False):
            if isinstance(value, str):
                found.append((target, value))
                continue
            sound = sound and value is not _UNKNOWN
            found.append((target, str(value) if isinstance(value, int) else None))
        return tuple(found), sound

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


def _text_of(value: DesiredValue) -> str | None:
    """Return *value* as text, or None when nobody can say yet, or at all."""
    if isinstance(value, str) or value is None:
        return value
    return None if isinstance(value, Generated | FirstFree) else str(value)


GUEST = "#EXT#@"
"""What stands in the userPrincipalName of a B2B guest, before the inviting tenant's domain."""


def is_guest(attributes: Attributes) -> bool:
    """Say whether expressions see another name than the source has (:func:`as_entra_sees`)."""
    name = attributes.get("userPrincipalName")
    return isinstance(name, str) and GUEST in name


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
