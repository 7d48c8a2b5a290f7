"""
``make bench``: planning, the wire and the pace, measured; figures, never assertions.

The main figure is the planning of 100,000 unchanged users of 15 attributes,
with the listing already in memory, on one core. Beside it stands, on the same
data and in the same run, what a script does: DeepDiff for every user. That loop
is timed on a part of the users and given per user, because all of them would
take minutes. Quote the ratio: seconds differ from machine to machine.
"""

import argparse
import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconciler.cli.main import COLLECT_RARELY
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.directory import Directory
from reconciler.plan.build import build_plan
from reconciler.plan.document import Body
from reconciler.plan.encode import encode_create
from reconciler.plan.request import PlanRequest
from reconciler.scim.schema import CORE
from reconciler.states import LiveState, Recorded, ResourceType
from tests.bench import pace, wire
from tests.worlds import (
    ENTERPRISE,
    MIDNIGHT,
    USER_MAPPINGS,
    FrozenClock,
    World,
    application,
    directory,
    person,
)

NOW = FrozenClock().now()

COPIED = {
    "name.givenName": "givenName",
    "name.familyName": "surname",
    'emails[type eq "work"].value': "mail",
    "preferredLanguage": "preferredLanguage",
    "nickName": "mailNickname",
    f"{ENTERPRISE}:department": "department",
    f"{ENTERPRISE}:employeeNumber": "employeeId",
    'phoneNumbers[type eq "work"].value': "telephoneNumber",
    'addresses[type eq "work"].country': "country",
    "userType": "employeeType",
}
"""Target by source; with the five of the small world, fifteen attributes."""


@dataclass(frozen=True)
class Data:
    """A company that is provisioned and unchanged."""

    application: Application
    directory: Directory
    live: LiveState
    recorded: Recorded


def build(people: int) -> Data:
    """Make *people* and their accounts, exactly as a plan would create them."""
    copied = [{"target": target, "source": source} for target, source in COPIED.items()]
    mappings = {"users": [*USER_MAPPINGS[:5], *copied]}
    wanted = application(scope="all", assignments=None, mappings=mappings)
    rows = directory([person(f"p{n:07}", **_cells(n)) for n in range(people)], [])
    world = World(wanted, rows)
    links: dict[tuple[ResourceType, str], str] = {}
    for number, operation in enumerate(world.plan().operations):
        account = {**encode_create(operation), "id": f"id{number}"}
        world.target.users[account["id"]] = account
        links[ResourceType.USER, str(operation.source_id)] = account["id"]
    return Data(wanted, rows, world.target.live(), Recorded(links, {}, "0" * 64, people, 0))


def _cells(number: int) -> dict[str, str]:
    """Return what the source says of one person."""
    cells = {source: f"{source} {number % 997}" for source in COPIED.values()}
    return {**cells, "mail": f"p{number}@contoso.example", "jobTitle": f"Job {number % 31}"}


def plan(data: Data) -> Body:
    """Judge everybody and compare everything, as the ``plan`` command does after reading."""
    judge = Judge(data.application, data.directory, MIDNIGHT, CORE)
    request = PlanRequest("bench", data.application, judge, data.live, data.recorded, NOW, "0" * 64)
    return build_plan(request)


def deepdiff_loop(data: Data, sample: int) -> None:
    """Compare each of *sample* users with themselves as scripts do: one DeepDiff per user."""
    from deepdiff import DeepDiff

    for account in data.live.users.resources[:sample]:
        wanted = _copy(account)
        if DeepDiff(wanted, account, ignore_order=True):
            raise SystemExit("the data of the bench is not unchanged")


def _copy(value: Any) -> Any:
    """Return a copy, so that nothing is equal by being the same object."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def timed(work: Callable[[], object], runs: int) -> float:
    """Return the least CPU seconds of *runs* runs."""
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=2_000, help="users of the DeepDiff loop")
    parser.add_argument("--listed", type=int, default=2_000, help="users listed from a service")
    arguments = parser.parse_args()
    gc.set_threshold(*COLLECT_RARELY)
    data = build(arguments.people)
    found = plan(data).operations
    if found:
        raise SystemExit(f"the data of the bench is not unchanged: {len(found)} operations")
    ours = timed(lambda: plan(data), 3)
    theirs = timed(lambda: deepdiff_loop(data, arguments.sample), 1)
    ours_each, theirs_each = ours / arguments.people * 1e6, theirs / arguments.sample * 1e6
    ratio = theirs_each / ours_each
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ("figure", "reconciler", "DeepDiff per user", "ratio"),
        (f"plan {arguments.people:,} unchanged users", f"{ours:.2f} s", "", ""),
        ("per user", f"{ours_each:.1f} us", f"{theirs_each:.0f} us", f"1 : {ratio:.0f}"),
        ("peak memory, data included", f"{peak:.0f} MiB", "", ""),
    ]
    for row in rows:
        print(f"{row[0]:<34}{row[1]:>14}{row[2]:>20}{row[3]:>10}")
    print()
    wire.main(arguments.listed)
    print()
    pace.main()


if __name__ == "__main__":
    main()
