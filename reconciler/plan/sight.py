"""
What accounts show, and what people should have, taken down to be compared at first sight.

Of each account a number is held that is made of all values that the mappings manage; of
each person, the same is made of what they should have. Where the two are equal, so are
the values: the numbers have a secret in them, so that nobody can choose values whose
numbers collide, and by chance two of 2**64 do (docs/decisions/0037). What is unequal, or
cannot be told by columns, says nothing: then the account itself is looked at.

What is taken down of some accounts depends on nothing else: it may have been taken
down before (:mod:`reconciler.memo`).

Used by :mod:`reconciler.plan.settle`; :mod:`reconciler.live` takes notes while it reads.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice, repeat
from operator import and_
from typing import Any, Final

import msgspec

from reconciler.config.model import AttributeMapping
from reconciler.diff import Comparator
from reconciler.diff.lookalikes import is_plain
from reconciler.diff.match import NAMES, UNIQUE
from reconciler.diff.normalize import boolean, canonical_of_all
from reconciler.expr import Surroundings
from reconciler.lines import Line
from reconciler.mapping import Table
from reconciler.register import Register
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.folding import fold_all
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.states import UNREAD, Columns, Read

Column = Sequence[Any]

NUMBER: Final = 8
"""Bytes of a number."""

_TEXTS: Final = frozenset({str, type(None)})
_ONLY_TEXT: Final = frozenset({str})

_ENCODE: Final = msgspec.msgpack.Encoder(enc_hook=lambda _: None).encode
"""What is no text and no truth has no number that is ever looked at."""


class Note(msgspec.Struct, array_like=True, gc=False):
    """What was taken down of some accounts, one after the other."""

    values: bytes
    """A number for all that is compared."""
    fits: bytes
    """1 for each that columns tell all of."""
    active: bytes
    """1 for each that is active."""
    plain: bytes
    """1 for each whose names are plain."""
    first: list[str | None]
    """The name that it is found by; an empty text for none, None where it is to be read."""
    referred: list[list[str]]
    """To whom it refers, by line; nothing is an empty text."""
    others: list[list[str]]
    """Names at paths that no line manages; no name is an empty text."""


_READ: Final = msgspec.msgpack.Decoder(Note).decode
_EMPTY: Final = sha256()


class Sight:
    """Notes of all accounts of a listing, in its order, and what people are compared by."""

    def __init__(self, table: Table, comparator: Comparator, secret: bytes) -> None:
        """Prepare; *secret* is in all numbers, and the same where they are compared."""
        lines = [line for line in table.apart if not line.on_create]
        self.table = table
        self.compared = tuple(line for line in lines if not line.reference)
        self.references = tuple(line for line in lines if line.reference)
        targets = {line.target.lower(): line for line in self.compared}
        paths = [*(line.target for line in table.matching), NAMES["User"], "externalId"]
        self.names = {path.lower(): parse_path(path) for path in paths}
        """Where names are, by which people are known, and which nobody may share; the one that
        accounts are found by is the first."""
        self.lines_of_names = {path: targets.get(path) for path in self.names}
        self.is_usable = _is_usable(table, targets)
        """Whether people can be compared at first sight at all."""
        self.paths: tuple[AttributePath, ...] = (
            *(line.path for line in self.compared),
            *(replace(line.path, sub="value") for line in self.references),
            *self.names.values(),
            parse_path("active"),
        )
        self._secret = secret
        self._forms = [
            _form(line, comparator, is_name=line.target.lower() in self.names)
            for line in self.compared
        ]
        self.begin()

    @classmethod
    def of(
        cls,
        mappings: Sequence[AttributeMapping],
        capabilities: Mapping[str, Any],
        surroundings: Surroundings,
        secret: bytes,
    ) -> Sight:
        """
        Return what takes notes by the mappings of users, from what can be sent elsewhere.

        *capabilities* are those of the service, as :meth:`Capabilities.to_json` tells them.
        """
        schemas = Capabilities.from_json(capabilities).schemas
        table = Table(mappings, "User", schemas, surroundings)
        return cls(table, Comparator("User", schemas), secret)

    def begin(self) -> None:
        """Forget what was taken down: the listing begins anew."""
        self.ids = Register()
        self.values, self.found_by = array("q"), array("q")
        """By account, the number of its values, and a hash of the name that it is found by."""
        self.fits, self.active, self.plain = bytearray(), bytearray(), bytearray()
        self.referred = tuple(Register() for _ in self.references)
        self.other_names = {
            path: Register() for path, line in self.lines_of_names.items() if line is None
        }
        self.unread: list[int] = []
        """Places of accounts whose first name has to be read from them."""

    def __len__(self) -> int:
        return len(self.ids)

    def tells_of(self, table: Table, many: int) -> bool:
        """Say whether these are notes of so many accounts, taken for this *table*."""
        return self.table is table and len(self) == many

    def note(self, columns: Columns) -> Note:
        """Return what is to be taken down of accounts that show *columns* at :attr:`paths`."""
        parts = iter(columns)
        compared = [*islice(parts, len(self.compared))]
        referred = [*islice(parts, len(self.references))]
        names = [*islice(parts, len(self.names))]
        (active,) = parts
        told = _are_told([*compared, *names, active], len(active))
        texts = [*map(texts_in, names)]
        known = zip(self.lines_of_names.values(), texts, strict=True)
        return Note(
            self.numbers(compared),
            bytes(map(and_, told, _are_names(names))),
            bytes([boolean(one) is not False for one in active]),
            bytes(are_plain(texts)),
            _with_unread(names[0], texts[0]),
            [[*texts_in(column)] for column in referred],
            [[*column] for line, column in known if line is None],
        )

    def joined(self, notes: Sequence[Note]) -> Note:
        """Return one note of what several, of which there is at least one, were taken of."""
        if len(notes) == 1:
            return notes[0]
        return Note(
            values=b"".join([one.values for one in notes]),
            fits=b"".join([one.fits for one in notes]),
            active=b"".join([one.active for one in notes]),
            plain=b"".join([one.plain for one in notes]),
            first=[name for one in notes for name in one.first],
            referred=_end_to_end([one.referred for one in notes]),
            others=_end_to_end([one.others for one in notes]),
        )

    def read(self, note: bytes) -> Note:
        """Return a note that was written as MessagePack."""
        return _READ(note)

    def add(self, ids: Sequence[str], note: Note) -> None:
        """Take down what is noted of the next accounts."""
        if None in note.first:
            unread = (at for at, name in enumerate(note.first, len(self)) if name is None)
            self.unread.extend(unread)
        folded = fold_all(texts_in(note.first))
        self.found_by.extend([hash(name) if name else 0 for name in folded])
        self.ids.extend(ids)
        self.values.frombytes(note.values)
        self.fits += note.fits
        self.active += note.active
        self.plain += note.plain
        for register, texts in zip(self.referred, note.referred, strict=True):
            register.extend(texts)
        for register, texts in zip(self.other_names.values(), note.others, strict=True):
            register.extend(texts)

    def numbers(self, columns: Columns) -> bytes:
        """Return a number for what each has in all *columns*, one for each compared line."""
        same = [form(column) for form, column in zip(self._forms, columns, strict=True)]
        rows = zip(repeat(self._secret), *same)
        try:
            return b"".join([*map(_number, map(_ENCODE, rows))])
        except UnicodeEncodeError:  # half a character, which no file holds, and expressions may
            rows = zip(repeat(self._secret), *same)
            texts = (repr(row).encode("utf-8", "surrogatepass") for row in rows)
            return b"".join([*map(_number, texts)])


def _number(row: bytes) -> bytes:
    """Return what stands for a row."""
    hashed = _EMPTY.copy()  # in two thirds of the time that a new one takes
    hashed.update(row)
    return hashed.digest()[:NUMBER]


def _end_to_end(notes: Sequence[list[list[str]]]) -> list[list[str]]:
    """Return the texts of several notes, line by line."""
    return [[*chain.from_iterable(texts)] for texts in zip(*notes, strict=True)]


def secret_of_process() -> bytes:
    """Return what is the same for as long as this process runs, and that nobody else knows."""
    return hash("a secret").to_bytes(8, "big", signed=True) + hash(b"another").to_bytes(
        8, "big", signed=True
    )


def _with_unread(column: Column, texts: Sequence[str]) -> list[str | None]:
    """Return the *texts* of a column with None for what has to be read."""
    if type(column) is Read or UNREAD not in column:
        return [*texts]
    pairs = zip(texts, column, strict=True)
    return [None if one is UNREAD else text for text, one in pairs]


def _is_usable(table: Table, compared: Mapping[str, Line]) -> bool:
    """Say whether all names are among what is *compared*, and every target there once."""
    known = [*table.matching, *filter(None, (table.external, table.name))]
    known += [line for line in table.apart if line.target.lower() in UNIQUE]
    once = len({line.target.lower() for line in table.apart}) == len(table.apart)
    held = {id(line) for line in compared.values()}
    return once and bool(table.matching) and all(id(one) in held for one in known)


def _form(line: Line, comparator: Comparator, *, is_name: bool) -> Callable[[Column], Column]:
    """Return what brings a column into the form in which it is compared."""
    canonical = comparator.attribute(line.target).canonical
    if canonical is boolean:
        return _truths
    if not is_name:
        return lambda column: column  # a difference in case alone is looked at closer

    def folded(column: Column) -> Column:
        if _ONLY_TEXT.issuperset(map(type, column)):
            return canonical_of_all(canonical, column)
        return [canonical(one) if isinstance(one, str) else one for one in column]

    return folded


def _truths(column: Column) -> Column:
    """Read the words that services send for booleans (ruling 7)."""
    return [boolean(one) for one in column] if str in set(map(type, column)) else column


def _are_told(columns: Sequence[Column], many: int) -> Sequence[bool]:
    """Say of each whether all columns tell of them."""
    told: Sequence[bool] = [True] * many
    for column in columns:
        if type(column) is not Read and UNREAD in column:
            told = [one and value is not UNREAD for one, value in zip(told, column, strict=True)]
    return told


def _are_names(columns: Sequence[Column]) -> Sequence[bool]:
    """Say of each whether all their names are texts; an empty one is no name."""
    sound: Sequence[bool] = [True] * len(columns[0])
    for column in columns:
        if "" in column or not _TEXTS.issuperset(map(type, column)):
            pairs = zip(sound, column, strict=True)
            sound = [one and type(name) in _TEXTS and name != "" for one, name in pairs]
    return sound


def texts_in(column: Column) -> Sequence[str]:
    """Return *column* with an empty text for what is none."""
    if _ONLY_TEXT.issuperset(map(type, column)):
        return column
    return [one if isinstance(one, str) else "" for one in column]


def are_plain(names: Sequence[Sequence[str]]) -> Sequence[bool]:
    """Say of each whether all their names are plain; a column for each kind of name."""
    if all(map(is_plain, map("".join, names))):
        return [True] * len(names[0])
    return [is_plain("".join(of_one)) for of_one in zip(*names, strict=True)]
