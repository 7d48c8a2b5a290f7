"""
Many names in little room: a few bytes more than their letters.

A dictionary of a million names takes two hundred bytes for each. Here they stand one
after the other in one text, and are found by their hashes: those that end alike are in
one chain, and of each name its place, its hash and who is next are held. Whatever is
found by a hash is compared letter by letter.

Used where there is one name a person: ids of accounts, objectIds of people.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from typing import overload


class Places:
    """Finds the places of things by their hashes."""

    def __init__(self, hashes: Sequence[int]) -> None:
        """Take the hash of each thing, in their order; numbers of at most 64 bits."""
        size = 1 << len(hashes).bit_length()
        self._mask = size - 1
        self._hashes = array("q", hashes)
        self._first = firsts = array("I", bytes(4 * size))
        """Of each chain the first, counted from 1; 0 is none."""
        self._next = nexts = array("I", (0,))
        """Who is next, after whom: the one with the place before."""
        for at, chain in enumerate(map(self._mask.__and__, hashes), 1):
            nexts.append(firsts[chain])
            firsts[chain] = at

    def of(self, hashed: int) -> list[int]:
        """Return the places of what has this hash, the last first."""
        found = list[int]()
        at = self._first[hashed & self._mask]
        while at:
            if self._hashes[at - 1] == hashed:
                found.append(at - 1)
            at = self._next[at]
        return found

    def are_there(self, hashes: array[int], at: int) -> bool:
        """Say whether the things from place *at* on have just these hashes."""
        return self._hashes[at : at + len(hashes)] == hashes


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
        self._letters += _encoded(name)
        self._ends.append(len(self._letters))
        self._hashes.append(hash(name))

    def extend(self, names: Sequence[str]) -> None:
        """Add many names in one go; before any is looked for."""
        letters, sizes = _all_encoded(names)
        ends = accumulate(sizes, initial=len(self._letters))
        self._ends.extend(islice(ends, 1, None))
        self._letters += letters
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
            return self._some(range(*at.indices(len(self))))
        ends = self._ends
        end = ends[at]
        if at < 0:
            at += len(ends)
        begin = ends[at - 1] if at else 0
        return self._letters[begin:end].decode("utf-8", "surrogatepass")

    def _some(self, places: range) -> list[str]:
        """Return the names at *places*."""
        if places.step == 1 and places:
            ends = self._ends[places.start : places.stop]
            begin = self._ends[places.start - 1] if places.start else 0
            letters = self._letters[begin : ends[-1]]
            if letters.isascii():
                text, after = letters.decode("ascii"), [end - begin for end in ends]
                return [text[a:b] for a, b in zip([0, *after], after, strict=False)]
        return [self[one] for one in places]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.place(name) is not None

    def place(self, name: str) -> int | None:
        """Return where *name* stands, the last time if it is there several times; or None."""
        if self._places is None:
            self._places, self._hashes = Places(self._hashes), array("q")
        found = self._places.of(hash(name))
        if not found:
            return None
        letters, ends, wanted = self._letters, self._ends, _encoded(name)
        for at in found:
            if letters[ends[at - 1] if at else 0 : ends[at]] == wanted:
                return at
        return None

    def are_there(self, names: Sequence[str], at: int) -> bool:
        """Say whether the names from place *at* on are just these."""
        if not names or at + len(names) > len(self._ends):
            return not names
        begin = self._ends[at - 1] if at else 0
        letters, sizes = _all_encoded(names)
        ends = array("Q", islice(accumulate(sizes, initial=begin), 1, None))
        if self._ends[at : at + len(names)] != ends:
            return False
        return self._letters[begin : ends[-1]] == letters


def _encoded(name: str) -> bytes:
    """Return the letters of a name as they are held; what no file holds, tests may."""
    return name.encode("utf-8", "surrogatepass")


def _all_encoded(names: Sequence[str]) -> tuple[bytes, Iterable[int]]:
    """Return the letters of *names*, one after the other, and how many bytes each has."""
    text = "".join(names)
    if text.isascii():
        return text.encode("ascii"), map(len, names)
    encoded = [*map(_encoded, names)]
    return b"".join(encoded), map(len, encoded)


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
