"""Entries that tell two forms of a table apart, and when they hold."""

from typing import Any

import pytest

from reconciler.interchange.entra.difference import amended, differences, same
from tests.entra import Json, copied, function, row

A, B, C = (row(name, copied(name)) for name in "abc")


def users(*rows: Json, **keys: Any) -> Json:
    return {"users": {"enabled": True, "attributeMappings": [*rows], **keys}}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, 1.0, False),
        (None, "", False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
    ],
)
def test_sameness_is_that_of_json(one: Any, other: Any, wanted: bool) -> None:
    assert same(one, other) is wanted


def test_equal_tables_do_not_differ() -> None:
    assert differences(users(A, B), users(A, B)) == []


def test_a_key_of_an_item_is_told_by_the_name_of_the_item() -> None:
    changed = {**B, "flowBehavior": "FlowAlways"}

    assert differences(users(A, B), users(A, changed)) == [
        {
            "at": ["users", "attributeMappings", "b"],
            "was": {"flowBehavior": "FlowWhenChanged"},
            "is": {"flowBehavior": "FlowAlways"},
        }
    ]


def test_an_item_of_one_side_only_is_told_whole_with_its_place() -> None:
    assert differences(users(A, B), users(A, C)) == [
        {"at": ["users", "attributeMappings", "b"], "was": B},
        {"at": ["users", "attributeMappings", "c"], "after": "a", "is": C},
    ]


def test_a_table_of_one_side_only_is_told_whole() -> None:
    assert differences({"users": {}}, {"groups": {}}) == [
        {"at": ["users"], "was": {}},
        {"at": ["groups"], "after": None, "is": {}},
    ]


def test_the_second_item_of_a_name_is_told_by_its_number() -> None:
    (entry,) = differences(users(A), users(A, A))

    assert entry["at"] == ["users", "attributeMappings", ["a", 2]]


def test_items_in_another_order_are_told_as_one() -> None:
    (entry,) = differences(users(A, B), users(B, A))

    assert entry["is"] == {"attributeMappings": [B, A]}


def test_values_that_belong_together_are_one_entry() -> None:
    old = row("tz", {"type": "Constant"}, flowType="ObjectAddOnly")
    new = row("tz", None, defaultValue="Europe/Oslo", matchingPriority=3)

    first, second = differences(users(old), users(new))

    assert set(first["was"]) == {"source", "defaultValue", "flowType"}
    assert second["was"] == {"matchingPriority": 0}


def test_keys_that_are_gone_are_one_entry() -> None:
    (entry,) = differences(users(A), users({"targetAttributeName": "a", "source": A["source"]}))

    assert entry["is"] == {}
    assert len(entry["was"]) == 5


def test_a_source_is_told_with_its_expression() -> None:
    plain, full = function("IIF([a])"), function("IIF([a])", {"key": "x", "value": copied("a")})

    (entry,) = differences(users(row("t", plain)), users(row("t", full)))

    assert entry["was"] == {"expression": "IIF([a])", "parameters": []}


def test_the_parameters_of_one_expression_are_not_those_of_another() -> None:
    plain, full = function("IIF([a])"), function("IIF([a])", {"key": "x", "value": copied("a")})
    entries = differences(users(row("t", plain)), users(row("t", full)))
    edited = users(row("t", function("IIF([b])")))

    assert amended(edited, entries) == (edited, entries)


def test_clauses_of_the_same_number_are_told_one_by_one() -> None:
    def of(*clauses: Json) -> Json:
        return {"users": {"groups": [{"name": "F", "clauses": list(clauses)}]}}

    one, two = {"operatorName": "EQUALS"}, {"operatorName": "IS NULL"}

    (entry,) = differences(of(one, one), of(one, two))
    assert entry["at"] == ["users", "groups", "F", "clauses", 1]
    (entry,) = differences(of(one), of(one, two))
    assert entry["is"] == {"clauses": [one, two]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(users(A, B), users(B, A), id="another order"),
        pytest.param(users(A), users(C, A, B), id="before and after"),
        pytest.param(users(A, A, B), users(A), id="a repeated one is gone"),
        pytest.param(users(A), users(A, A, A), id="repeated"),
        pytest.param(users(A), {"groups": {}}, id="another table"),
        pytest.param(users(A), users(A, enabled=None), id="null"),
        pytest.param(users(A), {"users": {}}, id="nothing left"),
        pytest.param({"users": {}}, users({"targetAttributeName": None}), id="no name"),
        pytest.param(users(A), {"users": {"attributeMappings": None}}, id="null for a list"),
    ],
)
def test_entries_make_one_of_the_other(old: Json, new: Json) -> None:
    assert amended(old, differences(old, new)) == (new, [])


def test_an_item_whose_neighbour_is_gone_goes_to_the_end() -> None:
    entries = differences(users(A), users(A, C))

    assert amended(users(B), entries) == (users(B, C), [])


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="empty"),
        pytest.param({"at": []}, id="nowhere"),
        pytest.param({"at": ["users"]}, id="nothing said"),
        pytest.param({"at": ["users"], "was": {}, "is": 1}, id="no object"),
        pytest.param({"at": ["users"], "was": {"enabled": False}, "is": {}}, id="was otherwise"),
        pytest.param({"at": ["users"], "was": {}, "is": {"enabled": False}}, id="is there"),
        pytest.param({"at": ["users"], "is": {}}, id="the table is there"),
        pytest.param({"at": ["users"], "was": {}}, id="the table was otherwise"),
        pytest.param({"at": ["users", "attributeMappings", "a"], "is": A}, id="the item is there"),
        pytest.param({"at": ["users", "attributeMappings", "a"], "was": B}, id="it was otherwise"),
        pytest.param({"at": ["users", "attributeMappings", "x"], "was": B}, id="it is not there"),
        pytest.param({"at": ["users", "attributeMappings", "x"], "is": 1}, id="not an item"),
        pytest.param({"at": ["users", "attributeMappings", [1]], "was": A}, id="no name"),
        pytest.param({"at": ["users", "attributeMappings", 9], "was": A}, id="no such number"),
        pytest.param({"at": ["x", "y", "z"], "was": {}, "is": {}}, id="no such way"),
        pytest.param({"at": ["users", ["a"]], "was": {}, "is": {}}, id="no key"),
    ],
)
def test_an_entry_that_does_not_fit_is_handed_back(entry: Json) -> None:
    assert amended(users(A), [entry]) == (users(A), [entry])


def test_what_is_amended_is_left_as_it_was() -> None:
    old = users(A)

    amended(old, differences(old, users(B)))

    assert old == users(A)


def filter_of(name: str) -> Json:
    return {"name": name, "clauses": []}


def test_filters_are_one_entry_when_one_of_them_is_only_in_the_file() -> None:
    """They are alternatives: alone, the one that is kept would keep out everybody else."""
    old = {"users": {"groups": [filter_of("A"), filter_of("B")]}}
    new = {"users": {"groups": [filter_of("A"), filter_of("B"), filter_of("C")]}}
    entries = differences(old, new)

    made, unfit = amended({"users": {"groups": []}}, entries)

    assert [entry["at"] for entry in entries] == [["users"]]
    assert made == {"users": {"groups": []}}
    assert unfit == entries


def test_the_second_of_a_name_is_not_put_in_place_of_the_first() -> None:
    """Whoever deletes a line does not get its twin instead."""
    twin = {**A, "source": copied("other")}
    entries = differences(users(A, B), users(A, B, twin))

    made, unfit = amended(users(B), entries)

    assert made == users(B)
    assert unfit == entries
