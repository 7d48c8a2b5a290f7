"""How a blocked plan can be let pass: a command for each guard, or why there is none."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from reconciler.plan.document import Plan, Verdict
from reconciler.render.values import SENTENCE, shown
from reconciler.signing.approvable import obstacle

DIGEST_SHOWN = 12
"""Hex digits by which a stored plan is named."""


@dataclass(frozen=True, slots=True)
class Approving:
    """What to do about the guards that block."""

    commands: tuple[str, ...]
    """One per guard, to be copied as they are; none when one of the guards cannot be approved."""
    obstacles: tuple[str, ...]
    """Why there is no command: a sentence for each guard that cannot be approved."""


NOT_KEPT = (
    "This plan was not kept, so it cannot be approved: plan again without `--no-store`, or with "
    "`--out`."
)


def approving(plan: Plan, named: str | None, *, kept: bool = True) -> Approving:
    """
    Return how the guards that block *plan* can be let pass.

    Args:
        plan: The plan.
        named: How to name it; None: by its digest.
        kept: Whether it is in a file, so that a command can name it at all.
    """
    blocking = [verdict for verdict in plan.body.guards if verdict.blocked]
    obstacles = [why for verdict in blocking if (why := obstacle(verdict)) is not None]
    if blocking and not obstacles and not kept:
        obstacles = [NOT_KEPT]
    name = shlex.quote(shown(named, SENTENCE) if named else shown(plan.digest[:DIGEST_SHOWN]))
    commands = [] if obstacles else [_command(name, verdict) for verdict in blocking]
    return Approving(tuple(commands), tuple(shown(why, SENTENCE) for why in obstacles))


def _command(name: str, verdict: Verdict) -> str:
    guard = shlex.quote(shown(verdict.id))
    return f"reconciler approve {name} --guard {guard} --count {verdict.count} --reason '…'"
