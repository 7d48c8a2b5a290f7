"""TLS with authorities of one's own, and proxies: real sockets, real handshakes."""

import ssl
import warnings

import pytest
import trustme

from reconciler.config.model import Target
from reconciler.live.client import ScimTarget, connect
from reconciler.live.connection import Road, _tls_context
from reconciler.scim.errors import AmbiguousOutcome, TargetUnreachable, TargetUntrusted
from reconciler.states import ResourceType
from tests.roads import ConnectProxy, TlsServer, pem_of
from tests.servers import TOKEN, FakeClock, free_port, open_target

USER = ResourceType.USER


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def stranger() -> trustme.CA:
    return trustme.CA()


def through(url: str, road: Road) -> ScimTarget:
    return open_target(url, road=road)


def names(target: ScimTarget) -> int:
    """Return how many users there are."""
    return len(target.list(USER).resources)


# whom to trust


def test_a_certificate_of_a_named_authority_is_trusted(authority: trustme.CA) -> None:
    road = Road(roots=pem_of(authority))
    with TlsServer(authority) as server, through(server.url, road) as target:
        assert names(target) == 7


def test_one_of_several_named_authorities_is_enough(
    authority: trustme.CA, stranger: trustme.CA
) -> None:
    road = Road(roots=pem_of(stranger, authority))
    with TlsServer(authority) as server, through(server.url, road) as target:
        assert names(target) == 7


@pytest.mark.parametrize("named", [False, True], ids=["nobody is named", "another is named"])
def test_f26_a_certificate_of_anybody_else_is_not_trusted(
    named: bool, authority: trustme.CA, stranger: trustme.CA
) -> None:
    clock = FakeClock()
    road = Road(roots=pem_of(stranger) if named else None)
    with TlsServer(authority) as server:
        with (
            open_target(server.url, road=road, clock=clock) as target,
            pytest.raises(TargetUntrusted, match="certificate verify failed"),
        ):
            target.list(USER)

        assert server.requests == []
        assert clock.waits == []


def test_a_bundle_replaces_what_is_trusted_otherwise(
    authority: trustme.CA, stranger: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the environment names the right authority: only the reviewed file counts."""
    with authority.cert_pem.tempfile() as file, TlsServer(authority) as server:
        monkeypatch.setenv("SSL_CERT_FILE", file)
        _tls_context.cache_clear()  # one of before would not ask the environment
        for roots in (None, pem_of(stranger)):
            with (
                through(server.url, Road(roots=roots)) as target,
                pytest.raises(TargetUntrusted),
            ):
                target.list(USER)


def test_f26_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA) -> None:
    road = Road(roots=pem_of(authority))
    with TlsServer(authority, "elsewhere.example") as server:
        with (
            through(server.url, road) as target,
            pytest.raises(TargetUntrusted, match=r"not valid for '127\.0\.0\.1'"),
        ):
            target.list(USER)

        assert server.requests == []


def at_most_tls_1_1(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


def exactly_tls_1_2(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def test_what_is_older_than_tls_1_2_is_refused(authority: trustme.CA) -> None:
    road = Road(roots=pem_of(authority))
    with (
        TlsServer(authority, tune=at_most_tls_1_1) as server,
        through(server.url, road) as target,
        pytest.raises(TargetUntrusted),
    ):
        target.list(USER)


def test_tls_1_2_is_spoken(authority: trustme.CA) -> None:
    road = Road(roots=pem_of(authority))
    with (
        TlsServer(authority, tune=exactly_tls_1_2) as server,
        through(server.url, road) as target,
    ):
        assert names(target) == 7


# proxies


def test_requests_go_through_the_proxy_that_is_named(authority: trustme.CA) -> None:
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        with through(server.url, Road(proxy.url, pem_of(authority))) as target:
            assert names(target) == 7

        host = server.url.removeprefix("https://").removesuffix("/v2")
        assert {lines[0] for lines in proxy.asked} == {f"CONNECT {host} HTTP/1.1"}
        assert len(proxy.asked) == 1  # one tunnel, kept


def test_ruling_18_a_proxy_sees_no_secret_and_no_path(authority: trustme.CA) -> None:
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        with through(server.url, Road(proxy.url, pem_of(authority))) as target:
            target.list(USER)

        seen = (str(proxy.asked) + proxy.carried.decode("latin-1")).lower()
        assert len(proxy.carried) > 1000
        assert [word for word in (TOKEN, "authorization", "/users") if word in seen] == []


def test_without_a_proxy_in_the_file_none_of_the_environment_is_used(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with through(server.url, Road(roots=pem_of(authority))) as target:
            assert names(target) == 7

        assert proxy.asked == []


def test_no_proxy_in_the_environment_does_not_lead_past_the_proxy(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        with through(server.url, Road(proxy.url, pem_of(authority))) as target:
            target.list(USER)

        assert len(proxy.asked) == 1


def test_a_certificate_is_checked_behind_a_proxy_too(
    authority: trustme.CA, stranger: trustme.CA
) -> None:
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        with (
            through(server.url, Road(proxy.url, pem_of(stranger))) as target,
            pytest.raises(TargetUntrusted, match=f"through the proxy {proxy.url}: .*verify failed"),
        ):
            target.list(USER)

        assert server.requests == []


def test_a_proxy_that_is_not_there_is_named() -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    with (
        through("https://crm.example/scim", Road(proxy)) as target,
        pytest.raises(TargetUnreachable) as caught,
    ):
        target.list(USER)

    words = "cannot connect to https://crm.example through the proxy"
    assert str(caught.value) == f"{words} {proxy}: Connection refused"


def test_a_proxy_that_refuses_is_quoted_and_a_write_is_in_no_doubt(authority: trustme.CA) -> None:
    """What the proxy refuses has certainly not been carried out: not AmbiguousOutcome."""
    with ConnectProxy("407 Proxy Authentication Required") as proxy, TlsServer(authority) as server:
        with through(server.url, Road(proxy.url, pem_of(authority))) as target:
            said = "the proxy says 407 Proxy Authentication Required"
            with pytest.raises(TargetUnreachable, match=said):
                target.list(USER)
            with pytest.raises(TargetUnreachable, match=said) as caught:
                target.delete(USER, "u1")

        assert not isinstance(caught.value, AmbiguousOutcome)
        assert server.requests == []


def test_a_target_with_a_proxy_and_a_bundle_is_made_from_the_configuration(
    authority: trustme.CA,
) -> None:
    with ConnectProxy() as proxy, TlsServer(authority) as server:
        wanted = Target.model_validate(
            {
                "tenant_url": server.url,
                "secret_token": {"env": "TOKEN"},
                "proxy": proxy.url,
                "ca_bundle": "ca.pem",
            }
        )
        with connect(wanted, TOKEN, FakeClock(), roots=pem_of(authority)) as target:
            assert target.get(USER, "u1") is not None

        assert len(proxy.asked) == 1


def test_a_proxy_may_be_behind_tls_itself(authority: trustme.CA) -> None:
    with ConnectProxy(authority=authority) as proxy, TlsServer(authority) as server:
        with through(server.url, Road(proxy.url, pem_of(authority))) as target:
            assert names(target) == 7

        assert len(proxy.asked) == 1


def test_the_certificate_of_a_proxy_is_checked_against_the_same_authorities(
    authority: trustme.CA, stranger: trustme.CA
) -> None:
    with ConnectProxy(authority=stranger) as proxy, TlsServer(authority) as server:
        with (
            through(server.url, Road(proxy.url, pem_of(authority))) as target,
            pytest.raises(TargetUntrusted, match="verify failed"),
        ):
            target.list(USER)

        assert proxy.asked == []
        assert server.requests == []
