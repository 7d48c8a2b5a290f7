"""The bounds of a listing; its faults are met over a socket in tests/contract."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from reconciler.live import pages
from reconciler.live.pages import Paging, read_all
from reconciler.live.proved import ROWS, rows_of
from reconciler.scim.errors import AnswerTooLarge, NotFound, TargetRefused
from reconciler.scim.messages import LIST_URN

Query = Mapping[str, str]


def page(start: int, count: int, total: int | None, **more: Any) -> dict[str, Any]:
    rows = [{"id": str(number)} for number in range(start, start + count)]
    return {"schemas": [LIST_URN], "totalResults": total, "Resources": rows, **more}


def test_an_empty_service_needs_one_request() -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        return page(1, 0, 0)

    assert read_all(fetch, Paging(100)).complete is True
    assert asked == [{"startIndex": "1", "count": "100"}]


def test_a_server_that_pages_smaller_than_asked_is_followed_by_what_came() -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        start = int(query["startIndex"])
        return page(start, min(2, 6 - start), 5)

    listing = read_all(fetch, Paging(100))

    assert [query["startIndex"] for query in asked] == ["1", "3", "5"]
    assert [resource["id"] for resource in listing.resources] == ["1", "2", "3", "4", "5"]
    assert listing.complete is True


class Lengths:
    """A server whose pages have so many resources, and no more after the last of them."""

    def __init__(self, lengths: Sequence[int], *, together: bool = False) -> None:
        self.asked: list[int] = []
        self._total, self._together = sum(lengths), together
        ends = [sum(lengths[:number]) for number in range(len(lengths) + 1)]
        self._length = dict(zip((end + 1 for end in ends), (*lengths, 0), strict=True))

    def __call__(self, query: Query) -> Any:
        start = int(query["startIndex"])
        self.asked.append(start)
        told = page(start, self._length[start], self._total)
        return {**told, ROWS: rows_of(told[ROWS])} if self._together else told


SHORT = [
    pytest.param(2, (2, 2, 1), False, id="a short last page"),
    pytest.param(9, (4, 4, 3), False, id="shorter than the pages, all shorter than asked for"),
    pytest.param(0, (3, 3, 2), False, id="a size that the server chooses"),
    pytest.param(9, (2, 5, 3), False, id="shorter than the longest, not than the first"),
    pytest.param(9, (4, 1, 4, 3), False, id="a short one in the middle"),
    pytest.param(9, (4, 1, 1), False, id="no longer than one in the middle"),
    pytest.param(2, (2, 2), True, id="a full last page"),
    pytest.param(9, (4, 4), True, id="as long as the first, and shorter than asked for"),
    pytest.param(9, (2, 5), True, id="longer than the first"),
    pytest.param(3, (5, 3), True, id="as long as was asked for, after one that was longer"),
    pytest.param(9, (5,), True, id="one page, shorter than asked for"),
    pytest.param(5, (5,), True, id="one page, as long as asked for"),
]


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
@pytest.mark.parametrize(("size", "lengths", "one_more"), SHORT)
def test_the_page_past_the_end_is_asked_for_where_no_short_page_shows_the_end(
    size: int, lengths: tuple[int, ...], one_more: bool, together: bool
) -> None:
    server = Lengths(lengths, together=together)

    listing = read_all(server, Paging(size))

    assert (listing.problem, len(listing.resources)) == (None, sum(lengths))
    assert len(server.asked) == len(lengths) + one_more


@pytest.mark.parametrize(("size", "lengths", "one_more"), SHORT)
def test_a_total_that_is_trusted_needs_no_page_past_the_end(
    size: int, lengths: tuple[int, ...], one_more: bool
) -> None:
    server = Lengths(lengths)

    assert read_all(server, Paging(size, trusting=True)).complete is True
    assert len(server.asked) == len(lengths)


def test_a_listing_that_is_begun_anew_forgets_how_long_pages_were() -> None:
    asked: list[tuple[str, str]] = []

    def fetch(query: Query) -> Any:
        asked.append((query["startIndex"], query["count"]))
        start, count = int(query["startIndex"]), int(query["count"])
        if asked[-1] == ("9", "8"):
            raise AnswerTooLarge("too large")
        return page(start, min(count, 13 - start), 12)

    assert read_all(fetch, Paging(8)).complete is True
    assert asked[:2] == [("1", "8"), ("9", "8")]
    assert asked[2:] == [(str(start), "2") for start in (1, 3, 5, 7, 9, 11, 13)]


def test_cursor_paging_begins_with_an_empty_cursor_and_repeats_the_count() -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        more = {"nextCursor": "b"} if query["cursor"] == "" else {}
        return page(1 if more else 3, 2, None, **more)

    assert read_all(fetch, Paging(2, cursor=True)).complete is True
    assert asked == [{"cursor": "", "count": "2"}, {"cursor": "b", "count": "2"}]


PATH_ID = {**page(1, 0, 1), "Resources": [{"id": "../Groups/x"}]}
NOT_WHOLE = {
    "fewer stated than there are": (
        [page(1, 2, 2), page(3, 1, 2)],
        "page 2 goes on after the 2 that were stated",
    ),
    "more stated than there are": (
        [page(1, 2, 3), page(3, 0, 3)],
        "after page 2, 2 resources had come, where 3 were stated",
    ),
    "fewer stated than there are, behind full pages": (
        [page(1, 2, 4), page(3, 2, 4), page(5, 1, 4)],
        "page 3 goes on after the 4 that were stated",
    ),
    "one page, and what is on it stated": (
        [page(1, 1, 1), page(2, 1, 1)],
        "page 2 goes on after the 1 that were stated",
    ),
    "more than stated on a last page that is not cut off": (
        [page(1, 3, 4), page(4, 2, 4)],
        "after page 2, 5 resources had come, where 4 were stated",
    ),
    "a short page, and then nobody": (
        [page(1, 2, 4), page(3, 1, 4), page(4, 0, 4)],
        "after page 3, 3 resources had come, where 4 were stated",
    ),
    "a short page that states another total": (
        [page(1, 2, 4), page(3, 1, 3)],
        "page 2 states 3, and page 1 stated 4",
    ),
    "overlapping pages": ([page(1, 2, 4), page(2, 2, 4)], "page 2 repeats a resource"),
    "another total": ([page(1, 2, 4), page(3, 2, 5)], "page 2 states 5, and page 1 stated 4"),
    "no total": ([page(1, 2, None)], "page 1 does not state totalResults"),
    "an id that is a path": ([PATH_ID], "page 1 holds a resource without a usable id"),
    "a circle": (
        [page(1, 2, 9, nextCursor="a"), page(3, 2, 9, nextCursor="a")],
        "page 2 names a next page that was read already",
    ),
}


@pytest.mark.parametrize(("told", "problem"), NOT_WHOLE.values(), ids=NOT_WHOLE)
def test_inv_1_a_listing_that_is_not_whole_says_which_rule_it_breaks(
    told: list[dict[str, Any]], problem: str
) -> None:
    answers = iter(told)

    listing = read_all(lambda query: next(answers), Paging(2))

    assert listing.complete is False
    assert problem in str(listing.problem)


def test_too_large_answers_end_when_pages_cannot_be_smaller() -> None:
    sizes: list[str] = []

    def fetch(query: Query) -> Any:
        sizes.append(query["count"])
        raise AnswerTooLarge("too large")

    with pytest.raises(AnswerTooLarge):
        read_all(fetch, Paging(1000))

    assert sizes == ["1000", "250", "62", "15", "3", "1"]


@pytest.mark.parametrize("status", [400, 500])
def test_count_is_left_out_once_and_then_the_error_stands(status: int) -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        raise TargetRefused(status)

    with pytest.raises(TargetRefused):
        read_all(fetch, Paging(10))

    assert asked == [{"startIndex": "1", "count": "10"}, {"startIndex": "1"}]


def test_other_refusals_stand_at_once() -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        raise NotFound(404)

    with pytest.raises(NotFound):
        read_all(fetch, Paging(10))

    assert len(asked) == 1


def test_a_cursor_that_always_expires_ends_with_the_error() -> None:
    asked: list[Query] = []

    def fetch(query: Query) -> Any:
        asked.append(query)
        raise TargetRefused(400, scim_type="expiredCursor")

    with pytest.raises(TargetRefused):
        read_all(fetch, Paging(10, cursor=True))

    assert len(asked) == pages.RESTARTS + 1


def test_the_number_of_pages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_LIMIT", 3)
    listing = read_all(lambda query: page(int(query["startIndex"]), 1, 9), Paging(1))

    assert listing.problem == "the listing has more than 3 pages"


def test_the_number_of_resources_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "RESOURCE_LIMIT", 4)
    listing = read_all(lambda query: page(int(query["startIndex"]), 3, 9), Paging(3))

    assert listing.problem == "the listing has more than 4 resources"
