"""Laws of ``import scim``: with what it writes, the first plan links, and does nothing else."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.interchange.accounts import Adopted, adopt
from reconciler.plan.operation import Action
from reconciler.scope.assignments import expand
from reconciler.states import ResourceType
from tests.worlds import (
    AS_OF,
    ENTERPRISE,
    ROLES,
    MemoryTarget,
    World,
    application,
    directory,
    group,
    person,
)

NAMES = ("ada", "bob", "cleo", "dan")
CALLED = ("bob@contoso.example", "cleo@contoso.example")
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.sampled_from(("", "x", "Zoë", "007", "no", 'a,"b"\nc', "[x]", "=1"))
roles = st.sampled_from(("admin", "user", "auditor", "USER", "Administrator", "Default Access"))


@st.composite
def services(draw: st.DrawFn) -> MemoryTarget:
    """Draw a service that people were put into by hand."""
    target = MemoryTarget()
    ids = [f"id-{name}" for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))]
    for user_id in ids:
        attributes: dict[str, Any] = {
            "displayName": draw(texts),
            "title": draw(texts),
            "externalId": draw(st.sampled_from(("", "e-1", "e-2", user_id, *CALLED))),
            "active": draw(st.sampled_from((True, True, True, False, "True", "False"))),
        }
        if draw(st.booleans()):
            attributes["roles"] = [{"value": draw(roles), "primary": True}]
        if draw(st.booleans()):
            manager = draw(st.sampled_from((*ids, "gone")))
            attributes[ENTERPRISE] = {"manager": {"value": manager}, "department": draw(texts)}
        shown = {name: value for name, value in attributes.items() if value not in ("", None)}
        target.add_user(user_id, f"{user_id[3:]}@contoso.example", **shown)
    for name in draw(st.lists(st.sampled_from(("Ops", "Sales")), unique=True)):
        members = draw(st.lists(st.sampled_from((*ids, "gone", "g-Ops")), unique=True))
        target.add_group(f"g-{name}", name, *members)
    return target


def as_world(adopted: Adopted, target: MemoryTarget) -> World:
    """Return the world in which what was taken over is the desired state."""
    people = [
        person(row["objectId"], **{**row, "displayName": row.get("displayName", "")})
        for row in adopted.people
    ]
    groups = [
        group(row["objectId"], row["displayName"], *row.get("members", ()))
        for row in adopted.groups
    ]
    made = application(
        roles=[role.model_dump() for role in adopted.roles],
        assignments=adopted.assignments,
        default_access="include" if adopted.needs_default_access else "exclude",
    )
    return World(made, directory(people, groups), target)


@FEW
@given(services())
def test_the_first_plan_only_links(target: MemoryTarget) -> None:
    adopted = adopt(application(), target.live())

    plan = as_world(adopted, target).plan()

    assert {operation.action for operation in plan.operations} <= {Action.LINK}
    linked = {op.target_id for op in plan.operations if op.resource_type is ResourceType.USER}
    off = {i for i, user in target.users.items() if str(user.get("active", True)) == "False"}
    assert linked == target.users.keys() - off
    assert not [guard for guard in plan.guards if guard.blocked]


@FEW
@given(services())
def test_everybody_is_assigned_and_nobody_twice(target: MemoryTarget) -> None:
    adopted = adopt(application(), target.live())
    world = as_world(adopted, target)

    expansion = expand(world.application, world.directory, AS_OF)

    assert not expansion.errors
    assert not expansion.warnings
    assert set(expansion.users) == {row["objectId"] for row in adopted.people}
    assert len({row["objectId"] for row in adopted.people}) == len(target.users)
    assert len({role.name.casefold() for role in adopted.roles}) == len(adopted.roles)


@FEW
@given(services())
def test_nothing_but_a_missing_or_shared_marker_is_written(target: MemoryTarget) -> None:
    adopted = adopt(application(), target.live())

    plan = as_world(adopted, target).plan()

    assert adopted.roles[: len(ROLES)] == list(application().roles)
    assert {change.path for op in plan.operations for change in op.changes} <= {"externalId"}
