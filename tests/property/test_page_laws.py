"""
Laws of the end of a listing by index: a short last page says what an empty one past the end says.

The reader is held against one that always asks for the page past the end (decision 40).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.live.ahead import Ahead
from reconciler.live.pages import Paging, read_all
from reconciler.live.proved import ROWS, rows_of
from reconciler.scim.errors import TargetError, TargetRefused
from reconciler.scim.messages import LIST_URN

Query = Mapping[str, str]


@dataclass
class Server:
    """A server whose answer depends on the query and on nothing else."""

    held: int
    """Resources that it holds."""
    size: int
    """Resources a page that are asked for."""
    stated: int = -1
    """What it says that it holds; -1: what it does."""
    caps: Sequence[int] = (99,)
    """Resources on a page at most, by where it begins."""
    hidden: frozenset[int] = frozenset()
    """Places whose resources are taken out of a page once it is cut: nobody may see them."""
    cut_off: bool = False
    """Whether a page that begins among those who are stated ends with them."""
    past_the_end: str = "nobody"
    """Or `first`: the first page again; `other`: another total; `error`."""
    stuck: bool = False
    """Whether every page is the first."""
    together: bool = False
    """Whether its pages come as what was read together."""
    lengths: dict[int, int] = field(default_factory=dict)
    """By where it begins, how long each page was that was asked for."""

    @property
    def total(self) -> int:
        """What it states."""
        return len(self.shown) if self.stated < 0 else self.stated

    @property
    def shown(self) -> list[int]:
        """Who may be seen."""
        return [number for number in range(1, self.held + 1) if number not in self.hidden]

    def __call__(self, query: Query) -> Any:
        """Return a page."""
        start, total = int(query["startIndex"]), self.total
        if start > max(1, min(self.held, total)):
            if self.past_the_end == "error":
                raise TargetRefused(404, "there is no such page")
            total += self.past_the_end == "other"
        rows = self.rows(start)
        self.lengths[start] = len(rows)
        listed = [{"id": str(number)} for number in rows]
        found: Any = rows_of(listed) if self.together else listed
        return {"schemas": [LIST_URN], "totalResults": total, ROWS: found}

    def rows(self, start: int) -> list[int]:
        """Return who is on the page that begins at *start*."""
        if self.stuck or (start > self.held and self.past_the_end == "first"):
            start = 1
        last = min(self.held, start - 1 + min(self.size, self.caps[start % len(self.caps)]))
        if self.cut_off and start <= self.total:
            last = min(last, self.total)
        return [number for number in self.shown if start <= number <= last]


def everybody(server: Server, workers: int = 1) -> list[int] | None:
    """Return who is on a listing that is proved complete; None where it is refused."""
    try:
        with Ahead(server, workers) as fetch:
            listing = read_all(fetch, Paging(server.size))
    except TargetError:
        return None
    return [int(row["id"]) for row in listing.resources] if listing.complete else None


def by_the_page_past_the_end(server: Server) -> list[int] | None:
    """Return the same, where a page past the end is asked for whatever the last page was."""
    found: list[int] = []
    first = True
    while True:
        try:
            page = server({"startIndex": str(len(found) + 1)})
        except TargetError:
            return None
        rows = server.rows(len(found) + 1)
        if page["totalResults"] != server.total:
            return None
        if not first and len(found) == server.total:
            return found if {*rows} <= {*found} else None
        if not {*rows}.isdisjoint(found):
            return None
        found += rows
        if len(found) > server.total or not rows:
            return found if len(found) == server.total else None
        first = False


few = st.integers(0, 13)
honest = st.builds(
    Server,
    few,
    size=st.integers(1, 6),
    caps=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    past_the_end=st.sampled_from(["nobody", "first"]),
    together=st.booleans(),
)
any_server = st.builds(
    Server,
    few,
    size=st.integers(1, 6),
    stated=st.just(-1) | few,
    caps=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    hidden=st.just(frozenset()) | st.frozensets(st.integers(1, 4), max_size=2),
    cut_off=st.booleans(),
    past_the_end=st.sampled_from(["nobody", "first", "other", "error"]),
    stuck=st.sampled_from([False, False, False, True]),
    together=st.booleans(),
)


@given(honest, st.integers(1, 4))
def test_inv_1_of_an_honest_server_everybody_is_listed(server: Server, workers: int) -> None:
    assert everybody(server, workers) == list(range(1, server.held + 1))


@given(few, st.integers(1, 6), st.booleans())
def test_one_page_more_is_asked_for_where_the_last_one_is_full_or_alone(
    held: int, size: int, together: bool
) -> None:
    server = Server(held, size, together=together)
    alone_or_full = 0 < held <= size or (held > 0 and held % size == 0)

    assert everybody(server) is not None
    assert len(server.lengths) == max(1, ceil(held / size)) + alone_or_full


@given(any_server)
def test_who_is_proved_by_the_page_past_the_end_is_proved_still(server: Server) -> None:
    proved = by_the_page_past_the_end(server)

    assert proved is None or everybody(server) == proved


@given(any_server)
def test_inv_1_what_was_refused_is_refused_but_for_what_comes_past_a_short_page(
    server: Server,
) -> None:
    """The one difference: as many came as every page states, and the last page had room."""
    server = replace(server, lengths={})
    found = everybody(server)
    asked = [server.lengths[start] for start in sorted(server.lengths)]
    if found is None or by_the_page_past_the_end(server) is not None:
        return

    assert len({*found}) == len(found) == server.total
    assert asked[-1] < max(asked[:-1])


@given(any_server, st.integers(2, 4))
def test_pages_that_were_fetched_ahead_prove_the_same(server: Server, workers: int) -> None:
    assert everybody(server, workers) == everybody(server)


@given(any_server)
def test_inv_1_a_server_that_counts_right_is_complete_with_everybody_or_not_at_all(
    server: Server,
) -> None:
    server = replace(server, stated=-1)
    found = everybody(server)

    assert found is None or found == server.shown


@given(few, few, st.integers(1, 6))
def test_inv_1_a_server_that_counts_too_few_is_found_out_by_its_pages(
    held: int, stated: int, size: int
) -> None:
    """Its pages do not know what it states: who is left over is on the last of them, or past it."""
    if stated != held:
        assert everybody(Server(held, size, stated)) is None


def test_who_comes_past_a_short_page_that_is_cut_off_by_the_total_is_not_seen() -> None:
    """The one difference, as an example: it states 3 of 5, sends 2 and 1, and then 2 more."""
    server = Server(5, 2, stated=3, cut_off=True)

    assert server.rows(4) == [4, 5]
    assert by_the_page_past_the_end(server) is None
    assert everybody(server) == [1, 2, 3]
