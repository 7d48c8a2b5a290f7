"""
Pages that a listing will ask for next, fetched before it asks.

Where pages go by index and the first one says how many there are in all, the
places of the others are known; waiting for one before asking for the next is
waiting for the network, page by page. What comes back is handed to
:mod:`reconciler.live.pages` in the order in which it asks, so the proof that a
listing is whole is the same, word for word. A guess that was wrong (a page was
shorter than those before it) costs a few requests and is thrown away. The page past
the end is fetched ahead only where the last page is going to be full: a short one
shows the end itself.

As many pages are held as there are workers, and no more. A listing by cursor
names its next page only when the one before is there: it is read one by one.

Used by :class:`reconciler.live.client.ScimTarget`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple

from reconciler.live.pages import Fetch
from reconciler.live.proved import ROWS, Rows


class _Sent(NamedTuple):
    """A query that was sent ahead."""

    query: Mapping[str, str]
    answer: Future[Any]


class Ahead:
    """Sends queries, and those that will follow; call it in place of what sends one."""

    def __init__(
        self,
        fetch: Fetch,
        workers: int,
        opened: Callable[[Any], Any] = lambda answer: answer,
        *,
        past_the_end: bool = True,
    ) -> None:
        """
        Prepare; nothing is sent yet.

        Args:
            fetch: Sends one page's query; safe for threads.
            workers: Pages in flight at the same time; 1 fetches nothing ahead.
            opened: Makes JSON of what was fetched, when the listing asks for it: until then, a
                page is a sixth as large.
            past_the_end: Whether the listing may ask for the page that must be empty.
        """
        self._fetch = fetch
        self._workers = workers
        self._opened = opened
        self._past_the_end = past_the_end
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: dict[int, _Sent] = {}
        """By where the page begins."""
        self._longest = 0

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, query: Mapping[str, str]) -> Any:
        """
        Return the answer to *query*.

        Raises:
            TargetError: The request failed, whether it was sent now or before.
        """
        if query.get("startIndex") == "1":
            self._waiting.clear()  # the listing begins anew: what was fetched is of another one
            self._longest = 0
        sent = self._waiting.pop(int(query.get("startIndex", 0)), None)
        came = self._fetch(query) if sent is None or sent.query != query else sent.answer.result()
        answer = self._opened(came)
        if self._workers > 1:
            for start in self._following(query, answer):
                if start not in self._waiting:
                    self._send({**query, "startIndex": str(start)}, start)
                if len(self._waiting) >= self._workers:
                    break
        return answer

    def _send(self, query: Mapping[str, str], start: int) -> None:
        """Have *query* sent by a worker."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, "pages")
        self._waiting[start] = _Sent(query, self._pool.submit(self._fetch, query))

    def _following(self, query: Mapping[str, str], answer: Any) -> Iterator[int]:
        """Yield where the pages after this one begin, if all are of its size."""
        if "startIndex" not in query or not isinstance(answer, dict) or answer.get("nextCursor"):
            return
        rows, total = answer.get(ROWS), answer.get("totalResults")
        if not isinstance(rows, list | Rows) or not rows or not isinstance(total, int):
            return
        size, start = len(rows), int(query["startIndex"]) + len(rows)
        self._longest = max(self._longest, size)
        if start <= total + 1:
            yield from range(start, total + 1, size)
            last = (total + 1 - start) % size or size
            if self._past_the_end and last == self._longest:
                yield total + 1
