import pytest

from reconciler.config.nodes import Node, find, locate, merge, plain, without
from reconciler.config.yaml import parse


def tree(text: str, file: str = "f.yaml") -> Node:
    return parse(text, file).root


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        pytest.param("{a: 1}", "{b: 2}", {"a": 1, "b": 2}, id="keys of both"),
        pytest.param("{a: 1}", "{a: 2}", {"a": 2}, id="a value replaces"),
        pytest.param("{a: {b: 1, c: 2}}", "{a: {c: 3}}", {"a": {"b": 1, "c": 3}}, id="deep"),
        pytest.param("{a: [1, 2]}", "{a: [3]}", {"a": [3]}, id="a list replaces"),
        pytest.param("{a: [1]}", "{a: []}", {"a": []}, id="an empty list replaces too"),
        pytest.param("{a: {b: 1}}", "{a: 2}", {"a": 2}, id="a value replaces a mapping"),
        pytest.param("{a: 2}", "{a: {b: 1}}", {"a": {"b": 1}}, id="a mapping replaces a value"),
    ],
)
def test_mappings_merge_deep_and_all_else_replaces(base: str, over: str, merged: object) -> None:
    assert plain(merge(tree(base), tree(over))) == merged


def test_a_merged_value_keeps_its_place() -> None:
    merged = merge(tree("a: {b: 1}", "base.yaml"), tree("\na: {c: 2}", "over.yaml"))

    assert str(locate(merged, ("a", "b"))) == "base.yaml:1:8"
    assert str(locate(merged, ("a", "c"))) == "over.yaml:2:8"


def test_merging_changes_neither_side() -> None:
    base, over = tree("a: {b: 1}"), tree("a: {c: 2}")

    merge(base, over)

    assert plain(base) == {"a": {"b": 1}}
    assert plain(over) == {"a": {"c": 2}}


@pytest.mark.parametrize(
    ("cuts", "left"),
    [
        pytest.param([], {"a": [{"b": 1, "c": 2}, 3], "d": 4}, id="nothing"),
        pytest.param([("d",)], {"a": [{"b": 1, "c": 2}, 3]}, id="a key"),
        pytest.param([("a", 0, "b")], {"a": [{"c": 2}, 3], "d": 4}, id="a key in a list"),
        pytest.param([("a", 0)], {"a": [3], "d": 4}, id="an item"),
        pytest.param([("a", 0), ("a", 1)], {"a": [], "d": 4}, id="every item"),
        pytest.param([("a", 0, "b"), ("a",)], {"d": 4}, id="a part and what holds it"),
        pytest.param([("x", 1), ("a", 9)], {"a": [{"b": 1, "c": 2}, 3], "d": 4}, id="not there"),
    ],
)
def test_cuts_leave_the_rest(cuts: list[tuple[str | int, ...]], left: object) -> None:
    root = tree("{a: [{b: 1, c: 2}, 3], d: 4}")

    assert plain(without(root, cuts)) == left


def test_find_knows_what_is_not_there() -> None:
    root = tree("{a: [1]}")

    assert find(root, ("a", 0)) is not None
    assert find(root, ("a", 1)) is None
    assert find(root, ("a", "b")) is None
    assert find(root, ("a", 0, "b", 1)) is None
