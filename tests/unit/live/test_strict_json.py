import pytest

from reconciler.live.strict_json import StrictJsonError, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(b'{"a": [1, true, null, "x"]}', {"a": [1, True, None, "x"]}, id="plain"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="byte order mark"),
        pytest.param('"Zoë"'.encode(), "Zoë", id="UTF-8"),
        pytest.param(b'"\\ud83d\\ude00"', "\U0001f600", id="a whole pair"),
        pytest.param(b"9007199254740991", 2**53 - 1, id="the largest safe integer"),
        pytest.param(b"9007199254740992", "9007199254740992", id="one more is kept as text"),
        pytest.param(b"-9007199254740992", "-9007199254740992", id="and one less"),
        pytest.param(b"1" * 5000, "1" * 5000, id="5,000 digits"),
        pytest.param(b"1.5", 1.5, id="a decimal"),
        pytest.param(b"1e999", "1e999", id="beyond a double"),
        pytest.param(b"[" * 64 + b"]" * 64, None, id="64 deep"),
    ],
)
def test_json_is_read(text: bytes, value: object) -> None:
    found = parse(text)

    assert value is None or found == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(b'{"active": true, "active": false}', "the same key twice", id="repeated key"),
        pytest.param(b'[{"a": {"b": 1, "b": 1}}]', "the same key twice", id="repeated key inside"),
        pytest.param(b"NaN", "NaN in it is not JSON", id="NaN"),
        pytest.param(b'{"a": -Infinity}', "-Infinity in it is not JSON", id="-Infinity"),
        pytest.param(b'"\\ud800"', "half a character", id="half a pair"),
        pytest.param(b'{"\\uDFFF": 1}', "half a character", id="half a pair in a key"),
        pytest.param(b"\xff", "not UTF-8", id="not UTF-8"),
        pytest.param(b'{"a": 1', "cut off", id="cut off"),
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"{} {}", "not JSON", id="two values"),
        pytest.param(b"<html>", "not JSON", id="HTML"),
        pytest.param(b"[" * 65 + b"]" * 65, "more than 64 deep", id="65 deep"),
        pytest.param(b'{"a":' * 66 + b"1" + b"}" * 66, "more than 64 deep", id="objects"),
        pytest.param(b"[" * 500_000, "more than 64 deep", id="half a million deep"),
    ],
)
def test_what_means_two_things_is_refused(text: bytes, complaint: str) -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse(text)

    assert complaint in str(caught.value)
