import json

import pytest

from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotAuthorized,
    NotFound,
    TargetBroken,
    TargetRefused,
    TargetUnreachable,
    Throttled,
    refusal,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, TargetRefused),
        (401, NotAuthorized),
        (403, NotAuthorized),
        (404, NotFound),
        (409, Conflict),
        (412, Conflict),
        (429, Throttled),
        (500, TargetBroken),
        (501, TargetRefused),
        (503, TargetBroken),
    ],
)
def test_a_status_has_a_class(status: int, kind: type[TargetRefused]) -> None:
    error = refusal(status, b"")

    assert type(error) is kind
    assert error.status == status


def test_the_server_s_detail_is_kept() -> None:
    body = json.dumps({"detail": "userName is taken", "scimType": "uniqueness"}).encode()
    error = refusal(409, body)

    assert str(error) == "the target answered 409: userName is taken"
    assert error.scim_type == "uniqueness"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>SECRET</html>", id="HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 100_000, id="nested too deep"),
        pytest.param(b'["SECRET"]', id="a list"),
        pytest.param(b'{"detail": ["SECRET"]}', id="no text"),
        pytest.param(b'{"user": "SECRET"}', id="a record echoed back"),
        pytest.param(b"\xff\xfe", id="not text"),
    ],
)
def test_whatever_else_the_server_says_is_left_out(body: bytes) -> None:
    assert str(refusal(500, body)) == "the target answered 500: no detail given"


def test_a_detail_is_cut_and_cannot_drive_a_terminal() -> None:
    error = refusal(400, json.dumps({"detail": "\x1b[2J\n\u202e" + "x" * 500}).encode())

    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(str(error)) < 300


def test_an_ambiguous_write_is_not_taken_for_one_that_may_be_sent_again() -> None:
    assert not issubclass(AmbiguousOutcome, TargetUnreachable | TargetRefused)
