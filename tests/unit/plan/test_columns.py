"""The guard `source_shrinks`, column by column: an export whose people lost their values."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from reconciler.config.safety import Safety, Shrink
from reconciler.plan.document import Verdict
from reconciler.plan.filled import filled_columns
from tests.guards import COUNTS, NOBODY, ask
from tests.worlds import application, directory, person, settled, verdict


def compared(
    before: Mapping[str, int], now: Mapping[str, int], safety: Safety | None = None, **counts: int
) -> Verdict:
    """Return what the guard says of two hundred people and the values that they had and have."""
    there = replace(NOBODY, filled=now, applied_filled=before)
    there = replace(there, counts=replace(COUNTS, **counts))
    return ask("source_shrinks", [], there, safety)


@pytest.mark.parametrize(
    ("before", "now", "counts", "blocked"),
    [
        pytest.param(200, 160, {}, False, id="exactly a fifth of the people"),
        pytest.param(200, 159, {}, True, id="one more"),
        pytest.param(200, 0, {}, True, id="all of it"),
        pytest.param(40, 0, {}, False, id="a column that few people fill"),
        pytest.param(41, 0, {}, True, id="one that a fifth and one fill"),
        pytest.param(0, 200, {}, False, id="it was filled"),
        pytest.param(200, 180, {"source_users": 180}, False, id="the people left, not the values"),
        pytest.param(100, 100, {"source_users": 900}, False, id="newcomers without it"),
        pytest.param(0, 0, {"source_users": 900}, False, id="nobody ever had it"),
        pytest.param(6, 3, {"applied_users": 6, "source_users": 6}, False, id="half of a few"),
        pytest.param(6, 2, {"applied_users": 6, "source_users": 6}, True, id="more than half"),
    ],
)
def test_a_column_that_went_empty_blocks(
    before: int, now: int, counts: dict[str, int], blocked: bool
) -> None:
    assert compared({"mail": before}, {"mail": now}, None, **counts).blocked is blocked


def test_the_column_that_lost_most_is_named() -> None:
    found = compared(
        {"mail": 200, "city": 200, "title": 200}, {"mail": 150, "city": 100, "title": 9}
    )

    assert found.sentence == (
        '191 of 200 people have no "title" any more since the last apply; more than the 40 allowed'
    )


def test_rows_come_first_and_are_shown_where_nothing_is_missing() -> None:
    assert compared({"mail": 200}, {"mail": 0}, source_users=100).sentence.startswith(
        "100 of 200 people are missing"
    )
    assert compared({"mail": 200}, {"mail": 200}).sentence.startswith("0 of 200 people are missing")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param({}, {"mail": 0}, id="not counted at the last apply"),
        pytest.param({"mail": 200}, {}, id="not read any more"),
    ],
)
def test_a_column_that_was_not_counted_both_times_is_not_compared(
    before: Mapping[str, int], now: Mapping[str, int]
) -> None:
    assert compared(before, now).blocked is False


def test_the_share_is_the_configured_one() -> None:
    half = Safety(source_shrinks=Shrink(column_percent=50))

    assert not compared({"mail": 200}, {"mail": 100}, half).blocked
    assert compared({"mail": 200}, {"mail": 99}, half).blocked


def test_the_columns_that_mappings_and_filters_read_are_counted() -> None:
    clause = {"attribute": "department", "operator": "IS NOT NULL"}
    app = application(
        mappings={
            "users": [
                {"target": "userName", "source": "userPrincipalName", "match": 1},
                {
                    "target": "active",
                    "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
                },
                {"target": "displayName", "expression": 'Join(" ", [givenName], [surname])'},
                {"target": "locale", "constant": "en-US"},
            ]
        },
        scoping_filters={"users": [{"title": "All", "clauses": [clause]}]},
    )
    people = [person("ada", givenName="Ada", mail="a@x"), person("bob", department="IT")]

    assert filled_columns(app, directory(people)) == {
        "department": 1,
        "givenName": 1,
        "surname": 0,
        "userPrincipalName": 2,
    }


def test_an_export_that_lost_a_column_blocks_a_plan_that_takes_nothing() -> None:
    names = [f"p{number}" for number in range(8)]
    world = settled(*(person(name, jobTitle="Clerk") for name in names))

    plan = world.becomes([person(name) for name in names]).plan()

    assert plan.inputs.filled["jobTitle"] == 0
    assert [one.id for one in plan.guards if one.blocked] == ["source_shrinks"]
    assert '8 of 8 people have no "jobTitle"' in verdict(plan, "source_shrinks").sentence
