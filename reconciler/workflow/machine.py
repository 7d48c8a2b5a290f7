"""The machine's clock, and its source of what nobody can foresee."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from reconciler.ports import Halted


def cache_folder() -> Path:
    """
    Return where things lie that may be deleted at any time (XDG base directories).

    For a user without a home, as in some containers, that is nowhere: nothing can be kept there.
    """
    named, home = os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache")
    places = (place for place in (named, home, os.devnull) if os.path.isabs(place))
    return Path(next(places)) / "reconciler"


class SystemClock:
    """The machine's clock; once *stop* is set, nobody waits any more (INV-19)."""

    def __init__(self, stop: Event | None = None) -> None:
        self._stop = stop or Event()

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """
        Wait *seconds*.

        Raises:
            Halted: The command was asked to end.
        """
        if self._stop.wait(seconds):
            raise Halted("asked to end while waiting")


class SystemChance:
    """The machine's source of what nobody can foresee."""

    def token(self, count: int) -> bytes:
        """Return *count* such bytes."""
        return secrets.token_bytes(count)
