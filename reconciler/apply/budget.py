"""
How much of a run may fail before nothing more is sent (INV-23).

Two kinds of failures, two budgets, both of the whole plan and not of what was tried so far,
so that a few neighbours in the order who fail for one reason stop nothing:

- **The service, or the road to it** (category `failure`): more than 5 %, and at least 5.
  Three in a row without an answer end a run earlier (:mod:`reconciler.apply.execute`).
- **The people themselves** (the service refuses this name, that value, this domain): more
  than 40 %, and at least 20. A company has always somebody whom a service does not take,
  and a domain that is not registered may be a tenth of it; the others must get their
  accounts all the same. Two in five is Entra's proportion (entra.md, section 6): then the
  mapping is wrong, and each further request tells what is known.

Whatever takes away ends the run with the first failure that the account itself does not
explain: when a delete is answered with an error of the service, nobody knows what the next
one would do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from reconciler.apply.report import Outcome, Result
from reconciler.plan.effects import takes
from reconciler.plan.operation import Operation
from reconciler.vocabulary import Category, meaning_of


@dataclass(frozen=True, slots=True)
class Share:
    """So many failures, and more than so many per cent of the plan, end a run."""

    at_least: int
    percent: int
    words: str
    """What they are, for the sentence."""

    def spent(self, failures: int, operations: int) -> bool:
        """Say whether *failures* of *operations* are too many."""
        return failures >= self.at_least and failures * 100 > operations * self.percent


SHARES = {
    Category.FAILURE: Share(5, 5, "failed at the service, or on the road to it"),
    Category.NON_SERVICE_FAILURE: Share(20, 40, "were refused for their own sake"),
}
"""By where the cause of a failure lies; the first from INV-23, the second after Entra's."""


@dataclass(slots=True)
class Budget:
    """The failures of one run; not safe for threads."""

    operations: int
    """Of the whole plan."""
    _failures: Counter[Category] = field(default_factory=Counter)

    def overspent(self, outcome: Outcome) -> str | None:
        """Count *outcome*, and return why the run must end; None when it goes on."""
        if outcome.result is not Result.FAILED or outcome.code is None:
            return None
        category = meaning_of(outcome.code).category
        self._failures[category] += 1
        failures, share = self._failures[category], SHARES.get(category)
        if share is None or not share.spent(failures, self.operations):
            return None
        return (
            f"{failures} of {self.operations} operations {share.words}; more than "
            f"{share.percent} % end a run"
        )


def unexplained(outcome: Outcome, carried_out: Operation) -> bool:
    """Say whether something that takes away failed for a reason that is not the account's own."""
    if outcome.result is not Result.FAILED or outcome.code is None:
        return False
    return takes(carried_out) and meaning_of(outcome.code).category is Category.FAILURE
