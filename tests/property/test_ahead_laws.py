"""Law of fetching ahead: whatever the server does, the listing is that of one page at a time."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.live.ahead import Ahead
from reconciler.live.pages import Paging, read_all
from reconciler.scim.errors import TargetError, TargetRefused
from reconciler.scim.messages import LIST_URN

ids = st.sampled_from([f"u{n}" for n in range(12)])
odd = st.sampled_from(["refused", "nothing", "rows"])
pages = st.lists(st.tuples(odd, st.lists(ids, max_size=5), st.integers(0, 14)), max_size=8)


def server(table: list[tuple[str, list[str], int]]) -> Any:
    """Return a server whose answer depends on the page that is asked for, and on nothing else."""

    def answer(query: Mapping[str, str]) -> Any:
        start = int(query.get("startIndex", "0"))
        kind, rows, total = table[start % len(table)] if table else ("rows", [], 0)
        if kind == "refused":
            raise TargetRefused(403, "no")
        if kind == "nothing":
            return {}
        listed = [{"id": row} for row in rows]
        return {"schemas": [LIST_URN], "totalResults": total, "Resources": listed}

    return answer


def outcome(fetch: Any, size: int) -> Any:
    try:
        return read_all(fetch, Paging(size))
    except TargetError as error:
        return type(error), str(error)


@given(pages, st.integers(0, 6), st.integers(2, 5))
def test_the_outcome_is_that_of_one_page_at_a_time(
    table: list[tuple[str, list[str], int]], size: int, workers: int
) -> None:
    plain = outcome(server(table), size)
    with Ahead(server(table), workers) as fetch:
        assert outcome(fetch, size) == plain
