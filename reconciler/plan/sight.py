"""
What accounts show, and what people should have, taken down to be compared at first sight.

Of each account a number is held that is made of all values that the mappings manage; of
each person, the same is made of what they should have. Where the two are equal, so are
the values: such numbers are made anew in each run, with a secret of the process in
them, so that nobody can choose values whose numbers collide, and by chance two
of 2**64 do (docs/decisions/0037). What is unequal, or cannot be told by columns, says
nothing: then the account itself is looked at.

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from operator import and_
from typing import Any, Final

from reconciler.columns import Wanted
from reconciler.diff import Comparator
from reconciler.diff.lookalikes import is_plain
from reconciler.diff.match import NAMES
from reconciler.diff.normalize import boolean, canonical_of_all
from reconciler.lines import Line
from reconciler.mapping import Table
from reconciler.plan.order import UNIQUE
from reconciler.register import Register
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.states import UNREAD, Columns

Column = Sequence[Any]

_TEXTS: Final = frozenset({str, type(None)})
_ONLY_TEXT: Final = frozenset({str})


class Sight:
    """Notes of all accounts of a listing, in its order, and what people are compared by."""

    def __init__(self, table: Table, comparator: Comparator) -> None:
        lines = [line for line in table.apart if not line.on_create]
        self.compared = tuple(line for line in lines if not line.reference)
        self.references = tuple(line for line in lines if line.reference)
        targets = {line.target.lower(): line for line in self.compared}
        paths = [*(line.target for line in table.matching), NAMES["User"], "externalId"]
        self.names = {path.lower(): parse_path(path) for path in paths}
        """Where names are, by which people are known, and which nobody may share."""
        self.lines_of_names = {path: targets.get(path) for path in self.names}
        self.is_usable = _is_usable(table, targets)
        """Whether people can be compared at first sight at all."""
        self.paths: tuple[AttributePath, ...] = (
            *(line.path for line in self.compared),
            *(replace(line.path, sub="value") for line in self.references),
            *self.names.values(),
            parse_path("active"),
        )
        self._forms = [
            _form(line, comparator, is_name=line.target.lower() in self.names)
            for line in self.compared
        ]
        self.values = array("q")
        """A number for all that is compared."""
        self.fits, self.active, self.plain = bytearray(), bytearray(), bytearray()
        """1 for each account that columns tell all of; that is active; whose names are plain."""
        self.referred = tuple(Register() for _ in self.references)
        """To whom each account refers; nothing is an empty text."""
        self.other_names = {
            path: Register() for path, line in self.lines_of_names.items() if line is None
        }
        """Names at paths that no line manages; no name is an empty text."""

    def take(self, columns: Columns) -> None:
        """Note what some more accounts show at :attr:`paths`."""
        parts = iter(columns)
        compared = [*islice(parts, len(self.compared))]
        referred = [*islice(parts, len(self.references))]
        names = [*islice(parts, len(self.names))]
        (active,) = parts
        told = _are_told([*compared, *names, active], len(active))
        self.fits.extend(map(and_, told, _are_names(names)))
        self.values.extend(self._numbers(compared))
        self.active.extend([boolean(one) is not False for one in active])
        texts = [*map(texts_in, names)]
        self.plain.extend(are_plain(texts))
        for register, column in zip(self.referred, referred, strict=True):
            register.extend(texts_in(column))
        for path, known in zip(self.names, texts, strict=True):
            if path in self.other_names:
                self.other_names[path].extend(known)

    def numbers(self, wanted: Wanted) -> list[int]:
        """Return the number that the account of each person should have."""
        return self._numbers(wanted.columns[: len(self.compared)])

    def _numbers(self, columns: Columns) -> list[int]:
        """Return a number for what each has in all *columns*."""
        same = [form(column) for form, column in zip(self._forms, columns, strict=True)]
        return [*map(hash, zip(*same, strict=True))]


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
        if UNREAD in column:
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
