"""
What the base branch says, held against what a pull request says (ruling 17).

``plan --policy FILE`` pins the target: a pull request that changes where the
token goes must not be able to send it there. Of the limits, the stricter ones
hold.
"""

from __future__ import annotations

from reconciler.config.model import Application
from reconciler.config.safety import AccidentalDeletions, Limit, Safety, Shrink
from reconciler.diagnostics import ConfigError, Diagnostic

_PINNED = ("tenant_url", "profile", "secret_token")
"""Keys of `target` that must be the same on both sides."""

_LIMITS = (
    "delete_users",
    "delete_groups",
    "empty_groups",
    "remove_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
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
        message = f"{name}: `target.{changed[0]}` is not what the policy file says"
        hint = "a change of target is merged first, and planned where its token is trusted"
        raise ConfigError([Diagnostic("policy-target", message, hint=hint)])
    return wanted.model_copy(update={"safety": stricter(wanted.safety, policy.safety)})


def stricter(one: Safety, other: Safety) -> Safety:
    """Return the limits that satisfy both."""
    limits = {key: _stricter(getattr(one, key), getattr(other, key)) for key in _LIMITS}
    first, second = one.accidental_deletions, other.accidental_deletions
    shrink = min(one.source_shrinks.percent, other.source_shrinks.percent)
    return Safety(
        accidental_deletions=_enabled(first, second),
        source_shrinks=Shrink(percent=shrink),
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
