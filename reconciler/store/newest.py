"""
An older plan is not applied after a newer one that judged everybody (INV-25).

Staleness is judged per operation, by the account that it finds. That does not
see a decision: an old plan disables somebody whom the source had lost for a
day, the newer plan, made when they were back, has nothing to do for them, and
their account looks as it did for the old one. So a plan is superseded as a
whole by one that was made later, of the same application and target, judged
everybody and withheld nothing.

A plan of selected people supersedes nothing, and neither does one made with
``--no-removals``: the rest has not been judged anew, so an older plan may go on
with it, each operation bound to what it finds (decision 23).

A plan that undoes another one is for whom that one was, and supersedes as that one
did: what was decided for everybody, and undone, is not decided for them again by
what is older. What that one withheld, its journal says.

Journals say what was applied; the time of a plan is that in the name of its
journal, to the second. Plans of one second do not supersede each other.
"""

from __future__ import annotations

from reconciler.plan.document import Plan
from reconciler.ports import PlanSuperseded
from reconciler.store.approvals import begins
from reconciler.store.chain import read_journal
from reconciler.store.plans import DIGEST_SHOWN, JOURNAL_SUFFIX, created_of, named
from reconciler.store.slot import Location


def require_newest(store: Location, plan: Plan, tenant_url: str) -> None:
    """
    Check that no newer plan for everybody was applied to *tenant_url*.

    Raises:
        PlanSuperseded: One was.
        JournalDamaged: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    made = created_of(plan)
    for path, created, digest12 in named(store, plan.body.application, JOURNAL_SUFFIX):
        if created <= made or digest12 == plan.digest[:DIGEST_SHOWN]:
            continue
        runs = begins(read_journal(path).records)
        if any(run.get("everybody") and run["tenant_url"] == tenant_url for run in runs):
            raise PlanSuperseded(
                f"a newer plan was applied since this one was made, {digest12} of "
                f"{created:%Y-%m-%dT%H:%M:%SZ}, and it was for everybody, or undid one that was; "
                "plan again"
            )


def is_for_everybody(store: Location, plan: Plan) -> bool:
    """
    Say whether *plan* judges everybody and withholds nothing, and what it undoes did.

    Of a plan that no journal of the application knows, it is believed that it did.

    Raises:
        JournalDamaged: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    body, undone = plan.body, plan.body.inputs.reverts
    if body.inputs.only or body.withheld:
        return False
    runs = [
        run
        for path, _, digest12 in named(store, body.application, JOURNAL_SUFFIX)
        if undone is not None and undone.startswith(digest12)
        for run in begins(read_journal(path).records)
        if run["plan_digest"] == undone
    ]
    return not runs or any(run.get("everybody") for run in runs)
