"""
What the trials of a service share: the pad, and what is known so far.

A trial asks for one thing and looks at what became of it. It believes no answer: a
change that was refused may have been made, and one that was accepted may not. What
cannot be told raises :class:`CannotTell`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.diagnostics import ReconcilerError
from reconciler.live.scratch.pad import LONGEST, Pad
from reconciler.plan.groups import live_members
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import (
    AmbiguousOutcome,
    NotAuthorized,
    TargetError,
    TargetRefused,
    Throttled,
)
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import put, reader
from reconciler.scim.schema import CORE_URN
from reconciler.states import Resource, ResourceType

USER, GROUP = ResourceType.USER, ResourceType.GROUP
VERSION: Final = reader(parse_path("meta.version"))
SHOWN: Final = "Made by reconciler to try this service out; may be deleted"
"""What people are shown who come across such an account."""
EMAILS: Final = "emails"
WORKS: Final = "works"
"""What is said of a write that was carried out, and of no other."""

_NO_VERDICT = (NotAuthorized, Throttled)
"""Refusals that say nothing about what was asked."""


class CannotTell(ReconcilerError):
    """Something could not be measured."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An attribute of users that the application maps."""

    path: AttributePath
    constant: str | bool | int | None = None
    """The value that everybody has; None when people have their own."""


@dataclass
class Bench:
    """One service on trial."""

    pad: Pad
    new_name: Callable[[], str]
    """Makes names that nobody has."""
    mapped: Sequence[Mapped]
    capabilities: Capabilities
    leftovers: Sequence[str] = ()
    """What an earlier run has left behind, in words."""
    user: str = ""
    """Id of the user that is tried out on; empty when there is none."""
    name: str = ""
    """Its name, without the domain."""
    other: str = ""
    """Id of a second user, for groups."""
    first_version: str | None = None
    """The version that the user had when it was new."""
    cleans: bool = False
    """Whether what was deleted was gone: only then more is made than one user."""
    mailed: bool = False
    """Whether this service takes no user without an e-mail address."""
    forms: dict[ResourceType, str] = field(default_factory=dict)
    """`patch` or `put`, by what was shown to work."""

    def body(self, name: str) -> Resource:
        """Return the body of the create of a user of that name."""
        user_name = f"{name}@{self.pad.domain}"
        said = {"givenName": "Reconciler", "familyName": "Scratch", "formatted": SHOWN}
        core = {"schemas": [CORE_URN[USER]], "userName": user_name, "externalId": name}
        mails = {EMAILS: [{"value": user_name, "type": "work", "primary": True}]}
        more = mails if self.mailed else {}
        return {**core, "name": said, "displayName": SHOWN, "active": True, **more}

    def make_user(self, name: str, body: Mapping[str, Any] | None = None) -> str:
        """
        Create a user and wait until it shows; gives its id.

        Raises:
            CannotTell: It does not show.
            TargetError: It was not created.
        """
        return self._shown(USER, self.pad.create(USER, body or self.body(name)))

    def make_group(self, name: str, members: Sequence[str]) -> str:
        """Create a group with *members* and wait until it shows; gives its id."""
        core = {"schemas": [CORE_URN[GROUP]], "displayName": name, "externalId": name}
        body = {**core, "members": [member(each) for each in members]}
        return self._shown(GROUP, self.pad.create(GROUP, body))

    def _shown(self, kind: ResourceType, resource_id: str) -> str:
        if not self.pad.wait(kind, resource_id, lambda found: found is not None):
            raise CannotTell(f"a new {kind.value} does not show within {LONGEST:g} seconds")
        return resource_id

    def the_user(self) -> str:
        """Return the id of the user to try out on."""
        if not self.user:
            raise CannotTell("there is no user to try it out on")
        return self.user

    def now(self, kind: ResourceType, resource_id: str) -> Resource:
        """Read something that must be there."""
        found = self.pad.present(kind, resource_id)
        if found is None:
            raise CannotTell(f"the {kind.value} that was made is not found any more")
        return found

    def set(
        self,
        kind: ResourceType,
        resource_id: str,
        path: str,
        value: Any,
        version: str | None = None,
    ) -> TargetError | None:
        """Change one attribute in the form that works; gives the refusal."""
        form = self.forms.get(kind)
        if form is None:
            raise CannotTell(f"neither PATCH nor PUT changes a {kind.value}")
        send = self.by_patch if form == "patch" else self.by_put
        return send(kind, resource_id, path, value, version)

    def by_patch(
        self,
        kind: ResourceType,
        resource_id: str,
        path: str,
        value: Any,
        version: str | None = None,
    ) -> TargetError | None:
        """Change one attribute with PATCH."""
        operation = {"op": "replace", "path": path, "value": value}
        return refused(lambda: self.pad.patch(kind, resource_id, [operation], version))

    def by_put(
        self,
        kind: ResourceType,
        resource_id: str,
        path: str,
        value: Any,
        version: str | None = None,
    ) -> TargetError | None:
        """Change one attribute with PUT: the whole of it as it is, with the change made in it."""
        body = {key: part for key, part in self.now(kind, resource_id).items() if key != "meta"}
        put(body, parse_path(path), value)
        return refused(lambda: self.pad.put(kind, resource_id, body, version))

    def shows(self, kind: ResourceType, resource_id: str, path: str, value: Any) -> bool:
        """Say whether one attribute becomes *value*."""
        read = reader(parse_path(path))
        return self.pad.becomes(
            kind, resource_id, lambda found: found is not None and read(found) == value
        )

    def members(self, group: str) -> frozenset[str]:
        """Return the ids of a group's members."""
        return live_members(self.now(GROUP, group))


def member(resource_id: str) -> dict[str, str]:
    """Return a user as a member is sent."""
    return {"value": resource_id, "type": USER.value}


def refused(send: Callable[[], object]) -> TargetError | None:
    """
    Send a write, and return its refusal; of a lost answer, the next look tells what became.

    Raises:
        TargetError: It was refused for a reason that has nothing to do with the write.
    """
    try:
        send()
    except _NO_VERDICT:
        raise
    except (TargetRefused, AmbiguousOutcome) as exc:
        return exc
    return None


def said_of(refusal: TargetError | None) -> str:
    """Say in a few words how a write was answered that changed nothing."""
    if isinstance(refusal, TargetRefused):
        return f"refused with {refusal.status}"
    if isinstance(refusal, AmbiguousOutcome):
        status = refusal.answer.status if refusal.answer else None
        return f"answered {status}" if status else "without an answer"
    return "accepted, and nothing changes"


def works(refusal: TargetError | None, *, shown: bool) -> str:
    """Say in a few words what became of a write; one that is carried out and denied is not good."""
    denied = refusal is not None and not is_lost(refusal)
    if shown:
        return f"carried out, and {said_of(refusal)}" if denied else WORKS
    return said_of(refusal)


def is_lost(refusal: TargetError | None) -> bool:
    """Say whether nothing was answered at all."""
    return isinstance(refusal, AmbiguousOutcome) and refusal.answer is None
