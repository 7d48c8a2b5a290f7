"""Ruling 12: who joins a group, and who is left in it."""

import pytest

from reconciler.directory import SourceGroup, Subject
from reconciler.plan.operation import Action
from reconciler.states import ResourceType
from tests.unit.plan.teams import BOTH, STAFF, added, company, removed, team
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    of,
    person,
    settled,
    told,
    told_of_users,
)

WITHOUT_ACTIVE = {
    "users": [line for line in USER_MAPPINGS if line["target"] != "active"],
    "groups": GROUP_MAPPINGS,
}

# who leaves a group


def test_ruling_12_a_member_who_left_the_group_and_not_the_scope_is_removed() -> None:
    world = company("ada", "bob").becomes(groups=team("ada"))

    plan = world.plan()

    assert removed(plan) == ["bob@contoso.example"]
    assert told_of_users(plan) == []


LEAVING = {
    "unassigned": ([person("ada"), person("bob"), person("cyd")], ("ada", "cyd")),
    "disabled": (
        [person("ada"), person("bob", accountEnabled="false"), person("cyd")],
        ("ada", "bob", "cyd"),
    ),
    "soft-deleted": (
        [person("ada"), person("bob", isDeleted="true"), person("cyd")],
        ("ada", "bob", "cyd"),
    ),
    "gone": ([person("ada"), person("cyd")], ("ada", "cyd")),
}


@pytest.mark.parametrize("way", LEAVING)
@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_12_a_disabled_account_keeps_its_memberships(way: str, ownership: str) -> None:
    """In the plan that disables it, and ever after."""
    people, staff = LEAVING[way]
    world = company("ada", "bob", ownership=ownership)
    world.becomes(people, team("ada", staff=staff))

    assert told(world.plan().operations) == [("disable", "bob@contoso.example")]
    world.settle()
    assert told(world.plan().operations) == []


@pytest.mark.parametrize("way", ["unassigned", "soft-deleted", "gone"])
def test_ruling_12_an_account_that_is_kept_keeps_its_memberships(way: str) -> None:
    people, staff = LEAVING[way]
    lifecycle = {"leaves_scope": "keep", "deleted_at_source": "keep"}
    world = company("ada", "bob")
    world.becomes(people, team("ada", staff=staff), lifecycle=lifecycle)

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("way", ["unassigned", "soft-deleted", "gone"])
def test_ruling_12_an_account_that_is_deleted_leaves_its_groups_before(way: str) -> None:
    people, staff = LEAVING[way]
    lifecycle = {"leaves_scope": "delete", "deleted_at_source": "delete"}
    world = company("ada", "bob")
    world.becomes(people, team("ada", staff=staff), lifecycle=lifecycle)

    plan = world.plan()

    assert told(plan.operations) == [
        ("remove_members", "Staff"),
        ("remove_members", "Team"),
        ("delete", "bob@contoso.example"),
    ]


def test_ruling_12_an_account_that_is_off_keeps_its_memberships_until_it_is_deleted() -> None:
    """Not every service takes the deleted out of its groups by itself."""
    world = company("ada", "bob").becomes(groups=team("ada", staff=("ada", "cyd")))
    world.settle()
    assert told(world.plan().operations) == []
    world.becomes(lifecycle={"leaves_scope": "delete"})
    bob = world.account_of("bob")

    assert told(world.plan().operations) == [
        ("remove_members", "Staff"),
        ("remove_members", "Team"),
        ("delete", "bob@contoso.example"),
    ]
    world.settle()
    assert [bob in world.target.members(target) for target in world.target.groups] == [False, False]


def test_ruling_12_whom_another_plan_will_delete_is_removed_from_nothing_now() -> None:
    world = company("ada", "bob", lifecycle={"leaves_scope": "delete"})
    world.becomes(groups=team("ada", staff=("ada", "cyd")))

    assert told(world.plan(selected=frozenset({"g-team"})).operations) == []


def test_ruling_12_a_nested_group_that_is_deleted_leaves_its_group_before() -> None:
    nested = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = settled(person("ada"), groups=nested, assignments=BOTH)
    world.becomes(groups=nested, assignments=[STAFF], lifecycle={"leaves_scope": "delete"})

    assert told(world.plan().operations) == [("remove_members", "Staff"), ("delete", "Team")]


@pytest.mark.parametrize("changes", [False, True], ids=["as it should be", "to be updated"])
def test_ruling_12_a_member_who_is_off_and_stays_off_is_not_removed(changes: bool) -> None:
    world = company("ada", "bob").becomes(groups=team("ada"), mappings=WITHOUT_ACTIVE)
    world.user("bob").update(active=False, **({"displayName": "Former"} if changes else {}))

    plan = world.plan()

    assert removed(plan) == []
    assert [action for action, _ in told_of_users(plan)] == ["update"] * changes


def test_ruling_12_whoever_is_enabled_leaves_the_groups_they_are_not_in_any_more() -> None:
    """The account is active by then, and one plan settles it (INV-21)."""
    world = company("ada", "bob").becomes(groups=team("ada"))
    world.user("bob")["active"] = False

    assert told(world.plan().operations) == [
        ("enable", "bob@contoso.example"),
        ("remove_members", "Team"),
    ]
    world.settle()
    assert told(world.plan().operations) == []


@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_12_only_with_ownership_all_is_a_local_member_ours_to_judge(ownership: str) -> None:
    """With `all`, the local account leaves as a whole: it is disabled and keeps its place."""
    world = company("ada", ownership=ownership)
    world.target.add_user("local", "local@contoso.example", active=True)
    world.group("g-team")["members"].append({"value": "local"})

    plan = world.plan()

    assert removed(plan) == []
    assert told_of_users(plan) == (
        [("disable", "local@contoso.example")] if ownership == "all" else []
    )


def test_ruling_12_a_member_whom_nobody_knows_is_left_alone() -> None:
    world = company("ada")
    world.group("g-team")["members"] += [{"value": "ghost"}, {"display": "no id"}, "text"]

    assert told(world.plan().operations) == []


def test_ruling_9_somebody_who_is_linked_in_this_plan_stays_where_they_are() -> None:
    world = company("ada")
    local = world.target.add_user("local", "eve@contoso.example", active=True)
    team_id = world.account_of("g-team", ResourceType.GROUP)
    world.target.groups[team_id]["members"].append({"value": local})
    world.becomes([person("ada"), person("eve")], team("ada", staff=("ada", "eve")))

    plan = world.plan()

    assert [key for act, key in told(plan.operations) if act == "link"] == ["eve@contoso.example"]
    assert removed(plan) == []


def test_ruling_12_a_group_that_is_linked_in_this_plan_loses_nobody_in_it() -> None:
    world = company("ada", "bob").becomes(groups=team("ada"))
    links = {k: v for k, v in world.recorded.links.items() if k != (ResourceType.GROUP, "g-team")}
    world.recorded = type(world.recorded)(links)

    plan = world.plan()
    world.apply(plan)

    assert told(plan.operations) == [("link", "Team")]
    assert told(world.plan().operations) == [("remove_members", "Team")]


def test_ruling_9_a_group_that_is_linked_gets_updates_and_members() -> None:
    world = World(application(), directory([person("ada")]))
    world.target.add_group("t-1", "Staff", externalId="old")

    plan = world.plan()

    assert told(plan.operations) == [
        ("link", "Staff"),
        ("create", "ada@contoso.example"),
        ("add_members", "Staff"),
    ]
    [link] = of(plan, Action.LINK)
    assert [(c.path, c.before, c.after) for c in link.changes] == [("externalId", "old", "g-staff")]


def test_ruling_9_a_group_that_is_linked_loses_no_attribute() -> None:
    about = {
        "target": "urn:example:params:scim:schemas:Group:about",
        "source": "about",
        "clear": True,
    }
    mappings = {"users": USER_MAPPINGS, "groups": [*GROUP_MAPPINGS[:1], about]}
    world = World(application(mappings=mappings), directory([], [group("g-staff", "Staff")]))
    extension = {"urn:example:params:scim:schemas:Group": {"about": "us"}}
    world.target.add_group("t-1", "Staff", **extension)

    [operation] = world.plan().operations
    world.apply(world.plan())

    assert (operation.action, operation.changes) == (Action.LINK, ())
    assert told(world.plan().operations) == [("update", "Staff")]


# who joins a group


def test_only_members_with_an_account_are_added_and_the_others_are_counted() -> None:
    people = [person("ada"), person("bob"), person("eve")]
    world = World(
        application(assignments=BOTH), directory(people, team("ada", "eve", staff=("ada",)))
    )

    plan = world.plan()

    assert added(plan) == ["ada@contoso.example", "ada@contoso.example"]
    assert [warning.code for warning in plan.warnings] == ["UnableToResolveReferenceAttributeValue"]
    assert "Team" in plan.warnings[0].message


@pytest.mark.parametrize(
    "bob",
    [
        pytest.param(person("bob", accountEnabled="false"), id="disabled"),
        pytest.param(person("bob", userPrincipalName="bob@fabrikam.example"), id="skipped"),
    ],
)
def test_ruling_5_who_is_not_wanted_joins_nothing(bob: Subject) -> None:
    world = company("ada").becomes(
        [person("ada"), bob, person("cyd")],
        team("ada", "bob"),
        registered_domains=["contoso.example"],
    )

    assert added(world.plan()) == []


def test_members_are_named_by_type_where_they_are_groups() -> None:
    people = [person("ada")]
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = settled(*people, groups=[group("g-staff", "Staff", "ada"), groups[1]], assignments=BOTH)
    world.becomes(people, groups)

    [operation] = world.plan().operations
    team_id = world.account_of("g-team", ResourceType.GROUP)

    assert [change.after for change in operation.changes] == [
        [{"value": team_id, "display": "Team", "type": "Group"}]
    ]


def test_a_nested_group_that_is_created_is_a_reference() -> None:
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = World(application(assignments=BOTH), directory([person("ada")], groups))

    [operation] = of(world.plan(), Action.ADD_MEMBERS)
    world.settle()

    assert [(r.source_id, r.resource_type) for r in operation.references] == [
        ("g-team", ResourceType.GROUP),
        ("ada", ResourceType.USER),
    ]
    assert told(world.plan().operations) == []


def test_ruling_12_a_nested_group_that_is_listed_no_more_is_removed() -> None:
    people = [person("ada")]
    nested = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = settled(*people, groups=nested, assignments=BOTH)
    world.becomes(people, [group("g-staff", "Staff", "ada"), group("g-team", "Team")])

    assert removed(world.plan()) == ["Team"]


def test_ruling_9_a_nested_group_that_is_linked_in_this_plan_stays_where_it_is() -> None:
    """Its account is ours, and stood for another group of the source."""
    people = [person("ada")]
    nested = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = settled(*people, groups=nested, assignments=BOTH)
    world.becomes(people, [group("g-staff", "Staff", "ada"), group("g-team-2", "Team")])

    assert told(world.plan().operations) == [("link", "Team")]
    world.apply(world.plan())
    assert told(world.plan().operations) == [("remove_members", "Staff")]


@pytest.mark.parametrize("ownership", ["recorded", "all"])
@pytest.mark.parametrize(
    "groups",
    [
        pytest.param(
            [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")],
            id="out of scope and listed",
        ),
        pytest.param(
            [group("g-staff", "Staff", "ada"), group("g-team", "Team")],
            id="out of scope and not listed",
        ),
        pytest.param([group("g-staff", "Staff", "ada")], id="gone"),
    ],
)
def test_ruling_12_a_nested_group_that_leaves_is_left_as_and_where_it_is(
    groups: list[SourceGroup], ownership: str
) -> None:
    people = [person("ada")]
    nested = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team")]
    world = settled(*people, groups=nested, assignments=BOTH, ownership=ownership)
    world.becomes(people, groups, assignments=[STAFF], ownership=ownership)

    assert told(world.plan().operations) == []


def test_without_update_nobody_joins_or_leaves() -> None:
    world = company("ada", "bob").becomes(
        groups=team("ada", "cyd"), lifecycle={"actions": ["create", "delete"]}
    )

    assert told(world.plan().operations) == []


def test_without_a_mapping_of_members_memberships_are_not_managed() -> None:
    mappings = {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS[:2]}
    world = company("ada", "bob", mappings=mappings).becomes(groups=team("cyd"), mappings=mappings)

    assert told(world.plan().operations) == []


# what the source owns


def test_ruling_12_members_that_become_none_are_all_removed() -> None:
    world = company("ada", "bob").becomes(groups=team())

    assert removed(world.plan()) == ["ada@contoso.example", "bob@contoso.example"]


def test_ruling_2_members_that_are_filled_once_are_the_groups_own_from_then_on() -> None:
    once = {
        "users": USER_MAPPINGS,
        "groups": [*GROUP_MAPPINGS[:2], {**GROUP_MAPPINGS[2], "apply": "on_create"}],
    }
    world = company("ada", mappings=once)
    assert world.names_in("g-team") == {"ada"}

    world.becomes(groups=team("bob"))
    assert told(world.plan().operations) == []
