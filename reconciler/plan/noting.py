"""
What people should have, taken down to be compared with what accounts show.

What is taken down of some people depends on their rows, on the configuration and on the
plan's time, and on no account: so it can be taken down before, and by somebody else.

Used by :mod:`reconciler.plan.first_sight`, which compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import and_
from typing import Any

import msgspec

from reconciler.columns import Abreast, Wanted
from reconciler.desired import Judge
from reconciler.directory import People
from reconciler.lines import Line
from reconciler.plan.sight import Sight, are_plain, texts_in
from reconciler.states import ReferenceTo

Column = Sequence[Any]


class PeopleNote(msgspec.Struct, array_like=True, gc=False):
    """What was taken down of some people, one after the other."""

    plain: bytes
    """1 for each of whom the rest is true; everybody else is to be looked at alone."""
    values: bytes
    """A number for all that is compared, as of an account."""
    named: bytes
    """1 for each whose names are plain, those included that a create would write."""
    names: list[list[str | None]]
    """Names at the paths that lines manage, in the order of :attr:`Sight.names`."""
    references: list[list[str | None]]
    """To whom each should refer, by line: an anchor."""


class Noting:
    """Takes down what people should have."""

    def __init__(self, judge: Judge, sight: Sight) -> None:
        """Prepare; *judge* says what people should have, and *sight* what is compared."""
        self._abreast = Abreast(judge, (*sight.compared, *sight.references))
        self._sight, self._table = sight, judge.users

    def note(self, people: People) -> PeopleNote | None:
        """Return what is to be taken down of *people*; None where each is to be looked at alone."""
        wanted = self._abreast.judge(people)
        if wanted is None:
            return None
        many = len(self._sight.compared)
        known_by = [*self._table.matching, *filter(None, (self._table.name,))]
        managed = filter(None, self._sight.lines_of_names.values())
        return PeopleNote(
            bytes(self._known(wanted)),
            self._sight.numbers(wanted.columns[:many]),
            bytes(are_plain([texts_in(self._column(wanted, line)) for line in known_by])),
            [_names(self._column(wanted, line)) for line in managed],
            [_anchors(column) for column in wanted.columns[many:]],
        )

    def _known(self, wanted: Wanted) -> Sequence[bool]:
        """Say who can be compared, and has a text by which accounts are found everywhere."""
        known = wanted.plain
        for line in self._table.matching:
            column = self._column(wanted, line)
            if set(map(type, column)) != {str}:
                known = [*map(and_, known, (type(one) is str for one in column))]
        return known

    def _column(self, wanted: Wanted, line: Line) -> Column:
        """Return what everybody should have by a line that is compared."""
        compared = self._sight.compared
        return wanted.columns[
            next(at for at, one in enumerate(compared) if one.target == line.target)
        ]


def _names(column: Column) -> list[str | None]:
    """Return the texts of a column, and None for what is none."""
    return [one if isinstance(one, str) else None for one in column]


def _anchors(column: Column) -> list[str | None]:
    """Return whom the references of a column are to."""
    return [one.source_id if isinstance(one, ReferenceTo) else None for one in column]
