"""Ruling 8: whose is what."""

from typing import Literal

import pytest

from reconciler.diff import split_live
from reconciler.states import Recorded, ResourceType

USER, GROUP = ResourceType.USER, ResourceType.GROUP
LIVE = [{"id": "t-2"}, {"id": "t-1"}, {"id": "t-3"}]
RECORDED = Recorded(links={(USER, "ada"): "t-1", (USER, "old"): "t-9", (GROUP, "g"): "t-2"})


@pytest.mark.parametrize(
    ("ownership", "ours"), [("recorded", {"t-1"}), ("all", {"t-1", "t-2", "t-3"})]
)
def test_ruling_8_ours_is_what_our_journals_say_or_everything(
    ownership: Literal["recorded", "all"], ours: set[str]
) -> None:
    found = split_live(LIVE, RECORDED, ownership, USER)

    assert found.ours == ours
    assert (found.linked, found.anchors) == ({"ada": "t-1"}, {"t-1": "ada"})


def test_users_and_groups_are_recorded_apart() -> None:
    assert split_live(LIVE, RECORDED, "recorded", GROUP).linked == {"g": "t-2"}


def test_a_link_to_what_is_no_longer_live_is_forgotten() -> None:
    assert split_live([], RECORDED, "recorded", USER).linked == {}


def test_the_order_of_the_listing_is_not_kept() -> None:
    found = split_live(LIVE, RECORDED, "all", USER)

    assert list(found.live) == ["t-1", "t-2", "t-3"]
