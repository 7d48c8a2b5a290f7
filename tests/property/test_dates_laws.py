"""
Laws of dates.

What is written is read back; Python's own datetime agrees; no text, no format
and no styles lead to anything but a moment or a DateProblem.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.expr.dates.arithmetic import INTERVALS, adding, difference_in
from reconciler.expr.dates.moments import (
    MAXIMUM_TICKS,
    DateProblem,
    Moment,
    file_time,
    moment_of,
    moment_of_file_time,
    plain_date,
)
from reconciler.expr.dates.reading import date_reader
from reconciler.expr.dates.styles import DEFAULT_STYLES, STYLES, Styles, styles_of
from reconciler.expr.dates.texts import read_date
from reconciler.expr.dates.writing import date_writer
from reconciler.expr.values import MAXIMUM_OUTPUT

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MOMENTS = st.builds(Moment, st.integers(0, MAXIMUM_TICKS))
DATETIMES = st.datetimes(timezones=st.just(UTC))

FORMAT_PARTS = (
    *("d", "dd", "ddd", "dddd", "M", "MM", "MMM", "MMMM", "y", "yy", "yyy", "yyyy", "yyyyy"),
    *("h", "hh", "H", "HH", "m", "mm", "s", "ss", "f", "fff", "fffffff", "F", "FFF", ".F", "t"),
    *("tt", "z", "zz", "zzz", "K", "g", "Z", "GMT", "%d", "%", "\\", "'", '"', "'of'", "/", ":"),
    *("-", " ", ".", "T", "é", "\u0660"),
)
FORMATS = (
    st.lists(st.sampled_from(FORMAT_PARTS), max_size=12).map("".join)
    | st.text(st.characters(), max_size=20)
    | st.sampled_from("dDfFgGmMoOrRstTuUyY")
)
TEXT_PARTS = (
    *("2020", "20", "9", "03", "31", "-", "/", ":", " ", ".", "T", "Z", "GMT", "+", "-07:00"),
    *("+14:00", "AM", "pm", "March", "Mar", "Mon", "Monday", ",", "0", "59", "60", "\u0660", "é"),
)
TEXTS = st.lists(st.sampled_from(TEXT_PARTS), max_size=14).map("".join) | st.text(max_size=30)
STYLE_SETS = st.lists(st.sampled_from(sorted(STYLES)), max_size=3).map(", ".join)

UNAMBIGUOUS = (
    *("o", "yyyy-MM-ddTHH:mm:ss.fffffffzzz", "yyyyMMddHHmmssfffffffZ", "yyyy-M-d H:m:s.FFFFFFF"),
    *("dddd, d MMMM yyyy hh:mm:ss tt fffffff", "'at' h'h' m'm' s.FFFFFFFt ddd dMMMyyyyy K"),
)
"""Formats that say everything there is to say."""


@LAW
@given(MOMENTS, st.sampled_from(UNAMBIGUOUS))
@example(Moment(MAXIMUM_TICKS), "o")
@example(Moment(0), "o")
def test_what_is_written_in_a_full_format_is_read_back(moment: Moment, form: str) -> None:
    text = date_writer(form)(moment)

    assert date_reader(form, DEFAULT_STYLES).read(text, None).ticks == moment.ticks


@LAW
@given(MOMENTS)
def test_entras_own_form_is_read_back_to_the_second(moment: Moment) -> None:
    text = plain_date(moment)

    assert read_date(text).ticks == moment.ticks - moment.ticks % 10_000_000
    assert date_writer("M/d/yyyy h:mm:ss tt")(moment) == text


@LAW
@given(DATETIMES)
def test_python_writes_the_same(moment: datetime) -> None:
    ours = date_writer("yyyy-MM-ddTHH:mm:ss.ffffffzzz")(moment_of(moment))

    assert ours == moment.isoformat(timespec="microseconds")


@LAW
@given(DATETIMES, st.integers(-14 * 60, 14 * 60))
def test_what_python_writes_is_read_as_the_same_moment(moment: datetime, offset: int) -> None:
    shifted = moment.replace(tzinfo=None)
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    text = f"{shifted.isoformat()}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    try:
        expected = moment - timedelta(minutes=offset)
    except OverflowError:
        return

    assert read_date(text).ticks == moment_of(expected).ticks


@LAW
@given(
    st.dates(date(1000, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%d-%B-%Y", "%A, %B %d, %Y"]),
)
def test_days_that_python_writes_are_read(day: date, form: str) -> None:
    assert date_writer("yyyy-MM-dd")(read_date(day.strftime(form))) == day.isoformat()


@LAW
@given(FORMATS, TEXTS, STYLE_SETS, MOMENTS)
def test_reading_and_writing_are_total_and_bounded(
    form: str, text: str, names: str, now: Moment
) -> None:
    try:
        styles = styles_of(names)
        reader, write = date_reader(form, styles), date_writer(form)
    except DateProblem:
        return

    written = write(now)
    assert len(written) <= MAXIMUM_OUTPUT
    for read in (text, written):
        _moment_or_problem(form, styles, read, now)
        _moment_or_problem(form, styles, read, None)
    assert isinstance(reader.needs_now, bool)


def _moment_or_problem(form: str, styles: Styles, text: str, now: Moment | None) -> None:
    try:
        moment = date_reader(form, styles).read(text, now)
    except DateProblem:
        return
    assert 0 <= moment.ticks <= MAXIMUM_TICKS


@LAW
@given(TEXTS)
def test_any_text_is_a_moment_or_a_problem(text: str) -> None:
    try:
        moment = read_date(text)
    except DateProblem:
        return

    assert text.isascii() or not any(c.isdigit() and not c.isascii() for c in text)
    assert 0 <= moment.ticks <= MAXIMUM_TICKS


@LAW
@given(MOMENTS, st.sampled_from(["d", "ww", "h", "n", "s"]), st.integers(-(10**6), 10**6))
def test_what_is_added_is_the_difference(moment: Moment, interval: str, count: int) -> None:
    try:
        later = adding(interval)(moment, count)
    except DateProblem:
        return

    assert difference_in(interval)(moment, later) == count
    assert adding(interval)(later, -count) == moment


@LAW
@given(MOMENTS, MOMENTS, st.sampled_from(sorted(INTERVALS)))
def test_a_difference_turned_round_is_its_opposite(
    one: Moment, other: Moment, interval: str
) -> None:
    difference = difference_in(interval)

    assert difference(one, other) == -difference(other, one)


@LAW
@given(st.integers(0, 2_650_467_743_999_999_999))
def test_a_file_time_is_read_back(number: int) -> None:
    assert file_time(moment_of_file_time(number)) == number
