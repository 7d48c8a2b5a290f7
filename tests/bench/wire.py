"""
What goes over the wire: requests for each kind of operation, and how fast users are listed.

Both against scim2-server on loopback, which serves about as many requests a
second as it has processor for; quote the ratio of the listings, not their speed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reconciler.states import ResourceType
from reconciler.testing import Request
from tests.contract.firm import SINGLE, Firm, Group, Person, Seen, populate, settle
from tests.contract.services import ABILITIES, Service
from tests.e2e.company import TOKEN_NAME
from tests.proxy import recorded
from tests.servers import CURSOR_ONLY, TOKEN, open_target

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
        print(f"{f'listing {users:,} users, {PAGE} a page':<34}{'users a second':>14}")
        for paging, speed in listed_per_second(Path(folder), users):
            print(f"{paging + ', one page at a time':<34}{speed:>14,.0f}")


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
        with (
            Service(paging, config).running(folder / paging) as opened,
            open_target(opened("listed")) as target,
        ):
            populate(target, [f"p{number:06}" for number in range(users)])
            start = time.perf_counter()
            listing = target.list(ResourceType.USER)
            took = time.perf_counter() - start
            if len(listing.resources) != users or not listing.complete:
                raise SystemExit(f"the listing is not complete: {listing.problem}")
            yield paging, users / took
