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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final, NamedTuple

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
_MAKER: Final = msgspec.json.Decoder(list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Rows:
    """Resources in JSON, each sound, and none of them looked at."""

    ids: Sequence[Any]
    """What each has as its ``id``."""
    block: bytes
    """One after the other, with a comma between."""
    sizes: Sequence[int]
    """Bytes of each."""
    note: Any = None
    """What was noted of them; None: nothing was."""

    def __len__(self) -> int:
        return len(self.sizes)

    def made(self) -> list[dict[str, Any]]:
        """Return the resources as the JSON parser makes them."""
        return _MAKER.decode(b"[%b]" % self.block)

    @classmethod
    def of(cls, ids: Sequence[Any], encoded: Sequence[bytes]) -> Rows:
        """Return resources of which nothing was noted."""
        return cls(ids, b",".join(encoded), [*map(len, encoded)])


class _Found(NamedTuple):
    """What a body was proved to hold."""

    around: bytes
    """The page without its resources, as JSON; nothing where there is only a list of them."""
    ids: list[Any]
    rows: list[Any]
    """The resources as objects of their *shape*."""
    shape: Shape

    def encoded(self) -> Rows:
        """Return the resources, of which nothing was noted."""
        return Rows.of(self.ids, [*map(_ENCODER.encode, self.rows)])


class Fetched(NamedTuple):
    """A body that has come."""

    body: bytes
    key: bytes
    """What it is remembered by."""
    elsewhere: Callable[[], bytes | None] | None
    """Waits for what another process has worked out of it; None: none does."""


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


class _Page(msgspec.Struct, rename={"rows": ROWS}):
    """A page of which only the resources are looked for."""

    rows: list[msgspec.Raw]


_KNOWN: Final = msgspec.msgpack.Decoder(_Known)
_PAGE: Final = msgspec.json.Decoder(_Page)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Proof:
    """Reads what has one shape; another one for users than for groups."""

    def __init__(self, notes: Notes | None = None, few: int = FEW) -> None:
        """
        Prepare.

        Args:
            notes: How notes are taken of the resources, which are many then.
            few: Without notes, the pages of the first *few* are read as everything is: there
                may be no more.
        """
        self._learned, self._few = Learned(strict_json.parse), few if notes is None else 0
        self._notes = notes
        self._again = bytearray()
        """Where resources are encoded again: memory that is used once takes its time, too."""

    @property
    def has_help(self) -> bool:
        """Whether another process works bodies out."""
        return self._notes is not None and self._notes.proving is not None

    def fetched(self, body: bytes) -> Fetched:
        """Take in a *body* that has come; safe for threads."""
        notes = self._notes
        if notes is None or notes.recall is None:
            return Fetched(body, b"", None)
        key, proving = notes.recall.key(body), notes.proving
        if proving is None or notes.recall.knows(key):
            return Fetched(body, key, None)
        return Fetched(body, key, proving.prove(body))

    def rows(self, fetched: Fetched) -> Rows | None:
        """
        Return the resources of a JSON list; None where they are to be read one by one.

        Raises:
            StrictJsonError: It is not JSON, or not in one sense only.
        """
        known = self._known(fetched)
        if known is not None:
            return self._rows_again(known, fetched.body)
        found = self._found(fetched.body)
        return None if found is None else found.encoded()

    def page(self, fetched: Fetched) -> Any:
        """
        Return the JSON of a page, with its resources as :class:`Rows` where that can be.

        Raises:
            StrictJsonError: As :meth:`rows`.
        """
        body = fetched.body
        if self._few > 0:
            return self._as_it_is(body)
        known = self._known(fetched)
        if known is not None:
            return {**msgspec.json.decode(known.around), ROWS: self._rows_again(known, body)}
        found = self._found(body)
        if found is None:
            return strict_json.parse(body)
        return {**msgspec.json.decode(found.around), ROWS: found.encoded()}

    def work_out(self, body: bytes) -> bytes | None:
        """
        Return what is to be known of a *body*, as MessagePack; None where that cannot be said.

        Raises:
            StrictJsonError: As :meth:`rows`.
        """
        found, notes = self._found(body), self._notes
        if found is None or notes is None or set(map(type, found.ids)) != {str}:
            return None
        pieces = [*map(bytes, _PAGE.decode(body).rows if found.around else _LIST.decode(body))]
        begin = body.find(pieces[0])
        end = begin + len(pieces[0])
        between = body[end : body.find(pieces[1], end)] if len(pieces) > 1 else b""
        if not body.startswith(between.join(pieces), begin):
            return None
        columns = map(Sheet(found.rows, found.shape).column, notes.taking.paths)
        note, sizes, apart = notes.taking.note([*columns]), [*map(len, pieces)], len(between)
        if between.startswith(b","):  # what follows the comma is white space before the next one
            sizes[1:] = [size + apart - 1 for size in sizes[1:]]
            apart = 1
        told = begin, apart, array("I", sizes).tobytes()
        return _ENCODE(_Known(found.around, *told, found.ids, _ENCODE(note)))

    def _as_it_is(self, body: bytes) -> Any:
        """Return the JSON of a page, and count its resources."""
        page = strict_json.parse(body)
        listed = page.get(ROWS) if isinstance(page, dict) else None
        self._few -= len(listed) if isinstance(listed, list) else 0
        return page

    def _found(self, body: bytes) -> _Found | None:
        """Return what is in a page or a list, if it has a shape, and no key is twice in it."""
        found, whole = self._learned.decode(body), self._learned.shape
        if isinstance(found, list):
            return self._proved(found, whole.elements, body, b"")
        place = whole.places.get(ROWS)
        listed = getattr(found, place, None) if place else None
        alike = [name for name in whole.fields if name.lower() == ROWS.lower()]
        if not isinstance(listed, list) or place is None or len(alike) > 1:
            return None
        setattr(found, place, [])
        return self._proved(listed, whole.fields[ROWS].elements, body, _ENCODER.encode(found))

    def _proved(
        self, found: list[Any], shape: Shape | None, body: bytes, around: bytes
    ) -> _Found | None:
        """Return what was decoded from *body*, if no key is twice in it or in what is *around*."""
        if shape is None or "id" not in shape.places or set(map(type, found)) != {shape.made}:
            return None
        _ENCODER.encode_into(found, self._again)
        if texts(body) != texts(self._again) + texts(around):
            return None
        return _Found(around, [*map(attrgetter(shape.places["id"]), found)], found, shape)

    def _known(self, fetched: Fetched) -> _Known | None:
        """Return what is known of a body: from before, from elsewhere, or worked out now."""
        notes = self._notes
        if notes is None:
            return None
        recall = notes.recall
        kept = None if recall is None else recall.get(fetched.key)
        if kept is None:
            kept = fetched.elsewhere() if fetched.elsewhere else None
            kept = self.work_out(fetched.body) if kept is None else kept
            if kept is not None and recall is not None:
                recall.put(fetched.key, kept)
        return None if kept is None else _KNOWN.decode(kept)

    def _rows_again(self, known: _Known, body: bytes) -> Rows:
        """Return the resources of a *body* that is known, cut out of it."""
        sizes = array("I")
        sizes.frombytes(known.sizes)
        end = known.begin + sum(sizes) + known.between * (len(sizes) - 1)
        block = body[known.begin : end]
        if known.between != 1:
            steps = accumulate((size + known.between for size in sizes), initial=0)
            block = b",".join(
                [block[at : at + size] for at, size in zip(steps, sizes, strict=False)]
            )
        note = None if self._notes is None else self._notes.taking.read(known.note)
        return Rows(known.ids, block, sizes, note)


def rows_of(resources: Sequence[Any]) -> Rows:
    """Return what the JSON parser made as rows; what is no resource has no id."""
    ids = [one.get("id") if isinstance(one, dict) else None for one in resources]
    return Rows.of(ids, [*map(_ENCODER.encode, resources)])
