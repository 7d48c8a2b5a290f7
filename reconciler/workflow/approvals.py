"""
``approve``: let one blocked guard pass, for one set of operations; and what apply finds of it.

An approval is written into the store, and beside the plan that was named when
that lies elsewhere, so that it travels with it. ``apply`` looks in both places.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan, Verdict
from reconciler.signing.admission import Case, Presented, examine, repeated, still_blocking
from reconciler.signing.approval import (
    NONCE_BYTES,
    Approval,
    ApprovalUnfit,
    By,
    Wanted,
    approve,
    read_approval,
)
from reconciler.signing.keys import Trusted
from reconciler.workflow.keys import key_of, trusted_by
from reconciler.workflow.open_plan import OpenPlan, open_plan
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring

if TYPE_CHECKING:
    from reconciler.workflow.wiring import Location


@dataclass(frozen=True, slots=True)
class Given:
    """An approval, and what was written of it."""

    approval: Approval
    paths: tuple[Location, ...]
    """Files that were not there before; none where it had been given already."""
    left: tuple[Verdict, ...]
    """The guards that block the plan still."""
    already: bool
    """Whether one with the same facts was there before; it is the one that is returned."""


def approve_plan(
    project: Project, name: str, wiring: Wiring, wanted: Wanted, key_file: Path | None
) -> Given:
    """
    Write the approval that lets *wanted* pass for the operations of the plan called *name*.

    Where one with the same facts is there and good, no other is written.

    Raises:
        ApprovalUnfit: It would not be accepted; nothing was written.
        SignatureRefused: The plan's signature is not good, or the key is not an approver's.
        ReconcilerError: The plan, the key or the store cannot be used.
    """
    trust = trusted_by(project)
    opened = open_plan(project, name, wiring, trust)
    target = opened.plan.body.target
    configured = project.application(opened.plan.body.application).target
    if target.tenant_url != configured.tenant_url:
        raise ApprovalUnfit(
            f"the plan is for {target.tenant_url}, the configuration says "
            f"{configured.tenant_url}; plan again"
        )
    key = key_of(key_file, trust, "approver")
    holder = trust.holder(key, "approver") if key else None
    approver = holder.name if holder else wiring.author()
    if approver is None:
        raise ReconcilerError("nobody knows who runs this command, so nobody can approve")
    nonce = wiring.chance.token(NONCE_BYTES)
    by = By(approver, key, wiring.clock.now(), nonce)
    data = approve(opened.plan, opened.signer, wanted, trust, by)
    approval = read_approval(data, "the approval", trust)
    there = presented(project, opened, wiring, trust)
    left = tuple(one for one in still_blocking(opened.plan, there) if one.id != wanted.guard)
    known = repeated(approval, there)
    paths = wiring.keep_approval(project, known or approval, opened.path.parent)
    return Given(known or approval, paths, left, already=known is not None)


def presented(
    project: Project, opened: OpenPlan, wiring: Wiring, trust: Trusted | None = None
) -> Presented:
    """
    Return the approvals that were found for a plan, beside it and in the store.

    A plan that no guard blocked when it was made may be blocked by fresh counts, so they
    are looked for in any case.

    Raises:
        RecordsAltered: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    plan: Plan = opened.plan
    files = wiring.approvals(project, plan, opened.path.parent)
    if not files:
        return Presented()
    used = wiring.approvals_used(project, plan.body.application)
    case = Case(plan, opened.signer, wiring.clock.now(), used)
    return examine(files, case, trust or trusted_by(project))
