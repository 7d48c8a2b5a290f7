import hashlib
import random

import pytest

from reconciler.plan.digest import (
    canonical_array,
    canonical_json,
    canonical_object,
    digest,
    digest_of,
)


def test_canonical_json_is_sorted_compact_utf_8() -> None:
    assert (
        canonical_json({"b": [1, True, None], "a": "ü"}) == '{"a":"ü","b":[1,true,null]}'.encode()
    )


def test_the_order_of_keys_says_nothing() -> None:
    keys = [f"k{number}" for number in range(20)]
    shuffled = random.Random(1).sample(keys, len(keys))

    assert canonical_json(dict.fromkeys(keys)) == canonical_json(dict.fromkeys(shuffled))


def test_lists_and_tuples_are_one() -> None:
    assert canonical_json((1, (2,))) == canonical_json([1, [2]])


def test_values_are_not_normalised() -> None:
    """Composed and decomposed are two texts; a plan shows what is written."""
    assert canonical_json("\u00e9") != canonical_json("e\u0301")


@pytest.mark.parametrize("value", [1.0, float("nan"), {"a": [{"b": 0.5}]}], ids=str)
def test_floats_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no floats"):
        canonical_json(value)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"], ids=["object", "set", "bytes"])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical_json("\ud800")


def test_the_digest_is_the_sha_256_of_the_canonical_form() -> None:
    assert digest({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


@pytest.mark.parametrize("rows", [[], [1], [{"b": 1, "a": [None]}, "ü"]], ids=len)
def test_pieces_make_the_whole(rows: list[object]) -> None:
    whole = {"c": rows, "a": {"z": 1}, "b": None}
    pieces = list(canonical_object({**whole, "c": canonical_array(map(canonical_json, rows))}))

    assert b"".join(pieces) == canonical_json(whole)
    assert digest_of(pieces) == digest(whole)
    assert b"".join(canonical_object({})) == b"{}"
