"""A file of certificates, before anybody relies on it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from reconciler.diagnostics import ConfigError
from reconciler.live.trust import read_roots

NOW = datetime.now(UTC)  # authorities are made now, for a long time


@pytest.fixture(scope="module")
def pem() -> str:
    return trustme.CA().cert_pem.bytes().decode()


def read(text: str, now: datetime = NOW) -> str:
    return read_roots("ca.pem", lambda: text, now)


def refused(text: str, now: datetime = NOW) -> tuple[str, str]:
    """Return code and message of the complaint about *text*."""
    with pytest.raises(ConfigError) as caught:
        read(text, now)
    [complaint] = caught.value.diagnostics
    assert complaint.hint
    return complaint.code, complaint.message


def test_certificates_are_taken_and_words_between_them_are_not(pem: str) -> None:
    other = trustme.CA().cert_pem.bytes().decode()

    assert read(f"# Contoso, größer\n{pem}# and\r\n{other}") == f"{pem}{other}"


def test_the_same_certificates_read_the_same_whatever_stands_around_them(pem: str) -> None:
    assert read(f"subject: contoso\n{pem}\n\n") == read(pem)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "ca.pem holds no certificate", id="nothing"),
        pytest.param("0\ufffd\ufffd\x06", "ca.pem holds no certificate", id="DER"),
        pytest.param(
            "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n",
            "ca.pem holds no certificate",
            id="a request for one",
        ),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "certificate 1 in ca.pem cannot be read",
            id="cut off",
        ),
    ],
)
def test_what_holds_no_certificate_is_refused(text: str, words: str) -> None:
    assert refused(text) == ("bad-ca-bundle", words)


def test_the_broken_one_of_several_is_named(pem: str) -> None:
    half = pem[:200] + "\n-----END CERTIFICATE-----\n"

    assert refused(pem + half) == ("bad-ca-bundle", "certificate 2 in ca.pem cannot be read")


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "ENCRYPTED "])
def test_a_private_key_is_refused_and_not_shown(kind: str, pem: str) -> None:
    key = f"-----BEGIN {kind}PRIVATE KEY-----\nsesame\n-----END {kind}PRIVATE KEY-----\n"

    assert refused(pem + key) == ("bad-ca-bundle", "ca.pem holds a private key")


def test_authorities_that_are_all_over_are_refused_with_the_day(pem: str) -> None:
    code, message = refused(pem, NOW + timedelta(days=365 * 2000))

    assert code == "bad-ca-bundle"
    assert re.fullmatch(
        r"every certificate in ca\.pem is over, the last since [0-9]{4}-[0-9]{2}-[0-9]{2}", message
    )


def test_a_file_that_is_not_there_is_named() -> None:
    def missing() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(ConfigError) as caught:
        read_roots("ca.pem", missing, NOW)

    [complaint] = caught.value.diagnostics
    assert complaint.code == "missing-ca-bundle"
    assert complaint.message == (
        "the certificates in ca.pem cannot be read: No such file or directory"
    )
