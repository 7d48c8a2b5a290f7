import json

import pytest

from reconciler.scim.errors import (
    AmbiguousOutcome,
    AnswerTooLarge,
    Conflict,
    NotAuthorized,
    NotFound,
    OnHold,
    Redirected,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    TargetRefused,
    TargetUnreachable,
    TargetUntrusted,
    Throttled,
    code_of,
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


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"detail": "SECRET is refused"}', id="as it is"),
        pytest.param(b'{"detail": "S\\u0045CRET is refused"}', id="escaped"),
        pytest.param(b'{"detail": "' + b" is refused" * 17 + b' SECRET"}', id="where it is cut"),
    ],
)
def test_ruling_18_a_secret_in_a_detail_is_hidden_however_it_is_spelled(body: bytes) -> None:
    error = refusal(401, body, hide=lambda words: words.replace("SECRET", "***"))

    assert "SEC" not in str(error)
    assert "is refused" in str(error)


def test_a_secret_that_json_itself_is_written_with_leaves_the_detail_readable() -> None:
    body = b'{"status": "400", "scimType": "invalidPath", "detail": "no such attribute"}'
    error = refusal(400, body, hide=lambda words: words.replace("u", "***"))

    assert code_of(error) == "SchemaAttributeNotFound"
    assert "no s***ch attrib***te" in str(error)


def test_an_ambiguous_write_is_not_taken_for_one_that_may_be_sent_again() -> None:
    assert not issubclass(AmbiguousOutcome, TargetUnreachable | TargetRefused)


# Entra's names (entra.md, section 8)

INCOMPATIBLE = "SystemForCrossDomainIdentityManagementServiceIncompatible"


@pytest.mark.parametrize(
    ("status", "scim_type", "code"),
    [
        (400, None, "UnprocessableEntity"),
        (400, "invalidValue", "UnprocessableEntity"),
        (400, "uniqueness", "EntryConflict"),
        (400, "invalidPath", "SchemaAttributeNotFound"),
        (401, None, "Unauthorized"),
        (402, None, "WebExceptionProtocolError"),
        (403, None, "InsufficientRights"),
        (404, None, "InvalidAnchor"),
        (405, None, "MethodNotAllowed"),
        (406, None, "WebExceptionProtocolError"),
        (407, None, "WebExceptionProtocolError"),
        (408, None, "Timeout"),
        (409, None, "EntryConflict"),
        (409, "uniqueness", "EntryConflict"),
        (410, None, "InvalidAnchor"),
        (412, None, "EntryConflict"),
        (413, None, "UnprocessableEntity"),
        (415, None, "WebExceptionProtocolError"),
        (422, None, "UnprocessableEntity"),
        (429, None, "TooManyRequests"),
        (500, None, "InternalServerError"),
        (500, "uniqueness", "InternalServerError"),
        (501, None, "NotImplemented"),
        (502, None, "InternalServerError"),
        (503, None, "InternalServerError"),
        (504, None, "InternalServerError"),
        (599, None, "InternalServerError"),
    ],
)
def test_an_answer_has_the_name_that_entra_gives_it(
    status: int, scim_type: str | None, code: str
) -> None:
    body = json.dumps({"scimType": scim_type}).encode()

    assert code_of(refusal(status, body)) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TargetUnreachable("x"), "Timeout"),
        (TargetUntrusted("x"), "Timeout"),
        (OnHold("x"), "TooManyRequests"),
        (AmbiguousOutcome("lost"), "Timeout"),
        (AmbiguousOutcome("5xx", TargetBroken(503)), "InternalServerError"),
        (Redirected("x"), "WebExceptionProtocolError"),
        (TargetMisbehaved("HTML"), INCOMPATIBLE),
        (AnswerTooLarge("x"), INCOMPATIBLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_is_no_answer_has_a_name_too(error: TargetError, code: str) -> None:
    assert code_of(error) == code
