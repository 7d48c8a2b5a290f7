"""Reads by page, by cursor and by id: retries, oddities, and what goes over the wire."""

import gzip
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from reconciler.config.model import Target
from reconciler.live.auth import BearerAuth
from reconciler.live.client import connect
from reconciler.live.transport import Transport
from reconciler.scim.errors import TargetBroken, TargetMisbehaved, TargetUntrusted
from reconciler.states import ResourceType
from tests.faults import FAULTS, throttled
from tests.servers import (
    TOKEN,
    FakeClock,
    Fault,
    FaultServer,
    Reply,
    Seen,
    listing,
    open_target,
    users,
)

USER = ResourceType.USER


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        pytest.param({"Retry-After": "3"}, 3, id="F01 seconds"),
        pytest.param({"X-Retry-After": "4"}, 4, id="F01 under another name"),
        pytest.param(
            {
                "Retry-After": "Thu, 01 Jan 2026 00:00:09 GMT",
                "Date": "Thu, 01 Jan 2026 00:00:02 GMT",
            },
            7,
            id="F02 a date against the server's clock",
        ),
        pytest.param({}, 0.5, id="F03 nothing"),
        pytest.param({"Retry-After": "soon"}, 0.5, id="F03 nonsense"),
    ],
)
def test_a_throttled_read_waits_and_goes_on(headers: dict[str, str], least: float) -> None:
    clock = FakeClock()
    with (
        FaultServer(throttled(1, headers)) as server,
        open_target(server.url, clock=clock) as target,
    ):
        assert target.list(USER).complete is True
        assert sum(clock.waits) >= least


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_f04_a_read_of_a_broken_server_is_tried_again(status: int) -> None:
    with FaultServer(throttled(3, {}, status)) as server, open_target(server.url) as target:
        assert target.list(USER).complete is True


def test_a_read_is_tried_five_times_and_no_more() -> None:
    clock = FakeClock()
    with (
        FaultServer(FAULTS["broken"]) as server,
        open_target(server.url, clock=clock) as target,
    ):
        with pytest.raises(TargetBroken):
            target.list(USER)

        assert len(server.asked("/Users")) == 5
        assert clock.waits == [0.5, 1.0, 2.0, 4.0]


def test_f14_a_refused_credential_is_not_tried_again() -> None:
    with FaultServer(FAULTS["unauthorized"]) as server, open_target(server.url) as target:
        with pytest.raises(Exception, match="401"):
            target.list(USER)

        assert len(server.asked("/Users")) == 1


def test_a_server_that_fails_on_count_is_listed_without_it() -> None:
    def fault(seen: Seen, honest: Reply) -> Reply:
        if "count" in seen.query:
            return Reply.of({"detail": "no count"}, 400)
        return honest

    with FaultServer(fault) as server, open_target(server.url) as target:
        assert target.list(USER).complete is True


def test_a_server_that_sends_an_earlier_page_past_the_end_is_read() -> None:
    def fault(seen: Seen, honest: Reply) -> Reply:
        past = int(seen.query["startIndex"]) > 7
        return Reply.of(listing(users(7)[:5], 7)) if past else honest

    with FaultServer(fault) as server, open_target(server.url) as target:
        assert target.list(USER, page_size=5).complete is True


def test_a_next_cursor_is_followed_even_if_nobody_asked_for_cursors() -> None:
    def fault(seen: Seen, honest: Reply) -> Reply:
        if seen.query.get("cursor") == "second":
            return Reply.of(listing(users(7)[4:], 7))
        return Reply.of(listing(users(7)[:4], 7, nextCursor="second"))

    with FaultServer(fault) as server, open_target(server.url) as target:
        found = target.list(USER)

        assert found.complete is True
        assert len(found.resources) == 7
        assert len(server.asked("/Users")) == 2


def by_cursor(pages: dict[str, Any]) -> Fault:
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


def test_a_cursor_that_expired_begins_the_listing_anew() -> None:
    def fault(seen: Seen, honest: Reply) -> Reply:
        if seen.query["cursor"] == "":
            return Reply.of(listing(users(4)[:2], 4, nextCursor="a"))
        if seen.count == 2:
            return Reply.of({"detail": "too late", "scimType": "expiredCursor"}, 400)
        return Reply.of(listing(users(4)[2:], 4))

    with FaultServer(fault, config=CURSORS) as server, open_target(server.url) as target:
        found = target.list(USER)

    assert found.complete is True
    assert len(found.resources) == 4


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
    def fault(seen: Seen, honest: Reply) -> Reply:
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
