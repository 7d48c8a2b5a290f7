"""Small decisions of the command `plan`."""

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from reconciler.cli.planning import Moment, _is_folder


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T10:30:00Z", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("2026-11-23T10:30:00", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("2026-11-24T00:30:00+02:00", datetime(2026, 11, 23, 22, 30, tzinfo=UTC)),
    ],
)
def test_ruling_4_a_moment_is_in_utc(text: str, moment: datetime) -> None:
    assert Moment().convert(text, None, None) == moment


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-01", "23.11.2026", "9999-12-31T23:00-05:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a date or time"):
        Moment().convert(text, None, None)


@pytest.mark.parametrize(
    ("path", "count", "named", "folder"),
    [
        pytest.param("plan", 1, True, False, id="one application, named"),
        pytest.param("plan.json", 1, True, False, id="one application, named, with .json"),
        pytest.param("plan", 2, True, True, id="two applications, named"),
        pytest.param("plan.json", 2, True, True, id="two applications never share a file"),
        pytest.param("review", 1, False, True, id="all applications, of which there is one"),
        pytest.param("plan.json", 1, False, False, id="the only application, as a file"),
        pytest.param("plan.json", 2, False, True, id="all applications"),
        pytest.param(".", 1, True, True, id="a folder that is there"),
        pytest.param("a" * 300, 1, True, False, id="what cannot be a path"),
    ],
)
def test_out_is_a_folder(path: str, count: int, named: bool, folder: bool) -> None:
    assert _is_folder(Path(path), count, named=named) is folder
