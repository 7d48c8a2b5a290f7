"""
Laws of undoing a plan, in small worlds in which anything may have happened (INV-36).

What a plan did and its revert undid is as if neither had been; whatever is not, is named.
"""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.diff.normalize import boolean
from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Body
from reconciler.plan.effects import takes
from reconciler.plan.groups import live_members
from reconciler.plan.images import Deeds
from reconciler.plan.operation import Action, Change
from reconciler.plan.order import FIRST_TAKING
from reconciler.plan.plan_file import as_json, parse_plan, seal
from reconciler.states import Resource, ResourceType
from tests.property.test_plan_laws import anything
from tests.undoing import HEADER, applied, revert_of, undone
from tests.worlds import World

USER, GROUP = ResourceType.USER, ResourceType.GROUP
EVERYDAY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
IRREVERSIBLE = {Action.CREATE, Action.DELETE, Action.LINK}


def plain(value: Any) -> Any:
    """Return *value* without case, order and nothings, none of which says anything here."""
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return sorted(filter(None, map(plain, value)), key=repr) or None
    if isinstance(value, dict):
        parts = {name: plain(one) for name, one in sorted(value.items())}
        return {name: one for name, one in parts.items() if one is not None} or None
    return value


def seen(resource: Resource) -> Any:
    """Return what a resource shows but for its members; one without `active` is active."""
    shown = {name: one for name, one in resource.items() if name not in ("schemas", "members")}
    return plain({**shown, "active": boolean(resource.get("active")) is not False})


def everything(world: World) -> dict[tuple[ResourceType, str], Resource]:
    """Return a copy of all that is live, by type and id."""
    users = {(USER, one): resource for one, resource in world.target.users.items()}
    groups = {(GROUP, one): resource for one, resource in world.target.groups.items()}
    return deepcopy({**users, **groups})


def named(body: Body, deeds: Deeds) -> set[tuple[ResourceType, str | None]]:
    """Return type and id of whatever a revert says that it leaves."""
    ids = {(o.operation.resource_type, o.operation.source_id): o.target_id for o in deeds.done}
    known_by = [(one.resource_type, one.source_id) for one in body.skipped]
    return {*known_by, *((one[0], ids.get(one)) for one in known_by)}


def check(world: World) -> None:
    """Apply a plan, undo it, and compare with what was there before."""
    before, plan = everything(world), world.plan()
    deeds = applied(world, plan)
    between = everything(world)

    back = undone(world, plan, deeds)

    after, listed = everything(world), named(back, deeds)
    for place, resource in before.items():
        if place not in after:
            assert place not in between, "deleted by a revert"
            continue
        as_before = seen(resource) == seen(after[place])
        was, now = (live_members(one) for one in (resource, after[place]))
        assert as_before or place in listed, (resource, after[place], back.skipped)
        gone = {one for kind, one in before if (kind, one) not in after}
        assert was - gone == now - gone or place in listed
    for place in after.keys() - before.keys():
        policy = world.application.lifecycle.leaves_scope
        off = boolean(after[place].get("active")) is False
        assert policy != "delete" or place in listed
        assert policy != "disable" or off or place[0] is GROUP
        assert place[0] is USER or place in listed or policy == "delete"
    if not IRREVERSIBLE & {one.action for one in plan.operations}:
        assert {one.code for one in back.skipped} <= {"EntryConflict"}, back.skipped  # names
        assert back.skipped or told(world.plan()) == told(plan)


def told(body: Body) -> list[Any]:
    """Return what a plan does and why; how an account says that it is active does not count."""
    return [
        (one.action, one.target_id, one.reason, [_told_of(change) for change in one.changes])
        for one in body.operations
    ]


def _told_of(change: Change) -> tuple[Any, ...]:
    active = change.path.lower() == "active"
    return (
        change.path,
        boolean(change.before) is not False if active else change.before,
        change.after,
    )


@EVERYDAY
@given(anything)
def test_a_plan_and_its_revert_leave_everything_as_it_was_or_say_what_is_not(world: World) -> None:
    check(world)


@pytest.mark.measured
@MANY
@given(anything)
def test_many_plans_and_their_reverts_leave_everything_as_it_was(world: World) -> None:
    check(world)


@FEW
@given(anything)
def test_a_revert_is_a_plan_like_any_other(world: World) -> None:
    plan = world.plan()
    deeds = applied(world, plan)

    back = revert_of(world, plan, deeds)

    waves = [operation.wave for operation in back.operations]
    assert waves == sorted(waves)
    assert all(takes(one) is (one.wave >= FIRST_TAKING) for one in back.operations)
    assert parse_plan(canonical_json(as_json(seal(back, HEADER)))).body == back
    assert back == revert_of(world, plan, deeds)


@FEW
@given(anything)
def test_a_revert_of_a_revert_is_the_plan_again(world: World) -> None:
    plan = world.plan()
    deeds = applied(world, plan)
    between = everything(world)
    back = revert_of(world, plan, deeds)

    undone(world, back, applied(world, back))

    after = everything(world)
    for place, resource in between.items():
        assert place not in after or seen(resource) == seen(after[place])
