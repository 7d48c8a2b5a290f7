"""Dates read without a format: what is clear is read, what can be two things is refused."""

import pytest

from reconciler.expr.dates.moments import DateProblem
from reconciler.expr.dates.texts import read_date
from reconciler.expr.dates.writing import date_writer

SHOW = date_writer("yyyy-MM-dd HH:mm:ss.FFFFFFF")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2020-03-16", "2020-03-16 00:00:00", id="ISO day"),
        pytest.param("2020-3-6", "2020-03-06 00:00:00", id="without zeros"),
        pytest.param("2020/03/16", "2020-03-16 00:00:00", id="slashes, year first"),
        pytest.param("2020-03-16-07:00", "2020-03-16 07:00:00", id="day with an offset"),
        pytest.param("2021-06-30+08:00", "2021-06-29 16:00:00", id="day ahead of UTC"),
        pytest.param("2020-03-16Z", "2020-03-16 00:00:00", id="day in UTC"),
        pytest.param("2020-03-16T10:11", "2020-03-16 10:11:00", id="no seconds"),
        pytest.param("2020-03-16T10:11:12", "2020-03-16 10:11:12", id="T"),
        pytest.param("2020-03-16t10:11:12z", "2020-03-16 10:11:12", id="small letters"),
        pytest.param("2020-03-16 9:11:12", "2020-03-16 09:11:12", id="blank, hour of one digit"),
        pytest.param("2020-03-16T10:11:12Z", "2020-03-16 10:11:12", id="Z"),
        pytest.param("2020-03-16T10:11:12+02:00", "2020-03-16 08:11:12", id="offset"),
        pytest.param("2020-03-16T10:11:12+0200", "2020-03-16 08:11:12", id="offset, no colon"),
        pytest.param("2020-03-16T10:11:12-07", "2020-03-16 17:11:12", id="offset of hours"),
        pytest.param("2020-03-16 10:11:12 +02:00", "2020-03-16 08:11:12", id="blank, offset"),
        pytest.param("2020-03-16T10:11:12.5Z", "2020-03-16 10:11:12.5", id="tenths"),
        pytest.param("2020-03-16T10:11:12,25", "2020-03-16 10:11:12.25", id="comma"),
        pytest.param("2020-03-16T10:11:12.1234567Z", "2020-03-16 10:11:12.1234567", id="ticks"),
        pytest.param("2020-03-16T10:11:12.123456789", "2020-03-16 10:11:12.1234568", id="nano"),
        pytest.param("2020-03-16T23:59:59.999999999", "2020-03-17 00:00:00", id="rounded up"),
        pytest.param("2021-12-31 23:59:59-08:00", "2022-01-01 07:59:59", id="Entra's example"),
        pytest.param("3/16/2020", "2020-03-16 00:00:00", id="month first"),
        pytest.param("03/04/2020", "2020-03-04 00:00:00", id="month first, as in .NET"),
        pytest.param("3/16/2020 7:00:00 AM", "2020-03-16 07:00:00", id="as Entra writes it"),
        pytest.param("8/25/2021 5:41:18 PM", "2021-08-25 17:41:18", id="afternoon"),
        pytest.param("8/25/2021 12:00:00 am", "2021-08-25 00:00:00", id="midnight"),
        pytest.param("8/25/2021 12:00PM", "2021-08-25 12:00:00", id="noon"),
        pytest.param("03/16/2020 17:00", "2020-03-16 17:00:00", id="24 hours"),
        pytest.param("16 March 2020", "2020-03-16 00:00:00", id="month in words"),
        pytest.param("16-mar-2020", "2020-03-16 00:00:00", id="short month"),
        pytest.param("March 16, 2020 7:00 PM", "2020-03-16 19:00:00", id="month first in words"),
        pytest.param("Monday, 16 March 2020 07:00:00", "2020-03-16 07:00:00", id=".NET's F"),
        pytest.param("Mon, 16 Mar 2020 07:00:00 GMT", "2020-03-16 07:00:00", id="HTTP"),
        pytest.param("2020-03-16 10:11 UTC", "2020-03-16 10:11:00", id="UTC by its name"),
        pytest.param("2020-03-16utc", "2020-03-16 00:00:00", id="day in UTC by its name"),
        pytest.param("  2020-03-16 ", "2020-03-16 00:00:00", id="blanks around"),
        pytest.param("0001-01-01", "0001-01-01 00:00:00", id="first day"),
        pytest.param("9999-12-31T23:59:59.9999999", "9999-12-31 23:59:59.9999999", id="last tick"),
    ],
)
def test_a_date_in_utc(text: str, expected: str) -> None:
    assert SHOW(read_date(text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "without its format", id="empty"),
        pytest.param("   ", "without its format", id="blank"),
        pytest.param("soon", "without its format", id="word"),
        pytest.param("20200316", "without its format", id="digits alone"),
        pytest.param("20200316T101112Z", "without its format", id="ISO basic"),
        pytest.param("16.3.2020", "without its format", id="dots"),
        pytest.param("3-16-2020", "without its format", id="dashes, year last"),
        pytest.param("3/16/20", "without its format", id="year of two digits"),
        pytest.param("2020-03", "without its format", id="no day"),
        pytest.param("10:11:12", "without its format", id="no date"),
        pytest.param("2020-03/16", "without its format", id="mixed marks"),
        pytest.param("2020-03-16T", "without its format", id="no time after T"),
        pytest.param("2020-03-16T10", "without its format", id="hour alone"),
        pytest.param("2020-03-16T10:1", "without its format", id="minute of one digit"),
        pytest.param("2020-03-16-07", "without its format", id="day with a short offset"),
        pytest.param("2020-03-16 10:11 EST", "without its format", id="zone by name"),
        pytest.param("2020-03-16 and more", "without its format", id="something left"),
        pytest.param("2020-03-1607:00", "without its format", id="no blank"),
        pytest.param("12020-03-16", "without its format", id="year of five digits"),
        pytest.param("2020-W12-1", "without its format", id="ISO week"),
        pytest.param("٢٠٢٠-٠٣-١٦", "without its format", id="Arabic-Indic digits"),
        pytest.param("２０２０-０３-１６", "without its format", id="full-width digits"),
        pytest.param("2020-03-16T1０:11", "without its format", id="one full-width digit"),
        pytest.param("16 \u017feptember 2020", "without its format", id="long s is no s"),
        pytest.param("2020-03-16" + " " * 600, "without its format", id="too long"),
        pytest.param("2019-02-29", "calendar", id="no leap year"),
        pytest.param("2020-13-01", "calendar", id="month 13"),
        pytest.param("16/3/2020", "calendar", id="day first"),
        pytest.param("0000-01-01", "calendar", id="year 0"),
        pytest.param("2020-03-16T24:00:00", "clock", id="hour 24"),
        pytest.param("2020-03-16T23:59:60", "clock", id="leap second"),
        pytest.param("3/16/2020 13:00 PM", "clock", id="hour 13 of 12"),
        pytest.param("Tue, 16 Mar 2020", "day of the week", id="wrong day"),
        pytest.param("2020-03-16+14:01", "14 hours", id="offset too large"),
        pytest.param("2020-03-16+01:60", "59 minutes", id="minutes of the offset"),
        pytest.param("0001-01-01+01:00", "1 to 9999", id="before the first day"),
        pytest.param("9999-12-31T23:59:59-01:00", "1 to 9999", id="after the last"),
        pytest.param("9999-12-31T23:59:59.999999999", "1 to 9999", id="rounded over the end"),
    ],
)
def test_what_is_no_date(text: str, message: str) -> None:
    with pytest.raises(DateProblem, match=message) as caught:
        read_date(text)

    assert not text.strip() or text not in str(caught.value)
