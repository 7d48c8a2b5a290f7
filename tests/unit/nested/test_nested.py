"""Groups in groups: opened to their people, and circles that are told of."""

import pytest

from reconciler.directory import SourceGroup
from reconciler.nested import circles, people_in
from tests.worlds import directory, group, person

PEOPLE = [person(name) for name in ("ada", "bob", "cyd")]


def groups_of(**members: str) -> dict[str, SourceGroup]:
    """Return groups by anchor; members stand in one text."""
    listed = [group(anchor, anchor.upper(), *who.split()) for anchor, who in members.items()]
    return dict(directory(PEOPLE, listed).groups)


@pytest.mark.parametrize(
    ("members", "people"),
    [
        pytest.param({"a": ""}, (), id="nobody"),
        pytest.param({"a": "ada bob"}, ("ada", "bob"), id="direct members"),
        pytest.param({"a": "b", "b": "ada"}, ("ada",), id="a group in a group"),
        pytest.param({"a": "bob b", "b": "c ada", "c": "cyd"}, ("bob", "ada", "cyd"), id="deeper"),
        pytest.param({"a": "ada b c", "b": "ada", "c": "ada b"}, ("ada",), id="each once"),
        pytest.param({"a": "ada a"}, ("ada",), id="a group in itself"),
        pytest.param({"a": "ada b", "b": "bob a"}, ("ada", "bob"), id="two in each other"),
        pytest.param({"a": "b", "b": "c", "c": "a ada"}, ("ada",), id="a longer circle"),
        pytest.param({"a": "b", "b": "a"}, (), id="an empty circle"),
        pytest.param({"a": "ada", "b": "bob a"}, ("ada",), id="not what the group is in"),
    ],
)
def test_a_group_holds_the_people_of_the_groups_in_it(
    members: dict[str, str], people: tuple[str, ...]
) -> None:
    assert people_in(groups_of(**members), "a") == people


@pytest.mark.parametrize(
    ("members", "found"),
    [
        pytest.param({"a": "b", "b": "c ada", "c": ""}, (), id="none"),
        pytest.param({"a": "b c", "b": "d", "c": "d", "d": "ada"}, (), id="two ways are no circle"),
        pytest.param({"a": "a"}, (("a",),), id="a group in itself"),
        pytest.param({"a": "b", "b": "a"}, (("a", "b"),), id="two"),
        pytest.param({"a": "b", "b": "c", "c": "b"}, (("b", "c"),), id="behind a group"),
        pytest.param({"a": "b", "b": "a c", "c": ""}, (("a", "b"),), id="before a group"),
        pytest.param(
            {"a": "b c", "b": "a", "c": "d", "d": "c"}, (("a", "b"), ("c", "d")), id="two circles"
        ),
        pytest.param({"a": "b", "b": "c a", "c": "b"}, (("a", "b", "c"),), id="knotted circles"),
        pytest.param({"a": "", "b": "c", "c": "b"}, (), id="somewhere else"),
        pytest.param({"b": "a", "a": "", "c": "b c"}, (), id="above the group"),
    ],
)
def test_groups_that_are_in_each_other_are_found(
    members: dict[str, str], found: tuple[tuple[str, ...], ...]
) -> None:
    assert circles(groups_of(**members), ["a"]) == found


def test_a_circle_is_told_of_once_however_many_groups_lead_to_it() -> None:
    groups = groups_of(a="b", b="c", c="b", d="c")

    assert circles(groups, ["a", "b", "c", "d"]) == (("b", "c"),)


def test_a_chain_of_thousands_of_groups_is_walked_to_its_end() -> None:
    chain = {f"g{number}": f"g{number + 1}" for number in range(5000)}
    groups = groups_of(**chain, g5000="ada g0")

    assert people_in(groups, "g0") == ("ada",)
    assert [len(circle) for circle in circles(groups, ["g0"])] == [5001]
