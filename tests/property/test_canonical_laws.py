"""
Canonical JSON: the quick way writes what the standard library writes, or is not taken.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.plan.digest import canonical_json


class Word(StrEnum):
    """A text that is of a class of its own."""

    ONE = "one"


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.characters(max_codepoint=0x9F)
    | st.sampled_from(['"\\/', "\u2028", "\U0001f600", Word.ONE, 2**64, -(2**63) - 1])
)
KEYS = st.text(max_size=3) | st.integers(0, 3) | st.just(Word.ONE)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=1)
    ),
    max_leaves=12,
)


def as_the_library_writes(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


@given(VALUES)
def test_the_bytes_are_those_of_the_standard_library(value: Any) -> None:
    assert canonical_json(value) == as_the_library_writes(value)
