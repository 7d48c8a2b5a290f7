"""
Engines that are broken on purpose, each in one place: the checker has to find every one.

:func:`broken` puts one in place of the real engine for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import reconciler.apply.execute
import reconciler.apply.sending
import reconciler.workflow.apply_plan
from reconciler.apply.creates import Creator, Sent
from reconciler.apply.deletes import Deleter
from reconciler.apply.means import Means, Unfit
from reconciler.apply.memory import Memory
from reconciler.apply.report import Result
from reconciler.apply.sending import Sending
from reconciler.plan.encode import encode_create
from reconciler.plan.many import Some
from reconciler.plan.operation import Operation
from reconciler.scim.errors import AmbiguousOutcome, NotFound

Patch = tuple[Any, str, Any]

_brought_about = Sending._is_brought_about
_request = Creator._request
_delete = Deleter.delete


def _answered_is_done(self: Sending) -> bool:
    self._send()
    return True


def _ambiguous_is_done(self: Sending) -> bool:
    try:
        self._send()
    except AmbiguousOutcome:
        return True
    return self._shows()


def _gone_is_done(self: Sending) -> bool:
    try:
        return _brought_about(self)
    except NotFound:
        return True
    except Unfit as unfit:
        if unfit.code == "InvalidAnchor":
            return True
        raise


def _sent_again(self: Creator, operation: Operation, sent: Sent) -> str:
    for _ in range(3):
        try:
            created = self._means.target.create(operation.resource_type, encode_create(sent.made))
        except AmbiguousOutcome:
            continue
        return self._shown(sent, str(created["id"]))
    return _request(self, operation, sent)


def _answered_is_created(self: Creator, sent: Sent, target_id: str) -> str:
    return target_id


def _refused_is_deleted(self: Deleter, operation: Operation, target_id: str) -> Result:
    try:
        return _delete(self, operation, target_id)
    except Exception:
        return Result.VERIFIED


def _all_at_once(operations: Sequence[Operation]) -> Iterator[Some]:
    yield Some(operations, range(len(operations))[::-1])


def _forgotten(records: Sequence[Mapping[str, Any]]) -> Memory:
    return Memory()


def _nothing(*arguments: Any, **named: Any) -> None:
    return None


ENGINES: Mapping[str, Sequence[Patch]] = {
    "an answer is proof of a change": [(Sending, "_is_brought_about", _answered_is_done)],
    "an answer is proof of a create": [(Creator, "_shown", _answered_is_created)],
    "a lost answer is a success": [(Sending, "_is_brought_about", _ambiguous_is_done)],
    "404 on an update is done": [(Sending, "_is_brought_about", _gone_is_done)],
    "a create is sent again blindly": [(Creator, "_request", _sent_again)],
    "no intent is written": [(Means, "intend", _nothing)],
    "nobody looks whether it is as planned": [(Means, "check", _nothing)],
    "what is lost besides does not matter": [
        (reconciler.apply.sending, "losses", lambda *arguments: [])
    ],
    "a delete that is refused is done": [(Deleter, "delete", _refused_is_deleted)],
    "what takes runs before what gives": [
        (reconciler.workflow.apply_plan, "batches", _all_at_once)
    ],
    "a run that is resumed remembers nothing": [
        (reconciler.workflow.apply_plan, "remembered", _forgotten)
    ],
}
"""By what is wrong with it."""


@contextmanager
def broken(name: str) -> Iterator[None]:
    """Let the engine be broken in one place."""
    with ExitStack() as stack:
        for place, attribute, instead in ENGINES[name]:
            stack.enter_context(patch.object(place, attribute, instead))
        yield


def seeds_until_found(name: str, most: int, run: Callable[..., Any]) -> int | None:
    """Return how many runs it takes until a broken engine is found; None if *most* do not do."""
    with broken(name):
        for seed in range(most):
            if run([seed]).failures:
                return seed + 1
    return None
