"""
Many names in little room: a few bytes more than their letters.

A dictionary of a million names takes two hundred bytes for each. Here they stand one
after the other in one text, and are found by an eighth of that: numbers that begin
with a part of a name's hash and end with its place, in order. Whatever is found by a
hash is compared letter by letter.

Used where there is one name a person: ids of accounts, objectIds of people.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from typing import overload

_BITS = 64


class Places:
    """Finds the places of things by their hashes."""

    def __init__(self, hashes: Sequence[int]) -> None:
        """Take the hash of each thing, in their order; numbers of at most 64 bits."""
        self._low = max(1, len(hashes).bit_length())
        self._more = 1 << self._low
        self._mask = (1 << (_BITS - self._low)) - 1
        low, mask = self._low, self._mask
        packed = [(one & mask) << low | at for at, one in enumerate(hashes)]
        packed.sort()
        self._packed = array("Q", packed)

    def of(self, hashed: int) -> list[int]:
        """Return the places of what may have this hash, in order."""
        packed, low = self._packed, self._low
        first = (hashed & self._mask) << low
        at, found = bisect_left(packed, first), list[int]()
        while at < len(packed) and packed[at] - first < self._more:
            found.append(packed[at] - first)
            at += 1
        return found


class Register(Sequence[str]):
    """Names in an order, each found by its place, and its place by the name."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._letters = bytearray()
        self._ends = array("Q")
        self._hashes = array("q")
        self._places: Places | None = None
        self.extend([*names])

    def append(self, name: str) -> None:
        """Add *name* as the last; before any is looked for."""
        self._letters += name.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))
        self._hashes.append(hash(name))

    def extend(self, names: Sequence[str]) -> None:
        """Add many names in one go; before any is looked for."""
        encoded = [name.encode("utf-8", "surrogatepass") for name in names]
        ends = accumulate(map(len, encoded), initial=len(self._letters))
        self._ends.extend(islice(ends, 1, None))
        self._letters += b"".join(encoded)
        self._hashes.extend(map(hash, names))

    def has_twins(self) -> bool:
        """Say whether a name is there twice; before any is looked for."""
        again = repeated(self._hashes)
        if not again:
            return False
        names = [self[at] for at, one in enumerate(self._hashes) if one in again]
        return len(set(names)) < len(names)

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        end = self._ends[at]
        begin = self._ends[at - 1] if at % len(self) else 0
        return self._letters[begin:end].decode("utf-8", "surrogatepass")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.place(name) is not None

    def place(self, name: str) -> int | None:
        """Return where *name* stands, the last time if it is there several times; or None."""
        if self._places is None:
            self._places, self._hashes = Places(self._hashes), array("q")
        last = None
        for at in self._places.of(hash(name)):
            if self[at] == name:
                last = at
        return last


def repeated(hashes: Sequence[int]) -> set[int]:
    """Return the numbers that are there more than once."""
    size = 1 << (len(hashes) * 8).bit_length()
    seen, low, again = bytearray(size), size - 1, set[int]()
    for one in hashes:
        if seen[one & low]:
            again.add(one)
        else:
            seen[one & low] = 1
    counts = Counter(one for one in hashes if one in again)
    return {one for one, count in counts.items() if count > 1}
