"""Habits of a file: what most of its objects say the same way."""

from typing import Any

import pytest

from reconciler.interchange.entra.usual import NEUTRAL, learned, lengthened, shortened
from tests.entra import Json

OURS: Json = {"a": 1, "flowType": "Always"}


def habits(*objects: Json) -> Json:
    return learned(objects, OURS, ("name",), NEUTRAL)


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        pytest.param([], OURS, id="nothing to learn from"),
        pytest.param([OURS], OURS, id="as ours"),
        pytest.param([{"a": 2}, {"a": 2}, {"a": 1}], {"a": 2}, id="what most say"),
        pytest.param([{"a": 2}, {"a": 1}], {"a": 1, }, id="ours when it is a draw"),
        pytest.param([{}, {}, {"a": 1}], {}, id="what most leave out"),
        pytest.param([{"new": [1]}, {"new": [1]}], {"new": [1]}, id="a key that is not known"),
        pytest.param([{"name": "x"}, {"name": "x"}], {}, id="a name is a fact"),
        pytest.param([{"a": True}, {"a": True}], {"a": True}, id="true is not 1"),
        pytest.param(
            [{"flowType": "ObjectAddOnly"}, {"flowType": "ObjectAddOnly"}],
            {"flowType": "Always"},
            id="of a fact, only that it is written",
        ),
    ],
)  # fmt: skip
def test_habits_are_what_most_objects_say(objects: list[Json], wanted: Json) -> None:
    assert habits(*objects) == wanted


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ({"name": "x", "a": 1, "b": None}, {"name": "x"}),
        ({"a": True, "b": None}, {"a": True}),
        ({"a": 1.0, "b": None}, {"a": 1.0}),
        ({"name": "x"}, {"name": "x", "without": ["a", "b"]}),
        ({"a": 1, "b": 2, "c": []}, {"b": 2, "c": []}),
        ({"without": 1, "a": 1, "b": None}, {"exactly": {"without": 1, "a": 1, "b": None}}),
        ({"exactly": 1}, {"exactly": {"exactly": 1}}),
    ],
)
def test_an_object_is_shortened_and_comes_back(whole: Json, short: Json) -> None:
    usual: dict[str, Any] = {"a": 1, "b": None}

    assert shortened(whole, usual) == short
    assert lengthened(short, usual) == whole
