"""
What a plan says beside its operations: the skipped, the unmanaged, the odd.

Everything here is for the reader; nothing is done because of it. Lists that can
be long are counted and sampled, so that a plan stays readable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.desired import Judge
from reconciler.plan.document import Redacted, Skipped, Unmanaged, UnmanagedAccount, Warned
from reconciler.plan.drafts import Context, Side
from reconciler.plan.references import UNRESOLVED
from reconciler.plan.users import hindrance, policy_of, wanted_for
from reconciler.states import DesiredValue, ResourceType, Standing

_SOUGHT = (Standing.WANTED, Standing.SKIPPED)

SAMPLE = 10
"""How many of a long list are named."""


def skipped_of(context: Context) -> tuple[Skipped, ...]:
    """Return who is assigned and not written, with Entra's code, in the order of keys."""
    sides = [side for side in (context.users, context.groups) if side is not None]
    found = [entry for side in sides for entry in _skipped(context, side)]
    return tuple(sorted(found, key=lambda s: (s.resource_type, s.code, s.key, s.source_id)))


def _skipped(context: Context, side: Side) -> Iterable[Skipped]:
    """Yield the skipped of one resource type."""
    ours = {target for _, target in side.pairing.leaving}
    switched_off = () if context.may("create") else side.pairing.unmatched
    for candidate in side.by_anchor.values():
        if candidate.standing in _SOUGHT:
            continue
        account = side.pairing.account_of.get(candidate.source_id)
        shown = candidate.assigned and context.concerns(candidate.source_id)
        if shown and account not in ours and candidate.code:
            yield _entry(side, candidate.source_id, candidate.code, candidate.reason)
    for rejected in side.pairing.rejected:
        candidate = rejected.candidate
        affected = candidate.assigned or candidate.source_id in side.pairing.account_of
        if affected and context.concerns(candidate.source_id):
            yield _entry(side, candidate.source_id, rejected.code, rejected.detail)
    for candidate in switched_off:
        if context.concerns(candidate.source_id):
            detail = "`create` is not among lifecycle.actions"
            yield _entry(side, candidate.source_id, "EntrySynchronizationSkipped", detail)


def _entry(side: Side, source_id: str, code: str, detail: str) -> Skipped:
    return Skipped(side.by_anchor[source_id].key, source_id, side.resource_type, code, detail)


def unmanaged_of(side: Side) -> Unmanaged:
    """Return the accounts that are not ours and are not linked now, counted and sampled."""
    others = side.ownership.live.keys() - side.ownership.ours
    if others:
        others -= {target for _, target in side.pairing.pairs}
    known = side.pairing.kept.union(side.pairing.account_of.values()) if others else set()
    named = sorted((side.key_of(target), target) for target in others)
    sample = tuple(
        UnmanagedAccount(key, target, "unassigned" if target in known else "local")
        for key, target in named[:SAMPLE]
    )
    return Unmanaged(len(others), sample)


def redacted_of(judge: Judge) -> tuple[Redacted, ...]:
    """Return the target paths whose values no output may show, in the order of the alphabet."""
    tables = ((ResourceType.USER, judge.users), (ResourceType.GROUP, judge.groups))
    return tuple(
        Redacted(kind, path)
        for kind, table in tables
        if table is not None
        for path in sorted(table.redacted)
    )


def warnings_of(
    judge: Judge,
    unresolved: Sequence[tuple[str, str]],
    left_out: Sequence[tuple[str, int]],
    circles: Sequence[Sequence[str]] = (),
) -> list[Warned]:
    """Return what is not as it should be and stops nothing."""
    warnings = [Warned(w.code, w.message) for w in judge.scope.warnings]
    ignored = judge.directory.ignored_members
    if ignored:
        message = f"memberships that name nobody in the source, ignored: {ignored}"
        warnings.append(Warned("ignored-members", message))
    by_path: dict[str, list[str]] = defaultdict(list)
    for key, path in unresolved:
        by_path[path].append(key)
    for path, keys in by_path.items():
        message = f"{path} leads to nobody with an account ({len(keys)}): {some(keys)}"
        warnings.append(Warned(UNRESOLVED, message))
    for key, count in sorted(left_out):
        message = f"members of group {key} that have no account in scope, left out of it: {count}"
        warnings.append(Warned(UNRESOLVED, message))
    for circle in circles:
        message = f"groups that are in each other, all of the same people: {some(circle)}"
        warnings.append(Warned("nested-circle", message))
    return warnings


def not_disabled(context: Context, disabling_the_gone: Mapping[str, DesiredValue]) -> list[Warned]:
    """Return a warning of those who leave, should be disabled, and keep an active account."""
    return [*_not_allowed(context), *_not_mapped(context, disabling_the_gone)]


def _not_allowed(context: Context) -> list[Warned]:
    """Return a warning of those whom `lifecycle.actions`, or the service, keeps from it."""
    side = context.users
    staying = [
        side.key_of(target)
        for candidate, target in side.pairing.leaving
        if side.active(target)
        and wanted_for(context, candidate) == "disable"
        and context.concerns(
            candidate.source_id if candidate else side.ownership.anchors.get(target)
        )
    ]
    why = hindrance(context, "disable")
    if why is None or not staying:
        return []
    message = f"{len(staying)} people leave and are not disabled, because {why}: {some(staying)}"
    return [Warned("not-disabled", message)]


def _not_mapped(context: Context, disabling_the_gone: Mapping[str, DesiredValue]) -> list[Warned]:
    """Return a warning of the gone whom nothing disables: every mapping needs to know more."""
    side = context.users
    gone = [
        side.key_of(target)
        for candidate, target in side.pairing.leaving
        if candidate is None and context.concerns(side.ownership.anchors.get(target))
    ]
    if disabling_the_gone or not gone or policy_of(context, None) != "disable":
        return []
    message = (
        f"{len(gone)} people left the source and are not disabled, because no mapping that reads "
        f"[IsSoftDeleted] can do without their attributes: {some(gone)}"
    )
    return [Warned("not-disabled", message)]


def some(keys: Sequence[str]) -> str:
    """Name a few of *keys*, and say how many more there are."""
    named = ", ".join(sorted(keys)[:SAMPLE])
    return named if len(keys) <= SAMPLE else f"{named} and {len(keys) - SAMPLE} more"
