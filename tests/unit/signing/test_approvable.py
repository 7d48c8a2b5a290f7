"""Which guards can be approved."""

import pytest

from reconciler.plan.document import Verdict
from reconciler.plan.guards import GUARDS
from reconciler.signing.approvable import RULES, obstacle


def verdict(guard: str, count: int, limit: int) -> Verdict:
    return Verdict(guard, count, 100, limit, True, "the sentence")


def test_every_guard_has_a_row_and_every_row_a_guard() -> None:
    assert list(RULES) == [guard.id for guard in GUARDS]


@pytest.mark.parametrize(
    "guard", [guard for guard in RULES if guard not in ("protected", "min_admins")]
)
def test_a_count_beyond_its_limit_can_be_approved(guard: str) -> None:
    assert obstacle(verdict(guard, 4, 3)) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(verdict("protected", 1, 0), "cannot be approved away", id="the list"),
        pytest.param(verdict("tomorrow", 9, 3), "cannot be approved away", id="unknown"),
        pytest.param(verdict("delete_users", 3, 3), "could not judge", id="not over its limit"),
        pytest.param(verdict("source_shrinks", 0, 0), "could not judge", id="without a count"),
        pytest.param(verdict("min_admins", 0, 1), "cannot be approved away", id="no admin left"),
        pytest.param(verdict("min_admins", 2, 2), "could not judge", id="admins enough"),
    ],
)
def test_what_cannot_be_approved(found: Verdict, said: str) -> None:
    assert said in str(obstacle(found))


def test_fewer_administrators_than_wanted_can_be_approved_down_to_one() -> None:
    assert obstacle(verdict("min_admins", 1, 2)) is None
