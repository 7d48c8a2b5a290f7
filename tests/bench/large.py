"""
What is large: one group of nearly everybody, plans of ever more operations, a whole service.

A group that changes a little is to cost what changes, and not what it holds; an apply is to
need no more memory for more operations; and whatever is about a few holds nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from tests.bench.child import Spent
from tests.bench.figure import Bench
from tests.bench.people import changed_of, group_row, is_changed, row
from tests.bench.work import Office, office

STEPS = (1 / 100, 1 / 10, 1 / 2)
"""Of the people of the bench, how many are created by one plan."""


def large(bench: Bench) -> Iterator[dict[str, Any]]:
    """Change one member of a group in a hundred; create more and more; then change a few."""
    yield from _churn(bench)
    for step in STEPS:
        yield from _creates(bench, max(int(bench.people * step), 1))
    yield from _few(bench)


def _churn(bench: Bench) -> Iterator[dict[str, Any]]:
    """Plan and apply a group of which one in a hundred leaves, while as many others join."""
    people = max(bench.people, 200)
    with office(bench, people, service={"groups": 1, "members": people - people // 100}) as busy:
        there = group_row(0, people - people // 100, people)
        before = set(there["members"])
        leaving = set(there["members"][::100])
        joining = [who for n in range(people) if (who := row(n)["objectId"]) not in before]
        there["members"] = [who for who in there["members"] if who not in leaving] + joining
        (busy.folder / "groups.jsonl").write_text(json.dumps(there) + "\n", "utf-8")
        _permit(busy, len(leaving))
        work = f"a group of {len(before):,}: {len(leaving):,} leave, {len(joining):,} join"
        yield _told(f"plan {work}", busy, busy.plan(changes=2))
        yield _told(f"apply {work}", busy, busy.apply())
        busy.plan(changes=0)


def _creates(bench: Bench, people: int) -> Iterator[dict[str, Any]]:
    """Plan and apply that many creates, 100 in a request."""
    with office(bench, 0, source=people, service={"bulk": True}) as busy:
        yield _told(f"plan {people:,} creates", busy, busy.plan(changes=people))
        yield _told(f"apply {people:,} creates", busy, busy.apply())


def _few(bench: Bench) -> Iterator[dict[str, Any]]:
    """Change one in a hundred of all people, and plan for a single one before and after."""
    changed = changed_of(bench.people, 1)
    with office(bench, bench.people, service={"changed": 1}) as busy:
        one, who = ("--user", row(0)["objectId"]), f"one of {bench.people:,} people"
        yield _told(f"plan for {who}", busy, busy.plan(*one, changes=int(is_changed(0, 1))))
        yield _told(f"plan all {bench.people:,} people", busy, busy.plan(changes=changed))
        yield _told(f"apply {changed:,} updates of {bench.people:,} people", busy, busy.apply())
        yield _told(f"plan for {who}, the same again", busy, busy.plan(*one, changes=0))


def _permit(busy: Office, leaving: int) -> None:
    """Let so many members leave: the guards would block them."""
    file = busy.folder / "provisioning.yaml"
    settings = yaml.safe_load(file.read_text("utf-8"))
    limit = {"at_most": leaving, "percent": 100}
    settings["defaults"]["safety"] = {"remove_members": limit, "group_members": limit}
    file.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")


def _told(work: str, busy: Office, spent: Spent) -> dict[str, Any]:
    """Return one row; the next one counts requests anew."""
    assert busy.service is not None
    seen = busy.service.seen()
    busy.service.forget()
    return {
        "work": work,
        "requests": sum(seen["methods"].values()),
        "sent": seen["sent"],
        "seconds": spent.wall,
        "cpu": spent.cpu,
        "peak": spent.peak,
    }
