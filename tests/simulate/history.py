"""What a run leaves behind, as plain values for the checker."""

from __future__ import annotations

import json
from typing import Any

from tests.simulate.check import History
from tests.simulate.clock import START
from tests.simulate.company import ADMINS, CLUB, MIN_ADMINS, PROTECTED, STAFF
from tests.simulate.drive import World


def history_of(world: World) -> History:
    """Return what the checker may look at."""
    files = sorted((world.store / "app").glob("*"))
    service = world.service
    plans = [path.read_bytes() for path in files if path.name.endswith(".plan.json")]
    return History(
        start=START,
        plans=plans,
        journals=[path.read_bytes() for path in files if path.name.endswith(".journal.jsonl")],
        log=[vars(one) for one in service.log],
        looks=[vars(look) for look in service.looks],
        past=service.past,
        people=_people(world, json.loads(plans[-1]) if plans else None),
        unique=world.traits.unique != "none",
        lag=round(world.traits.lag * 1e6),
        settle=world.variant.settle * 1_000_000,
        protected=frozenset({PROTECTED}),
        privileged=frozenset({"admin"}),
        min_admins=MIN_ADMINS,
        rested=world.rested,
    )


def _people(world: World, last: Any) -> list[dict[str, Any]]:
    """Return who is to have an account, by the source and the rules of the configuration."""
    company = world.company
    assigned = {*company.members[STAFF], *company.members[ADMINS]}
    skipped = {one["source_id"] for one in last["body"]["skipped"]} if last else set()
    found = []
    for anchor, person in company.people.items():
        if anchor not in assigned or not person.enabled or person.deleted or anchor in skipped:
            continue
        groups = [
            group
            for group in (STAFF, ADMINS, CLUB)
            if anchor in company.members[group] and group not in skipped
        ]
        name = person.cells["userPrincipalName"]
        found.append({"anchor": anchor, "name": name, "groups": groups})
    return found
