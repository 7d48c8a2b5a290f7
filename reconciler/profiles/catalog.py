"""
The profiles that come with the program, as the texts that people may read and copy.

They are part of the program as its modules are, so that reading one is no look
at the world: the same version has the same texts. Called by
:mod:`reconciler.config.profile_files`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_FOLDER: Final = "shipped"
_ENDING: Final = ".yaml"


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, sorted."""
    found = (files(__package__) / _FOLDER).iterdir()
    names = (file.name for file in found)
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def shipped_text(name: str) -> str:
    """Return the YAML of a shipped profile; *name* is one of :func:`shipped_names`."""
    return (files(__package__) / _FOLDER / f"{name}{_ENDING}").read_text("utf-8")
