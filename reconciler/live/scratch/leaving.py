"""
Trials on taking away: switching a user off, deleting it, giving its name away again.

What is deleted must be gone before more than one user is made: a service that keeps
what was deleted would keep all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.live.measure import Measured
from reconciler.live.scratch.bench import USER, Bench, CannotTell, refused, said_of
from reconciler.live.scratch.users import is_off
from reconciler.scim.errors import AmbiguousOutcome, NotAuthorized, TargetError, TargetRefused

NOT_POSSIBLE: Final = frozenset({403, 405, 501})
"""Statuses that say of a DELETE that there is none."""


def switch_off(bench: Bench) -> Iterator[Measured]:
    """Set `active` to false, and back."""
    key = "deprovision.active_false"
    user = bench.the_user()
    refusal = bench.set(USER, user, "active", False)
    if not bench.pad.becomes(USER, user, lambda found: found is None or is_off(found)):
        yield Measured(key, "unsupported", f"`active: false` is {said_of(refusal)}")
        return
    if bench.pad.present(USER, user) is None:
        _forget(bench, user)
        yield Measured(key, "deletes", "whoever is switched off is not found any more")
        return
    yield Measured(key, "suspends", "whoever is switched off is still there, and not active")
    bench.set(USER, user, "active", True)
    bench.pad.becomes(USER, user, lambda found: not is_off(found))


def delete(bench: Bench) -> Iterator[Measured]:
    """Delete the user, and create one of the same name."""
    key = "deprovision.delete"
    user = bench.user = bench.user or bench.make_user(bench.name)
    was_off = is_off(bench.now(USER, user))
    refusal = _deleted(bench, user)
    if isinstance(refusal, TargetRefused) and refusal.status in NOT_POSSIBLE:
        yield Measured(key, "forbidden", f"a DELETE is {said_of(refusal)}")
    elif bench.pad.becomes(USER, user, lambda found: found is None):
        _forget(bench, user)
        bench.cleans = True
        yield Measured(key, "hard", f"whoever is deleted is not found any more; {_again(bench)}")
    elif is_off(bench.now(USER, user)) and not was_off:
        yield Measured(key, "soft", "whoever is deleted is still there, and not active")
    else:
        raise CannotTell(f"a DELETE is {said_of(refusal)}")


def _deleted(bench: Bench, user: str) -> TargetError | None:
    """Delete the user; gives the refusal, also that of the credential."""
    try:
        return refused(lambda: bench.pad.delete(USER, user))
    except NotAuthorized as exc:
        return exc


def _again(bench: Bench) -> str:
    """Create a user of the same name, and say how that went."""
    refusal: TargetError | None = None
    try:
        bench.user = bench.make_user(bench.name)
    except (TargetRefused, AmbiguousOutcome) as exc:
        refusal = exc
    if refusal is None:
        return "the name is free again"
    return f"the name is not free again: another create is {said_of(refusal)}"


def _forget(bench: Bench, user: str) -> None:
    """Note that the user is gone."""
    bench.pad.made.pop(user, None)
    bench.user = ""
