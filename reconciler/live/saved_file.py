"""
A live state in a large file, read a piece at a time.

The resources of a listing are cut out of the file some thousand at once, and laid aside.
What is left is small, and says where they were. That a cut is right is no guess: the
first resources of a list are valid JSON in brackets if, and only if, the cut is between
two of them; and what is left has each list where a listing has its resources.

At the first doubt the file is read as a whole (:mod:`reconciler.live.saved`), which says
what is wrong with it. So both ways read the same, or refuse the same.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final

from reconciler.live import strict_json
from reconciler.live.ids import usable_ids
from reconciler.live.notebook import Notebook
from reconciler.live.proved import Fetched, Proof, Rows, rows_of
from reconciler.live.saved import Noted, live_of, load_live
from reconciler.pile import Pile
from reconciler.ports import Notes, NotesOf
from reconciler.register import Register
from reconciler.scim.capabilities import Capabilities, CapabilitiesError
from reconciler.states import LiveState, Resource

BLOCK: Final = 1 << 20
"""Bytes that are read at a time."""

SMALL: Final = 1 << 20
"""Bytes of a file that is read as a whole."""

MOST: Final = 1 << 24
"""Bytes in which a cut has to be found."""

TRIES: Final = 20
"""Places at which a cut is tried."""

SENT: Final = 8
"""Pieces that are worked out elsewhere at the same time, or wait for it."""

_BEGIN = re.compile(rb'"resources"\s*:\s*\[\s*')
_OF_LISTING = rb'"(?:complete|problem|total_results)"'
_OF_FILE = rb'"(?:capabilities|format_version|groups|users)"'
_END = re.compile(rb"\}\s*\]\s*(?:,\s*" + _OF_LISTING + rb"|\}\s*(?:\}|,\s*" + _OF_FILE + rb"))")
"""What may be the end of a list."""
_EMPTY = re.compile(rb"\s*\]")
_FIRST_KEY = re.compile(rb'\{\s*"[^"\\]*"\s*:')


class _Doubtful(Exception):
    """The file is to be read as a whole."""


def load_live_file(path: Path, notes_of: NotesOf = lambda known: None) -> LiveState:
    """
    Read the file at *path*, which :func:`reconciler.live.saved.dump_live` wrote.

    *notes_of* says how notes are taken of the users, if there are many.

    Raises:
        ConfigError: As :func:`reconciler.live.saved.load_live`.
    """
    found = None
    if path.stat().st_size > SMALL:
        try:
            with path.open("rb") as file:
                found = live_of(*_Cutter(file, notes_of).cut())
        except (_Doubtful, strict_json.StrictJsonError, CapabilitiesError, ValueError):
            found = None
    return load_live(path.read_bytes()) if found is None else found


class _Cutter:
    """Cuts the lists of resources out of one file."""

    def __init__(self, file: IO[bytes], notes_of: NotesOf) -> None:
        self._file, self._notes_of = file, notes_of
        self._held = bytearray()
        self._mark = token_hex().encode()
        """What no file can have in it already."""
        self._is_read = False

    def cut(self) -> tuple[Any, Mapping[str, Noted]]:
        """
        Return what is left, with a mark where a list was, and the lists by their marks.

        Raises:
            _Doubtful, StrictJsonError: Nothing is known of the file.
        """
        left, lists = bytearray(), list[Noted]()
        while True:
            begin = _BEGIN.search(self._held)
            if begin is None:
                if self._is_read:
                    marks = {f"{self._mark.decode()}{at}": one for at, one in enumerate(lists)}
                    return strict_json.parse(bytes(left + self._held)), marks
                self._read()
                continue
            left += self._held[: begin.end()]
            notes = self._notes_of_users(bytes(left))
            left += b'"%b%d"' % (self._mark, len(lists))
            del self._held[: begin.end()]
            lists.append(self._list(notes))

    def _notes_of_users(self, left: bytes) -> Notes | None:
        """Return how notes are taken of the list that begins after *left*, if it is of users."""
        try:
            known = strict_json.parse(left + b"]}}")
            if known["users"]["resources"] == []:
                return self._notes_of(Capabilities.from_json(known["capabilities"]))
        except (strict_json.StrictJsonError, CapabilitiesError, LookupError, TypeError):
            pass  # another order of keys, or a mistake, which is found at the end
        return None

    def _list(self, notes: Notes | None) -> Noted:
        """Return one list of resources, of which the opening bracket was read."""
        pile, ids, notebook = Pile(Resource), Register(), Notebook(notes)
        for rows in self._pieces(Proof(notes)):
            if not usable_ids(rows.ids):
                raise _Doubtful
            ids.extend(rows.ids)
            pile.add_block(rows.block, rows.sizes)
            notebook.add(rows)
        if ids.has_twins():
            raise _Doubtful
        return pile.everything(), notebook.everything()

    def _pieces(self, proof: Proof) -> Iterator[Rows]:
        """Yield the resources of a list, some at a time; leave what comes after the last."""
        token: bytes | None = None
        waiting = deque[Fetched]()
        while not self._is_at_the_end():
            ends = [match.start() + 1 for match in islice(_END.finditer(self._held), TRIES)]
            if ends:
                yield from self._sent(waiting, proof, 0)
            last = self._first_sound(ends, proof)
            if last is not None:
                yield last
                return
            token = token or self._token()
            cuts = [] if token is None else [*self._cuts(token)]
            yield from self._cut_off(cuts, waiting, proof)
        yield from self._sent(waiting, proof, 0)

    def _is_at_the_end(self) -> bool:
        """Hold enough, and say whether no resource is left in the list."""
        while len(self._held) < BLOCK and not self._is_read:
            self._read()
        return _EMPTY.match(self._held) is not None

    def _cut_off(
        self, cuts: Sequence[int], waiting: deque[Fetched], proof: Proof
    ) -> Iterator[Rows]:
        """Take what is held up to the first of *cuts* that can be, or read on."""
        if proof.has_help and cuts:
            self._send(cuts[0], waiting, proof)
            yield from self._sent(waiting, proof, SENT)
            return
        some = self._first_sound(cuts, proof)
        if some is not None:
            del self._held[: self._held.index(b"{")]
            yield some
        elif self._is_read or len(self._held) > MOST:
            raise _Doubtful
        else:
            self._read()

    def _listed(self, end: int) -> bytes:
        """Return what is held up to *end*, as a list."""
        with memoryview(self._held) as held:
            return b"".join((b"[", held[:end], b"]"))

    def _send(self, cut: int, waiting: deque[Fetched], proof: Proof) -> None:
        """Have what is held up to *cut* worked out elsewhere: nearly every cut is right."""
        waiting.append(proof.fetched(self._listed(cut)))
        del self._held[:cut]
        del self._held[: self._held.index(b"{")]

    def _sent(self, waiting: deque[Fetched], proof: Proof, most: int) -> Iterator[Rows]:
        """Yield what was sent, until *most* are left."""
        while len(waiting) > most:
            fetched = waiting.popleft()
            try:
                yield proof.rows(fetched) or rows_of(strict_json.parse(fetched.body))
            except strict_json.StrictJsonError:
                raise _Doubtful from None

    def _first_sound(self, ends: Iterable[int], proof: Proof) -> Rows | None:
        """Take what is held up to the first of *ends* that is between two resources."""
        for end in ends:
            body = self._listed(end)
            try:
                found = proof.rows(proof.fetched(body)) or rows_of(strict_json.parse(body))
            except strict_json.StrictJsonError:
                continue
            del self._held[:end]
            return found
        return None

    def _token(self) -> bytes | None:
        """Return what seems to stand between two resources, and begins the second."""
        first = _FIRST_KEY.match(self._held)
        if first is None:
            return None
        between = re.compile(rb"\}\s*,\s*" + re.escape(first.group()))
        found = between.search(self._held)
        return found.group() if found else None

    def _cuts(self, token: bytes) -> Iterator[int]:
        """Yield where a cut may be, the last first."""
        at = len(self._held)
        for _ in range(TRIES):
            at = self._held.rfind(token, 0, at)
            if at < 0:
                return
            yield at + 1

    def _read(self) -> None:
        """Read on."""
        block = self._file.read(BLOCK)
        self._held += block
        self._is_read = not block
