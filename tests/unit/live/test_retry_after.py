import pytest

from reconciler.live.retry_after import retry_after

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
    assert retry_after(headers) == seconds
