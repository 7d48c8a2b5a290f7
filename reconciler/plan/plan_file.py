"""
A plan as a file: sealed with its digests, written, and read again.

Each plan has three digests: of its body, which names it; of its operations, which is what
a reviewer approves; and of its header. An operation at a time is brought into its canonical
form, so that a plan of fifty thousand takes no more memory than it is large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import force_setattr
from pydantic import TypeAdapter, ValidationError

from reconciler.plan.digest import (
    canonical_array,
    canonical_json,
    canonical_leaves,
    canonical_object,
    digest,
    digest_of,
)
from reconciler.plan.document import FORMAT_VERSION, Body, Header, Plan, PlanAltered
from reconciler.plan.operation import Operation
from reconciler.plan.sound import unsound

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
_HEADER: TypeAdapter[Header] = TypeAdapter(Header)
_BODY: TypeAdapter[Body] = TypeAdapter(Body)
_PLAIN: TypeAdapter[Operation] = TypeAdapter(Operation)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_OPERATION = msgspec.json.Decoder(Operation)

_LARGE = ("operations", "withheld")
"""What a body may hold ten thousands of."""

_EVERYTHING = Operation.__struct_fields__
_REVIEWED = tuple(name for name in _EVERYTHING if name != "precondition")


def as_json(plan: Plan) -> dict[str, Any]:
    """Return *plan* as plain JSON values."""
    whole: dict[str, Any] = _PLAN.dump_python(plan, mode="json", exclude={"body": set(_LARGE)})
    for name in _LARGE:
        operations: Sequence[Operation] = getattr(plan.body, name)
        whole["body"][name] = [_PLAIN.dump_python(one, mode="json") for one in operations]
    return whole


def canonical_plan(plan: Plan) -> Iterator[bytes]:
    """Yield the canonical form of *plan* in pieces, an operation at a time."""
    whole = _PLAN.dump_python(plan, mode="json", exclude={"body"})
    return canonical_object({**whole, "body": _canonical_body(plan.body)})


def _canonical_body(body: Body) -> Iterator[bytes]:
    small = _BODY.dump_python(body, mode="json", exclude=set(_LARGE))
    large = {name: canonical_array(map(_canonical, getattr(body, name))) for name in _LARGE}
    return canonical_object({**small, **large})


def _canonical(operation: Operation, names: tuple[str, ...] = _EVERYTHING) -> bytes:
    """Return the canonical form of what *operation* has under *names*."""
    values = chain.from_iterable((one.before, one.after) for one in operation.changes)
    members = {name: getattr(operation, name) for name in names}
    quick = canonical_leaves(members, values)
    if quick is not None:
        return quick
    whole = msgspec.to_builtins(operation)
    return canonical_json({name: whole[name] for name in names})


def _reviewed(operation: Operation) -> bytes:
    """Return the canonical form of what a reviewer approves of an operation."""
    return _canonical(operation, _REVIEWED)


def body_digest(body: Body) -> str:
    """Return the digest that names a plan."""
    return digest_of(_canonical_body(body))


def header_digest(header: Header) -> str:
    """Return the digest that shows that a header was changed."""
    return digest(_HEADER.dump_python(header, mode="json"))


def operations_digest(application: str, tenant_url: str, operations: Sequence[Operation]) -> str:
    """
    Return the digest of what a reviewer approves (ruling 15).

    Preconditions are left out: they follow the live state, and change with
    every unrelated write, while the operations stay the same.
    """
    where = canonical_json([application, tenant_url]).removesuffix(b"]") + b","
    return digest_of(chain((where,), canonical_array(map(_reviewed, operations)), (b"]",)))


def seal(body: Body, header: Header) -> Plan:
    """Return the plan file of *body*."""
    return Plan("1.0", body_digest(body), header, header_digest(header), body)


Hold = Callable[[Iterator[Operation], int], Sequence[Operation]]
"""Takes the operations of a plan, and how many there are, and returns them as a sequence."""


def _in_memory(operations: Iterator[Operation], _count: int) -> Sequence[Operation]:
    return tuple(operations)


def parse_plan(data: bytes, hold: Hold = _in_memory) -> Plan:
    """
    Read a plan file and check all of its digests; *hold* takes its operations.

    Raises:
        PlanAltered: Not a plan, another format version, or changed after it was made.
    """
    try:
        plan = in_pieces(data, hold) or _PLAN.validate_json(data)
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
    for operation in chain(body.operations, body.withheld):
        problem = unsound(operation)
        if problem is not None:
            raise PlanAltered(f"{operation.id} {problem}")
    return plan


def in_pieces(data: bytes, hold: Hold = _in_memory) -> Plan | None:
    """
    Read a plan an operation at a time; None where it must be read as a whole.

    Read as a whole, every value of it is in memory twice before the first is an operation.
    What is wrong with a plan is for the whole to say.
    """
    try:
        plan = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        body = msgspec.json.decode(plan["body"], type=dict[str, msgspec.Raw])
        operations, withheld = (_operations(body[name], hold) for name in _LARGE)
        body |= dict.fromkeys(_LARGE, msgspec.Raw(b"[]"))
        small = _PLAN.validate_json(msgspec.json.encode({**plan, "body": body}))
    except (msgspec.MsgspecError, ValidationError, KeyError, ValueError, RecursionError):
        return None
    return replace(small, body=replace(small.body, operations=operations, withheld=withheld))


def _operations(array: msgspec.Raw, hold: Hold) -> Sequence[Operation]:
    """Return operations, whose paths are one text wherever it stands: there are few of them."""
    pieces, once = _ARRAY.decode(array), dict[str, str]().setdefault

    def read() -> Iterator[Operation]:
        for operation in map(_OPERATION.decode, pieces):
            for change in operation.changes:
                force_setattr(change, "path", once(change.path, change.path))
            yield operation

    return hold(read(), len(pieces))


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
