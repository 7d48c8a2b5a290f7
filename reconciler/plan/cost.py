"""
What applying a plan will take, counted and never measured.

Each operation is read before it runs and read back after it ran; members
travel in chunks. Seconds follow from ``rate_limit`` alone, or the lower one
of the profile: the server's pace is the limit, and it is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reconciler.config.model import Target
from reconciler.plan.document import Cost, Requests
from reconciler.plan.operation import Action, Operation
from reconciler.profiles.model import GENERIC, Profile


def requests_of(operation: Operation, chunk: int = GENERIC.members.chunk) -> Counter[str]:
    """Return the requests of one operation, by method; *chunk* members travel in one."""
    if operation.action is Action.CREATE:
        return Counter(GET=2, POST=1)
    if operation.action is Action.DELETE:
        return Counter(GET=2, DELETE=1)
    members = operation.change_of("members")
    if members is not None or operation.action is Action.ADD_MEMBERS:
        listed = len((members.before or members.after or []) if members else [])
        return Counter(GET=2, PATCH=-(-(listed + len(operation.references)) // chunk))
    if not operation.changes and not operation.references:
        return Counter(GET=1)
    return Counter(GET=2, PATCH=1)


def pace_of(target: Target, profile: Profile) -> int:
    """Return the lower pace of configuration and profile, in requests a second; 0: no limit."""
    paces = (target.rate_limit, profile.limits.requests_per_second)
    return min((pace for pace in paces if pace), default=0)


def cost_of(
    operations: Iterable[Operation], rate_limit: int, chunk: int = GENERIC.members.chunk
) -> Cost:
    """
    Return the requests of *operations*, and the seconds they take at *rate_limit*.

    With ``rate_limit: 0`` nothing is known about the pace, and the seconds are 0.
    """
    total: Counter[str] = sum((requests_of(one, chunk) for one in operations), Counter())
    requests = Requests(*(total[method] for method in ("GET", "POST", "PATCH", "DELETE")))
    seconds = -(-total.total() // rate_limit) if rate_limit else 0
    return Cost(requests, seconds)
