"""
The plan file: versioned, canonical, self-describing (product.md, section 6).

Everything a reviewer, an auditor or ``apply`` needs is in it, and everything
that is printed is rendered from it. The header stands outside the digest, so
that planning twice gives the same digest; it has a digest of its own, so that no
byte of the file can change without being noticed (decision 20).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.closed import CLOSED
from reconciler.plan.operation import Operation
from reconciler.states import ResourceType

FORMAT_VERSION = "1.0"
"""Raised when a reader of the old format would misread the new one."""


class PlanAltered(ReconcilerError):
    """The bytes of a plan are not those that its digest was made of, or are no plan."""


@dataclass(frozen=True, slots=True)
class Header:
    """When, by what and from where a plan was made; outside the digest."""

    __pydantic_config__ = CLOSED

    created_at: str
    tool_version: str
    commit: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """Which service a plan is for."""

    __pydantic_config__ = CLOSED

    tenant_url: str
    profile: str
    capabilities_digest: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan was made of."""

    __pydantic_config__ = CLOSED

    as_of: str
    config_sha256: str
    source_sha256: str
    users: int
    groups: int
    unassigned: int
    """People of the source whom no assignment names."""
    journal_head: str | None
    """Hash of the newest journal record of this application; None before the first apply."""
    only: tuple[str, ...]
    """Keys named by ``--user`` and ``--group``; empty for everybody."""
    filled: dict[str, int]
    """People of the source who have a value, by column that the application reads."""
    reverts: str | None = None
    """Digest of the plan that this one undoes; None for a plan of the source."""
    rules_sha256: str | None = None
    """Of what decides in the configuration; null where it did not decide, as in an undo."""


@dataclass(frozen=True, slots=True)
class ReadProof:
    """How complete a listing was."""

    __pydantic_config__ = CLOSED

    total_results: int | None
    received: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ReadProofs:
    """The proofs of both listings; `groups` is null when groups are not provisioned."""

    __pydantic_config__ = CLOSED

    users: ReadProof
    groups: ReadProof | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who is assigned and not written, with Entra's code."""

    __pydantic_config__ = CLOSED

    key: str
    source_id: str
    resource_type: ResourceType
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class UnmanagedAccount:
    """A live account that is not ours: *local* (nobody in the source) or *unassigned*."""

    __pydantic_config__ = CLOSED

    key: str
    target_id: str
    label: Literal["local", "unassigned"]


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """What we leave alone, counted and sampled."""

    __pydantic_config__ = CLOSED

    count: int
    sample: tuple[UnmanagedAccount, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delete that `delete_after` allows and the limit of this plan does not."""

    __pydantic_config__ = CLOSED

    key: str
    target_id: str
    disabled_on: str


Rung = Literal["disabled", "scheduled", "waiting", "due"]
"""
Where a leaver stands: off, and nothing deletes it; to be deleted on a day; beyond this plan's
limit; deleted by this plan.
"""


@dataclass(frozen=True, slots=True)
class Leaver:
    """An account that we disabled, and that is still off."""

    __pydantic_config__ = CLOSED

    key: str
    target_id: str
    source_id: str | None
    rung: Rung
    disabled_on: str
    """The day of our own disable."""
    delete_on: str | None
    """The first day on which `delete_after` may delete it; None when it never will."""
    reason: str
    """Why its person has no access, in the words of the configuration."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The accounts on each rung of leaving, counted, and those that go first named."""

    __pydantic_config__ = CLOSED

    disabled: int
    scheduled: int
    waiting: int
    due: int
    sample: tuple[Leaver, ...]

    @property
    def count(self) -> int:
        """How many there are on all rungs."""
        return self.disabled + self.scheduled + self.waiting + self.due


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is not as it should be and stops nothing."""

    __pydantic_config__ = CLOSED

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A target path whose values no output shows, because its mapping calls Redact."""

    __pydantic_config__ = CLOSED

    resource_type: ResourceType
    path: str


def _is_empty(values: tuple[str, ...]) -> bool:
    return not values


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one guard, with the sentence that explains it."""

    __pydantic_config__ = CLOSED

    id: str
    count: int
    population: int
    limit: int
    blocked: bool
    sentence: str
    effects: Annotated[tuple[str, ...], Field(min_length=1, exclude_if=_is_empty)] = ()
    """
    What it blocks for, where it judges several effects and counts them together. Without any
    it is left out, and an empty list is refused, so that a plan has one form.
    """


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests by method."""

    __pydantic_config__ = CLOSED

    GET: int
    POST: int
    PATCH: int
    DELETE: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What applying will take, from counts and `rate_limit`; never measured."""

    __pydantic_config__ = CLOSED

    requests: Requests
    seconds: int


@dataclass(frozen=True, slots=True)
class Body:
    """The part of a plan that its digest covers."""

    __pydantic_config__ = CLOSED

    application: str
    operations_digest: str
    target: PlanTarget
    inputs: Inputs
    read: ReadProofs
    operations: Annotated[Sequence[Operation], AfterValidator(tuple)]
    withheld: Annotated[Sequence[Operation], AfterValidator(tuple)]
    """What ``--no-removals`` left out."""
    waiting: tuple[Waiting, ...]
    leaving: Leaving
    skipped: tuple[Skipped, ...]
    unmanaged: Unmanaged
    warnings: tuple[Warned, ...]
    guards: tuple[Verdict, ...]
    cost: Cost
    redacted: tuple[Redacted, ...]
    """What no output shows. The operations hold the values: apply sends what was reviewed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan file."""

    __pydantic_config__ = CLOSED

    format_version: Literal["1.0"]
    digest: str
    header: Header
    header_digest: str
    body: Body

    @property
    def blocked(self) -> bool:
        """Whether any guard blocks."""
        return any(verdict.blocked for verdict in self.body.guards)
