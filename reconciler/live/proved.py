"""
Resources of one shape, proved to mean one thing, and left as they are.

A page holds a thousand accounts that are written alike. Once their shape is known
(:mod:`reconciler.learned`), a page is decoded by it, each account is encoded again, and
as many texts must be left as were there: so no key was given twice
(:mod:`reconciler.live.quick_json`). What does not fit is read as everything else.

While an account is there as an object, notes are taken of it. A page of which the very
bytes were proved before, and of which the same was to be noted, is not decoded at all.

Used by :mod:`reconciler.live.pages` and :mod:`reconciler.live.saved_file`.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final

import msgspec

from reconciler.learned import Learned, Shape
from reconciler.live import strict_json
from reconciler.live.quick_json import texts
from reconciler.pile import FEW
from reconciler.ports import Notes
from reconciler.sheet import Sheet

ROWS: Final = "Resources"
"""Where the resources of a page are; under another spelling they are not looked for here."""

_ENCODER: Final = msgspec.json.Encoder()
_MAKER: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Rows:
    """Resources in JSON, each sound, and none of them looked at."""

    ids: Sequence[Any]
    """What each has as its ``id``."""
    encoded: Sequence[bytes]
    note: Any = None
    """What was noted of them; None: nothing was."""

    def __len__(self) -> int:
        return len(self.encoded)

    def made(self) -> list[dict[str, Any]]:
        """Return the resources as the JSON parser makes them."""
        return [*map(_MAKER.decode, self.encoded)]


class _Known(msgspec.Struct, array_like=True):
    """What is remembered of a body."""

    around: bytes
    """The page without its resources, as JSON; nothing where there is only a list of them."""
    begin: int
    """Where the first resource begins."""
    between: int
    """Bytes between two of them."""
    sizes: bytes
    """Bytes of each, as an array of numbers of 32 bits."""
    ids: list[str]
    note: bytes


_KNOWN: Final = msgspec.msgpack.Decoder(_Known)
_PAGE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Proof:
    """Reads what has one shape; another one for users than for groups."""

    def __init__(self, notes: Notes | None = None, few: int = FEW) -> None:
        """
        Prepare.

        Args:
            notes: How notes are taken of the resources.
            few: The pages of the first *few* are read as everything is: there may be no more.
        """
        self._learned, self._few = Learned(strict_json.parse), few
        self._notes = notes

    def key(self, body: bytes) -> bytes:
        """Return what *body* is known by; safe for threads."""
        recall = None if self._notes is None else self._notes.recall
        return b"" if recall is None else recall.key(body)

    def rows(self, body: bytes) -> Rows | None:
        """
        Return the resources of a JSON list; None where they are to be read one by one.

        Raises:
            StrictJsonError: It is not JSON, or not in one sense only.
        """
        key = self.key(body)
        known = self._recalled(key)
        if known is not None:
            return self._rows_again(known, body)
        found, shape = self._learned.decode(body), self._learned.shape.elements
        rows = None if not isinstance(found, list) else self._proved(found, shape, body, b"")
        self._remember(key, rows, body, b"")
        return rows

    def page(self, body: bytes, key: bytes) -> Any:
        """
        Return the JSON of a page, with its resources as :class:`Rows` where that can be.

        *key* is what it is known by.

        Raises:
            StrictJsonError: As :meth:`rows`.
        """
        if self._few > 0:
            return self._as_it_is(body)
        known = self._recalled(key)
        if known is not None:
            return {**msgspec.json.decode(known.around), ROWS: self._rows_again(known, body)}
        found, shape = self._learned.decode(body), self._learned.shape
        place = shape.places.get(ROWS)
        listed = getattr(found, place, None) if place else None
        alike = [name for name in shape.fields if name.lower() == ROWS.lower()]
        if not isinstance(listed, list) or place is None or len(alike) > 1:
            return strict_json.parse(body)
        setattr(found, place, [])
        around = _ENCODER.encode(found)
        rows = self._proved(listed, shape.fields[ROWS].elements, body, around)
        if rows is None:
            return strict_json.parse(body)
        self._remember(key, rows, body, around)
        return {**msgspec.json.decode(around), ROWS: rows}

    def _as_it_is(self, body: bytes) -> Any:
        """Return the JSON of a page, and count its resources."""
        page = strict_json.parse(body)
        listed = page.get(ROWS) if isinstance(page, dict) else None
        self._few -= len(listed) if isinstance(listed, list) else 0
        return page

    def _proved(
        self, found: list[Any], shape: Shape | None, body: bytes, around: bytes
    ) -> Rows | None:
        """Return what was decoded from *body*, if no key is twice in it or in what is *around*."""
        if shape is None or "id" not in shape.places or set(map(type, found)) != {shape.made}:
            return None
        encoded = [*map(_ENCODER.encode, found)]
        if texts(body) != texts(b"".join(encoded)) + texts(around):
            return None
        ids = [*map(attrgetter(shape.places["id"]), found)]
        if self._notes is None:
            return Rows(ids, encoded)
        taking = self._notes.taking
        note = taking.note([*map(Sheet(found, shape).column, taking.paths)])
        return Rows(ids, encoded, note)

    def _recalled(self, key: bytes) -> _Known | None:
        """Return what is remembered of the body with this *key*."""
        if self._notes is None or self._notes.recall is None:
            return None
        kept = self._notes.recall.get(key)
        return None if kept is None else _KNOWN.decode(kept)

    def _rows_again(self, known: _Known, body: bytes) -> Rows:
        """Return the resources of a *body* that is known, cut out of it."""
        sizes = array("I")
        sizes.frombytes(known.sizes)
        between = known.between
        begins = accumulate((size + between for size in sizes), initial=known.begin)
        encoded = [body[begin : begin + size] for begin, size in zip(begins, sizes, strict=False)]
        note = None if self._notes is None else self._notes.taking.read(known.note)
        return Rows(known.ids, encoded, note)

    def _remember(self, key: bytes, rows: Rows | None, body: bytes, around: bytes) -> None:
        """Remember what was proved of *body*, if its resources follow each other closely."""
        if rows is None or self._notes is None or self._notes.recall is None:
            return
        pieces = [*map(bytes, _LIST.decode(_PAGE.decode(body)[ROWS] if around else body))]
        if len(pieces) < 2 or set(map(type, rows.ids)) != {str}:
            return
        begin = body.find(pieces[0])
        end = begin + len(pieces[0])
        between = body[end : body.find(pieces[1], end)]
        if not body.startswith(between.join(pieces), begin):
            return
        note, sizes = _ENCODE(rows.note), array("I", map(len, pieces)).tobytes()
        known = _Known(around, begin, len(between), sizes, [*rows.ids], note)
        self._notes.recall.put(key, _ENCODE(known))


def rows_of(resources: Sequence[Any]) -> Rows:
    """Return what the JSON parser made as rows; what is no resource has no id."""
    ids = [one.get("id") if isinstance(one, dict) else None for one in resources]
    return Rows(ids, [*map(_ENCODER.encode, resources)])
