"""
Which guards an approval can let pass, and what it is then bound to.

A guard that compares a count with a limit can be approved: the count is what a
person agrees to. Three things cannot: what the reviewed file says is never to
be touched, a guard that could not judge (there is nothing to agree to), and a
guard that has no row here.

A count is approved as the plan's operations make it. When apply counts anew, an
operation may have become stale in the meantime and will be skipped; so a count
that is *milder* than the approved one passes, and a worse one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.plan.document import Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """How one guard can be approved."""

    never: str | None = None
    """Why it cannot be approved away at all."""
    worse: Callable[[int, int], bool] = lambda count, than: count > than
    """Whether a count is worse than another."""
    fewest: int = 1
    """The least count that anybody may approve."""


_TAKES = Rule()
_REMAINS = Rule(worse=lambda count, than: count < than)

RULES: Mapping[str, Rule] = {
    "accidental_deletions": _TAKES,
    "delete_users": _TAKES,
    "delete_groups": _TAKES,
    "empty_groups": _TAKES,
    "remove_members": _TAKES,
    "group_members": _TAKES,
    "half_gone": _TAKES,
    "revoke_roles": _TAKES,
    "rename_users": _TAKES,
    "enable_users": _TAKES,
    "create_users": _TAKES,
    "single_cause": _TAKES,
    "rolling_window": _TAKES,
    "source_shrinks": _TAKES,
    "protected": Rule(
        "who is on the list is taken off it in the reviewed file, in a change of its own"
    ),
    "self": Rule("another account is used for the token, or nothing is taken from this one"),
    "min_admins": _REMAINS,
}
"""By id of the guard. `min_admins` counts who remains: one at least, whatever is approved."""

_UNKNOWN = Rule("no rule says what its approval would be bound to")


def rule_of(guard: str) -> Rule:
    """Return how *guard* can be approved; one without a row cannot be (INV-34)."""
    return RULES.get(guard, _UNKNOWN)


def obstacle(verdict: Verdict) -> str | None:
    """Return why nobody can let *verdict*, which blocks, pass; None when somebody can."""
    rule = rule_of(verdict.id)
    if rule.never is not None:
        return f"{verdict.id} cannot be approved away: {rule.never}"
    if not rule.worse(verdict.count, verdict.limit):
        return f"{verdict.id} could not judge, so there is no count to approve: {verdict.sentence}"
    if verdict.count < rule.fewest:
        return f"{verdict.id} cannot be approved away: {verdict.sentence}"
    return None
