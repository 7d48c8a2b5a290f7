from typing import Any

import pytest

from reconciler.diff import Difference
from reconciler.plan.digest import canonical_json
from reconciler.plan.drafts import change, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a", "a", id="text"),
        pytest.param(True, True, id="boolean"),
        pytest.param(7, 7, id="integer"),
        pytest.param(1.50, "1.5", id="a decimal is text"),
        pytest.param(("a", 1.5), ["a", "1.5"], id="a list"),
        pytest.param({"b": [{"c": 0.1}]}, {"b": [{"c": "0.1"}]}, id="an object"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_plan_shows_values_that_have_a_canonical_form(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert canonical_json(plain(value))


def test_a_change_shows_both_sides() -> None:
    found = change(Difference("title", 1.5, ("a",)))

    assert (found.path, found.before, found.after) == ("title", "1.5", ["a"])
