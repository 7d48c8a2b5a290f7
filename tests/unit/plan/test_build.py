"""The whole plan: what it says of itself, and that it is always the same (rulings 4 and 15)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.desired import Judge
from reconciler.plan.build import build_plan
from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Header
from reconciler.plan.plan_file import as_json, seal
from reconciler.plan.request import PlanRequest
from reconciler.scim.schema import CORE
from reconciler.states import Listing, LiveState
from tests.worlds import (
    AS_OF,
    USER_MAPPINGS,
    World,
    application,
    codes,
    directory,
    group,
    person,
    settled,
    told,
    told_of_users,
)

HEADER = Header("2026-11-23T00:00:00Z", "0", None, None)


def body_bytes(world: World, **changes: Any) -> bytes:
    """Return the canonical bytes of a plan's body."""
    return canonical_json(as_json(seal(world.plan(**changes), HEADER))["body"])


def muddle() -> World:
    """Return a world in which everything happens, several accounts matching one person too."""
    people = [person(f"p{number}") for number in range(8)]
    world = settled(*people)
    for number in range(6):
        world.target.add_user(f"z{9 - number}", "p9@contoso.example", externalId="p9")
        world.target.add_user(f"y{number}", f"local{number % 3}@contoso.example", externalId="p0")
    world.target.add_group("g9", "New")
    return world.becomes(
        [
            *people[:3],
            person("p3", displayName="Three", manager="p9"),
            person("p5", userPrincipalName="p6@contoso.example"),
            person("p6", userPrincipalName="p5@contoso.example"),
            person("p9"),
            person("pa", userPrincipalName="local0@contoso.example"),
        ],
        [
            group("g-staff", "Staff", "p0", "p3", "p5", "p6", "p9", "pa"),
            group("g-new", "New", "p3"),
        ],
        assignments=[{"group": "Staff", "role": "User"}, {"group": "New"}],
    )


def test_ruling_15_planning_twice_gives_the_same_bytes() -> None:
    assert body_bytes(muddle()) == body_bytes(muddle())


@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_15_the_order_in_which_a_server_lists_says_nothing(ownership: str) -> None:
    world = muddle().becomes(ownership=ownership)
    expected = body_bytes(world)

    for rotation in (1, 5, 11):
        for kind in ("users", "groups"):
            items = list(getattr(world.target, kind).items())
            turned = items[rotation:] + items[:rotation]
            setattr(world.target, kind, dict(reversed(turned)))
        for resource in world.target.groups.values():
            resource["members"] = resource["members"][::-1]
        assert body_bytes(world) == expected


def test_the_inputs_are_recorded() -> None:
    world = settled(person("ada"), person("bob"))

    inputs = world.plan(config_sha256="c" * 64, only=("ada",)).inputs

    assert (inputs.as_of, inputs.config_sha256, inputs.source_sha256) == (
        f"{AS_OF}T00:00:00Z",
        "c" * 64,
        "0" * 64,
    )
    assert (inputs.users, inputs.groups, inputs.journal_head, inputs.only) == (
        2,
        1,
        "head",
        ("ada",),
    )


def test_the_proof_of_the_reads_is_recorded() -> None:
    world = settled(person("ada"))

    plan = world.plan()

    assert (plan.read.users.received, plan.read.users.complete) == (1, True)
    assert plan.read.groups is not None
    assert plan.read.groups.total_results == 1


def test_without_groups_on_the_live_side_there_is_no_proof_and_no_operation_about_them() -> None:
    world = World(application(), directory([person("ada")]))
    live = world.target.live()

    plan = world.plan(live=LiveState(live.capabilities, live.users, None))

    assert plan.read.groups is None
    assert told(plan.operations) == [("create", "ada@contoso.example")]


def test_the_target_is_recorded() -> None:
    target = settled(person("ada")).plan().target

    assert (target.tenant_url, target.profile) == ("http://127.0.0.1:9/v2", "generic")
    assert len(target.capabilities_digest) == 64


# ruling 4: the plan's one time


def lasting(days: int) -> World:
    """Return a world in which Bob's assignment is valid through a day."""
    expires = str(AS_OF + timedelta(days=days))
    return settled(
        person("ada"),
        person("bob"),
        groups=[group("g-staff", "Staff", "ada")],
        assignments=[
            {"group": "Staff", "role": "User"},
            {"user": "bob", "role": "User", "expires": expires},
        ],
    )


def plan_of(world: World, day: datetime) -> Any:
    """Return the plan of a world as of another day."""
    judge = Judge(world.application, world.directory, day, CORE)
    request = PlanRequest(
        "app", world.application, judge, world.target.live(), world.recorded, day, "0" * 64
    )
    return build_plan(request)


@pytest.mark.parametrize(
    ("days", "wanted"),
    [(0, []), (2, []), (3, [("disable", "bob@contoso.example")])],
    ids=["today", "the last day", "the day after"],
)
def test_ruling_4_an_assignment_expires_by_the_plans_time(
    days: int, wanted: list[tuple[str, str]]
) -> None:
    day = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC) + timedelta(days=days)

    assert told(plan_of(lasting(2), day).operations) == wanted


def test_ruling_4_delete_after_counts_to_the_plans_time() -> None:
    world = settled(person("ada"), person("bob")).becomes([person("ada")])
    world.settle()
    world.becomes(lifecycle={"delete_after": "30d"})
    midnight = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)

    assert told(plan_of(world, midnight + timedelta(days=29)).operations) == []
    assert told(plan_of(world, midnight + timedelta(days=30)).operations) == [
        ("remove_members", "Staff"),
        ("delete", "bob@contoso.example"),
    ]


def test_ruling_15_another_time_is_another_plan_with_the_same_operations() -> None:
    world = lasting(9).becomes([person("ada", displayName="A"), person("bob")])
    midnight = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)

    one, two = plan_of(world, midnight), plan_of(world, midnight + timedelta(days=1))

    assert one.inputs != two.inputs
    assert one.operations_digest == two.operations_digest


# what is compared


def test_only_mapped_attributes_are_compared() -> None:
    world = settled(person("ada"))
    world.user("ada").update(nickName="Lovelace", emails=[{"value": "x"}], meta={"version": "9"})
    world.group("g-staff").update(meta={"version": "9"}, externalId="g-staff")

    assert told(world.plan().operations) == []


def test_what_is_written_on_create_only_is_not_compared() -> None:
    line = {"target": "preferredLanguage", "constant": "en-US", "apply": "on_create"}
    world = settled(person("ada"), mappings={"users": [*USER_MAPPINGS, line]})
    assert world.user("ada")["preferredLanguage"] == "en-US"

    world.user("ada")["preferredLanguage"] = "de-DE"
    assert told(world.plan().operations) == []


def test_ruling_2_a_default_stands_in_on_create_only() -> None:
    world = settled(person("ada"))
    assert world.user("ada")["title"] == "Employee"

    world.user("ada")["title"] = "Countess"
    assert told(world.plan().operations) == []


def test_an_account_that_somebody_removed_is_created_again() -> None:
    world = settled(person("ada"), person("bob"))
    del world.target.users[world.account_of("bob")]

    plan = world.plan()
    world.settle()

    assert told_of_users(plan) == [("create", "bob@contoso.example")]
    assert told(world.plan().operations) == []


def test_a_group_that_somebody_removed_is_created_again() -> None:
    world = settled(person("ada"), person("bob"))
    world.target.groups.clear()

    world.settle()

    assert world.names_in("g-staff") == {"ada", "bob"}


def test_an_empty_world_is_an_empty_plan() -> None:
    world = World(application(scope="all", assignments=None), directory([], []))

    plan = world.plan()

    assert (plan.operations, plan.skipped, plan.warnings) == ((), (), ())
    assert codes(plan) == {}


def test_the_listing_that_was_read_is_counted_as_it_was() -> None:
    world = settled(person("ada"))
    live = world.target.live()
    users = Listing(live.users.resources, None, complete=True)

    plan = world.plan(live=replace(live, users=users))

    assert (plan.read.users.total_results, plan.read.users.received) == (None, 1)
