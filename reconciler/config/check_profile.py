"""
What an application asks for, held against what its profile says the service does.

A mapping that the service does not keep is left out, and each plan says so
(:mod:`reconciler.config.kept`). Some may not be: without what accounts are matched
on, or looked up by before a create, nobody can tell who is there. Nor may a
lifecycle ask for what the service cannot do: whoever reads the file would believe
that leavers are switched off.

Called by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.config.check_active import SOFT_DELETED
from reconciler.config.model import Application, AttributeMapping
from reconciler.config.salvage import Salvaged
from reconciler.diagnostics import Diagnostic
from reconciler.expr import ExpressionError, parse
from reconciler.profiles.model import Profile
from reconciler.scim.coverage import covers
from reconciler.scim.paths import NAMED_BY, AttributePath, PathError, parse_path, refers

Part = Salvaged[Application]

_LOOKED_UP: Final = {"users": NAMED_BY["User"].lower(), "groups": NAMED_BY["Group"].lower()}
"""What a create is looked up by before it is sent, in lower case (decision 6)."""

_LEAVING: Final = ("leaves_scope", "deleted_at_source")
"""Keys of `lifecycle` that say what happens to who leaves."""

_HINT: Final = "write `keep`, or what the service can do: see `deprovision` in the profile"


def check(part: Part, name: str, profile: Profile) -> Iterator[Diagnostic]:
    """Return what the profile called *name* rules out in one application."""
    if "mappings" not in part.holes:
        yield from _mappings(part, name, profile)
    if part.is_whole("lifecycle"):
        yield from _deletes(part, name, profile)
        yield from _disables(part, name, profile)


def _mappings(part: Part, name: str, profile: Profile) -> Iterator[Diagnostic]:
    """What is left out must be dispensable, and what a create alone can write must fit into it."""
    for table in _LOOKED_UP:
        for index, line in enumerate(getattr(part.model.mappings, table) or ()):
            path = _path(line)
            if path is None:
                continue
            place = part.at("mappings", table, index, "target")
            unread = refers(path) and path.attribute.lower() == "members"
            if covers(profile.attributes.unsupported, path):
                why = _needed(table, line, path)
                if why is not None:
                    message = f"{why}, and by the profile {name} the service does not keep it"
                    hint = "see `attributes.unsupported` in the profile"
                    yield Diagnostic("unfit-profile", message, place, hint)
            elif unread and not profile.members.readable:
                continue
            elif refers(path) and covers(profile.attributes.immutable, path):
                message = (
                    f"`{line.target}` refers to others and is written after a create; by the "
                    f"profile {name} the service takes it in the create alone"
                )
                yield Diagnostic("unfit-profile", message, place, "remove this mapping")


def _path(line: AttributeMapping) -> AttributePath | None:
    """Return the target of a mapping, if it can be read; others complain of the rest."""
    try:
        return parse_path(line.target)
    except PathError:
        return None


def _needed(table: str, line: AttributeMapping, path: AttributePath) -> str | None:
    """Return what a mapping cannot be left out for; None when it can."""
    if line.match is not None:
        return f"`{line.target}` is matched on"
    if str(path).lower() == _LOOKED_UP[table]:
        return f"creates are looked up by `{line.target}`"
    return None


def _deletes(part: Part, name: str, profile: Profile) -> Iterator[Diagnostic]:
    """Nobody asks for deletes where the service refuses them."""
    lifecycle = part.model.lifecycle
    if profile.deprovision.delete != "forbidden" or "delete" not in lifecycle.actions:
        return
    wishes = {key: getattr(lifecycle, key) == "delete" for key in _LEAVING}
    wishes["delete_after"] = lifecycle.delete_after != "never"
    for key in (key for key, wished in wishes.items() if wished):
        message = f"`{key}` asks for deletes, and by the profile {name} the service refuses them"
        hint = "write `never`" if key == "delete_after" else _HINT
        yield Diagnostic("deletes-not-allowed", message, part.at("lifecycle", key), hint)


def _disables(part: Part, name: str, profile: Profile) -> Iterator[Diagnostic]:
    """Nobody asks for disables that cannot be sent, or that delete where no delete is allowed."""
    lifecycle = part.model.lifecycle
    asked = [key for key in _LEAVING if getattr(lifecycle, key) == "disable"]
    if "update" not in lifecycle.actions or not part.is_whole("mappings", "users"):
        return
    disabling = [path for line in part.model.mappings.users if (path := _disabling(line))]
    switches = [path for path in disabling if str(path).lower() == "active"]
    deletes = profile.deprovision.active_false == "deletes"
    sendable = [path for path in disabling if _is_sent(path, profile)]
    for key in asked:
        place = part.at("lifecycle", key)
        if disabling and not sendable:
            message = (
                f"`{key}: disable` cannot be carried out: by the profile {name} the service takes "
                "nothing of what a disable writes"
            )
            yield Diagnostic("nothing-disables", message, place, _HINT)
        elif deletes and switches and "delete" not in lifecycle.actions:
            message = (
                f"`{key}: disable` deletes: by the profile {name} the service deletes whoever is "
                "disabled, and `actions` does not allow deletes"
            )
            hint = "add `delete` to `actions`, or write `keep`"
            yield Diagnostic("deletes-not-allowed", message, place, hint)


def _disabling(line: AttributeMapping) -> AttributePath | None:
    """Return the target of a mapping that a disable writes; None for all others."""
    if line.apply != "always":
        return None
    try:
        reads = parse(line.expression).attributes if line.expression else {line.source}
    except ExpressionError:
        return None
    return _path(line) if SOFT_DELETED in reads else None


def _is_sent(path: AttributePath, profile: Profile) -> bool:
    """Say whether the service takes a disable at *path*."""
    off = str(path).lower() == "active" and profile.deprovision.active_false == "unsupported"
    named = (*profile.attributes.unsupported, *profile.attributes.immutable)
    return not off and not covers(named, path)
