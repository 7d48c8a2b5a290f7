"""What operations do to people: the questions that guards and journals ask (ruling 14)."""

import pytest

from reconciler.plan.effects import (
    DUE,
    deletes_group,
    deletes_in_time,
    deletes_user,
    disables,
    enables,
    lost_members,
    renames,
    revokes,
    takes,
    tally,
)
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType
from tests.plans import make_operation

GROUP = ResourceType.GROUP
MEMBERS = [{"value": "m-1", "display": "m"}]

GIVING = [
    make_operation(Action.LINK),
    make_operation(Action.LINK, changes=[("displayName", "a", "b")]),
    make_operation(Action.CREATE, changes=[("active", None, False), ("userName", None, "a")]),
    make_operation(Action.ENABLE, changes=[("active", False, True)]),
    make_operation(Action.UPDATE, changes=[("title", "a", None)]),
    make_operation(Action.UPDATE, changes=[("userName", "a", "b")]),
    make_operation(Action.CREATE, resource_type=GROUP),
    make_operation(Action.UPDATE, resource_type=GROUP, changes=[("displayName", "a", "b")]),
    make_operation(Action.ADD_MEMBERS, resource_type=GROUP, changes=[("members", None, MEMBERS)]),
]
TAKING = [
    make_operation(
        Action.REMOVE_MEMBERS, resource_type=GROUP, changes=[("members", MEMBERS, None)]
    ),
    make_operation(Action.UPDATE, resource_type=GROUP, changes=[("Members", MEMBERS, None)]),
    make_operation(Action.REVOKE, changes=[("roles", "a", "b")]),
    make_operation(Action.DISABLE, changes=[("active", True, False)]),
    make_operation(Action.DISABLE, changes=[("userType", "in", "out")]),
    make_operation(Action.UPDATE, changes=[("ACTIVE", True, False)]),
    make_operation(Action.DELETE, resource_type=GROUP),
    make_operation(Action.DELETE),
]


@pytest.mark.parametrize("operation", GIVING, ids=lambda o: f"{o.action}-{o.resource_type}")
def test_what_gives_takes_nothing(operation: Operation) -> None:
    assert takes(operation) is False


@pytest.mark.parametrize("operation", TAKING, ids=lambda o: f"{o.action}-{o.resource_type}")
def test_what_takes_is_known_whatever_it_is_called(operation: Operation) -> None:
    assert takes(operation) is True


def test_each_effect_has_one_name() -> None:
    found = [
        [test(operation) for test in (disables, enables, renames, deletes_user, deletes_group)]
        for operation in (*GIVING, *TAKING)
    ]

    assert all(sum(answers) <= 1 for answers in found)


def test_a_revoke_is_known_by_its_action() -> None:
    """Which value is weaker is decided when the plan is made, and said by the action."""
    assert [revokes(operation) for operation in TAKING].count(True) == 1


def test_members_without_a_list_are_no_loss() -> None:
    operation = make_operation(Action.UPDATE, resource_type=GROUP, changes=[("members", None, [])])

    assert lost_members(operation) == []


@pytest.mark.parametrize(
    ("action", "resource_type", "reason", "in_time"),
    [
        (Action.DELETE, ResourceType.USER, f"{DUE} 2026-09-01, 30 days ago or more", True),
        (Action.DELETE, ResourceType.USER, "left the source", False),
        (Action.DELETE, GROUP, f"{DUE} 2026-09-01", False),
        (Action.DISABLE, ResourceType.USER, f"{DUE} 2026-09-01", False),
    ],
)
def test_ruling_14_a_due_delete_is_known_by_its_reason(
    action: Action, resource_type: ResourceType, reason: str, in_time: bool
) -> None:
    operation = make_operation(action, reason=reason, resource_type=resource_type)

    assert deletes_in_time(operation) is in_time


def test_ruling_14_a_due_delete_is_a_delete_and_no_accident() -> None:
    due = make_operation(Action.DELETE, reason=f"{DUE} 2026-09-01", target_id="t-1")
    asked = make_operation(Action.DELETE, target_id="t-2")

    found = tally([due, asked])

    assert (found.deleted_users, found.removed_users) == (2, 1)


def test_who_is_created_has_no_id_and_is_counted_by_key() -> None:
    twice = [make_operation(Action.UPDATE, key, changes=[("userName", "a", "b")]) for key in "ab"]

    assert tally(twice).renamed == 1


def test_groups_are_neither_disabled_nor_renamed_as_people_are() -> None:
    changes = [("active", True, False), ("userName", "a", "b")]
    operation = make_operation(Action.UPDATE, resource_type=GROUP, changes=changes)

    assert (disables(operation), renames(operation)) == (False, False)
