"""
Small files that a configuration names: secrets and certificates.

Used by :mod:`reconciler.workflow.wiring`.
"""

from __future__ import annotations

from errno import EISDIR
from pathlib import Path

BUNDLE_LIMIT = 8 * 1024 * 1024
"""Bytes of a file of certificates that are read; all that browsers trust are a quarter of one."""


def read_secret(path: Path) -> str:
    """Read the file that a secret reference names; beyond its limit no secret goes on."""
    with path.open("rb") as file:
        return file.read(BUNDLE_LIMIT).decode("utf-8")


def read_bundle(path: Path) -> str:
    """Read a file of certificates; whatever in it is not one may be written in any way."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(EISDIR, "it is not a regular file")
    with path.open("rb") as file:
        return file.read(BUNDLE_LIMIT).decode("ascii", "replace")
