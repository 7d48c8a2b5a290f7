"""
A live state in a file: ``plan --save-live`` writes it, ``--offline-live`` reads it.

The file stands in for the service, so it is read as strictly as the service: a
listing in it is complete only if it says so, and its ids are checked again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.live import strict_json
from reconciler.live.ids import usable_id
from reconciler.pile import Pile
from reconciler.scim.capabilities import Capabilities, CapabilitiesError
from reconciler.scim.messages import Resources
from reconciler.states import Listing, LiveState, Resource

FORMAT_VERSION: Final = 1

Noted = tuple[Sequence[Resource], object]
"""All resources of one listing, and the notes of them, if any were taken."""


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )


class _SavedListing(_Model):
    """One listing, as it was read."""

    complete: bool
    problem: str | None
    total_results: int | None
    resources: Resources

    @model_validator(mode="after")
    def _is_what_a_reader_makes(self) -> _SavedListing:
        ids = [resource.get("id") for resource in self.resources]
        if self.complete == (self.problem is not None):
            raise ValueError("`complete` and `problem` contradict each other")
        if self.complete and not all(map(usable_id, ids)):
            raise ValueError("a resource has no usable id")
        if self.complete and len(set(ids)) != len(ids):
            raise ValueError("an id occurs twice")
        if self.complete and self.total_results not in (None, len(ids)):
            raise ValueError("`total_results` is not the number of resources")
        return self


class _Saved(_Model):
    """The file."""

    format_version: int
    capabilities: dict[str, Any]
    users: _SavedListing
    groups: _SavedListing | None


def dump_live(live: LiveState) -> bytes:
    """Return *live* as a JSON file; the same state gives the same bytes."""
    saved = {
        "format_version": FORMAT_VERSION,
        "capabilities": live.capabilities.to_json(),
        "users": _dumped(live.users),
        "groups": None if live.groups is None else _dumped(live.groups),
    }
    text = json.dumps(saved, sort_keys=True, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def load_live(data: bytes) -> LiveState:
    """
    Read what :func:`dump_live` wrote.

    Raises:
        ConfigError: Code ``bad-live-file``, with what is wrong.
    """
    try:
        saved = _Saved.model_validate(strict_json.parse(data))
        if saved.format_version != FORMAT_VERSION:
            raise _refused(f"its format_version is {saved.format_version}, not {FORMAT_VERSION}")
        capabilities = Capabilities.from_json(saved.capabilities)
    except (strict_json.StrictJsonError, CapabilitiesError) as exc:
        raise _refused(str(exc)) from exc
    except ValidationError as exc:
        raise _refused(_first(exc)) from exc
    groups = None if saved.groups is None else _loaded(saved.groups)
    return LiveState(capabilities, _loaded(saved.users), groups)


def live_of(left: Any, lists: Mapping[str, Noted]) -> LiveState | None:
    """
    Return what a file holds whose lists were cut out, or None when there is any doubt.

    Args:
        left: The file; where a listing has its resources, there is the mark of a list.
        lists: By their marks, resources with usable ids, none of them twice, and their notes.
    """
    if not isinstance(left, dict):
        return None
    found = {name: left[name] for name in ("users", "groups") if left.get(name) is not None}
    if not all(isinstance(listing, dict) for listing in found.values()):
        return None
    places = [listing.get("resources") for listing in found.values()]
    if sorted(places, key=repr) != [[mark] for mark in sorted(lists)]:
        return None
    listings: dict[str, Listing] = {}
    for name, listing in found.items():
        (resources, notes), total = lists[listing["resources"][0]], listing.get("total_results")
        stated = type(total) is int and total == len(resources)
        if listing.get("complete") is not True or not (stated or total is None):
            return None
        listings[name] = Listing(resources, total, complete=True, notes=notes)
        left[name] = {**listing, "resources": [], "total_results": None if total is None else 0}
    saved = _Saved.model_validate(left)
    if saved.format_version != FORMAT_VERSION:
        return None
    capabilities = Capabilities.from_json(saved.capabilities)
    return LiveState(capabilities, listings["users"], listings.get("groups"))


MANY = 1_000
"""Mistakes of a file that are not spelled out any more: a million of them take a gigabyte."""


def _first(error: ValidationError) -> str:
    """Return words and place of the first of the mistakes in a file."""
    if error.error_count() > MANY:
        return f"{error.error_count():,} mistakes"
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "its top"
    return f"{first['msg']}, at {where}"


def _dumped(listing: Listing) -> dict[str, Any]:
    """Return a listing as JSON values."""
    return {
        "complete": listing.complete,
        "problem": listing.problem,
        "total_results": listing.total_results,
        "resources": list(listing.resources),
    }


def _loaded(saved: _SavedListing) -> Listing:
    """Return a listing as it was read from the service."""
    pile = Pile(Resource)
    for resource in saved.resources:
        pile.add(resource)
    return Listing(pile.everything(), saved.total_results, saved.complete, saved.problem)


def _refused(reason: str) -> ConfigError:
    """Say that the file is not a live state."""
    message = f"the file is not a saved live state: {reason}"
    hint = "write one with `reconciler plan --save-live FILE`"
    return ConfigError([Diagnostic("bad-live-file", message, hint=hint)])
