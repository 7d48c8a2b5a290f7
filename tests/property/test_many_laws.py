"""A plan of very many operations, which are laid aside, held against the same in memory."""

from copy import copy, deepcopy
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from msgspec import structs

from reconciler.apply import execute
from reconciler.apply.batches import batches
from reconciler.plan.document import Body
from reconciler.plan.guards import run_guards
from reconciler.plan.many import Some, are_held, each
from reconciler.plan.plan_file import as_json, canonical_plan, parse_plan, seal
from reconciler.plan.population import SourceRows, count_population
from reconciler.plan.weights import weigh
from reconciler.profiles.model import Profile
from reconciler.store import plans
from reconciler.store.plans import held
from tests.plans import make_operation, make_plan
from tests.property.test_plan_laws import anything
from tests.worlds import MemoryJournal, World

FEW = settings(max_examples=60, deadline=None)
DELETES = Profile.model_validate({"deprovision": {"active_false": "deletes"}})


def aside(body: Body) -> Body:
    """Return *body* with its operations laid aside."""
    with patch.object(plans, "MANY", 0):
        laid, withheld = (held(some, len(some)) for some in (body.operations, body.withheld))
    assert [are_held(laid), are_held(withheld)] == [not body.operations, not body.withheld]
    return replace(body, operations=laid, withheld=withheld)


@FEW
@given(anything)
def test_what_is_laid_aside_is_carried_out_as_what_is_held(world: World) -> None:
    body, other = world.plan(), replace(world, target=copy(world.target))
    other.target.users, other.target.groups = deepcopy((world.target.users, world.target.groups))
    other.target.writes = []
    journal, of_other = MemoryJournal(), MemoryJournal()
    report = world.apply(body, journal)

    with patch.object(execute, "AT_A_TIME", 2):
        found = other.apply(aside(body), of_other)

    assert of_other.lines == journal.lines
    assert (found.status, found.counts) == (report.status, report.counts)
    assert other.target.users == world.target.users
    assert other.target.groups == world.target.groups


@FEW
@given(anything)
def test_what_is_laid_aside_is_judged_as_what_is_held(world: World) -> None:
    body, safety = world.plan(), world.application.safety
    for profile in (world.profile, DELETES):
        rows = SourceRows(5, 2, {})
        live, recorded = world.target.live(), world.recorded
        population = count_population(
            world.application, live, recorded, body.operations, rows, profile
        )
        judged = run_guards(body.operations, population, safety, body.withheld, profile)
        weights = [*weigh(body.operations, population)]

        laid = aside(body)
        counted = count_population(
            world.application, live, recorded, laid.operations, rows, profile
        )
        assert counted == population
        assert run_guards(laid.operations, counted, safety, laid.withheld, profile) == judged
        assert [*weigh(laid.operations, counted)] == weights


@FEW
@given(anything)
def test_what_is_laid_aside_has_the_same_order_and_bytes(world: World) -> None:
    plan = seal(world.plan(), make_plan().header)
    order = [[*batch] for batch in batches(plan.body.operations)]
    written = b"".join(canonical_plan(plan))

    with patch.object(plans, "MANY", 0):
        laid = parse_plan(written, held)
    assert are_held(laid.body.operations) == (not plan.body.operations)
    assert [[*batch] for batch in batches(laid.body.operations)] == order
    assert [*laid.body.operations] == [*plan.body.operations]
    assert b"".join(canonical_plan(laid)) == written
    assert as_json(laid) == as_json(plan)


def test_each_of_what_is_laid_aside_is_made_at_every_turn() -> None:
    made = [make_operation(key=f"k{number}") for number in range(3)]
    with patch.object(plans, "MANY", 0):
        laid = each(held(made, 3), lambda one: structs.replace(one, key=f"{one.key}!"))

    assert [one.key for one in laid] == [one.key for one in laid] == ["k0!", "k1!", "k2!"]
    assert (len(laid), laid[-1].key) == (3, "k2!")
    assert [one.key for one in laid[1:]] == ["k1!", "k2!"]


@pytest.mark.parametrize("count", [0, 5])
def test_some_operations_are_those_at_their_places(count: int) -> None:
    made = [make_operation(key=f"k{number}") for number in range(5)]
    with patch.object(plans, "MANY", 3):
        some = Some(held(made, count), [4, 2, 0])

    assert [*some] == [made[4], made[2], made[0]]
    assert (len(some), some[1]) == (3, made[2])
    assert [*some[1:]] == [made[2], made[0]]
    assert [*some.at([2, 0])] == [made[0], made[4]]
    assert [*some.those(lambda one: one.key != "k2")] == [made[4], made[0]]
