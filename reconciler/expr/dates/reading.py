"""
Text to moments, in a .NET date format: what DateTime.ParseExact does.

Compiled once per format and styles. What a format leaves out is filled in as
.NET does it: a missing month or day is the first, a missing time midnight; a
missing year, and a date that is missing altogether, are those of now, which
here is the time of the plan. ``yy`` up to 49 is in this century; ``h`` without
``t`` is before noon; a field that comes twice has to say the same twice.

The local time zone of .NET is UTC here, as on Entra's servers: with an offset,
a time is moved to UTC; without, it stays as it is.

Used by FormatDateTime.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from reconciler.expr.dates.formats import FORMAT_HINT, take_apart
from reconciler.expr.dates.moments import (
    MAXIMUM_TEXT,
    TICKS_PER_DAY,
    DateProblem,
    Moment,
    hour_of_day,
    offset_ticks,
    ticks_at,
    ticks_of_time,
    weekday_of,
)
from reconciler.expr.dates.patterns import SAID_UTC, Group, groups_of
from reconciler.expr.dates.styles import NO_CURRENT_DATE, ROUNDTRIP, TO_UNIVERSAL, UNIVERSAL, Styles

CENTURY_TURN = 49
"""The last year of two digits that lies in this century: .NET's 2049."""

READING_HINT = "write the date as the input format says, or give the format of the date"

Found = Mapping[str, int]
"""What the fields of a format say of one text; a field that says nothing is not there."""


@dataclass(frozen=True, slots=True)
class DateReader:
    """A format and styles, compiled."""

    styles: Styles
    pattern: re.Pattern[str]
    groups: tuple[Group, ...]
    """In the order of the pattern's groups."""
    twelve_hours: bool
    short_year: bool

    @property
    def needs_now(self) -> bool:
        """Say whether the format leaves out what is then taken from now."""
        fields = {group.field for group in self.groups}
        if fields & {"month", "day"}:
            return "year" not in fields
        return "year" not in fields and NO_CURRENT_DATE not in self.styles

    def read(self, text: str, now: Moment | None) -> Moment:
        """
        Return the moment that *text* names; *now* fills in what the format leaves out.

        Raises:
            DateProblem: The text does not have the form of the format, contradicts itself,
                names no day of the calendar, or *now* is needed and not known.
        """
        found = self._found(text)
        midnight = self._midnight(found, now)
        if "weekday" in found and found["weekday"] != weekday_of(Moment(midnight)):
            raise DateProblem("names a day of the week that its date contradicts")
        time = ticks_of_time(
            self._hour(found),
            found.get("minute", 0),
            found.get("second", 0),
            found.get("fraction", 0),
        )
        return self._in_utc(midnight + time, found)

    def _found(self, text: str) -> Found:
        match = self.pattern.fullmatch(text) if len(text) <= MAXIMUM_TEXT else None
        if match is None:
            raise DateProblem("does not have the form of the input format", READING_HINT)
        found: dict[str, int] = {}
        for group, part in zip(self.groups, match.groups(), strict=True):
            if part is not None:
                value = group.value(part)
                if found.setdefault(group.field, value) != value:
                    raise DateProblem("says two things of what its format names twice")
        return found

    def _midnight(self, found: Found, now: Moment | None) -> int:
        """Return the ticks of the day; *now* is asked for what the format leaves out."""
        dateless = found.keys().isdisjoint({"year", "month", "day"})
        if "year" in found:
            year = self._full(found["year"])
        elif dateless and NO_CURRENT_DATE in self.styles:
            return 0
        elif now is None:
            raise DateProblem("has no year, and what day it is now is not known here")
        elif dateless:
            return now.ticks // TICKS_PER_DAY * TICKS_PER_DAY
        else:
            year = now.day.year
        return ticks_at(year, found.get("month", 1), found.get("day", 1))

    def _full(self, year: int) -> int:
        """Return *year* with its century."""
        if not self.short_year:
            return year
        return year + (2000 if year <= CENTURY_TURN else 1900)

    def _hour(self, found: Found) -> int:
        """Return the hour from 0 to 23."""
        hour, half = found.get("hour", 0), found.get("half")
        if self.twelve_hours:
            return hour_of_day(hour, afternoon=half == 1)
        if half is not None and half != (hour >= 12):
            raise DateProblem("names a half of the day that its hour contradicts")
        return hour

    def _in_utc(self, ticks: int, found: Found) -> Moment:
        """Return the moment that a clock with the offset that was found shows as *ticks*."""
        offset = found.get("offset")
        if offset is None:
            if UNIVERSAL not in self.styles:
                return Moment(ticks)
            return Moment(ticks, "Z" if TO_UNIVERSAL in self.styles else "+00:00")
        if offset == SAID_UTC:
            return Moment(ticks, "Z" if self.styles & {ROUNDTRIP, TO_UNIVERSAL} else "+00:00")
        ticks -= offset_ticks(offset)
        if ticks < 0 and "year" not in found:
            ticks += TICKS_PER_DAY  # a time of day alone goes round the clock
        return Moment(ticks, "Z" if TO_UNIVERSAL in self.styles else "+00:00")


@lru_cache(maxsize=256)
def date_reader(form: str, styles: Styles) -> DateReader:
    """
    Return what reads dates in the format *form* and *styles*.

    Raises:
        DateProblem: It is no format, or one that reads nothing: .NET would say that every
            text is today.
    """
    pieces = take_apart(form)
    groups = groups_of(pieces, styles)
    if not any(group.field for group in groups):
        raise DateProblem("has no field of a date or a time", FORMAT_HINT)
    return DateReader(
        styles=styles,
        pattern=re.compile("".join(group.pattern for group in groups), re.DOTALL),
        groups=tuple(group for group in groups if group.field),
        twelve_hours=any(piece.letter == "h" for piece in pieces),
        short_year=any(piece.letter == "y" and piece.width <= 2 for piece in pieces),
    )
