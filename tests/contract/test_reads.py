"""Reads by page, by cursor and by id: retries, oddities, and what goes over the wire."""

import gzip
import ssl
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from time import sleep
from typing import Any

import pytest

from reconciler.config.model import Target
from reconciler.live import connection
from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget, connect
from reconciler.live.read import read_live
from reconciler.live.single import pool_of_one
from reconciler.live.transport import Transport
from reconciler.scim.errors import (
    Redirected,
    TargetBroken,
    TargetMisbehaved,
    TargetUnreachable,
    TargetUntrusted,
)
from reconciler.states import ResourceType
from reconciler.testing import FAULTS, Reply, Request
from tests.servers import (
    TOKEN,
    FakeClock,
    FaultServer,
    Lie,
    free_port,
    listing,
    open_target,
    users,
)

USER = ResourceType.USER


def test_a_read_is_tried_five_times_and_no_more() -> None:
    clock = FakeClock()
    with (
        FaultServer(FAULTS["status-503"]) as server,
        open_target(server.url, clock=clock) as target,
    ):
        with pytest.raises(TargetBroken):
            target.list(USER)

        assert len(server.asked("/Users")) == 5
        assert clock.waits == [0.5, 1.0, 2.0, 4.0]


def test_s08_a_redirected_read_goes_nowhere_else() -> None:
    with FaultServer() as elsewhere:
        aside = Reply(b"", 302, None, {"Location": f"{elsewhere.url}/Users"})
        with FaultServer(lambda seen, honest: aside) as server, open_target(server.url) as target:
            with pytest.raises(Redirected, match=r"redirect \(302\)"):
                target.list(USER)

            assert len(server.asked("/Users")) == 1
            assert elsewhere.requests == []


def by_cursor(pages: dict[str, Any]) -> Lie:
    return lambda seen, honest: Reply.of(pages[seen.query["cursor"]])


CURSORS = {"pagination": {"cursor": True, "index": False}}


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        pytest.param(
            {
                "": listing(users(2), None, nextCursor="a"),
                "a": listing([], None, nextCursor="b"),
                "b": listing(users(3)[2:], None),
            },
            None,
            id="an empty page in the middle, and no total",
        ),
        pytest.param(
            {"": listing(users(2), 3, nextCursor="a"), "a": listing([], 3)},
            "after page 2, 2 resources had come, where 3 were stated",
            id="fewer than stated",
        ),
        pytest.param(
            {"": listing(users(2), None, nextCursor="a"), "a": listing([], None, nextCursor="a")},
            "page 2 names a next page that was read already",
            id="a circle",
        ),
        pytest.param(
            {"": listing(users(2), None, nextCursor="a"), "a": listing(users(1), None)},
            "page 2 repeats a resource that was listed already: "
            "pages overlap, or the server ignores which page is asked for",
            id="overlap",
        ),
    ],
)
def test_paging_by_cursor(pages: dict[str, Any], problem: str | None) -> None:
    with (
        FaultServer(by_cursor(pages), config=CURSORS) as server,
        open_target(server.url) as target,
    ):
        found = target.list(USER)

    assert found.problem == problem
    assert found.complete is (problem is None)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply.of(users(2)[1]), id="another resource"),
        pytest.param(Reply.of(listing(users(1), 1)), id="a list"),
        pytest.param(Reply.of([]), id="a bare list"),
        pytest.param(Reply.of(None), id="null"),
    ],
)
def test_a_get_that_answers_with_something_else_is_an_error(answer: Reply) -> None:
    with (
        FaultServer(answer=lambda seen: answer) as server,
        open_target(server.url) as target,
        pytest.raises(TargetMisbehaved, match="not the resource asked for"),
    ):
        target.get(USER, "u1")


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_one_layer_of_packing_is_read_although_nobody_asked(coding: str, pack: Any) -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        return replace(honest, body=pack(honest.body), headers={"Content-Encoding": coding})

    with FaultServer(fault) as server, open_target(server.url) as target:
        assert target.list(USER).complete is True
        assert {seen.headers["accept-encoding"] for seen in server.requests} == {"identity"}


def test_numbers_that_nobody_manages_do_not_stop_a_read() -> None:
    people = [{**users(1)[0], "urn:example:x": {"big": 10**400, "small": 0.1, "n": 2**53}}]
    with FaultServer(people=people) as server, open_target(server.url) as target:
        found = target.list(USER)

    assert found.resources[0]["urn:example:x"] == {
        "big": str(10**400),
        "small": 0.1,
        "n": str(2**53),
    }


def test_the_environment_cannot_lead_requests_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as proxy, FaultServer() as server, open_target(server.url) as target:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v2"))
        target.list(USER)

        assert proxy.requests == []
        assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_many_threads_share_one_target() -> None:
    with FaultServer() as server, open_target(server.url, concurrency=2) as target:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda n: target.get(USER, f"u{n % 7 + 1}"), range(40)))

        assert all(user is not None for user in found)
        assert len(server.requests) == 40


class Crowd:
    """Counts how many requests are there at the same time."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = Lock()

    def __call__(self, request: Request) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        sleep(0.005)
        with self._lock:
            self._now -= 1


def test_pages_ahead_and_single_reads_share_the_places_in_flight() -> None:
    crowd = Crowd()
    with (
        FaultServer(people=users(60), answer=crowd) as server,
        open_target(server.url, concurrency=3) as plain,
        ThreadPoolExecutor(8) as pool,
    ):
        target = ScimTarget(plain._transport, pages_ahead=8)
        singles = [pool.submit(target.get, USER, f"u{n + 1}") for n in range(40)]
        found = target.list(USER, page_size=4)
        assert all(single.result() for single in singles)

    assert found.complete is True
    assert crowd.most == 3


def test_there_are_no_more_clients_than_requests_in_flight_and_one_tls_context(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Several times faster than a pool they share (performance.md, ingredient 6)."""
    contexts: list[object] = []
    clients: list[object] = []
    shared, single = connection._tls_context, pool_of_one

    def client(context: Any, *rest: Any) -> Any:
        clients.append(context)
        return single(context, *rest)

    def context(*args: Any, **more: Any) -> Any:
        contexts.append(made := shared(*args, **more))
        return made

    monkeypatch.setattr(connection, "_tls_context", context)
    monkeypatch.setattr(connection, "pool_of_one", client)
    with (
        FaultServer() as server,
        open_target(server.url, concurrency=3) as target,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(lambda n: target.get(USER, f"u{n % 7 + 1}"), range(40)))

    assert len(contexts) == 1
    assert 1 <= len(clients) <= 3
    assert set(clients) == set(contexts)


def test_targets_share_the_tls_context_of_those_whom_they_trust() -> None:
    """To read what everybody trusts takes longer than to plan for a hundred people."""
    usual = connection._tls_context(None, secure=True)

    assert connection._tls_context(None, secure=True) is usual
    assert connection._tls_context(None, secure=False) is not usual
    assert usual.minimum_version is ssl.TLSVersion.TLSv1_2
    assert usual.verify_mode is ssl.CERT_REQUIRED
    assert usual.check_hostname is True


def test_a_cookie_that_is_set_comes_back() -> None:
    """Some balancers know by it which of their servers is meant."""
    seen: list[str | None] = []

    def answer(request: Request) -> Reply | None:
        seen.append(request.headers.get("cookie"))
        return Reply(status=404, headers={"Set-Cookie": "road=seven"}) if len(seen) == 2 else None

    with FaultServer(answer=answer) as server, open_target(server.url) as target:
        for _ in range(4):
            target.get(USER, "u1")

    assert seen == [None, None, "road=seven", "road=seven"]


def test_f26_what_does_not_speak_tls_is_not_trusted_and_not_tried_again() -> None:
    clock = FakeClock()
    with FaultServer() as server:
        url = server.url.replace("http:", "https:")
        with open_target(url, clock=clock) as target, pytest.raises(TargetUntrusted):
            target.list(USER)

        assert server.requests == []
        assert clock.waits == []


@pytest.mark.parametrize("segments", [("Users", ".."), ("Users", "."), ("Users", ""), ("..", "x")])
def test_s11_the_transport_itself_sends_no_path_that_would_be_tidied_up(
    segments: tuple[str, ...],
) -> None:
    with FaultServer() as server:
        transport = Transport(server.url, BearerAuth.of(TOKEN), FakeClock())
        with pytest.raises(TargetMisbehaved, match="cannot be part of a path"):
            transport.send("DELETE", segments)
        transport.close()

        assert server.requests == []


def test_a_target_is_made_from_the_configuration() -> None:
    with FaultServer() as server:
        wanted = Target.model_validate(
            {"tenant_url": server.url, "secret_token": {"env": "TOKEN"}, "rate_limit": 0}
        )
        with connect(wanted, f"{TOKEN}\n", FakeClock()) as target:
            assert target.get(USER, "u1") is not None

        seen = server.requests[0]
        assert seen.headers["authorization"] == f"Bearer {TOKEN}"
        assert seen.headers["user-agent"] == "scim-reconciler"


def test_a_short_page_is_not_the_end() -> None:
    def short(request: Request, honest: Reply) -> Reply:
        page = honest.json()
        few = 3 if request.query["startIndex"] == "1" else 1
        return honest.saying({**page, "Resources": page["Resources"][:few]})

    with FaultServer(short) as server, open_target(server.url) as target:
        listing = target.list(USER, page_size=5)

    assert listing.complete is True
    assert [user["id"] for user in listing.resources] == [user["id"] for user in users(7)]


def test_nobody_there_is_unreachable_and_the_address_is_named() -> None:
    port = free_port()
    with (
        open_target(f"http://127.0.0.1:{port}/v2") as target,
        pytest.raises(TargetUnreachable, match=f"cannot connect to http://127.0.0.1:{port}: "),
    ):
        target.list(USER)


def test_groups_too_large_for_one_answer_come_in_smaller_pages() -> None:
    rows = [{**user, "displayName": "x" * 2**20} for user in users(20)]
    with FaultServer(people=rows) as server, open_target(server.url) as target:
        listing = target.list(USER)

    assert listing.complete is True
    assert len(listing.resources) == 20


def test_a_service_without_discovery_is_read_all_the_same() -> None:
    with FaultServer() as server, open_target(server.url) as target:
        live = read_live(target, dict.fromkeys(ResourceType))

    assert live.users.complete is True
    assert live.capabilities.missing == ("ServiceProviderConfig", "Schemas", "ResourceTypes")
