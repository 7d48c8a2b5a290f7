"""
What decided the operations of a plan, as one digest, so that an older decision shows.

Whoever reviews a plan reads it beside the file that it was made from. When the
assignments, the mappings or the lifecycle are others by the time it is applied,
what was reviewed is not what the file says any more (reliability.md, section 5.5).

Limits, switches and the target are left out: `apply` takes them from the file that
it is given, and holds the plan against them (ruling 17). So is what is for people
only: names, comments, tests, whom to tell. Other applications of the file do not
count either: a change elsewhere does not void a review.

Called when a plan is made, and by :mod:`reconciler.apply.verify`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from reconciler.config.model import Application
from reconciler.profiles.model import Profile

_DECIDING: Final = {
    "registered_domains",
    "scope",
    "default_access",
    "roles",
    "assignments",
    "scoping_filters",
    "mappings",
    "lifecycle",
    "ownership",
}
"""Keys of an application that say who is to have what."""

_FOR_PEOPLE: Final = {"extends", "tested"}
"""Keys of a profile that change nothing."""


def rules_digest(application: Application, profile: Profile, default_domain: str | None) -> str:
    """Return the SHA-256, in hex, of everything in the configuration that decides."""
    decided = {
        "application": application.model_dump(mode="json", include=_DECIDING),
        "profile": profile.model_dump(mode="json", exclude=_FOR_PEOPLE),
        "default_domain": default_domain,
    }
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()
