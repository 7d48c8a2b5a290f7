"""A plan that is read, or written, an operation at a time, held against it as a whole."""

from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.plan.digest import canonical_json, digest
from reconciler.plan.document import Plan
from reconciler.plan.plan_file import (
    _PLAN,
    as_json,
    canonical_plan,
    in_pieces,
    operations_digest,
    seal,
)
from tests.plans import make_operation, make_plan

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
operations = st.lists(
    st.builds(
        lambda key, before, after: make_operation(key=key, changes=[("title", before, after)]),
        text,
        values,
        values,
    ),
    max_size=4,
)


def as_a_whole(data: bytes) -> Plan | None:
    try:
        return _PLAN.validate_json(data)
    except ValidationError:
        return None


def written(made: list[Any]) -> bytes:
    plan = make_plan(made)
    return b"".join(canonical_plan(seal(replace(plan.body, withheld=tuple(made[:1])), plan.header)))


@given(made=operations)
def test_a_plan_is_the_same_in_pieces(made: list[Any]) -> None:
    data = written(made)

    assert in_pieces(data) == as_a_whole(data) is not None


@given(made=operations)
def test_a_plan_is_written_in_pieces_as_it_is_as_a_whole(made: list[Any]) -> None:
    """By the standard library, which :func:`canonical_json` is held against."""
    plan = make_plan(made)
    approved = [
        {name: value for name, value in one.items() if name != "precondition"}
        for one in as_json(plan)["body"]["operations"]
    ]
    where = ("app", "https://a.example")

    assert b"".join(canonical_plan(plan)) == canonical_json(as_json(plan))
    assert operations_digest(*where, plan.body.operations) == digest([*where, approved])


@settings(max_examples=300)
@given(
    made=operations,
    place=st.floats(0, 1, exclude_max=True),
    put=st.sampled_from([b"", b'"', b"[", b"}", b",", b"1", b"x", b"\xff", b"\\", b"NaN", b"null"]),
    over=st.integers(0, 12),
)
@example(made=[], place=0.0, put=b"[]", over=10_000)
def test_what_is_no_plan_is_none_in_pieces(
    made: list[Any], place: float, put: bytes, over: int
) -> None:
    data = written(made)
    at = int(place * len(data))
    changed = data[:at] + put + data[at + over :]

    found = in_pieces(changed)

    assert found is None or found == as_a_whole(changed)
