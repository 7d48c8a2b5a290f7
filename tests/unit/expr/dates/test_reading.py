"""Text read in a .NET format: what DateTime.ParseExact takes, refuses and fills in."""

import pytest

from reconciler.expr.dates.moments import DateProblem, Moment, ticks_at
from reconciler.expr.dates.reading import date_reader
from reconciler.expr.dates.styles import styles_of
from reconciler.expr.dates.writing import date_writer

NOW = Moment(ticks_at(2024, 2, 29) + 5)

SHOW = date_writer("yyyy-MM-dd HH:mm:ss.FFFFFFFK")


def test_a_format_of_blanks_that_any_text_may_have_reads_nothing() -> None:
    with pytest.raises(DateProblem, match="no field of a date"):
        date_reader("% ", styles_of("AllowWhiteSpaces"))


def read(text: str, form: str, styles: str = "") -> str:
    return SHOW(date_reader(form, styles_of(styles)).read(text, NOW))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        pytest.param("20150123", "yyyyMMdd", "2015-01-23 00:00:00", id="no separators"),
        pytest.param("1/2/2015", "d/M/yyyy", "2015-02-01 00:00:00", id="one digit"),
        pytest.param("11/12/2015", "d/M/yyyy", "2015-12-11 00:00:00", id="two digits for one"),
        pytest.param("11122015", "dMyyyy", "2015-12-11 00:00:00", id="as many digits as it takes"),
        pytest.param("1 jan 2015", "d MMM yyyy", "2015-01-01 00:00:00", id="short month"),
        pytest.param("1 MAY 2015", "d MMMM yyyy", "2015-05-01 00:00:00", id="month"),
        pytest.param("Thu 1/1/2015", "ddd d/M/yyyy", "2015-01-01 00:00:00", id="short day"),
        pytest.param("thursday 1/1/2015", "dddd d/M/yyyy", "2015-01-01 00:00:00", id="day"),
        pytest.param("2015-1-1 A.D.", "yyyy-M-d gg", "2015-01-01 00:00:00", id="era"),
        pytest.param("ad 2015", "g yyyy", "2015-01-01 00:00:00", id="short era"),
        pytest.param("02021", "yyyyy", "2021-01-01 00:00:00", id="year of five digits"),
        pytest.param("2015", "yyyy", "2015-01-01 00:00:00", id="year alone"),
        pytest.param("2015-03", "yyyy-MM", "2015-03-01 00:00:00", id="year and month"),
        pytest.param("49-1-1", "yy-M-d", "2049-01-01 00:00:00", id="this century"),
        pytest.param("50-1-1", "yy-M-d", "1950-01-01 00:00:00", id="the last century"),
        pytest.param("2-999", "M-yyy", "0999-02-01 00:00:00", id="year of three digits"),
        pytest.param("7-1-1", "y-M-d", "2007-01-01 00:00:00", id="year of one digit"),
        pytest.param("29/02/2024", "dd/MM/yyyy", "2024-02-29 00:00:00", id="leap day"),
        pytest.param("2024-02-28T23:59", "yyyy-MM-ddTHH:mm", "2024-02-28 23:59:00", id="T"),
        pytest.param("o'clock 2024", "'o\\'clock' yyyy", "2024-01-01 00:00:00", id="quoted"),
        pytest.param("d2024", r"\dyyyy", "2024-01-01 00:00:00", id="escaped"),
    ],
)
def test_a_day_is_read(text: str, form: str, expected: str) -> None:
    assert read(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        pytest.param("2024 9:05", "yyyy H:mm", "09:05:00", id="24 hours"),
        pytest.param("2024 12:05 AM", "yyyy h:mm tt", "00:05:00", id="midnight"),
        pytest.param("2024 12:05 pm", "yyyy h:mm tt", "12:05:00", id="noon"),
        pytest.param("2024 1:05 P", "yyyy h:mm t", "13:05:00", id="P"),
        pytest.param("2024 1:05", "yyyy h:mm", "01:05:00", id="no half is before noon"),
        pytest.param("2024 13:05 PM", "yyyy H:mm tt", "13:05:00", id="half that agrees"),
        pytest.param("2024 1.5", "yyyy s.f", "00:00:01.5", id="tenths"),
        pytest.param("2024 1.1234567", "yyyy s.fffffff", "00:00:01.1234567", id="ticks"),
        pytest.param("2024 1.25", "yyyy s.FFFFFFF", "00:00:01.25", id="as many as there are"),
        pytest.param("2024 1", "yyyy s.FFF", "00:00:01", id="no fraction, no dot"),
        pytest.param("2024 1.", "yyyy s.FFF", "00:00:01", id="dot alone"),
        pytest.param("2024 1,5", "yyyy s,F", "00:00:01.5", id="comma"),
        pytest.param("2024 05 5", "yyyy ss s", "00:00:05", id="twice the same"),
    ],
)
def test_a_time_is_read(text: str, form: str, expected: str) -> None:
    assert read(text, form) == f"2024-01-01 {expected}"


@pytest.mark.parametrize(
    ("text", "form", "styles", "expected"),
    [
        pytest.param("2024Z", "yyyyZ", "", "2024-01-01 00:00:00Z", id="Z"),
        pytest.param("2024z", "yyyyZ", "", "2024-01-01 00:00:00Z", id="small z"),
        pytest.param("2024GMT", "yyyyZ", "", "2024-01-01 00:00:00Z", id="GMT by Z"),
        pytest.param("2024 GMT", "yyyy GMT", "", "2024-01-01 00:00:00+00:00", id="GMT"),
        pytest.param("2024'Z'", "yyyy\\''Z'\\'", "", "2024-01-01 00:00:00", id="quoted Z says 0"),
        pytest.param("2024Z", "yyyyK", "", "2024-01-01 00:00:00Z", id="K by Z"),
        pytest.param("2024", "yyyyK", "", "2024-01-01 00:00:00", id="K by nothing"),
        pytest.param("2024+02:00", "yyyyK", "", "2023-12-31 22:00:00+00:00", id="K by offset"),
        pytest.param("2024-07:00", "yyyyzzz", "", "2024-01-01 07:00:00+00:00", id="zzz"),
        pytest.param("2024+0530", "yyyyzzz", "", "2023-12-31 18:30:00+00:00", id="no colon"),
        pytest.param("2024+5:30", "yyyyzzz", "", "2023-12-31 18:30:00+00:00", id="one digit"),
        pytest.param("2024+5", "yyyyz", "", "2023-12-31 19:00:00+00:00", id="z"),
        pytest.param("2024-14", "yyyyzz", "", "2024-01-01 14:00:00+00:00", id="zz"),
        pytest.param("2024Z", "yyyyZ", "None", "2024-01-01 00:00:00+00:00", id="local is UTC"),
        pytest.param(
            "2024+01:00", "yyyyzzz", "AdjustToUniversal", "2023-12-31 23:00:00Z", id="adjusted"
        ),
        pytest.param("2024", "yyyy", "AdjustToUniversal", "2024-01-01 00:00:00", id="no offset"),
        pytest.param("2024", "yyyy", "AssumeUniversal", "2024-01-01 00:00:00+00:00", id="assumed"),
        pytest.param(
            "2024",
            "yyyy",
            "AssumeUniversal, AdjustToUniversal",
            "2024-01-01 00:00:00Z",
            id="assumed and adjusted",
        ),
    ],
)
def test_an_offset_is_read(text: str, form: str, styles: str, expected: str) -> None:
    assert read(text, form, styles) == expected


@pytest.mark.parametrize(
    ("text", "form", "styles", "expected"),
    [
        pytest.param("10:30", "HH:mm", "", "2024-02-29 10:30:00", id="a time is one of now"),
        pytest.param("March 5", "MMMM d", "", "2024-03-05 00:00:00", id="year of now"),
        pytest.param("07", "dd", "", "2024-01-07 00:00:00", id="day alone is in January"),
        pytest.param("10:30", "HH:mm", "NoCurrentDateDefault", "0001-01-01 10:30:00", id="no date"),
        pytest.param(
            "01:00+02:00",
            "HH:mmzzz",
            "NoCurrentDateDefault",
            "0001-01-01 23:00:00+00:00",
            id="round the clock",
        ),
        pytest.param(
            "00:00+00:00",
            "HH:mmzzz",
            "NoCurrentDateDefault",
            "0001-01-01 00:00:00+00:00",
            id="the first moment is before no other",
        ),
    ],
)
def test_what_a_format_leaves_out_is_filled_in(
    text: str, form: str, styles: str, expected: str
) -> None:
    assert read(text, form, styles) == expected


@pytest.mark.parametrize(
    ("form", "styles", "needed"),
    [
        pytest.param("yyyy", "", False, id="year"),
        pytest.param("MM-dd", "", True, id="no year"),
        pytest.param("MM-dd", "NoCurrentDateDefault", True, id="a month needs a year"),
        pytest.param("dd", "NoCurrentDateDefault", True, id="and so does a day"),
        pytest.param("HH:mm", "", True, id="time"),
        pytest.param("HH:mm", "NoCurrentDateDefault", False, id="time of no day"),
    ],
)
def test_without_now_only_what_needs_it_fails(form: str, styles: str, needed: bool) -> None:
    reader = date_reader(form, styles_of(styles))
    text = date_writer(form)(NOW)

    assert reader.needs_now is needed
    if needed:
        with pytest.raises(DateProblem, match="what day it is now is not known"):
            reader.read(text, None)
    else:
        assert date_writer(form)(reader.read(text, None)) == text


@pytest.mark.parametrize(
    ("text", "form", "styles", "taken"),
    [
        pytest.param("  2024-01", "yyyy-MM", "", True, id="leading by default"),
        pytest.param("2024-01 \t", "yyyy-MM", "", True, id="trailing by default"),
        pytest.param("2024 -01", "yyyy-MM", "", False, id="inner not by default"),
        pytest.param(" 2024-01", "yyyy-MM", "None", False, id="leading"),
        pytest.param("2024-01 ", "yyyy-MM", "None", False, id="trailing"),
        pytest.param(" 2024-01", " yyyy-MM", "None", True, id="blank of the format"),
        pytest.param("2024-01", " yyyy-MM' '", "", True, id="blanks at the ends of the format"),
        pytest.param("2024 01", "' 'yyyy MM", "AllowLeadingWhite", True, id="quoted blank"),
        pytest.param("2024-01", " yyyy-MM", "AllowLeadingWhite", True, id="blank before"),
        pytest.param(" 2024-01", " yyyy-MM", "AllowLeadingWhite", True, id="blank before both"),
        pytest.param("2024-01", "yyyy-MM' '", "AllowLeadingWhite", False, id="blank after"),
        pytest.param("2024-01", "yyyy-MM' '", "AllowTrailingWhite", True, id="quoted blank after"),
        pytest.param("2024-01", "' 'yyyy-MM", "AllowTrailingWhite", False, id="not before"),
        pytest.param("in2024-01", "' in'yyyy-MM", "AllowLeadingWhite", True, id="quoted before"),
        pytest.param("in2024-01", "' in'yyyy-MM", "AllowTrailingWhite", False, id="only before"),
        pytest.param("2024-01A", "yyyy-MM'A '", "AllowTrailingWhite", True, id="quoted after"),
        pytest.param("2024-01A", "yyyy-MM'A '", "AllowLeadingWhite", False, id="only after"),
        pytest.param("2024of01", "yyyy' of 'MM", "None", False, id="quoted inner required"),
        pytest.param("2024 01", "yyyy ' 'MM", "AllowLeadingWhite", False, id="each blank counts"),
        pytest.param("2024  -  01", "yyyy-MM", "AllowInnerWhite", True, id="inner"),
        pytest.param("202401", "yyyy MM", "AllowInnerWhite", True, id="inner may be missing"),
        pytest.param("2024of01", "yyyy' of 'MM", "AllowInnerWhite", True, id="quoted inner"),
        pytest.param("202401", "yyyy MM", "AllowTrailingWhite", True, id="as .NET: blank missing"),
        pytest.param("202401", "yyyy MM", "None", False, id="blank required"),
        pytest.param(" 2 0 2 4 ", "yyyy", "AllowWhiteSpaces", False, id="not within digits"),
    ],
)
def test_blanks(text: str, form: str, styles: str, taken: bool) -> None:
    if taken:
        assert read(text, form, styles).startswith("2024-01-01")
    else:
        with pytest.raises(DateProblem, match="does not have the form"):
            read(text, form, styles)


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        pytest.param("2015-1-1", "yyyy-MM-dd", "form", id="digits missing"),
        pytest.param("2015-01-01x", "yyyy-MM-dd", "form", id="something left"),
        pytest.param("", "yyyy", "form", id="empty"),
        pytest.param("15", "yyyy", "form", id="short year"),
        pytest.param("2024 5 5", "yyyy s ss", "form", id="one digit for two"),
        pytest.param("11", "Md", "form", id="never goes back"),
        pytest.param("٢٠١٥", "yyyy", "form", id="Arabic-Indic digits"),
        pytest.param("２０１５", "yyyy", "form", id="full-width digits"),
        pytest.param("2015 \u0130", "yyyy tt", "form", id="other letters"),
        pytest.param("1 \u017fep 2015", "d MMM yyyy", "form", id="long s is no s"),
        pytest.param("2015 p", "yyyy t", "form", id="t is in capitals"),
        pytest.param("1 January 2015", "d MMM yyyy", "form", id="long name for a short one"),
        pytest.param("2015ZULU", "yyyyZ", "form", id="Z in a word"),
        pytest.param("x" * 600, "yyyy", "form", id="too long"),
        pytest.param("2015" + " " * 600, "yyyy", "form", id="too long with its blanks"),
        pytest.param("2015-02-29", "yyyy-MM-dd", "calendar", id="no leap year"),
        pytest.param("2015-13-01", "yyyy-MM-dd", "calendar", id="month 13"),
        pytest.param("2015-00-01", "yyyy-MM-dd", "calendar", id="month 0"),
        pytest.param("2015-01-00", "yyyy-MM-dd", "calendar", id="day 0"),
        pytest.param("0000", "yyyy", "calendar", id="year 0"),
        pytest.param("12345", "yyyyy", "calendar", id="year 12345"),
        pytest.param("9" * 200, "y" * 200, "calendar", id="absurd year"),
        pytest.param("2015 24", "yyyy HH", "clock", id="hour 24"),
        pytest.param("2015 13", "yyyy hh", "clock", id="hour 13 of 12"),
        pytest.param("2015 60", "yyyy mm", "clock", id="minute 60"),
        pytest.param("2015 60", "yyyy ss", "clock", id="second 60"),
        pytest.param("2015 11 PM", "yyyy HH tt", "half of the day", id="PM contradicts"),
        pytest.param("2015 13 AM", "yyyy HH tt", "half of the day", id="AM contradicts"),
        pytest.param("Mon 2015-01-01", "ddd yyyy-MM-dd", "day of the week", id="wrong day"),
        pytest.param("2015 2016", "yyyy yyyy", "two things", id="two years"),
        pytest.param("2015+15:00", "yyyyzzz", "14 hours", id="offset too large"),
        pytest.param("2015+01:60", "yyyyzzz", "59 minutes", id="minutes of the offset"),
        pytest.param("0001+01:00", "yyyyzzz", "1 to 9999", id="before the first year"),
        pytest.param("9999-12-31 23-01", "yyyy-MM-dd HHzz", "1 to 9999", id="after the last"),
    ],
)
def test_what_is_no_date(text: str, form: str, message: str) -> None:
    with pytest.raises(DateProblem, match=message) as caught:
        read(text, form)

    assert not text.strip() or text not in str(caught.value)


@pytest.mark.parametrize("form", ["'today'", "--", "gg"])
def test_a_format_that_reads_nothing_is_refused(form: str) -> None:
    with pytest.raises(DateProblem, match="no field"):
        date_reader(form, styles_of(""))
