"""What `probe --write-profile` measures: against a real server, and against ones with one quirk."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.config import SourceText, load_profile
from reconciler.live.client import ScimTarget
from reconciler.live.measure import Measured, measure
from reconciler.live.measured_text import measured_text
from reconciler.live.probe import probe
from reconciler.profiles import Profile
from reconciler.testing import FAULTS, Fault, Reply, Request
from tests.servers import FaultServer, Lie, listing, open_target, users

NOBODY = "2f0c2d4e-7d0b-4c53-8a63-6e0a1a1d2f55"
MEMBER = {"value": "u1", "type": "User"}
Answering = Callable[[Request], Reply | None]


def measured(target: ScimTarget) -> tuple[Measured, ...]:
    return measure(target, probe(target, NOBODY), NOBODY)


def written(found: tuple[Measured, ...]) -> Profile:
    """Return the profile that the written file is."""
    text = measured_text(found, "https://crm.example/scim/v2")
    return load_profile("crm.yaml", lambda path: SourceText(path, text))


def profile_of(fault: Fault | Lie | None = None, **more: Any) -> Profile:
    """Return the profile that is measured of a service with a fault."""
    with FaultServer(fault, **more) as server, open_target(server.url) as target:
        profile = written(measured(target))

        assert server.writes == []
    return profile


def left_out(fault: Fault | Lie | None = None, **more: Any) -> dict[str, str]:
    """Return the flags that could not be measured, and why."""
    with FaultServer(fault, **more) as server, open_target(server.url) as target:
        return {one.key: one.why for one in measured(target) if one.value is None}


def config(**parts: Any) -> dict[str, Any]:
    return {"schemas": [], **{name: {"supported": able} for name, able in parts.items()}}


def test_a_real_server(scim2: ScimTarget, request: pytest.FixtureRequest) -> None:
    profile = written(measured(scim2))

    by_cursor = request.node.callspec.params["scim2_url"] == "cursor"
    assert profile.paging.mode == ("cursor" if by_cursor else "index")
    assert profile.paging.max == (50 if by_cursor else 1000)
    assert profile.concurrency.etag == ("never" if by_cursor else "if_declared")
    assert profile.bulk.use == ("never" if by_cursor else "auto")
    assert (profile.list.members, profile.filter.lookup) == ("listed", None)
    assert profile.paging.count_param is True


def test_the_shipped_profile_of_the_real_server_says_what_is_measured(scim2: ScimTarget) -> None:
    found, shipped = written(measured(scim2)), load_profile("scim2-server")

    for key in ("discovery", "filter", "list", "write", "members"):
        assert getattr(found, key) == getattr(shipped, key)


def test_everything_that_is_measured_is_a_flag_of_a_profile() -> None:
    with FaultServer() as server, open_target(server.url) as target:
        for one in measured(target):
            flag: Any = Profile()
            for step in one.key.split("."):
                flag = getattr(flag, step)


# discovery, and what a service declares


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"ServiceProviderConfig", "Schemas", "ResourceTypes"}, "full"),
        ({"ServiceProviderConfig"}, "partial"),
        (set(), "none"),
    ],
    ids=["all", "one", "none"],
)
def test_discovery(there: set[str], expected: str) -> None:
    def answer(seen: Request) -> Reply | None:
        found = seen.path.strip("/") in there
        return Reply.of({} if "Config" in seen.path else []) if found else None

    assert profile_of(answer=answer).discovery == expected


def test_what_is_declared() -> None:
    able = profile_of(config=config(patch=True, bulk=True, etag=True))
    unable = profile_of(config=config(patch=False, bulk=False, etag=False))

    assert (able.write.user_update, unable.write.user_update) == (None, "put")
    assert (able.write.group_update, unable.write.group_update) == (None, "put")
    assert (able.bulk.use, unable.bulk.use) == ("auto", "never")
    assert (able.concurrency.etag, unable.concurrency.etag) == ("if_declared", "never")


def test_what_nobody_declares_is_left_out() -> None:
    assert {"write.user_update", "bulk.use", "concurrency.etag"} <= set(left_out())


# pages


def caps_pages(seen: Request, honest: Reply) -> Reply:
    start = int(seen.query.get("startIndex", "1")) - 1
    size = min(3, int(seen.query.get("count", "100")))
    return honest if "filter" in seen.query else Reply.of(listing(users(7)[start:][:size], 7))


def ignores_count(seen: Request, honest: Reply) -> Reply:
    start = int(seen.query.get("startIndex", "1")) - 1
    return honest if "filter" in seen.query else Reply.of(listing(users(7)[start:][:4], 7))


def fails_on_count(seen: Request, honest: Reply) -> Reply:
    return Reply.of({"detail": "no"}, 400) if "count" in seen.query else honest


@pytest.mark.parametrize(
    ("fault", "largest", "count"),
    [
        (None, None, True),
        (caps_pages, 3, True),
        (ignores_count, 4, False),
        (fails_on_count, None, False),
    ],
)
def test_how_large_pages_get(fault: Lie | None, largest: int | None, count: bool) -> None:
    paging = profile_of(fault).paging

    assert (paging.mode, paging.max, paging.count_param) == ("index", largest, count)


def test_a_declared_limit_of_pages_is_taken() -> None:
    declared = {**config(patch=True), "filter": {"supported": True, "maxResults": 20}}

    assert profile_of(config=declared).paging.max == 20


def test_nothing_is_said_of_the_pages_of_a_listing_that_is_not_complete() -> None:
    why = left_out(FAULTS["total-high"])

    assert {"paging.mode", "paging.max", "paging.count_param"} <= set(why)
    assert "the listing of users is not complete" in why["paging.mode"]


# filters


def ignores_filters(seen: Request, honest: Reply) -> Reply:
    return Reply.of(listing(users(7), 7)) if "filter" in seen.query else honest


def refuses_filters(seen: Request, honest: Reply) -> Reply:
    return Reply.of({"scimType": "invalidFilter"}, 400) if "filter" in seen.query else honest


def compares_with_case(seen: Request, honest: Reply) -> Reply:
    wanted = seen.query.get("filter", "")
    exact = [user for user in users(7) if f'"{user["userName"]}"' in wanted]
    return Reply.of(listing(exact, len(exact))) if wanted else honest


def fails_on_external_ids(seen: Request, honest: Reply) -> Reply:
    wrong = "externalId" in seen.query.get("filter", "")
    return Reply.of({"detail": "oops"}, 500) if wrong else honest


@pytest.mark.parametrize(
    ("fault", "lookup", "cased"),
    [
        pytest.param(None, None, False, id="honest"),
        pytest.param(ignores_filters, (), False, id="ignored"),
        pytest.param(refuses_filters, (), False, id="refused"),
        pytest.param(compares_with_case, None, True, id="with case"),
        pytest.param(fails_on_external_ids, ("userName",), False, id="one attribute fails"),
    ],
)
def test_filters(fault: Lie | None, lookup: tuple[str, ...] | None, cased: bool) -> None:
    found = profile_of(fault).filter

    assert (found.lookup, found.case_sensitive) == (lookup, cased)


def test_of_a_service_without_anybody_no_filter_is_judged() -> None:
    why = left_out(people=[])

    assert why["filter.lookup"] == "there is nobody to be found yet"
    assert "filter.case_sensitive" in why
    assert "paging.count_param" in why


# members


def leaves_members_out(seen: Request) -> Reply | None:
    bare = {"id": "g1", "displayName": "Sales"}
    return Reply.of(listing([bare], 1)) if seen.path == "/Groups" else None


def has_no_groups(seen: Request) -> Reply | None:
    return Reply.of({"detail": "no groups here"}, 404) if seen.path == "/Groups" else None


SALES = {"id": "g1", "displayName": "Sales", "members": [MEMBER]}


@pytest.mark.parametrize(
    ("answer", "groups", "expected"),
    [
        pytest.param(None, [SALES], "listed", id="in the list"),
        pytest.param(leaves_members_out, [SALES], "one_by_one", id="not in the list"),
    ],
)
def test_where_members_are(answer: Answering | None, groups: Any, expected: str) -> None:
    assert profile_of(answer=answer, groups=groups).list.members == expected


@pytest.mark.parametrize(
    ("answer", "groups"),
    [(None, []), (None, [{**SALES, "members": []}]), (has_no_groups, [])],
    ids=["no group", "an empty group", "no groups at all"],
)
def test_where_members_are_cannot_be_seen_without_any(
    answer: Answering | None, groups: Any
) -> None:
    assert "list.members" in left_out(answer=answer, groups=groups)
