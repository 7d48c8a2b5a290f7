"""
Every point, at its first, middle and last time, in every scenario: killed there, and resumed.

What is asked each time is told by the service, the store and the exit code, and not by
the program: that the same command, run again, ends as an undisturbed run does; that the
service then holds the same, and nobody twice; that it was never asked for a change that
no intent announces; that the journal is whole, and `audit verify` finds nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.store.audit import audit
from reconciler.store.chain import read_journal
from reconciler.store.plans import FilePlanStore
from tests.crash.parents import Ended
from tests.crash.points import PER_OPERATION
from tests.crash.service import Write
from tests.crash.worlds import Prepared, Scenario


@dataclass(frozen=True, slots=True)
class Round:
    """One death: in which scenario, where, and at the how-manieth time."""

    scenario: str
    point: str
    hit: int


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What an undisturbed run of a scenario comes to."""

    code: int
    state: list[Any]
    writes: int
    """Requests that changed something, or were to."""
    hits: Mapping[str, int]


class Case:
    """One scenario, ready to be killed again and again."""

    def __init__(self, name: str, prepared: Prepared) -> None:
        self.name = name
        self._prepared = prepared
        self.world = prepared.world
        self._resources = self.world.service.snapshot()
        if prepared.scenario.died is not None:
            self._die_before(prepared.scenario.died)
        self.undisturbed = self._undisturbed()

    def _die_before(self, point: str) -> None:
        """Let an earlier run die in the middle; what it left is where each round begins."""
        self.begin()
        middle = self.apply().hits[point] // 2
        self.begin()
        assert self.apply(point, middle).code == -signal.SIGKILL
        shutil.rmtree(self._prepared.folder)
        shutil.copytree(self.folder, self._prepared.folder)
        self._resources = self.world.service.snapshot()

    @property
    def folder(self) -> Path:
        return self.world.folder / "run"

    @property
    def scenario(self) -> Scenario:
        """What happens in it."""
        return self._prepared.scenario

    def begin(self) -> None:
        """Set everything back."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._prepared.folder, self.folder)
        self.world.service.restore(self._resources)

    def apply(self, point: str | None = None, hit: int = 1, **more: Any) -> Ended:
        """Run the command; at a point that only the service knows, it kills."""
        order = {**self.order(), **more}
        if point is None or not point.endswith(".served"):
            order |= {"point": point, "hit": hit}
            return self.world.parent.run_all([order])[0]
        killer = _Killer(point.removesuffix(".served"), hit)
        self.world.service.on_write = killer.served
        return self.world.parent.run_all([order], killer.born)[0]

    def order(self) -> dict[str, Any]:
        """Return what the nursery is told to run the command."""
        arguments = ["apply", "--auto-approve", str(self._prepared.plan)]
        return {"folder": str(self.folder), "arguments": arguments}

    def _undisturbed(self) -> Undisturbed:
        self.begin()
        ended = self.apply()
        assert ended.code == self._prepared.scenario.code, ended.output
        served = Counter(f"{write.method}.served" for write in self.world.service.writes)
        return Undisturbed(
            ended.code,
            self.world.service.state(),
            len(self.world.service.writes),
            {**ended.hits, **served},
        )

    def rounds(self) -> Iterator[Round]:
        """Yield every death of this scenario: the first, a middle and the last time."""
        for point, times in sorted(self.undisturbed.hits.items()):
            if self._prepared.scenario.whole or point in PER_OPERATION:
                for hit in sorted({1, (times + 1) // 2, times}):
                    yield Round(self.name, point, hit)

    def play(self, one: Round) -> list[str]:
        """Die there, run the same command again, and return what is wrong then."""
        self.begin()
        killed = self.apply(one.point, one.hit)
        if killed.code != -signal.SIGKILL:
            return [f"was not killed, but ended with {killed.code}: {killed.output}"]
        resumed = self.apply()
        return [*self.wrong(resumed)]

    def wrong(self, resumed: Ended) -> Iterator[str]:
        service = self.world.service
        if resumed.code != self.undisturbed.code:
            yield f"ends with {resumed.code}: {resumed.output}"
        if service.state() != self.undisturbed.state:
            yield "the service holds something else than after an undisturbed run"
        if twins := service.twins():
            yield f"there twice: {twins}"
        yield from unannounced(self.journal(), service.writes)
        yield from (f"{p.file}: {p.message}" for p in audit(self.folder / "plans").problems)

    @property
    def journal_path(self) -> Path:
        """Where the journal of the plan lies; it need not exist."""
        store = FilePlanStore(self.folder / "plans")
        return store.journal_path(store.load(str(self.folder / self._prepared.plan)))

    def journal(self) -> Sequence[Mapping[str, Any]]:
        """Return the journal of the plan; it is refused if it is not whole."""
        return read_journal(self.journal_path).records


class _Killer:
    """Kills a process once the service has served a certain request of it, and not answered."""

    def __init__(self, method: str, hit: int) -> None:
        self._method, self._hit = method, hit
        self._child: int | None = None
        self._seen = 0

    def born(self, children: Mapping[int, int]) -> None:
        self._child = children[0]

    def served(self, write: Write) -> None:
        self._seen += write.method == self._method
        if write.method == self._method and self._seen == self._hit and self._child:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)


def unannounced(records: Sequence[Mapping[str, Any]], writes: Sequence[Write]) -> Iterator[str]:
    """Yield each change that the service was asked for without an intent (INV-12, INV-27)."""
    intents = [record for record in records if record["kind"] == "intent"]
    announced = {intent["target_id"] for intent in intents} | {i["source_id"] for i in intents}
    for path, body in _changes(writes):
        known = path.rpartition("/")[2], (body or {}).get("externalId")
        if not announced & set(known):
            yield f"no intent announces what was sent to {path}"


def _changes(writes: Sequence[Write]) -> Iterator[tuple[str, Any]]:
    """Yield path and body of each change; a bulk request holds several."""
    for write in writes:
        if write.method != "bulk":
            yield write.path, write.body
            continue
        for one in write.body["Operations"]:
            yield one["path"], one.get("data")
