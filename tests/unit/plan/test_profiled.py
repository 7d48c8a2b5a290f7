"""What planning makes of a profile: what is left out, what stays, and what a disable is."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from reconciler.plan.document import Body
from reconciler.plan.effects import as_carried_out
from reconciler.plan.operation import Action
from reconciler.plan.profiled import unchangeable, unpatched
from reconciler.profiles.model import Profile
from reconciler.states import ResourceType
from tests.worlds import (
    ENTERPRISE,
    USER_MAPPINGS,
    World,
    application,
    changes_of,
    codes,
    directory,
    group,
    of,
    person,
    settled,
    told,
    verdict,
)

ADA, BOB = "ada@contoso.example", "bob@contoso.example"
ONE = {"at_most": 1, "percent": 100}
KEEP = {"leaves_scope": "keep", "deleted_at_source": "keep"}


def knowing(world: World, **said: Any) -> World:
    """Return *world* with a profile that says something."""
    world.profile = Profile.model_validate(said)
    return world


def said(body: Body, code: str) -> list[str]:
    """Return the warnings with a code."""
    return [one.message for one in body.warnings if one.code == code]


def without(mapping: str) -> list[dict[str, Any]]:
    """Return the mappings of users but for one."""
    return [line for line in USER_MAPPINGS if line["target"] != mapping]


# attributes that are not kept


def test_an_attribute_that_is_not_kept_is_no_part_of_a_create() -> None:
    world = World(application(), directory([person("ada", jobTitle="Boss", manager="bob")]))
    knowing(world, attributes={"unsupported": ("title", ENTERPRISE)})

    plan = world.plan()

    [create] = [one for one in of(plan, Action.CREATE) if one.key == ADA]
    assert [path for path, *_ in changes_of(create)] == [
        *("userName", "externalId", "active", "displayName", 'roles[primary eq "True"].value')
    ]
    assert said(plan, "not-kept") == [
        "attributes of users that are neither compared nor written, because by its profile the "
        f"service does not keep them: title, {ENTERPRISE}:manager"
    ]
    assert said(plan, "UnableToResolveReferenceAttributeValue") == []


def test_an_attribute_that_is_not_kept_is_not_compared() -> None:
    world = settled(person("ada", jobTitle="Boss"), person("bob"))
    world.becomes([person("ada", jobTitle="Director", manager="bob"), person("bob")])

    assert told(world.plan().operations) == [("update", ADA), ("update", ADA)]
    knowing(world, attributes={"unsupported": ("title", f"{ENTERPRISE}:manager")})
    assert world.plan().operations == ()


def test_a_role_that_is_not_kept_counts_for_no_guard() -> None:
    world = settled(person("ada"), roles=[{"name": "User", "value": "user", "privileged": True}])

    plan = knowing(world, attributes={"unsupported": ("roles",)}).plan()

    assert verdict(plan, "min_admins").sentence == "not applicable: no privileged role is mapped"


# attributes of a create alone


def test_what_a_create_alone_can_write_is_written_by_it() -> None:
    world = World(application(), directory([person("ada", jobTitle="Boss")]))

    plan = knowing(world, attributes={"immutable": ("title", "userName")}).plan()

    create = of(plan, Action.CREATE)[0]
    assert {("title", None, "Boss"), ("userName", None, ADA)} <= set(changes_of(create))
    assert said(plan, "not-sent") == []


def test_a_later_difference_is_told_and_not_sent() -> None:
    world = settled(person("ada"), person("bob"), person("cleo"))
    world.becomes([person("ada", jobTitle="Boss"), person("bob", jobTitle="Boss"), person("cleo")])

    plan = knowing(world, attributes={"immutable": ("title",)}).plan()

    assert plan.operations == ()
    assert said(plan, "not-sent") == [
        "title differs and is not sent, because by its profile the service takes it in a create "
        f"alone (2): {ADA}, {BOB}"
    ]


def test_a_default_of_the_create_is_no_difference_later() -> None:
    world = settled(person("ada"), person("bob"))
    world.user("ada")["title"] = "Director"

    plan = knowing(world, attributes={"immutable": ("title",)}).plan()

    assert (plan.operations, plan.warnings) == ((), ())


def test_the_rest_of_a_person_is_sent() -> None:
    world = settled(person("ada")).becomes([person("ada", jobTitle="Boss", displayName="Countess")])

    [update] = knowing(world, attributes={"immutable": ("title",)}).plan().operations

    assert changes_of(update) == [("displayName", "Ada", "Countess")]


def test_nobody_is_told_of_who_is_not_part_of_the_plan() -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes([person("ada", jobTitle="Boss"), person("bob", jobTitle="Boss")])
    knowing(world, attributes={"immutable": ("title",)})

    [message] = said(world.plan(selected=frozenset({"bob"})), "not-sent")

    assert message.endswith(f"(1): {BOB}")


def test_a_name_that_stays_is_not_free_for_another() -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes(
        [
            person("ada", userPrincipalName="countess@contoso.example"),
            person("bob"),
            person("new", userPrincipalName=ADA),
        ]
    )
    assert ("create", ADA) in told(world.plan().operations)

    plan = knowing(world, attributes={"immutable": ("userName",)}).plan()

    assert plan.operations == ()
    assert codes(plan) == {"new": "EntryConflict"}


def test_the_name_of_a_group_that_a_create_alone_can_write() -> None:
    world = settled(person("ada")).becomes(groups=[group("g-staff", "Crew", "ada")])
    world.becomes(assignments=[{"group": "Crew", "role": "User"}])

    plan = knowing(world, attributes={"immutable": ("displayName",)}).plan()

    assert plan.operations == ()
    [message] = said(plan, "not-sent")
    assert message.startswith("displayName differs and is not sent")
    assert message.endswith("(1): Staff")


def test_a_disable_leaves_out_what_a_create_alone_can_write() -> None:
    title = {"target": "title", "expression": 'IIF([IsSoftDeleted]="True", "Left", "Here")'}
    world = settled(
        person("ada"), person("bob"), mappings={"users": [*without("title"), title]}
    ).becomes([person("ada"), person("bob", accountEnabled="false")])

    plan = knowing(world, attributes={"immutable": ("title",)}).plan()

    [disable] = plan.operations
    assert changes_of(disable) == [("active", True, False)]
    [message] = said(plan, "not-sent")
    assert message.startswith("title differs")
    assert message.endswith(f"(1): {BOB}")


# members that cannot be read


def test_members_that_are_not_shown_are_neither_compared_nor_written() -> None:
    world = settled(person("ada"), person("bob"))
    for live in world.target.groups.values():
        live["members"] = []
    assert told(world.plan().operations) == [("add_members", "Staff")]

    plan = knowing(world, members={"readable": False}).plan()

    assert plan.operations == ()
    [message] = said(plan, "not-kept")
    assert message.startswith("members of groups are neither compared nor written")
    assert "nothing is concluded" in message


def test_a_group_is_still_created_and_renamed_without_its_members() -> None:
    world = settled(person("ada"))
    world.becomes(
        groups=[group("g-staff", "Crew", "ada"), group("g-new", "New", "ada")],
        assignments=[{"group": "Crew", "role": "User"}, {"group": "New"}],
    )

    plan = knowing(world, members={"readable": False}).plan()

    assert told(plan.operations) == [("create", "New"), ("update", "Crew")]
    assert verdict(plan, "remove_members").population == 0


@pytest.mark.parametrize(("readable", "blocked"), [(True, False), (False, True)])
def test_somebody_protected_may_be_in_any_group_that_shows_no_members(
    readable: bool, blocked: bool
) -> None:
    world = settled(
        *(person("ada"), person("bob")),
        groups=[group("g-staff", "Staff", "ada", "bob"), group("g-old", "Old", "bob")],
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Old"}],
        lifecycle={"leaves_scope": "delete"},
        safety={"protected": ["ada"], "delete_groups": {"at_most": 5, "percent": 100}},
    )
    world.becomes(
        groups=[group("g-staff", "Staff", "ada", "bob")],
        assignments=[{"group": "Staff", "role": "User"}],
    )

    plan = knowing(world, members={"readable": readable}).plan()

    assert told(plan.operations) == [("delete", "Old")]
    assert verdict(plan, "protected").blocked is blocked


# a disable that deletes


def leaving(count: int, **changes: Any) -> World:
    """Return a world of eight, some of whom are disabled at the source, where that deletes."""
    names = ("ada", "bob", "cleo", "dan", "eve", "fay", "gil", "hal")
    world = settled(*map(person, names), **changes)
    world.becomes(
        [person(one, accountEnabled=str(place >= count).lower()) for place, one in enumerate(names)]
    )
    return knowing(world, deprovision={"active_false": "deletes"})


def test_a_disable_that_deletes_says_so() -> None:
    plan = leaving(1).plan()

    [disable] = of(plan, Action.DISABLE)
    assert disable.reason == "disabled at the source; the service deletes whoever is disabled"
    assert said(plan, "disables-delete") == [
        f"1 people are disabled, and by its profile the service deletes whoever is: {ADA}"
    ]


def test_a_disable_that_deletes_counts_for_both_guards() -> None:
    safety = {"delete_users": ONE}

    plan = leaving(2, safety=safety).plan()

    both = verdict(plan, "accidental_deletions"), verdict(plan, "delete_users")
    assert [(one.count, one.blocked) for one in both] == [(2, False), (2, True)]
    plan = knowing(leaving(2, safety=safety)).plan()
    assert verdict(plan, "delete_users").count == 0


def test_who_is_deleted_by_a_disable_is_taken_out_of_groups_before() -> None:
    plan = leaving(1).plan()

    assert told(plan.operations) == [("remove_members", "Staff"), ("disable", ADA)]
    assert verdict(plan, "remove_members").count == 1


def test_a_group_whose_people_are_all_deleted_by_disables_is_emptied() -> None:
    assert verdict(leaving(8).plan(), "empty_groups").count == 1
    assert verdict(knowing(leaving(8)).plan(), "empty_groups").count == 0


def test_disables_that_delete_leave_less_room_for_deletes_that_are_due() -> None:
    world = leaving(0, lifecycle={"delete_after": "1d"}, safety={"delete_users": ONE})
    knowing(world).becomes([one for one in world.directory.subjects.values() if one.anchor > "b"])
    world.settle()
    disabled = next(iter(world.recorded.disabled_on))
    world.recorded = replace(
        world.recorded, disabled_on={disabled: world.recorded.disabled_on[disabled].replace(day=1)}
    )
    assert len(world.plan().waiting) == 0

    world.becomes(
        [
            person(one.anchor, accountEnabled=str(one.anchor != "bob").lower())
            for one in world.directory.subjects.values()
        ]
    )
    plan = knowing(world, deprovision={"active_false": "deletes"}).plan()

    assert [one.key for one in plan.waiting] == [ADA]


def test_without_delete_among_the_actions_nobody_is_disabled_who_would_be_deleted() -> None:
    plan = leaving(2, lifecycle={**KEEP, "actions": ["create", "update"]}).plan()

    assert plan.operations == ()
    assert said(plan, "not-disabled") == [
        "2 people leave and are not disabled, because by its profile the service deletes whoever "
        f"is disabled, and `delete` is not among lifecycle.actions: {ADA}, {BOB}"
    ]


@pytest.mark.parametrize("actions", [["create", "update"], ["create", "update", "delete"]])
def test_somebody_in_scope_whom_a_mapping_switches_off(actions: list[str]) -> None:
    by_source = {"target": "active", "expression": 'IIF([leave]="yes", "False", "True")'}
    gone = {"target": "userType", "expression": 'IIF([IsSoftDeleted]="True", "Gone", "Here")'}
    users = [*without("active"), by_source, gone]
    world = settled(
        person("ada", leave="no"), mappings={"users": users}, lifecycle={**KEEP, "actions": actions}
    )
    world.becomes([person("ada", leave="yes")])

    plan = knowing(world, deprovision={"active_false": "deletes"}).plan()

    deletes = "delete" in actions
    assert [one.reason.endswith("whoever is disabled") for one in plan.operations] == [
        True
    ] * deletes
    assert bool(said(plan, "not-sent")) is not deletes


def test_only_what_turns_active_off_is_a_delete() -> None:
    plan = leaving(1).plan()
    [off] = of(plan, Action.DISABLE)
    other = structs.replace(
        off, changes=(structs.replace(off.changes[0], path="userType", after="Gone"),)
    )
    profile = Profile.model_validate({"deprovision": {"active_false": "deletes"}})

    judged = as_carried_out([off, other, structs.replace(off, action=Action.UPDATE)], profile)

    assert [one.action for one in judged] == [Action.DELETE, Action.DISABLE, Action.DELETE]
    assert as_carried_out([off]) == [off]


# a service that cannot disable


def test_a_disable_that_cannot_work_is_told_and_not_planned() -> None:
    world = settled(person("ada"), person("bob"), lifecycle=KEEP)
    world.becomes([person("ada"), person("bob", accountEnabled="false")])

    plan = knowing(world, deprovision={"active_false": "unsupported"}).plan()

    assert plan.operations == ()
    assert said(plan, "not-disabled") == [
        "1 people leave and are not disabled, because by its profile the service cannot disable "
        f"an account: {BOB}"
    ]


def test_a_disable_that_no_update_can_write_is_told() -> None:
    world = settled(person("ada"), person("bob"), lifecycle=KEEP)
    world.becomes([person("ada"), person("bob", accountEnabled="false")])

    plan = knowing(world, attributes={"immutable": ("active",)}).plan()

    assert plan.operations == ()
    [message] = said(plan, "not-disabled")
    assert "takes in a create alone what a disable writes" in message


def test_whoever_comes_back_is_enabled_also_where_nobody_can_be_disabled() -> None:
    world = settled(person("ada"), person("bob"))
    world.user("bob")["active"] = False

    plan = knowing(world, deprovision={"active_false": "unsupported"}).plan()

    assert told(plan.operations) == [("enable", BOB)]


# a delete that may leave the account


@pytest.mark.parametrize(
    ("does", "active", "ours", "deleted"),
    [
        pytest.param("soft", False, False, False, id="deleted already"),
        pytest.param("soft", True, False, True, id="not yet"),
        pytest.param("soft", False, True, True, id="disabled by us, and not deleted"),
        pytest.param("hard", False, False, True, id="a delete that takes the account"),
    ],
)
def test_an_account_that_a_delete_has_switched_off_is_not_deleted_again(
    does: str, active: bool, ours: bool, deleted: bool
) -> None:
    world = settled(
        *(person("ada"), person("bob")),
        ownership="all",
        lifecycle={"deleted_at_source": "delete"},
    )
    world.target.add_user("old", "old@contoso.example", active=active)
    if ours:
        world.link("old", "old")

    plan = knowing(world, deprovision={"delete": does}).plan()

    assert told(plan.operations) == [("delete", "old@contoso.example")] * deleted


# a service that declares no PATCH


@pytest.mark.parametrize(
    ("patch", "said_of", "stuck"),
    [
        pytest.param(True, {}, set(), id="declared"),
        pytest.param(False, {}, {"User", "Group"}, id="not declared"),
        pytest.param(False, {"user_update": "put"}, {"Group"}, id="users by PUT"),
        pytest.param(False, {"user_update": "patch"}, {"Group"}, id="the profile knows better"),
        pytest.param(
            False, {"user_update": "put", "group_update": "patch"}, set(), id="both are said"
        ),
    ],
)
def test_what_cannot_be_changed(patch: bool, said_of: dict[str, str], stuck: set[str]) -> None:
    world = settled(person("ada"), person("bob"))
    capabilities = replace(world.target.capabilities, patch=patch)
    profile = Profile.model_validate({"write": said_of})
    world.becomes(
        [person("ada", jobTitle="Boss"), person("new")],
        groups=[group("g-staff", "Staff", "ada", "new")],
    )

    assert {kind.value for kind in unpatched(capabilities, profile)} == stuck
    changed = unchangeable(world.plan().operations, capabilities, profile)
    assert {one.resource_type.value for one in changed} == stuck
    assert not {one.action for one in changed} & {Action.CREATE, Action.DELETE}


def test_a_link_that_changes_nothing_needs_no_patch() -> None:
    world = World(application(), directory([person("ada")]))
    world.target.add_user("t1", ADA, externalId="ada", displayName="Ada", title="Employee")
    world.target.users["t1"]["roles"] = [{"value": "user", "primary": True}]
    operations = world.plan().operations
    [link] = [one for one in operations if one.action is Action.LINK]
    capabilities = replace(world.target.capabilities, patch=False)

    stuck = unchangeable(operations, capabilities, world.profile)

    assert link.changes == ()
    assert ResourceType.USER not in {one.resource_type for one in stuck}


def test_a_plan_says_that_later_ones_will_be_refused() -> None:
    world = settled(person("ada"))
    world.target.capabilities = replace(world.target.capabilities, patch=False)

    [message] = said(world.plan(), "no-patch")

    assert "no PATCH, so users and groups that exist cannot be changed" in message
    assert "write: {user_update: put, group_update: put}" in message
    assert (
        said(knowing(world, write={"user_update": "put", "group_update": "put"}).plan(), "no-patch")
        == []
    )


# cost


@pytest.mark.parametrize(("chunk", "patches"), [(100, 1), (3, 3), (1, 7)])
def test_members_are_counted_in_the_chunks_of_the_profile(chunk: int, patches: int) -> None:
    people = [person(f"p{number}") for number in range(7)]
    world = settled(*people, groups=[group("g-staff", "Staff", *(f"p{n}" for n in range(7)))])
    for live in world.target.groups.values():
        live["members"] = []

    plan = knowing(world, members={"chunk": chunk}).plan()

    assert patches == plan.cost.requests.PATCH


@pytest.mark.parametrize(
    ("rate_limit", "known", "seconds"),
    [
        pytest.param(25, 3, 4, id="the profile is slower"),
        pytest.param(3, 25, 4, id="the configuration is slower"),
        pytest.param(0, 3, 4, id="the profile alone"),
        pytest.param(3, None, 4, id="the configuration alone"),
        pytest.param(0, None, 0, id="nothing is known"),
    ],
)
def test_the_time_follows_from_the_lower_of_two_paces(
    rate_limit: int, known: int | None, seconds: int
) -> None:
    target = {
        "tenant_url": "https://scim.example/v2",
        "secret_token": {"env": "TOKEN"},
        "rate_limit": rate_limit,
    }
    people = directory([person("a"), person("b")])
    world = World(application(target=target), people)

    plan = knowing(world, limits={"requests_per_second": known}).plan()

    assert (len(plan.operations), plan.cost.seconds) == (4, seconds)
