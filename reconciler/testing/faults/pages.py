"""
Listings: pages that do not add up to what is there.

Rows F36 to F40 and F46 of the matrix, cursors (RFC 9865) among them. A page is
changed on its way, or another one is asked for; what the application stores is
left alone. Put ``small-pages`` before any of them, and a small company has
several pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reconciler.testing.exchange import Reply, Request
from reconciler.testing.fault import LISTS, Act, Fault, Turn

PAGE: Final = 2
"""Resources a page of a server that caps `count`."""

Page = dict[str, Any]


def rewritten(change: Callable[[Page, Request, Turn], Page]) -> Act:
    """Make an act that changes the ListResponse of an answer."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        page = reply.json() if reply.good else None
        if not isinstance(page, dict) or "totalResults" not in page:
            return reply
        return reply.saying(change({"Resources": [], **page}, request, turn))

    return act


def asking(change: Callable[[Request], Request]) -> Act:
    """Make an act that asks the application for something else."""
    return lambda request, turn: turn.forward(change(request))


def start_of(request: Request) -> int:
    """Return the index of the first resource that is asked for; 1 is the first of all."""
    return max(1, int(request.query.get("startIndex", "1")))


def later(request: Request) -> bool:
    """Say whether it asks for a page after the first."""
    return start_of(request) > 1 or bool(request.query.get("cursor"))


def _total(change: Callable[[int, int, int], int]) -> Act:
    """Make an act that states another total: from the true one, the rows here, and the turn."""

    def restated(page: Page, request: Request, turn: Turn) -> Page:
        return {
            **page,
            "totalResults": change(page["totalResults"], len(page["Resources"]), turn.nth),
        }

    return rewritten(restated)


def _shifted(by: int) -> Act:
    """Make an act that begins each page after the first somewhere else."""

    def shifted(request: Request) -> Request:
        return request.asking(startIndex=str(start_of(request) + by)) if later(request) else request

    return asking(shifted)


def _capped(request: Request) -> Request:
    """Ask for :data:`PAGE` resources at most."""
    count = min(PAGE, int(request.query.get("count", str(PAGE))))
    return request.asking(count=str(count))


def _row_lost(page: Page, request: Request, turn: Turn) -> Page:
    """Lose the first row of each page after the first."""
    return {**page, "Resources": page["Resources"][1:]} if later(request) else page


def _again_past_the_end(request: Request, turn: Turn) -> Reply:
    """Answer with the first page when a page past the end is asked for."""
    page = turn.forward(request)
    if (page.json() or {}).get("Resources") or not later(request):
        return page
    return turn.forward(request.asking(startIndex="1"))


def _drifting(by: int) -> Act:
    """Make an act under which somebody is added (1) or removed (-1) before the later pages."""

    def act(request: Request, turn: Turn) -> Reply:
        if not later(request):
            return turn.forward(request)
        reply = turn.forward(request.asking(startIndex=str(start_of(request) - by)))
        page = reply.json()
        return reply.saying({**page, "totalResults": page["totalResults"] + by})

    return act


def _on_count(reply: Reply) -> Act:
    """Make an act that fails whatever names `count`."""
    return lambda request, turn: reply if "count" in request.query else turn.forward(request)


def _on_later_pages(reply: Reply) -> Act:
    """Make an act that fails every page after the first."""
    return lambda request, turn: reply if later(request) else turn.forward(request)


def _nobody(page: Page, request: Request, turn: Turn) -> Page:
    """List nobody at all."""
    return {**page, "totalResults": 0, "Resources": []}


def _first_id(value: Any) -> Act:
    """Make an act that gives the first resource of each page another id."""

    def renamed(page: Page, request: Request, turn: Turn) -> Page:
        rows = page["Resources"]
        return {**page, "Resources": [*({**row, "id": value} for row in rows[:1]), *rows[1:]]}

    return rewritten(renamed)


def _one_id(page: Page, request: Request, turn: Turn) -> Page:
    """Give all resources of a page the id of the first."""
    rows = page["Resources"]
    return {**page, "Resources": [{**row, "id": rows[0]["id"]} for row in rows]}


def _unstated(page: Page, request: Request, turn: Turn) -> Page:
    """Leave `totalResults` out."""
    return {key: value for key, value in page.items() if key != "totalResults"}


def _by_cursor(request: Request) -> Request:
    """Understand a cursor of ours, ``from-N``, as an index."""
    start = request.query.get("cursor", "").removeprefix("from-") or "1"
    return request.asking(cursor=None, startIndex=start)


def _cursors(page: Page, request: Request, turn: Turn) -> Page:
    """Name the next page by a cursor that nobody asked for."""
    following = start_of(_by_cursor(request)) + len(page["Resources"])
    kept = {key: value for key, value in page.items() if key != "startIndex"}
    more = following <= page["totalResults"]
    return {**kept, "nextCursor": f"from-{following}"} if more else kept


def _unasked_cursors(request: Request, turn: Turn) -> Reply:
    """Page by cursor, whatever is asked."""
    reply = turn.forward(_by_cursor(request))
    return reply.saying(_cursors(reply.json(), request, turn)) if reply.good else reply


def _circle(page: Page, request: Request, turn: Turn) -> Page:
    """Name the same next page for ever."""
    return {**page, "nextCursor": "from-1"}


def _expired(times: int) -> Act:
    """Make an act that lets cursors expire, so many times."""

    def act(request: Request, turn: Turn) -> Reply:
        if request.query.get("cursor") and turn.memory.get("seen", 0) < times:
            turn.memory["seen"] = turn.memory.get("seen", 0) + 1
            return Reply.error(400, "the cursor has expired", "expiredCursor")
        return turn.forward(request)

    return act


_LISTINGS: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("small-pages", "F38", f"`count` is capped at {PAGE}, silently", asking(_capped)),
    ("total-low", "F37", "totalResults is one too low", _total(lambda total, rows, nth: total - 1)),
    (
        "total-high",
        "F37",
        "totalResults is two too high",
        _total(lambda total, rows, nth: total + 2),
    ),
    (
        "total-doubled",
        "F37",
        "totalResults is twice the truth",
        _total(lambda total, rows, nth: total * 2),
    ),
    (
        "total-is-the-page",
        "F37",
        "totalResults is the number of rows on the page",
        _total(lambda total, rows, nth: rows),
    ),
    (
        "total-changes",
        "F37",
        "totalResults is another one on each page",
        _total(lambda total, rows, nth: total + nth),
    ),
    ("total-missing", "F37", "totalResults is not stated", rewritten(_unstated)),
    (
        "repeated-pages",
        "F36",
        "every page is the first",
        asking(lambda r: r.asking(startIndex="1")),
    ),
    ("overlapping-pages", "F36", "each later page begins one too early", _shifted(-1)),
    ("gap-between-pages", "F36", "each later page begins one too late", _shifted(1)),
    ("lost-rows", "F36", "each later page has lost its first row", rewritten(_row_lost)),
    (
        "first-page-past-the-end",
        "F36",
        "a page past the end is the first one again",
        _again_past_the_end,
    ),
    ("growing", "F36", "somebody is added to the front while pages are read", _drifting(1)),
    ("shrinking", "F36", "somebody at the front goes while pages are read", _drifting(-1)),
    (
        "count-ignored",
        "F38",
        "`count` and `startIndex` are ignored: everything, always",
        asking(lambda request: request.asking(count=None, startIndex=None)),
    ),
    ("count-broken", "F38", "500 to whatever names `count`", _on_count(Reply.error(500, "count"))),
    ("count-refused", "F38", "400 to whatever names `count`", _on_count(Reply.error(400, "count"))),
    (
        "later-pages-broken",
        "F39",
        "503 to every page after the first, for ever",
        _on_later_pages(Reply.error(503, "broken")),
    ),
    (
        "later-pages-forbidden",
        "F16 F39",
        "403 to every page after the first",
        _on_later_pages(Reply.error(403, "not yours")),
    ),
    ("nobody", "F40", "an empty listing, as in the wrong tenant", rewritten(_nobody)),
    ("one-id-for-all", "F36", "every row of a page has the same id", rewritten(_one_id)),
    ("no-id", "F46", "a row whose id is null", _first_id(None)),
    ("empty-id", "F46", "a row whose id is empty", _first_id("")),
    ("number-id", "F46", "a row whose id is a number", _first_id(7)),
    ("dot-id", "F46", "a row with . for its id", _first_id(".")),
    ("dot-dot-id", "F46", "a row with .. for its id", _first_id("..")),
    ("path-id", "F46", "a row whose id is ../Groups/x", _first_id("../Groups/x")),
    ("long-id", "F46", "a row whose id has 10,000 letters", _first_id("x" * 10_000)),
    ("control-id", "F46", "a row whose id has a line break in it", _first_id("a\r\nb")),
    ("unasked-cursors", "F36", "pages go by nextCursor, though nobody asked", _unasked_cursors),
    ("cursor-circle", "F36", "each page names the same next page", rewritten(_circle)),
    ("cursor-expires-once", "F36", "the first cursor has expired", _expired(1)),
    ("cursors-expire", "F36", "every cursor has expired", _expired(10**9)),
)
"""Listings: name, matrix, sentence, act."""


PAGES: Final = (*(Fault(name, matrix, does, LISTS, act) for name, matrix, does, act in _LISTINGS),)
"""The rows of this room."""
