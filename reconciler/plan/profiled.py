"""
What a plan says of the profile: what is left out, what differs and stays, what cannot be done.

A reviewer must not take an attribute for equal that nobody compared, nor a disable
for harmless that deletes. Everything here is for the reader, but for the refusal of
a plan whose changes nobody could carry out.

Called by :mod:`reconciler.plan.build`, the refusal by the workflow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from reconciler.config.kept import LeftOut
from reconciler.plan.document import Warned
from reconciler.plan.drafts import Context, Side
from reconciler.plan.effects import as_carried_out
from reconciler.plan.operation import Action, Operation
from reconciler.plan.remarks import some
from reconciler.plan.unsent import Rule, Unsent
from reconciler.plan.users import policy_of
from reconciler.profiles.model import Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.states import ResourceType

NO_PATCH = "no-patch"
"""Code of what cannot be carried out, because the service declares that it has no PATCH."""

_UNSHOWN = (
    "members of groups are neither compared nor written, because by its profile the service does "
    "not show them; nothing is concluded about who is in a group"
)


def remarks_on_profile(
    context: Context,
    left_out: Sequence[LeftOut],
    unsent: Unsent,
    operations: Sequence[Operation],
    capabilities: Capabilities,
) -> list[Warned]:
    """Return what the plan has to say because of the profile."""
    return [
        *_left_out(left_out),
        *_kept_as_they_are(context, unsent),
        *_deleting(operations, context.profile),
        *_no_patch(capabilities, context),
    ]


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[Warned]:
    """Yield a warning of the attributes that nobody compares."""
    for table in ("users", "groups"):
        targets = [one.target for one in left_out if one.table == table and not one.unreadable]
        if targets:
            message = (
                f"attributes of {table} that are neither compared nor written, because by its "
                f"profile the service does not keep them: {', '.join(targets)}"
            )
            yield Warned("not-kept", message)
    if any(one.unreadable for one in left_out):
        yield Warned("not-kept", _UNSHOWN)


def _kept_as_they_are(context: Context, unsent: Unsent) -> Iterator[Warned]:
    """Yield a warning of each attribute that differs, and is not sent."""
    if not unsent.values:
        return
    for side, rule in ((context.users, unsent.users), (context.groups, unsent.groups)):
        if side is None:
            continue
        keys: dict[tuple[str, str], list[str]] = defaultdict(list)
        for target, path, why in _differing(context, side, rule, unsent):
            keys[path, why].append(side.key_of(target))
        for (path, why), named in sorted(keys.items()):
            message = f"{path} differs and is not sent, because {why} ({len(named)}): {some(named)}"
            yield Warned("not-sent", message)


def _differing(
    context: Context, side: Side, rule: Rule, unsent: Unsent
) -> Iterator[tuple[str, str, str]]:
    """Yield account, path and reason of all that differs and is not sent."""
    pairs = [(candidate, target) for candidate, target in side.pairing.pairs]
    pairs += [
        (candidate, target)
        for candidate, target in side.pairing.leaving
        if candidate is not None and policy_of(context, candidate) == "disable"
    ]
    for candidate, target in pairs:
        left = unsent.values.get((side.resource_type, candidate.source_id))
        if left and context.concerns(candidate.source_id):
            for one in side.comparator.differences(left, side.live(target)):
                yield target, one.path, str(rule.why(one.path, left[one.path]))


def _deleting(operations: Iterable[Operation], profile: Profile) -> Iterator[Warned]:
    """Yield a warning of the disables that delete."""
    listed = tuple(operations)
    judged = zip(listed, as_carried_out(listed, profile), strict=True)
    keys = [one.key for one, carried_out in judged if one != carried_out]
    if keys:
        message = (
            f"{len(keys)} people are disabled, and by its profile the service deletes whoever is: "
            f"{some(keys)}"
        )
        yield Warned("disables-delete", message)


def _no_patch(capabilities: Capabilities, context: Context) -> Iterator[Warned]:
    """Yield a warning that a later plan will be refused."""
    kinds = [ResourceType.USER, *([ResourceType.GROUP] if context.groups else [])]
    unchangeable = [kind for kind in kinds if kind in unpatched(capabilities, context.profile)]
    if unchangeable:
        yield Warned(NO_PATCH, f"{cannot_change(unchangeable)}; {way_out(unchangeable)}")


def unpatched(capabilities: Capabilities, profile: Profile) -> frozenset[ResourceType]:
    """
    Return what cannot be changed: the service declares no PATCH, and nobody says more.

    A service may declare that it has none and take it all the same, so a profile that
    says `patch` is believed.
    """
    said = {
        ResourceType.USER: profile.write.user_update,
        ResourceType.GROUP: profile.write.group_update,
    }
    declared = capabilities.patch
    return frozenset(kind for kind, way in said.items() if way is None and not declared)


def unchangeable(
    operations: Iterable[Operation], capabilities: Capabilities, profile: Profile
) -> list[Operation]:
    """Return the *operations* that change what is there and could not be carried out."""
    kinds = unpatched(capabilities, profile)
    return [
        operation
        for operation in operations
        if operation.resource_type in kinds
        and operation.action not in (Action.CREATE, Action.DELETE)
        and (operation.changes or operation.references)
    ]


def cannot_change(kinds: Iterable[ResourceType]) -> str:
    """Return the sentence on what cannot be changed."""
    listed = " and ".join(f"{kind.value.lower()}s" for kind in sorted(set(kinds), reverse=True))
    return f"the service declares that it has no PATCH, so {listed} that exist cannot be changed"


def way_out(kinds: Iterable[ResourceType]) -> str:
    """Return which flags help."""
    flags = [f"{kind.value.lower()}_update" for kind in sorted(set(kinds), reverse=True)]
    puts, patches = (", ".join(f"{flag}: {way}" for flag in flags) for way in ("put", "patch"))
    return (
        f"a profile with `write: {{{puts}}}` changes them by PUT; one with "
        f"`write: {{{patches}}}` says that it takes PATCH all the same"
    )
