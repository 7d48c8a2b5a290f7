"""
The plan file: versioned, canonical, self-describing (product.md, section 6).

Everything a reviewer, an auditor or ``apply`` needs is in it, and everything
that is printed is rendered from it. The header stands outside the digest, so
that planning twice gives the same digest; it has a digest of its own, so that no
byte of the file can change without being noticed (decision 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.digest import (
    canonical_array,
    canonical_json,
    canonical_object,
    digest,
    digest_of,
)
from reconciler.plan.operation import Operation
from reconciler.plan.sound import unsound
from reconciler.states import ResourceType

FORMAT_VERSION = "1.0"
"""Raised when a reader of the old format would misread the new one."""

_CLOSED = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)


class PlanAltered(ReconcilerError):
    """The bytes of a plan are not those that its digest was made of, or are no plan."""


@dataclass(frozen=True, slots=True)
class Header:
    """When, by what and from where a plan was made; outside the digest."""

    __pydantic_config__ = _CLOSED

    created_at: str
    tool_version: str
    commit: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """Which service a plan is for."""

    __pydantic_config__ = _CLOSED

    tenant_url: str
    profile: str
    capabilities_digest: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan was made of."""

    __pydantic_config__ = _CLOSED

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

    __pydantic_config__ = _CLOSED

    total_results: int | None
    received: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ReadProofs:
    """The proofs of both listings; `groups` is null when groups are not provisioned."""

    __pydantic_config__ = _CLOSED

    users: ReadProof
    groups: ReadProof | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who is assigned and not written, with Entra's code."""

    __pydantic_config__ = _CLOSED

    key: str
    source_id: str
    resource_type: ResourceType
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class UnmanagedAccount:
    """A live account that is not ours: *local* (nobody in the source) or *unassigned*."""

    __pydantic_config__ = _CLOSED

    key: str
    target_id: str
    label: Literal["local", "unassigned"]


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """What we leave alone, counted and sampled."""

    __pydantic_config__ = _CLOSED

    count: int
    sample: tuple[UnmanagedAccount, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delete that `delete_after` allows and the limit of this plan does not."""

    __pydantic_config__ = _CLOSED

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

    __pydantic_config__ = _CLOSED

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

    __pydantic_config__ = _CLOSED

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

    __pydantic_config__ = _CLOSED

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A target path whose values no output shows, because its mapping calls Redact."""

    __pydantic_config__ = _CLOSED

    resource_type: ResourceType
    path: str


def _is_empty(values: tuple[str, ...]) -> bool:
    return not values


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one guard, with the sentence that explains it."""

    __pydantic_config__ = _CLOSED

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

    __pydantic_config__ = _CLOSED

    GET: int
    POST: int
    PATCH: int
    DELETE: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What applying will take, from counts and `rate_limit`; never measured."""

    __pydantic_config__ = _CLOSED

    requests: Requests
    seconds: int


@dataclass(frozen=True, slots=True)
class Body:
    """The part of a plan that its digest covers."""

    __pydantic_config__ = _CLOSED

    application: str
    operations_digest: str
    target: PlanTarget
    inputs: Inputs
    read: ReadProofs
    operations: tuple[Operation, ...]
    withheld: tuple[Operation, ...]
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

    __pydantic_config__ = _CLOSED

    format_version: Literal["1.0"]
    digest: str
    header: Header
    header_digest: str
    body: Body

    @property
    def blocked(self) -> bool:
        """Whether any guard blocks."""
        return any(verdict.blocked for verdict in self.body.guards)


_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
_HEADER: TypeAdapter[Header] = TypeAdapter(Header)
_BODY: TypeAdapter[Body] = TypeAdapter(Body)
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)

_LARGE = ("operations", "withheld")
"""What a body may hold ten thousands of."""


def as_json(plan: Plan) -> dict[str, Any]:
    """Return *plan* as plain JSON values."""
    return dict(_PLAN.dump_python(plan, mode="json"))


def canonical_plan(plan: Plan) -> Iterator[bytes]:
    """Yield the canonical form of *plan* in pieces, an operation at a time."""
    whole = _PLAN.dump_python(plan, mode="json", exclude={"body"})
    return canonical_object({**whole, "body": _canonical_body(plan.body)})


def _canonical_body(body: Body) -> Iterator[bytes]:
    large = {name: _plain(getattr(body, name)) for name in _LARGE}
    small = _BODY.dump_python(body, mode="json", exclude=set(_LARGE))
    return canonical_object({**small, **{k: canonical_array(v) for k, v in large.items()}})


def _plain(operations: Iterable[Operation]) -> Iterator[dict[str, Any]]:
    """Yield operations as plain JSON values."""
    return (_OPERATION.dump_python(one, mode="json") for one in operations)


def body_digest(body: Body) -> str:
    """Return the digest that names a plan."""
    return digest_of(_canonical_body(body))


def header_digest(header: Header) -> str:
    """Return the digest that shows that a header was changed."""
    return digest(_HEADER.dump_python(header, mode="json"))


def operations_digest(application: str, tenant_url: str, operations: tuple[Operation, ...]) -> str:
    """
    Return the digest of what a reviewer approves (ruling 15).

    Preconditions are left out: they follow the live state, and change with
    every unrelated write, while the operations stay the same.
    """
    plain = (
        {name: value for name, value in one.items() if name != "precondition"}
        for one in _plain(operations)
    )
    where = canonical_json([application, tenant_url]).removesuffix(b"]") + b","
    return digest_of(chain((where,), canonical_array(plain), (b"]",)))


def seal(body: Body, header: Header) -> Plan:
    """Return the plan file of *body*."""
    return Plan("1.0", body_digest(body), header, header_digest(header), body)


def parse_plan(data: bytes) -> Plan:
    """
    Read a plan file and check all of its digests.

    Raises:
        PlanAltered: Not a plan, another format version, or changed after it was made.
    """
    try:
        plan = _PLAN.validate_json(data)
    except ValidationError as exc:
        raise PlanAltered(f"this is not a plan of format {FORMAT_VERSION}: {_first(exc)}") from exc
    body = plan.body
    try:
        whole = body_digest(body)
        reviewed = operations_digest(body.application, body.target.tenant_url, body.operations)
        made = header_digest(plan.header)
    except (TypeError, ValueError) as exc:
        raise PlanAltered(f"this is not a plan of format {FORMAT_VERSION}: {exc}") from exc
    if whole != plan.digest:
        raise PlanAltered("the plan was altered: its digest does not fit its body")
    if reviewed != body.operations_digest:
        raise PlanAltered("the plan was altered: its operations digest does not fit")
    if made != plan.header_digest:
        raise PlanAltered("the plan was altered: the digest of its header does not fit")
    for operation in (*body.operations, *body.withheld):
        problem = unsound(operation)
        if problem is not None:
            raise PlanAltered(f"{operation.id} {problem}")
    return plan


MANY = 1_000
"""Mistakes of a file that are not spelled out any more: a million of them take a gigabyte."""


def _first(error: ValidationError) -> str:
    """Return place and words of the first of the mistakes in a file."""
    if error.error_count() > MANY:
        return f"the file: {error.error_count():,} mistakes"
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "the file"
    return f"{place}: {first['msg']}"


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a plan file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:scim-reconciler:schema:plan:{FORMAT_VERSION}",
        **_PLAN.json_schema(),
    }
