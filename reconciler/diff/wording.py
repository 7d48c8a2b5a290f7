"""
How a message names a value of somebody's, or does not.

What `Redact` hides is hidden in every output (entra.md, section 4.2), so also in
the reason for which somebody is skipped. Used where matching says why nothing is
written.
"""

from __future__ import annotations

from reconciler.states import HIDDEN, Candidate


def is_hidden(candidate: Candidate, path: str) -> bool:
    """Say whether the values of *path*, compared without case, are hidden for *candidate*."""
    return path.lower() in {hidden.lower() for hidden in candidate.redacted}


def named(candidate: Candidate, path: str, value: str) -> str:
    """Return *path* and the *value* that *candidate* has of it, unless it is hidden."""
    return f"{path} {HIDDEN if is_hidden(candidate, path) else value}"
