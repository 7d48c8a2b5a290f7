"""Every way to lose access, by every setting that decides what follows (rulings 5 to 7).

A row of the tables below is a cell of Entra's deprovisioning table (entra.md, 1.7), and of ours
where the two differ: who is unassigned and deleted at the source later is still
known, and one key decides about each way to leave.
"""

from copy import copy, deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.plan.operation import Action
from tests.worlds import (
    AS_OF,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    changes_of,
    group,
    of,
    person,
    settled,
    told,
)

BOB = "bob@contoso.example"


# how Bob stands at the source, and what disables him


@dataclass(frozen=True)
class Bob:
    """How Bob stands at the source and among the assignments."""

    assigned: str = "by group"
    kind: str = "staff"
    enabled: bool = True
    deleted: bool = False
    there: bool = True


HERE = Bob()
EXPIRED = {"user": "bob", "role": "User", "expires": str(AS_OF - timedelta(days=1))}
ASSIGNMENTS: dict[str, list[dict[str, Any]]] = {
    "by group": [],
    "directly": [{"user": "bob", "role": "User"}],
    "expired": [EXPIRED],
    "Default Access only": [{"user": "bob"}],
    "no more": [],
}
CLAUSE = {"attribute": "kind", "operator": "NOT EQUALS", "value": "guest"}
FILTERS = {"users": [{"title": "Employees", "clauses": [CLAUSE]}]}

ACTIVE = next(line for line in USER_MAPPINGS if line["target"] == "active")
EMPLOYED = {"target": "userType", "expression": "Not([IsSoftDeleted])"}
OTHERS = [line for line in USER_MAPPINGS if line["target"] != "active"]
TABLES: dict[str, tuple[list[dict[str, Any]], list[tuple[str, Any, Any]]]] = {
    "active": ([ACTIVE], [("active", True, False)]),
    "an attribute of its own": ([EMPLOYED], [("userType", "True", "False")]),
    "two attributes": (
        [ACTIVE, EMPLOYED],
        [("active", True, False), ("userType", "True", "False")],
    ),
}
"""What [IsSoftDeleted] is mapped to, and what a disable therefore writes."""


def source(bob: Bob) -> dict[str, Any]:
    """Return the source, and what names Bob in the configuration."""
    flags = {"accountEnabled": str(bob.enabled).lower(), "isDeleted": str(bob.deleted).lower()}
    listed = [person("bob", kind=bob.kind, **flags)] if bob.there else []
    member = ["bob"] if bob.there and bob.assigned == "by group" else []
    return {
        "people": [person("ada", kind="staff"), *listed],
        "groups": [group("g-staff", "Staff", "ada", *member)],
        "assignments": [{"group": "Staff", "role": "User"}, *ASSIGNMENTS[bob.assigned]],
    }


def twin(world: World) -> World:
    """Return another world that is as *world* is; to settle one takes longer."""
    target = copy(world.target)
    target.users, target.groups = deepcopy((target.users, target.groups))
    return replace(world, target=target)


@cache
def _before(table: str, before: Bob, ownership: str) -> World:
    people = source(before)
    return settled(
        *people["people"],
        groups=people["groups"],
        assignments=people["assignments"],
        mappings={"users": [*OTHERS, *TABLES[table][0]], "groups": GROUP_MAPPINGS},
        scoping_filters=FILTERS,
        ownership=ownership,
    )


def company(table: str = "active", before: Bob = HERE, ownership: str = "recorded") -> World:
    """Return a settled world of Ada and Bob, of one's own."""
    return twin(_before(table, before, ownership))


def becomes(world: World, bob: Bob, **lifecycle: Any) -> World:
    """Let Bob stand otherwise, under another lifecycle."""
    return world.becomes(**source(bob), lifecycle=lifecycle)


# people


OUT, GONE, OFF = "leaves_scope", "deleted_at_source", "always disabled"
WAYS: dict[str, tuple[Bob, str]] = {
    "unassigned, by group": (Bob("no more"), OUT),
    "expired": (Bob("expired"), OUT),
    "Default Access only": (Bob("Default Access only"), OUT),
    "filtered out": (Bob(kind="guest"), OUT),
    "disabled": (Bob(enabled=False), OFF),
    "soft-deleted": (Bob(deleted=True), GONE),
    "gone": (Bob(there=False), GONE),
    "unassigned and filtered out": (Bob("no more", kind="guest"), OUT),
    "unassigned and disabled": (Bob("no more", enabled=False), OUT),
    "unassigned and soft-deleted": (Bob("no more", deleted=True), GONE),
    "unassigned and gone": (Bob("no more", there=False), GONE),
    "expired and disabled": (Bob("expired", enabled=False), OUT),
    "expired and soft-deleted": (Bob("expired", deleted=True), GONE),
    "Default Access only and disabled": (Bob("Default Access only", enabled=False), OUT),
    "filtered out and disabled": (Bob(kind="guest", enabled=False), OUT),
    "filtered out and soft-deleted": (Bob(kind="guest", deleted=True), GONE),
    "disabled and soft-deleted": (Bob(enabled=False, deleted=True), GONE),
    "everything at once": (Bob("no more", "guest", enabled=False, deleted=True), GONE),
}
"""Every way to leave, and the key of `lifecycle` that decides about it."""

POLICIES = ("disable", "delete", "keep")
ACTIONS = {
    "all actions": ["create", "update", "delete"],
    "without update": ["create", "delete"],
    "without delete": ["create", "update"],
    "create alone": ["create"],
}
FOLLOWS: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("disable", "all actions"): [("disable", BOB)],
    ("disable", "without delete"): [("disable", BOB)],
    ("delete", "all actions"): [("remove_members", "Staff"), ("delete", BOB)],
    ("delete", "without update"): [("delete", BOB)],
}
"""What follows from a policy and the actions that are allowed; nothing, where nothing stands."""


@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize(("out", "gone"), list(product(POLICIES, POLICIES)))
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("way", WAYS)
def test_rulings_5_to_7_what_follows_from_each_way_to_leave(
    way: str, table: str, out: str, gone: str, actions: str
) -> None:
    bob, decides = WAYS[way]
    world = becomes(
        company(table), bob, leaves_scope=out, deleted_at_source=gone, actions=ACTIONS[actions]
    )

    plan = world.plan()

    policy = {OUT: out, GONE: gone, OFF: "disable"}[decides]
    assert told(plan.operations) == FOLLOWS.get((policy, actions), [])
    for operation in of(plan, Action.DISABLE):
        assert changes_of(operation) == TABLES[table][1]
    assert not any(verdict.id == "source_shrinks" and verdict.blocked for verdict in plan.guards)


@pytest.mark.parametrize("ownership", ["recorded", "all"])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("way", WAYS)
def test_rulings_5_to_7_whoever_left_is_left_once_whosever_the_accounts_are(
    way: str, table: str, policy: str, ownership: str
) -> None:
    world = becomes(
        company(table, ownership=ownership),
        WAYS[way][0],
        leaves_scope=policy,
        deleted_at_source=policy,
    )

    world.settle()

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("policy", POLICIES)
def test_ruling_6_a_direct_assignment_that_ends_is_a_way_to_leave(policy: str) -> None:
    world = becomes(company(before=Bob("directly")), Bob("no more"), leaves_scope=policy)

    wanted = {"disable": [("disable", BOB)], "delete": [("delete", BOB)], "keep": []}
    assert told(world.plan().operations) == wanted[policy]


@pytest.mark.parametrize("way", [way for way, (_, decides) in WAYS.items() if decides != GONE])
def test_ruling_6_with_scope_all_only_filters_and_the_source_put_anybody_out(way: str) -> None:
    bob, _ = WAYS[way]
    world = becomes(company(), bob).becomes(**source(bob), scope="all")

    leaves = bob.kind == "guest" or not bob.enabled
    assert (("disable", BOB) in told(world.plan().operations)) is leaves


@pytest.mark.parametrize("way", WAYS)
def test_ruling_6_whoever_has_no_access_and_no_account_gets_none(way: str) -> None:
    """Nobody is created disabled: who was never seen enabled has nothing to lose."""
    world = becomes(company(before=Bob(there=False)), WAYS[way][0])

    assert of(world.plan(), Action.CREATE) == []


def test_ruling_6_whoever_is_enabled_at_last_is_created_then() -> None:
    world = becomes(company(before=Bob(enabled=False)), HERE)

    assert told(world.plan().operations) == [("create", BOB), ("add_members", "Staff")]


@pytest.mark.parametrize("policy", POLICIES)
def test_ruling_6_who_was_unassigned_is_still_known_when_the_source_deletes_them(
    policy: str,
) -> None:
    """Entra forgets whom it disabled once; a later delete at the source never arrives there."""
    world = becomes(company(), Bob("no more"))
    world.settle()
    becomes(world, Bob("no more", there=False), deleted_at_source=policy)

    wanted = [("remove_members", "Staff"), ("delete", BOB)] if policy == "delete" else []
    assert told(world.plan().operations) == wanted


# people who cannot be judged are not people who leave


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"userPrincipalName": "bob@fabrikam.example"}, id="a foreign domain"),
        pytest.param({"userPrincipalName": "", "objectId": "bob"}, id="no name"),
        pytest.param({"userPrincipalName": "ada@contoso.example"}, id="a name of somebody else"),
    ],
)
def test_ruling_5_skipped_is_not_leaving_whatever_the_policy(
    cells: dict[str, str], policy: str
) -> None:
    world = company().becomes(
        [person("ada", kind="staff"), person("bob", kind="staff", **cells)],
        registered_domains=["contoso.example"],
        lifecycle={"leaves_scope": policy, "deleted_at_source": policy},
    )

    assert [op for op in world.plan().operations if op.source_id == "bob"] == []


# people who come back


@pytest.mark.parametrize("ownership", ["recorded", "all"])
@pytest.mark.parametrize("name", ["bob", "robert"])
@pytest.mark.parametrize("way", WAYS)
def test_who_comes_back_is_enabled_and_not_duplicated(way: str, name: str, ownership: str) -> None:
    world = becomes(company(ownership=ownership), WAYS[way][0])
    world.settle()
    account = world.account_of("bob")

    new_name = {"userPrincipalName": f"{name}@contoso.example"}
    world.becomes(**{**source(HERE), "people": [person("ada"), person("bob", **new_name)]})
    world.becomes(scoping_filters={})
    plan = world.plan()
    world.settle()

    assert of(plan, Action.CREATE) == []
    assert [operation.target_id for operation in of(plan, Action.ENABLE)] == [account]
    assert world.user("bob")["active"] is True
    assert world.user("bob")["userName"] == f"{name}@contoso.example"
    assert world.names_in("g-staff") == {"ada", "bob"}
    assert account not in world.recorded.disabled_on


@pytest.mark.parametrize("way", ["soft-deleted", "gone"])
def test_who_comes_back_after_the_delete_is_created_anew(way: str) -> None:
    world = becomes(company(), WAYS[way][0], deleted_at_source="delete")
    world.settle()

    assert told(becomes(world, HERE).plan().operations) == [
        ("create", BOB),
        ("add_members", "Staff"),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_who_was_kept_comes_back_without_a_trace(way: str) -> None:
    kept = {"leaves_scope": "keep", "deleted_at_source": "keep"}
    world = becomes(company(), WAYS[way][0], **kept, actions=["create", "delete"])
    world.settle()

    assert told(becomes(world, HERE).plan().operations) == []


# groups


GROUP_FILTER = {"attribute": "label", "operator": "NOT EQUALS", "value": "old"}
GROUP_FILTERS = {"groups": [{"title": "Current", "clauses": [GROUP_FILTER]}]}
GROUP_WAYS: dict[str, dict[str, Any]] = {
    "unassigned": {"assignments": [{"group": "Staff", "role": "User"}]},
    "filtered out": {"label": "old"},
    "gone": {"assignments": [{"group": "Staff", "role": "User"}], "there": False},
    "unassigned and filtered out": {
        "assignments": [{"group": "Staff", "role": "User"}],
        "label": "old",
    },
}
BOTH = [{"group": "Staff", "role": "User"}, {"group": "Team"}]


def teams(*members: str, label: str = "new", there: bool = True) -> list[Any]:
    """Return Staff, which gives access, and Team."""
    team = [group("g-team", "Team", *members, label=label)] if there else []
    return [group("g-staff", "Staff", "ada", "bob", label="new"), *team]


@cache
def _teams() -> World:
    people = [person("ada"), person("bob")]
    return settled(
        *people, groups=teams("ada", "bob"), assignments=BOTH, scoping_filters=GROUP_FILTERS
    )


def team_world() -> World:
    """Return a settled world in which Team is ours."""
    return twin(_teams())


@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize(("out", "gone"), list(product(POLICIES, POLICIES)))
@pytest.mark.parametrize("way", GROUP_WAYS)
def test_ruling_12_what_follows_when_a_group_leaves(
    way: str, out: str, gone: str, actions: str
) -> None:
    """A group cannot be disabled; and `leaves_scope` decides, also about those that are gone."""
    how = dict(GROUP_WAYS[way])
    assignments = how.pop("assignments", BOTH)
    lifecycle = {"leaves_scope": out, "deleted_at_source": gone, "actions": ACTIONS[actions]}
    world = team_world().becomes(
        groups=teams("ada", "bob", **how), assignments=assignments, lifecycle=lifecycle
    )

    deletes = out == "delete" and "delete" in ACTIONS[actions]
    assert told(world.plan().operations) == ([("delete", "Team")] if deletes else [])


def test_ruling_3_a_group_that_is_gone_and_still_assigned_is_an_error() -> None:
    """Guessing would take the access of everybody in it."""
    with pytest.raises(ConfigError):
        team_world().becomes(groups=teams(there=False)).plan()


@pytest.mark.parametrize(
    ("label", "assignments"),
    [
        pytest.param("old", BOTH, id="filtered out"),
        pytest.param("new", BOTH, id="in scope"),
    ],
)
def test_an_assignment_by_a_group_does_not_ask_whether_the_group_is_provisioned(
    label: str, assignments: list[dict[str, str]]
) -> None:
    groups = [group("g-staff", "Staff", "ada", "bob", label=label), teams("ada", "bob")[1]]
    world = team_world().becomes(groups=groups, assignments=assignments)

    assert told(world.plan().operations) == []


def test_who_leaves_a_group_leaves_the_scope_only_where_nothing_else_assigns_them() -> None:
    world = team_world().becomes(groups=teams("ada"))
    assert told(world.plan().operations) == [("remove_members", "Team")]

    alone = [group("g-staff", "Staff", "ada", label="new"), teams("ada")[1]]
    world = team_world().becomes(groups=alone)
    assert told(world.plan().operations) == [("disable", BOB)]
