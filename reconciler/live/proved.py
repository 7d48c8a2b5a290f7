"""
Resources of one shape, proved to mean one thing, and left as they are.

A page holds a thousand accounts that are written alike. Once their shape is known
(:mod:`reconciler.learned`), they are decoded by it, some at a time. The shape tells how
many keys and texts they have, or they are encoded again: just as many must have been
there, so no key was given twice (:mod:`reconciler.live.quick_json`). What does not fit is
read as everything else.

While an account is there as an object, notes are taken of it. A page of which the very
bytes were proved before, and of which the same was to be noted, is not decoded at all.

Used by :mod:`reconciler.live.pages` and :mod:`reconciler.live.saved_file`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

import msgspec

from reconciler.learned import Learned
from reconciler.live import strict_json
from reconciler.live.quick_json import texts
from reconciler.pile import FEW
from reconciler.ports import Notes
from reconciler.sheet import Sheet

ROWS: Final = "Resources"
"""Where the resources of a page are; under another spelling they are not looked for here."""

TOGETHER: Final = 200
"""Resources that are objects at the same time: of more, the first have left the processor's
cache when the last are there, and looking at them takes half as long again."""

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
    """The body without its resources, as JSON."""
    begin: int
    """Where the first resource begins."""
    between: int
    """Bytes between two of them."""
    sizes: bytes
    """Bytes of each, as an array of numbers of 32 bits."""
    ids: list[str]
    note: bytes

    def rows(self, body: bytes, note: Any) -> Rows:
        """Return the resources of a *body*, of which this is known, cut out of it."""
        sizes = array("I")
        sizes.frombytes(self.sizes)
        end = self.begin + sum(sizes) + self.between * (len(sizes) - 1)
        block = body[self.begin : end]
        if self.between != 1:
            steps = accumulate((size + self.between for size in sizes), initial=0)
            block = b",".join(
                [block[at : at + size] for at, size in zip(steps, sizes, strict=False)]
            )
        return Rows(self.ids, block, sizes, note)


class _Cut(NamedTuple):
    """A body, and where its resources are."""

    pieces: list[bytes]
    """The resources."""
    begin: int
    """Where the first of them begins."""
    between: int
    """Bytes between two of them."""
    sizes: list[int]
    """Bytes of each."""
    around: bytes
    """The body without them."""


class _Page(msgspec.Struct, rename={"rows": ROWS}):
    """A page of which only the resources are looked for."""

    rows: list[msgspec.Raw]


_KNOWN: Final = msgspec.msgpack.Decoder(_Known)
_BODY: Final = msgspec.json.Decoder(_Page | list[msgspec.Raw])
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
        """Return the resources of a JSON list; None where they are to be read one by one."""
        known, note = self._known(fetched)
        return None if known is None else known.rows(fetched.body, note)

    def page(self, fetched: Fetched) -> Any:
        """
        Return the JSON of a page, with its resources as :class:`Rows` where that can be.

        Raises:
            StrictJsonError: It is not JSON, or not in one sense only.
        """
        if self._few > 0:
            return self._as_it_is(fetched.body)
        known, note = self._known(fetched)
        if known is None:
            return strict_json.parse(fetched.body)
        return {**strict_json.parse(known.around), ROWS: known.rows(fetched.body, note)}

    def work_out(self, body: bytes) -> bytes | None:
        """Return what is to be known of a *body*, as MessagePack; None where nothing is."""
        known, note = self._worked_out(body)
        return None if note is None else _ENCODE(known)

    def _as_it_is(self, body: bytes) -> Any:
        """Return the JSON of a page, and count its resources."""
        page = strict_json.parse(body)
        listed = page.get(ROWS) if isinstance(page, dict) else None
        self._few -= len(listed) if isinstance(listed, list) else 0
        return page

    def _known(self, fetched: Fetched) -> tuple[_Known | None, Any]:
        """Return what is known of a body, and its note: from before, from elsewhere, or of now."""
        notes = self._notes
        recall = None if notes is None else notes.recall
        kept = None if recall is None else recall.get(fetched.key)
        if kept is None and fetched.elsewhere is not None:
            kept = fetched.elsewhere()
            if kept is not None and recall is not None:
                recall.put(fetched.key, kept)
        if kept is not None and notes is not None:
            known = _KNOWN.decode(kept)
            return known, notes.taking.read(known.note)
        found, note = self._worked_out(fetched.body)
        if note is not None and recall is not None:
            recall.put(fetched.key, _ENCODE(found))
        return found, note

    def _worked_out(self, body: bytes) -> tuple[_Known | None, Any]:
        """Return what a body is proved to hold, and what was noted of it, if it was."""
        cut, ids, taken = _cut(body), list[Any](), list[Any]()
        if cut is None:
            return None, None
        taking = None if self._notes is None else self._notes.taking
        for first in range(0, len(cut.pieces), TOGETHER):
            sheet = self._proved(cut.pieces[first : first + TOGETHER])
            if sheet is None:
                return None, None
            ids += sheet.keyed("id")
            if taking is not None:
                taken.append(taking.note([*map(sheet.column, taking.paths)]))
        note = None
        if taking is not None and set(map(type, ids)) == {str}:
            note = taking.joined(taken)
        sizes = array("I", cut.sizes).tobytes()
        written = b"" if note is None else _ENCODE(note)
        return _Known(cut.around, cut.begin, cut.between, sizes, ids, written), note

    def _proved(self, pieces: Sequence[bytes]) -> Sheet | None:
        """Return resources of one shape, if no key is twice in any of them."""
        text = b"[%b]" % b",".join(pieces)
        try:
            found, shape = self._learned.decode(text), self._learned.shape.elements
        except strict_json.StrictJsonError:  # which is said of the whole body
            return None
        if found is None or shape is None or "id" not in shape.places:
            return None
        sheet = Sheet(found, shape)
        if not sheet.is_sound:
            return None
        there = sheet.texts()
        if there is None:
            _ENCODER.encode_into(found, self._again)
            there = texts(self._again) // 2
        return sheet if texts(text) == 2 * there else None


def _cut(body: bytes) -> _Cut | None:
    """Return where the resources of a page or a list are; None where that is not plain."""
    try:
        listed = _BODY.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    pieces = [*map(bytes, listed.rows if isinstance(listed, _Page) else listed)]
    if not pieces:
        return None
    begin = body.find(pieces[0])
    end = begin + len(pieces[0])
    between = body[end : body.find(pieces[1], end)] if len(pieces) > 1 else b""
    block, sizes, apart = between.join(pieces), [*map(len, pieces)], len(between)
    if not body.startswith(block, begin):
        return None
    if between.startswith(b","):  # what follows the comma is white space before the next one
        sizes[1:] = [size + apart - 1 for size in sizes[1:]]
        apart = 1
    around = body[:begin] + body[begin + len(block) :]
    return _Cut(pieces, begin, apart, sizes, around) if _is_plain(around) else None


def _is_plain(around: bytes) -> bool:
    """Say whether a body without its resources is a list, or a page, that has no others."""
    with suppress(strict_json.StrictJsonError):
        found = strict_json.parse(around)
        if isinstance(found, dict):
            return found.get(ROWS) == [] and [*map(str.lower, found)].count(ROWS.lower()) == 1
        return bool(found == [])
    return False


def rows_of(resources: Sequence[Any]) -> Rows:
    """Return what the JSON parser made as rows; what is no resource has no id."""
    ids = [one.get("id") if isinstance(one, dict) else None for one in resources]
    encoded = [*map(_ENCODER.encode, resources)]
    return Rows(ids, b",".join(encoded), [*map(len, encoded)])
