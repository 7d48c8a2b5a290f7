"""
Functions of dates and times.

Decisions where Entra's pages are silent:

* No date in, none out: of a null or empty date every function makes null, and a
  date is never made up. What is no date, a number or interval that is missing,
  and a result beyond the years 1 to 9999 skip the person.
* Dates are read without a format as :mod:`reconciler.expr.dates.texts` says; what
  can be read in two ways is no date.
* Parts of a second are read and counted with, and not written: the text of a
  date ends with its seconds.
* A number of units in DateAdd is whole: Visual Basic for Applications rounds,
  Visual Basic .NET cuts, and which of them Entra does is not known.
* Intervals and styles are compared with case, like every text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from reconciler.expr.dates.arithmetic import adding, difference_in
from reconciler.expr.dates.moments import (
    DateProblem,
    Moment,
    file_time,
    moment_of,
    moment_of_file_time,
    plain_date,
)
from reconciler.expr.dates.reading import DateReader, date_reader
from reconciler.expr.dates.styles import DEFAULT_STYLES, Styles, styles_of
from reconciler.expr.dates.texts import read_date
from reconciler.expr.dates.writing import date_writer
from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Builder, Example, Function
from reconciler.expr.surroundings import Surroundings
from reconciler.expr.values import Value, number_of

_Made = TypeVar("_Made")


def _checked(arguments: Arguments, index: int, make: Callable[[], _Made]) -> _Made:
    """Return what *make* makes, its problem being one of argument *index* for everybody."""
    try:
        return make()
    except DateProblem as problem:
        message = f"{arguments.operands[index].label} {problem}"
        raise arguments.problem(index, message, problem.hint) from problem


FORMAT_EFFORT = 40
"""Characters that a function can read while one character of a format is compiled."""


def _made(
    arguments: Arguments, index: int, make: Callable[[str], _Made], price: int = 0
) -> Callable[[Row], _Made]:
    """
    Return a closure of what is made of argument *index*: at once if it is constant.

    Of a person's value, it costs *price* for each character.
    """
    constant = arguments.constant(index)
    if constant is not None:
        thing = _checked(arguments, index, lambda: make(constant))
        return lambda row: thing
    read, label = arguments.text(index), arguments.operands[index].label

    def made(row: Row) -> _Made:
        text = read(row) or ""
        arguments.effort.spend(price * len(text))
        try:
            return make(text)
        except DateProblem as problem:
            raise arguments.failure(f"{label} {problem}") from problem

    return made


def _date(
    arguments: Arguments, index: int, read: Callable[[str], Moment] = read_date
) -> Callable[[Row], Moment | None]:
    """Return a closure of the moment that argument *index* names; of none, none."""
    if arguments.constant(index) is not None:
        return _made(arguments, index, read)
    return _made(arguments, index, lambda text: read(text) if text else None)


def _of_date(
    write: Callable[[Moment], Value], read: Callable[[str], Moment] = read_date
) -> Builder:
    """Return the builder of a function that turns one date into another form of it."""

    def build(arguments: Arguments) -> Reader:
        date = _date(arguments, 0, read)
        label = arguments.operands[0].label
        if arguments.constant(0) is not None:
            written = _checked(arguments, 0, lambda: _present(date({}), write))
            return lambda row: written

        def of_date(row: Row) -> Value:
            try:
                return _present(date(row), write)
            except DateProblem as problem:
                raise arguments.failure(f"{label} {problem}") from problem

        return of_date

    return build


def _present(moment: Moment | None, write: Callable[[Moment], Value]) -> Value:
    return None if moment is None else write(moment)


def _read_file_time(text: str) -> Moment:
    """Return the moment of a number of Active Directory."""
    number = number_of(text)
    if number is None or number != int(number) or number < 0:
        hint = "write a whole number, as in DateFromNum(129699324000000000)"
        raise DateProblem("is not a whole number from 0 up", hint)
    return moment_of_file_time(int(number))


def _date_add(arguments: Arguments) -> Reader:
    add, count, date = _made(arguments, 0, adding), arguments.integer(1), _date(arguments, 2)

    def date_add(row: Row) -> Value:
        moment = date(row)
        if moment is None:
            return None
        try:
            return plain_date(add(row)(moment, count(row)))
        except DateProblem as problem:
            raise arguments.failure(f"the result {problem}") from problem

    return date_add


def _date_diff(arguments: Arguments) -> Reader:
    difference = _made(arguments, 0, difference_in)
    start, end = _date(arguments, 1), _date(arguments, 2)

    def date_diff(row: Row) -> Value:
        one, other = start(row), end(row)
        return None if one is None or other is None else difference(row)(one, other)

    return date_diff


def _now(arguments: Arguments) -> Reader:
    moment = arguments.surroundings.now
    text = None if moment is None else plain_date(moment_of(moment))

    def now(row: Row) -> Value:
        if text is None:
            raise arguments.failure("what time it is is not known here; a plan knows its own")
        return text

    return now


_Reading = Callable[[Styles], DateReader]


def _format_date_time(arguments: Arguments) -> Reader:
    """Build FormatDateTime; with three arguments, as in cloud sync, there are no styles."""
    form, output = len(arguments) - 2, len(arguments) - 1
    for index, name in ((form, "inputFormat"), (output, "outputFormat")):
        if not arguments.given(index):
            hint = f'write {arguments.usage}; a format is written "yyyy-MM-dd", as in .NET'
            raise arguments.problem(index, f"{name} is missing", hint)
    reading = _made(arguments, form, _reading, FORMAT_EFFORT)
    writer = _made(arguments, output, date_writer, FORMAT_EFFORT)
    styles = _styles(arguments)
    source, label = arguments.text(0), arguments.operands[0].label
    now = None if arguments.surroundings.now is None else moment_of(arguments.surroundings.now)
    _check_constants(arguments, reading, styles)

    def format_date_time(row: Row) -> Value:
        text = source(row)
        if not text:
            return None
        try:
            return writer(row)(reading(row)(styles(row)).read(text, now))
        except DateProblem as problem:
            raise arguments.failure(f"{label} {problem}") from problem

    return format_date_time


def _reading(form: str) -> _Reading:
    """Return what compiles *form* with styles; a bad format comes out here."""
    date_reader(form, DEFAULT_STYLES)
    return lambda styles: date_reader(form, styles)


def _styles(arguments: Arguments) -> Callable[[Row], Styles]:
    if len(arguments) == 4 and arguments.given(1):
        return _made(arguments, 1, styles_of)
    return lambda row: DEFAULT_STYLES


def _check_constants(
    arguments: Arguments, reading: Callable[[Row], _Reading], styles: Callable[[Row], Styles]
) -> None:
    """Refuse a constant date that does not fit the constants that say how it is read."""
    text = arguments.constant(0)
    told = [index for index in range(1, len(arguments) - 1) if arguments.given(index)]
    if text is None or any(arguments.constant(index) is None for index in told):
        return
    reader = reading({})(styles({}))
    if not reader.needs_now:
        _checked(arguments, 0, lambda: reader.read(text, None))


_CONTRACT_END = (
    'NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), '
    '" 23:59:59-08:00"))'
)

DATE_FUNCTIONS = (
    Function(
        "CDate",
        "expression",
        minimum=1,
        maximum=1,
        doc="The date in UTC as `M/d/yyyy h:mm:ss tt`; without an offset it is UTC; null for null.",
        examples=(
            Example(
                "CDate([StatusHireDate])",
                "3/16/2020 7:00:00 AM",
                {"StatusHireDate": "2020-03-16-07:00"},
            ),
            Example('CDate("2021-06-30+08:00")', "6/29/2021 4:00:00 PM"),
        ),
        build=_of_date(plain_date),
    ),
    Function(
        "DateAdd",
        "interval, value, dateTime",
        minimum=3,
        maximum=3,
        required=3,
        doc=(
            "The date so many whole intervals later, earlier below 0; null for a null date. "
            "Intervals: `yyyy`, `q` quarter, `m` month, `ww` week, `d`, `h`, `n` minute, `s`."
        ),
        examples=(
            Example('DateAdd("d", 7, CDate("2012-03-16-07:00"))', "3/23/2012 7:00:00 AM"),
            Example('DateAdd("d", -10, CDate("2012-03-16-07:00"))', "3/6/2012 7:00:00 AM"),
            Example('DateAdd("m", 1, "2024-01-31")', "2/29/2024 12:00:00 AM"),
        ),
        build=_date_add,
    ),
    Function(
        "DateDiff",
        "interval, date1, date2",
        minimum=3,
        maximum=3,
        required=3,
        doc=(
            "The intervals from the first date to the second, below 0 when that is earlier; null "
            "for a null date. `d`, `h`, `n`, `s` count what is complete, `yyyy`, `q`, `m` steps of "
            "the calendar, `ww` Sundays, `w` seven days, `y` days."
        ),
        examples=(
            Example('DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))', 13),
            Example('DateDiff("d", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', -3449),
            Example('DateDiff("ww", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', -493),
        ),
        build=_date_diff,
    ),
    Function(
        "DateFromNum",
        "value",
        minimum=1,
        maximum=1,
        doc="The date of Active Directory's 100 nanoseconds since 1601, UTC; null for null.",
        examples=(
            Example(
                "DateFromNum([lastLogon])", "1/1/2012 11:00:00 PM", {"lastLogon": 129699324 * 10**9}
            ),
        ),
        build=_of_date(plain_date, _read_file_time),
    ),
    Function(
        "FormatDateTime",
        "source, [dateTimeStyles], inputFormat, outputFormat",
        minimum=3,
        maximum=4,
        doc=(
            "The date read in one .NET format and written in another; with an offset, it is moved "
            "to UTC; null for null. The styles and their comma may be left out."
        ),
        examples=(
            Example(
                'FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")',
                "2015-01-23",
                {"extensionAttribute1": "20150123105347.1Z"},
            ),
            Example(
                'FormatDateTime([hired], "dd.MM.yyyy", "dddd, d MMMM yyyy")',
                "Friday, 1 March 2024",
                {"hired": "01.03.2024"},
            ),
        ),
        build=_format_date_time,
    ),
    Function(
        "Now",
        "",
        minimum=0,
        maximum=0,
        doc="The time of the plan in UTC as `M/d/yyyy h:mm:ss tt`, so the same for everybody.",
        examples=(
            Example(
                "Now()",
                "7/2/2021 3:33:38 PM",
                surroundings=Surroundings(now=datetime(2021, 7, 2, 15, 33, 38, tzinfo=UTC)),
            ),
        ),
        build=_now,
    ),
    Function(
        "NumFromDate",
        "value",
        minimum=1,
        maximum=1,
        doc="The date as Active Directory's 100 nanoseconds since 1601, UTC; null for null.",
        examples=(
            Example('NumFromDate("2012-01-01T23:00:00Z")', 129699324 * 10**9),
            Example(_CONTRACT_END, 132854975990000000, {"ContractEndDate": "2021-12-31-08:00"}),
        ),
        build=_of_date(file_time),
    ),
)
