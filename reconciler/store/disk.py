"""
The two calls that make bytes last.

Everything durable in the store goes through one of these objects, so that a test
can put another in its place: one that fails at the third write, or forgets what
was not synced (reliability.md F62 to F64).
"""

from __future__ import annotations

import os


class Disk:
    """The machine's disk."""

    def write(self, descriptor: int, data: bytes) -> None:
        """
        Write all of *data*.

        Raises:
            OSError: Nobody knows how much of it was written.
        """
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync(self, descriptor: int) -> None:
        """
        Wait until what was written is on the disk; for a folder, until its names are.

        Raises:
            OSError: Nobody knows what is there; whoever called gives up and never tries again.
        """
        os.fsync(descriptor)


DISK = Disk()
"""What is used where nothing else is given."""
