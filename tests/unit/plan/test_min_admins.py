"""The guard `min_admins`, at every point of the order in which a plan is carried out (INV-16)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from reconciler.config.safety import Safety
from reconciler.plan.document import Verdict
from reconciler.plan.operation import Action, Operation
from tests.guards import NOBODY, ask
from tests.plans import make_operation

ROLE = 'roles[primary eq "true"].value'
ONE_ADMIN = replace(
    NOBODY,
    privileged=frozenset({"admin"}),
    role_paths=frozenset({ROLE}),
    holders=frozenset({"ada", "off"}),
    active=frozenset({"ada", "bob", "cleo"}),
)


def on(who: str, action: Action, path: str, before: object, after: object) -> Operation:
    return make_operation(action, who, target_id=who, changes=[(path, before, after)])


def gives(who: str, action: Action = Action.UPDATE) -> Operation:
    return on(who, action, ROLE, "user", "admin")


def takes(who: str) -> Operation:
    return on(who, Action.REVOKE, ROLE, "admin", "user")


OFF = on("ada", Action.DISABLE, "active", True, False)
BACK = on("off", Action.ENABLE, "active", False, True)


def judged(operations: Sequence[Operation], needed: int = 1) -> Verdict:
    in_order = sorted(operations, key=lambda operation: operation.wave)
    return ask("min_admins", in_order, ONE_ADMIN, Safety(min_admins=needed))


@pytest.mark.parametrize(
    ("operations", "needed", "blocked"),
    [
        pytest.param([], 1, False, id="nothing"),
        pytest.param([takes("ada")], 1, True, id="the last one goes"),
        pytest.param([takes("ada"), gives("bob")], 1, False, id="another comes before"),
        pytest.param([OFF, gives("bob")], 1, False, id="disabled after another came"),
        pytest.param([OFF, BACK], 1, False, id="disabled after another is back"),
        pytest.param(
            [takes("ada"), gives("bob", Action.REVOKE)],
            1,
            True,
            id="another comes beside",
        ),
        pytest.param(
            [gives("cleo"), takes("ada"), gives("bob", Action.REVOKE)],
            1,
            False,
            id="one is there while two change places",
        ),
        pytest.param(
            [gives("cleo"), takes("ada"), gives("bob", Action.REVOKE)],
            2,
            False,
            id="there were no two before either",
        ),
        pytest.param([takes("ada")], 0, False, id="none is needed"),
    ],
)
def test_administrators_are_counted_at_every_point(
    operations: list[Operation], needed: int, blocked: bool
) -> None:
    assert judged(operations, needed).blocked is blocked


def test_what_is_lost_and_given_back_in_one_wave_is_lost_on_the_way() -> None:
    back = on("ada", Action.REVOKE, ROLE, "user", "admin")

    assert judged([takes("ada"), back]).blocked is True


def test_the_sentence_says_how_few_there_are_on_the_way() -> None:
    found = judged([takes("ada"), gives("bob", Action.REVOKE)])

    assert (found.count, found.population) == (0, 1)
    assert found.sentence == (
        "active holders of privileged roles: 1 now, 0 on the way, 1 after this plan; 1 needed"
    )


def test_the_sentence_is_short_where_nothing_happens_on_the_way() -> None:
    found = judged([takes("ada"), gives("bob")])

    assert (found.count, found.sentence) == (
        1,
        "active holders of privileged roles: 1 now, 1 after this plan; 1 needed",
    )
