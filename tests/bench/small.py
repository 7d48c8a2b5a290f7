"""
What is small and happens often: mapping (T5), wording (T6), starting (T11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench import dns
from tests.bench.child import RECONCILER, Spent, measured, middle
from tests.bench.figure import Bench, Figure, Peer
from tests.bench.people import write_configuration, write_people
from tests.bench.work import folder_in, inside

MANY = 2_000


def mapping(bench: Bench) -> Iterator[Figure]:
    """T5."""
    turns = _turns(bench, "mapping", "jinja", 500)
    yield _each("map 12 expressions", turns, 12, "Jinja")
    yield _times("the same, by Jinja's time", turns, 15)


def wording(bench: Bench) -> Iterator[Figure]:
    """T6."""
    turns = _turns(bench, "wording", "deepdiff", 100)
    yield _each("word one changed user", turns, 6, "DeepDiff")
    yield _times("the same, by DeepDiff's time", turns, 100)


class _Turn(NamedTuple):
    """Microseconds a person."""

    ours: float
    theirs: float
    spent: Spent
    """What the process took that measured ours."""
    script: Spent

    @property
    def times(self) -> float:
        """How many times as long theirs takes."""
        return self.theirs / self.ours


def _turns(bench: Bench, ours: str, theirs: str, few: int) -> list[_Turn]:
    """Measure a work and its peer, which gets *few* people, in turn."""
    turns = []
    for _ in bench.rounds:
        found, spent = inside(bench, ours, bench.at_most(MANY), 15)
        peer, script = inside(bench, theirs, bench.at_most(few), 2)
        turns.append(_Turn(found, peer, spent, script))
    return turns


def _each(work: str, turns: Sequence[_Turn], limit: float, name: str) -> Figure:
    """Return microseconds a person: of the turn in the middle at the pace of the targets."""
    turn = sorted(turns, key=lambda turn: turn.ours * turn.spent.busy)[len(turns) // 2]
    peer, part = Peer(name, turn.theirs, turn.script.peak), turn.spent.busy
    return Figure(work, turn.ours, "µs a user", limit, peer=peer, spent=turn.spent, part=part)


def _times(work: str, turns: Sequence[_Turn], least: float) -> Figure:
    """Return how many times as long the peer takes, in the middle."""
    return Figure(work, median(turn.times for turn in turns), "times", least, at_least=True)


def starting(bench: Bench) -> Iterator[Figure]:
    """T11."""
    other = dns.start(bench)
    peer = Peer("octodns-sync --help", other.wall, other.peak) if other else None
    with folder_in(bench) as folder:
        write_people(folder / "people.csv", range(1))
        write_configuration(folder, {"bench": "http://127.0.0.1:9/v2"}, {})
        for words in ("--help", "validate"):
            runs = [measured((*RECONCILER, words), folder) for _ in bench.rounds]
            yield _start(words, middle(runs), peer)


def _start(words: str, spent: Spent, peer: Peer | None) -> Figure:
    work, part = f"reconciler {words}", spent.part
    return Figure(work, spent.wall, "s", 0.25, peer=peer, spent=spent, part=part)
