"""
Resources of one shape, proved to mean one thing, and left as they are.

A page holds a thousand accounts that are written alike. Once their shape is known
(:mod:`reconciler.learned`), a page is decoded by it, each account is encoded again as it
will be laid aside, and as many texts must be left as were there: so no key was given
twice (:mod:`reconciler.live.quick_json`). What does not fit is read as everything else.

Used by :mod:`reconciler.live.pages` and :mod:`reconciler.live.saved_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import msgspec

from reconciler.learned import Learned, Shape
from reconciler.live import strict_json
from reconciler.live.quick_json import texts
from reconciler.pile import FEW

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

    def __len__(self) -> int:
        return len(self.encoded)

    def made(self) -> list[dict[str, Any]]:
        """Return the resources as the JSON parser makes them."""
        return [*map(_MAKER.decode, self.encoded)]


class Proof:
    """Reads what has one shape; another one for users than for groups."""

    def __init__(self, few: int = FEW) -> None:
        """Prepare; the pages of the first *few* are read as everything is: there may be no more."""
        self._learned, self._few = Learned(strict_json.parse), few

    def rows(self, body: bytes) -> Rows | None:
        """
        Return the resources of a JSON list; None where they are to be read one by one.

        Raises:
            StrictJsonError: It is not JSON, or not in one sense only.
        """
        found, shape = self._learned.decode(body), self._learned.shape.elements
        return None if not isinstance(found, list) else _rows(found, shape, body, 0)

    def page(self, body: bytes) -> Any:
        """
        Return the JSON of a page, with its resources as :class:`Rows` where that can be.

        Raises:
            StrictJsonError: As :meth:`rows`.
        """
        if self._few > 0:
            return self._as_it_is(body)
        found, shape = self._learned.decode(body), self._learned.shape
        place = shape.places.get(ROWS)
        listed = getattr(found, place, None) if place else None
        alike = [key for key in shape.fields if key.lower() == ROWS.lower()]
        if not isinstance(listed, list) or place is None or len(alike) > 1:
            return strict_json.parse(body)
        setattr(found, place, [])
        around = _ENCODER.encode(found)
        rows = _rows(listed, shape.fields[ROWS].elements, body, texts(around))
        if rows is None:
            return strict_json.parse(body)
        return {**msgspec.json.decode(around), ROWS: rows}

    def _as_it_is(self, body: bytes) -> Any:
        """Return the JSON of a page, and count its resources."""
        page = strict_json.parse(body)
        listed = page.get(ROWS) if isinstance(page, dict) else None
        self._few -= len(listed) if isinstance(listed, list) else 0
        return page


def rows_of(resources: Sequence[Any]) -> Rows:
    """Return what the JSON parser made as rows; what is no resource has no id."""
    ids = [one.get("id") if isinstance(one, dict) else None for one in resources]
    return Rows(ids, [*map(_ENCODER.encode, resources)])


def _rows(found: list[Any], shape: Shape | None, body: bytes, around: int) -> Rows | None:
    """Return what was decoded from *body*, in which there are so many more texts *around* it."""
    if shape is None or "id" not in shape.places or set(map(type, found)) != {shape.made}:
        return None
    encoded = [*map(_ENCODER.encode, found)]
    if texts(body) != texts(b"".join(encoded)) + around:
        return None
    return Rows([*map(attrgetter(shape.places["id"]), found)], encoded)
