"""
A point in time as .NET counts it, and what makes one.

.NET's DateTime counts ticks of 100 nanoseconds from the first day of year 1 to
the last of year 9999; Python's datetime would lose the seventh digit of a
fraction, so moments are whole numbers of ticks here. Three rules:

* Everything is UTC. A text without an offset is taken as UTC, because Entra's
  service runs there and no plan may depend on where it is made.
* What is no date is a :class:`DateProblem`, never the nearest date.
* Problems do not repeat a date: it may be a person's.

Used by the readers and writers of dates (``date_*.py``) and by
:mod:`reconciler.expr.functions.dates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND

MAXIMUM_TICKS = date.max.toordinal() * TICKS_PER_DAY - 1
"""The last tick of year 9999."""

MAXIMUM_TEXT = 512
"""Characters of a text that is read as a date; the longest format makes no longer one."""

MAXIMUM_OFFSET = 14 * 60
"""Minutes between UTC and any place on Earth, as .NET limits them."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""Names of the invariant culture; the short ones are their first three letters."""

HINT = (
    "write 2020-03-31, 2020-03-31T23:59:59+02:00 or 3/31/2020 11:59:59 PM; "
    "FormatDateTime reads any other form"
)


class DateProblem(Exception):
    """What is no date or no format; the message goes on after a name: "is …", "names …"."""

    def __init__(self, message: str, hint: str = HINT) -> None:
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Moment:
    """One point in time, within the years 1 to 9999."""

    ticks: int
    """Of 100 nanoseconds since the start of year 1, UTC."""
    zone: str = ""
    """What .NET's ``K`` says of it: ``Z``, ``+00:00``, or nothing for a text without an offset."""

    def __post_init__(self) -> None:
        if not 0 <= self.ticks <= MAXIMUM_TICKS:
            raise DateProblem("lies outside the years 1 to 9999")

    @property
    def day(self) -> date:
        """The calendar day."""
        return date.fromordinal(self.ticks // TICKS_PER_DAY + 1)


class Fields(NamedTuple):
    """What the hands of a clock and the leaf of a calendar show."""

    year: int
    month: int
    day: int
    weekday: int
    """From 0, Sunday."""
    hour: int
    minute: int
    second: int
    fraction: int
    """Ticks of the second that has begun."""
    zone: str


def fields_of(moment: Moment) -> Fields:
    """Return *moment* taken apart."""
    day, ticks = divmod(moment.ticks, TICKS_PER_DAY)
    calendar = date.fromordinal(day + 1)
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Fields(
        calendar.year,
        calendar.month,
        calendar.day,
        weekday_of(moment),
        hour,
        minute,
        second,
        fraction,
        moment.zone,
    )


def weekday_of(moment: Moment) -> int:
    """Return the day of the week, from 0, Sunday; the first day of year 1 was a Monday."""
    return (moment.ticks // TICKS_PER_DAY + 1) % 7


def ticks_at(year: int, month: int, day: int) -> int:
    """
    Return the ticks of the midnight that begins a day.

    Raises:
        DateProblem: The calendar has no such day.
    """
    try:
        return (date(year, month, day).toordinal() - 1) * TICKS_PER_DAY
    except (ValueError, OverflowError) as unknown:
        raise DateProblem("names a day that the calendar does not have") from unknown


def ticks_of_time(hour: int, minute: int, second: int, fraction: int = 0) -> int:
    """
    Return the ticks since midnight; *fraction* is in ticks.

    Raises:
        DateProblem: The clock does not show that; there is no hour 24 and no second 60.
    """
    if hour > 23 or minute > 59 or second > 59:
        raise DateProblem("names a time that the clock does not show")
    return ((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND + fraction


def hour_of_day(hour: int, afternoon: bool) -> int:
    """
    Return the hour from 0 to 23 that *hour* is before or after noon.

    Raises:
        DateProblem: The hour is over 12.
    """
    if hour > 12:
        raise DateProblem("names a time that the clock does not show")
    return hour % 12 + 12 * afternoon


def offset_ticks(minutes: int) -> int:
    """Return the ticks of an offset from UTC, or raise :class:`DateProblem` for an absurd one."""
    if abs(minutes) > MAXIMUM_OFFSET:
        raise DateProblem("has an offset of more than 14 hours from UTC")
    return minutes * TICKS_PER_MINUTE


def minutes_of(offset: str) -> int:
    """
    Return the minutes of an offset: sign, one or two digits of hours, ``:``, two of minutes.

    The colon may be missing, and so may the minutes. Anything that does not
    begin with a sign is a name of UTC, and 0.

    Raises:
        DateProblem: More than 59 minutes.
    """
    if offset[0] not in "+-":
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if minutes > 59:
        raise DateProblem("has an offset of more than 59 minutes beside its hours")
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def moment_of(moment: datetime) -> Moment:
    """Return an aware *moment* of Python."""
    since = moment - datetime(1, 1, 1, tzinfo=UTC)
    ticks = (since.days * 86_400 + since.seconds) * TICKS_PER_SECOND + since.microseconds * 10
    return Moment(ticks, "Z")


def plain_date(moment: Moment) -> str:
    """Return *moment* as Entra writes dates: ``M/d/yyyy h:mm:ss tt`` (entra.md 4.1)."""
    year, month, day, _, hour, minute, second, _, _ = fields_of(moment)
    half = "PM" if hour >= 12 else "AM"
    return f"{month}/{day}/{year:04d} {hour % 12 or 12}:{minute:02d}:{second:02d} {half}"


NEVER = 2**63 - 1
"""What Active Directory writes for a date that never comes; ``accountExpires`` also has 0."""

FILE_TIME_ZERO = ticks_at(1601, 1, 1)
"""The moment from which Active Directory counts ticks."""


def file_time(moment: Moment) -> int:
    """Return Active Directory's number of *moment*, or raise :class:`DateProblem` before 1601."""
    if moment.ticks < FILE_TIME_ZERO:
        problem = "lies before 1601, where Active Directory begins to count"
        raise DateProblem(problem, "write a date of 1601 or later")
    return moment.ticks - FILE_TIME_ZERO


def moment_of_file_time(number: int) -> Moment:
    """
    Return the moment of Active Directory's *number*.

    Raises:
        DateProblem: It is :data:`NEVER`, or lies beyond the year 9999.
    """
    if number == NEVER:
        problem = "is Active Directory's never, which is no date; let a Switch choose it out"
        raise DateProblem(problem, f'write Switch(…, DateFromNum(…), "{NEVER}", "")')
    return Moment(number + FILE_TIME_ZERO, "Z")
