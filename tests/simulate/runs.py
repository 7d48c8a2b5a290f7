"""
Companies of the simulator: one, many, and many in several processes.

A seed is a company: a service of some kind, an administrator who meddles, and
several plans. A run is what it is everywhere in this project, one apply of one plan;
a company has three or four.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from tests.simulate.check import check
from tests.simulate.classes import pairs_of
from tests.simulate.drive import World, lived
from tests.simulate.history import history_of
from tests.simulate.tally import Failure, Tally

CHUNK = 50
"""Companies that a process takes at a time."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
"""Where files cost least, on machines that have it."""


def run(seeds: Iterable[int], trace: Callable[[str], None] | None = None) -> Tally:
    """
    Live through one company per seed and return what they came to.

    The same seed is the same company, byte for byte. With *trace*, what happens is told.
    """
    tally = Tally()
    with _scratch() as folder, _without_collector():
        for number, seed in enumerate(seeds):
            place = folder / str(seed)
            _take_in(tally, lived(seed, place, trace))
            shutil.rmtree(place)
            if number % 50 == 49:
                gc.collect()
    return tally


def run_in_processes(
    first: int, runs: int, jobs: int, told: Callable[[Tally], None] = lambda tally: None
) -> Tally:
    """
    Live through companies from the seed *first* on until there were so many *runs*.

    In *jobs* processes; *told* is called with what has come so far.
    """
    whole = Tally()
    chunks = (range(start, start + CHUNK) for start in count(first, CHUNK))
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run, next(chunks)) for _ in range(jobs)}
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ended:
                whole.add(future.result())
                told(whole)
                if whole.applies < runs:
                    waiting.add(pool.submit(run, next(chunks)))
    return whole


def _take_in(tally: Tally, world: World) -> None:
    """Check one company and count it."""
    found = [(one.invariant, one.what, one.figure) for one in check(history_of(world))]
    found += [(invariant, what, None) for invariant, what in world.problems]
    tally.failures += [Failure(world.seed, *one) for one in found]
    changes = [one for one in world.service.log if one.actor == "client"]
    tally.seeds.append(world.seed)
    tally.plans += world.planned
    tally.applies += len(world.sessions)
    tally.mutations += sum(one.done is not None for one in changes)
    tally.requests += world.requests
    tally.crashes += sum(one.died for one in world.sessions)
    tally.faults += world.fate.met
    tally.classes += Counter(pairs_of(world.traits, world.variant))


@contextmanager
def _scratch() -> Iterator[Path]:
    """Return a folder that costs little, and clear it away."""
    place = IN_MEMORY if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) else gettempdir()
    with TemporaryDirectory(prefix="simulate-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let Python look for garbage between companies, and not within them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
