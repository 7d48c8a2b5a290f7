"""Mutants of what comes after an apply: undo, quarantine, claims, and journals that are lost."""

from typing import Final

from tests.mutants.mutant import Mutant

REVERT = ("unit/plan/test_revert.py",)
SIGNED = ("e2e/test_signed_plans.py",)

UNDOING: Final = (
    # undo
    Mutant(
        "decision 27",
        "a revert writes over what somebody changed since",
        "plan/restore.py",
        "        elif not shows_change(side.comparator, live, written):\n",
        "        elif False:\n",
        REVERT,
    ),
    Mutant(
        "decision 27",
        "a revert deletes what it created, also where somebody changed it since",
        "plan/restore.py",
        "    elif _deletes(context, wanted) and (altered := _altered(image, side)):\n",
        "    elif False and (altered := _altered(image, side)):\n",
        REVERT,
    ),
    Mutant(
        "INV-8",
        "no guard judges what a revert removes",
        "plan/revert.py",
        "guards=run_guards(operations, population, application.safety, withheld, profile),",
        "guards=run_guards((), population, application.safety, withheld, profile),",
        REVERT,
    ),
    Mutant(
        "INV-24",
        "an unsigned plan is undone although no journal vouches for it",
        "workflow/revert_plan.py",
        "    if opened.unsigned and not wiring.deeds(project, opened.plan).applied:\n",
        "    if False:\n",
        SIGNED,
    ),
    Mutant(
        "INV-24",
        "an unsigned plan is applied where plans have to be signed",
        "signing/plans.py",
        "    if lacks_signature(envelope, trusted):\n",
        "    if False:\n",
        SIGNED,
    ),
    # quarantine
    Mutant(
        "INV-23",
        "a retry waits for nothing",
        "plan/quarantine.py",
        "    return due is not None and (not health.wait or now >= due)\n",
        "    return due is not None\n",
        ("unit/plan/test_quarantine.py",),
    ),
    Mutant(
        "INV-23",
        "an apply that a guard blocks is not written down",
        "workflow/watch.py",
        '    (GuardsBlock, "guard"),\n',
        "",
        ("e2e/test_quarantine.py",),
    ),
    # claims, and what others remember of a journal
    Mutant(
        "INV-18",
        "a second run takes the same number",
        "store/claim.py",
        "    if not slot(folder / _name(mine.number), disk).claim(_encoded(mine)):\n",
        "    if slot(folder / _name(mine.number), disk).claim(_encoded(mine)) is None:\n",
        ("unit/store/test_claim.py",),
    ),
    Mutant(
        "F73",
        "a journal is lost, and nobody notices",
        "store/lineage.py",
        "        raise _lost(what)\n",
        "        continue\n",
        ("unit/store/test_lineage.py",),
    ),
    Mutant(
        "F73",
        "history does not tell of a journal that is lost",
        "store/lineage.py",
        "    yield from _losses(folder, {path: outline_at(path) for path in paths}, seen)\n",
        "    yield from ()\n",
        ("unit/store/test_lineage.py", "e2e/test_revert.py"),
    ),
    Mutant(
        "F73",
        "a plan whose own journal is lost was never applied",
        "workflow/revert_plan.py",
        "    recorded = wiring.recorded(project, name, application,",
        "    if not wiring.deeds(project, plan).applied:\n"
        "        raise _never_applied(plan)\n"
        "    recorded = wiring.recorded(project, name, application,",
        ("e2e/test_revert.py",),
    ),
)
"""The rows of this part."""
