"""
Versions of resources, which a service may declare and may not keep (ETags, RFC 7644, 3.14).

A change carries `If-Match` where the service declares versions and the resource
has one, so that nobody writes over what somebody else wrote in the meantime. A
version is never believed alone: the resource is compared before each change in
any case. Some services hand out versions that are none, the same for everything
or another on each read; whoever refuses a change although nothing but the
version is different has shown that, and is asked without it from then on
(reliability.md F22, F23; scim.md, 3.4 k).

Used by :mod:`reconciler.apply.means`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.states import Resource

META = "meta"


class Versions:
    """What is sent as `If-Match`, as long as it proves to mean something."""

    def __init__(self, *, declared: bool) -> None:
        self._hold = declared

    def of(self, live: Resource) -> str | None:
        """Return the version to bind a change of *live* to; None to send none."""
        meta = live.get(META)
        version = meta.get("version") if self._hold and isinstance(meta, dict) else None
        return version if isinstance(version, str) and version else None

    def refused(self, before: Resource, now: Resource) -> None:
        """Learn from a refusal: *before* was sent its version, *now* is what is there."""
        if _without_meta(before) == _without_meta(now):
            self._hold = False


def _without_meta(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != META}
