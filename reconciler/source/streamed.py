"""
A file of people, read a piece at a time.

A file that is read as a whole is there twice, as bytes and as text, which is more than
everybody in it once their rows are laid aside. A sound one need not be. At the first
doubt it is read as a whole after all, so that every complaint has its place.

Used by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from reconciler.directory import Subject
from reconciler.ports import Recall
from reconciler.source.csv_file import CELL_LIMIT, pieces_of, read_sound
from reconciler.source.people import subjects_of
from reconciler.source.table import Problems, Table

BLOCK = 1 << 20
"""Bytes that are read at a time."""

CONTROL_BYTES = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
"""What no text holds."""

NO_TEXT = CONTROL_BYTES + b"\r"
"""The same, and what stands before the end of a line where that is two bytes."""

LARGE = 1 << 19
"""Bytes from which on a file is worth to be remembered."""

Reader = Callable[[Iterator[str], str], Table | None]

Recalling = Callable[[], AbstractContextManager[Recall | None]]
"""Opens what is remembered of files."""

READERS: Mapping[str, Reader] = {".csv": read_sound}
"""What reads a sound file in pieces, by its extension in lower case."""

People = tuple[Mapping[str, Subject], Table, Any]
"""Everybody by anchor, the table they are from, and the hash of its bytes."""


class _Doubtful(ValueError):
    """There may be something to complain of."""


def read_people(path: Path, file: str, recall: Recalling = nullcontext) -> People | None:
    """
    Return the people of a sound file; None when there may be anything to complain of.

    *recall* opens what is remembered of large files that were read before.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        return None
    try:
        table, digest = _table(path, file, reader, recall)
    except (OSError, ValueError):
        return None
    if table is None or not table.rows:
        return None
    problems = Problems()
    subjects = subjects_of(table, problems)
    return None if problems.count else (subjects, table, digest)


def _table(path: Path, file: str, reader: Reader, recall: Recalling) -> tuple[Table | None, Any]:
    """
    Return the table in a file, and the hash of its bytes.

    Raises:
        OSError, ValueError: It cannot be read so.
    """
    digest = hashlib.sha256()
    if path.stat().st_size < LARGE:
        return reader(_pieces(path, digest), file), digest
    from reconciler.source.again import read_again, remember  # most commands never need it

    with recall() as known:
        again = None if known is None else read_again(path, file, known)
        if again is not None:
            return again
        table = reader(_pieces(path, digest), file)
        if known is not None and table is not None:
            remember(path, table, digest.digest(), known)
        return table, digest


def _pieces(path: Path, digest: Any) -> Iterator[str]:
    """
    Yield the text of a file in pieces that end where a line does; take its bytes into *digest*.

    Raises:
        ValueError: It is no text, or not what it was when it was opened.
    """
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    size, rest, quoted = path.stat().st_size, "", False
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            digest.update(block)
            size -= len(block)
            quoted = quoted or b'"' in block  # a cell that began before may go on in it
            text = rest + decode(_sound(block, quoted=quoted))
            cut = text.rfind("\n") + 1
            yield from pieces_of(text[:cut])
            rest = text[cut:]
            if len(rest) > CELL_LIMIT:
                raise _Doubtful
    rest += decode(b"", final=True)
    if size:
        raise _Doubtful
    if rest:
        yield rest


def _sound(block: bytes, *, quoted: bool) -> bytes:
    """
    Return a *block* of a text; unless cells are *quoted*, with one byte for the end of a line.

    That is one pass for both; lines that end in several ways are left to the reader.

    Raises:
        ValueError: It is no text.
    """
    text = block.translate(None, NO_TEXT)
    if len(text) + block.count(b"\r\n") == len(block):
        return block if quoted else text
    if len(block.translate(None, CONTROL_BYTES)) != len(block):
        raise _Doubtful
    return block
