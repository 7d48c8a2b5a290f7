"""
What the service can do, as it says itself (RFC 7644, section 4).

Each of the three documents may be missing (404), since many services leave
discovery out. Lists of schemas and resource types come as a ListResponse, or
bare, from services that never read the RFC to its end (scim.md, section 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from reconciler.live.ids import usable_id
from reconciler.scim.capabilities import (
    CONFIG,
    ME,
    SCHEMAS,
    TYPES,
    Capabilities,
    CapabilitiesError,
)
from reconciler.scim.errors import NotFound, Redirected, TargetMisbehaved, TargetRefused

Told = Literal["full", "partial", "none"]
"""What a service tells about itself, by its profile."""

UNAUTHORIZED = 401

Fetch = Callable[[str], Any]
"""Returns the JSON of a document below the tenant URL."""


def discover(fetch: Fetch, told: Told = "partial") -> Capabilities:
    """
    Read the discovery documents: all (`full`), those that are there (`partial`), or none.

    Raises:
        TargetError: A document could not be had, or is something else.
    """
    if told == "none":
        return Capabilities.from_discovery(None, None, None)
    if told == "full":
        fetch = _demanding(fetch)
    config = _optional(fetch, CONFIG)
    if config is not None and not isinstance(config, dict):
        raise TargetMisbehaved(f"/{CONFIG} of the target is not an object")
    try:
        return Capabilities.from_discovery(
            config,
            _documents(_optional(fetch, SCHEMAS), SCHEMAS),
            _documents(_optional(fetch, TYPES), TYPES),
        )
    except CapabilitiesError as exc:
        raise TargetMisbehaved(str(exc)) from exc


def own_account(fetch: Fetch) -> str | None:
    """
    Return the id of the account that our credential belongs to, or None.

    A service may say that it has no such account, answer with an error, or send us
    elsewhere (RFC 7644, section 3.11); no redirect is followed, so that is unknown too.

    Raises:
        TargetError: The credential is refused, or there is no answer.
    """
    try:
        found = fetch(ME)
    except Redirected:
        return None
    except TargetRefused as exc:
        if exc.status == UNAUTHORIZED:
            raise
        return None
    mine = found.get("id") if isinstance(found, dict) else None
    return mine if isinstance(mine, str) and usable_id(mine) else None


def _demanding(fetch: Fetch) -> Fetch:
    """Return what complains when a document is not there."""

    def demand(name: str) -> Any:
        try:
            return fetch(name)
        except NotFound as exc:
            message = f"the target has no /{name}, and by its profile it has all three documents"
            raise TargetMisbehaved(message) from exc

    return demand


def _optional(fetch: Fetch, name: str) -> Any:
    """Return a document, or None when the service does not have it."""
    try:
        return fetch(name)
    except NotFound:
        return None


def _documents(answer: Any, name: str) -> list[dict[str, Any]] | None:
    """Return the documents of a list, bare or in a ListResponse."""
    if answer is None:
        return None
    if isinstance(answer, dict):
        answer = next((value for key, value in answer.items() if key.lower() == "resources"), [])
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        raise TargetMisbehaved(f"/{name} of the target is not a list of objects")
    return answer
