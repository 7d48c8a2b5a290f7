"""
How many requests an operation takes: what reaches a service for each kind, in order.

A change is one read (is it still what the plan saw?), one PATCH, and one read
back. What a run sends besides is counted apart: it reads the service once before
it begins, and calibrates the filter once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.states import ResourceType
from reconciler.testing import Request
from tests.contract.firm import EVERYBODY, SINGLE, Firm, Group, Person
from tests.contract.services import SERVICES, Open
from tests.e2e.company import TOKEN_NAME
from tests.proxy import recorded
from tests.servers import TOKEN, open_target

CROWD = tuple(f"m{number:03}" for number in range(101))
DISCOVERY = {"/ServiceProviderConfig", "/Schemas", "/ResourceTypes"}
ADA = {"jobTitle": "Clerk", "mail": "ada@contoso.example"}


@dataclass(frozen=True)
class Kind:
    """A change, and the requests of its operations; ids are anchors there."""

    id: str
    row: Person | Group
    requests: Sequence[str]
    others: Sequence[str] = ()
    """People who are there, too."""


def user(
    name: str, after: dict[str, str] | None, requests: Sequence[str], before: dict[str, str] = ADA
) -> Kind:
    """Return a change of Ada."""
    return Kind(name, Person("ada", before, after, [], None), requests, CROWD[:1])


def group(
    name: str, before: Sequence[str], after: Sequence[str] | None, requests: Sequence[str]
) -> Kind:
    """Return a change of a group called team, among a crowd."""
    crowd = CROWD if {*before, *(after or ())} - {*CROWD[:2]} else CROWD[:2]
    return Kind(name, Group("team", before, after, []), requests, crowd)


CHANGED = ["GET /Users/ada", "PATCH /Users/ada", "GET /Users/ada"]
FILLED = ["GET /Groups/team", "PATCH /Groups/team", "GET /Groups/team"]
LEFT = [f"{method} /Groups/{EVERYBODY}" for method in ("GET", "PATCH", "GET")]
KINDS = (
    user("one attribute", {**ADA, "jobTitle": "Head"}, CHANGED),
    user("five attributes", {"surname": "Lovelace", "city": "London", "employeeId": "1"}, CHANGED),
    user("a rename", {**ADA, "userPrincipalName": "lovelace@contoso.example"}, CHANGED),
    user("a disable", {**ADA, "accountEnabled": "false"}, CHANGED),
    user("a manager", {**ADA, "manager": "ada"}, CHANGED),
    user(
        "a delete",
        None,
        [*LEFT, "GET /Users/ada", "DELETE /Users/ada", "GET /Users/ada"],
    ),
    group("a member", [], CROWD[:1], FILLED),
    group("a hundred and one members", [], CROWD, [*FILLED[:2], *FILLED[1:]]),
    group("a member less", CROWD[:2], CROWD[:1], FILLED),
    group("a hundred and one members less", CROWD, [], [*FILLED[:2], *FILLED[1:]]),
    group(
        "a group less", [], None, ["GET /Groups/team", "DELETE /Groups/team", "GET /Groups/team"]
    ),
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A service for each test."""
    [index] = [service for service in SERVICES if service.name == "index"]
    with index.running(tmp_path_factory.mktemp("requests")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)


def about(requests: Sequence[Request], anchors: dict[str, str]) -> list[str]:
    """Return the requests about one resource, by anchor; a look-up ends with a ``?``."""
    told = []
    for seen in requests:
        _, kind, *rest = seen.path.split("/")
        if rest:
            told.append(f"{seen.method} /{kind}/{anchors.get(rest[0], 'new')}")
        elif seen.method != "GET" or "filter" in seen.query:
            told.append(f"{seen.method} /{kind}{'?' if seen.query else ''}")
    return told


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.id) for kind in KINDS])
def test_an_operation_takes_a_read_a_write_and_a_read(
    opened: Open, tmp_path: Path, kind: Kind
) -> None:
    with recorded(opened(kind.id.replace(" ", "-"))) as proxy:
        firm = Firm(tmp_path, proxy.url, target={"concurrency": 1}, mappings=SINGLE)
        people = [kind.row] if isinstance(kind.row, Person) else []
        groups = [kind.row] if isinstance(kind.row, Group) else []
        rows = [*people, *(Person(anchor, {}, {}, [], {}) for anchor in kind.others)]
        firm.becomes(rows, groups, 0)
        firm.settle()
        with open_target(proxy.url) as target:
            anchors = {
                each["id"]: each["externalId"]
                for of in ResourceType
                for each in target.list(of).resources
            }
        firm.becomes(rows, groups, 1)
        firm.plan()
        proxy.requests.clear()

        firm.apply()

    told = about(proxy.requests, anchors)
    said = firm.body()["cost"]["requests"]
    assert told == list(kind.requests)
    assert Counter(said) == Counter(line.split()[0] for line in told)


def test_a_create_takes_a_look_a_post_and_a_read(opened: Open, tmp_path: Path) -> None:
    """And the filter is calibrated once: by a value that nobody has, and by one that is there."""
    with recorded(opened("create")) as proxy:
        firm = Firm(tmp_path, proxy.url, target={"concurrency": 1}, mappings=SINGLE)
        rows = [Person("ada", {}, {}, [], {}), *(Person(n, None, {}, [], {}) for n in "bc")]
        firm.becomes(rows, [], 0)
        firm.settle()
        firm.becomes(rows, [], 1)
        firm.plan()
        proxy.requests.clear()

        firm.apply()

    look, create, read = "GET /Users?", "POST /Users", "GET /Users/new"
    told = [line for line in about(proxy.requests, {}) if "/Users" in line]
    assert told == [look, look, look, create, read, look, create, read]


def test_a_run_reads_the_service_once_before_it_begins(opened: Open, tmp_path: Path) -> None:
    with recorded(opened("once")) as proxy:
        firm = Firm(tmp_path, proxy.url, target={"concurrency": 1}, mappings=SINGLE)
        rows = [Person("ada", ADA, {**ADA, "jobTitle": "Head"}, [], {})]
        firm.becomes(rows, [], 0)
        firm.settle()
        firm.becomes(rows, [], 1)
        firm.plan()
        proxy.requests.clear()

        firm.apply()

    first = [seen.path for seen in proxy.requests[:-3]]
    assert {*first} == {*DISCOVERY, "/Users", "/Groups"}
    assert Counter(first)["/Users"] == Counter(first)["/Groups"] == 2  # the page, and past it
    assert all(first.count(path) == 1 for path in DISCOVERY)
    assert [seen.method for seen in proxy.requests[-3:]] == ["GET", "PATCH", "GET"]
