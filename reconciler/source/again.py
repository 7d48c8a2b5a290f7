"""
A file of people that was read before.

Where the bytes are the same, so are the people: their objectIds, who is enabled or
deleted, how many have a value, and where each row stands are remembered. The rows are
taken from the file as it is now, and its hash is worked out while they are.

Used by :mod:`reconciler.source.streamed`.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from reconciler import __version__
from reconciler.diagnostics import Position
from reconciler.ports import Recall
from reconciler.source.laid import Laid
from reconciler.source.noted import Noted
from reconciler.source.table import Table

if TYPE_CHECKING:
    from hashlib import _Hash

TOGETHER: Final = 4096
"""Rows that are taken at a time."""

BLOCK: Final = 1 << 20
"""Bytes that are read at a time."""


RULES: Final = f"rows of a file, 1, {__version__}".encode()
"""By what a file is remembered: another number, or version, may note something else."""


class _Known(msgspec.Struct, array_like=True):
    """What is remembered of a file whose rows are lines."""

    columns: list[str]
    begin: int
    """Where the first row begins."""
    end: bytes
    """Ends each row, but perhaps the last."""
    sizes: bytes
    """Bytes of each row without its end, as an array of numbers of 32 bits."""
    anchors: list[str]
    enabled: bytes
    deleted: bytes
    filled: dict[str, int]


_READ: Final = msgspec.msgpack.Decoder(_Known).decode


def read_again(path: Path, file: str, recall: Recall) -> tuple[Table, _Hash] | None:
    """Return the table of a file that was read before, and its hash; None if it is not known."""
    digest = _hash_of(path).digest()
    kept = recall.get(_key(digest, recall))
    if kept is None:
        return None
    known = _READ(kept)
    laid, found, sizes = Laid(known.columns), hashlib.sha256(), _numbers(known.sizes)
    with path.open("rb") as opened:
        found.update(opened.read(known.begin))
        for some in _some(sizes):
            lines = opened.read(sum(some) + len(some) * len(known.end))
            found.update(lines)
            laid.heap.lay_block(_laid(lines, known.end), some)
        found.update(opened.read(BLOCK))
    if found.digest() != digest:
        return None  # it was written to meanwhile
    start, noted = Position(file, 1, 1), Noted()
    noted.take_again(known.anchors, known.enabled, known.deleted, known.filled)
    return Table(file, known.columns, laid, lambda _row, _column: start, noted), found


def remember(path: Path, table: Table, digest: bytes, recall: Recall) -> None:
    """Remember the *table* of a sound file with a *digest*, if its rows are just its lines."""
    rows, noted = table.rows, table.noted
    if not isinstance(rows, Laid) or not rows.are_lines or noted is None:
        return
    if not noted.are_sound(len(rows)):
        return
    sizes = rows.heap.sizes()
    with path.open("rb") as opened:
        header, at = opened.readline(), 0
        end = b"\r\n" if header.endswith(b"\r\n") else b"\n"
        for some in _some(sizes):
            lines = opened.read(sum(some) + len(some) * len(end))
            if _laid(lines, end) != rows.heap.block(at, at + len(some)):
                return
            at += len(some)
        if opened.read(1):
            return
    flags = bytes(noted.enabled), bytes(noted.deleted)
    where = len(header), end, sizes.tobytes()
    known = _Known([*table.columns], *where, [*noted.anchors[:]], *flags, noted.filled)
    recall.put(_key(digest, recall), msgspec.msgpack.encode(known))


def _laid(lines: bytes, end: bytes) -> bytes:
    """Return *lines* as they are laid aside."""
    lines = lines.removesuffix(end)
    return lines if end == b"\n" else lines.translate(None, b"\r")


def _key(digest: bytes, recall: Recall) -> bytes:
    return recall.key(b"people " + digest)


def _hash_of(path: Path) -> _Hash:
    """Return the hash of a file."""
    found = hashlib.sha256()
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            found.update(block)
    return found


def _numbers(data: bytes) -> array[int]:
    """Return an array that was written as bytes."""
    found = array("I")
    found.frombytes(data)
    return found


def _some(sizes: array[int]) -> Iterator[array[int]]:
    """Yield some of *sizes* after the other."""
    for at in range(0, len(sizes), TOGETHER):
        yield sizes[at : at + TOGETHER]
