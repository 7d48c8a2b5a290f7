"""
A plan without the personal data in it (ruling 18).

What is left lets a stranger judge the plan: how many, which attributes, why in
the words of the configuration, every guard with its numbers. What goes are the
names people are known by, the values before and after, and free text that may
quote them. The ids stay, so that somebody with access can look a person up.

The result is shown, never stored: its digests are those of the whole plan, and
a reader of plan files refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from msgspec import structs

from reconciler.plan.document import Body, Plan, Skipped
from reconciler.plan.operation import Change, Operation, Reference
from reconciler.render.values import REDACTED
from reconciler.states import ResourceType

MEMBERS = "members"


def redacted(plan: Plan) -> Plan:
    """Return *plan* with every name of a person and every value left out."""
    body = plan.body
    scrub = _Scrubber(body)
    author = plan.header.author and REDACTED
    return replace(
        plan,
        header=replace(plan.header, author=author),
        body=replace(
            body,
            inputs=replace(body.inputs, only=tuple(REDACTED for _ in body.inputs.only)),
            operations=tuple(_operation(op, scrub) for op in body.operations),
            withheld=tuple(_operation(op, scrub) for op in body.withheld),
            waiting=tuple(replace(one, key=REDACTED) for one in body.waiting),
            leaving=replace(
                body.leaving,
                sample=tuple(
                    replace(one, key=REDACTED, reason=scrub(one.reason))
                    for one in body.leaving.sample
                ),
            ),
            skipped=tuple(_skipped(one) for one in body.skipped),
            unmanaged=replace(
                body.unmanaged,
                sample=tuple(replace(one, key=REDACTED) for one in body.unmanaged.sample),
            ),
            warnings=tuple(replace(one, message=REDACTED) for one in body.warnings),
            guards=tuple(replace(one, sentence=scrub(one.sentence)) for one in body.guards),
        ),
    )


class _Scrubber:
    """Takes the names of the people of one plan out of sentences."""

    def __init__(self, body: Body) -> None:
        self._people = sorted(set(_people(body)) - {""}, key=lambda name: (-len(name), name))
        self._scrubbed = cache(self._scrub)

    def __call__(self, sentence: str) -> str:
        """Return *sentence* without names; the same sentence is looked at once."""
        return self._scrubbed(sentence)

    def _scrub(self, sentence: str) -> str:
        for name in self._people:
            if name in sentence:
                sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", REDACTED, sentence)
        return sentence


def _people(body: Body) -> Iterator[str]:
    """Yield every name of a person that an operation, or a list beside them, knows."""
    for operation in (*body.operations, *body.withheld):
        if operation.resource_type is ResourceType.USER:
            yield operation.key
        for reference in operation.references:
            if reference.resource_type is ResourceType.USER:
                yield reference.display
    yield from (one.key for one in body.waiting)
    yield from (one.key for one in body.leaving.sample)
    yield from (one.key for one in body.skipped if one.resource_type is ResourceType.USER)
    yield from (one.key for one in body.unmanaged.sample)
    yield from body.inputs.only


def _operation(operation: Operation, scrub: _Scrubber) -> Operation:
    """Return *operation* without names and values."""
    person = operation.resource_type is ResourceType.USER
    return structs.replace(
        operation,
        key=REDACTED if person else operation.key,
        reason=scrub(operation.reason),
        changes=tuple(_change(change) for change in operation.changes),
        references=tuple(_reference(reference) for reference in operation.references),
    )


def _change(change: Change) -> Change:
    """Return *change* with its path, and with what was set or cleared, but no value."""
    hide = _members if change.path.lower() == MEMBERS else _hidden
    return structs.replace(change, before=hide(change.before), after=hide(change.after))


def _hidden(value: Any) -> Any:
    return None if value is None else REDACTED


def _members(entries: Any) -> Any:
    """Return members with their ids and without their names, so that they can be counted."""
    if not isinstance(entries, list):
        return _hidden(entries)
    return [
        {**entry, "display": REDACTED} if isinstance(entry, dict) else REDACTED for entry in entries
    ]


def _reference(reference: Reference) -> Reference:
    person = reference.resource_type is ResourceType.USER
    return structs.replace(reference, display=REDACTED if person else reference.display)


def _skipped(one: Skipped) -> Skipped:
    person = one.resource_type is ResourceType.USER
    return replace(one, key=REDACTED if person else one.key, detail=REDACTED)
