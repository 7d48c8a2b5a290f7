"""What we rely on, against a real server over a socket: by index, and by cursor only."""

import pytest

from reconciler.live.client import ScimTarget
from reconciler.live.probe import Outcome, probe
from reconciler.live.read import read_live
from reconciler.live.saved import dump_live, load_live
from reconciler.scim.errors import Conflict, NotAuthorized, NotFound, TargetRefused
from reconciler.states import ResourceType
from tests.servers import open_target

PEOPLE = 23
USER = ResourceType.USER
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
NOBODY = "2f0c2d4e-7d0b-4c53-8a63-6e0a1a1d2f55"


def body(name: str) -> dict[str, object]:
    return {"schemas": [CORE], "userName": name, "active": True}


def test_everybody_is_read_and_the_reading_is_proved(scim2: ScimTarget) -> None:
    live = read_live(scim2, dict.fromkeys(ResourceType))

    assert live.users.complete, live.users.problem
    assert len(live.users.resources) == PEOPLE
    assert live.groups is not None
    assert live.groups.complete, live.groups.problem
    assert len(live.groups.resources[0]["members"]) == PEOPLE


def test_without_groups_they_are_not_even_read(scim2: ScimTarget) -> None:
    assert read_live(scim2, {ResourceType.USER: None}).groups is None


@pytest.mark.parametrize("size", [1, 7, PEOPLE, 50])
def test_pages_of_any_size_add_up(scim2: ScimTarget, size: int) -> None:
    listing = scim2.list(USER, page_size=size)

    assert listing.complete, listing.problem
    assert len(listing.resources) == PEOPLE


def test_discovery(scim2: ScimTarget) -> None:
    found = scim2.discover()

    assert found.patch is True
    assert found.missing == ()
    assert found.index_paging is not (found.max_page_size == 50)
    assert CORE in found.schemas.urns("User")


def test_the_digest_of_a_service_does_not_change_by_itself(scim2: ScimTarget) -> None:
    assert scim2.discover().digest == scim2.discover().digest


def test_a_live_state_survives_a_file(scim2: ScimTarget) -> None:
    live = read_live(scim2, dict.fromkeys(ResourceType))

    assert load_live(dump_live(live)) == live


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        pytest.param("userName", "Person7@contoso.example", 1, id="as it is spelled"),
        pytest.param("userName", "PERSON7@CONTOSO.EXAMPLE", 1, id="userName has no case"),
        pytest.param("externalId", "anchor-7", 1, id="externalId"),
        pytest.param("externalId", "ANCHOR-7", 0, id="externalId has case"),
        pytest.param("userName", NOBODY, 0, id="nobody"),
        pytest.param("userName", 'x" or userName pr or userName eq "x', 0, id="an injection"),
        pytest.param("userName", "\ud800", 0, id="half a character"),
    ],
)
def test_searching(scim2: ScimTarget, path: str, value: str, found: int) -> None:
    assert len(scim2.search(USER, path, value)) == found


def test_the_life_of_a_user(scim2: ScimTarget) -> None:
    created = scim2.create(USER, body("ada@contoso.example"))
    scim2.patch(USER, created["id"], [{"op": "replace", "path": "active", "value": False}])
    disabled = scim2.get(USER, created["id"])
    scim2.delete(USER, created["id"])

    assert disabled is not None
    assert disabled["active"] is False
    assert scim2.get(USER, created["id"]) is None


def test_deleting_what_is_gone_is_said_to_be(scim2: ScimTarget) -> None:
    with pytest.raises(NotFound):
        scim2.delete(USER, NOBODY)

    assert scim2.get(USER, NOBODY) is None


def test_changing_what_is_gone_is_not(scim2: ScimTarget) -> None:
    with pytest.raises(NotFound):
        scim2.patch(USER, NOBODY, [{"op": "replace", "path": "active", "value": False}])


def test_a_name_that_is_taken_is_a_conflict(scim2: ScimTarget) -> None:
    with pytest.raises(Conflict):
        scim2.create(USER, body("person7@contoso.example"))


def test_what_the_server_does_not_know_is_refused_with_its_words(scim2: ScimTarget) -> None:
    with pytest.raises(TargetRefused, match="400 to POST /Users: ") as caught:
        scim2.create(USER, {**body("eve@contoso.example"), "shoeSize": 43})

    assert caught.value.detail != ""


def test_a_wrong_token_is_refused(scim2_url: str) -> None:
    with open_target(scim2_url, token="wrong") as target, pytest.raises(NotAuthorized):
        target.discover()


def test_the_probe_is_content(scim2: ScimTarget) -> None:
    report = probe(scim2, NOBODY)

    assert [f for f in report.findings if f.outcome is not Outcome.OK] == []
    assert report.usable
