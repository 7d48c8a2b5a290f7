"""Laws of the wire: what is sent as it is would be left as it is by httpx, too."""

from urllib.parse import quote, urlencode

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.live.connection import _TIDY, _tidied
from reconciler.live.quoting import quoted

ORIGIN = "https://scim.contoso.example"

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
pieces = st.text("abzAZ09-._~%/?&=#:;@!$'()*+, \\|<>\"é", max_size=20)


def asked(raw_path: str) -> bytes:
    """Return what httpx makes of *raw_path*."""
    return httpx.URL(f"{ORIGIN}{raw_path}").raw_path


@given(
    segments=st.lists(anything, min_size=1, max_size=4), query=st.dictionaries(anything, anything)
)
@example(segments=["Users", ".."], query={})
@example(segments=["Users", "."], query={})
@example(segments=["Users", "...", "x"], query={"filter": 'userName eq "a\u0000"'})
def test_s11_what_we_quote_goes_out_as_httpx_would_send_it(
    segments: list[str], query: dict[str, str]
) -> None:
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    raw_path = f"{path}?{urlencode(query, quote_via=quote, safe='')}" if query else path

    assert _tidied(ORIGIN, raw_path) == asked(raw_path)


@given(text=pieces)
@example(text="")
@example(text="a/../b")
@example(text="a%2f%2F")
@example(text="a%zz")
def test_s11_nothing_is_taken_for_tidy_that_httpx_would_change(text: str) -> None:
    raw_path = f"/{text}"

    if _TIDY.fullmatch(raw_path):
        assert asked(raw_path) == raw_path.encode("ascii")


def test_an_ordinary_path_is_tidy() -> None:
    assert _TIDY.fullmatch("/scim/v2/Users/2819c223-7f76-453a-919d-413861904646")
    assert _TIDY.fullmatch("/v2/Users?filter=userName%20eq%20%22a%40b.c%22&count=1")


@given(st.text() | st.text(alphabet='%25 "@a~/', max_size=30))
def test_a_text_is_quoted_as_the_standard_library_does(text: str) -> None:
    assert quoted(text) == quote(text, safe="")
