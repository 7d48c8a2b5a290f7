"""The quick decoder of JSON, held against the plain one: the same value or the same refusal."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.live import quick_json
from reconciler.live.strict_json import StrictJsonError, parse, parse_plainly
from tests.hostile.corpus import corpus

MANY = settings(max_examples=200, deadline=None)

ODD_TEXTS = ("", '"', "\\", '\\"', '":', ":", "{}", "\x00", "é", "😀", "\ud800", "a" * 40, "1e999")
NUMBERS = (
    "0", "-0", "-0.0", "1.0", "1e5", "1E+2", "1e-999", "5e-324", "1e999", "-1e999", "01", "1.",
    str(2**53 - 1), str(2**53), str(-(2**53)), str(-(2**53) + 1), str(2**63), str(2**64), "9" * 40,
    "0.1", "123456789.123456789123456789", "NaN", "Infinity", "-Infinity", "+1", ".5", "-",
)  # fmt: skip
GAPS = ("", "", "", " ", "\n", "\t ", "\r\n", "\x0b", "\ufeff", ",", "\x00")

strings = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=6))


@st.composite
def written_texts(draw: st.DrawFn) -> str:
    """Draw a text as JSON, escaped in one way or another."""
    text = json.dumps(draw(strings), ensure_ascii=draw(st.booleans()))
    spelt = draw(st.sampled_from(("", "quotes as code points", "solidus")))
    if spelt == "quotes as code points":
        return text.replace('\\"', "\\u0022").replace(":", "\\u003A")
    return text.replace("/", "\\/") if spelt else text


leaves = st.one_of(
    written_texts(), st.sampled_from(NUMBERS), st.sampled_from(("true", "false", "null"))
)


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Draw a list as JSON, with whatever is or is not allowed between its values."""
    gap = draw(st.sampled_from(GAPS))
    return f"[{gap}{f'{gap},{gap}'.join(draw(st.lists(inner, max_size=4)))}{gap}]"


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Draw an object as JSON; keys may come twice, also spelt in two ways."""
    gap = draw(st.sampled_from(GAPS))
    keys = st.one_of(st.sampled_from(('"a"', '"\\u0061"', '"b"', '"a" ', '"A"')), written_texts())
    pairs = draw(st.lists(st.tuples(keys, inner), max_size=4))
    return "{" + f"{gap},".join(f"{gap}{key}{gap}:{value}" for key, value in pairs) + "}"


bodies = st.recursive(leaves, lambda inner: st.one_of(lists(inner), objects(inner)), max_leaves=12)


def read(data: bytes) -> Any:
    """Return what the plain decoder says: its value by its full spelling, or its complaint."""
    try:
        return repr(parse_plainly(data))
    except StrictJsonError as exc:
        return exc.args


def read_quickly(data: bytes) -> Any:
    """Return the same of what is used."""
    try:
        return repr(parse(data))
    except StrictJsonError as exc:
        return exc.args


@MANY
@given(bodies)
@example('{"a":1,"a":2}')
@example('{"a":"\\u0022:","a":2}')
@example('{"a\\"":1,"b":{"a":1, "a" :"\\\\"}}')
@example('{"a":"x","\\u0061":":"}')
def test_written_json_is_read_as_the_plain_decoder_reads_it(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")

    assert read_quickly(data) == read(data)


@MANY
@given(bodies, st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=2)), max_size=3))
def test_damaged_json_is_read_as_the_plain_decoder_reads_it(
    text: str, edits: list[tuple[int, bytes]]
) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for place, put in edits:
        at = place % (len(data) + 1)
        data = data[:at] + put + data[at + 1 :]

    assert read_quickly(data) == read(data)


@given(st.integers(1, 70), st.sampled_from((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"))))
def test_deep_json_is_read_as_the_plain_decoder_reads_it(depth: int, ends: tuple[str, str]) -> None:
    data = f"{ends[0] * depth}1{ends[1] * depth}".encode()

    assert read_quickly(data) == read(data)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=3), max_size=3),
    st.booleans(),
)
def test_a_page_needs_no_second_reading(rows: list[dict[str, Any]], ascii_only: bool) -> None:
    page = {"totalResults": len(rows), "Resources": rows}

    value, proved = quick_json.decode(json.dumps(page, ensure_ascii=ascii_only).encode())

    assert value == page
    assert proved or depth_of(page) > quick_json.DEPTH


def depth_of(value: Any) -> int:
    """Return how many containers are inside each other."""
    if not isinstance(value, dict | list):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth_of, inside), default=0)


def test_hostile_bodies_are_read_as_the_plain_decoder_reads_them() -> None:
    bodies = [one.payload for one in corpus("json") if isinstance(one.payload, bytes)]

    assert len(bodies) > 100
    assert [read_quickly(body) for body in bodies] == [read(body) for body in bodies]
