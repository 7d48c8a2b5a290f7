"""Whose is what, and how the two sides differ (face)."""

from reconciler.diff.compare import Comparator, Difference
from reconciler.diff.match import Matcher, Pairing, Rejected
from reconciler.diff.ownership import Ownership, split_live

__all__ = [
    "Comparator",
    "Difference",
    "Matcher",
    "Ownership",
    "Pairing",
    "Rejected",
    "split_live",
]
