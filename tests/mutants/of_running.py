"""Mutants that run operations in a wrong order, resume a run wrongly, or do not stop it."""

from typing import Final

from tests.mutants.mutant import Mutant

ORDER = ("unit/plan/test_order.py",)
RUN = ("unit/apply/test_execute.py",)
MEMORY = ("unit/apply/test_memory.py",)
STEPS = ("unit/apply/test_steps.py",)

RUNNING: Final = (
    # order (INV-16)
    Mutant(
        "INV-16",
        "disables come before what gives",
        "plan/order.py",
        "    DISABLE_USERS = 10\n",
        "    DISABLE_USERS = 0\n",
        ORDER,
    ),
    Mutant(
        "INV-16",
        "members leave before others come",
        "plan/order.py",
        "    REMOVE_MEMBERS = 8\n",
        "    REMOVE_MEMBERS = -1\n",
        ORDER,
    ),
    Mutant(
        "INV-16",
        "a wave does not wait for the one before",
        "apply/batches.py",
        "key=lambda operation: operation.wave):",
        "key=lambda operation: 0):",
        RUN,
    ),
    Mutant(
        "INV-16",
        "two operations on one resource run at the same time",
        "apply/batches.py",
        "            needed |= {latest[place]} if place in latest else set()\n",
        "",
        RUN,
    ),
    Mutant(
        "ruling 11",
        "a name is taken before it is free",
        "apply/batches.py",
        "needed = {level[i] for i in before.get(index, ()) if i < index}",
        "needed = set[int]()",
        RUN,
    ),
    # resuming (INV-15, INV-21)
    Mutant(
        "INV-15",
        "a resumed run forgets what is done",
        "apply/memory.py",
        '    memory.done.add(done["op"])\n',
        "",
        MEMORY,
    ),
    Mutant(
        "INV-15",
        "a resumed run forgets what was begun",
        "apply/memory.py",
        '    memory.in_doubt.add(intent["op"])\n',
        "",
        MEMORY,
    ),
    Mutant(
        "INV-13",
        "a create in doubt is sent again without a look",
        "apply/creates.py",
        "            return self._found_later(operation)\n",
        "            return None\n",
        STEPS,
    ),
    Mutant(
        "INV-15",
        "a resumed run is judged on what is left",
        "apply/verify.py",
        "counts=_counts_of_the_first_run(memory),",
        "counts=population.counts,",
        ("unit/apply/test_verify.py",),
    ),
    Mutant(
        "INV-21",
        "a plan that was carried out runs again",
        "apply/memory.py",
        'memory.finished = record["status"] == "done"',
        "memory.finished = False",
        ("e2e/test_exit_codes_apply.py",),
    ),
    # stopping (INV-19, INV-20, INV-23)
    Mutant(
        "F15",
        "the run goes on after a 401",
        "apply/execute.py",
        "            self._stop_for(error)\n            outcome = failure",
        "            outcome = failure",
        RUN,
    ),
    Mutant(
        "INV-23",
        "one failure more in a row is put up with",
        "apply/execute.py",
        "FAILURES_IN_A_ROW = 3\n",
        "FAILURES_IN_A_ROW = 4\n",
        RUN,
    ),
    Mutant(
        "INV-19",
        "a run that is to stop goes on",
        "apply/execute.py",
        "return None if self._ends() and not in_flight else self._carry_out(operation, sent)",
        "return self._carry_out(operation, sent)",
        RUN,
    ),
    Mutant(
        "INV-20",
        "a request is sent again for ever",
        "live/transport.py",
        "hopeless = tries.made >= ATTEMPTS or isinstance(exc, TargetUntrusted)",
        "hopeless = isinstance(exc, TargetUntrusted)",
        ("contract/test_requests.py", "contract/test_reads.py"),
    ),
)
"""The rows of this part."""
