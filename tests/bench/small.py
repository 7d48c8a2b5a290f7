"""
What is small and happens often: mapping (T5), wording (T6), starting (T11).
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import dns
from tests.bench.child import RECONCILER, Spent, measured
from tests.bench.figure import Bench, Figure, Peer
from tests.bench.people import write_configuration, write_people
from tests.bench.work import folder_in, inside

MANY, FEW = 2_000, 100
STARTS = 5


def mapping(bench: Bench) -> Iterator[Figure]:
    """T5."""
    ours, spent = inside(bench, "mapping", bench.at_most(MANY))
    theirs, script = inside(bench, "jinja", bench.at_most(MANY), 2)
    peer = Peer("Jinja", theirs, script.peak)
    yield Figure("map 12 expressions", ours, "µs a user", 12, peer=peer, spent=spent)
    yield Figure("the same, by Jinja's time", theirs / ours, "times", 15, at_least=True)


def wording(bench: Bench) -> Iterator[Figure]:
    """T6."""
    ours, spent = inside(bench, "wording", bench.at_most(MANY))
    theirs, script = inside(bench, "deepdiff", bench.at_most(FEW), 2)
    peer = Peer("DeepDiff", theirs, script.peak)
    yield Figure("word one changed user", ours, "µs a user", 6, peer=peer, spent=spent)
    yield Figure("the same, by DeepDiff's time", theirs / ours, "times", 100, at_least=True)


def starting(bench: Bench) -> Iterator[Figure]:
    """T11."""
    other = dns.start(bench)
    peer = Peer("octodns-sync --help", other.wall, other.peak) if other else None
    with folder_in(bench) as folder:
        write_people(folder / "people.csv", range(1))
        write_configuration(folder, {"bench": "http://127.0.0.1:9/v2"}, {})
        for words in ("--help", "validate"):
            runs = [measured((*RECONCILER, words), folder) for _ in range(STARTS)]
            yield _start(words, min(runs, key=lambda spent: spent.wall), peer)


def _start(words: str, spent: Spent, peer: Peer | None) -> Figure:
    return Figure(f"reconciler {words}", spent.wall, "s", 0.25, peer=peer, spent=spent)
