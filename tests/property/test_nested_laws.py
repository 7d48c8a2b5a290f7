"""Laws of groups in groups: everybody who can be reached, each once, however they are knotted."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.directory import SourceGroup
from reconciler.nested import circles, people_in
from tests.worlds import group

GROUPS = tuple("abcdef")
PEOPLE = ("p0", "p1", "p2", "p3")
LAWS = settings(max_examples=300, deadline=None)

knots = st.fixed_dictionaries(
    {anchor: st.lists(st.sampled_from((*GROUPS, *PEOPLE)), unique=True) for anchor in GROUPS}
).map(lambda members: {anchor: group(anchor, anchor, *who) for anchor, who in members.items()})


def below(groups: Mapping[str, SourceGroup], anchor: str) -> set[str]:
    """Return everything below a group, by the slowest and plainest way: until nothing is new."""
    found = set(groups[anchor].members)
    while True:
        more = {member for one in found & groups.keys() for member in groups[one].members}
        if more <= found:
            return found
        found |= more


@LAWS
@given(knots, st.sampled_from(GROUPS))
def test_the_people_in_a_group_are_those_that_can_be_reached_each_once(
    groups: dict[str, SourceGroup], anchor: str
) -> None:
    people = people_in(groups, anchor)

    assert len(people) == len(set(people))
    assert set(people) == below(groups, anchor) - groups.keys()


@LAWS
@given(knots, st.sampled_from(GROUPS))
def test_opening_what_is_open_changes_nothing(groups: dict[str, SourceGroup], anchor: str) -> None:
    people = people_in(groups, anchor)
    opened = {**groups, anchor: group(anchor, anchor, *people)}

    assert people_in(opened, anchor) == people


@LAWS
@given(knots, st.sets(st.sampled_from(GROUPS)))
def test_a_group_is_in_one_circle_exactly_when_it_is_below_itself(
    groups: dict[str, SourceGroup], anchors: set[str]
) -> None:
    reached = anchors | {one for anchor in anchors for one in below(groups, anchor)}
    found = circles(groups, sorted(anchors))
    listed = [anchor for circle in found for anchor in circle]

    assert sorted(listed) == sorted(
        anchor for anchor in reached & groups.keys() if anchor in below(groups, anchor)
    )
    for circle in found:
        for anchor in circle:
            assert set(circle) <= below(groups, anchor)
            assert set(people_in(groups, anchor)) == set(people_in(groups, circle[0]))
