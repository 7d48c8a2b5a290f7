"""
A deterministic simulator of plans and applies in trouble.

The program is the real one; the service, the wire, the clock, the disk, the source and
an administrator who meddles are simulated, by one seed. :func:`run` lives through one
company per seed and holds what happened against what is promised; the checker
(:mod:`tests.simulate.check`) shares no code with the program.

``make simulate RUNS=N`` prints what came of so many runs, each of them one apply of one plan;
``make simulate SEED=S RUNS=1`` tells one company from beginning to end.
"""

from tests.simulate.runs import run, run_in_processes
from tests.simulate.tally import Failure, Tally

__all__ = ["Failure", "Tally", "run", "run_in_processes"]
