"""
Notes of a listing, in its order, while it is read.

Of a page that was proved, notes were taken when it was decoded. What was read one by one
is noted some at a time, once there is enough of it: who has a few hundred users
never takes notes.

Used by :mod:`reconciler.live.pages` and :mod:`reconciler.live.saved_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from reconciler.learned import Learned
from reconciler.live.proved import TOGETHER, Rows
from reconciler.pile import FEW
from reconciler.ports import Notes, Taking
from reconciler.sheet import Sheet
from reconciler.states import UNREAD, Resource

_ENCODE: Final = msgspec.json.Encoder().encode


class Notebook:
    """Takes notes of one listing; None takes none."""

    def __init__(self, notes: Notes | None) -> None:
        self._taking = None if notes is None else notes.taking
        self._learned = Learned()
        self._waiting: list[Resource] = []
        """What was read one by one, and is not noted yet."""
        self._has_begun = False

    def add(self, rows: Rows) -> None:
        """Note some resources that were proved together."""
        if self._taking is None:
            return
        self._catch_up()
        if rows.note is None:
            self._note(rows.block, rows.ids)
        else:
            self._taking.add(rows.ids, rows.note)

    def add_one(self, resource: Resource) -> None:
        """Note a resource that was read alone."""
        if self._taking is not None:
            self._waiting.append(resource)
            if len(self._waiting) > FEW:
                self._catch_up()

    def everything(self) -> Taking | None:
        """Return the notes of all; None when there are none."""
        if not self._has_begun:
            return None
        self._catch_up()
        return self._taking

    def _catch_up(self) -> None:
        """Note what waits for it."""
        if self._taking is not None and not self._has_begun:
            self._has_begun = True
            self._taking.begin()
        waiting, self._waiting = self._waiting, []
        for at in range(0, len(waiting), TOGETHER):
            some = waiting[at : at + TOGETHER]
            self._note(b",".join(map(_ENCODE, some)), [one["id"] for one in some])

    def _note(self, block: bytes, ids: Sequence[str]) -> None:
        """Note some resources that are JSON, with a comma between."""
        if self._taking is None:
            return
        paths = self._taking.paths
        found = self._learned.decode(b"[%b]" % block)
        if found is None:
            columns: list[Any] = [[UNREAD] * len(ids)] * len(paths)
        else:
            columns = [*map(Sheet(found, self._learned.shape.elements).column, paths)]
        self._taking.add(ids, self._taking.note(columns))
