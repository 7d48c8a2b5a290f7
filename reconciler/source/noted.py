"""
What is noted of the rows of a file while they are read, column by column.

Who they are, whether they are enabled or deleted, and how many have a value: all that
has to be known of everybody before anybody is looked at.

Used by :mod:`reconciler.source.rows` and :mod:`reconciler.source.people`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.directory import Cell
from reconciler.register import Register

ANCHOR = "objectId"
ENABLED = "accountEnabled"
DELETED = "isDeleted"

_USUAL: Mapping[Cell | None, bool] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
ENABLED_BY: Mapping[Cell | None, bool] = {**_USUAL, None: True, "": True}
DELETED_BY: Mapping[Cell | None, bool] = {**_USUAL, None: False, "": False}
"""What the usual words mean, and nothing at all; any other spelling is looked at closer."""


class Noted:
    """Notes of all rows so far."""

    def __init__(self) -> None:
        self.anchors = Register()
        self.enabled, self.deleted = bytearray(), bytearray()
        """1 for each who is."""
        self.filled: dict[str, int] = {}
        """Rows with a value, by column."""
        self._is_sound = True
        self._is_known = False
        """Whether all of this was found sound before."""

    def take(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Note what the next rows say, cells by column; an empty cell is null."""
        for name, cells in columns.items():
            self.filled[name] = self.filled.get(name, 0) + len(cells) - cells.count("")
        anchors = columns.get(ANCHOR, ())
        if not self._is_sound or " ".join(anchors).split() != [*anchors]:
            self._is_sound = False
            return
        self.anchors.extend(anchors)
        for name, words, flags in (
            (ENABLED, ENABLED_BY, self.enabled),
            (DELETED, DELETED_BY, self.deleted),
        ):
            try:
                flags.extend(map(words.__getitem__, columns.get(name, ("",) * len(anchors))))
            except KeyError:
                self._is_sound = False

    def take_again(
        self, anchors: Sequence[str], enabled: bytes, deleted: bytes, filled: Mapping[str, int]
    ) -> None:
        """Take what was noted, and found sound, of rows that are the same again."""
        self.anchors.extend(anchors)
        self.enabled += enabled
        self.deleted += deleted
        self.filled.update(filled)
        self._is_known = True

    def are_sound(self, rows: int) -> bool:
        """Say whether each of so many *rows* is somebody of their own, and all is understood."""
        if self._is_known:
            return len(self.anchors) == rows
        return self._is_sound and len(self.anchors) == rows and not self.anchors.has_twins()
