"""Flags of a profile that the reader acts on, on a real server and on one that misbehaves."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.live.client import ScimTarget
from reconciler.profiles.model import Profile
from reconciler.scim.errors import TargetMisbehaved
from reconciler.states import ResourceType
from tests.e2e.company import GROUP, USER, Sandbox
from tests.servers import TOKEN, open_target

MEMBERS = frozenset({"members"})
NAMES = frozenset({"userName", "nickName"})
"""What the listings of users below must show."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A service with seven people and two groups."""
    with Sandbox() as made:
        with made.by_hand() as target:
            ids = [
                target.create(ResourceType.USER, {"schemas": [USER], "userName": f"u{n}"})["id"]
                for n in range(7)
            ]
            for name in ("Ops", "Sales"):
                members = [{"value": each} for each in ids[:3]]
                body = {"schemas": [GROUP], "displayName": name, "members": members}
                target.create(ResourceType.GROUP, body)
        yield made


@pytest.fixture
def asked(sandbox: Sandbox) -> list[tuple[str, str]]:
    sandbox.requests.clear()
    return sandbox.requests


def target(sandbox: Sandbox, **said: Any) -> ScimTarget:
    """Return a client that knows a profile."""
    with open_target(sandbox.url, TOKEN) as plain:
        return ScimTarget(plain._transport, Profile.model_validate(said), 3)


@pytest.mark.parametrize(
    ("paging", "pages"),
    [
        ({"max": 2}, 4),
        ({"max": 7}, 2),
        ({"max": 7, "trust_total": True}, 1),
        ({"max": 3, "trust_total": True}, 3),
        ({"mode": "none"}, 1),
        ({"count_param": False}, 2),
    ],
    ids=str,
)
def test_pages_are_asked_for_as_the_profile_says(
    paging: dict[str, Any], pages: int, sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    listing = target(sandbox, paging=paging).list(ResourceType.USER)

    assert (len(listing.resources), listing.complete) == (7, True)
    assert asked.count(("GET", "/Users")) == pages


def test_groups_whose_listing_leaves_members_out_are_read_one_by_one(
    sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    listing = target(sandbox, list={"members": "one_by_one"}).list(ResourceType.GROUP, MEMBERS)

    assert [len(group["members"]) for group in listing.resources] == [3, 3]
    assert len([path for _, path in asked if path.startswith("/Groups/")]) == 2


def test_members_that_nobody_needs_are_not_read(
    sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    names = frozenset({"displayName"})
    listing = target(sandbox, list={"members": "one_by_one"}).list(ResourceType.GROUP, names)

    assert [group.get("members") for group in listing.resources] == [None, None]
    assert [path for _, path in asked if path.startswith("/Groups/")] == []


def test_a_group_that_is_gone_when_it_is_read_makes_the_listing_incomplete(
    sandbox: Sandbox, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScimTarget, "get", lambda *_: None)

    listing = target(sandbox, list={"members": "one_by_one"}).list(ResourceType.GROUP, MEMBERS)

    assert not listing.complete
    assert "was gone when it was read" in str(listing.problem)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, ["id", "meta", "nickName", "schemas", "title", "userName"]),
        ({"attributes": ("title",)}, ["id", "nickName", "schemas", "title", "userName"]),
        (
            {"excluded_attributes": ("title", "USERNAME")},
            ["id", "meta", "nickName", "schemas", "userName"],
        ),
        (
            {"attributes": ("id",), "excluded_attributes": ("userName",)},
            ["id", "nickName", "schemas", "userName"],
        ),
    ],
    ids=str,
)
def test_a_listing_shows_what_the_profile_says_and_what_is_needed(
    said: dict[str, Any], shown: list[str], sandbox: Sandbox
) -> None:
    with sandbox.by_hand() as client:
        body = {"schemas": [USER], "userName": "u9", "title": "Clerk", "nickName": "Ninth"}
        made = client.create(ResourceType.USER, body)["id"]

    listing = target(sandbox, list=said).list(ResourceType.USER, NAMES)

    with sandbox.by_hand() as client:
        client.delete(ResourceType.USER, made)
    assert sorted(next(row for row in listing.resources if row["id"] == made)) == shown


def test_a_service_that_cannot_be_listed_is_never_complete(
    sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    listing = target(sandbox, list={"complete": False}).list(ResourceType.USER)

    assert (listing.complete, listing.resources, asked) == (False, (), [])


@pytest.mark.parametrize(
    ("lookup", "filters"), [(None, True), (["externalId"], False), ([], False)]
)
def test_only_attributes_that_the_service_knows_are_filtered_by(
    lookup: list[str] | None, filters: bool, sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    said = {} if lookup is None else {"lookup": tuple(lookup)}
    flags = {"calibrate": False, **said}
    client = target(sandbox, paging={"max": 100}, filter=flags)

    found = client.search(ResourceType.USER, "userName", "u3")

    assert [user["userName"] for user in found] == ["u3"]
    assert (asked.count(("GET", "/Users")) == 1) is filters


@pytest.mark.parametrize(("calibrate", "requests"), [(True, 3 + 2), (False, 2)])
def test_a_filter_is_calibrated_unless_the_profile_trusts_it(
    calibrate: bool, requests: int, sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    client = target(sandbox, filter={"calibrate": calibrate})

    for name in ("u3", "nobody"):
        client.search(ResourceType.USER, "userName", name)

    assert asked.count(("GET", "/Users")) == requests


@pytest.mark.parametrize(("told", "requests"), [("none", 0), ("partial", 3), ("full", 3)])
def test_the_service_is_asked_what_it_can_do_as_the_profile_says(
    told: str, requests: int, sandbox: Sandbox, asked: list[tuple[str, str]]
) -> None:
    capabilities = target(sandbox, discovery=told).discover()

    assert len(asked) == requests
    assert capabilities.patch


def test_a_document_that_must_be_there_and_is_not_is_an_error(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = target(sandbox, discovery="full")
    real = client._read

    def without_schemas(segments: Any, query: Any = None) -> Any:
        return real(("Nowhere",) if segments == ("Schemas",) else segments, query)

    monkeypatch.setattr(client, "_read", without_schemas)

    with pytest.raises(TargetMisbehaved, match="Schemas"):
        client.discover()
