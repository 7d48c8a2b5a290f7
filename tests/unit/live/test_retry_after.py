import pytest

from reconciler.live.retry_after import retry_after, used_up

NOON = "Thu, 01 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"x-retry-after": "7"}, 7.0, id="another name"),
        pytest.param({"retry-after": "1", "x-retry-after": "7"}, 1.0, id="both"),
        pytest.param({"retry-after": "0"}, 0.0, id="now"),
        pytest.param(
            {"retry-after": "Thu, 01 Jan 2026 12:01:30 GMT", "date": NOON}, 90.0, id="a date"
        ),
        pytest.param(
            {"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT", "date": NOON}, 0.0, id="a past date"
        ),
        pytest.param({"retry-after": NOON}, None, id="a date, and no clock to compare with"),
        pytest.param({"retry-after": NOON, "date": "today"}, None, id="no clock worth the name"),
        pytest.param(
            {"retry-after": "Thu, 01 Jan 2026 12:01:30 -0000", "date": NOON}, None, id="no zone"
        ),
        pytest.param({}, None, id="nothing"),
        pytest.param({"retry-after": ""}, None, id="empty"),
        pytest.param({"retry-after": "-5"}, None, id="negative"),
        pytest.param({"retry-after": "1.5"}, None, id="a fraction"),
        pytest.param({"retry-after": "soon"}, None, id="a word"),
        pytest.param({"retry-after": "٣"}, None, id="a digit of another script"),
        pytest.param({"retry-after": "9" * 5000}, 999999999999.0, id="ages"),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, 429) == seconds


NAMES = ("retry-after", "x-ratelimit-reset", "x-rate-limit-reset")
UNIX_NOON = 1767268800
"""The same moment, in Unix seconds."""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"x-ratelimit-reset": "7"}, 7.0, id="seconds"),
        pytest.param(
            {"x-ratelimit-reset": str(UNIX_NOON + 7), "date": NOON}, 7.0, id="a moment in Unix time"
        ),
        pytest.param(
            {"x-ratelimit-reset": str(UNIX_NOON - 7), "date": NOON}, 0.0, id="a past moment"
        ),
        pytest.param({"x-ratelimit-reset": str(UNIX_NOON)}, None, id="a moment, and no clock"),
        pytest.param(
            {"x-ratelimit-reset": "Thu, 01 Jan 2026 12:00:07 GMT", "date": NOON}, 7.0, id="a date"
        ),
        pytest.param({"x-rate-limit-reset": "7"}, 7.0, id="another name"),
        pytest.param({"ratelimit-reset": "7"}, None, id="a name that the profile does not have"),
        pytest.param({"retry-after": "1", "x-ratelimit-reset": "7"}, 1.0, id="the first decides"),
        pytest.param(
            {"retry-after": "soon", "x-ratelimit-reset": "7"},
            7.0,
            id="the first that can be understood",
        ),
        pytest.param(
            {"retry-after": str(UNIX_NOON), "date": NOON}, float(UNIX_NOON), id="no reset, no Unix"
        ),
        pytest.param(
            {"x-ratelimit-reset": "7", "x-ratelimit-remaining": "0"}, 7.0, id="nothing is left"
        ),
        pytest.param(
            {"x-ratelimit-reset": "7", "x-ratelimit-remaining": "3"},
            None,
            id="something is left, so it is about something else",
        ),
    ],
)
def test_headers_that_a_profile_names(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, 429, NAMES) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"x-ratelimit-reset": "7"}, None, id="when the window ends"),
        pytest.param({"x-ratelimit-reset": "7", "x-ratelimit-remaining": "1"}, None, id="one left"),
        pytest.param({"x-ratelimit-reset": "7", "x-ratelimit-remaining": "0"}, 7.0, id="none left"),
        pytest.param({"x-ratelimit-remaining": "0"}, None, id="none left, nobody knows how long"),
        pytest.param({"x-rate-limit-reset": "7", "x-ratelimit-remaining": "0"}, None, id="others"),
        pytest.param({"retry-after": "7"}, None, id="what a good answer does not ask for"),
    ],
)
def test_the_last_request_of_a_window_says_so(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert used_up(headers, 200, NAMES) == seconds


def test_a_window_is_no_reason_to_wait_for_who_is_broken() -> None:
    assert retry_after({"x-ratelimit-reset": "3600"}, 503, NAMES) is None
