"""
Applying: under a cap (T7), without one (T8), and in bulk (T9).

Rates are what the service saw, from the first request of the command to its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.bench.child import Spent, Unmeasured, middle
from tests.bench.figure import Bench, Figure, Peer
from tests.bench.work import Office, office

DELAY = 20
CROWD = 64
CAPS = (25, 100)
CAPPED_SECONDS = 10
REQUESTS_EACH = 3
"""Of one update: look, change, look again."""
UPDATES, CREATES, SINGLY = 3_000, 10_000, 500
CREWS = 4


def capped(bench: Bench) -> Iterator[Figure]:
    """T7."""
    for cap in CAPS:
        people = bench.at_most(cap * CAPPED_SECONDS // REQUESTS_EACH)
        seen, spent = _updated(bench, people, {"rate_limit": cap}, cap=cap)
        naive = _refused_without_pace(bench, cap)
        work = f"updates under a cap of {cap} a second"
        share = _rate(seen["times"]) / cap * 100
        yield Figure(work, share, "%", 98, at_least=True, spent=spent)
        yield Figure("refused of them with 429", seen["refused"], "requests", 0, peer=naive)


def uncapped(bench: Bench) -> Iterator[Figure]:
    """T8."""
    people = bench.at_most(UPDATES)
    target = {"concurrency": CROWD}
    seen, spent = _middle(_updated(bench, people, target, delay=DELAY) for _ in bench.rounds)
    with office(bench, 1, service={"delay": DELAY}) as asked:
        assert asked.service is not None
        said, client = asked.peer("crowding", asked.service.url, bench.at_most(1_000), CROWD)
    peer = Peer("httpx as it comes", said["requests"] / said["seconds"], client.peak)
    rate, took = _rate(seen["times"]), _span(seen["times"])
    work = f"updates, {DELAY} ms, {CROWD} in flight"
    yield _rated(work, rate, "requests/s", 900, spent, peer=peer)
    yield _rated("verified of them", people / took, "changes/s", 300, spent)


def bulk(bench: Bench) -> Iterator[Figure]:
    """T9."""
    many, few = bench.at_most(CREATES), bench.at_most(SINGLY)
    seen, spent = _middle(_created(bench, many, bulk=True) for _ in bench.rounds)
    alone, _ = _created(bench, few, bulk=False)
    peer = Peer("one by one", few / _span(alone["times"]))
    work = f"/Bulk, {many:,} creates, {DELAY} ms, {CREWS} in flight"
    note = ", ".join(f"{count:,} {method}" for method, count in seen["methods"].items())
    speed = many / _span(seen["times"])
    yield _rated(work, speed, "creates/s", 5_000, spent, peer=peer, note=note)


def _rated(
    work: str,
    rate: float,
    unit: str,
    least: float,
    spent: Spent,
    *,
    peer: Peer | None = None,
    note: str = "",
) -> Figure:
    """Return a rate of a run."""
    part = spent.part
    return Figure(work, rate, unit, least, True, peer=peer, spent=spent, note=note, part=part)


def _middle(found: Iterable[tuple[dict[str, Any], Spent]]) -> tuple[dict[str, Any], Spent]:
    """Return the run that took neither most nor least, and what the service saw of it."""
    runs = [*found]
    spent = middle([each for _, each in runs])
    return next(run for run in runs if run[1] is spent)


def _updated(
    bench: Bench, people: int, target: dict[str, Any], **options: float
) -> tuple[dict[str, Any], Spent]:
    """Plan and apply an update of everybody; return what the service saw of the apply."""
    with office(bench, people, target=target, service={"changed": 100, **options}) as busy:
        busy.plan(changes=people)
        return _applied(busy)


def _created(bench: Bench, people: int, *, bulk: bool) -> tuple[dict[str, Any], Spent]:
    """Plan and apply the creation of everybody."""
    target, options = {"concurrency": CREWS}, {"delay": DELAY, "bulk": bulk}
    with office(bench, 0, source=people, target=target, service=options) as busy:
        busy.plan(changes=people)
        seen, spent = _applied(busy)
        busy.plan(changes=0)
    return seen, spent


def _applied(busy: Office) -> tuple[dict[str, Any], Spent]:
    """Apply the newest plan; return what the service saw of it, and what it took."""
    assert busy.service is not None
    busy.service.forget()
    spent = busy.apply()
    return busy.service.seen(), spent


def _refused_without_pace(bench: Bench, cap: int) -> Peer:
    """Return how many requests of a script are refused that only heeds Retry-After."""
    wanted = bench.at_most(cap * CAPPED_SECONDS // 2)
    with office(bench, 1, service={"cap": cap}) as asked:
        assert asked.service is not None
        asked.peer("retrying", asked.service.url, wanted)
        seen = asked.service.seen()
    return Peer(f"heeding Retry-After, {wanted}", seen["refused"])


def _span(times: list[float]) -> float:
    """Return the seconds from the first request to the last."""
    if len(times) < 2:
        raise Unmeasured("there were no requests")
    return times[-1] - times[0]


def _rate(times: list[float]) -> float:
    """Return requests a second."""
    return (len(times) - 1) / _span(times)
