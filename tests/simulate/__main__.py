"""``python -m tests.simulate``: the command behind ``make simulate``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from tests.measured import write_down
from tests.simulate.runs import run, run_in_processes
from tests.simulate.tally import FIGURES, INVARIANTS, Tally

SHOWN = 20
"""Failing seeds that are shown."""
CRASH = "crash "


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write the figures down; 1 when anything was violated."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--runs", type=int, default=2000, help="applies; 1: one company, told")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    wanted = parser.parse_args(arguments)
    began = time.monotonic()
    if wanted.runs == 1:
        tally = run([wanted.seed], trace=print)
    else:
        tally = run_in_processes(wanted.seed, wanted.runs, wanted.jobs, _progress(wanted.runs))
    seconds = time.monotonic() - began
    print("\n".join(_told(tally, seconds)))
    if wanted.runs > 1:
        _write(tally, seconds, wanted.runs)
    return 1 if tally.failures else 0


def _progress(runs: int) -> Callable[[Tally], None]:
    told: set[int] = set()

    def tell(tally: Tally) -> None:
        for failure in tally.failures:
            if failure.seed not in told:
                print(f"seed {failure.seed}: INV-{failure.invariant}: {failure.what}", flush=True)
                told.add(failure.seed)
        if sys.stderr.isatty():
            print(f"\r{tally.applies:,} of {runs:,}", end="", file=sys.stderr)

    return tell


def _told(tally: Tally, seconds: float) -> list[str]:
    faults = {name: count for name, count in tally.faults.items() if not name.startswith(CRASH)}
    lines = [
        f"{tally.applies:,} runs of {tally.plans:,} plans in {len(tally.seeds):,} companies, in "
        f"{seconds:,.0f} s: {tally.requests:,} requests, {tally.mutations:,} changes",
        f"{sum(faults.values()):,} faults, {tally.crashes:,} crashes",
        *(f"  {count:>9,}  {name}" for name, count in sorted(tally.faults.items())),
        f"{len(tally.classes)} pairs of kinds of services",
        "violations:",
        *(
            f"  {count:>9,}  {'INV-' + name if name.isdigit() else name}: {INVARIANTS[name]}"
            for name, count in tally.by_invariant().items()
        ),
        ", ".join(f"{count} {name}" for name, count in tally.figures().items()),
    ]
    for failure in tally.failures[:SHOWN]:
        number = f"INV-{failure.invariant}" if failure.invariant.isdigit() else failure.invariant
        lines.append(f"seed {failure.seed}: {number}: {failure.what}")
    for seed in tally.failing()[:SHOWN]:
        lines.append(f"make simulate SEED={seed} RUNS=1")
    return lines


def _write(tally: Tally, seconds: float, runs: int) -> None:
    """Write the figures down for RELIABILITY.md."""
    crashes = {n: c for n, c in tally.faults.items() if n.startswith(CRASH)}
    figures: dict[str, int | str | float] = {
        "runs": tally.applies,
        "plans": tally.plans,
        "companies": len(tally.seeds),
        "first seed": min(tally.seeds),
        "last seed": max(tally.seeds),
        "requests": tally.requests,
        "changes": tally.mutations,
        "faults": sum(tally.faults.values()) - sum(crashes.values()),
        "crashes": tally.crashes,
        "pairs of kinds of services": len(tally.classes),
        "violations": len(tally.failures),
        **{name: tally.figures()[name] for name in FIGURES},
    }
    rows: list[dict[str, int | str | float]] = [
        {"fault": name, "times": count} for name, count in sorted(tally.faults.items())
    ]
    command = f"make simulate RUNS={runs}"
    write_down("simulate", "Simulated runs in trouble", command, seconds, figures, rows)


if __name__ == "__main__":
    sys.exit(main())
