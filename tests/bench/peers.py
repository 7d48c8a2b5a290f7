"""
What scripts do, as programs that are measured beside ours: ``python -m tests.bench.peers``.

Each talks to the bench's service, and prints one JSON object. They are written as such
scripts are: the libraries that come to mind, used as their first page shows.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.bench.people import ENTERPRISE, TOKEN_NAME

Told = dict[str, Any]
IN_FLIGHT = 8


def _headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {os.environ[TOKEN_NAME]}"}


def _everybody(url: str, page: int) -> Iterator[dict[str, Any]]:
    """Yield all users, one page at a time."""
    with httpx.Client(headers=_headers(), timeout=60) as client:
        start, total = 1, 1
        while start <= total:
            query = {"startIndex": start, "count": page}
            listed = client.get(f"{url}/Users", params=query).json()
            yield from listed["Resources"]
            start, total = start + page, listed["totalResults"]


def pages(url: str, page: str) -> Told:
    """List everybody, one page at a time."""
    start = time.perf_counter()
    people = sum(1 for _ in _everybody(url, int(page)))
    return {"people": people, "seconds": time.perf_counter() - start}


def script(url: str, page: str) -> Told:
    """Plan as a script does: DictReader, Jinja, pydantic, one page at a time, and DeepDiff."""
    from deepdiff import DeepDiff
    from jinja2 import Environment
    from pydantic import BaseModel, ConfigDict

    from tests.bench.inside import TEMPLATES

    class User(BaseModel):
        """An account, loosely."""

        model_config = ConfigDict(extra="allow")
        userName: str

    environment = Environment(autoescape=False)  # noqa: S701 - no HTML
    templates = {name: environment.from_string(text) for name, text in TEMPLATES.items()}
    live = {user["userName"]: User.model_validate(user) for user in _everybody(url, int(page))}
    changed = people = 0
    for cells in _rows():
        made = {name: each.render(cells) for name, each in templates.items()}
        there = live[cells["userPrincipalName"]].model_dump()
        here = User.model_validate(_resource(cells, made, there)).model_dump()
        people += 1
        changed += bool(DeepDiff(here, there, ignore_order=True))
    return {"people": people, "changed": changed}


def _rows() -> Iterator[dict[str, str]]:
    with Path("people.csv").open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            yield {**cells, "IsSoftDeleted": "False"}


def _resource(
    cells: Mapping[str, str], made: Mapping[str, str], there: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the account that a row should have."""
    return {
        **{key: there[key] for key in ("schemas", "id", "meta")},
        "userName": cells["userPrincipalName"],
        "externalId": cells["objectId"],
        "active": made["active"] == "True",
        "displayName": made["displayName"],
        "nickName": made["nickName"],
        "title": made["title"],
        "userType": made["userType"],
        "preferredLanguage": made["preferredLanguage"],
        "name": {
            "formatted": made["name.formatted"],
            "givenName": cells["givenName"],
            "familyName": cells["surname"],
        },
        "emails": [{"type": "work", "value": made["email"]}],
        "phoneNumbers": [{"type": "work", "value": made["phone"]}],
        "addresses": [
            {
                "type": "work",
                "formatted": made["address"],
                "streetAddress": cells["streetAddress"],
                "locality": cells["city"],
                "postalCode": cells["postalCode"],
                "country": cells["country"],
            }
        ],
        ENTERPRISE: {
            "department": made["department"],
            "costCenter": made["costCenter"],
            "employeeNumber": cells["employeeId"],
            "organization": cells["companyName"],
        },
    }


def filters(url: str) -> Told:
    """Look everybody up by a filter request of their own."""
    asked = found = 0
    with httpx.Client(headers=_headers(), timeout=60) as client:
        for cells in _rows():
            condition = f'userName eq "{cells["userPrincipalName"]}"'
            listed = client.get(f"{url}/Users", params={"filter": condition}).json()
            asked, found = asked + 1, found + listed["totalResults"]
    return {"requests": asked, "people": found}


def retrying(url: str, requests: str) -> Told:
    """Send what eight threads can, and wait as Retry-After says when refused."""
    with httpx.Client(headers=_headers(), timeout=60) as client:

        def ask(_: int) -> None:
            while (answer := client.get(f"{url}/ServiceProviderConfig")).status_code == 429:
                time.sleep(float(answer.headers["Retry-After"]))

        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            list(pool.map(ask, range(int(requests))))
    return {"requests": int(requests)}


def crowding(url: str, requests: str, in_flight: str) -> Told:
    """Send requests with httpx's async client, as its documentation shows."""
    limits = httpx.Limits(max_connections=int(in_flight))

    async def ask() -> None:
        gate = asyncio.Semaphore(int(in_flight))
        async with httpx.AsyncClient(headers=_headers(), timeout=60, limits=limits) as client:

            async def one() -> None:
                async with gate:
                    (await client.get(f"{url}/ServiceProviderConfig")).raise_for_status()

            await asyncio.gather(*(one() for _ in range(int(requests))))

    start = time.perf_counter()
    asyncio.run(ask())
    return {"requests": int(requests), "seconds": time.perf_counter() - start}


PROGRAMS: Mapping[str, Callable[..., Told]] = {
    each.__name__: each for each in (pages, script, filters, retrying, crowding)
}


def main() -> None:
    """Run one of the programs."""
    name, *arguments = sys.argv[1:]
    print(json.dumps(PROGRAMS[name](*arguments)))


if __name__ == "__main__":
    main()
