"""What is sent for a token; what comes back is in tests/contract/test_authentication.py."""

from base64 import b64decode
from typing import Any

import pytest

from reconciler.config.authentication import Authentication
from reconciler.diagnostics import ConfigError
from reconciler.live.token_endpoint import TokenRefused, TokenRequest
from reconciler.scim.errors import code_of


def client(**more: Any) -> Authentication:
    stated = {
        "kind": "oauth",
        "token_url": "https://login.example/token",
        "client_id": "s6BhdRkqt3",
    }
    return Authentication.model_validate({**stated, **more})


def test_the_example_of_rfc_6749_section_4_4_2() -> None:
    request = TokenRequest.of(client(), "gX1fBat3bV")

    assert request.url == "https://login.example/token"
    assert request.headers["Authorization"] == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.content == b"grant_type=client_credentials"


def test_rfc_6749_section_2_3_1_id_and_secret_are_form_encoded_before_they_become_basic() -> None:
    request = TokenRequest.of(client(client_id="a client:1"), "100% +&=")

    pair = b64decode(request.headers["Authorization"].removeprefix("Basic "))
    assert pair == b"a+client%3A1:100%25+%2B%26%3D"


def test_in_the_body_there_is_no_header_with_a_secret() -> None:
    request = TokenRequest.of(client(credentials_in="body", scope="a b"), "100% +&=")

    assert "Authorization" not in request.headers
    assert request.content == (
        b"grant_type=client_credentials&scope=a+b&client_id=s6BhdRkqt3"
        b"&client_secret=100%25+%2B%26%3D"
    )


def test_ruling_18_a_request_does_not_show_itself() -> None:
    request = TokenRequest.of(client(credentials_in="body"), "sesame")

    assert "sesame" not in repr(request)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("one\ntwo", id="two lines"),
        pytest.param("sesame\x00", id="a control character"),
        pytest.param("sesame\udc80", id="a byte that is no UTF-8"),
        pytest.param("sesame" * 2000, id="endless"),
    ],
)
def test_what_is_no_client_secret_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TokenRequest.of(client(), secret)

    assert [one.code for one in caught.value.diagnostics] == ["bad-secret"]
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_client_is_unauthorized_in_the_journal_whatever_the_number(status: int) -> None:
    error = TokenRefused(status, "invalid_client")

    assert code_of(error) == "Unauthorized"
    assert str(error) == f"the token endpoint answered {status}: invalid_client"
