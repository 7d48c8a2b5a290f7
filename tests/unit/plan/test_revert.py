"""What undoes a plan, and what stays (INV-35, INV-36)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reconciler.plan.document import Body
from reconciler.plan.images import Deeds, Unsure
from reconciler.plan.operation import Action
from reconciler.profiles import Profile
from reconciler.states import ResourceType, Taken
from tests.undoing import applied, revert_of, undone
from tests.worlds import (
    AS_OF,
    USER_MAPPINGS,
    FrozenClock,
    group,
    person,
    settled,
    told,
    verdict,
)

ADA, BOB, CLEO = (f"{name}@contoso.example" for name in ("ada", "bob", "cleo"))
STAFF = {"group": "Staff", "role": "User"}
ADMIN_ADA = {"user": "ada", "role": "Administrator"}
ALL_ROLES = {"target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])"}
ONLY_THESE = {
    "target": "roles",
    "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
}
LOCAL = {"value": "local"}


def left(body: Body) -> list[tuple[str, str, str]]:
    """Return what is not undone: whose, the code, and why."""
    return [(one.key, one.code, one.detail) for one in body.skipped]


def changes(body: Body) -> list[tuple[str, str, Any, Any]]:
    """Return each changed value: action, path, before and after."""
    return [
        (operation.action.value, change.path, change.before, change.after)
        for operation in body.operations
        for change in operation.changes
    ]


def mapped(*lines: dict[str, Any]) -> dict[str, Any]:
    """Return the mappings, with *lines* instead of those with the same target or for roles."""
    new = {line["target"].partition("[")[0] for line in lines}
    kept = [one for one in USER_MAPPINGS if one["target"].partition("[")[0] not in new]
    return {"users": [*kept, *lines]}


# values


def test_several_operations_on_one_account_are_undone_as_one() -> None:
    world = settled(person("ada", jobTitle="Boss"), assignments=[STAFF, ADMIN_ADA])
    world.becomes([person("ada", accountEnabled="true", jobTitle="Chief")], assignments=[STAFF])
    plan = world.plan()
    assert told(plan.operations) == [("update", ADA), ("revoke", ADA)]

    back = undone(world, plan, applied(world, plan))

    assert changes(back) == [
        ("update", "title", "Chief", "Boss"),
        ("update", 'roles[primary eq "True"].value', "user", "admin"),
    ]
    assert back.operations[0].reason.startswith("undoes update and revoke of plan ")
    assert world.user("ada")["roles"] == [{"primary": True, "value": "admin"}]


def test_a_value_that_is_as_before_needs_nothing_and_another_one_stays() -> None:
    world = settled(person("ada", jobTitle="Boss", displayName="Ada"))
    world.becomes([person("ada", jobTitle="Chief", displayName="Ada L.")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("ada").update(title="BOSS", displayName="Countess")

    back = revert_of(world, plan, deeds)

    assert back.operations == ()
    assert left(back) == [(ADA, "EntryConflict", "changed since the plan: displayName")]


def test_a_later_plan_is_as_good_as_a_hand() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", jobTitle="Chief")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.becomes([person("ada", jobTitle="Queen")]).settle()

    assert left(revert_of(world, plan, deeds)) == [
        (ADA, "EntryConflict", "changed since the plan: title")
    ]


def test_a_value_that_is_not_mapped_any_more_is_restored_all_the_same() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", jobTitle="Chief")])
    plan = world.plan()
    deeds = applied(world, plan)
    users = [line for line in USER_MAPPINGS if line["target"] != "title"]
    world.becomes(mappings={"users": users})

    undone(world, plan, deeds)

    assert world.user("ada")["title"] == "Boss"


def test_a_hidden_value_is_named_and_not_restored() -> None:
    line = {"target": "nickName", "expression": "Redact([nick])"}
    world = settled(person("ada", nick="one"), mappings=mapped(line))
    world.becomes([person("ada", nick="two")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.becomes(mappings=mapped())  # it is hidden also when the mapping is gone

    back = revert_of(world, plan, deeds)

    assert (back.operations, [one.path for one in back.redacted]) == ((), ["nickName"])
    [(key, code, detail)] = left(back)
    assert (key, code) == (ADA, "EntrySynchronizationSkipped")
    assert detail == "nickName: its value is shown nowhere, and not restored"


def test_a_name_that_somebody_else_has_by_now_stays_theirs() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", userPrincipalName="queen@contoso.example", jobTitle="Chief")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.target.add_user("t-1", "Ada@contoso.example")

    back = undone(world, plan, deeds)

    assert changes(back) == [("update", "title", "Chief", "Boss")]
    detail = f"userName {ADA} is held by Ada@contoso.example, which keeps it"
    assert left(back) == [("queen@contoso.example", "EntryConflict", detail.replace("N", "n"))]


def test_names_are_handed_back_in_order() -> None:
    people = [person("ada"), person("bob")]
    world = settled(*people)
    renamed = [
        person("ada", userPrincipalName=BOB),
        person("bob", userPrincipalName="robert@contoso.example"),
    ]
    world.becomes(renamed)
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    assert [change[2:] for change in changes(back)] == [(BOB, ADA), ("robert@contoso.example", BOB)]
    assert back.skipped == ()


def test_a_name_that_is_hidden_today_is_not_shown_of_who_is_gone() -> None:
    world = settled(person("ada", jobTitle="Boss"), person("bob"))
    world.becomes([person("ada", jobTitle="Chief")], [group("g-staff", "Staff", "ada")])
    plan = world.plan()
    deeds = applied(world, plan)
    bob = world.account_of("bob")
    del world.target.users[bob], world.target.users[world.account_of("ada")]
    name = {"target": "userName", "expression": "Redact([userPrincipalName])", "match": 1}
    world.becomes(mappings={**world.settings.get("mappings", {}), **mapped(name)})

    back = revert_of(world, plan, deeds)

    assert ADA not in str(back)
    assert BOB not in str(back)
    assert {key for key, _, _ in left(back)} >= {"ada", "bob"}


# managers


def test_whom_an_account_referred_to_before_a_new_manager_is_not_guessed() -> None:
    world = settled(person("ada", manager="bob"), person("bob"))
    world.becomes([person("ada", manager="cleo"), person("bob"), person("cleo")])
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    [(key, code, detail)] = left(back)
    assert (key, code) == (ADA, "UnableToResolveReferenceAttributeValue")
    assert detail.endswith("manager: whom it referred to before the plan is not recorded")
    assert told(back.operations) == [("remove_members", "Staff"), ("disable", CLEO)]


def test_a_manager_who_is_gone_is_not_put_back() -> None:
    world = settled(person("ada", manager="bob"), person("bob"), person("cleo"))
    world.becomes([person("ada", manager="cleo"), person("bob"), person("cleo")])
    plan = world.plan()
    deeds = applied(world, plan)
    del world.target.users[world.account_of("bob")]

    [(key, code, detail)] = left(revert_of(world, plan, deeds))

    assert (key, code) == (ADA, "UnableToResolveReferenceAttributeValue")
    assert detail.endswith("the account that it referred to before is not there any more")


# roles


@pytest.mark.parametrize("line", [ALL_ROLES, ONLY_THESE])
def test_ruling_13_of_all_roles_only_those_that_the_plan_gave_are_taken(
    line: dict[str, Any],
) -> None:
    world = settled(person("ada"), mappings=mapped(line))
    world.becomes(assignments=[STAFF, ADMIN_ADA])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("ada")["roles"].append(LOCAL)

    back = undone(world, plan, deeds)

    assert [one.action for one in back.operations] == [Action.REVOKE]
    assert [role["value"] for role in world.user("ada")["roles"]] == ["user", "local"]


def test_ruling_13_of_all_roles_those_that_the_plan_took_come_back() -> None:
    everybody = [STAFF, ADMIN_ADA]
    world = settled(person("ada"), mappings=mapped(ONLY_THESE), assignments=everybody)
    world.becomes(assignments=[STAFF])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("ada")["roles"].append(LOCAL)

    back = undone(world, plan, deeds)

    assert [one.action for one in back.operations] == [Action.UPDATE]
    assert {role["value"] for role in world.user("ada")["roles"]} == {"user", "local", "admin"}


def test_ruling_13_a_first_role_is_cleared_and_counts_as_a_revoke() -> None:
    world = settled(person("ada"), assignments=[{"group": "Staff"}], default_access="include")
    world.becomes(assignments=[STAFF])
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    assert changes(back) == [("revoke", 'roles[primary eq "True"].value', "user", None)]
    assert "roles" not in world.user("ada") or world.user("ada")["roles"] == []


def test_a_role_is_one_thing() -> None:
    name = {
        "target": 'roles[primary eq "True"].display',
        "expression": 'Append(SingleAppRoleAssignment([appRoleAssignments]), "s")',
    }
    value = next(one for one in USER_MAPPINGS if one["target"].startswith("roles"))
    world = settled(person("ada"), mappings=mapped(value, name))
    world.becomes(assignments=[STAFF, ADMIN_ADA])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("ada")["roles"][0]["value"] = "owner"

    back = revert_of(world, plan, deeds)

    assert back.operations == ()
    [(_, code, detail)] = left(back)
    assert code == "EntryConflict"
    assert sorted(detail.removeprefix("changed since the plan: ").split(", ")) == [
        name["target"],
        value["target"],
    ]


# links and creates


def test_ruling_9_what_was_linked_gets_its_values_back_and_stays_ours() -> None:
    world = settled(person("bob"))
    world.target.add_user("t-1", ADA, displayName="x", active=True)
    world.becomes([person("ada"), person("bob")])
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    assert world.target.users["t-1"]["displayName"] == "x"
    assert "externalId" not in world.target.users["t-1"]
    assert world.account_of("ada") == "t-1"
    assert [one.code for one in back.warnings] == ["done-again", "stays-linked"]


def test_ruling_6_who_was_created_is_disabled_and_leaves_the_groups() -> None:
    staff = [group("g-staff", "Staff", "ada", "bob")]
    world = settled(person("ada"), groups=[group("g-staff", "Staff", "ada")])
    world.becomes([person("ada"), person("bob")], staff)
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    assert told(back.operations) == [("remove_members", "Staff"), ("disable", BOB)]
    assert back.operations[1].reason.endswith("; lifecycle.leaves_scope is disable")
    assert world.names_in("g-staff") == {"ada"}
    assert told(world.plan().operations) == [("enable", BOB), ("add_members", "Staff")]


def test_who_was_created_with_hidden_and_generated_values_can_be_deleted() -> None:
    lines = [
        {"target": "nickName", "expression": "Redact([userPrincipalName])"},
        {"target": "locale", "expression": "Guid()", "apply": "on_create"},
    ]
    world = settled(person("ada"), mappings=mapped(*lines), lifecycle={"leaves_scope": "delete"})
    world.becomes([person("ada"), person("bob")])
    plan = world.plan()

    back = undone(world, plan, applied(world, plan))

    assert told(back.operations)[-1] == ("delete", BOB)


@pytest.mark.parametrize(("does", "says"), [("hard", "neither its id"), ("soft", "switched off")])
def test_what_was_deleted_is_named_and_does_not_come_back(does: str, says: str) -> None:
    world = settled(person("ada"), person("bob"), lifecycle={"deleted_at_source": "delete"})
    world.profile = Profile.model_validate({"deprovision": {"delete": does}})
    world.becomes([person("ada")])
    plan = world.plan()
    kept = dict(world.target.users[world.account_of("bob")])
    deeds = applied(world, plan)
    if does == "soft":
        world.target.users[kept["id"]] = {**kept, "active": False}

    back = revert_of(world, plan, deeds)

    assert [key for key, code, detail in left(back) if says in detail] == [BOB]
    assert {one.action for one in back.operations} <= {Action.ADD_MEMBERS}


def test_what_was_changed_or_joined_since_is_not_deleted() -> None:
    world = settled(person("ada"), lifecycle={"leaves_scope": "delete"})
    groups = [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada")]
    world.becomes([person("ada"), person("bob")], groups, assignments=[STAFF, {"group": "Team"}])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("bob")["title"] = "Chief"
    world.target.add_user("t-1", "root@contoso.example")
    world.group("g-team")["members"].append({"value": "t-1"})

    back = revert_of(world, plan, deeds)

    detail = "created by the plan, and changed since, so not deleted: "
    assert left(back) == [
        ("Team", "EntryConflict", f"{detail}members"),
        (BOB, "EntryConflict", f"{detail}title"),
    ]
    assert Action.DELETE not in {one.action for one in back.operations}


def test_who_is_deleted_is_taken_out_of_every_group_of_ours_before() -> None:
    groups = [group("g-staff", "Staff", "ada"), group("g-team", "Team", "ada")]
    assignments = [STAFF, {"group": "Team"}]
    world = settled(
        person("ada"),
        groups=groups,
        assignments=assignments,
        lifecycle={"leaves_scope": "delete"},
    )
    world.becomes(
        [person("ada"), person("bob")], [group("g-staff", "Staff", "ada", "bob"), groups[1]]
    )
    plan = world.plan()
    deeds = applied(world, plan)
    world.group("g-team")["members"].append({"value": world.account_of("bob")})

    back = undone(world, plan, deeds)

    assert told(back.operations) == [
        ("remove_members", "Staff"),
        ("remove_members", "Team"),
        ("delete", BOB),
    ]
    assert world.names_in("g-team") == {"ada"}


def test_who_was_created_and_cannot_be_disabled_unseen_is_named() -> None:
    line = {
        "target": "active",
        "expression": 'IIF([status]="off", "False", Not([IsSoftDeleted]))',
    }
    world = settled(person("ada", status="on"), mappings=mapped(line))
    world.becomes([person("ada", status="on"), person("bob", status="on")])
    plan = world.plan()

    back = revert_of(world, plan, applied(world, plan))

    assert left(back)[-1][1:] == (
        "EntrySynchronizationSkipped",
        "created by the plan, and no mapping disables it unseen",
    )


def test_a_disable_that_deletes_counts_as_a_delete_and_needs_an_account_as_it_was() -> None:
    world = settled(person("ada"))
    world.profile = Profile.model_validate({"deprovision": {"active_false": "deletes"}})
    world.becomes([person("ada"), person("bob"), person("cleo")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.user("cleo")["title"] = "Chief"

    back = revert_of(world, plan, deeds)

    assert told(back.operations) == [("remove_members", "Staff"), ("disable", BOB)]
    assert back.operations[1].reason.endswith("; the service deletes whoever is disabled")
    assert verdict(back, "delete_users").count == 1
    assert [(key, code) for key, code, _ in left(back)] == [(CLEO, "EntryConflict")]


# members


def test_members_that_others_put_in_or_took_out_are_left_as_they_are() -> None:
    people = [person(name) for name in ("ada", "bob", "cleo", "dan")]
    world = settled(
        *people,
        groups=[group("g-staff", "Staff", "ada", "bob"), group("g-all", "All", *"")],
        assignments=[{"user": p.anchor, "role": "User"} for p in people] + [{"group": "Staff"}],
        default_access="include",
    )
    world.becomes(groups=[group("g-staff", "Staff", "cleo", "dan")])
    plan = world.plan()
    deeds = applied(world, plan)
    ids = {name: world.account_of(name) for name in ("ada", "bob", "cleo", "dan")}
    members = world.group("g-staff")["members"]
    members[:] = [{"value": ids["cleo"]}, {"value": ids["ada"]}, {"value": "t-9"}]

    back = undone(world, plan, deeds)

    assert told(back.operations) == [("add_members", "Staff"), ("remove_members", "Staff")]
    assert world.target.members(world.account_of("g-staff", ResourceType.GROUP)) == {
        ids["ada"],
        ids["bob"],
        "t-9",
    }


def test_ruling_8_a_member_that_is_not_ours_any_more_is_not_taken_out() -> None:
    world = settled(
        person("ada"),
        person("bob"),
        groups=[group("g-staff", "Staff", "ada")],
        assignments=[STAFF, {"user": "bob", "role": "User"}],
    )
    world.becomes(groups=[group("g-staff", "Staff", "ada", "bob")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.link("bob", "t-elsewhere")

    back = revert_of(world, plan, deeds)

    assert back.operations == ()
    assert left(back) == [
        ("Staff", "EntryConflict", f"members not ours any more, so not taken out: {BOB}")
    ]


# what may be done


def test_ruling_8_what_is_not_ours_any_more_is_left() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", jobTitle="Chief")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.link("ada", "t-elsewhere")

    assert left(revert_of(world, plan, deeds)) == [
        (ADA, "EntryConflict", "by our journals it is not ours any more")
    ]


def test_what_lifecycle_actions_does_not_allow_is_named() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", jobTitle="Chief"), person("bob")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.becomes(lifecycle={"actions": ["create"]})

    back = revert_of(world, plan, deeds)

    detail = "`update` is not among lifecycle.actions"
    assert back.operations == ()
    assert {(key, why) for key, _, why in left(back)} == {
        (ADA, detail),
        ("Staff", detail),
        (BOB, f"created by the plan, and stays, because {detail}"),
    }


def test_groups_that_are_not_provisioned_any_more_are_named() -> None:
    world = settled(person("ada"), groups=[group("g-staff", "Staff", "ada")])
    world.becomes(
        groups=[group("g-staff", "Crew", "ada")],
        assignments=[{"user": "ada", "role": "User"}, {"group": "Crew"}],
    )
    plan = world.plan()
    deeds = applied(world, plan)
    world.becomes(mappings={"users": USER_MAPPINGS})

    back = revert_of(world, plan, deeds)

    assert left(back)[0][1:] == (
        "EntrySynchronizationSkipped",
        "groups are not provisioned any more",
    )


@pytest.mark.parametrize(
    ("does", "operations", "named"),
    [
        ("suspends", [("disable", ADA)], []),
        ("deletes", [], [ADA]),
        ("unsupported", [], [ADA]),
    ],
)
def test_whom_a_plan_enabled_is_switched_off_only_where_that_can_be_undone(
    does: str, operations: list[tuple[str, str]], named: list[str]
) -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes([person("ada", accountEnabled="false"), person("bob")]).settle()
    world.becomes([person("ada"), person("bob")])
    plan = world.plan()
    deeds = applied(world, plan)
    world.profile = Profile.model_validate({"deprovision": {"active_false": does}})

    back = revert_of(world, plan, deeds)

    assert told(back.operations) == operations
    assert [key for key, _, _ in left(back)] == named


def test_who_is_enabled_by_a_revert_is_disabled_by_us_no_longer() -> None:
    world = settled(person("ada"), person("bob"), lifecycle={"delete_after": "30d"})
    world.becomes([person("bob")])
    plan = world.plan()
    deeds = applied(world, plan)
    assert list(world.recorded.disabled_on.values()) == [AS_OF]

    undone(world, plan, deeds)

    assert world.recorded.disabled_on == {}
    assert date.fromisoformat("2026-11-23") == AS_OF


def test_what_was_begun_and_is_not_known_to_be_done_is_named() -> None:
    world = settled(person("ada", jobTitle="Boss"))
    world.becomes([person("ada", jobTitle="Chief")])
    plan = world.plan()
    unsure = Unsure(plan.operations[0], None, "Timeout")

    back = revert_of(world, plan, Deeds((), (unsure,), applied=True))

    assert left(back) == [
        (
            ADA,
            "Timeout",
            "its update was begun and is not known to be done; what is there of it stays",
        )
    ]
    assert [one.code for one in back.warnings] == ["not-finished"]


# what earlier runs took


@pytest.mark.parametrize(
    ("days", "blocked"),
    [pytest.param(1, True, id="in the window"), pytest.param(8, False, id="before it")],
)
def test_a_revert_looks_back_as_far_as_any_plan(days: int, blocked: bool) -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes([person("ada", accountEnabled="false"), person("bob")])
    plan = world.plan()
    deeds = applied(world, plan)
    at = FrozenClock().now() - timedelta(days=days)
    taken = Taken(at, "a" * 64, ResourceType.USER, "t-1", {"enable_users": 99})
    world.recorded = replace(world.recorded, taken=(taken,))

    back = revert_of(world, plan, deeds)

    assert told(back.operations) == [("enable", ADA)]
    assert verdict(back, "rolling_window").blocked is blocked
