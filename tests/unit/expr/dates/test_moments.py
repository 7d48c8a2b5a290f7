"""A moment is ticks of 100 nanoseconds, UTC, in the years 1 to 9999."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.expr.dates.moments import (
    MAXIMUM_TICKS,
    DateProblem,
    Moment,
    fields_of,
    file_time,
    moment_of,
    moment_of_file_time,
    plain_date,
    weekday_of,
)

DOTNET_MAXIMUM = 3_155_378_975_999_999_999
"""DateTime.MaxValue.Ticks."""


def test_the_last_tick_is_that_of_dotnet() -> None:
    assert MAXIMUM_TICKS == DOTNET_MAXIMUM
    assert fields_of(Moment(DOTNET_MAXIMUM))[:-1] == (9999, 12, 31, 5, 23, 59, 59, 9_999_999)


@pytest.mark.parametrize("ticks", [-1, DOTNET_MAXIMUM + 1])
def test_there_is_no_moment_beyond(ticks: int) -> None:
    with pytest.raises(DateProblem, match="1 to 9999"):
        Moment(ticks)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(datetime(2020, 3, 16, 7, tzinfo=UTC), "3/16/2020 7:00:00 AM", id="morning"),
        pytest.param(datetime(2020, 3, 16, 11, 59, tzinfo=UTC), "3/16/2020 11:59:00 AM", id="11"),
        pytest.param(datetime(2020, 3, 16, 12, tzinfo=UTC), "3/16/2020 12:00:00 PM", id="noon"),
        pytest.param(datetime(2020, 3, 16, tzinfo=UTC), "3/16/2020 12:00:00 AM", id="midnight"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), "1/1/0001 12:00:00 AM", id="first"),
        pytest.param(
            datetime(2021, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            "12/31/2021 11:59:59 PM",
            id="fractions are cut",
        ),
        pytest.param(
            datetime(2021, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
            "1/1/2022 1:00:00 AM",
            id="another zone",
        ),
    ],
)
def test_a_date_as_entra_writes_it(moment: datetime, expected: str) -> None:
    assert plain_date(moment_of(moment)) == expected


def test_a_moment_of_python_keeps_its_microseconds() -> None:
    assert fields_of(moment_of(datetime(2020, 3, 16, 1, 2, 3, 456_789, tzinfo=UTC))).fraction == (
        4_567_890
    )


def test_sunday_is_the_first_day_of_the_week() -> None:
    days = [weekday_of(moment_of(datetime(2024, 3, day, tzinfo=UTC))) for day in range(3, 10)]

    assert days == list(range(7))


def test_active_directory_counts_from_1601() -> None:
    assert plain_date(moment_of_file_time(0)) == "1/1/1601 12:00:00 AM"
    assert file_time(moment_of_file_time(1)) == 1
    assert file_time(moment_of_file_time(0)) == 0
    with pytest.raises(DateProblem, match="before 1601"):
        file_time(moment_of(datetime(1600, 12, 31, tzinfo=UTC)))
