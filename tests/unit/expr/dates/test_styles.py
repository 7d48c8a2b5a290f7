"""DateTimeStyles by name."""

import pytest

from reconciler.expr.dates.moments import DateProblem
from reconciler.expr.dates.styles import (
    DEFAULT_STYLES,
    INNER,
    LEADING,
    TRAILING,
    UNIVERSAL,
    styles_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("None", frozenset(), id="none"),
        pytest.param("", DEFAULT_STYLES, id="empty is the default"),
        pytest.param("AssumeUniversal", {UNIVERSAL}, id="one"),
        pytest.param(" AssumeUniversal , AllowInnerWhite ", {UNIVERSAL, INNER}, id="two"),
        pytest.param("AllowWhiteSpaces", {LEADING, TRAILING, INNER}, id="one that is three"),
        pytest.param("None, AllowInnerWhite", {INNER}, id="none adds nothing"),
        pytest.param(
            "RoundtripKind,AllowLeadingWhite,AllowTrailingWhite", DEFAULT_STYLES, id="Entra's"
        ),
    ],
)
def test_styles(text: str, expected: frozenset[str]) -> None:
    assert styles_of(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param("AllowWhitespace", "does not exist", "AllowWhiteSpaces", id="misspelt"),
        pytest.param("assumeuniversal", "does not exist", "AssumeUniversal", id="case"),
        pytest.param("Xyzzy", "does not exist", "known styles: None", id="unknown"),
        pytest.param("None,", "does not exist", "known styles", id="comma at the end"),
        pytest.param("AssumeLocal", "not supported", "AssumeUniversal", id="local"),
        pytest.param("RoundtripKind, AssumeUniversal", "exclude", "leave out", id="clash"),
        pytest.param("AdjustToUniversal,RoundtripKind", "exclude", "leave out", id="other clash"),
        pytest.param("None," * 100, "longer than 256", "known styles", id="too long"),
    ],
)
def test_styles_that_cannot_be_used(text: str, message: str, hint: str) -> None:
    with pytest.raises(DateProblem, match=message) as caught:
        styles_of(text)

    assert hint in caught.value.hint
