"""
What no real server does on demand: each fault, what becomes of it, and no write.

Numbers in brackets are faults of the reliability page, section 3.
"""

import pytest

from reconciler.live.connection import Timeouts
from reconciler.live.read import read_live
from reconciler.scim.errors import (
    AnswerTooLarge,
    NotAuthorized,
    NotFound,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    TargetUnreachable,
)
from reconciler.states import ResourceType
from tests.faults import FAULTS, redirect_to
from tests.servers import FakeClock, FaultServer, free_port, open_target, users

USER = ResourceType.USER
SHORT = Timeouts(connect=0.5, step=0.5, total=0.6)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        pytest.param("html", TargetMisbehaved, '"text/html"', id="F12 HTML"),
        pytest.param(
            "html-that-claims-to-be-json", TargetMisbehaved, "it is not JSON", id="F12 HTML as JSON"
        ),
        pytest.param("plain-text", TargetMisbehaved, '"text/plain"', id="F12 plain text"),
        pytest.param("no-media-type", TargetMisbehaved, "no media type", id="F12 no type"),
        pytest.param("empty-body", TargetMisbehaved, "it is not JSON", id="F12 empty body"),
        pytest.param("empty-object", TargetMisbehaved, "not a SCIM ListResponse", id="F12 {}"),
        pytest.param("null", TargetMisbehaved, "not a SCIM ListResponse", id="F12 null"),
        pytest.param("bare-list", TargetMisbehaved, "not a SCIM ListResponse", id="F12 []"),
        pytest.param("wrong-schema", TargetMisbehaved, "not a SCIM ListResponse", id="schema"),
        pytest.param("no-resources", TargetMisbehaved, "not a SCIM ListResponse", id="Resources"),
        pytest.param("repeated-key", TargetMisbehaved, "the same key twice", id="a key twice"),
        pytest.param("no-content", TargetMisbehaved, "204, where 200 was", id="F13 204"),
        pytest.param("partial-content", TargetMisbehaved, "206, where 200 was", id="206"),
        pytest.param("unauthorized", NotAuthorized, "token expired", id="F14 401"),
        pytest.param("forbidden", NotAuthorized, "not yours", id="F16 403"),
        pytest.param("not-found", NotFound, "404 to GET /Users", id="F17 404 on a list"),
        pytest.param("broken", TargetBroken, "503 to GET /Users", id="F04 503"),
        pytest.param("truncated", TargetUnreachable, "cut off", id="F10 half a body"),
        pytest.param("cut-off-json", TargetMisbehaved, "cut off", id="F10 half a document"),
        pytest.param("hang-up", TargetUnreachable, "cut off", id="F06 no answer"),
        pytest.param("gzip-bomb", AnswerTooLarge, "larger than 16 MiB", id="S07 bomb"),
        pytest.param("double-gzip", TargetMisbehaved, '"gzip, gzip"', id="S07 gzip in gzip"),
        pytest.param("oversized", AnswerTooLarge, "larger than 8 MiB", id="S07 too large"),
        pytest.param("deep", TargetMisbehaved, "more than 64 deep", id="S06 deep"),
        pytest.param("very-deep", TargetMisbehaved, "more than 64 deep", id="S06 very deep"),
    ],
)
def test_inv_3_what_is_no_listing_is_an_error(
    fault: str, kind: type[TargetError], words: str
) -> None:
    with FaultServer(FAULTS[fault]) as server, open_target(server.url) as target:
        with pytest.raises(kind) as caught:
            read_live(target, with_groups=True)

        assert words in str(caught.value)
        assert "SECRET" not in str(caught.value)
        assert server.writes == []
        assert server.asked("/Groups") == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        pytest.param("total-too-low", "after page 1, 5 resources had come, where 4", id="F37 low"),
        pytest.param("total-too-high", "after page 3, 7 resources had come", id="F37 high"),
        pytest.param(
            "total-is-the-page", "page 2 states 2, and page 1 stated 5", id="F37 page size"
        ),
        pytest.param("total-changes", "page 2 states 8, and page 1 stated 7", id="F37 changes"),
        pytest.param("no-total", "page 1 does not state totalResults", id="F37 nothing"),
        pytest.param("repeating-page", "page 2 repeats a resource", id="F36 repeats"),
        pytest.param("overlapping-pages", "page 2 repeats a resource", id="F36 overlaps"),
        pytest.param("empty-id", "page 1 holds a resource without a usable id", id="F46 empty"),
        pytest.param("no-id", "page 1 holds a resource without a usable id", id="F46 none"),
        pytest.param("numeric-id", "page 1 holds a resource without a usable id", id="F46 number"),
        pytest.param("dot-dot-id", "page 1 holds a resource without a usable id", id="F46 .."),
        pytest.param("path-id", "page 1 holds a resource without a usable id", id="F46 a path"),
    ],
)
def test_inv_1_a_dishonest_listing_is_not_complete(fault: str, problem: str) -> None:
    with FaultServer(FAULTS[fault]) as server, open_target(server.url) as target:
        listing = target.list(USER, page_size=5)

        assert listing.complete is False
        assert listing.problem is not None
        assert problem in listing.problem
        assert server.writes == []


def test_a_total_that_lies_low_is_found_by_looking_past_the_end() -> None:
    fault = FAULTS["total-too-low"]
    with FaultServer(fault) as server, open_target(server.url) as target:
        listing = target.list(USER, page_size=4)

    assert listing.complete is False
    assert listing.problem == "page 2 goes on after the 4 that were stated"


def test_a_short_page_is_not_the_end() -> None:
    fault = FAULTS["gap-between-pages"]
    with FaultServer(fault) as server, open_target(server.url) as target:
        listing = target.list(USER, page_size=5)

    assert listing.complete is True
    assert [user["id"] for user in listing.resources] == [user["id"] for user in users(7)]


def test_a_page_that_repeats_stops_the_reading_at_once() -> None:
    with FaultServer(FAULTS["repeating-page"]) as server, open_target(server.url) as target:
        target.list(USER)

        assert len(server.asked("/Users")) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_f11_a_redirect_is_an_error_and_the_token_goes_nowhere(status: int) -> None:
    with (
        FaultServer() as elsewhere,
        FaultServer(redirect_to(f"{elsewhere.url}/Users", status)) as server,
        open_target(server.url) as target,
    ):
        with pytest.raises(TargetMisbehaved, match=rf"redirect \({status}\)"):
            target.list(USER)

        assert elsewhere.requests == []
        assert server.writes == []


@pytest.mark.parametrize("fault", ["slow-body", "slow-head"])
def test_f09_a_trickle_does_not_outlast_the_deadline(fault: str) -> None:
    clock = FakeClock()
    with (
        FaultServer(FAULTS[fault]) as server,
        open_target(server.url, timeouts=SHORT, clock=clock) as target,
    ):
        with pytest.raises(TargetUnreachable, match="it took too long"):
            target.list(USER)

        assert len(server.asked("/Users")) == 5


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
        live = read_live(target, with_groups=True)

    assert live.users.complete is True
    assert live.capabilities.missing == ("ServiceProviderConfig", "Schemas", "ResourceTypes")
