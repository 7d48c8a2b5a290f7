"""
Thresholds as verdicts: how much a plan may take away.

One formula (ruling 14), in integers only, so that there is no division that
could pass by accident::

    limit(N) = min(at_most, max(min(3, N // 2), N * percent // 100))

and a plan that takes one more is blocked. The count protects a large company,
where one per cent is already an office; the share protects a small one, where
fifty accounts are everybody; the floor lets three people leave a team of ten.

Every guard is evaluated and reported, also those that pass. Those that need more
than such a count stand beside this module, each with its reason. Judged by effect
(:mod:`reconciler.plan.effects`), on the plan and again by ``apply`` on fresh
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from reconciler.config.safety import Safety
from reconciler.plan.document import Verdict
from reconciler.plan.effects import (
    Tally,
    as_carried_out,
    deletes_group,
    lost_members,
    renames,
    takes,
    tally,
)
from reconciler.plan.group_guards import empty_groups, group_members
from reconciler.plan.half_gone import half_gone
from reconciler.plan.limits import Evidence, counted, limit_of
from reconciler.plan.live_guards import create_users
from reconciler.plan.operation import Operation
from reconciler.plan.population import Counts, Population
from reconciler.plan.rolling_window import rolling_window
from reconciler.plan.single_cause import single_cause
from reconciler.plan.source_guards import source_shrinks
from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.folding import fold


@dataclass(frozen=True, slots=True)
class Guard:
    """One row of the guard table."""

    id: str
    judge: Callable[[Evidence], Verdict]


def _row(
    guard: str,
    what: str,
    whole: str,
    count: Callable[[Tally], int],
    population: Callable[[Counts], int],
) -> Guard:
    """Return a guard that compares one count with its limit from the configuration."""

    def judge(evidence: Evidence) -> Verdict:
        configured = getattr(evidence.safety, guard)
        of = population(evidence.population.counts)
        limit = limit_of(of, configured.percent, configured.at_most)
        return counted(guard, what, whole, count(evidence.tally), of, limit)

    return Guard(guard, judge)


def _accidental_deletions(evidence: Evidence) -> Verdict:
    """Judge disables and deletes together, users and groups each alone (Entra counts so)."""
    guard, configured = "accidental_deletions", evidence.safety.accidental_deletions
    counts = evidence.population.counts
    people, groups = counts.active_users, counts.groups
    limit = limit_of(people, configured.percent, configured.at_most)
    group_limit = limit_of(groups, configured.percent, configured.at_most)
    users = counted(
        guard,
        "would be disabled or deleted",
        "active users of ours",
        evidence.tally.removed_users,
        people,
        limit,
    )
    others = counted(
        guard,
        "would be deleted",
        "groups of ours",
        evidence.tally.deleted_groups,
        groups,
        group_limit,
    )
    if not configured.enabled:
        return replace(users, blocked=False, sentence=f"switched off; {users.sentence}")
    deciding, other = (others, users) if others.blocked and not users.blocked else (users, others)
    sentence = deciding.sentence
    if evidence.tally.deleted_groups:
        sentence = f"{sentence}; {other.sentence}"
    return replace(deciding, sentence=sentence)


def _self(evidence: Evidence) -> Verdict:
    """Refuse to take anything from, or rename, the account that our token belongs to."""
    population = evidence.population
    if population.me is None:
        sentence = (
            "not known: this service does not say whose our token is; if it is somebody's, "
            "name them under `protected`"
        )
        return Verdict("self", 0, 0, 0, False, sentence)
    hit = sorted({one.key for one in evidence.operations if _touches_self(one, population)})
    whole = "accounts that our token belongs to"
    verdict = counted("self", "would lose something", whole, min(1, len(hit)), 1, 0)
    return replace(verdict, sentence=f"{verdict.sentence}: {', '.join(hit)}") if hit else verdict


def _touches_self(operation: Operation, population: Population) -> bool:
    """Say whether *operation* is about the account of our token, or takes a group from it."""
    me, mine = population.me, population.my_groups
    if deletes_group(operation):
        return operation.target_id in mine
    about = operation.target_id == me and (takes(operation) or renames(operation))
    removed = set(lost_members(operation))
    return about or me in removed or not mine.isdisjoint(removed)


def _protected(evidence: Evidence) -> Verdict:
    """Refuse to take anything from, or rename, who is on the list."""
    listed = {fold(name) for name in evidence.safety.protected}
    population = evidence.population
    hit = sorted(
        {
            operation.key
            for operation in chain(evidence.operations, evidence.withheld)
            if (takes(operation) or renames(operation)) and _touches(operation, listed, population)
        }
    )
    whole = "protected accounts"
    verdict = counted("protected", "would lose something", whole, len(hit), len(listed), 0)
    return replace(verdict, sentence=f"{verdict.sentence}: {', '.join(hit)}") if hit else verdict


def _touches(operation: Operation, listed: set[str], population: Population) -> bool:
    """
    Say whether *operation* is about somebody on the list, or takes a group from them.

    Also by taking one of their groups out of another group.
    """
    if deletes_group(operation) and operation.target_id in population.their_groups:
        return True
    removed = set(lost_members(operation))
    names = {fold(name) for name in (operation.key, operation.source_id) if name}
    hit = removed & population.protected or removed & population.their_groups
    return bool(operation.target_id in population.protected or hit or names & listed)


def _min_admins(evidence: Evidence) -> Verdict:
    """
    Refuse a plan that lowers the active holders of privileged roles below the minimum.

    Also on the way (INV-16): whoever is to follow may not be there yet.
    """
    guard, population = "min_admins", evidence.population
    needed = evidence.safety.min_admins
    if population.privileged is None:
        return Verdict(guard, 0, 0, needed, False, "not applicable: no privileged role is mapped")
    before = len(population.admins)
    after = len(population.admins_after(evidence.operations))
    fewest = min(after, population.fewest_admins(evidence.operations))
    blocked = fewest < needed and fewest < before
    between = f"{fewest} on the way, " if fewest < min(before, after) else ""
    sentence = (
        f"active holders of privileged roles: {before} now, {between}{after} after this plan; "
        f"{needed} needed"
    )
    return Verdict(guard, fewest if blocked else after, before, needed, blocked, sentence)


GUARDS: tuple[Guard, ...] = (
    Guard("accidental_deletions", _accidental_deletions),
    _row(
        "delete_users",
        "would be deleted",
        "users of ours",
        lambda t: t.deleted_users,
        lambda p: p.users,
    ),
    _row(
        "delete_groups",
        "would be deleted",
        "groups of ours",
        lambda t: t.deleted_groups,
        lambda p: p.groups,
    ),
    Guard("empty_groups", empty_groups),
    _row(
        "remove_members",
        "would be removed",
        "memberships of our groups",
        lambda t: t.removed_memberships,
        lambda p: p.memberships,
    ),
    Guard("group_members", group_members),
    Guard("half_gone", half_gone),
    _row(
        "revoke_roles",
        "would lose a role",
        "active users of ours",
        lambda t: t.revoked,
        lambda p: p.active_users,
    ),
    _row(
        "rename_users",
        "would be renamed",
        "users of ours",
        lambda t: t.renamed,
        lambda p: p.users + p.links,
    ),
    _row(
        "enable_users",
        "would be enabled",
        "users of ours",
        lambda t: t.enabled,
        lambda p: p.users + p.links,
    ),
    Guard("create_users", create_users),
    Guard("single_cause", single_cause),
    Guard("rolling_window", rolling_window),
    Guard("source_shrinks", source_shrinks),
    Guard("protected", _protected),
    Guard("self", _self),
    Guard("min_admins", _min_admins),
)
"""Every guard, in the order in which they are shown."""


def run_guards(
    operations: Sequence[Operation],
    population: Population,
    safety: Safety,
    withheld: Sequence[Operation] = (),
    profile: Profile = GENERIC,
) -> tuple[Verdict, ...]:
    """
    Judge *operations* by every guard, and what was *withheld* by the protected list.

    Each counts as what the service makes of it, by its *profile*.
    """
    judged = as_carried_out(operations, profile)
    evidence = Evidence(judged, tally(judged), population, safety, withheld)
    return tuple(guard.judge(evidence) for guard in GUARDS)
