"""Disks that are full, broken or read-only at the n-th call (reliability.md F63, F64)."""

from __future__ import annotations

import errno
import os
from collections import Counter
from threading import Lock

from reconciler.store.disk import Disk


class FaultyDisk(Disk):
    """A disk of which one call fails, the writing ones or the syncing ones counted."""

    def __init__(self, call: str, number: int, error: str, *, after: str = "half") -> None:
        """
        Fail at the *number*-th *call* (``write`` or ``sync``) with the error of that name.

        Args:
            call: What fails.
            number: Which one; 0 is none.
            error: A name of :mod:`errno`.
            after: How much of a failing write is there: ``half`` or ``nothing``.
        """
        self.calls: Counter[str] = Counter()
        self._fails = call, number
        self._error = getattr(errno, error)
        self._after = after
        self._lock = Lock()

    def write(self, descriptor: int, data: bytes) -> None:
        """Write *data*, unless this is the one."""
        if self._due("write"):
            if self._after == "half":
                super().write(descriptor, data[: len(data) // 2])
            raise OSError(self._error, os.strerror(self._error))
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Wait, unless this is the one."""
        if self._due("sync"):
            raise OSError(self._error, os.strerror(self._error))
        super().sync(descriptor)

    def _due(self, call: str) -> bool:
        with self._lock:
            self.calls[call] += 1
            return (call, self.calls[call]) == self._fails
