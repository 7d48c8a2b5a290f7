"""
The two sides of every comparison: how it should be, and how it is.

Live resources stay the plain dictionaries that the JSON parser made; desired
resources are values by attribute path. Both are keyed so that a comparison
never has to guess: the source's anchor on one side, the target's ``id`` on the
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from reconciler.scim.paths import NAMED_BY, AttributePath

if TYPE_CHECKING:
    from reconciler.scim.capabilities import Capabilities

Resource = dict[str, Any]
"""One SCIM resource as the server sent it."""


class ResourceType(StrEnum):
    """The two SCIM resource types that are provisioned."""

    USER = "User"
    GROUP = "Group"

    @property
    def endpoint(self) -> str:
        """The path below the tenant URL (RFC 7644, section 3.2)."""
        return f"/{self.value}s"

    @property
    def named_by(self) -> str:
        """The attribute that one is known by, and that a new one is looked up by (decision 6)."""
        return NAMED_BY[self.value]


@dataclass(frozen=True, slots=True)
class ReferenceTo:
    """A value that is another resource's id: a manager, a member."""

    source_id: str


@dataclass(frozen=True, slots=True)
class Generated:
    """A value that nobody knows before `apply` makes it: Guid(), RandomString()."""

    expression: str
    """The mapping's expression, which `apply` evaluates once for each request."""
    attributes: Mapping[str, str | tuple[str, ...]]
    """The source attributes that it reads; null ones are left out."""
    default_domain: str | None = None
    """What DefaultDomain() says; None when the expression does not ask."""


@dataclass(frozen=True, slots=True)
class FirstFree:
    """Candidates for a unique value, best first; the plan takes the first that is free."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RoleList:
    """All roles that somebody is to have, as elements of `roles`; never empty."""

    elements: tuple[Mapping[str, Any], ...]
    """Strongest first, in the shape in which they are written (entra.md, section 1.10)."""
    replaces: bool
    """Whether a role that is live and not among them goes; otherwise nothing ever does."""

    def __str__(self) -> str:
        return ", ".join(str(element["value"]) for element in self.elements)


DesiredValue = (
    str | bool | int | ReferenceTo | RoleList | Generated | FirstFree | tuple[Any, ...] | None
)
"""What a mapping yields for a target attribute; None clears it."""

HIDDEN = "[Redact]"
"""Stands where a value is hidden (Redact); Entra's logs show the same (entra.md, section 4.2)."""

MADE_AT_APPLY = "generated at apply"
"""Stands where a :class:`Generated` value is shown."""


class Standing(StrEnum):
    """What a source object is to the application (rulings 5 and 6)."""

    WANTED = "wanted"
    SKIPPED = "skipped"
    """Cannot be judged or written: everything of theirs stays exactly as it is."""
    LEAVES_SCOPE = "leaves scope"
    DISABLED = "disabled at the source"
    DELETED = "deleted at the source"


@dataclass(frozen=True, slots=True)
class DesiredResource:
    """How one account or group should be; *created* and *managed* are values by path."""

    created: Mapping[str, DesiredValue]
    """What a create writes: defaults and `on_create` mappings included, nulls left out."""
    managed: Mapping[str, DesiredValue]
    """What an existing resource must show; None where `clear` asks for it."""
    members: tuple[str, ...] | None = None
    """Anchors of a group's members; None when members are not mapped."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One object of the source, judged."""

    source_id: str
    key: str
    """What a reader knows it by: the userName as it will be written, or the displayName."""
    standing: Standing
    reason: str
    """Why, in the configuration's words: ``assigned User by group Sales``."""
    matching: tuple[tuple[str, str | None], ...] = ()
    """Matching attribute paths and values, by precedence."""
    matching_known: bool = True
    """False when a matching value could not be worked out: any account may be theirs."""
    external_id: str | None = None
    """The value that `externalId` has on this object's account."""
    code: str | None = None
    """Entra's skip code, for whoever is assigned and not written."""
    assigned: bool = True
    """Whether any assignment (or `scope: all`) names this object, expired ones included."""
    desired: DesiredResource | None = None
    """Only for who is wanted."""
    disabling: Mapping[str, DesiredValue] = field(default_factory=dict)
    """What a disable writes: the mappings that read `[IsSoftDeleted]`, with it true."""
    redacted: frozenset[str] = frozenset()
    """Target paths whose values are hidden in every output (Redact)."""


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everybody and every group of the source, judged; in the order of the source."""

    users: tuple[Candidate, ...]
    groups: tuple[Candidate, ...] | None
    """None when groups are not provisioned."""
    disabling_the_gone: Mapping[str, DesiredValue]
    """What a disable writes for somebody who is no longer in the source."""
    circles: tuple[tuple[str, ...], ...] = ()
    """Names of groups that are in each other; only where groups in groups are opened."""


class Unread(Enum):
    """Stands in a column for what has to be read from the resource itself."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD


class Read(list[Any]):
    """A column that has nothing to be read from a resource: nobody needs to look for it."""


Columns = Sequence[Sequence[Any]]
"""A value of each resource for every path: text, truth, nothing, or :data:`UNREAD`."""


@runtime_checkable
class InColumns(Protocol):
    """Resources that are made when they are looked at, and need not be made for that."""

    def columns(self, paths: Sequence[AttributePath]) -> Iterator[Columns]:
        """Yield what is at *paths*, of some resources after the other, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """All live resources of one type, and whether the read was proved complete (INV-1)."""

    resources: Sequence[Resource]
    """In the order of the listing; many are laid aside, and made anew when they are asked for."""
    total_results: int | None
    """What the server said; None when it said nothing (cursor paging)."""
    complete: bool
    problem: str | None = None
    """Which page broke which rule; None when complete."""
    notes: object = field(default=None, compare=False, repr=False)
    """What was taken down of all resources while they were read (:mod:`reconciler.plan.sight`)."""

    def whole(self) -> Listing:
        """Return the same with all resources in memory, for whoever looks at each often."""
        return replace(self, resources=tuple(self.resources))


@dataclass(frozen=True, slots=True)
class LiveState:
    """What was read from the target."""

    capabilities: Capabilities
    users: Listing
    groups: Listing | None
    """None when groups are not provisioned: they are not even read."""

    def whole(self) -> LiveState:
        """Return the same with all resources in memory, for whoever looks at each often."""
        groups = None if self.groups is None else self.groups.whole()
        return replace(self, users=self.users.whole(), groups=groups)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one operation of an earlier run counted for the guards."""

    at: datetime
    """When it was done, or begun if no journal says how it ended; aware, UTC."""
    plan: str
    """Digest of its plan."""
    resource_type: ResourceType
    target_id: str | None
    counts: Mapping[str, int]
    """By id of the guard, without those that an approval let pass."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What our journals say, folded over every run against one tenant (ruling 8)."""

    links: Mapping[tuple[ResourceType, str], str] = field(default_factory=dict)
    """Target id by (type, anchor): the accounts and groups that we created or linked."""
    disabled_on: Mapping[str, date] = field(default_factory=dict)
    """By target id, the day of our own last disable; gone once enabled again."""
    head: str | None = None
    """Hash of the newest journal record; None before the first apply."""
    applied_users: int | None = None
    """People in the source of the last plan applied; None before the first apply."""
    applied_groups: int | None = None
    applied_filled: Mapping[str, int] = field(default_factory=dict)
    """People who had a value in the source of that plan, by column."""
    taken: tuple[Taken, ...] = ()
    """What earlier runs took, or changed for the worse; the oldest first."""
    moment: datetime | None = None
    """When it is looked back at them; None: however long ago they were, they count."""
