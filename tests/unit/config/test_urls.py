import pytest

from reconciler.config.urls import InsecureUrl, proxy_url, tenant_url, token_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://crm.example/scim/v2", "https://crm.example/scim/v2"),
        ("https://crm.example/scim/v2/", "https://crm.example/scim/v2"),
        ("https://crm.example/scim/v2//", "https://crm.example/scim/v2"),
        ("https://crm.example", "https://crm.example"),
        ("https://crm.example/", "https://crm.example"),
        ("HTTPS://CRM.Example/Scim", "https://crm.example/Scim"),
        ("https://crm.example:443/scim", "https://crm.example/scim"),
        ("https://crm.example:8443/scim", "https://crm.example:8443/scim"),
        ("https://10.0.0.7/scim", "https://10.0.0.7/scim"),
        ("https://[2001:DB8::1]/scim", "https://[2001:db8::1]/scim"),
        ("http://127.0.0.1:8080/v2", "http://127.0.0.1:8080/v2"),
        ("http://127.9.9.9/v2", "http://127.9.9.9/v2"),
        ("http://localhost:80/v2", "http://localhost/v2"),
        ("http://[::1]:8080/v2", "http://[::1]:8080/v2"),
        ("https://crm.example/t/a.b_c~d:e@f", "https://crm.example/t/a.b_c~d:e@f"),
    ],
)
def test_an_address_has_one_spelling(text: str, url: str) -> None:
    assert tenant_url(text) == url
    assert tenant_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("http://crm.example/scim", id="http to somewhere"),
        pytest.param("http://127.0.0.1.crm.example/scim", id="a name that looks like loopback"),
        pytest.param("http://localhost.crm.example/scim", id="a name that begins like loopback"),
        pytest.param("http://10.0.0.7/scim", id="http to a private address"),
        pytest.param("http://0.0.0.0/scim", id="http to any address"),
        pytest.param("https://u:p@crm.example/scim", id="a user and password"),
        pytest.param("https://u@crm.example/scim", id="a user"),
        pytest.param("https://crm.example\\@evil.example/scim", id="a backslash before the host"),
        pytest.param("https://crm.example/scim?token=x", id="a query"),
        pytest.param("https://crm.example/scim?", id="an empty query"),
        pytest.param("https://crm.example/scim#x", id="a fragment"),
    ],
)
def test_what_would_show_the_token_is_insecure(text: str) -> None:
    with pytest.raises(InsecureUrl):
        tenant_url(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("crm.example/scim", id="no scheme"),
        pytest.param("ftp://crm.example/scim", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("https:///scim", id="no host"),
        pytest.param("http://2130706433/scim", id="a number for a host"),
        pytest.param("https://", id="nothing"),
        pytest.param("https://crm.example:0/scim", id="port 0"),
        pytest.param("https://crm.example:99999/scim", id="a port too large"),
        pytest.param("https://crm.example:x/scim", id="a port that is none"),
        pytest.param("https://[::1/scim", id="a bracket without end"),
        pytest.param("https://[fe80::1%25eth0]/scim", id="an address with a zone"),
        pytest.param("https://crm.example/../admin", id="two dots"),
        pytest.param("https://crm.example/./scim", id="one dot"),
        pytest.param("https://crm.example//scim", id="an empty step"),
        pytest.param("https://crm.example/%2e%2e/admin", id="encoded dots"),
        pytest.param("https://crm.example/a b", id="a blank"),
        pytest.param("https://crm.example/\nHost: evil", id="a line break"),
        pytest.param("https://с\u0440m.example/scim", id="letters that look alike"),
        pytest.param("https://crm_x.example/scim", id="an underscore in the host"),
    ],
)
def test_what_requests_cannot_be_built_on_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        tenant_url(text)


def test_the_ascii_form_of_a_host_is_proposed() -> None:
    with pytest.raises(ValueError, match=r"`xn--mnchen-3ya\.example`"):
        tenant_url("https://münchen.example/scim")


# where tokens are fetched


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://Login.Example:443/oauth/Token/", "https://login.example/oauth/Token/"),
        ("https://login.example", "https://login.example"),
        ("http://127.0.0.1:9000/token", "http://127.0.0.1:9000/token"),
    ],
)
def test_the_path_of_a_token_endpoint_is_kept_to_the_letter(text: str, url: str) -> None:
    assert token_url(text) == url
    assert token_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("http://login.example/token", id="http to somewhere"),
        pytest.param("https://u:p@login.example/token", id="a user and password"),
        pytest.param("https://login.example/token?client_secret=x", id="a query"),
        pytest.param("https://login.example/token#x", id="a fragment"),
    ],
)
def test_what_would_show_the_client_secret_is_insecure(text: str) -> None:
    with pytest.raises(InsecureUrl):
        token_url(text)


# proxies


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://Proxy.Example:3128", "http://proxy.example:3128"),
        ("http://proxy.example:3128/", "http://proxy.example:3128"),
        ("http://proxy.example:80", "http://proxy.example"),
        ("https://proxy.example:443/", "https://proxy.example"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"),
    ],
)
def test_a_proxy_has_one_spelling_and_may_be_plain_http(text: str, url: str) -> None:
    assert proxy_url(text) == url
    assert proxy_url(url) == url


@pytest.mark.parametrize("text", ["http://u:p@proxy.example:3128", "http://u@proxy.example"])
def test_a_proxy_with_a_password_is_insecure_and_the_hint_says_why(text: str) -> None:
    with pytest.raises(InsecureUrl) as caught:
        proxy_url(text)

    assert caught.value.hint == "a proxy that asks for a password is not supported"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("proxy.example:3128", id="no scheme"),
        pytest.param("socks5://proxy.example:1080", id="another kind of proxy"),
        pytest.param("http://proxy.example:3128/path", id="a path"),
        pytest.param("http://proxy.example?x", id="a query"),
        pytest.param("http://", id="no host"),
        pytest.param("http://proxy.example:0", id="port 0"),
        pytest.param("http://proxy.example:x", id="a port that is none"),
        pytest.param("http://proxy .example", id="a blank"),
    ],
)
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        proxy_url(text)
