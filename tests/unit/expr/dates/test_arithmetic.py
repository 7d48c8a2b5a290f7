"""Visual Basic's DateAdd and DateDiff."""

import pytest

from reconciler.expr.dates.arithmetic import adding, difference_in
from reconciler.expr.dates.moments import DateProblem
from reconciler.expr.dates.texts import read_date
from reconciler.expr.dates.writing import date_writer

ADDED = ("yyyy", "q", "m", "ww", "d", "h", "n", "s")

SHOW = date_writer("yyyy-MM-dd HH:mm:ss.FFFFFFF")


@pytest.mark.parametrize(
    ("interval", "count", "date", "expected"),
    [
        pytest.param("yyyy", 1, "2024-02-29", "2025-02-28", id="a year after a leap day"),
        pytest.param("yyyy", -4, "2024-02-29", "2020-02-29", id="four years before"),
        pytest.param("yyyy", 76, "2024-02-29", "2100-02-28", id="2100 is no leap year"),
        pytest.param("yyyy", 376, "2024-02-29", "2400-02-29", id="2400 is one"),
        pytest.param("q", 1, "2023-11-30", "2024-02-29", id="a quarter"),
        pytest.param("m", 1, "2023-01-31", "2023-02-28", id="a month too short"),
        pytest.param("m", 1, "2023-03-31", "2023-04-30", id="a month of thirty days"),
        pytest.param("m", 1, "2023-05-31", "2023-06-30", id="June"),
        pytest.param("m", 1, "2023-08-31", "2023-09-30", id="September"),
        pytest.param("m", 1, "2023-10-31", "2023-11-30", id="November"),
        pytest.param("m", 2, "2023-08-31", "2023-10-31", id="October"),
        pytest.param("yyyy", 7975, "2024-01-01", "9999-01-01", id="the last year"),
        pytest.param("yyyy", -2023, "2024-01-01", "0001-01-01", id="the first year"),
        pytest.param("m", -1, "2024-01-15", "2023-12-15", id="back over the year"),
        pytest.param("m", 12, "2023-12-31", "2024-12-31", id="december"),
        pytest.param("d", 0, "2024-01-01", "2024-01-01", id="nothing"),
        pytest.param("d", 60, "2024-01-01", "2024-03-01", id="days over February"),
        pytest.param("ww", -1, "2024-03-01", "2024-02-23", id="a week before"),
        pytest.param("h", 25, "2024-01-01", "2024-01-02 01:00:00", id="hours"),
        pytest.param("n", -1, "2024-01-01", "2023-12-31 23:59:00", id="a minute before"),
        pytest.param("s", 86_401, "2024-01-01", "2024-01-02 00:00:01", id="seconds"),
        pytest.param(
            "m", 1, "2024-01-31T10:11:12.1234567", "2024-02-29 10:11:12.1234567", id="time is kept"
        ),
    ],
)
def test_adding(interval: str, count: int, date: str, expected: str) -> None:
    shown = expected if " " in expected else f"{expected} 00:00:00"

    assert SHOW(adding(interval)(read_date(date), count)) == shown


@pytest.mark.parametrize(
    ("interval", "start", "end", "expected"),
    [
        pytest.param("yyyy", "2023-12-31T23:59:59", "2024-01-01", 1, id="a second is a year"),
        pytest.param("yyyy", "2024-01-01", "2024-12-31", 0, id="a year of days is none"),
        pytest.param("yyyy", "2024-01-01", "2020-12-31", -4, id="years back"),
        pytest.param("q", "2024-03-31", "2024-04-01", 1, id="a day is a quarter"),
        pytest.param("q", "2024-01-01", "2023-12-31", -1, id="a quarter back"),
        pytest.param("m", "2024-01-31", "2024-02-01", 1, id="a day is a month"),
        pytest.param("m", "2024-02-01", "2023-12-31", -2, id="months back"),
        pytest.param("d", "2024-01-01T23:00", "2024-01-02T22:59", 0, id="no whole day"),
        pytest.param("d", "2024-01-02T22:59", "2024-01-01T23:00", 0, id="nor back"),
        pytest.param("d", "2024-01-03T12:00", "2024-01-01", -2, id="toward zero"),
        pytest.param("y", "2024-01-03T12:00", "2024-01-01", -2, id="y is days"),
        pytest.param("h", "2024-01-01T10:30", "2024-01-01T12:29", 1, id="hours"),
        pytest.param("n", "2024-01-01T10:30:59", "2024-01-01T10:29:00", -1, id="minutes"),
        pytest.param("s", "2024-01-01", "2024-01-01T00:00:01.9999999", 1, id="seconds"),
        pytest.param("ww", "2024-03-02", "2024-03-03", 1, id="Saturday to Sunday is a week"),
        pytest.param("ww", "2024-03-03", "2024-03-09", 0, id="Sunday to Saturday is none"),
        pytest.param("ww", "2024-03-03", "2024-03-02", -1, id="Sunday back to Saturday"),
        pytest.param("ww", "2024-03-02T12:00", "2024-03-03T11:00", 0, id="times of day count"),
        pytest.param("ww", "0001-01-02", "0001-01-01", 0, id="the Sunday before the first day"),
        pytest.param("w", "2024-03-02", "2024-03-09", 1, id="seven days"),
        pytest.param("w", "2024-03-09", "2024-03-03", 0, id="six days"),
        pytest.param("s", "0001-01-01", "9999-12-31T23:59:59", 315_537_897_599, id="all of time"),
    ],
)
def test_the_distance(interval: str, start: str, end: str, expected: int) -> None:
    assert difference_in(interval)(read_date(start), read_date(end)) == expected


@pytest.mark.parametrize(
    ("interval", "count"),
    [
        *[pytest.param(name, 10**40, id=f"{name} on") for name in ADDED],
        *[pytest.param(name, -(10**40), id=f"{name} back") for name in ADDED],
        pytest.param("yyyy", 7976, id="one year too many"),
        pytest.param("m", -24288, id="one month too many back"),
    ],
)
def test_no_date_lies_beyond_the_years(interval: str, count: int) -> None:
    with pytest.raises(DateProblem, match="1 to 9999"):
        adding(interval)(read_date("2024-01-01"), count)


@pytest.mark.parametrize("interval", ["", "D", "day", "M", "dd", "ｄ"])
def test_an_interval_that_does_not_exist_is_answered_with_those_that_do(interval: str) -> None:
    with pytest.raises(DateProblem, match="not an interval") as caught:
        difference_in(interval)

    assert '"yyyy" year, "q" quarter, "m" month' in caught.value.hint


@pytest.mark.parametrize("interval", ["w", "y"])
def test_what_visual_basic_adds_as_days_is_refused(interval: str) -> None:
    with pytest.raises(DateProblem) as caught:
        adding(interval)

    assert f'"{interval}"' not in caught.value.hint
