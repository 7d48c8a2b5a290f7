"""
Who has one of these values? One filter with `or` in place of many.

It is believed even less than a filter for one value (:mod:`reconciler.live.search`).
Before its first answer is, and after that of the filter for one value, a filter as long as
any that will be sent is tried: somebody who is known to be there must be found when they
are named first in it, and when they are named last, and nobody else. That rules out who reads
one part only, or takes `or` for `and`, or stops reading somewhere. Where a service refuses
that length, a shorter one is tried; and a longer one, where that would be of use (decision 42).

Every row is compared again here. Rows that nobody asked for, or fewer than are stated, and
it is not used any more; each value is searched alone then.

Used by :class:`reconciler.live.client.ScimTarget`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import Final
from uuid import uuid4

from reconciler.live.quoting import quoted
from reconciler.live.search import REFUSALS, Search, is_text
from reconciler.scim.errors import TargetError, TargetRefused
from reconciler.scim.filters import any_of
from reconciler.scim.paths import AttributePath
from reconciler.states import Resource

VALUES: Final = (100, 50, 20)
"""
Values in one filter, of the length of a UUID: a request line of less than 8 KB, which most
servers take, of less than 4 KB, or of less than 2 KB, which nearly all do.
"""

LONG: Final = 200
"""
Values in one filter that are tried besides, once, when more are looked for than the longest of
those takes, and it was taken: a request line of less than 16 KB, which some servers take.
"""

TOO_LONG: Final = frozenset({413, 431})
"""What servers answer, besides, to a request line that is too long, or is with its headers."""

REFUSED: Final = REFUSALS | TOO_LONG

OR: Final = len(quoted(" or "))

Rows = Sequence[Resource]


class Several:
    """Looks several values up at once; keeps what it learns of the service."""

    def __init__(self, search: Search, most: int | None, *, counts: bool) -> None:
        """
        Prepare; nothing is sent yet.

        Args:
            search: What looks up one value of the same attribute.
            most: Rows that the service puts into an answer at most; None if it does not say.
            counts: Whether to send `count`, or leave it to the service.
        """
        self._search = search
        self._sizes = list(dict.fromkeys(min(size, most or size) for size in VALUES))
        self._long = min(LONG, most or LONG)
        self._counts = counts
        self._calibrating = Lock()
        self._usable = not search.path.conditions and min(self._sizes) > 1
        self._most = self._longest = 0
        """Values, and quoted characters, in one filter; none before it was tried."""
        self._known = "", ""
        """Id and value of who is known to be there, once it was tried."""
        self._once = Lock()
        """Taken for good by whoever tries the longer one: the others do not wait for that."""

    def find(self, values: Sequence[str]) -> list[Rows | None]:
        """
        Return who has each of *values*; None where it must be searched alone.

        Raises:
            TargetError: The filter for one value could not be tried out.
        """
        if not self._usable:
            return [None] * len(values)
        whole = self._search.is_whole()
        if whole is None:
            return [()] * len(values)  # nobody is there at all
        if not (whole and self._is_calibrated()):
            return [None] * len(values)
        seen: dict[str, Rows] = {}
        wanted = sorted({value for value in values if is_text(value)})
        if len(wanted) > self._most:
            self._lengthen()
        for part in self._parts(wanted):
            seen |= self._found(part)
        return [seen.get(value) for value in values]

    def _parts(self, values: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield what fits into one filter each, that is no longer than one that was tried."""
        if 0 < len(values) <= self._most and self._length(values) <= self._longest:
            yield values
            return
        part: list[str] = []
        length = 0
        for value in values:
            added = self._length([value])
            if added > self._longest:
                continue
            if part and (len(part) == self._most or length + OR + added > self._longest):
                yield part
                part, length = [], 0
            length += added + (OR if part else 0)
            part.append(value)
        if part:
            yield part

    def _length(self, values: Sequence[str]) -> int:
        """Return how many characters the filter for *values* has in a request."""
        return len(quoted(_filter(self._search.path, tuple(values))))

    def _is_calibrated(self) -> bool:
        """Try the filter out, once for all threads, and say whether it can be believed."""
        with self._calibrating:
            if self._usable and not self._most:
                try:
                    known = self._search.somebody()
                    if known is None:
                        return False
                    self._known = known
                    self._usable = any(self._finds(*known, size) for size in self._sizes)
                except TargetError:
                    self._usable = False  # whoever is searched alone then, meets it again
            return self._usable

    def _lengthen(self) -> None:
        """Try a longer filter, once; where it is no good, nothing changes."""
        if self._sizes[0] <= self._most < self._long and self._once.acquire(blocking=False):
            with suppress(TargetError):
                self._finds(*self._known, self._long)

    def _finds(self, resource_id: str, value: str, size: int) -> bool:
        """
        Say whether a filter for *size* values finds whom it should, and note how long it was.

        Raises:
            TargetError: A request failed, other than by a refusal to filter.
        """
        nobody = [str(uuid4()) for _ in range(size - 1)]
        known = self._search.spelled_otherwise(value)
        for values in ([known, *nobody], [*nobody, known]):
            try:
                rows = self._asked(values) or []
            except TargetRefused as exc:
                if exc.status not in REFUSED:
                    raise
                return False
            if [row["id"] for row in rows] != [resource_id]:
                return False
        self._most, self._longest = size, self._length([known, *nobody])
        return True

    def _found(self, values: Sequence[str]) -> Mapping[str, Rows]:
        """Return who has each of *values*; of whom cannot be asked so, nothing."""
        try:
            rows = self._asked(values)
        except TargetError as exc:
            refused = isinstance(exc, TargetRefused) and exc.status in REFUSED
            self._usable = self._usable and refused
            return {}
        if rows is None:
            self._usable = False
            return {}
        return self._search.sorted_out(rows, values)

    def _asked(self, values: Sequence[str]) -> list[Resource] | None:
        """
        Return who has one of *values*; None when that cannot be believed.

        Raises:
            TargetError: The request failed, or was refused.
        """
        query = {"filter": _filter(self._search.path, tuple(values))}
        if self._counts:
            query["count"] = str(len(values))
        return self._search.asked(query, values)


@lru_cache(maxsize=16)
def _filter(path: AttributePath, values: tuple[str, ...]) -> str:
    """Return the filter for *values*: it is measured, and then sent."""
    return any_of(path, values)
