"""
Whether the service shows what our journals say is there.

A listing that shows nobody is no read at all (INV-4), and is refused before
there is a plan. This is about one that shows some: another tenant with a few
accounts, or a credential that sees a part. Whoever is not shown would be created
once more.

New people are not counted: who starts with one person, and takes in the whole
company on the next day, does what the documentation says.
"""

from __future__ import annotations

from reconciler.plan.document import Verdict
from reconciler.plan.limits import FLOOR, Evidence, counted
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType


def create_users(evidence: Evidence) -> Verdict:
    """Judge how many would be created although our journals say that they have an account."""
    guard, configured = "create_users", evidence.safety.create_users
    known, unseen = evidence.population.known, evidence.population.unseen
    if not known:
        sentence = "no journal says that an account is there: nothing to compare with"
        return Verdict(guard, 0, 0, 0, False, sentence)

    def again(operation: Operation) -> bool:
        of_user = operation.resource_type is ResourceType.USER
        return operation.action is Action.CREATE and of_user and operation.source_id in unseen

    count = len({one.source_id for one in evidence.operations if again(one)})
    limit = min(configured.at_most, max(FLOOR, known * configured.percent // 100))
    whole = "accounts that our journals say are there"
    return counted(guard, "would be created again", whole, count, known, limit)
