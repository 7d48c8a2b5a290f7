"""May this plan run now: before the first request, and on fresh counts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.memory import Memory
from reconciler.apply.verify import (
    GuardsBlock,
    PlanRefused,
    SwitchedOff,
    Terms,
    populations,
    verify_live,
    verify_offline,
)
from reconciler.plan.document import Header, Plan
from reconciler.plan.effects import DUE
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import seal
from reconciler.profiles.model import Profile
from reconciler.scim.capabilities import Capabilities
from tests.worlds import (
    AS_OF,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    person,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
NAMES = ("ada", "bob", "cleo", "dan", "eve", "fay", "gil", "hal")


def made(world: World, created_at: str = "2026-11-23T10:00:00Z", **changes: Any) -> Plan:
    return seal(world.plan(**changes), Header(created_at, "0.1.0", None, None))


def staffed(*names: str, **settings: Any) -> World:
    return World(application(**settings), directory([person(name) for name in names or NAMES]))


def offline(plan: Plan, world: World, **terms: Any) -> None:
    verify_offline(plan, "app", world.application, Terms(NOW, terms.pop("max_age", WEEK), **terms))


def test_a_fitting_plan_passes() -> None:
    world = staffed()
    plan = made(world)

    offline(plan, world)
    offline(plan, world, expect=plan.body.operations_digest)


def test_an_application_that_is_switched_off_is_not_applied() -> None:
    world = staffed(enabled=False)

    with pytest.raises(SwitchedOff, match="`enabled: false`"):
        offline(made(world), world)


def test_ruling_17_the_target_comes_from_the_configuration() -> None:
    world = staffed()
    plan = made(world)
    elsewhere = {"tenant_url": "http://127.0.0.1:10/v2", "secret_token": {"env": "T"}}
    moved = staffed(target=elsewhere)

    with pytest.raises(PlanRefused, match=r"127\.0\.0\.1:9/v2 .*says .*:10/v2"):
        offline(plan, moved)


def test_ruling_15_other_operations_than_the_reviewed_ones_are_refused() -> None:
    world = staffed()

    with pytest.raises(PlanRefused, match="not the reviewed ones"):
        offline(made(world), world, expect="0" * 64)


@pytest.mark.parametrize(
    ("created_at", "fits"),
    [
        pytest.param("2026-11-23T11:00:00Z", True, id="exactly as old as allowed"),
        pytest.param("2026-11-23T10:59:59Z", False, id="a second older"),
        pytest.param("2026-11-23T12:59:59+02:00", False, id="in another zone"),
        pytest.param("2026-11-23T11:30:00", True, id="without a zone it is UTC"),
        pytest.param("yesterday", False, id="not a time"),
    ],
)
def test_the_age_of_a_plan(created_at: str, fits: bool) -> None:
    world = staffed()
    plan = made(world, created_at)

    if fits:
        offline(plan, world, max_age=timedelta(hours=1))
        return
    with pytest.raises(PlanRefused, match="plan again"):
        offline(plan, world, max_age=timedelta(hours=1))


@pytest.mark.parametrize(
    ("created_at", "fits"),
    [
        pytest.param("2026-11-23T12:15:00Z", True, id="a clock that is a little ahead"),
        pytest.param("2026-11-23T12:15:01Z", False, id="a second more"),
        pytest.param("2027-11-23T12:00:00Z", False, id="a year"),
    ],
)
def test_a_plan_of_the_future_would_supersede_every_other(created_at: str, fits: bool) -> None:
    world = staffed()
    plan = made(world, created_at)

    if fits:
        offline(plan, world)
        return
    with pytest.raises(PlanRefused, match="and here it is 2026-11-23T12:00:00Z; set the clocks"):
        offline(plan, world)


def blocked_world() -> World:
    """Return a world of which all but one leave."""
    world = staffed()
    world.settle()
    return world.becomes([person("ada")])


def test_a_plan_that_was_blocked_is_refused_without_a_request() -> None:
    world = blocked_world()
    plan = made(world)

    with pytest.raises(GuardsBlock, match="accidental_deletions: 7 of 8"):
        offline(plan, world)


def live(plan: Plan, world: World, memory: Memory | None = None) -> Any:
    state = world.target.live()
    found = verify_live(plan, world.application, state, world.recorded, memory or Memory())
    return found.population


def test_fresh_counts_are_returned() -> None:
    world = staffed()
    world.settle()

    counts = live(made(world), world).counts

    assert (counts.users, counts.active_users, counts.groups) == (8, 8, 1)


def test_a_service_that_is_another_one_by_now_is_refused() -> None:
    world = staffed()
    plan = made(world)
    config = {"patch": {"supported": True}, "filter": {"supported": True, "maxResults": 3}}
    state = replace(
        world.target.live(), capabilities=Capabilities.from_discovery(config, None, None)
    )

    with pytest.raises(PlanRefused, match="capabilities changed"):
        verify_live(plan, world.application, state, world.recorded, Memory())


@pytest.mark.parametrize(("does", "blocked"), [("suspends", False), ("deletes", True)])
def test_ruling_17_what_a_disable_is_says_the_profile_of_the_configuration(
    does: str, blocked: bool
) -> None:
    world = staffed(safety={"delete_users": {"at_most": 0, "percent": 0}})
    world.settle()
    world.becomes([one for one in world.directory.subjects.values() if one.anchor != "ada"])
    plan, state = made(world), world.target.live()
    profile = Profile.model_validate({"deprovision": {"active_false": does}})

    if not blocked:
        verify_live(plan, world.application, state, world.recorded, Memory(), profile)
        return
    with pytest.raises(GuardsBlock, match="delete_users: 1 of 8 users of ours"):
        verify_live(plan, world.application, state, world.recorded, Memory(), profile)


def test_a_disable_that_deletes_cannot_pass_for_a_delete_that_is_due() -> None:
    world = staffed(safety={"accidental_deletions": {"at_most": 0, "percent": 0}})
    world.settle()
    ada = world.account_of("ada")
    world.recorded = replace(world.recorded, disabled_on={ada: AS_OF})
    world.becomes([one for one in world.directory.subjects.values() if one.anchor != "ada"])
    plan = made(world)
    [disable] = plan.body.operations
    reworded = structs.replace(disable, reason=f"{DUE} 2026-01-01, 30 days ago or more")
    plan = replace(plan, body=replace(plan.body, operations=(reworded,)))
    profile = Profile.model_validate({"deprovision": {"active_false": "deletes"}})

    with pytest.raises(GuardsBlock, match="accidental_deletions: 1 of 8"):
        verify_live(plan, world.application, world.target.live(), world.recorded, Memory(), profile)


def test_ruling_17_guards_are_judged_again_on_the_operations() -> None:
    """A plan whose verdicts somebody has prettied up is judged by what it does."""
    world = blocked_world()
    plan = made(world)
    verdicts = tuple(replace(verdict, blocked=False) for verdict in plan.body.guards)
    doctored = seal(replace(plan.body, guards=verdicts), plan.header)
    offline(doctored, world)

    with pytest.raises(GuardsBlock, match="accidental_deletions") as caught:
        live(doctored, world)

    assert len(caught.value.verdicts) == len(plan.body.guards)


def test_ruling_17_a_stricter_limit_by_now_holds() -> None:
    world = staffed()
    world.settle()
    plan = made(world.becomes([person(name) for name in NAMES[1:]]))
    strict = {"accidental_deletions": {"enabled": True, "at_most": 0, "percent": 5}}
    offline(plan, world)
    live(plan, world)

    with pytest.raises(GuardsBlock, match="accidental_deletions"):
        live(plan, world.becomes(safety=strict))


def test_counts_that_shrank_since_the_plan_block_it() -> None:
    world = staffed()
    world.settle()
    plan = made(world.becomes([person(name) for name in NAMES[3:]]))
    live(plan, world)
    for name in NAMES[3:6]:
        del world.target.users[world.account_of(name)]

    with pytest.raises(GuardsBlock, match="3 of 5 active users"):
        live(plan, world)


def half_leaves() -> tuple[World, Plan]:
    """Return a world of eight, and the plan that disables the first four; half may go."""
    wide = {"enabled": True, "at_most": 1000, "percent": 100}
    world = staffed(safety={"accidental_deletions": wide, "half_gone": {"percent": 50}})
    world.settle()
    leavers = [person(name, accountEnabled="false") for name in NAMES[:4]]
    return world, made(world.becomes([*leavers, *(person(name) for name in NAMES[4:])]))


@pytest.mark.parametrize(
    ("off", "blocked"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param(NAMES[:1], None, id="one of those who leave"),
        pytest.param(NAMES[:3], None, id="three of them"),
        pytest.param(NAMES[4:5], "4 of 7 active users", id="one of those who stay"),
        pytest.param(NAMES[3:5], "4 of 7 active users", id="one of each"),
    ],
)
def test_who_was_switched_off_by_hand_since_is_not_what_makes_a_half(
    off: Sequence[str], blocked: str | None
) -> None:
    world, plan = half_leaves()
    for name in off:
        world.user(name)["active"] = False

    if blocked is None:
        live(plan, world)
        return
    with pytest.raises(GuardsBlock, match=f"half_gone: {blocked}"):
        live(plan, world)


def test_who_a_run_has_disabled_does_not_make_the_half_of_its_next_run_larger() -> None:
    world, plan = half_leaves()
    first = live(plan, world)
    begun = Memory(begun=True, populations=populations(first))
    for name in NAMES[:4]:
        world.user(name)["active"] = False

    assert live(plan, world, begun).counts == first.counts


def test_a_group_that_only_the_plan_would_now_empty_blocks_it() -> None:
    """What was left in it when the plan was made has been taken out by hand since."""
    world = staffed().becomes(safety={"empty_groups": {"at_most": 0, "percent": 0}})
    world.settle()
    leaver = world.account_of(NAMES[0])
    groups = [group("g-staff", "Staff", *NAMES[1:])]
    plan = made(
        world.becomes(
            groups=groups,
            assignments=[*({"user": name, "role": "User"} for name in NAMES), {"group": "Staff"}],
        )
    )
    live(plan, world)
    world.group("g-staff")["members"] = [{"value": leaver}]

    with pytest.raises(GuardsBlock, match="empty_groups: 1 of 1 groups of ours"):
        live(plan, world)


def test_a_resumed_run_is_judged_on_the_counts_of_its_first_run() -> None:
    world = staffed()
    world.settle()
    plan = made(world.becomes([person(name) for name in NAMES[3:]]))
    counts = live(plan, world).counts
    for name in NAMES[:2]:
        world.user(name)["active"] = False
    begun = {name: getattr(counts, name) for name in counts.__slots__}

    population = live(plan, world, Memory(begun=True, populations=begun))

    assert population.counts == counts


def test_a_resumed_run_is_judged_on_the_members_that_its_first_run_found() -> None:
    """Four of twenty may leave a group; of the sixteen that are left then, three."""
    names = [f"p{number:02}" for number in range(20)]
    everybody = [{"user": name, "role": "User"} for name in names]
    world = staffed(*names).becomes(
        assignments=[*everybody, {"group": "Staff"}],
        safety={
            "remove_members": {"at_most": 200, "percent": 100},
            "group_members": {"at_most": 50, "percent": 20},
        },
    )
    world.settle()
    plan = made(world.becomes(groups=[group("g-staff", "Staff", *names[4:])]))
    counts = live(plan, world).counts
    begun = {name: getattr(counts, name) for name in counts.__slots__}
    world.apply(plan.body)

    with pytest.raises(GuardsBlock, match="group_members: 4 of 16 members"):
        live(plan, world)
    live(plan, world, Memory(begun=True, populations=begun, done={plan.body.operations[0].id}))
    live(plan, world, Memory(begun=True, populations=begun, in_doubt={plan.body.operations[0].id}))


def test_a_resumed_run_is_not_blocked_by_the_accounts_that_it_made_itself() -> None:
    """The listing does not show them yet; nobody creates them again."""
    names = [f"p{number}" for number in range(6)]
    world = staffed("ada")
    world.settle()
    plan = made(world.becomes([person(name) for name in ("ada", *names)]))
    counts = live(plan, world).counts
    begun = {name: getattr(counts, name) for name in counts.__slots__}
    for name in names:
        world.link(name, f"t-{name}")
    creates = {one.id for one in plan.body.operations if one.action is Action.CREATE}

    with pytest.raises(GuardsBlock, match="create_users: 6 of 7 accounts"):
        live(plan, world)
    ids = {("User", name): f"t-{name}" for name in names}
    live(plan, world, Memory(begun=True, populations=begun, done=creates, ids=ids))


# what a plan says of itself is not believed


MAKING = {"target": "nickName", "expression": "Append([displayName], Guid())", "apply": "on_create"}


def making(**settings: Any) -> World:
    return staffed("ada", mappings={"users": [*USER_MAPPINGS, MAKING]}, **settings)


def test_ruling_17_an_expression_of_the_configuration_is_evaluated() -> None:
    world = making()

    offline(made(world), world)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="no such mapping"),
        pytest.param([{**MAKING, "expression": "Guid()"}], id="another expression"),
        pytest.param([{**MAKING, "target": "title"}], id="another attribute"),
    ],
)
def test_ruling_17_an_expression_of_the_plans_own_is_not(lines: list[dict[str, Any]]) -> None:
    """Nobody sees before what it yields, so that somebody must have reviewed the expression."""
    plan = made(making())
    users = [line for line in USER_MAPPINGS if line["target"] != "title"]
    world = staffed("ada", mappings={"users": [*users, *lines]})

    with pytest.raises(PlanRefused, match="nickName by an expression that the configuration"):
        offline(plan, world)


def test_ruling_17_an_expression_for_groups_is_not_one_for_people() -> None:
    line = {"target": "externalId", "expression": "Guid()", "apply": "on_create"}
    groups = [GROUP_MAPPINGS[0], line]
    world = staffed("ada", mappings={"users": USER_MAPPINGS, "groups": groups})
    offline(made(world), world)
    people = [one for one in USER_MAPPINGS if one["target"] != "externalId"]

    with pytest.raises(PlanRefused, match="externalId by an expression"):
        offline(made(world), staffed("ada", mappings={"users": [*people, line]}))


def deleting(*, due: bool) -> tuple[World, Plan]:
    """Return a world in which one delete says that its time is over, and the plan of it."""
    world = staffed(*NAMES[:2])
    world.settle()
    nothing = {"accidental_deletions": {"enabled": True, "at_most": 0, "percent": 0}}
    lifecycle = {"deleted_at_source": "delete"}
    world.becomes([person("ada")], safety=nothing, lifecycle=lifecycle)
    plan = made(world)
    deletes = [
        structs.replace(one, reason=f"{DUE} 2026-01-01") if one.action is Action.DELETE else one
        for one in plan.body.operations
    ]
    guards = tuple(replace(one, blocked=False) for one in plan.body.guards)
    if due:
        world.disabled_on(bob=date(2026, 1, 1))
    return world, seal(replace(plan.body, operations=tuple(deletes), guards=guards), plan.header)


def test_ruling_14_a_delete_is_due_when_our_journals_say_so() -> None:
    world, plan = deleting(due=True)

    live(plan, world)


def test_ruling_14_a_delete_that_only_says_so_counts_as_any_other() -> None:
    world, plan = deleting(due=False)

    with pytest.raises(GuardsBlock, match="accidental_deletions: 1 of 2"):
        live(plan, world)


def test_a_due_delete_that_an_earlier_run_has_done_stays_due() -> None:
    world, plan = deleting(due=False)
    done = {one.id for one in plan.body.operations if one.action is Action.DELETE}

    live(plan, world, Memory(done=done))
