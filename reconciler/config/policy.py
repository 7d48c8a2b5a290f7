"""
What the base branch says, held against what a pull request says (ruling 17).

``plan --policy FILE`` pins the target: a pull request that changes where the
secret goes must not be able to send it there. That is every key that says where
it is sent, on which road, and whom the road belongs to; of `ca_bundle` the
certificates count as well as the name of the file. Of the limits, the stricter
ones hold.
"""

from __future__ import annotations

from reconciler.config.model import Application
from reconciler.config.safety import (
    AccidentalDeletions,
    HalfGone,
    Limit,
    RollingWindow,
    Safety,
    Shrink,
    SingleCause,
)
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.profiles.model import Profile

_PINNED = ("tenant_url", "profile", "secret_token", "auth", "ca_bundle", "proxy")
"""Keys of `target` that must be the same on both sides."""

_LIMITS = (
    "delete_users",
    "delete_groups",
    "empty_groups",
    "remove_members",
    "group_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
    "create_users",
)


def under_policy(name: str, wanted: Application, policy: Application | None) -> Application:
    """
    Return *wanted* with the stricter limits of both.

    Raises:
        ConfigError: With `policy-target`, when the target is not the one that
            *policy* pins, or *policy* does not know the application at all.
    """
    if policy is None:
        message = f"the policy file does not know {name}, so nothing says where its token may go"
        hint = "merge the application without plan first, or plan it where its token is trusted"
        raise ConfigError([Diagnostic("policy-target", message, hint=hint)])
    changed = [key for key in _PINNED if getattr(wanted.target, key) != getattr(policy.target, key)]
    if changed:
        raise _elsewhere(f"{name}: `target.{changed[0]}` is not what the policy file says")
    return wanted.model_copy(update={"safety": stricter(wanted.safety, policy.safety)})


def check_profile(name: str, wanted: Profile, policy: Profile) -> None:
    """
    Hold the profile of a target against that of the policy: a file can change under its name.

    What it says counts, with all that it extends; comments and `tested` do not.

    Raises:
        ConfigError: With `policy-target`, when the two make the engine act differently.
    """
    if not wanted.same_service(policy):
        raise _elsewhere(f"{name}: the file in `target.profile` is not that of the policy")


def check_roots(name: str, wanted: str | None, policy: str | None) -> None:
    """
    Hold the certificates in a `ca_bundle` against those of the policy, both as PEM.

    Raises:
        ConfigError: With `policy-target`, when they are not the same.
    """
    if wanted != policy:
        raise _elsewhere(f"{name}: the file in `target.ca_bundle` is not that of the policy")


def _elsewhere(message: str) -> ConfigError:
    """Refuse another target."""
    hint = "a change of target is merged first, and planned where its token is trusted"
    return ConfigError([Diagnostic("policy-target", message, hint=hint)])


def stricter(one: Safety, other: Safety) -> Safety:
    """Return the limits that satisfy both."""
    limits = {key: _stricter(getattr(one, key), getattr(other, key)) for key in _LIMITS}
    first, second = one.accidental_deletions, other.accidental_deletions
    shrinks = one.source_shrinks, other.source_shrinks
    windows = one.rolling_window, other.rolling_window
    gone = min(one.half_gone.percent, other.half_gone.percent)
    cause = min(one.single_cause.percent, other.single_cause.percent)
    return Safety(
        accidental_deletions=_enabled(first, second),
        source_shrinks=Shrink(
            percent=min(side.percent for side in shrinks),
            column_percent=min(side.column_percent for side in shrinks),
        ),
        half_gone=HalfGone(percent=gone),
        single_cause=SingleCause(percent=cause),
        rolling_window=RollingWindow(
            day=min(side.day for side in windows), week=min(side.week for side in windows)
        ),
        protected=tuple(dict.fromkeys((*one.protected, *other.protected))),
        min_admins=max(one.min_admins, other.min_admins),
        **limits,
    )


def _stricter(one: Limit, other: Limit) -> Limit:
    return Limit(at_most=min(one.at_most, other.at_most), percent=min(one.percent, other.percent))


def _enabled(one: AccidentalDeletions, other: AccidentalDeletions) -> AccidentalDeletions:
    """Return the stricter of two; a limit that is switched off limits nothing."""
    counted = [side for side in (one, other) if side.enabled] or [one, other]
    return AccidentalDeletions(
        enabled=one.enabled or other.enabled,
        at_most=min(side.at_most for side in counted),
        percent=min(side.percent for side in counted),
    )
