"""
One rule that takes from many.

A limit counts what is taken, and not why. That fifty people leave for fifty
reasons is a reorganisation; that fifty leave by one line of the file is that
line, and the reviewer should read it first. So this guard always names the rule
by which most people lose their account or a role, in the words of the
configuration, and how many of all it is.

It blocks above a share of its own. Ten may always go by one rule (reliability.md,
G16), also a small team at once; a flat ten would stop a company of thousand that
ends one contract with fifteen people. Under the limits of ruling 14 it never
decides, as ``half_gone``: it stays where it is when a limit is raised, and asks
whether *one* rule was meant to use all of that.

Memberships are not counted: their cause is the group, and ``group_members`` judges
each group alone. Nor is who is deleted because ``delete_after`` is over.

The cause is the reason that the plan gives. It cannot be worked out again by
`apply`, which does not read the source; the counts of the other guards can.
"""

from __future__ import annotations

from collections import defaultdict

from reconciler.plan.document import Verdict
from reconciler.plan.effects import (
    deletes_in_time,
    deletes_user,
    disables,
    revokes,
    subjects,
)
from reconciler.plan.limits import Evidence

GUARD = "single_cause"

FEW = 10
"""So many may always lose something by one rule (reliability.md, G16)."""


def single_cause(evidence: Evidence) -> Verdict:
    """Judge the rule that takes from the most people, and name it."""
    people = evidence.population.counts.active_users
    limit = max(FEW, people * evidence.safety.single_cause.percent // 100)
    by_cause = _by_cause(evidence)
    if not by_cause:
        return Verdict(GUARD, 0, people, limit, False, "nobody would lose an account or a role")
    cause = max(sorted(by_cause), key=lambda reason: len(by_cause[reason]))
    count, everybody = len(by_cause[cause]), len(set[str]().union(*by_cause.values()))
    blocked = count > limit
    sentence = (
        f"{count} of the {everybody} who would lose an account or a role do so by one rule, "
        f'"{cause}"; '
        f"{'more than the ' if blocked else ''}{limit} allowed of {people} active users of ours"
    )
    return Verdict(GUARD, count, people, limit, blocked, sentence)


def _by_cause(evidence: Evidence) -> dict[str, set[str]]:
    """Return who loses an account or a role, by the reason."""
    in_time = subjects(evidence.operations, deletes_in_time)
    by_cause: defaultdict[str, set[str]] = defaultdict(set)
    for one in evidence.operations:
        who = one.target_id or one.key
        gone = disables(one) or (deletes_user(one) and who not in in_time)
        if gone or revokes(one):
            by_cause[one.reason].add(who)
    return by_cause
