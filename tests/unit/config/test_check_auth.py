"""Keys of `target` that belong together, and those that do not."""

from collections.abc import Callable

import pytest

from reconciler.config import Loaded
from reconciler.config.authentication import Authentication
from reconciler.config.check_auth import _OWNER

Codes = Callable[..., list[str]]
Edit = Callable[..., str]

SECRET = "      secret_token: {env: CRM_TOKEN}\n"
OAUTH = "auth: {kind: oauth, token_url: 'https://login.example/token', client_id: a"


def with_target(edited: Edit, *lines: str, url: str = "https://crm.example/scim/v2") -> str:
    """Return the file with more lines under `target`."""
    more = SECRET + "".join(f"      {line}\n" for line in lines)
    return edited((SECRET, more), ("https://crm.example/scim/v2", url))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(["auth: {}"], [], id="nothing said: bearer"),
        pytest.param(["auth: {kind: bearer}"], [], id="bearer"),
        pytest.param(["auth: {kind: basic, username: a b}"], [], id="basic"),
        pytest.param([f"{OAUTH}}}"], [], id="oauth"),
        pytest.param(
            [f"{OAUTH}, scope: 'a:b https://x/.default', audience: x, credentials_in: body}}"],
            [],
            id="oauth with everything",
        ),
        pytest.param(["auth: {kind: basic}"], ["missing-key"], id="basic without a name"),
        pytest.param(
            ["auth: {kind: oauth}"], ["missing-key", "missing-key"], id="oauth without anything"
        ),
        pytest.param(
            ["auth: {kind: bearer, username: a, token_url: 'https://login.example'}"],
            ["unfit-auth", "unfit-auth"],
            id="keys of both others",
        ),
        pytest.param(
            ["auth: {kind: basic, username: a, credentials_in: header}"],
            ["unfit-auth"],
            id="a default of another kind, written out",
        ),
        pytest.param(["auth: {kind: digest}"], ["not-allowed-value"], id="another kind"),
        pytest.param(["auth: {kind: basic, username: 'a:b'}"], ["bad-format"], id="a colon"),
        pytest.param(['auth: {kind: basic, username: "a\\tb"}'], ["bad-format"], id="a tab"),
        pytest.param(["auth: {kind: basic, usernam: a}"], ["unknown-key"], id="misspelt"),
        pytest.param(["auth: basic"], ["wrong-type"], id="one word"),
        pytest.param([f'{OAUTH}, scope: "a \\"b"}}'], ["bad-format"], id="a quote in scope"),
        pytest.param(
            ["auth: {kind: basic, username: a, password: b}"], ["unknown-key"], id="inline"
        ),
    ],
)
def test_each_kind_has_its_own_keys(
    edited: Edit, codes: Codes, lines: list[str], found: list[str]
) -> None:
    assert codes(with_target(edited, *lines)) == found


def test_every_key_of_auth_belongs_to_one_kind() -> None:
    """A new key must be put into the table."""
    assert set(_OWNER) == set(Authentication.model_fields) - {"kind"}


@pytest.mark.parametrize(
    ("url", "lines", "found"),
    [
        pytest.param("https://crm.example", ["proxy: 'http://proxy.example:3128'"], [], id="proxy"),
        pytest.param("https://crm.example", ["ca_bundle: ca.pem"], [], id="bundle"),
        pytest.param(
            "http://127.0.0.1/v2", [f"{OAUTH}}}", "ca_bundle: ca.pem"], [], id="for tokens alone"
        ),
        pytest.param("http://127.0.0.1/v2", ["ca_bundle: ca.pem"], ["needs-https"], id="no TLS"),
        pytest.param(
            "http://127.0.0.1/v2",
            [f"{OAUTH}}}", "proxy: 'http://proxy.example'"],
            ["needs-https"],
            id="a secret through a proxy in the clear",
        ),
        pytest.param(
            "https://crm.example",
            [
                "auth: {kind: oauth, token_url: 'http://localhost/token', client_id: a}",
                "proxy: 'http://proxy.example'",
            ],
            ["needs-https"],
            id="a client secret through a proxy in the clear",
        ),
    ],
)
def test_proxies_and_bundles_stand_beside_https(
    edited: Edit, codes: Codes, url: str, lines: list[str], found: list[str]
) -> None:
    assert codes(with_target(edited, *lines, url=url)) == found


def test_what_defaults_say_of_auth_can_be_completed(
    edited: Edit, load: Callable[[str], Loaded]
) -> None:
    text = with_target(edited, "auth: {client_id: crm}")
    shared = "defaults: {target: {auth: {kind: oauth, token_url: 'https://login.example/t'}}}\n"

    auth = load(text + shared).config.applications["crm"].target.auth

    assert (auth.kind, auth.client_id) == ("oauth", "crm")
    assert auth.token_url == "https://login.example/t"
