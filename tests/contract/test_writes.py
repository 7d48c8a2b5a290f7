"""Writes whose answer is odd: what is sent again, what is looked up, what stays open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from reconciler.profiles.traffic import Limits
from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotAuthorized,
    NotFound,
    OnHold,
    Redirected,
    TargetMisbehaved,
    TargetUnreachable,
    code_of,
)
from reconciler.states import ResourceType
from reconciler.testing import Reply, Request, Wire
from tests.servers import HTML, FakeClock, FaultServer, free_port, open_target, users

USER = ResourceType.USER
ADA = {"userName": "user1@contoso.example"}
DISABLE = [{"op": "replace", "path": "active", "value": False}]


class Scripted:
    """Answers writes from a list, the last one for ever; reads are left to the server."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def __call__(self, seen: Request) -> Reply | None:
        if seen.method == "GET":
            return None
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Alternating(Scripted):
    """Answers writes from a list, again and again."""

    def __call__(self, seen: Request) -> Reply | None:
        answer = super().__call__(seen)
        if answer is not None:
            self.replies.append(answer)
        return answer


CREATED = Reply.of({**users(1)[0], "id": "new"}, 201)
HANG_UP = Reply(wire=Wire(cut_after=0))
HALF = Reply(b"{}" * 50, wire=Wire(cut_after=80))
BROKEN = Reply(b"oops", 503, "text/plain", {"Retry-After": "7"})
SLOW_DOWN = Reply(b"slow down", 429, "text/plain", {"X-Retry-After": "3"})


def test_a_write_that_was_throttled_is_sent_again_after_the_wait() -> None:
    clock = FakeClock()
    with (
        FaultServer(answer=Scripted(SLOW_DOWN, SLOW_DOWN, CREATED)) as server,
        open_target(server.url, clock=clock) as target,
    ):
        created = target.create(USER, ADA)

        assert created["id"] == "new"
        assert len(server.writes) == 3
        assert sum(clock.waits) >= 6


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(HANG_UP, "Timeout", id="F07 no answer"),
        pytest.param(BROKEN, "InternalServerError", id="F05 503 with Retry-After"),
        pytest.param(Reply(b"", 500), "InternalServerError", id="F05 500"),
        pytest.param(Reply.of({}, 504), "InternalServerError", id="F05 504"),
        pytest.param(
            Reply(b"{}" * 50, wire=Wire(cut_after=80)), "Timeout", id="F10 half an answer"
        ),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_write_whose_outcome_is_open_is_sent_once(reply: Reply, code: str, method: str) -> None:
    with FaultServer(answer=Scripted(reply)) as server, open_target(server.url) as target:
        writes: dict[str, Callable[[], object]] = {
            "POST": lambda: target.create(USER, ADA),
            "PATCH": lambda: target.patch(USER, "u1", DISABLE),
            "DELETE": lambda: target.delete(USER, "u1"),
        }
        with pytest.raises(AmbiguousOutcome) as caught:
            writes[method]()

        assert code_of(caught.value) == code
        assert len(server.writes) == 1


def test_a_503_with_retry_after_holds_the_next_look_back() -> None:
    clock = FakeClock()
    with (
        FaultServer(answer=Scripted(BROKEN)) as server,
        open_target(server.url, clock=clock) as target,
    ):
        with pytest.raises(AmbiguousOutcome):
            target.delete(USER, "u1")
        target.get(USER, "u1")

    assert sum(clock.waits) > 6


def test_f08_a_write_that_never_left_is_tried_again_and_not_ambiguous() -> None:
    clock = FakeClock()
    with (
        open_target(f"http://127.0.0.1:{free_port()}/v2", clock=clock) as target,
        pytest.raises(TargetUnreachable),
    ):
        target.delete(USER, "u1")

    assert clock.waits == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply(b"", 201, None), id="no body"),
        pytest.param(Reply.of({"ok": True}, 201), id="no id"),
        pytest.param(Reply.of(None, 202), id="accepted"),
    ],
)
def test_a_create_that_does_not_say_whom_it_made_was_carried_out(answer: Reply) -> None:
    with FaultServer(answer=Scripted(answer)) as server, open_target(server.url) as target:
        assert target.create(USER, ADA) == {}


def test_f12_a_create_that_is_answered_in_no_scim_is_ambiguous() -> None:
    with (
        FaultServer(answer=Scripted(HTML)) as server,
        open_target(server.url) as target,
        pytest.raises(AmbiguousOutcome, match="nobody knows whether it was created"),
    ):
        target.create(USER, ADA)


@pytest.mark.parametrize("bad_id", ["", "..", "../Groups/g1", 7, "a b"])
def test_s11_a_new_resource_with_an_id_that_cannot_be_used_is_an_error(bad_id: Any) -> None:
    answer = Reply.of({**ADA, "id": bad_id}, 201)
    with (
        FaultServer(answer=Scripted(answer)) as server,
        open_target(server.url) as target,
        pytest.raises(TargetMisbehaved, match="an id that cannot be used"),
    ):
        target.create(USER, ADA)


@pytest.mark.parametrize("bad_id", ["", ".", "..", "../Groups/g1", "a%2fb", "é", "a?b", "x" * 256])
def test_s11_an_id_that_would_change_the_request_is_never_sent(bad_id: str) -> None:
    with FaultServer() as server, open_target(server.url) as target:
        requests: list[Callable[[], object]] = [
            lambda: target.get(USER, bad_id),
            lambda: target.patch(USER, bad_id, DISABLE),
            lambda: target.delete(USER, bad_id),
        ]
        for request in requests:
            with pytest.raises(TargetMisbehaved, match="cannot be part of a path"):
                request()

        assert server.requests == []


def test_an_odd_but_harmless_id_is_sent_quoted() -> None:
    odd = "a b;c=d&e+f@g:h"
    people = [{**users(1)[0], "id": odd.replace(" ", "_")}]
    with FaultServer(people=people) as server, open_target(server.url) as target:
        target.get(USER, odd.replace(" ", "_"))

        assert server.requests[0].path == "/Users/a_b%3Bc%3Dd%26e%2Bf%40g%3Ah"


@pytest.mark.parametrize("answer", [HTML, Reply(b"", 204, None), Reply.of({}, 202)])
def test_the_body_of_an_accepted_change_does_not_matter(answer: Reply) -> None:
    with FaultServer(answer=Scripted(answer)) as server, open_target(server.url) as target:
        target.patch(USER, "u1", DISABLE)
        target.delete(USER, "u1")

        assert [seen.method for seen in server.writes] == ["PATCH", "DELETE"]


def test_f18_a_delete_of_what_is_gone_says_so_and_is_not_sent_again() -> None:
    gone = Reply.of({"detail": "gone"}, 404)
    with FaultServer(answer=Scripted(gone)) as server, open_target(server.url) as target:
        with pytest.raises(NotFound):
            target.delete(USER, "u1")

        assert len(server.writes) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(409, Conflict), (412, Conflict), (403, NotAuthorized)]
)
def test_a_refused_write_is_not_sent_again(status: int, kind: type[Exception]) -> None:
    refused = Reply.of({"detail": "no", "scimType": "uniqueness"}, status)
    with FaultServer(answer=Scripted(refused)) as server, open_target(server.url) as target:
        with pytest.raises(kind):
            target.create(USER, ADA)

        assert len(server.writes) == 1


@pytest.mark.parametrize("said", ["100000", "Thu, 01 Jan 2099 00:00:00 GMT"])
def test_f03_a_server_that_asks_for_ages_is_not_waited_for(said: str) -> None:
    clock = FakeClock()
    reply = Reply(b"", 429, None, {"Retry-After": said, "Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    with (
        FaultServer(answer=Scripted(reply)) as server,
        open_target(server.url, clock=clock) as target,
    ):
        with pytest.raises(OnHold, match="more than the 300 s that one request may wait"):
            target.create(USER, ADA)
        with pytest.raises(OnHold, match="nothing more was sent"):
            target.get(USER, "u1")

        assert clock.waits == []
        assert len(server.requests) == 1


def test_f03_a_write_that_was_perhaps_carried_out_stays_in_doubt_and_is_the_last() -> None:
    reply = Reply(b"", 503, None, {"Retry-After": "100000"})
    with FaultServer(answer=Scripted(reply)) as server, open_target(server.url) as target:
        with pytest.raises(AmbiguousOutcome):
            target.delete(USER, "u1")
        with pytest.raises(OnHold):
            target.get(USER, "u1")

        assert len(server.requests) == 1


def test_f03_no_thread_sends_anything_after_a_server_has_asked_for_ages() -> None:
    """Eight want to write; the answer to the first comes while the others wait for their turn."""
    reply = Reply(b"", 429, None, {"Retry-After": "100000"})
    with (
        FaultServer(answer=Scripted(reply)) as server,
        open_target(server.url, concurrency=1) as target,
        ThreadPoolExecutor(8) as pool,
    ):
        tried = [pool.submit(target.delete, USER, "u1") for _ in range(8)]

        assert all(isinstance(each.exception(), OnHold) for each in tried)
        assert len(server.requests) == 1


def test_f01_a_run_that_would_wait_for_too_long_in_all_is_put_on_hold() -> None:
    """Each wait is one that a request may take; only together they are too many."""
    clock = FakeClock()
    patient = Reply(b"", 429, None, {"Retry-After": "250"})
    with (
        FaultServer(answer=Alternating(patient, CREATED)) as server,
        open_target(server.url, clock=clock) as target,
    ):
        for _ in range(7):
            target.create(USER, ADA)
        with pytest.raises(OnHold, match="more than the 1800 s that one run may wait"):
            target.create(USER, ADA)

        assert sum(clock.waits) == pytest.approx(7 * 250, abs=1)
        assert len(server.writes) == 15


def test_f01_a_429_without_a_wait_holds_everybody_back() -> None:
    clock = FakeClock()
    limits = Limits(max_wait_seconds=1)
    with (
        FaultServer(answer=Scripted(Reply(b"", 429, None))) as server,
        open_target(server.url, clock=clock, limits=limits) as target,
    ):
        with pytest.raises(OnHold, match="more than the 1 s that one request may wait"):
            target.create(USER, ADA)

        assert clock.waits == [0.5]
        assert len(server.writes) == 2


def test_the_last_request_of_a_window_makes_the_next_one_wait() -> None:
    clock = FakeClock()
    used_up = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "9"}
    with (
        FaultServer(answer=Scripted(replace(CREATED, headers=used_up))) as server,
        open_target(server.url, clock=clock) as target,
    ):
        target.create(USER, ADA)
        before = list(clock.waits)
        target.get(USER, "u1")

        assert before == []
        assert 8 < sum(clock.waits) <= 9
        assert len(server.requests) == 2


def test_a_redirected_write_is_an_error() -> None:
    with (
        FaultServer() as elsewhere,
        FaultServer(answer=Scripted(Reply(b"", 307, None, {"Location": elsewhere.url}))) as server,
        open_target(server.url) as target,
    ):
        with pytest.raises(Redirected, match=r"redirect \(307\)"):
            target.delete(USER, "u1")

        assert elsewhere.requests == []
