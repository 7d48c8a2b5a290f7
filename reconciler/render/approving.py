"""How a blocked plan can be let pass: a command for each guard, or why there is none."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.plan.document import Plan, Verdict
from reconciler.render.values import SENTENCE, shown
from reconciler.signing.approvable import obstacle

DIGEST_SHOWN = 12
"""Hex digits by which a stored plan is named."""


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a plan since it was made; the plan itself says nothing of it."""

    approved: frozenset[str] = frozenset()
    """Ids of the guards that block it and that an approval lets pass."""
    applied: bool = False
    """Whether a run of it has begun."""
    unsigned: bool = False
    """Whether nobody signed it, and somebody has to."""


NOTHING_SINCE = Since()


@dataclass(frozen=True, slots=True)
class Approving:
    """What to do about the guards that block."""

    commands: tuple[str, ...]
    """One per guard that nobody has approved yet, to be copied as they are; none when one of
    the guards cannot be approved."""
    obstacles: tuple[str, ...]
    """Why there is no command: a sentence for each guard that cannot be approved, or what there
    is to do instead."""


NOT_KEPT = (
    "This plan was not kept, so it cannot be approved: plan again without `--no-store`, or with "
    "`--out`."
)
UNSIGNED = (
    "this plan is not signed, and `trust` says `signed_plans: required`: `approve` and `apply` "
    "refuse it; plan again with --key"
)


def approving(
    plan: Plan, named: str | None, *, kept: bool = True, since: Since = NOTHING_SINCE
) -> Approving:
    """
    Return how the guards that block *plan* can be let pass.

    Args:
        plan: The plan.
        named: How to name it; None: by its digest.
        kept: Whether it is in a file, so that a command can name it at all.
        since: What became of it.
    """
    if since.applied:
        return Approving((), ())
    left = still_blocked(plan, since)
    obstacles = [why for verdict in left if (why := obstacle(verdict)) is not None]
    name = shlex.quote(shown(named, SENTENCE) if named else shown(plan.digest[:DIGEST_SHOWN]))
    if plan.blocked and not obstacles:
        obstacles = list(_instead(name, left, kept=kept, since=since))
    commands = [] if obstacles else [_command(name, verdict) for verdict in left]
    return Approving(tuple(commands), tuple(shown(why, SENTENCE) for why in obstacles))


def still_blocked(plan: Plan, since: Since) -> list[Verdict]:
    """Return the guards that block *plan* and that nobody has approved."""
    return [one for one in plan.body.guards if one.blocked and one.id not in since.approved]


def _instead(name: str, left: list[Verdict], *, kept: bool, since: Since) -> Iterator[str]:
    """Yield what there is to do where there is nothing to approve, if anything."""
    if since.unsigned:
        yield f"{UNSIGNED[0].upper()}{UNSIGNED[1:]}."
    elif not kept:
        yield NOT_KEPT
    elif not left:
        yield f"Apply it with: reconciler apply {name}"


def _command(name: str, verdict: Verdict) -> str:
    guard = shlex.quote(shown(verdict.id))
    return f"reconciler approve {name} --guard {guard} --count {verdict.count} --reason '…'"
