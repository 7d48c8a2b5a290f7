"""
Everything that writing tells about a service, in an order that leaves little behind.

One user is tried out first, to its end: only where what is deleted is gone, a second
one and a group are made. Each trial fails for itself; what it could not tell is said
as such, so that nobody takes a default for a finding. A service that cannot be reached
any more ends them all.

Called by :mod:`reconciler.workflow.try_out`, for ``probe --scratch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.live.measure import Measured
from reconciler.live.scratch.attributes import keep_attributes
from reconciler.live.scratch.bench import Bench, CannotTell
from reconciler.live.scratch.groups import try_groups
from reconciler.live.scratch.leaving import delete, switch_off
from reconciler.live.scratch.pad import NotOurs
from reconciler.live.scratch.users import (
    create,
    create_again,
    fail_half,
    look_up,
    match_versions,
    name_an_element,
    update,
)
from reconciler.profiles.model import GENERIC
from reconciler.scim.errors import NotAuthorized, TargetError, TargetUnreachable

READ_AGAIN: Final = "concurrency.read_after_write"


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that is tried out."""

    words: str
    """What it does, for the screen."""
    keys: tuple[str, ...]
    """The flags that it tells about."""
    act: Callable[[Bench], Iterator[Measured]]


TRIALS: Final = (
    Trial("creating a user", (), create),
    Trial("looking it up", ("filter.case_sensitive",), look_up),
    Trial("creating it again", ("errors.duplicate",), create_again),
    Trial("changing it", ("write.user_update",), update),
    Trial("changing an element of a list", ("write.patch_filter_path",), name_an_element),
    Trial("a change that fails half-way", ("write.atomic",), fail_half),
    Trial("changes under a version", ("concurrency.etag",), match_versions),
    Trial("switching it off", ("deprovision.active_false",), switch_off),
    Trial("deleting it", ("deprovision.delete",), delete),
    Trial("attributes that are mapped", ("attributes.unsupported",), keep_attributes),
    Trial(
        "a group and its members",
        ("members.readable", "write.group_update", "members.remove", "members.chunk"),
        try_groups,
    ),
)
"""In their order; what comes later takes what came before for granted."""


def measure_by_writing(bench: Bench, tell: Callable[[str], None]) -> Iterator[Measured]:
    """
    Yield the flags that writing can tell; nothing is cleared away here.

    Args:
        bench: What it is tried out on.
        tell: Is told what is about to be done.

    Raises:
        NotAuthorized: Not even one user may be created.
    """
    ended: str | None = None
    for number, trial in enumerate(TRIALS, 1):
        found: dict[str, Measured] = {}
        why = ended or "the service was not asked"
        if ended is None:
            tell(f"{number}/{len(TRIALS)} {trial.words}")
            try:
                for one in trial.act(bench):
                    found[one.key] = one
            except TargetUnreachable as exc:
                ended = why = str(exc)
            except (TargetError, CannotTell, NotOurs) as exc:
                if trial.act is create and isinstance(exc, NotAuthorized):
                    raise
                if trial.act is create:
                    ended = f"no user could be created: {exc}"
                why = str(exc)
        missing = {key: Measured(key, None, why) for key in trial.keys if key not in found}
        yield from {**found, **missing}.values()
    yield from _lag(bench, ended)


def _lag(bench: Bench, ended: str | None) -> Iterator[Measured]:
    """Tell how long the slowest change took to show."""
    known, lag = GENERIC.concurrency.read_after_write, bench.pad.lag
    if not bench.pad.seen:
        yield Measured(f"{READ_AGAIN}.retries", None, ended or "nothing was created")
        return
    retries = known.retries
    while known.delay_seconds * (2**retries - 1) < 2 * lag:
        retries += 1
    why = f"the slowest change showed after {lag:g} s" if lag else "every change showed at once"
    yield Measured(f"{READ_AGAIN}.retries", retries, why)
    yield Measured(f"{READ_AGAIN}.delay_seconds", known.delay_seconds, why)
