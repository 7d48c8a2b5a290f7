"""
Adding to dates, and the distance of two: Visual Basic's DateAdd and DateDiff.

Entra's functions behave as these do (entra.md 4.5 and 14), which is not what
one may expect:

* a month or a year is a step on the calendar, and ends on the last day of a
  month that is too short: a month after January 31 is February 28 or 29;
* a difference of days, hours, minutes or seconds drops what is left over,
  toward zero;
* a difference of months, quarters or years looks at the calendar alone: from
  December 31 to January 1 is one year;
* a difference in ``ww`` moves both dates back to their Sunday, times of day
  kept, and takes whole days, then whole weeks; one in ``w`` takes whole days,
  then whole weeks.

Used by :mod:`reconciler.expr.functions.dates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from reconciler.expr.dates.moments import (
    TICKS_PER_DAY,
    TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
    DateProblem,
    Moment,
    ticks_at,
    weekday_of,
)

Add = Callable[[Moment, int], Moment]
Difference = Callable[[Moment, Moment], int]


@dataclass(frozen=True, slots=True)
class Interval:
    """A unit of time."""

    word: str
    """What people call it."""
    difference: Difference
    """The units from the first moment to the second; negative when that is earlier."""
    add: Add | None = None
    """A moment so many units later; none for a unit that adds something else than it says."""


def _toward_zero(number: int, unit: int) -> int:
    """Return how many whole units are in *number*."""
    whole = abs(number) // unit
    return whole if number >= 0 else -whole


def _fixed(word: str, ticks: int) -> Interval:
    """Return a unit that is always as long."""
    return Interval(
        word,
        lambda start, end: _toward_zero(end.ticks - start.ticks, ticks),
        lambda moment, count: Moment(moment.ticks + count * ticks, moment.zone),
    )


def _weeks_between_sundays(start: Moment, end: Moment) -> int:
    days = weekday_of(start) - weekday_of(end)
    ticks = end.ticks - start.ticks + days * TICKS_PER_DAY
    return _toward_zero(_toward_zero(ticks, TICKS_PER_DAY), 7)


def _whole_weeks(start: Moment, end: Moment) -> int:
    return _toward_zero(_toward_zero(end.ticks - start.ticks, TICKS_PER_DAY), 7)


def _by_calendar(word: str, months: int) -> Interval:
    """Return a unit of so many months of the calendar."""

    def difference(start: Moment, end: Moment) -> int:
        return _months_since_zero(end.day) // months - _months_since_zero(start.day) // months

    return Interval(word, difference, lambda moment, count: _add_months(moment, count * months))


def _months_since_zero(day: date) -> int:
    return day.year * 12 + day.month - 1


def _add_months(moment: Moment, months: int) -> Moment:
    """Return *moment* on the same day of another month, or on that month's last."""
    day = moment.day
    year, month = divmod(_months_since_zero(day) + months, 12)
    if not 1 <= year <= 9999:
        raise DateProblem("lies outside the years 1 to 9999")
    number = min(day.day, _length_of_month(year, month + 1))
    return Moment(ticks_at(year, month + 1, number) + moment.ticks % TICKS_PER_DAY, moment.zone)


def _length_of_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


_DAY = _fixed("day", TICKS_PER_DAY)

INTERVALS: Mapping[str, Interval] = MappingProxyType(
    {
        "yyyy": _by_calendar("year", 12),
        "q": _by_calendar("quarter", 3),
        "m": _by_calendar("month", 1),
        "y": Interval("day of the year", _DAY.difference),
        "d": _DAY,
        "w": Interval("seven days", _whole_weeks),
        "ww": Interval("week", _weeks_between_sundays, _fixed("week", 7 * TICKS_PER_DAY).add),
        "h": _fixed("hour", 60 * TICKS_PER_MINUTE),
        "n": _fixed("minute", TICKS_PER_MINUTE),
        "s": _fixed("second", TICKS_PER_SECOND),
    }
)
"""
Visual Basic's intervals; Entra names all of them but ``q``, ``y`` and ``w``.

In DateAdd, Visual Basic takes ``y`` and ``w`` for days, which nobody who writes ``w`` means.
"""


def adding(interval: str) -> Add:
    """Return what adds so many of *interval* to a moment; raises as :func:`difference_in` does."""
    known = {name: unit.add for name, unit in INTERVALS.items() if unit.add is not None}
    return _known(interval, known)


def difference_in(interval: str) -> Difference:
    """
    Return what counts the intervals between two moments.

    Raises:
        DateProblem: There is no such interval.
    """
    return _known(interval, {name: unit.difference for name, unit in INTERVALS.items()})


_Does = TypeVar("_Does")


def _known(interval: str, known: Mapping[str, _Does]) -> _Does:
    if interval not in known:
        words = ", ".join(f'"{name}" {INTERVALS[name].word}' for name in known)
        raise DateProblem("is not an interval", f"intervals: {words}")
    return known[interval]
