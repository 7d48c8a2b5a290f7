"""Whether a listing of groups leaves their members out is seen by a few of them, read alone."""

from typing import Any

import pytest

from reconciler.live.members import LOOKED_AT, hides_members
from reconciler.states import Resource

ADA = [{"value": "u1"}]


def groups(count: int, **more: Any) -> list[Resource]:
    return [{"id": f"g{number}", **more} for number in range(count)]


class Alone:
    """What each group shows when it is read alone; notes which ones were."""

    def __init__(self, **members: Any) -> None:
        self.members, self.asked = members, list[str]()

    def __call__(self, group: str) -> Resource | None:
        self.asked.append(group)
        return {"id": group, "members": self.members.get(group)}


def test_a_listing_that_shows_one_member_shows_all() -> None:
    alone = Alone(g1=ADA)

    assert not hides_members(alone, [*groups(2), {"id": "g2", "members": ADA}])
    assert alone.asked == []


@pytest.mark.parametrize("name", ["members", "Members"])
def test_a_name_of_the_attribute_has_no_case(name: str) -> None:
    assert not hides_members(Alone(g0=ADA), groups(1, **{name: ADA}))


@pytest.mark.parametrize("count", [1, 4, 5, 6, 9, 10, 11, 1_000])
def test_a_few_are_looked_at_from_everywhere_in_the_list(count: int) -> None:
    alone = Alone()

    assert not hides_members(alone, groups(count))
    assert len(alone.asked) == min(count, LOOKED_AT)
    assert int(alone.asked[-1][1:]) >= min(count - 1, count // 2)


def test_one_that_has_members_alone_gives_the_listing_away() -> None:
    assert hides_members(Alone(g1=ADA), groups(3))


@pytest.mark.parametrize("row", [{}, {"id": 7}, {"id": ".."}])
def test_what_has_no_usable_id_is_not_read(row: Resource) -> None:
    alone = Alone()

    assert not hides_members(alone, [row])
    assert alone.asked == []


def test_a_group_that_is_gone_by_then_says_nothing() -> None:
    assert not hides_members(lambda group: None, groups(3))
