"""Ruling 11: give before take; what is referred to before what refers to it."""

import random

import pytest

from reconciler.plan.drafts import Draft
from reconciler.plan.operation import Action, Change, Reference
from reconciler.plan.order import FIRST_TAKING, WAVES, Wave, circles, dependencies, in_order
from reconciler.states import ResourceType
from tests.worlds import ENTERPRISE, group, person, settled

USER, GROUP = ResourceType.USER, ResourceType.GROUP
MANAGER = Change(f"{ENTERPRISE}:manager", None, "t-1")


def draft(
    action: Action,
    key: str = "a",
    *changes: Change,
    kind: ResourceType = USER,
    target: str | None = None,
) -> Draft:
    """Return one draft."""
    return Draft(action, kind, key, f"s-{key}", target or f"t-{key}", "because", list(changes))


def renamed(key: str, before: str | None, after: str, action: Action = Action.UPDATE) -> Draft:
    """Return a draft that gives up one name and takes another."""
    return draft(action, key, Change("userName", before, after))


EVERY = [draft(action, key, kind=kind) for action, kind in WAVES for key in "ba"]


def test_ruling_11_the_waves_run_in_the_order_of_the_ruling() -> None:
    ordered = [(d.action.value, d.resource_type.value) for d in in_order(EVERY)][::2]

    assert ordered == [
        ("link", "Group"),
        ("link", "User"),
        ("create", "User"),
        ("enable", "User"),
        ("update", "User"),
        ("create", "Group"),
        ("update", "Group"),
        ("add_members", "Group"),
        ("remove_members", "Group"),
        ("revoke", "User"),
        ("disable", "User"),
        ("delete", "Group"),
        ("delete", "User"),
    ]


def test_ruling_11_whatever_takes_comes_after_whatever_gives() -> None:
    taking = {Action.REMOVE_MEMBERS, Action.REVOKE, Action.DISABLE, Action.DELETE}

    assert all((wave >= FIRST_TAKING) is (kind[0] in taking) for kind, wave in WAVES.items())


def test_within_a_wave_the_order_is_that_of_the_keys() -> None:
    drafts = [draft(Action.UPDATE, key) for key in "cab"]

    assert [d.key for d in in_order(drafts)] == ["a", "b", "c"]


def test_any_shuffle_comes_out_the_same() -> None:
    drafts = [*EVERY, renamed("x", "p", "q"), renamed("y", None, "p", Action.CREATE)]
    expected = [(d.action, d.key) for d in in_order(drafts)]

    for seed in range(30):
        shuffled = random.Random(seed).sample(drafts, len(drafts))
        assert [(d.action, d.key) for d in in_order(shuffled)] == expected


@pytest.mark.parametrize(
    ("changes", "wave"),
    [
        pytest.param([MANAGER], Wave.REFERENCES, id="only the manager"),
        pytest.param([MANAGER, Change("title", "a", "b")], Wave.UPDATE_USERS, id="and more"),
        pytest.param([Change("title", "a", "b")], Wave.UPDATE_USERS, id="no reference"),
        pytest.param([], Wave.UPDATE_USERS, id="nothing"),
    ],
)
def test_ruling_11_references_are_written_when_everybody_is_there(
    changes: list[Change], wave: Wave
) -> None:
    [ordered] = in_order([draft(Action.UPDATE, "a", *changes)])

    assert ordered.wave == wave


def test_ruling_11_a_reference_to_a_newcomer_runs_in_the_wave_of_references() -> None:
    waiting = draft(Action.UPDATE)
    waiting.references = [Reference(f"{ENTERPRISE}:manager", "s-b", USER, "b")]

    [ordered] = in_order([waiting])

    assert ordered.wave == Wave.REFERENCES


def test_ruling_11_what_frees_a_name_runs_before_what_takes_it() -> None:
    chain = [renamed("a", "1", "2"), renamed("b", "2", "3"), renamed("c", "3", "4")]

    assert [d.key for d in in_order(chain)] == ["c", "b", "a"]


@pytest.mark.parametrize("taker", [Action.LINK, Action.CREATE, Action.ENABLE])
def test_ruling_11_what_frees_a_name_comes_forward_to_who_takes_it(taker: Action) -> None:
    ordered = in_order(
        [renamed("b", "2", "3"), renamed("a", "1", "2"), renamed("n", None, "1", taker)]
    )

    assert [d.key for d in ordered] == ["b", "a", "n"]
    assert {d.wave for d in ordered} == {WAVES[taker, USER]}


def test_what_frees_a_name_early_enough_stays_where_it_is() -> None:
    ordered = in_order([renamed("b", "2", "3", Action.ENABLE), renamed("a", "1", "2")])

    assert [d.wave for d in ordered] == [Wave.ENABLE_USERS, Wave.UPDATE_USERS]


def test_names_are_compared_without_case_and_external_ids_to_the_letter() -> None:
    names = [renamed("a", "X", "y"), renamed("b", "w", "x")]
    ids = [
        draft(Action.UPDATE, "a", Change("externalId", "X", "y")),
        draft(Action.UPDATE, "b", Change("externalId", "w", "x")),
    ]

    assert dependencies(names) == {1: {0}}
    assert dependencies(ids) == {}


def test_users_and_groups_have_names_of_their_own() -> None:
    mixed = [
        draft(Action.UPDATE, "a", Change("externalId", "x", "y"), kind=GROUP),
        draft(Action.UPDATE, "b", Change("externalId", "w", "x")),
    ]

    assert dependencies(mixed) == {}


def test_nobody_waits_for_themselves() -> None:
    assert dependencies([renamed("a", "X", "x")]) == {}


@pytest.mark.parametrize(
    ("names", "stuck"),
    [
        pytest.param([("1", "2"), ("2", "3")], set(), id="a chain"),
        pytest.param([("1", "2"), ("2", "1")], {0, 1}, id="a swap"),
        pytest.param([("1", "2"), ("2", "3"), ("3", "1")], {0, 1, 2}, id="a ring"),
        pytest.param([("1", "2"), ("2", "1"), ("5", "6")], {0, 1}, id="a swap and somebody else"),
        pytest.param([("1", "2"), ("2", "1"), (None, "1")], {0, 1, 2}, id="behind a swap"),
    ],
)
def test_ruling_11_circles_are_found(names: list[tuple[str | None, str]], stuck: set[int]) -> None:
    assert circles([renamed(str(i), *pair) for i, pair in enumerate(names)]) == stuck


def test_names_in_a_circle_are_ordered_somehow_and_not_for_ever() -> None:
    """They are skipped before; should one come through, it must not hang the program."""
    swap = [renamed("a", "1", "2"), renamed("b", "2", "1"), renamed("c", None, "1")]

    assert {d.key for d in in_order(swap)} == {"a", "b", "c"}


def test_ruling_11_a_whole_plan_is_in_the_order_of_its_waves() -> None:
    assignments = [{"group": "Staff", "role": "User"}, {"user": "p2", "role": "Administrator"}]
    world = settled(*(person(f"p{n}") for n in range(6)), assignments=assignments)
    world.user("p1")["active"] = False
    world.target.add_user("t-9", "p9@contoso.example", active=True)
    world.becomes(
        [
            person("p0", displayName="Zero"),
            person("p1", displayName="One"),
            person("p2"),
            person("p3", manager="p8"),
            person("p8"),
            person("p9"),
        ],
        [group("g-staff", "Staff", "p0", "p1", "p2", "p8", "p9"), group("g-new", "New", "p8")],
        assignments=[
            {"group": "Staff", "role": "User"},
            {"user": "p3", "role": "User"},
            {"group": "New"},
        ],
        lifecycle={"deleted_at_source": "delete"},
    )

    told = [(op.wave, op.action.value, op.key.partition("@")[0]) for op in world.plan().operations]

    assert told == [
        (1, "link", "p9"),
        (2, "create", "p8"),
        (3, "enable", "p1"),
        (4, "update", "p0"),
        (5, "create", "New"),
        (7, "add_members", "New"),
        (7, "add_members", "Staff"),
        (7, "update", "p3"),
        (8, "remove_members", "Staff"),
        (9, "revoke", "p2"),
        (12, "delete", "p4"),
        (12, "delete", "p5"),
    ]


def test_ruling_11_the_name_of_a_group_is_given_up_before_another_group_takes_it() -> None:
    first = draft(Action.UPDATE, "b", Change("displayName", "A", "B"), kind=GROUP)
    second = draft(Action.UPDATE, "c", Change("displayName", "B", "C"), kind=GROUP)
    new = draft(Action.CREATE, "a", Change("displayName", None, "A"), kind=GROUP)

    ordered = in_order([new, first, second])

    assert [one.key for one in ordered] == ["c", "b", "a"]
    assert dependencies(ordered) == {1: {0}, 2: {1}}


def test_groups_that_swap_their_names_are_no_circle_because_services_may_allow_it() -> None:
    swap = [
        draft(Action.UPDATE, "a", Change("displayName", "A", "B"), kind=GROUP),
        draft(Action.UPDATE, "b", Change("displayName", "B", "A"), kind=GROUP),
    ]

    assert circles(swap) == set()
    assert [one.key for one in in_order(swap)] == ["b", "a"]


def test_people_may_have_the_display_name_of_others() -> None:
    first = draft(Action.UPDATE, "a", Change("displayName", "Ada", "Bob"))
    second = draft(Action.UPDATE, "b", Change("displayName", "Bob", "Cleo"))

    assert dependencies([first, second]) == {}
