"""Laws of every plan, in small worlds in which anything may have happened (INV-6 to 10, 21)."""

import random
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.config.safety import Safety
from reconciler.directory import Subject
from reconciler.plan.digest import canonical_json, digest
from reconciler.plan.document import Body, Header
from reconciler.plan.effects import deletes_in_time, takes
from reconciler.plan.guards import run_guards
from reconciler.plan.limits import limit_of
from reconciler.plan.operation import Action, Operation
from reconciler.plan.order import FIRST_TAKING
from reconciler.plan.plan_file import as_json, canonical_plan, parse_plan, seal
from reconciler.plan.population import SourceRows, count_population
from reconciler.states import ResourceType
from tests.worlds import (
    AS_OF,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    person,
    told,
)

HEADER = Header("2026-11-23T00:00:00Z", "0", None, None)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANCHORS = ("p0", "p1", "p2", "p3", "p4")
NAMES = ("a", "b", "c", "d", "e", "f")
POLICIES = ("disable", "delete", "keep")
BY_STATUS = {
    "target": "active",
    "expression": 'IIF([IsSoftDeleted]="True", "False", Switch([status], "True", "off", "False"))',
}
NEEDY = {"target": "nickName", "expression": 'IIF([kind]="x", "x", "other")'}
CLEARED = {"target": "title", "source": "jobTitle", "clear": True}
OTHERS = [line for line in USER_MAPPINGS if line["target"] not in ("active", "title")]
MAPPINGS = {"users": [*OTHERS, BY_STATUS, NEEDY, CLEARED], "groups": GROUP_MAPPINGS}
ENTITLED = "NotEffectivelyEntitled"


@st.composite
def people(draw: st.DrawFn) -> list[Subject]:
    """Draw a source: everybody may be there, and be anything."""
    found: list[Subject] = []
    for anchor in ANCHORS:
        if draw(st.integers(0, 5)) == 0:
            continue
        cells = {
            "userPrincipalName": f"{draw(st.sampled_from(NAMES))}@contoso.example",
            "kind": draw(st.sampled_from(("x", "x", "x", "y", ""))),
            "status": draw(st.sampled_from(("", "", "", "off"))),
            "jobTitle": draw(st.sampled_from(("", "Boss"))),
            "manager": draw(st.sampled_from(("", "", *ANCHORS))),
            "accountEnabled": draw(st.sampled_from(("true", "true", "true", "false"))),
            "isDeleted": draw(st.sampled_from(("false", "false", "false", "true"))),
        }
        if draw(st.integers(0, 9)) == 0:
            cells["userPrincipalName"] = draw(st.sampled_from(("", "a@fabrikam.example")))
        found.append(person(anchor, **cells))
    return found


some = st.lists(st.sampled_from(ANCHORS), unique=True)
most = some.map(lambda few: [anchor for anchor in ANCHORS if anchor not in few[:2]])


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    """Draw people, groups and assignments."""
    listed = draw(people())
    known = {subject.anchor for subject in listed}
    staff, team = (tuple(a for a in draw(members) if a in known) for members in (most, some))
    groups = [
        group("g-staff", "Staff", *staff, "g-team"),
        group("g-team", draw(st.sampled_from(("Team", "Crew"))), *team),
    ]
    assignments = [
        {"group": "g-staff", "role": "User"},
        *({"user": anchor, "role": "Administrator"} for anchor in draw(some)[:2]),
        *([{"group": "g-team"}] if draw(st.booleans()) else []),
    ]
    return {"people": listed, "groups": groups, "assignments": assignments}


roles = st.sampled_from(("user", "admin", "owner", "USER", None))
actives = st.sampled_from((True, True, False, "True", "false", None))


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the attributes of an account that somebody else made or changed."""
    role = draw(roles)
    found: dict[str, Any] = {"active": draw(actives), "displayName": "x"}
    if role:
        found["roles"] = [{"primary": True, "value": role}]
    if draw(st.booleans()):
        found["externalId"] = draw(st.sampled_from(ANCHORS))
    return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world that was applied once, in which then everything changed."""
    chosen: dict[str, Any] = {
        "mappings": MAPPINGS,
        "registered_domains": ["contoso.example"],
        "ownership": draw(st.sampled_from(("recorded", "all"))),
        "default_access": draw(st.sampled_from(("exclude", "include"))),
        "lifecycle": {
            "leaves_scope": draw(st.sampled_from(POLICIES)),
            "deleted_at_source": draw(st.sampled_from(POLICIES)),
        },
    }
    world = World(application(**chosen), directory([]), settings=chosen)
    world.becomes(**draw(sources()))
    if draw(st.booleans()):
        world.apply(world.plan())
    names = draw(st.lists(st.sampled_from((*NAMES, "z")), unique=True))[:3]
    for number, name in enumerate(names):
        taken = {r.get("userName") for r in world.target.users.values()}
        if f"{name}@contoso.example" not in taken:
            made = draw(accounts())
            world.target.add_user(f"t-{number}", f"{name}@contoso.example", **made)
    for target in list(world.target.users):
        if draw(st.integers(0, 3)) == 0:
            world.target.users[target].update(draw(accounts()))
    if draw(st.integers(0, 3)) == 0:
        kept = {key: target for key, target in world.recorded.links.items() if draw(st.booleans())}
        world.recorded = replace(world.recorded, links=kept)
    return world.becomes(**draw(sources()))


@st.composite
def leavers(draw: st.DrawFn) -> World:
    """Draw a world in which everybody had an account, and some have left, some long ago."""
    chosen: dict[str, Any] = {
        "mappings": MAPPINGS,
        "registered_domains": ["contoso.example"],
        "ownership": draw(st.sampled_from(("recorded", "all"))),
        "lifecycle": {
            "leaves_scope": draw(st.sampled_from(POLICIES)),
            "delete_after": draw(st.sampled_from(("never", "30d", "30d"))),
        },
    }
    world = World(application(**chosen), directory([]), settings=chosen)
    everybody = [person(anchor, kind="x") for anchor in ANCHORS]
    both = [group("g-staff", "Staff", *ANCHORS, "g-team"), group("g-team", "Team", *ANCHORS)]
    assignments = [{"group": "g-staff", "role": "User"}, {"group": "g-team"}]
    world.becomes(everybody, both, assignments=assignments)
    world.apply(world.plan())
    world.becomes(**draw(sources()))
    world.apply(world.plan())
    days = {t: AS_OF - timedelta(days=draw(st.integers(0, 60))) for t in world.recorded.disabled_on}
    world.recorded = replace(world.recorded, disabled_on=days)
    if draw(st.booleans()):
        return world.becomes(**draw(sources()))
    gone = draw(st.sampled_from(ANCHORS))
    people = [s for s in world.directory.subjects.values() if s.anchor != gone]
    staff = [subject.anchor for subject in people]
    return world.becomes(
        people, [group("g-staff", "Staff", *staff), group("g-team", "Team", *staff[:2])]
    )


anything = st.one_of(worlds(), leavers())


def body_of(plan: Body) -> bytes:
    """Return the canonical bytes of a body."""
    return canonical_json(as_json(seal(plan, HEADER))["body"])


def removed_members(operation: Operation) -> set[str]:
    """Return the ids of who is taken out of a group."""
    change = operation.change_of("members")
    return {member["value"] for member in (change.before or [])} if change else set()


@FEW
@given(anything, st.randoms(use_true_random=False))
def test_the_same_world_gives_the_same_bytes_in_whatever_order_it_is_listed(
    world: World, chance: random.Random
) -> None:
    first = body_of(world.plan())
    for kind in ("users", "groups"):
        items = list(getattr(world.target, kind).items())
        chance.shuffle(items)
        setattr(world.target, kind, dict(items))
    for resource in world.target.groups.values():
        chance.shuffle(resource.get("members", []))

    assert body_of(world.plan()) == first
    assert parse_plan(canonical_json(as_json(seal(world.plan(), HEADER)))).body == world.plan()


@FEW
@given(anything)
def test_a_plan_is_written_in_pieces_as_in_one(world: World) -> None:
    """The long way round: everything as JSON values, and then as text."""
    plan = seal(world.plan(), HEADER)
    whole = as_json(plan)
    body = whole["body"]
    reviewed = [
        {name: value for name, value in operation.items() if name != "precondition"}
        for operation in body["operations"]
    ]

    assert b"".join(canonical_plan(plan)) == canonical_json(whole)
    assert plan.digest == digest(body)
    assert plan.header_digest == digest(whole["header"])
    assert body["operations_digest"] == digest(
        [body["application"], body["target"]["tenant_url"], reviewed]
    )


@FEW
@given(anything)
def test_a_plan_applies_as_a_whole_and_soon_there_is_nothing_left_to_do(world: World) -> None:
    """
    Only what is ours, and stays ours, is settled by one plan.

    A link takes nothing in its plan and a delete frees a name, so both leave
    something for the next; with `ownership: all`, a name that changes can show
    whose another account is.
    """
    plan = world.plan()
    at_once = world.application.ownership == "recorded" and not any(
        operation.action in {Action.LINK, Action.DELETE} for operation in plan.operations
    )
    for rounds in range(5):
        report = world.apply(plan)
        assert [(o.operation.key, o.code, o.detail) for o in report.outcomes if not o.good] == []
        plan = world.plan()
        if not plan.operations:
            break
        assert rounds or not at_once, told(plan.operations)
    assert told(plan.operations) == []


@FEW
@given(anything)
def test_what_is_not_ours_is_only_ever_linked(world: World) -> None:
    """And once it is linked by the plan, it may be given a manager, and memberships."""
    ours = {target for (kind, _), target in world.recorded.links.items()}
    if world.application.ownership == "all":
        ours |= {*world.target.users, *world.target.groups}
    plan = world.plan()

    linked: set[str | None] = {None}
    for operation in plan.operations:
        if operation.action is Action.LINK:
            linked.add(operation.target_id)
        taking = takes(operation)
        assert operation.target_id in ours or (operation.target_id in linked and not taking)
        assert removed_members(operation) <= ours


@FEW
@given(anything)
def test_what_is_linked_loses_nothing_in_that_plan(world: World) -> None:
    plan = world.plan()
    linked = {op.target_id for op in plan.operations if op.action is Action.LINK}

    for operation in plan.operations:
        assert not removed_members(operation) & linked
        if operation.target_id in linked:
            assert not takes(operation)
            assert all(change.after is not None for change in operation.changes)


@FEW
@given(anything)
def test_whoever_is_skipped_has_no_operation_and_is_removed_from_nothing(world: World) -> None:
    plan = world.plan()
    skipped = {(one.resource_type, one.source_id) for one in plan.skipped if one.code != ENTITLED}
    theirs = {world.recorded.links[one] for one in skipped if one in world.recorded.links}
    theirs |= {
        target
        for target, account in world.target.users.items()
        if (ResourceType.USER, account.get("externalId")) in skipped
        and target not in world.recorded.links.values()
    }
    before = deepcopy(world.target.users)

    for operation in plan.operations:
        assert (operation.resource_type, operation.source_id) not in skipped
        assert operation.target_id not in theirs
        assert not removed_members(operation) & theirs
    world.apply(plan)
    for target in theirs & set(before):
        assert world.target.users[target] == before[target]


@FEW
@given(anything)
def test_whoever_is_kept_has_no_operation(world: World) -> None:
    world.becomes(lifecycle={"leaves_scope": "keep", "deleted_at_source": "keep"})
    plan = world.plan()

    assert not {Action.DELETE} & {operation.action for operation in plan.operations}
    subjects = world.directory.subjects
    for operation in plan.operations:
        if operation.action is Action.DISABLE:
            assert operation.source_id in subjects
            gone = subjects[str(operation.source_id)]
            assert not gone.deleted
            assert not gone.enabled or gone.attributes.get("status") == "off"


@FEW
@given(anything)
def test_give_comes_before_take_and_names_are_free_when_they_are_taken(world: World) -> None:
    plan = world.plan()
    waves = [operation.wave for operation in plan.operations]
    names = {
        str(account["userName"]).lower(): target for target, account in world.target.users.items()
    }

    assert waves == sorted(waves)
    assert all(takes(op) is (op.wave >= FIRST_TAKING) for op in plan.operations)
    assert [operation.id for operation in plan.operations] == [
        f"op-{number:05d}" for number in range(1, len(waves) + 1)
    ]
    for operation in plan.operations:
        change = operation.change_of("userName")
        if change is not None:
            names.pop(str(change.before).lower(), None)
            assert str(change.after).lower() not in names
            names[str(change.after).lower()] = operation.target_id or operation.key


@FEW
@given(anything)
def test_without_removals_is_the_same_plan_without_what_takes(world: World) -> None:
    whole, gentle = world.plan(), world.plan(removals=False)

    def about(operations: Sequence[Operation]) -> list[tuple[object, ...]]:
        return [(o.action, o.target_id, o.source_id, o.changes) for o in operations]

    assert about(gentle.operations) == about(tuple(o for o in whole.operations if not takes(o)))
    assert about(gentle.withheld) == about(tuple(o for o in whole.operations if takes(o)))


@FEW
@given(anything, some)
def test_a_plan_for_a_few_says_of_them_what_the_whole_plan_says(
    world: World, few: list[str]
) -> None:
    """
    Unless they wait for a name or a manager that the rest of the plan would give them, or for
    others whose ``delete_after`` was over before theirs.
    """
    whole, part = world.plan(), world.plan(selected=frozenset(few))

    assert {operation.source_id for operation in part.operations} <= set(few)
    told_of_all = {
        (o.action, o.source_id, str(o.changes)) for o in whole.operations if not o.references
    }
    for operation in part.operations:
        waits = operation.action is Action.UPDATE or deletes_in_time(operation)
        if not operation.references and not waits:
            assert (operation.action, operation.source_id, str(operation.changes)) in told_of_all


# guards

limits = st.fixed_dictionaries({"at_most": st.integers(0, 4), "percent": st.integers(0, 100)})


@st.composite
def policies(draw: st.DrawFn) -> Safety:
    """Draw limits that are easily met."""
    names = ("delete_users", "delete_groups", "empty_groups", "remove_members", "revoke_roles")
    return Safety.model_validate(
        {
            "accidental_deletions": {**draw(limits), "enabled": draw(st.booleans())},
            **{name: draw(limits) for name in names},
            "protected": tuple(draw(some)),
            "min_admins": draw(st.integers(0, 3)),
        }
    )


def gives_a_role(operation: Operation) -> bool:
    """Say whether an operation that takes a role gives a privileged one."""
    return any(change.after == "admin" for change in operation.changes)


@FEW
@given(anything, policies())
def test_taking_less_never_turns_a_pass_into_a_block(world: World, safety: Safety) -> None:
    """INV-9: adding what takes away never turns a block into a pass."""
    operations = world.plan().operations
    assume(any(takes(operation) for operation in operations))

    def blocked(some_of_them: Sequence[Operation]) -> set[str]:
        chosen = world.application.model_copy(update={"safety": safety})
        population = count_population(
            chosen, world.target.live(), world.recorded, some_of_them, SourceRows(5, 2, {})
        )
        return {found.id for found in run_guards(some_of_them, population, safety) if found.blocked}

    everything = blocked(operations)
    for index, operation in enumerate(operations):
        due = deletes_in_time(operation)  # its memberships go with it, and count as part of it
        if takes(operation) and not gives_a_role(operation) and not due:
            assert blocked([*operations[:index], *operations[index + 1 :]]) <= everything


@given(st.integers(0, 400), st.integers(0, 100), st.integers(0, 60) | st.none())
@settings(max_examples=300, deadline=None)
def test_ruling_14_the_limit_is_what_a_child_would_count(
    population: int, percent: int, at_most: int | None
) -> None:
    """A brute-force oracle: the largest number that the ruling allows, found by trying all."""

    def allowed(count: int) -> bool:
        few = count <= 3 and 2 * count <= population
        share = 100 * count <= percent * population
        return (few or share) and (at_most is None or count <= at_most)

    assert limit_of(population, percent, at_most) == max(
        count for count in range(population + 1) if allowed(count)
    )


@given(st.integers(0, 10**6), st.integers(0, 100), st.integers(0, 10**6))
def test_ruling_14_more_people_never_mean_a_smaller_limit(
    population: int, percent: int, at_most: int
) -> None:
    limit = limit_of(population, percent, at_most)

    assert 0 <= limit <= limit_of(population + 1, percent, at_most) <= at_most
    assert limit <= population


@FEW
@given(anything, st.integers(2, 9))
def test_ruling_15_the_operations_digest_does_not_follow_unrelated_writes(
    world: World, version: int
) -> None:
    first = world.plan()
    for resource in (*world.target.users.values(), *world.target.groups.values()):
        resource["meta"] = {"version": str(version)}
        resource["locale"] = f"x-{version}"

    assert world.plan().operations_digest == first.operations_digest
    assert replace(world.plan(), read=first.read) == first


# leaving


@FEW
@given(anything)
def test_whoever_is_on_a_rung_was_disabled_by_us_and_is_due_when_this_plan_deletes_them(
    world: World,
) -> None:
    plan = world.plan()
    paired = {op.target_id for op in plan.operations if op.action in {Action.ENABLE, Action.LINK}}
    on_a_rung = {one.target_id for one in plan.leaving.sample}
    ours = set(world.recorded.links.values())
    if world.application.ownership == "all":
        ours |= set(world.target.users)

    deleted = {op.target_id for op in plan.operations if op.action is Action.DELETE}
    for one in plan.leaving.sample:
        assert (one.rung == "due") is (one.target_id in deleted)
        assert one.target_id in ours - paired
        assert one.disabled_on == str(world.recorded.disabled_on[one.target_id])
    for operation in plan.operations:
        if deletes_in_time(operation):
            assert operation.target_id in on_a_rung
    assert plan.leaving.count == len(on_a_rung)


@FEW
@given(anything)
def test_what_a_plan_deletes_is_left_in_none_of_the_groups_that_it_manages(world: World) -> None:
    plan = world.plan()
    deleted = {op.target_id for op in plan.operations if op.action is Action.DELETE}
    managed = {
        world.recorded.links[kind, anchor]
        for kind, anchor in world.recorded.links
        if kind is ResourceType.GROUP and anchor in world.directory.groups
    }
    out = {one["group"] for one in world.settings["assignments"] if "group" in one}

    report = world.apply(plan)

    assume(all(outcome.good for outcome in report.outcomes))
    for anchor in out & set(world.directory.groups):
        target = world.recorded.links.get((ResourceType.GROUP, anchor))
        if target in managed and target in world.target.groups:
            skipped = {one.source_id for one in plan.skipped}
            assert anchor in skipped or not world.target.members(target) & deleted
