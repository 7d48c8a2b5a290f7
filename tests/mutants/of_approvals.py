"""Mutants that let an approval pass more than was approved (INV-25, INV-26)."""

from typing import Final

from tests.mutants.mutant import Mutant

ADMISSION = ("unit/signing/test_admission.py",)


def _admission(rule: str, what: str, old: str, new: str) -> Mutant:
    return Mutant(rule, what, "signing/admission.py", old, new, ADMISSION)


APPROVING: Final = (
    _admission(
        "INV-26",
        "an approval of other operations fits",
        "        elif approval.operations_digest != case.plan.body.operations_digest:\n",
        "        elif False:\n",
    ),
    _admission(
        "INV-26",
        "an approval of another count fits",
        "    if approval.count != count:\n",
        "    if False:\n",
    ),
    _admission(
        "INV-26",
        "an approval lets more pass than was approved, once it has become more",
        "    if rule_of(verdict.id).worse(verdict.count, approval.count):\n",
        "    if False:\n",
    ),
    _admission(
        "INV-25",
        "an approval is used twice",
        "    if user is not None and user != case.plan.digest:\n",
        "    if False:\n",
    ),
    _admission(
        "INV-26",
        "an approval never expires",
        "        if case.now >= until:\n",
        "        if False:\n",
    ),
    _admission(
        "INV-26",
        "an approval of one guard lets any pass",
        "[one for one in presented.fits if one.guard == verdict.id]",
        "list(presented.fits)",
    ),
    _admission(
        "INV-34",
        "a signature that is refused counts all the same",
        "        return claimed(data, place), str(exc)\n",
        '        return claimed(data, place), str(exc)[:0] or ""\n',
    ),
    Mutant(
        "INV-26",
        "an approval lets an effect pass that takes the place of another one",
        "signing/admission.py",
        "    if new:\n",
        "    if False:\n",
        ("unit/plan/test_rolling_window.py",),
    ),
    _admission(
        "INV-26",
        "an approval for another target fits",
        '        return f"it is for {approval.application} at {approval.tenant_url}"\n',
        "        pass\n",
    ),
    _admission(
        "INV-26",
        "an approval that is good for longer is not written",
        " and abs(approval.expires - one.expires) <= SKEW:",
        ":",
    ),
)
"""The rows of this part."""
