"""Readers of the source directory (face)."""

from __future__ import annotations

from reconciler.source.files import FileSource

__all__ = ["FileSource"]
