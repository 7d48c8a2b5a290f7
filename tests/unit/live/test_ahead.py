"""Pages fetched ahead: the same listing as one by one, with bounded guesses."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from reconciler.live.ahead import Ahead
from reconciler.live.pages import Paging, read_all
from reconciler.scim.errors import TargetRefused
from reconciler.scim.messages import LIST_URN
from reconciler.states import Listing

Server = Callable[[Mapping[str, str]], Any]


class Pages:
    """A service of *size* resources that caps its pages, and notes what it was asked."""

    def __init__(self, size: int, cap: int = 1_000) -> None:
        self.asked: list[int] = []
        self.most = 0
        self._size, self._cap, self._now = size, cap, 0
        self._lock = threading.Lock()

    def __call__(self, query: Mapping[str, str]) -> Any:
        start = int(query["startIndex"])
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.asked.append(start)
        count = min(int(query.get("count", self._cap)), self._cap)
        rows = [{"id": f"u{n}"} for n in range(start, min(start + count, self._size + 1))]
        with self._lock:
            self._now -= 1
        return {"schemas": [LIST_URN], "totalResults": self._size, "Resources": rows}


def listed(server: Server, workers: int, size: int = 10) -> Listing:
    with Ahead(server, workers) as fetch:
        return read_all(fetch, Paging(size))


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 99, 100, 101])
@pytest.mark.parametrize("cap", [3, 10, 1_000])
def test_the_listing_and_the_requests_are_those_of_one_page_at_a_time(size: int, cap: int) -> None:
    plain, ahead = Pages(size, cap), Pages(size, cap)

    assert listed(ahead, 4) == listed(plain, 1)
    assert sorted(ahead.asked) == sorted(plain.asked)


def test_no_more_pages_wait_than_there_are_workers() -> None:
    """The reader asks for the first two pages only: what is fetched by then is the window."""
    server = Pages(1_000)
    with Ahead(server, 4) as fetch:
        fetch({"startIndex": "1", "count": "10"})
        fetch({"startIndex": "11", "count": "10"})

    assert max(server.asked) <= 10 * 5 + 1
    assert server.most <= 4 + 1


@pytest.mark.parametrize(
    ("size", "guessed"),
    [
        pytest.param(25, ["11", "21"], id="the last page will be short"),
        pytest.param(20, ["11", "21"], id="the last page will be full"),
        pytest.param(10, ["11"], id="one page"),
        pytest.param(11, ["11"], id="the last page will hold one"),
    ],
)
def test_the_page_past_the_end_is_fetched_ahead_where_it_will_be_asked_for(
    size: int, guessed: list[str]
) -> None:
    with Ahead(Pages(size), 8) as fetch:
        fetch({"startIndex": "1", "count": "10"})

        assert sorted(sent.query["startIndex"] for sent in fetch._waiting.values()) == guessed


def test_a_last_page_that_is_not_short_after_all_is_followed_by_the_page_past_the_end() -> None:
    class Once(Pages):
        def __call__(self, query: Mapping[str, str]) -> Any:
            fewer = {"count": "5"} if query["startIndex"] == "11" else {}
            return super().__call__({**query, **fewer})

    plain, ahead = Once(25), Once(25)

    assert listed(ahead, 4) == listed(plain, 1)
    assert plain.asked == [1, 11, 16, 26]
    assert {*plain.asked} <= {*ahead.asked} <= {*plain.asked, 21}


def test_one_worker_fetches_nothing_ahead() -> None:
    server = Pages(1_000)
    with Ahead(server, 1) as fetch:
        fetch({"startIndex": "1", "count": "10"})

    assert server.asked == [1]


def test_a_page_that_fails_fails_when_it_is_its_turn() -> None:
    pages = Pages(100)

    def server(query: Mapping[str, str]) -> Any:
        if query["startIndex"] == "31":
            raise TargetRefused(403, "no")
        return pages(query)

    with Ahead(server, 4) as fetch:
        for start in ("1", "11", "21"):
            assert fetch({"startIndex": start, "count": "10"})["Resources"]
        with pytest.raises(TargetRefused):
            fetch({"startIndex": "31", "count": "10"})


def test_a_listing_that_begins_anew_uses_nothing_of_the_one_before() -> None:
    grown = Pages(30)
    with Ahead(grown, 4) as fetch:
        fetch({"startIndex": "1", "count": "10"})
        grown._size = 31
        fetch({"startIndex": "1", "count": "10"})
        again = fetch({"startIndex": "11", "count": "10"})

    assert again["totalResults"] == 31


@pytest.mark.parametrize(
    "answer",
    [
        [],
        None,
        "page",
        {"totalResults": "many", "Resources": [{"id": "a"}]},
        {"totalResults": 5, "Resources": {}},
        {"totalResults": 10**9, "Resources": []},
        {"totalResults": 5, "Resources": [{"id": "a"}], "nextCursor": "c"},
    ],
    ids=str,
)
def test_nothing_is_guessed_from_what_is_no_page(answer: Any) -> None:
    asked: list[Mapping[str, str]] = []

    def server(query: Mapping[str, str]) -> Any:
        asked.append(query)
        return answer

    with Ahead(server, 4) as fetch:
        assert fetch({"startIndex": "1"}) == answer
    assert len(asked) == 1


def test_a_cursor_is_followed_one_page_at_a_time() -> None:
    asked: list[Mapping[str, str]] = []

    def server(query: Mapping[str, str]) -> Any:
        asked.append(query)
        return {"totalResults": 50, "Resources": [{"id": "a"}]}

    with Ahead(server, 4) as fetch:
        fetch({"cursor": ""})
    assert len(asked) == 1


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_what_is_held_does_not_grow_with_the_listing(workers: int) -> None:
    """A reader that is slower than the service finds one page waiting for each worker."""
    server, read, most = Pages(2_000), 0, 0

    with Ahead(server, workers) as fetch:

        def slow(query: Mapping[str, str]) -> Any:
            nonlocal read, most
            page = fetch(query)
            read += 1
            for sent in list(fetch._waiting.values()):
                sent.answer.result()
            most = max(most, len(server.asked) - read)
            return page

        assert read_all(slow, Paging(10)).complete

    assert read == 201
    assert most == workers


def test_a_page_is_opened_when_the_listing_asks_for_it() -> None:
    server, opened = Pages(100), list[str]()

    def open_it(answer: Any) -> Any:
        opened.append(answer["Resources"][0]["id"])
        return answer

    with Ahead(server, 4, open_it) as fetch:
        fetch({"startIndex": "1", "count": "10"})
        fetch({"startIndex": "11", "count": "10"})

    assert opened == ["u1", "u11"]
    assert len(server.asked) > 2
