"""
Many things, laid aside until they are asked for again.

Nearly everybody is looked at once in a plan, and held for as long as it takes: an
account takes five times as much room in memory as in a file. So what is read is laid
aside as it comes (:mod:`reconciler.aside`), when there is much of it, and read again
where it is needed.

Used by :mod:`reconciler.live` and :mod:`reconciler.source`; what it returns is a plain
sequence. Things are of what JSON knows: texts, numbers, lists, mappings of texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from reconciler.aside import Aside

FEW: Final = 2_000
"""Things that are held as they are: laying them aside would take longer than it is worth."""

T = TypeVar("T")


class Pile(Generic[T]):
    """Takes things one by one."""

    def __init__(self, kind: type[T], few: int | None = None) -> None:
        """
        Begin with nothing.

        Args:
            kind: What one thing is; it comes back as just that.
            few: How many are held as they are; :data:`FEW` when left out.
        """
        self._kind = kind
        self._few = FEW if few is None else few
        self._held: list[T] = []
        self._aside: Aside[T] | None = None

    def __len__(self) -> int:
        return len(self._held) if self._aside is None else len(self._aside)

    @property
    def lays_aside(self) -> bool:
        """Whether there are so many by now that they are not held any more."""
        return self._aside is not None

    def add(self, thing: T) -> None:
        """Take one thing; it must not be changed by anybody any more."""
        if self._aside is not None:
            self._aside.lay(thing)
            return
        self._held.append(thing)
        if len(self._held) > self._few:
            self._lay_aside()

    def _lay_aside(self) -> None:
        """Lay aside what is held, and all that comes."""
        from reconciler.aside import Aside  # most commands never lay anything aside

        self._aside = Aside(self._kind)
        for one in self._held:
            self._aside.lay(one)
        self._held = []

    def add_block(self, block: bytes, sizes: Sequence[int]) -> None:
        """Take several things that are JSON, of these *sizes* in bytes, with a comma between."""
        if self._aside is None and len(self._held) + len(sizes) > self._few:
            self._lay_aside()
        if self._aside is not None:
            self._aside.lay_block(block, sizes)
            return
        from reconciler.aside import cut, made  # as below

        for one in cut(block, sizes):
            self.add(made(one, self._kind))

    def everything(self) -> Sequence[T]:
        """Return all that was taken, in its order."""
        return tuple(self._held) if self._aside is None else self._aside
