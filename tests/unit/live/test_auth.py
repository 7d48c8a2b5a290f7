from base64 import b64decode

import pytest

from reconciler.config.references import SecretReference
from reconciler.diagnostics import ConfigError
from reconciler.live.auth import BasicAuth, BearerAuth, FixedAuth, resolve

KEY = "target.secret_token"


@pytest.mark.parametrize(
    ("token", "header"),
    [
        pytest.param("abc.DEF-123_~+/==", "Bearer abc.DEF-123_~+/==", id="every character"),
        pytest.param("abc\n", "Bearer abc", id="a line break at the end"),
        pytest.param("abc\r\n", "Bearer abc", id="a Windows line break at the end"),
        pytest.param("a" * 8192, "Bearer " + "a" * 8192, id="the longest"),
    ],
)
def test_a_token_becomes_a_header(token: str, header: str) -> None:
    assert BearerAuth.of(token).header() == header


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("sesame\r\nX-Evil: 1", id="a header of its own"),
        pytest.param("sesame\n\n", id="two line breaks"),
        pytest.param(" sesame", id="a blank"),
        pytest.param('"sesame"', id="quotes"),
        pytest.param("sesame=x", id="= in the middle"),
        pytest.param("sésame", id="not ASCII"),
        pytest.param("", id="nothing"),
        pytest.param("sesame" * 2000, id="endless"),
    ],
)
def test_s13_what_is_no_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BearerAuth.of(token)

    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["bad-token"]
    assert "same" not in str(caught.value)


def test_ruling_18_a_token_does_not_show_itself() -> None:
    assert "sesame" not in repr(BearerAuth.of("sesame"))


def read_text(path: str) -> str:
    if path == "binary":
        raise UnicodeDecodeError("utf-8", b"sesame", 0, 1, "no text")
    return {"token.txt": "sesame\n", "empty.txt": "\n"}[path]


def missing(path: str) -> str:
    raise FileNotFoundError(path)


def test_a_secret_from_the_environment() -> None:
    found = resolve(SecretReference(env="TOKEN"), KEY, {"TOKEN": "sesame"}, missing)

    assert found == "sesame"


def test_a_secret_from_a_file() -> None:
    assert resolve(SecretReference(file="token.txt"), KEY, {}, read_text) == "sesame\n"


@pytest.mark.parametrize(
    ("reference", "environ", "named"),
    [
        pytest.param(SecretReference(env="TOKEN"), {}, "TOKEN", id="no variable"),
        pytest.param(SecretReference(env="TOKEN"), {"TOKEN": ""}, "TOKEN", id="empty variable"),
        pytest.param(SecretReference(env="TOKEN"), {"TOKEN": " \n"}, "TOKEN", id="blank variable"),
        pytest.param(SecretReference(file="empty.txt"), {}, "empty.txt", id="empty file"),
        pytest.param(SecretReference(file="binary"), {}, "binary", id="not a text"),
    ],
)
def test_a_missing_secret_is_named(
    reference: SecretReference, environ: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(reference, KEY, environ, read_text)

    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["missing-secret"]
    assert f"the secret of `{KEY}` is missing: " in str(caught.value)
    assert named in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match="file nowhere is not there"):
        resolve(SecretReference(file="nowhere"), KEY, {}, missing)


# a password


def test_the_example_of_rfc_7617_section_2() -> None:
    assert BasicAuth.of("Aladdin", "open sesame").header() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_the_example_of_rfc_7617_section_2_1_is_utf_8() -> None:
    assert BasicAuth.of("test", "123\u00a3").header() == "Basic dGVzdDoxMjPCow=="


def test_rfc_7617_both_are_sent_composed() -> None:
    taken_apart = BasicAuth.of("re\u0301mi", "a\u0308\n")

    assert taken_apart.header() == BasicAuth.of("r\u00e9mi", "\u00e4").header()


def test_a_password_may_hold_a_colon_and_blanks() -> None:
    assert b64decode(BasicAuth.of("a", " b:c ").header().removeprefix("Basic ")) == b"a: b:c "


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("sesame\nbarley", id="two lines"),
        pytest.param("sesame\n\n", id="two line breaks"),
        pytest.param("sesame\x7f", id="a control character"),
        pytest.param("sesame\udc80", id="a byte that is no UTF-8"),
        pytest.param("sesame" * 2000, id="endless"),
    ],
)
def test_what_is_no_password_is_refused_without_showing_it(password: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BasicAuth.of("ada", password)

    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["bad-secret"]
    assert "sesame" not in str(caught.value)


def test_ruling_18_a_password_is_taken_out_of_a_servers_words() -> None:
    auth = BasicAuth.of("ada", "open sesame")
    pair = auth.header().removeprefix("Basic ")

    assert auth.hidden_in(f"Basic {pair}: ada, open sesame") == "Basic ***: ada, ***"
    assert "sesame" not in repr(auth)


@pytest.mark.parametrize("auth", [BearerAuth.of("abc"), BasicAuth.of("a", "b")], ids=str)
def test_what_is_fixed_cannot_be_renewed(auth: FixedAuth) -> None:
    assert auth.renew(auth.header()) is False
