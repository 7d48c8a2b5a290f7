"""
What a read does not show, and what therefore cannot be sent back.

A PUT may clear what it leaves out (RFC 7644, section 3.5.1), and so does a list
that is replaced whole. Where the schema says that something can be written and
is not returned, nothing is sent rather than that anything is lost. A password
is the exception: it is never provisioned here, it is write-only by RFC 7643,
and nothing lets a PUT without one clear it.

Called by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.leaves import attribute
from reconciler.scim.paths import AttributePath
from reconciler.scim.resource import reader
from reconciler.scim.schema import AttributeDefinition, Schemas
from reconciler.states import ResourceType

_WRITTEN = frozenset({"readwrite", "immutable"})
_HIDDEN = frozenset({"never", "request"})
_HARMLESS = frozenset({"password", "$ref"})
"""Names of what nothing is lost by; a ``$ref`` repeats the id beside it."""


class WouldBeLost(ReconcilerError):
    """A change cannot be made without losing what a read does not show."""


def require_kept(
    live: Mapping[str, Any],
    resource_type: ResourceType,
    schemas: Schemas,
    lists: Iterable[AttributePath] | None = None,
) -> None:
    """
    Refuse to send back a resource, or some of its lists, of which *live* may not show everything.

    Raises:
        WouldBeLost: With the attributes, and what to do.
    """
    of_lists = None if lists is None else {str(path).lower() for path in lists}
    lost = [
        str(path)
        for path in _hidden(resource_type, schemas)
        if (of_lists is None or str(attribute(path)).lower() in of_lists)
        and not _is_shown(path, live)
    ]
    if lost:
        raise WouldBeLost(
            f"the target does not show {', '.join(lost)} of a {resource_type.value}, which would "
            "be lost if the rest was sent back; a profile with `user_update: patch`, "
            "`group_update: patch` and `patch_filter_path: true` sends changes alone"
        )


def _is_shown(path: AttributePath, live: Mapping[str, Any]) -> bool:
    """Say whether *live* shows an attribute, or that what it would be part of is not there."""
    apart = path.sub is not None and reader(attribute(path))(live) is None
    return apart or reader(path)(live) is not None


def _hidden(resource_type: ResourceType, schemas: Schemas) -> Iterator[AttributePath]:
    """Yield the attributes that can be written, and are not shown unless asked for by name."""
    for number, urn in enumerate(schemas.urns(resource_type.value)):
        for definition in schemas.definitions.get(urn.lower(), {}).values():
            path = AttributePath(urn if number else None, definition.name)
            if _is_hidden(definition):
                yield path
            elif definition.mutability.lower() in _WRITTEN:
                for sub in definition.sub_attributes.values():
                    if _is_hidden(sub):
                        yield AttributePath(path.urn, path.attribute, (), sub.name)


def _is_hidden(definition: AttributeDefinition) -> bool:
    """Say whether an attribute may hold what no read shows."""
    written = definition.mutability.lower() in _WRITTEN
    unseen = definition.returned.lower() in _HIDDEN
    return written and unseen and definition.name.lower() not in _HARMLESS
