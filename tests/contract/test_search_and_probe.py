"""Searches against filters that lie, and what the probe says of them."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.live.probe import Outcome, probe
from reconciler.scim.errors import NotAuthorized, TargetMisbehaved
from reconciler.states import ResourceType
from reconciler.testing import FAULTS, Fault, Reply, Request
from tests.servers import FaultServer, Lie, listing, open_target, users

USER = ResourceType.USER
NOBODY = "2f0c2d4e-7d0b-4c53-8a63-6e0a1a1d2f55"


FILTERS = ("ignored", "finds-nobody", "finds-a-stranger", "minds-case", "refused", "unsupported")


@pytest.mark.parametrize("fault", [None, *(FAULTS[f"filter-{name}"] for name in FILTERS)])
@pytest.mark.parametrize(
    ("name", "found"),
    [("user3@contoso.example", ["u3"]), ("USER3@Contoso.Example", ["u3"]), (NOBODY, [])],
)
def test_f41_a_search_is_right_whatever_the_filter_does(
    fault: Fault | None, name: str, found: list[str]
) -> None:
    with FaultServer(fault) as server, open_target(server.url) as target:
        assert [user["id"] for user in target.search(USER, "userName", name)] == found


def test_an_honest_filter_is_checked_once_and_then_trusted() -> None:
    with FaultServer() as server, open_target(server.url) as target:
        for number in range(5):
            assert target.search(USER, "userName", f"nobody{number}@contoso.example") == []

        filters = [seen.query.get("filter") for seen in server.asked("/Users")]
        assert len(filters) == 3 + 5
        assert re.fullmatch(r'userName eq "[0-9a-f-]{36}"', str(filters[0]))
        assert filters[1:3] == [None, 'userName eq "USER1@CONTOSO.EXAMPLE"']


def test_a_filter_is_calibrated_before_what_it_finds_is_believed() -> None:
    """It finds everybody whom it should, and somebody for a value that nobody has."""

    def fault(seen: Request, honest: Reply) -> Reply:
        odd = re.fullmatch(r'userName eq "[0-9a-f-]{36}"', seen.query.get("filter", ""))
        return Reply.of(listing(users(1), 1)) if odd else honest

    with FaultServer(fault) as server, open_target(server.url) as target:
        for number in (3, 4):
            name = f"user{number}@contoso.example"
            assert [user["id"] for user in target.search(USER, "userName", name)] == [f"u{number}"]

        filters = [seen.query["filter"] for seen in server.requests if "filter" in seen.query]
        assert len(filters) == 1


def test_a_filter_is_calibrated_once_however_many_ask_at_the_same_time() -> None:
    with (
        FaultServer() as server,
        open_target(server.url) as target,
        ThreadPoolExecutor(8) as pool,
    ):
        names = [f"nobody{number}@contoso.example" for number in range(16)]
        found = list(pool.map(lambda name: target.search(USER, "userName", name), names))

        assert found == [[]] * 16
        assert len(server.asked("/Users")) == 3 + 16


def test_a_control_that_is_answered_with_something_else_is_an_error() -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        return honest if "filter" in seen.query else Reply.of({})

    with (
        FaultServer(fault) as server,
        open_target(server.url) as target,
        pytest.raises(TargetMisbehaved, match="not a SCIM ListResponse"),
    ):
        target.search(USER, "userName", NOBODY)


def test_nobody_in_an_empty_service_is_believed() -> None:
    with FaultServer(people=[]) as server, open_target(server.url) as target:
        assert target.search(USER, "userName", "ada@contoso.example") == []


def test_neither_filter_nor_listing_can_be_trusted() -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        return Reply.of(listing(users(3), 7))

    with (
        FaultServer(fault) as server,
        open_target(server.url) as target,
        pytest.raises(TargetMisbehaved, match="nor its listing: page 2 repeats"),
    ):
        target.search(USER, "userName", NOBODY)


def outcomes(fault: Fault | Lie | None) -> dict[str, Outcome]:
    with FaultServer(fault) as server, open_target(server.url) as target:
        report = probe(target, NOBODY)

        assert server.writes == []
    return {finding.title: finding.outcome for finding in report.findings}


def test_the_probe_of_an_honest_service() -> None:
    found = outcomes(None)

    assert found["filter"] is Outcome.OK
    assert found["paging"] is Outcome.OK
    assert found["discovery"] is Outcome.WARN


@pytest.mark.parametrize("name", ["ignored", "finds-nobody", "minds-case"])
def test_the_probe_warns_of_a_filter_that_lies(name: str) -> None:
    assert outcomes(FAULTS[f"filter-{name}"])["filter"] is Outcome.WARN


def test_the_probe_fails_where_small_pages_do_not_add_up() -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        small = int(seen.query.get("count", "100")) < 7
        return Reply.of(listing(users(2), 7)) if small else honest

    found = outcomes(fault)

    assert found["users"] is Outcome.OK
    assert found["paging"] is Outcome.FAIL


def test_the_probe_of_an_empty_service() -> None:
    with FaultServer(people=[]) as server, open_target(server.url) as target:
        report = probe(target, NOBODY)

    assert report.usable
    assert "there is nobody to be found yet" in " ".join(f.sentence for f in report.findings)


def test_the_probe_fails_where_small_pages_list_others() -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        if seen.query.get("count") != "2":
            return honest
        start = int(seen.query["startIndex"]) - 1
        others = [{**user, "id": f"other-{user['id']}"} for user in users(7)]
        return Reply.of(listing(others[start : start + 2], 7))

    with FaultServer(fault) as server, open_target(server.url) as target:
        report = probe(target, NOBODY)

    assert not report.usable
    assert "pages of 2 list other users than large pages do" in [
        finding.sentence for finding in report.findings
    ]


def test_the_probe_does_not_read_a_large_service_in_small_pages() -> None:
    with FaultServer(people=users(501)) as server, open_target(server.url) as target:
        report = probe(target, NOBODY)

        assert report.usable
        assert {seen.query.get("count") for seen in server.asked("/Users")} == {"100", None}


def test_the_probe_fails_on_a_listing_that_is_not_complete() -> None:
    found = outcomes(FAULTS["total-high"])

    assert found["users"] is Outcome.FAIL
    assert found["paging"] is Outcome.FAIL


def test_a_service_without_groups_is_only_warned_of() -> None:
    def no_groups(seen: Request) -> Reply | None:
        return Reply.of({"detail": "no groups here"}, 404) if seen.path == "/Groups" else None

    with FaultServer(answer=no_groups) as server, open_target(server.url) as target:
        report = probe(target, NOBODY)

    assert report.usable
    assert report.findings[-1].outcome is Outcome.WARN
    assert "no groups here" in report.findings[-1].sentence


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Reply.of({}), TargetMisbehaved, id="no ListResponse"),
        pytest.param(Reply.of({}, 403), NotAuthorized, id="forbidden"),
    ],
)
def test_a_filter_that_is_answered_with_an_error_is_one(
    answer: Reply, kind: type[Exception]
) -> None:
    def fault(seen: Request, honest: Reply) -> Reply:
        return answer if "filter" in seen.query else honest

    with (
        FaultServer(fault) as server,
        open_target(server.url) as target,
        pytest.raises(kind),
    ):
        target.search(USER, "userName", NOBODY)


def test_a_control_whose_letters_do_not_survive_a_change_of_case_keeps_its_case() -> None:
    people = [{**users(1)[0], "userName": "ışık@contoso.example"}]
    with FaultServer(people=people) as server, open_target(server.url) as target:
        assert target.search(USER, "userName", NOBODY) == []

        assert 'userName eq "ışık@contoso.example"' in [
            seen.query.get("filter") for seen in server.requests
        ]


def test_a_filter_that_gives_only_part_of_its_hits_is_not_believed() -> None:
    people = [{**user, "displayName": "Sales"} for user in users(3)]

    def fault(seen: Request, honest: Reply) -> Reply:
        rows = honest.json()["Resources"]
        return Reply.of(listing(rows[:1], 3)) if "filter" in seen.query else honest

    with FaultServer(fault, people=people) as server, open_target(server.url) as target:
        assert len(target.search(USER, "displayName", "sales")) == 3
