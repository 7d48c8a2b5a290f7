"""
What goes over the wire: requests for each kind of operation, and how fast users are listed.

The requests are counted against scim2-server. Of the listings its answers are
remembered and given again after a delay, because it makes pages slower than any
network; quote their ratio, not their speed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport
from reconciler.states import ResourceType
from reconciler.testing import Reply, Request
from reconciler.workflow.wiring import SystemClock
from tests.contract.firm import SINGLE, Firm, Group, Person, Seen, populate, settle
from tests.contract.services import ABILITIES, Service
from tests.e2e.company import TOKEN_NAME
from tests.proxy import forwarding, recorded
from tests.servers import CURSOR_ONLY, TOKEN, FaultServer, open_target

CROWD = tuple(f"m{number:03}" for number in range(101))
USERS = (
    Person("create", None, {}, [], None),
    Person("update-one-attribute", {"jobTitle": "Clerk"}, {"jobTitle": "Head"}, [], None),
    Person(
        "update-three-attributes", {}, dict.fromkeys(("jobTitle", "surname", "city"), "x"), [], None
    ),
    Person("disable", {}, {"accountEnabled": "false"}, [], None),
    Person("delete", {}, None, [], None),
    *(Person(anchor, {}, {}, [], None) for anchor in CROWD),
)
GROUPS = (
    Group("add-one-member", [], CROWD[:1], []),
    Group("add-101-members", [], CROWD, []),
    Group("remove-101-members", CROWD, [], []),
)
PAGE = 100
DELAY = 0.02
"""Seconds until a page comes."""
ONE, AHEAD = (1, "one page at a time"), (8, "eight pages ahead")
WAYS = {"index": (ONE, AHEAD), "cursor": (ONE,)}
"""Pages in flight by way of paging; the next cursor is known only when a page is there."""
PAGED: Mapping[str, Mapping[str, Any]] = {
    "index": {**ABILITIES, "filter": {"supported": True, "maxResults": PAGE}},
    "cursor": {
        **CURSOR_ONLY,
        "filter": {"supported": True, "maxResults": PAGE},
        "pagination": {
            **CURSOR_ONLY["pagination"],
            "defaultPageSize": PAGE,
            "maxPageSize": PAGE,
        },
    },
}


def main(users: int) -> None:
    """Print both tables; *users* are listed."""
    os.environ.setdefault(TOKEN_NAME, TOKEN)
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'requests of one operation':<34}{'all':>14}")
        for kind, methods in requests_by_kind(Path(folder) / "requests"):
            told = ", ".join(f"{method} {count}" for method, count in methods.items())
            print(f"{kind:<34}{methods.total():>14}   {told}")
        print()
        print(f"{'requests of many operations':<34}{'all':>14}")
        for way, methods, speed in requests_of_many(Path(folder) / "many"):
            told = ", ".join(f"{method} {count}" for method, count in methods.items())
            print(f"{way:<34}{methods.total():>14}   {told}; {speed:,.0f} a second")
        print()
        title = f"listing {users:,} users, {PAGE} a page, {DELAY * 1000:.0f} ms"
        print(f"{title:<48}{'users a second':>16}{'ratio':>8}")
        speeds = dict(listed_per_second(Path(folder), users))
        slowest = min(speeds.values())
        for way, speed in speeds.items():
            print(f"{way:<48}{speed:>16,.0f}{f'{speed / slowest:.1f} : 1':>8}")


def requests_by_kind(folder: Path) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each kind of operation, and its requests by method."""
    folder.mkdir()
    with Service("index").running(folder) as opened, recorded(opened("bench")) as proxy:
        firm = Firm(folder / "firm", proxy.url, target={"concurrency": 1}, mappings=SINGLE)
        with open_target(proxy.url) as target:
            firm.becomes(USERS, GROUPS, 0)
            before = settle(firm, target).seen
            proxy.requests.clear()
            firm.becomes(USERS, GROUPS, 1)
            after = settle(firm, target).seen
    for row in (*(user.id for user in USERS[:5]), *(group.id for group in GROUPS)):
        counted = requests_about(row, (before, after), proxy.requests)
        yield row.replace("-", " "), counted


def requests_of_many(folder: Path) -> Iterator[tuple[str, Counter[str], float]]:
    """Yield each way to create a crowd: its requests by method, and changes a second."""
    there = Person("there-before", {}, {}, [], None)
    people = [there, *(Person(anchor, None, {}, [], None) for anchor in CROWD)]
    for use, words in (("never", "alone"), ("auto", "together")):
        service = Service("index", profile={"bulk": {"use": use}})
        home = folder / use
        home.mkdir(parents=True)
        with service.running(home) as opened, recorded(opened("bench")) as proxy:
            firm = service.firm(home / "firm", proxy.url, mappings=SINGLE)
            firm.becomes(people, (), 0)
            with open_target(proxy.url) as target:
                settle(firm, target)
            firm.becomes(people, (), 1)
            firm.plan()
            proxy.requests.clear()
            start = time.perf_counter()
            firm.run("apply", "--auto-approve", firm.newest())
            took = time.perf_counter() - start
            asked = Counter(request.method for request in proxy.requests)
            yield f"{len(CROWD)} creates, {words}", asked, len(CROWD) / took


def requests_about(row: str, states: Sequence[Seen], requests: Sequence[Request]) -> Counter[str]:
    """Count the requests about one row, by method; what it is looked up by names it."""
    held = [{**seen.people, **seen.groups} for seen in states]
    ids = {kept[row]["id"] for kept in held if row in kept}
    return Counter(
        request.method
        for request in requests
        if request.path.split("/")[-1] in ids
        or f'"{row}@' in request.query.get("filter", "")
        or (request.method == "POST" and row.encode() in request.body)
    )


def listed_per_second(folder: Path, users: int) -> Iterator[tuple[str, float]]:
    """Yield each way of paging, and how many users a second it lists."""
    for paging, config in PAGED.items():
        (folder / paging).mkdir()
        with Service(paging, config).running(folder / paging) as opened:
            url = opened("listed")
            with open_target(url) as target:
                populate(target, [f"p{number:06}" for number in range(users)])
            with httpx.Client(timeout=60) as client:
                answers = Remembered(forwarding(client, url))
                with FaultServer(answer=answers) as server:
                    list_all(server.url, users, 1)  # from here on, every page is remembered
                    answers.delay = DELAY
                    for ahead, words in WAYS[paging]:
                        yield f"{paging}, {words}", list_all(server.url, users, ahead)


def list_all(url: str, users: int, ahead: int) -> float:
    """List *users*, so many pages in flight, and return how many that were a second."""
    transport = Transport(url, BearerAuth.of(TOKEN), SystemClock(), concurrency=ahead)
    with ScimTarget(transport, pages_ahead=ahead) as target:
        start = time.perf_counter()
        listing = target.list(ResourceType.USER)
        took = time.perf_counter() - start
    if len(listing.resources) != users or not listing.complete:
        raise SystemExit(f"the listing is not complete: {listing.problem}")
    return users / took


class Remembered:
    """A service of which every answer is remembered, and given again after a delay."""

    def __init__(self, ask: Callable[[Request], Reply]) -> None:
        self.delay = 0.0
        self._ask = ask
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], Reply] = {}

    def __call__(self, request: Request) -> Reply:
        """Answer as the service did, a little later."""
        key = request.path, tuple(sorted(request.query.items()))
        if key not in self._known:
            self._known[key] = self._ask(request)
        time.sleep(self.delay)
        return self._known[key]
