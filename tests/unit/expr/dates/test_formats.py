"""A .NET date format is taken apart as .NET does it; what .NET refuses is refused."""

import pytest

from reconciler.expr.dates.formats import MAXIMUM_FORMAT, PLAIN, QUOTED, STANDARD, Piece, take_apart
from reconciler.expr.dates.moments import DateProblem


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        pytest.param("yyyyMM", [Piece("y", "yyyy"), Piece("M", "MM")], id="runs"),
        pytest.param("mM", [Piece("m", "m"), Piece("M", "M")], id="with case"),
        pytest.param("dT", [Piece("d", "d"), Piece(PLAIN, "T")], id="other letters are text"),
        pytest.param("'at' H", [Piece(QUOTED, "at"), Piece(PLAIN, " "), Piece("H", "H")], id="'"),
        pytest.param('"d"d', [Piece(QUOTED, "d"), Piece("d", "d")], id='"'),
        pytest.param("'\"'", [Piece(QUOTED, '"')], id="one quote in the other"),
        pytest.param(r"'o\'clock'", [Piece(QUOTED, "o'clock")], id="escape in quotes"),
        pytest.param(r"\dd", [Piece(QUOTED, "d"), Piece("d", "d")], id="escape"),
        pytest.param("%d", [Piece("d", "d")], id="single field"),
        pytest.param("%M%d", [Piece("M", "M"), Piece("d", "d")], id="single fields"),
        pytest.param("KK", [Piece("K", "K"), Piece("K", "K")], id="K makes no runs"),
        pytest.param("''d", [Piece(QUOTED, ""), Piece("d", "d")], id="nothing quoted"),
        pytest.param("d\né", [Piece("d", "d"), Piece(PLAIN, "\n"), Piece(PLAIN, "é")], id="any"),
    ],
)
def test_a_format_in_pieces(form: str, pieces: list[Piece]) -> None:
    assert take_apart(form) == pieces


@pytest.mark.parametrize(
    ("form", "message"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("x", "no standard format", id="one letter that is no format"),
        pytest.param("h", "no standard format", id="a field that has to be written %h"),
        pytest.param("-", "no standard format", id="one character that is no letter"),
        pytest.param("ffffffff", "more than 7 digits", id="fraction too long"),
        pytest.param("ss.FFFFFFFF", "more than 7 digits", id="short fraction too long"),
        pytest.param("yyyy'-", "quote that is not closed", id="open quote"),
        pytest.param('yyyy"', "quote that is not closed", id="open double quote"),
        pytest.param(r"'a\'", "quote that is not closed", id="escaped closing quote"),
        pytest.param("yyyy\\", "ends in a backslash", id="open escape"),
        pytest.param("yyyy%", "a % that is not before", id="% at the end"),
        pytest.param("%%d", "a % that is not before", id="% twice"),
        pytest.param("%dd", "a % that is not before", id="% before a run"),
        pytest.param("%'d'", "a % that is not before", id="% before a quote"),
        pytest.param("d" * (MAXIMUM_FORMAT + 1), "longer than 256", id="too long"),
    ],
)
def test_what_is_no_format(form: str, message: str) -> None:
    with pytest.raises(DateProblem, match=message) as caught:
        take_apart(form)

    assert caught.value.hint


def test_a_format_of_one_letter_stands_for_a_longer_one() -> None:
    assert all(take_apart(letter) == take_apart(form) for letter, form in STANDARD.items())
    assert set(STANDARD) == set("dDfFgGmMoOrRstTuUyY")
