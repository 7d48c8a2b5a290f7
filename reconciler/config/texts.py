"""
What the caller reads for this floor, which knows text only.

Used by :mod:`reconciler.config.load` and :mod:`reconciler.config.profile_files`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file that was read: its name for people, and its decoded text."""

    name: str
    text: str


ReadText = Callable[[str], SourceText | None]
"""Returns the file at a path below the folder of the configuration; None if there is none."""


def no_files(path: str) -> SourceText | None:
    """Find no file: for a configuration that has no folder."""
    return None
