"""
Every guard against the oracle, on random plans (INV-9).

Three laws: the engine blocks what the oracle blocks, and nothing else; one thing
more that is taken never lets a plan pass; and a plan that is cut into slices takes
no more than the window allows, with journals that were written and read by the
store.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest

from reconciler.config.safety import Safety
from reconciler.plan.earlier import Earlier, looking_back
from reconciler.plan.guards import GUARDS, run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Population
from reconciler.plan.weights import weigh
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from tests.guard_cases import ROLE, TAKING, blocked, random_case, random_fact, verdicts_of
from tests.guard_oracle import blocked_by, over_their_windows, too_many
from tests.guards import COUNTS, NOBODY
from tests.journals import BEGIN, START, done
from tests.measured import write_down
from tests.plans import APPLICATION, TENANT_URL, make_operation

EVERYDAY, MANY = 1_500, 20_000
FEWER = 700

FEW_CUTS, CUTS = 4, 120


def test_the_engine_blocks_what_the_oracle_blocks() -> None:
    assert disagreements(EVERYDAY)[0] == []


def test_the_window_counts_what_is_taken_of_all_that_is_over() -> None:
    several = 0
    for seed in range(EVERYDAY):
        case = random_case(Random(seed))
        over = over_their_windows(case)
        several += len(over) > 1
        [found] = [one for one in verdicts_of(case) if one.id == "rolling_window"]
        if over:
            assert (seed, found.count) == (seed, sum(over.values()))
    assert several


def test_taking_one_more_thing_never_turns_a_block_into_a_pass() -> None:
    assert turned_into_passes(FEWER) == []


def disagreements(number: int) -> tuple[list[int], Counter[str]]:
    """Return the seeds on which engine and oracle differ, and how often each guard blocks."""
    seeds, blocks = [], Counter[str]()
    for seed in range(number):
        case = random_case(Random(seed))
        found = blocked(case)
        blocks.update(found)
        if found != blocked_by(case):
            seeds.append(seed)
    return seeds, blocks


def turned_into_passes(number: int) -> list[int]:
    """
    Return the seeds on which something more that is taken lets a guard pass that blocked.

    Who is enabled is counted, and may be an administrator: that guard is right to pass then.
    """
    seeds = []
    for seed in range(number):
        random = Random(seed)
        case = random_case(random)
        fact = random_fact(random, TAKING)
        before = blocked(case)
        if fact.who not in case.who("due"):
            case.facts.append(fact)
        gained = {"min_admins"} if fact.what == "on" else set[str]()
        if not before - gained <= blocked(case):
            seeds.append(seed)
    return seeds


# slices

ACTIONS: dict[str, tuple[Action, list[tuple[str, Any, Any]]]] = {
    "accidental_deletions": (Action.DISABLE, [("active", True, False)]),
    "delete_users": (Action.DELETE, []),
    "revoke_roles": (Action.REVOKE, [(ROLE, "admin", "user")]),
    "rename_users": (Action.UPDATE, [("userName", "a", "b")]),
    "enable_users": (Action.ENABLE, [("active", False, True)]),
}
LIMITS = {
    "accidental_deletions": (50, 5),
    "delete_users": (10, 1),
    "revoke_roles": (25, 5),
    "rename_users": (25, 2),
    "enable_users": (20, 2),
}
"""The defaults (product.md, section 2), written down again."""


@dataclass
class Slicer:
    """Somebody who takes as much as the guards let through, in as many runs as it needs."""

    store: Path
    guard: str
    there: int
    now: datetime = START
    took: list[tuple[datetime, int]] = field(default_factory=list)
    """When, and how much, without what was approved."""
    runs: int = 0
    refused: int = 0

    def limit(self) -> int:
        """Return how many one run may take, asked one by one."""
        return next(n for n in range(99) if too_many(n + 1, self.there, *LIMITS[self.guard]))

    def run(self, wish: int, *, approved: bool = False) -> int:
        """Take as many as the guards allow, *wish* at most; return how many."""
        while wish and not approved and self._blocked(wish):
            self.refused += 1
            wish -= 1
        if wish:
            self._write(self._operations(wish), approved=approved)
            self.there -= 0 if self.guard in {"rename_users", "enable_users"} else wish
            if not approved:
                self.took.append((self.now, wish))
        return wish

    def _blocked(self, size: int) -> bool:
        """Say whether the plan of this day or the apply of this moment is blocked."""
        midnight = self.now.replace(hour=0, minute=0, second=0)
        operations = self._operations(size)
        return any(
            verdict.blocked
            for moment in (midnight, self.now)
            for verdict in run_guards(operations, self._population(moment), Safety())
        )

    def _operations(self, size: int) -> list[Operation]:
        action, changes = ACTIONS[self.guard]
        return [
            make_operation(
                action, f"{self.runs}-{n}", changes=changes, target_id=f"{self.runs}-{n}", number=n
            )
            for n in range(size)
        ]

    def _population(self, moment: datetime) -> Population:
        """Return what is there, and what the store says of earlier runs."""
        known = looking_back(recorded(self.store, APPLICATION, TENANT_URL), moment)
        counts = replace(COUNTS, active_users=self.there, users=self.there)
        return replace(NOBODY, counts=counts, earlier=Earlier(known.taken, known.moment))

    def _write(self, operations: list[Operation], *, approved: bool) -> None:
        """Write the journal of a run."""
        self.runs += 1
        name = f"2026-11-23T100000Z-{self.runs:012x}.journal.jsonl"
        approvals = [{"guard": self.guard, "count": len(operations), "approval": "f" * 64}]
        begin = {"plan_digest": f"{self.runs:064x}", "approvals": approvals if approved else []}
        weights = weigh(operations, self._population(self.now))
        with FileJournal(self.store / APPLICATION / name, Still(self.now)) as journal:
            journal.append("run_begin", **{**BEGIN, **begin})
            for operation, counts in weights:
                fields = done([], None, operation.target_id, op=operation.id, counts=dict(counts))
                journal.append("done", **fields)


@dataclass
class Still:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Do not wait."""


def sliced(store: Path, seed: int) -> Slicer:
    """Let somebody cut and cut, and hold every window to what it allows."""
    random = Random(seed)
    guard = random.choice(sorted(LIMITS))
    slicer = Slicer(store, guard, random.choice((12, 60, 400)))
    for _ in range(random.randint(6, 14)):
        slicer.now += timedelta(minutes=random.choice((1, 90, 600, 1440, 3000)))
        one_run = slicer.limit()
        if random.random() < 0.15:
            slicer.run(random.randint(1, 12), approved=True)
            continue
        if slicer.run(random.choice((1, one_run, one_run))):
            for days, times in ((1, 2), (7, 4)):
                begins = slicer.now - timedelta(days=days)
                assert sum(size for at, size in slicer.took if at >= begins) <= times * one_run
    return slicer


@pytest.mark.parametrize("seed", range(FEW_CUTS))
def test_slices_never_take_more_than_the_window(tmp_path: Path, seed: int) -> None:
    sliced(tmp_path, seed)


def test_a_patient_slicer_gets_what_the_window_allows_and_no_more(tmp_path: Path) -> None:
    """Three leavers a run in a company of 60: six in a day, twelve in a week."""
    slicer = Slicer(tmp_path, "accidental_deletions", 60)

    taken = []
    for _ in range(24):
        taken.append(slicer.run(3))
        slicer.now += timedelta(hours=9)

    assert taken[:2] == [3, 3]
    assert sum(taken[:3]) == 6
    assert slicer.refused
    assert sum(taken[: 7 * 24 // 9]) == 12


@pytest.mark.measured
def test_twenty_thousand_plans_agree_with_the_oracle(tmp_path: Path) -> None:
    """The same laws on many more plans; what was measured is written down."""
    began = monotonic()

    seeds, blocks = disagreements(MANY)
    passes = turned_into_passes(MANY)
    slicers = [sliced(tmp_path / str(seed), seed) for seed in range(CUTS)]

    figures = {
        "random plans": MANY,
        "guards in the table": len(GUARDS),
        "plans on which engine and oracle differ": len(seeds),
        "plans that pass because more is taken": len(passes),
        "companies cut into slices": CUTS,
        "runs that took something": sum(slicer.runs for slicer in slicers),
        "slices that were refused": sum(slicer.refused for slicer in slicers),
        "windows that were exceeded": 0,
    }
    rows: list[dict[str, str | int]] = [
        {"guard": guard.id, "plans blocked": blocks[guard.id]} for guard in GUARDS
    ]
    command = "make reliability"
    seconds = monotonic() - began
    write_down("guards", "Guards against an oracle", command, seconds, figures, rows)
    assert (seeds, passes) == ([], [])
    assert all(blocks[guard.id] for guard in GUARDS)
