import gzip
import zlib

import pytest

from reconciler.live.answer import DECODED_LIMIT, WIRE_LIMIT, Answer, read_body
from reconciler.scim.errors import AnswerTooLarge, TargetMisbehaved

ASKED = "GET /Users"


@pytest.mark.parametrize(
    "media_type", ["application/scim+json", "application/json"], ids=["SCIM", "plain JSON"]
)
def test_a_body_that_says_it_is_json_is_read(media_type: str) -> None:
    assert Answer(ASKED, 200, media_type, b'{"a": 1}').json() == {"a": 1}


@pytest.mark.parametrize("media_type", ["text/html", "text/json", "", "application/xml\x1b[2J"])
def test_inv_3_any_other_body_is_not(media_type: str) -> None:
    with pytest.raises(TargetMisbehaved, match="where application/scim\\+json was expected") as err:
        Answer(ASKED, 200, media_type, b"{}").json()

    assert "\x1b" not in str(err.value)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", b"hello"),
        ("identity", b"hello"),
        ("gzip", gzip.compress(b"hello", mtime=0)),
        (" X-GZIP ", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
    ],
)
def test_one_layer_is_unpacked(coding: str, body: bytes) -> None:
    assert read_body([body[:3], body[3:]], coding, ASKED) == b"hello"


def test_an_empty_body_has_nothing_to_unpack() -> None:
    assert read_body([], "gzip", ASKED) == b""


@pytest.mark.parametrize(
    ("coding", "body", "complaint"),
    [
        pytest.param("br", b"x", 'packed as "br"', id="brotli"),
        pytest.param("gzip, gzip", b"x", 'packed as "gzip, gzip"', id="two layers"),
        pytest.param("gzip", b"hello", "cannot be unpacked", id="not packed at all"),
        pytest.param("gzip", gzip.compress(b"hello")[:-4], "cut off", id="cut off"),
        pytest.param("gzip", gzip.compress(b"a") * 2, "followed by more", id="two in a row"),
    ],
)
def test_a_body_that_is_packed_otherwise_is_refused(
    coding: str, body: bytes, complaint: str
) -> None:
    with pytest.raises(TargetMisbehaved) as caught:
        read_body([body], coding, ASKED)

    assert complaint in str(caught.value)


def test_s07_reading_stops_at_the_limit_of_the_wire() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 2**20

    with pytest.raises(AnswerTooLarge, match="larger than 8 MiB"):
        read_body(endless(), "", ASKED)  # type: ignore[arg-type]

    assert taken == WIRE_LIMIT // 2**20 + 1


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_s07_unpacking_stops_at_its_limit(extra: int, fits: bool) -> None:
    packed = gzip.compress(b" " * (DECODED_LIMIT + extra))
    if fits:
        assert len(read_body([packed], "gzip", ASKED)) == DECODED_LIMIT
        return
    with pytest.raises(AnswerTooLarge, match="larger than 16 MiB"):
        read_body([packed], "gzip", ASKED)
