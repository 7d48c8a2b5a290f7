"""The guard `self`: nothing is taken from the account that our token belongs to."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.plan.operation import Action, Operation
from reconciler.scim.capabilities import Capabilities
from reconciler.states import ResourceType
from tests.guards import NOBODY, ask, taking_out
from tests.plans import make_operation
from tests.worlds import person, settled, verdict

OURS = replace(NOBODY, me="me", my_groups=frozenset({"robots"}))


def on_me(action: Action, *changes: tuple[str, Any, Any]) -> Operation:
    """Return an operation on our own account."""
    return make_operation(action, "robot@contoso.example", changes=changes, target_id="me")


@pytest.mark.parametrize(
    ("operation", "blocked"),
    [
        pytest.param(on_me(Action.DISABLE, ("active", True, False)), True, id="disabled"),
        pytest.param(on_me(Action.UPDATE, ("active", True, False)), True, id="by another name"),
        pytest.param(on_me(Action.DELETE), True, id="deleted"),
        pytest.param(on_me(Action.REVOKE, ("roles", ["admin"], None)), True, id="a role"),
        pytest.param(on_me(Action.UPDATE, ("userName", "a", "b")), True, id="renamed"),
        pytest.param(taking_out("robots", ["me"]), True, id="out of a group"),
        pytest.param(taking_out("robots", ["you"]), False, id="somebody else"),
        pytest.param(taking_out("sales", ["robots"]), True, id="its group out of a group"),
        pytest.param(on_me(Action.UPDATE, ("title", "a", "b")), False, id="another attribute"),
        pytest.param(
            make_operation(Action.DELETE, resource_type=ResourceType.GROUP, target_id="robots"),
            True,
            id="its group",
        ),
        pytest.param(
            make_operation(Action.DELETE, resource_type=ResourceType.GROUP, target_id="sales"),
            False,
            id="another group",
        ),
    ],
)
def test_nothing_is_taken_from_our_own_account(operation: Operation, blocked: bool) -> None:
    found = ask("self", [operation], OURS)

    assert (found.blocked, found.count) == (blocked, int(blocked))
    assert (operation.key in found.sentence) is blocked


def test_where_it_is_not_known_that_is_said() -> None:
    found = ask("self", [on_me(Action.DELETE)], NOBODY)

    assert found.blocked is False
    assert found.sentence.startswith("not known: this service does not say whose our token is")


def test_the_account_that_the_service_names_is_guarded() -> None:
    world = settled(*(person(f"p{n}") for n in range(8)))
    mine = world.account_of("p7")
    world.target.capabilities = replace(world.target.capabilities, me=mine)

    plan = world.becomes([person(f"p{n}") for n in range(7)]).plan()

    assert [one.id for one in plan.guards if one.blocked] == ["self"]
    assert verdict(plan, "self").sentence.endswith(": p7@contoso.example")


def test_whose_the_credential_is_says_nothing_of_the_service() -> None:
    one = Capabilities.from_discovery(None, None, None)
    other = replace(one, me="me")

    assert one.digest == other.digest
    assert Capabilities.from_json(other.to_json()) == other
    assert "Me" not in one.to_json()
