"""Moments written in .NET's custom and standard formats, invariant culture."""

import pytest

from reconciler.expr.dates.moments import Moment, ticks_at, ticks_of_time
from reconciler.expr.dates.writing import date_writer


def moment(day: tuple[int, int, int], *time: int, zone: str = "") -> Moment:
    return Moment(ticks_at(*day) + (ticks_of_time(*time) if time else 0), zone)


AFTERNOON = moment((2009, 6, 5), 13, 4, 9, 617_000)
MORNING = moment((1999, 12, 25), 0, 45, 30)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param("%d", "5", id="day"),
        pytest.param("dd", "05", id="day of two digits"),
        pytest.param("ddd", "Fri", id="short name of the day"),
        pytest.param("dddd", "Friday", id="name of the day"),
        pytest.param("dddddd", "Friday", id="longer is the name too"),
        pytest.param("%f", "0", id="tenths"),
        pytest.param("ff", "06", id="hundredths"),
        pytest.param("fff", "061", id="thousandths"),
        pytest.param("fffffff", "0617000", id="ticks"),
        pytest.param("FFFFFFF", "0617", id="without zeros at the end"),
        pytest.param("s.FF", "9.06", id="with a dot"),
        pytest.param("s.F", "9", id="dot goes when nothing is left"),
        pytest.param("s'.'F", "9", id="quoted dot goes too"),
        pytest.param("s,F", "9,", id="only a dot goes"),
        pytest.param("%g", "A.D.", id="era"),
        pytest.param("%h", "1", id="hour of twelve"),
        pytest.param("hh", "01", id="hour of twelve, two digits"),
        pytest.param("hhhh", "01", id="never more than two"),
        pytest.param("%H", "13", id="hour of the day"),
        pytest.param("%m", "4", id="minute"),
        pytest.param("mm", "04", id="minute of two digits"),
        pytest.param("%M", "6", id="month"),
        pytest.param("MM", "06", id="month of two digits"),
        pytest.param("MMM", "Jun", id="short name of the month"),
        pytest.param("MMMM", "June", id="name of the month"),
        pytest.param("%s", "9", id="second"),
        pytest.param("ss", "09", id="second of two digits"),
        pytest.param("%t", "P", id="half of the day"),
        pytest.param("tt", "PM", id="half of the day in full"),
        pytest.param("%y", "9", id="year of the century"),
        pytest.param("yy", "09", id="year of two digits"),
        pytest.param("yyy", "2009", id="year of three digits at least"),
        pytest.param("yyyy", "2009", id="year"),
        pytest.param("yyyyy", "02009", id="year of five digits"),
        pytest.param("%z", "+0", id="offset"),
        pytest.param("zz", "+00", id="offset of two digits"),
        pytest.param("zzz", "+00:00", id="offset with minutes"),
        pytest.param("H:mm 'h' \\d/M", "13:04 h d/6", id="text between"),
        pytest.param("yyyyMMddTHHmmssZ", "20090605T130409Z", id="T and Z are text"),
    ],
)
def test_a_field(form: str, expected: str) -> None:
    assert date_writer(form)(AFTERNOON) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param("d", "06/05/2009", id="d"),
        pytest.param("D", "Friday, 05 June 2009", id="D"),
        pytest.param("f", "Friday, 05 June 2009 13:04", id="f"),
        pytest.param("F", "Friday, 05 June 2009 13:04:09", id="F"),
        pytest.param("g", "06/05/2009 13:04", id="g"),
        pytest.param("G", "06/05/2009 13:04:09", id="G"),
        pytest.param("m", "June 05", id="m"),
        pytest.param("M", "June 05", id="M"),
        pytest.param("o", "2009-06-05T13:04:09.0617000", id="o"),
        pytest.param("r", "Fri, 05 Jun 2009 13:04:09 GMT", id="r"),
        pytest.param("s", "2009-06-05T13:04:09", id="s"),
        pytest.param("t", "13:04", id="t"),
        pytest.param("T", "13:04:09", id="T"),
        pytest.param("u", "2009-06-05 13:04:09Z", id="u"),
        pytest.param("U", "Friday, 05 June 2009 13:04:09", id="U"),
        pytest.param("y", "2009 June", id="y"),
        pytest.param("Y", "2009 June", id="Y"),
    ],
)
def test_a_standard_format(form: str, expected: str) -> None:
    assert date_writer(form)(AFTERNOON) == expected


def test_midnight_is_twelve_in_the_morning_and_noon_in_the_afternoon() -> None:
    noon = moment((2024, 2, 29), 12, 0, 0)

    assert date_writer("h:mm tt")(MORNING) == "12:45 AM"
    assert date_writer("h:mm t")(noon) == "12:00 P"
    assert date_writer("h:mm tt")(noon) == "12:00 PM"
    assert date_writer("h:mm t")(MORNING) == "12:45 A"


@pytest.mark.parametrize("zone", ["", "Z", "+00:00"])
def test_k_writes_what_is_known_of_the_zone(zone: str) -> None:
    assert date_writer("HH:mmK")(moment((2024, 1, 1), zone=zone)) == f"00:00{zone}"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param((1, 1, 1), "Monday 0001-01-01 1 01", id="first day"),
        pytest.param((9999, 12, 31), "Friday 9999-12-31 99 99", id="last day"),
        pytest.param((2000, 2, 29), "Tuesday 2000-02-29 0 00", id="leap day of a century"),
    ],
)
def test_the_ends_of_time(day: tuple[int, int, int], expected: str) -> None:
    assert date_writer("dddd yyyy-MM-dd y yy")(moment(day)) == expected
