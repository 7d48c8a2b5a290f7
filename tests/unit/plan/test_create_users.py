"""The guard `create_users`: who would be created again, though our journals say they are there."""

from dataclasses import replace

import pytest

from reconciler.config.safety import Limit, Safety
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType
from tests.guards import NOBODY, ask
from tests.plans import make_operation
from tests.worlds import person, settled, verdict


def creates(count: int, kind: ResourceType = ResourceType.USER) -> list[Operation]:
    """Return the creates of so many people, or of groups."""
    return [
        make_operation(
            Action.CREATE, f"p{n}@contoso.example", source_id=f"p{n}", resource_type=kind
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("known", "again", "limit", "blocked"),
    [
        pytest.param(1, 1, 3, False, id="the only one"),
        pytest.param(3, 3, 3, False, id="three of three"),
        pytest.param(30, 3, 3, False, id="the floor"),
        pytest.param(30, 4, 3, True, id="one over the floor"),
        pytest.param(40, 4, 4, False, id="the share takes over"),
        pytest.param(40, 5, 4, True, id="one over the share"),
        pytest.param(500, 20, 20, False, id="the count"),
        pytest.param(500, 21, 20, True, id="one over the count"),
    ],
)
def test_creating_again_is_judged_by_what_the_journals_know(
    known: int, again: int, limit: int, blocked: bool
) -> None:
    there = replace(NOBODY, known=known, unseen=frozenset(f"p{n}" for n in range(known)))

    found = ask("create_users", creates(again), there)

    assert (found.count, found.population, found.limit) == (again, known, limit)
    assert found.blocked is blocked


def test_the_first_plan_has_nothing_to_compare_with_and_says_so() -> None:
    found = ask("create_users", creates(500))

    assert found.blocked is False
    assert "no journal says that an account is there" in found.sentence


def test_new_people_and_groups_are_not_counted() -> None:
    there = replace(NOBODY, known=30, unseen=frozenset(f"p{n}" for n in range(10)))
    groups = creates(10, ResourceType.GROUP)
    newcomers = creates(500)[10:]

    assert ask("create_users", [*groups, *newcomers], there).count == 0


def test_the_limit_of_the_configuration_holds() -> None:
    there = replace(NOBODY, known=1, unseen=frozenset({"p0"}))
    none = Safety(create_users=Limit(at_most=0, percent=100))

    assert ask("create_users", creates(1), there, none).blocked is True


def test_a_service_that_shows_a_part_of_our_accounts_blocks_the_plan() -> None:
    names = [f"p{n}" for n in range(10)]
    world = settled(*(person(name) for name in names))
    for name in names[:4]:
        del world.target.users[world.account_of(name)]

    plan = world.plan()

    assert "create_users" in [one.id for one in plan.guards if one.blocked]
    assert verdict(plan, "create_users").sentence == (
        "4 of 10 accounts that our journals say are there would be created again; "
        "more than the 3 allowed"
    )


def test_the_whole_company_may_come_on_the_day_after_the_first_person() -> None:
    world = settled(person("ada"))

    plan = world.becomes([person("ada"), *(person(f"p{n}") for n in range(300))]).plan()

    assert verdict(plan, "create_users").blocked is False
