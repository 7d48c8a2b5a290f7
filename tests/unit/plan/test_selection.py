"""Plans for a few (`--user`, `--group`), and plans that take nothing (`--no-removals`)."""

from reconciler.plan.operation import Action
from tests.worlds import (
    World,
    application,
    changes_of,
    directory,
    group,
    of,
    person,
    settled,
    told,
)

ADA = "ada@contoso.example"
STAFF = {"group": "Staff", "role": "User"}


def test_only_who_was_named_is_in_the_plan() -> None:
    world = settled(person("ada"), person("bob"), person("cyd"))
    world.becomes(
        [person("ada", displayName="A"), person("bob", displayName="B"), person("dan")],
        [group("g-staff", "Staff", "ada", "bob", "dan")],
    )

    plan = world.plan(selected=frozenset({"ada"}), only=(ADA,))

    assert told(plan.operations) == [("update", ADA)]
    assert plan.inputs.only == (ADA,)


def test_a_group_that_was_named_comes_with_the_members_that_have_accounts() -> None:
    world = World(application(), directory([person("ada"), person("bob")]))
    world.apply(world.plan(selected=frozenset({"ada"})))

    plan = world.plan(selected=frozenset({"g-staff"}))

    assert told(plan.operations) == [("create", "Staff"), ("add_members", "Staff")]
    [operation] = of(plan, Action.ADD_MEMBERS)
    members = [{"value": world.account_of("ada"), "display": ADA}]
    assert (changes_of(operation), operation.references) == ([("members", None, members)], ())


# --no-removals


def test_without_removals_what_takes_away_is_listed_and_not_done() -> None:
    assignments = [STAFF, {"user": "cyd", "role": "Administrator"}]
    world = settled(
        *(person(name) for name in ("ada", "bob", "cyd", "dan")), assignments=assignments
    )
    world.becomes(
        [person("ada", displayName="A"), person("bob"), person("cyd")],
        [group("g-staff", "Staff", "ada", "cyd")],
        assignments=[STAFF, {"user": "bob", "role": "User"}],
    )

    plan = world.plan(removals=False)

    assert told(plan.operations) == [("update", ADA)]
    assert told(plan.withheld) == [
        ("remove_members", "Staff"),
        ("revoke", "cyd@contoso.example"),
        ("disable", "dan@contoso.example"),
    ]
    assert told(world.plan().operations) == [*told(plan.operations), *told(plan.withheld)]


def test_without_removals_a_source_that_shrank_still_blocks() -> None:
    world = settled(*(person(f"p{number}") for number in range(20)))
    world.becomes([person(f"p{number}") for number in range(10)])

    plan = world.plan(removals=False)

    assert [verdict.id for verdict in plan.guards if verdict.blocked] == ["source_shrinks"]
