"""
Plan, apply, plan again: a company over four months, on a real server over a socket.

The server pages by index in one run and by cursor only in the other, in pages so
small that everybody comes in several. Each month is planned, applied, and
planned again with nothing left to do; what the tests look at is what the server
answers afterwards.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.live.client import ScimTarget
from reconciler.states import ResourceType
from tests.e2e.company import ENTERPRISE, GROUP, TOKEN_NAME, Company, account
from tests.servers import CURSOR_ONLY, TOKEN, open_target, scim2_server

USER_TYPE, GROUP_TYPE = ResourceType.USER, ResourceType.GROUP
CURSOR = {**CURSOR_ONLY, "filter": {"supported": True, "maxResults": 7}}
INDEX = {
    **CURSOR,
    "pagination": {
        "cursor": False,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 7,
        "maxPageSize": 7,
    },
}
GENEROUS = {
    "accidental_deletions": {"enabled": True, "at_most": 50, "percent": 60},
    "delete_users": {"at_most": 10, "percent": 60},
    "delete_groups": {"at_most": 5, "percent": 60},
    "remove_members": {"at_most": 200, "percent": 60},
    "revoke_roles": {"at_most": 25, "percent": 60},
    "rename_users": {"at_most": 25, "percent": 60},
    "enable_users": {"at_most": 20, "percent": 60},
    "source_shrinks": {"percent": 60},
}
"""Limits that let a small company change as much as this one does."""

ASSIGNMENTS: list[dict[str, str]] = [
    {"group": "Staff", "role": "User"},
    {"group": "Club", "role": "User"},
    {"user": "zoë@contoso.example", "role": "Administrator"},
]


@dataclass
class Month:
    """What one month came to."""

    operations: list[tuple[str, str]]
    users: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, Any]]
    again: int
    """Exit code of the plan after the apply, with --detailed-exitcode."""


@dataclass
class Story:
    """Everything that happened on one server."""

    local: dict[str, dict[str, Any]]
    """Accounts and groups of the target that are not ours, as they were before."""
    unmanaged: dict[str, Any]
    pages: int
    """How many pages a listing of users takes."""
    months: dict[str, Month] = field(default_factory=dict)
    local_after: dict[str, dict[str, Any]] = field(default_factory=dict)


def everything(target: ScimTarget) -> dict[str, dict[str, Any]]:
    """Return every resource by id."""
    kinds = (USER_TYPE, GROUP_TYPE)
    return {each["id"]: each for kind in kinds for each in target.list(kind).resources}


def month(company: Company, target: ScimTarget, *arguments: str) -> Month:
    """Plan, apply, plan again."""
    company.plan(*arguments)
    operations = company.operations()
    company.apply()
    company.write()
    again = company.run("plan", "--no-store", "--detailed-exitcode", *arguments, "app").code
    users = {user["userName"]: user for user in target.list(USER_TYPE).resources}
    groups = {group["displayName"]: group for group in target.list(GROUP_TYPE).resources}
    return Month(operations, users, groups, again)


def populate(target: ScimTarget) -> None:
    """Let the target have people before we come: five of ours, and six of nobody's."""
    for name in ("p00", "P01", "p02"):
        known = {"displayName": "Old Name", "nickName": name}
        target.create(USER_TYPE, account(f"{name}@contoso.example", **known))
    renamed = {"externalId": "p03", "displayName": "Person 03"}
    target.create(USER_TYPE, account("former.name@contoso.example", **renamed))
    asleep = {"externalId": "p04", "active": False, "displayName": "Person 04"}
    target.create(USER_TYPE, account("p04@contoso.example", **asleep))
    strangers = [
        target.create(USER_TYPE, account(f"local{number}@vendor.example", title="By hand"))["id"]
        for number in range(6)
    ]
    members = [{"value": stranger, "type": "User"} for stranger in strangers]
    by_hand = {"schemas": [GROUP], "displayName": "By hand", "members": members}
    target.create(GROUP_TYPE, by_hand)


def found(company: Company) -> None:
    """Hire twenty people: some with managers, titles, diacritics; two groups, one in the other."""
    company.application = {
        "assignments": ASSIGNMENTS,
        "safety": GENEROUS,
        "lifecycle": {"deleted_at_source": "disable", "delete_after": "30d"},
    }
    for number in range(18):
        company.hire(
            f"p{number:02}",
            displayName=f"Person {number:02}",
            surname="Müller-Łukasiewicz" if number % 2 else "Null",
            mail=f"p{number:02}@contoso.example",
            department="Forschung & Entwicklung",
            manager="p00" if number else "",
        )
    company.hire("zoe", userPrincipalName="zoë@contoso.example", displayName="Zoë Nguyễn")
    company.hire("new", displayName="İpek Yılmaz", manager="zoe")
    company.group("Club")["members"] = ["p01", "p02", "p05", "p06", "g-board"]
    company.group("Board")["members"] = ["p00", "zoe"]
    company.application["assignments"] = [*ASSIGNMENTS, {"group": "Board", "role": "User"}]


def second_month(company: Company) -> None:
    """A rename, a promotion, people who leave in every way, somebody new."""
    company.people["p05"]["userPrincipalName"] = "married@contoso.example"
    company.people["p06"]["jobTitle"] = "Head of “Größe”"
    company.people["p07"]["accountEnabled"] = "false"
    company.people["p08"]["isDeleted"] = "true"
    company.lose("p09")
    company.group("Staff")["members"].remove("p10")
    company.hire("arrived", displayName="Søren", manager="new")
    company.group("Club")["members"] = ["p02", "p05", "arrived", "g-board"]
    company.group("Club")["displayName"] = "Société"
    company.application["assignments"][1] = {"group": "Société", "role": "User"}


def third_month(company: Company) -> None:
    """Those who were disabled come back; the manager changes."""
    company.people["p07"]["accountEnabled"] = "true"
    company.people["p08"]["isDeleted"] = "false"
    company.group("Staff")["members"].append("p10")
    company.people["p11"]["manager"] = "zoe"
    company.people["p12"]["manager"] = ""


def last_month(company: Company) -> None:
    """Deletion is allowed: a group is unassigned, one person is gone, one is unassigned."""
    company.application["lifecycle"] = {"leaves_scope": "delete", "deleted_at_source": "delete"}
    company.application["assignments"] = [
        one for one in company.application["assignments"] if one.get("group") != "Société"
    ]
    company.lose("p13")
    company.group("Staff")["members"].remove("p14")


@pytest.fixture(scope="module", params=[INDEX, CURSOR], ids=["by index", "by cursor"])
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Let four months pass on one server."""
    folder = tmp_path_factory.mktemp("round-trip")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_NAME, TOKEN)
        with scim2_server(folder, request.param) as url, open_target(url) as target:
            yield played(Company(folder / "company", url), target)


def played(company: Company, target: ScimTarget) -> Story:
    """Return what happened."""
    populate(target)
    before = everything(target)
    found(company)
    first = month(company, target, "--as-of", "2026-11-01")
    unmanaged = company_unmanaged(company)
    ours = {link for link in linked(company) if link in before}
    story = Story(
        local={key: value for key, value in before.items() if key not in ours},
        unmanaged=unmanaged,
        pages=-(-len(first.users) // 7),
    )
    story.months["first"] = first
    for name, change, day in (
        ("second", second_month, "2026-11-02"),
        ("third", third_month, "2026-11-20"),
        ("later", lambda company: None, "2027-01-31"),
        ("last", last_month, "2027-02-01"),
    ):
        change(company)
        story.months[name] = month(company, target, "--as-of", day)
    after = everything(target)
    story.local_after = {key: after[key] for key in story.local if key in after}
    return story


def company_unmanaged(company: Company) -> dict[str, Any]:
    body: dict[str, Any] = company.body()
    unmanaged: dict[str, Any] = body["unmanaged"]
    return unmanaged


def linked(company: Company) -> set[str]:
    """Return the ids of what the newest plan linked."""
    operations = company.body()["operations"]
    return {op["target_id"] for op in operations if op["action"] == "link"}


def canonical(resources: Mapping[str, Any]) -> str:
    return json.dumps(resources, sort_keys=True, ensure_ascii=False)


def done_to(one: Month, key: str) -> list[str]:
    """Return the actions of a month on one account or group."""
    return [action for action, name in one.operations if name == key]


def test_everybody_came_in_several_pages(story: Story) -> None:
    assert story.pages >= 4


@pytest.mark.parametrize("name", ["first", "second", "third", "later", "last"])
def test_after_every_apply_there_is_nothing_left_to_do(name: str, story: Story) -> None:
    assert story.months[name].again == 0


def test_ruling_9_the_first_plan_links_who_is_there_already(story: Story) -> None:
    first = story.months["first"]

    assert sorted(name for action, name in first.operations if action == "link") == [
        f"p{number:02}@contoso.example" for number in range(5)
    ]
    assert sum(action == "create" for action, _ in first.operations) == 15 + 3
    assert first.users["p03@contoso.example"]["externalId"] == "p03"
    assert "former.name@contoso.example" not in first.users


def test_what_nobody_maps_stays_on_a_linked_account(story: Story) -> None:
    assert story.months["last"].users["p00@contoso.example"]["nickName"] == "p00"


def test_ruling_8_local_accounts_stay_byte_for_byte_as_they_were(story: Story) -> None:
    assert len(story.local) == 6 + 1
    assert canonical(story.local_after) == canonical(story.local)
    assert story.unmanaged["count"] == 6
    assert {one["label"] for one in story.unmanaged["sample"]} == {"local"}


def test_accounts_are_what_the_mappings_say(story: Story) -> None:
    user = story.months["first"].users["zoë@contoso.example"]

    assert user["displayName"] == "Zoë Nguyễn"
    assert user["externalId"] == "zoe"
    assert user["active"] is True
    assert user["title"] == "Employee"
    assert [role["value"] for role in user["roles"]] == ["admin"]
    newcomer = story.months["first"].users["new@contoso.example"]
    assert newcomer[ENTERPRISE]["manager"]["value"] == user["id"]
    other = story.months["first"].users["p05@contoso.example"]
    assert other["name"]["familyName"] == "Müller-Łukasiewicz"
    assert other["emails"][0]["value"] == "p05@contoso.example"
    assert other["emails"][0]["type"] == "work"
    assert other[ENTERPRISE]["department"] == "Forschung & Entwicklung"


def members(one: Month, group: str) -> set[str]:
    """Return the names of the members of a group."""
    names = {user["id"]: name for name, user in one.users.items()}
    names |= {each["id"]: name for name, each in one.groups.items()}
    return {names[member["value"]] for member in one.groups[group].get("members", [])}


def test_groups_have_their_members_and_groups_in_them(story: Story) -> None:
    first = story.months["first"]

    assert members(first, "Board") == {"p00@contoso.example", "zoë@contoso.example"}
    people = {"P01", "p02", "p05", "p06"}
    assert {name.lower() for name in members(first, "Club")} == {
        *(f"{name.lower()}@contoso.example" for name in people),
        "board",
    }
    assert len(members(first, "Staff")) == 20


def test_a_rename_keeps_the_account(story: Story) -> None:
    before = story.months["first"].users["p05@contoso.example"]
    after = story.months["second"].users["married@contoso.example"]

    assert after["id"] == before["id"]
    assert "p05@contoso.example" not in story.months["second"].users


def test_ruling_6_whoever_leaves_is_disabled(story: Story) -> None:
    second = story.months["second"]

    for name in ("p07", "p08", "p09", "p10"):
        assert done_to(second, f"{name}@contoso.example") == ["disable"]
        assert second.users[f"{name}@contoso.example"]["active"] is False


def test_ruling_12_who_is_disabled_keeps_the_memberships(story: Story) -> None:
    assert "p07@contoso.example" in members(story.months["second"], "Staff")


def test_a_group_that_is_renamed_stays_the_same_group(story: Story) -> None:
    first, second = story.months["first"], story.months["second"]

    assert second.groups["Société"]["id"] == first.groups["Club"]["id"]
    assert members(second, "Société") == {
        "p02@contoso.example",
        "married@contoso.example",
        "arrived@contoso.example",
        "Board",
    }


def test_whoever_comes_back_is_enabled(story: Story) -> None:
    third = story.months["third"]

    for name in ("p07", "p08", "p10"):
        assert done_to(third, f"{name}@contoso.example") == ["enable"]
        assert third.users[f"{name}@contoso.example"]["active"] is True
    assert done_to(third, "p09@contoso.example") == []


def test_managers_change_and_go(story: Story) -> None:
    users = story.months["third"].users

    manager = users["p11@contoso.example"][ENTERPRISE]["manager"]
    assert manager["value"] == users["zoë@contoso.example"]["id"]
    kept = users["p12@contoso.example"][ENTERPRISE]["manager"]
    assert kept["value"] == users["p00@contoso.example"]["id"], "a null is not written (ruling 2)"


def test_ruling_6_delete_after_deletes_who_is_gone_and_was_disabled_by_us(story: Story) -> None:
    later = story.months["later"]

    assert later.operations == [("remove_members", "Staff"), ("delete", "p09@contoso.example")]
    assert "p09@contoso.example" not in later.users
    assert "p09@contoso.example" not in members(later, "Staff")


def test_whoever_may_be_deleted_is_deleted(story: Story) -> None:
    last = story.months["last"]

    deleted = [name for action, name in last.operations if action == "delete"]
    assert sorted(deleted) == ["Société", "p13@contoso.example", "p14@contoso.example"]
    assert "Société" not in last.groups
    assert {"p13@contoso.example", "p14@contoso.example"}.isdisjoint(last.users)


def test_ruling_11_who_goes_leaves_the_groups_first(story: Story) -> None:
    operations = story.months["last"].operations

    removal = operations.index(("remove_members", "Staff"))
    assert removal < min(i for i, (action, _) in enumerate(operations) if action == "delete")
    left = {member["value"] for member in story.months["last"].groups["Staff"]["members"]}
    gone = ("p13@contoso.example", "p14@contoso.example")
    assert left.isdisjoint(story.months["later"].users[name]["id"] for name in gone)


def test_nobody_exists_twice(story: Story) -> None:
    for one in story.months.values():
        external = [user["externalId"] for user in one.users.values() if "externalId" in user]
        assert len(external) == len(set(external))
