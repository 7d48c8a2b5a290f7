from typing import Any

import pytest

from reconciler.diff.normalize import boolean, canonical_for, reference_id
from reconciler.scim.schema import AttributeDefinition

STRING = AttributeDefinition("title")
EXACT = AttributeDefinition("externalId", case_exact=True)


@pytest.mark.parametrize(
    ("definition", "one", "other", "same"),
    [
        pytest.param(STRING, "Ada", "ADA", True, id="case of a string"),
        pytest.param(STRING, "Straße", "STRASSE", False, id="one letter is not two"),
        pytest.param(STRING, "\u00e9", "e\u0301", True, id="composed and decomposed"),
        pytest.param(STRING, "Ada", "Ada ", False, id="spaces are text"),
        pytest.param(EXACT, "a", "A", False, id="case of an exact string"),
        pytest.param(None, "a", "A", False, id="no definition: to the letter"),
        pytest.param(STRING, None, [], True, id="null and the empty list"),
        pytest.param(STRING, None, {}, True, id="null and the empty object"),
        pytest.param(STRING, None, "", False, id="null and empty text"),
        pytest.param(STRING, ["b", "A"], ["a", "B"], True, id="order of a list"),
        pytest.param(STRING, ["a", "a"], ["a"], False, id="a value twice"),
        pytest.param(STRING, ["a", None, []], ["a"], True, id="nothing within a list"),
        pytest.param(STRING, [None], None, True, id="a list of nothing"),
        pytest.param(STRING, {"A": "x", "b": None}, {"a": "X"}, True, id="names of an object"),
        pytest.param(EXACT, {"A": "x"}, {"a": "X"}, False, id="values of an exact object"),
        pytest.param(STRING, ("a", "b"), ["b", "a"], True, id="tuples are lists"),
        pytest.param(STRING, 1.5, "1.5", True, id="a decimal as text"),
        pytest.param(STRING, [1, "a", {"b": 2}], [{"b": 2}, 1, "a"], True, id="a mixed list"),
        pytest.param(
            AttributeDefinition("ref", "reference"), "a", "A", False, id="references are exact"
        ),
        pytest.param(AttributeDefinition("x", "binary"), "YQ", "yq", False, id="binary is exact"),
    ],
)
def test_two_values_are_the_same_by_schema(
    definition: AttributeDefinition | None, one: Any, other: Any, same: bool
) -> None:
    canonical = canonical_for(definition)

    assert (canonical(one) == canonical(other)) is same


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        ("True", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("", ""),
        (None, None),
        ([], None),
    ],
)
def test_ruling_7_booleans_may_come_as_words(value: object, expected: object) -> None:
    canonical = canonical_for(AttributeDefinition("active", "boolean"))

    assert canonical(value) == boolean(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), ("-7", -7), ("seven", "seven"), (None, None), (7.5, "7.5")],
)
def test_integers_may_come_as_digits(value: object, expected: object) -> None:
    assert canonical_for(AttributeDefinition("n", "integer"))(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"value": "t-1", "$ref": "x"}, "t-1"),
        ({"Value": "t-1"}, "t-1"),
        ("t-1", "t-1"),
        ({"value": ""}, None),
        ({"value": 7}, None),
        ({}, None),
        ("", None),
        (None, None),
        (["t-1"], None),
    ],
)
def test_the_id_of_a_reference(value: object, expected: str | None) -> None:
    assert reference_id(value) == expected
