"""Laws of reading: whatever a server does with its pages, "complete" is never said of a part."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.live.pages import Paging, read_all
from reconciler.live.strict_json import StrictJsonError, parse
from reconciler.scim.errors import TargetMisbehaved
from reconciler.scim.messages import LIST_URN

ids = st.integers(1, 12).map(str)


class Pager:
    """A server that pages honestly except where it is told not to, answer by answer."""

    def __init__(self, population: list[str], lies: list[Any], by_cursor: bool) -> None:
        self.population = population
        self.lies = lies
        self.by_cursor = by_cursor
        self.asked = 0

    def __call__(self, query: Mapping[str, str]) -> Any:
        lie = self.lies[self.asked] if self.asked < len(self.lies) else None
        self.asked += 1
        size = int(query.get("count", "5"))
        start = int(query.get("startIndex") or query.get("cursor") or "1")
        shift, drop, total = lie or (0, 0, 0)
        first = max(0, start - 1 + shift)
        rows = self.population[first : first + size]
        rows = rows[: len(rows) - drop] if drop else rows
        more = {}
        if self.by_cursor and start - 1 + size < len(self.population):
            more = {"nextCursor": str(start + size)}
        return {
            "schemas": [LIST_URN],
            "totalResults": max(0, len(self.population) + total),
            "Resources": [{"id": each} for each in rows],
            **more,
        }


def lies_of(shift: int, drop: int, total: int) -> st.SearchStrategy[list[Any]]:
    """Lies by answer: where a page begins, how many rows it lacks, how far its count is off."""
    lie = st.tuples(st.integers(-shift, shift), st.integers(0, drop), st.integers(-total, total))
    return st.lists(st.none() | lie, max_size=6)


@given(
    population=st.lists(ids, unique=True, max_size=12),
    lies=lies_of(3, 3, 0) | lies_of(0, 0, 3),
    size=st.integers(1, 6),
    by_cursor=st.booleans(),
)
def test_inv_1_complete_is_said_of_everybody_or_not_at_all(
    population: list[str], lies: list[Any], size: int, by_cursor: bool
) -> None:
    """A server that hides somebody and counts accordingly cannot be found out, and is left out."""
    listing = read_all(Pager(population, lies, by_cursor), Paging(size, by_cursor))

    if listing.complete:
        assert sorted(resource["id"] for resource in listing.resources) == sorted(population)
    else:
        assert listing.problem


@given(
    population=st.lists(ids, unique=True, max_size=12),
    size=st.integers(1, 15),
    by_cursor=st.booleans(),
)
def test_an_honest_server_is_always_complete(
    population: list[str], size: int, by_cursor: bool
) -> None:
    listing = read_all(Pager(population, [], by_cursor), Paging(size, by_cursor))

    assert listing.problem is None
    assert [resource["id"] for resource in listing.resources] == population


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=12), json_values))
def test_inv_3_any_other_object_is_an_error_or_not_complete(answer: dict[str, Any]) -> None:
    try:
        listing = read_all(lambda query: answer, Paging(5))
    except TargetMisbehaved:
        return

    assert not listing.complete


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(data: bytes) -> None:
    try:
        value = parse(data)
    except StrictJsonError:
        return

    assert json.loads(json.dumps(value, allow_nan=False)) == value
