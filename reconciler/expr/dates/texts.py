"""
Dates as people and systems write them, read without a format.

What .NET's invariant culture reads, less whatever can be read in two ways:

* ISO 8601: ``2020-03-16``, with ``T`` or a blank before the time, with or
  without seconds, fraction and offset; a date alone may have an offset too
  (``2020-03-16-07:00``), as Workday sends it;
* ``3/16/2020``, with ``7:00:00 AM`` or a time of 24 hours, as Entra's own date
  functions write it: the month comes first;
* ``16 March 2020``, ``16-Mar-2020``, ``March 16, 2020``, with or without the day of the week
  before it, so also ``Mon, 16 Mar 2020 07:00:00 GMT`` (RFC 9110).

Refused, because their order or their century is a guess: years of two digits,
``16.3.2020``, ``3-16-2020``, digits without separators, a time alone. Those are
read by FormatDateTime, which is told their format.

The patterns never go back (possessive repetition), so reading costs time in
proportion to the text, which is short.
"""

from __future__ import annotations

import re

from reconciler.expr.dates.moments import (
    DAYS,
    MAXIMUM_TEXT,
    MONTHS,
    TICKS_PER_SECOND,
    DateProblem,
    Moment,
    hour_of_day,
    minutes_of,
    offset_ticks,
    ticks_at,
    ticks_of_time,
    weekday_of,
)

_MONTH_NUMBERS = {
    name.lower(): number for number, month in enumerate(MONTHS, 1) for name in (month, month[:3])
}
_DAY_NUMBERS = {name.lower(): number for number, day in enumerate(DAYS) for name in (day, day[:3])}


def _any_of(names: dict[str, int]) -> str:
    """Return a pattern for one of *names*, long ones first, in ASCII letters of either case."""
    return f"(?ai:{'|'.join(sorted(names, key=len, reverse=True))})"


_YEAR = "(?P<year>[0-9]{4})"
_DAY = "(?P<day>[0-9]{1,2}+)"
_MONTH = "(?P<month>[0-9]{1,2}+)"
_MONTH_NAME = f"(?P<month>{_any_of(_MONTH_NUMBERS)})"
_WEEKDAY = f"(?:(?P<weekday>{_any_of(_DAY_NUMBERS)}),?+ ++)?+"

_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}(?P<mark>[-/]){_MONTH}(?P=mark){_DAY}",
        rf"{_MONTH}/{_DAY}/{_YEAR}",
        rf"{_WEEKDAY}{_DAY}(?P<mark>-| ++){_MONTH_NAME}(?P=mark){_YEAR}",
        rf"{_WEEKDAY}{_MONTH_NAME} ++{_DAY},?+ ++{_YEAR}",
    )
)

_REST = re.compile(
    r"(?:(?:[Tt]| ++)(?P<hour>[0-9]{1,2}+):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}+))?+)?+"
    r"(?: *+(?P<half>(?ai:AM|PM)))?+)?+"
    r" *+(?P<offset>(?ai:Z|GMT|UTC)|[+-][0-9]{2}(?::?+[0-9]{2})?+)?+"
)
"""What may follow a date: a time, an offset, both, or neither."""

_OFFSET_OF_A_DATE = re.compile(r"(?ai:Z|GMT|UTC)|[+-][0-9]{2}:[0-9]{2}")
"""After a date alone; ``2020-03-16-07`` could be anything."""


UNKNOWN = "is not a date that can be read without its format; FormatDateTime is told one"


def read_date(text: str) -> Moment:
    """
    Return the moment that *text* names; blanks around it do not count.

    Raises:
        DateProblem: It is no date in a known form, or no day of the calendar.
    """
    text = text.strip() if len(text) <= MAXIMUM_TEXT else ""
    for pattern in _DATES:
        if found := pattern.match(text):
            rest = _REST.fullmatch(text, found.end())
            if rest is None:
                break
            ticks = _midnight(found) + _time(rest) - _offset(rest)
            return Moment(ticks, "Z")
    raise DateProblem(UNKNOWN)


def _midnight(found: re.Match[str]) -> int:
    """Return the ticks of the day that *found* names."""
    parts = found.groupdict()
    month = parts["month"]
    number = _MONTH_NUMBERS.get(month.lower()) or int(month)
    ticks = ticks_at(int(parts["year"]), number, int(parts["day"]))
    weekday = parts.get("weekday")
    if weekday and _DAY_NUMBERS[weekday.lower()] != weekday_of(Moment(ticks)):
        raise DateProblem("names a day of the week that its date contradicts")
    return ticks


def _time(rest: re.Match[str]) -> int:
    """Return the ticks since midnight, a missing time being midnight."""
    hour, minute, second, fraction, half = rest.group(
        "hour", "minute", "second", "fraction", "half"
    )
    if hour is None:
        return 0
    hours = hour_of_day(int(hour), half[0] in "Pp") if half else int(hour)
    return ticks_of_time(hours, int(minute), int(second or 0), _rounded(fraction or "0"))


def _rounded(digits: str) -> int:
    """Return the ticks of a fraction of a second; nanoseconds are rounded."""
    return (int(digits.ljust(9, "0")) * TICKS_PER_SECOND + 500_000_000) // 1_000_000_000


def _offset(rest: re.Match[str]) -> int:
    """Return the ticks by which the time is ahead of UTC; without an offset, it is UTC."""
    offset = rest["offset"]
    if offset is None:
        return 0
    if rest["hour"] is None and not _OFFSET_OF_A_DATE.fullmatch(offset):
        raise DateProblem(UNKNOWN)
    return offset_ticks(minutes_of(offset))
