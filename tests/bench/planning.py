"""
Planning: a large application (T1 to T4), the number of requests (T10), many applications (T12).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from tests.bench import dns
from tests.bench.child import RECONCILER, Spent, Unmeasured, measured, middle
from tests.bench.figure import Bench, Figure, Peer
from tests.bench.people import changed_of, write_configuration, write_live, write_people
from tests.bench.work import APPLICATION, Office, folder_in, inside, office

PERCENT = 1
"""Of the people changed."""
DELAY = 20
"""Milliseconds."""
SAMPLE = 1_000
"""People of a peer that takes milliseconds for each; its time is given for all."""
IN_FLIGHT = {1_000: 8, 100: 32}
"""Pages at the same time, by the size of a page: each is in memory, and large ones are few."""
GROUP_PAGE = 100
DISCOVERY = 3
TENANTS, TENANT_PEOPLE = 1_000, 100


@dataclass(frozen=True)
class Planned:
    """The same plan, made twice."""

    cold: Spent
    repeated: Spent


def one_page_of_1000(bench: Bench) -> Iterator[Figure]:
    """T1."""
    planned, peer = _planned(bench, 1_000), _script(bench)
    work = f"plan {bench.people:,} over HTTP, page 1,000, {DELAY} ms, {PERCENT} % changed"
    yield _seconds(work, planned.cold, 2.5, peer)
    yield _seconds("the same again", planned.repeated, 0.7, peer)


def one_page_of_100(bench: Bench) -> Iterator[Figure]:
    """T2."""
    planned = _planned(bench, 100)
    with office(bench, bench.people, source=1, service={"page": 100, "delay": DELAY}) as listed:
        assert listed.service is not None
        said, spent = listed.peer("pages", listed.service.url, 100)
    peer = Peer("one page at a time, listing only", said["seconds"], spent.peak, spent.cpu)
    work = f"plan {bench.people:,} over HTTP, page 100, {DELAY} ms, {PERCENT} % changed"
    work += f", {IN_FLIGHT[100]} in flight"
    yield _seconds(work, planned.cold, 3.0, peer)
    yield _seconds("the same again", planned.repeated, 2.0, peer)


def ten_times_as_many(bench: Bench) -> Iterator[Figure]:
    """T3."""
    people, peer = bench.people * 10, _octodns(bench, bench.people * 10)
    cores = tuple(sorted(os.sched_getaffinity(0)))[:2]
    works = (
        (f"plan {people:,} from local files, one core", 25.0),
        ("the same again, one core", 6.0),
        (f"the same, {len(cores)} cores", 10.0),
    )
    found = _from_files(bench, people, cores)
    for work, limit in works:
        try:
            spent = next(found)
        except Unmeasured as exc:
            why = str(exc)
            yield from (Figure(one, None, "s", most, peer=peer, note=why) for one, most in works)
            return
        yield _seconds(work, spent, limit, peer)
        yield _memory("its peak memory", spent, 400, peer)


def _from_files(bench: Bench, people: int, cores: tuple[int, ...]) -> Iterator[Spent]:
    """Plan from local files: on one core, on one core again, and on both from the beginning."""
    changes, offline = changed_of(people, PERCENT), ("--offline-live", "live.json")
    with folder_in(bench) as first, folder_in(bench) as second:
        write_people(first / "people.csv", range(people))
        write_live(first / "live.json", people, PERCENT)
        for folder in (first, second):
            write_configuration(folder, {APPLICATION: "http://127.0.0.1:9/v2"}, {})
        for _ in range(2):
            yield Office(first).plan(*offline, changes=changes, cores=cores[:1])
        for name in ("people.csv", "live.json"):
            (first / name).rename(second / name)
        yield Office(second).plan(*offline, changes=changes, cores=cores)


def memory(bench: Bench) -> Iterator[Figure]:
    """T4."""
    work = f"peak memory, plan {bench.people:,}, page 1,000"
    yield _memory(work, _planned(bench, 1_000).cold, 150, _octodns(bench, bench.people))


def requests(bench: Bench) -> Iterator[Figure]:
    """T10."""
    people = bench.at_most(10_500)
    groups = max(people // 70, 1)  # 150 of 10,500: the last page of either listing is short
    pages = _requests(people, 1_000) + _requests(groups, GROUP_PAGE) + DISCOVERY
    with office(bench, bench.at_most(SAMPLE // 2)) as asked:
        assert asked.service is not None
        said, _ = asked.peer("filters", asked.service.url)
    each = said["requests"] / bench.at_most(SAMPLE // 2)
    peer = Peer("a filter request for each", each * (people + groups))
    for hides in (False, True):
        with office(bench, people, service={"groups": groups, "hide_members": hides}) as filled:
            assert filled.service is not None
            spent = filled.plan(changes=0)
            count = sum(filled.service.seen()["methods"].values())
        work = f"{people:,} users, {groups} groups, unchanged"
        work += "; lists leave members out" if hides else ""
        limit = pages + groups * hides
        yield Figure(work, count, "requests", limit, peer=peer, spent=spent)


def _requests(number: int, page: int) -> int:
    """Return the pages of a listing, and one past its end where no short page shows it."""
    return ceil(number / page) + (number < page or number % page == 0)


def many_applications(bench: Bench) -> Iterator[Figure]:
    """T12."""
    tenants = max(bench.people * TENANTS // 100_000, 2)
    one, all_of_them = (_tenants(bench, number, 1) for number in (1, tenants))
    fixed = (all_of_them.cpu - one.cpu) / (tenants - 1) * 1_000
    made, spent = inside(bench, "client", 50, 2)
    peer = Peer("an httpx client alone", made / 1_000, spent.peak)
    work, part = "CPU of one more application", all_of_them.busy
    yield Figure(work, fixed, "ms", 10, peer=peer, spent=all_of_them, part=part)
    filled = _tenants(bench, tenants, TENANT_PEOPLE)
    work, note = (
        f"CPU of {tenants:,} applications of {TENANT_PEOPLE}",
        f"{filled.wall:.1f} s in all",
    )
    yield Figure(work, filled.cpu, "s", 30, spent=filled, note=note, part=filled.busy)


def _tenants(bench: Bench, number: int, people: int) -> Spent:
    """Plan so many applications without changes, all in one command."""
    with office(bench, people, applications=number) as rented:
        return measured((*RECONCILER, "plan"), rented.folder)


def _planned(bench: Bench, page: int) -> Planned:
    """Plan everybody over HTTP, and once more, several times; made once a run."""

    def make() -> Planned:
        changes = changed_of(bench.people, PERCENT)
        options = {"page": page, "delay": DELAY, "changed": PERCENT}
        target = {"concurrency": IN_FLIGHT[page]}
        first, second = [], []
        with office(bench, bench.people, service=options, target=target) as busy:
            for _ in bench.rounds:
                busy.forget()
                first.append(busy.plan(changes=changes))
                second.append(busy.plan(changes=changes))
        return Planned(middle(first), middle(second))

    planned: Planned = bench.once(("planned", page), make)
    return planned


def _script(bench: Bench) -> Peer:
    """Let a script plan a part of the people, and return what all of them would take."""
    people = bench.at_most(SAMPLE)
    options = {"page": 1_000, "delay": DELAY, "changed": PERCENT}
    with office(bench, people, service=options) as busy:
        assert busy.service is not None
        said, spent = busy.peer("script", busy.service.url, 1_000)
    if said["changed"] != changed_of(people, PERCENT):
        raise Unmeasured(f"the script found {said['changed']} changes")
    name = "DictReader, Jinja, pydantic, DeepDiff"
    return _scaled(name, spent, bench.people / people)


def _octodns(bench: Bench, people: int) -> Peer | None:
    """Let octoDNS plan as many records, or the most it is given, and scale to *people*."""
    records = bench.at_most(dns.MOST)
    spent: Spent | None = bench.once("octodns", lambda: dns.planned(bench, records, PERCENT))
    if spent is None:
        return None
    return _scaled(f"octoDNS, {records:,} records", spent, people / records)


def _scaled(name: str, spent: Spent, times: float) -> Peer:
    """Return the seconds of a peer for so many times as many people."""
    return Peer(name, spent.wall * times, spent.peak, spent.cpu * times)


def _seconds(work: str, spent: Spent, limit: float, peer: Peer | None) -> Figure:
    """Return seconds from start to end."""
    return Figure(work, spent.wall, "s", limit, peer=peer, spent=spent, part=spent.part)


def _memory(work: str, spent: Spent, limit: float, peer: Peer | None) -> Figure:
    """Return MiB."""
    beside = Peer(peer.name, peer.peak) if peer is not None and peer.peak else None
    return Figure(work, spent.peak, "MiB", limit, peer=beside, spent=spent)
