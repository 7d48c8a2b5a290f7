"""scim2-server behind a gate that asks for a password, or for access tokens it gives out."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.config.model import Target
from reconciler.diagnostics import ConfigError
from reconciler.live.client import ScimTarget, connect
from reconciler.live.token_endpoint import TokenRefused
from reconciler.scim.errors import (
    AmbiguousOutcome,
    NotAuthorized,
    Redirected,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    TargetUnreachable,
    Throttled,
)
from reconciler.states import ResourceType
from reconciler.testing import Reply
from tests.roads import CLIENT, Gate, Given
from tests.servers import FakeClock, FaultServer, free_port

USER = ResourceType.USER
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
START = datetime(2026, 1, 1, tzinfo=UTC)


class MovingClock(FakeClock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = START

    def now(self) -> datetime:
        return self.moment


def opened(
    url: str, auth: dict[str, Any], secret: str = CLIENT[1], clock: FakeClock | None = None
) -> ScimTarget:
    """Connect as a configuration with this `auth` would."""
    stated = {"tenant_url": url, "secret_token": {"env": "SECRET"}, "rate_limit": 0, "auth": auth}
    return connect(Target.model_validate(stated), secret, clock or FakeClock())


def oauth(url: str, **more: str) -> dict[str, Any]:
    """Return the `auth` of a client whose tokens come from the gate itself."""
    token_url = url.removesuffix("/v2") + "/token"
    return {"kind": "oauth", "token_url": token_url, "client_id": CLIENT[0], **more}


def person(name: str) -> dict[str, Any]:
    return {"schemas": [SCHEMA], "userName": f"{name}@contoso.example"}


def created(gate: Gate) -> int:
    """Return how many creates reached the service."""
    return gate.passed.count(("POST", "/Users"))


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def url(gate: Gate) -> Iterator[str]:
    with gate.open() as opened_at:
        yield opened_at


# a password


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("reconciler", "open sesame", id="plain"),
        pytest.param("réconciliateur", "pässwörd: ☂", id="letters beyond ASCII, and a colon"),
    ],
)
def test_a_service_with_basic_credentials_is_read_and_written(name: str, password: str) -> None:
    gate = Gate(password=(name, password))
    with gate.open() as url:
        auth = {"kind": "basic", "username": name}
        with opened(url, auth, f"{password}\n") as target:
            known = target.create(USER, person("ada"))

            assert target.get(USER, known["id"]) == known
            assert target.list(USER).complete
        assert gate.stopped == []


def test_a_wrong_password_is_refused_once_and_not_shown() -> None:
    gate = Gate(password=("reconciler", "sesame"))
    with gate.open() as url:
        auth = {"kind": "basic", "username": "reconciler"}
        with opened(url, auth, "barley") as target, pytest.raises(NotAuthorized) as caught:
            target.list(USER)

    assert len(gate.stopped) == 1
    assert "who is Basic ***?" in str(caught.value)
    assert b64encode(b"reconciler:barley").decode() not in str(caught.value)


# tokens


def test_one_token_serves_many_requests(gate: Gate, url: str) -> None:
    with opened(url, oauth(url)) as target:
        assert gate.asked == []
        for name in ("ada", "bob", "cleo"):
            target.create(USER, person(name))

    assert gate.asked == [{"grant_type": "client_credentials", "by": "Basic"}]
    assert gate.stopped == []


def test_scope_audience_and_the_place_of_the_secret_are_as_configured(gate: Gate, url: str) -> None:
    more = {"scope": "scim users", "audience": "https://crm.example/", "credentials_in": "body"}
    with opened(url, oauth(url, **more)) as target:
        target.list(USER)

    [asked] = gate.asked
    assert asked == {
        "grant_type": "client_credentials",
        "scope": "scim users",
        "audience": "https://crm.example/",
        "by": "body",
    }


@pytest.mark.parametrize("place", ["header", "body"])
def test_a_secret_with_signs_in_it_arrives_as_it_is(place: str) -> None:
    client = ("a client: 1", "100% +&=/ :x")
    gate = Gate(client=client)
    with gate.open() as url:
        auth = oauth(url, credentials_in=place) | {"client_id": client[0]}
        with opened(url, auth, client[1]) as target:
            assert target.list(USER).complete


def test_a_token_is_renewed_before_it_is_over() -> None:
    gate, clock = Gate(expires_in=600), MovingClock()
    with gate.open() as url, opened(url, oauth(url), clock=clock) as target:
        for seconds in (0, 539, 540, 1079, 1080):
            clock.moment = START + timedelta(seconds=seconds)
            target.list(USER)

    assert len(gate.asked) == 3
    assert gate.stopped == []


@pytest.mark.parametrize("good_for", [1, 2, 3])
def test_inv_13_a_token_that_ends_in_mid_run_is_renewed_and_nothing_is_done_twice(
    good_for: int,
) -> None:
    names = [f"person{number}" for number in range(12)]
    gate = Gate(good_for=good_for)
    with gate.open() as url, opened(url, oauth(url)) as target:
        target.discover()
        for name in names:
            made = target.create(USER, person(name))
            target.patch(USER, made["id"], [{"op": "replace", "path": "title", "value": "x"}])
        listed = target.list(USER)

    assert sorted(user["userName"] for user in listed.resources) == sorted(
        f"{name}@contoso.example" for name in names
    )
    assert created(gate) == len(names)
    assert len(gate.tokens) > 24 // good_for
    assert len(gate.stopped) == len(gate.tokens) - 1  # one refusal for each token that ended


def test_what_is_refused_with_a_fresh_token_too_is_sent_no_third_time(gate: Gate, url: str) -> None:
    with opened(url, oauth(url)) as target:
        target.discover()
        make, gate.make = gate.make, lambda: "known-to-nobody"
        gate.good_for = 0
        gate.revoke()

        with pytest.raises(NotAuthorized) as caught:
            target.create(USER, person("ada"))

        assert gate.stopped == [("POST", "/Users")] * 2
        assert created(gate) == 0
        assert len(gate.asked) == 2
        assert make() not in str(caught.value)


def test_workers_share_one_token_and_one_renewal(gate: Gate, url: str) -> None:
    fetching = threading.Event()

    def slow(count: int) -> Given | None:
        fetching.wait(0.2)
        return None

    gate.answer = slow
    with opened(url, oauth(url)) as target, ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: target.create(USER, person(f"p{n}")), range(16)))
        assert len(gate.asked) == 1

        gate.revoke()
        list(pool.map(lambda user: target.get(USER, user["id"]), made))

    assert len(gate.asked) == 2
    assert created(gate) == 16


# the endpoint goes wrong


def answers(*ordered: Given) -> Gate:
    """Return a gate whose endpoint answers so, one after the other, and then as it should."""
    return Gate(answer=lambda count: ordered[count - 1] if count <= len(ordered) else None)


ERROR = {"error": "temporarily_unavailable"}


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_endpoint_that_is_down_for_a_moment_is_asked_again_for_a_write_too(status: int) -> None:
    gate, clock = answers((status, ERROR, {}), (status, ERROR, {"Retry-After": "7"})), FakeClock()
    with gate.open() as url, opened(url, oauth(url), clock=clock) as target:
        target.create(USER, person("ada"))

    assert len(gate.asked) == 3
    assert max(clock.waits) >= 7
    assert created(gate) == 1


@pytest.mark.parametrize(("status", "kind"), [(500, TargetBroken), (429, Throttled)])
def test_inv_13_a_write_is_in_no_doubt_when_no_token_can_be_had(
    status: int, kind: type[TargetError]
) -> None:
    gate = Gate(answer=lambda count: (status, ERROR, {}))
    with gate.open() as url, opened(url, oauth(url)) as target:
        with pytest.raises(kind) as caught:
            target.delete(USER, "u1")

        assert not isinstance(caught.value, AmbiguousOutcome)
        assert len(gate.asked) == 5
        assert gate.passed == gate.stopped == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "invalid_client"),
        (400, "invalid_client"),
        (400, "invalid_scope"),
        (400, "unauthorized_client"),
        (403, "access_denied"),
    ],
)
def test_a_client_that_is_refused_ends_the_run_with_the_reason(status: int, code: str) -> None:
    said = {"error": code, "error_description": "ask\n\u202eus"}
    gate = Gate(answer=lambda count: (status, said, {}))
    with gate.open() as url, opened(url, oauth(url)) as target:
        with pytest.raises(NotAuthorized) as caught:
            target.list(USER)

        assert gate.passed == gate.stopped == []
        assert len(gate.asked) == 1
    assert str(caught.value) == (f"the token endpoint answered {status}: {code}: ask \\u{{202e}}us")


def test_ruling_18_an_endpoint_that_repeats_the_secret_is_not_quoted(gate: Gate, url: str) -> None:
    with opened(url, oauth(url), "a wrong/one") as target, pytest.raises(TokenRefused) as caught:
        target.list(USER)

    assert "nobody is reconciler with ***" in str(caught.value)


def test_ruling_18_a_service_that_repeats_an_old_token_is_not_quoted(gate: Gate, url: str) -> None:
    with opened(url, oauth(url)) as target:
        target.list(USER)
        [old] = gate.tokens
        gate.revoke()
        gate.answer = lambda count: (200, {"access_token": old, "token_type": "bearer"}, {})

        with pytest.raises(NotAuthorized) as caught:
            target.list(USER)

    assert "who is Bearer ***?" in str(caught.value)


GOOD = {"access_token": "abc", "token_type": "bearer"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "its `token_type` is not Bearer"),
        ({**GOOD, "token_type": "mac"}, "its `token_type` is not Bearer"),
        ({"access_token": "abc"}, "its `token_type` is not Bearer"),
        ({"token_type": "bearer"}, "it has no `access_token`"),
        ({**GOOD, "access_token": 7}, "it has no `access_token`"),
        ({**GOOD, "access_token": "abc\r\nX-Evil: 1"}, "its `access_token` cannot be one"),
        ({**GOOD, "access_token": "a" * 9000}, "its `access_token` cannot be one"),
        ({**GOOD, "expires_in": "soon"}, "its `expires_in` is no number of seconds"),
        ({**GOOD, "expires_in": -1}, "its `expires_in` is no number of seconds"),
        ({**GOOD, "expires_in": 0}, "its `expires_in` is no number of seconds"),
        ({**GOOD, "expires_in": True}, "its `expires_in` is no number of seconds"),
        ({**GOOD, "expires_in": 60.5}, "its `expires_in` is no number of seconds"),
    ],
    ids=lambda value: str(value)[:70],
)
def test_an_answer_that_holds_no_usable_token_is_an_error(
    answer: dict[str, Any], words: str
) -> None:
    gate = Gate(answer=lambda count: (200, answer, {}))
    with gate.open() as url, opened(url, oauth(url)) as target:
        with pytest.raises(TargetMisbehaved, match=words) as caught:
            target.list(USER)

        assert gate.passed == gate.stopped == []
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("stated", [3600, "3600", None, 10**14], ids=repr)
def test_an_endpoint_may_say_in_several_ways_how_long_a_token_lasts(stated: object) -> None:
    gate, clock = Gate(expires_in=stated), MovingClock()
    with gate.open() as url, opened(url, oauth(url), clock=clock) as target:
        target.list(USER)
        clock.moment += timedelta(seconds=3500)
        target.list(USER)

    assert len(gate.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_f11_a_redirect_of_the_endpoint_is_not_followed(status: int) -> None:
    with FaultServer() as elsewhere:
        gate = Gate(answer=lambda count: (status, {}, {"Location": elsewhere.url}))
        with gate.open() as url, opened(url, oauth(url)) as target:
            with pytest.raises(Redirected, match=rf"\({status}\), .*: check `token_url`"):
                target.list(USER)

            assert gate.passed == gate.stopped == []
        assert elsewhere.requests == []


def test_an_endpoint_that_is_not_there_is_named() -> None:
    port = free_port()
    auth = {"kind": "oauth", "token_url": f"http://127.0.0.1:{port}/token", "client_id": "x"}
    with FaultServer() as server:
        with (
            opened(server.url, auth) as target,
            pytest.raises(TargetUnreachable, match=f"cannot connect to http://127.0.0.1:{port}: "),
        ):
            target.list(USER)

        assert server.requests == []


def test_an_endpoint_that_answers_with_a_page_is_an_error() -> None:
    with FaultServer(answer=lambda seen: Reply(b"<html>", 200, "text/html")) as server:
        auth = {"kind": "oauth", "token_url": f"{server.url}/token", "client_id": "x"}
        with (
            opened(server.url, auth) as target,
            pytest.raises(TargetMisbehaved, match="it is not JSON, or it is cut off; check"),
        ):
            target.list(USER)

        assert [(seen.method, seen.path) for seen in server.requests] == [("POST", "/token")]


def test_a_secret_of_two_lines_is_refused_before_any_request(gate: Gate, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(url, oauth(url), "one\ntwo")

    assert [one.code for one in caught.value.diagnostics] == ["bad-secret"]
    assert gate.asked == []
