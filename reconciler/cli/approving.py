"""``approve``: let one blocked guard of a plan pass."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.cli.options import KEY
from reconciler.diagnostics import printable
from reconciler.plan.guards import GUARDS
from reconciler.signing.approval import ApprovalUnfit, Wanted, check_reason
from reconciler.workflow.approvals import approve_plan
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring


class Why(click.ParamType[str]):
    """Why a guard may pass."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Read a text that says something."""
        try:
            check_reason(str(value))
        except ApprovalUnfit as exc:
            self.fail(str(exc), param, ctx)
        return str(value)


@click.command("approve")
@click.argument("plan")
@click.option(
    "--guard",
    required=True,
    type=click.Choice([guard.id for guard in GUARDS]),
    metavar="ID",
    help="The guard that may pass.",
)
@click.option(
    "--count", required=True, type=click.IntRange(min=0), help="Its count, exactly as shown."
)
@click.option(
    "--reason", required=True, type=Why(), metavar="TEXT", help="Why this is meant; kept."
)
@KEY
@click.pass_obj
def approve_command(
    config: Path, plan: str, guard: str, count: int, reason: str, key: Path | None
) -> ExitCode:
    """
    Let one blocked guard pass, for the operations of this plan only.

    The approval is written into the store, and beside the plan. It is good for these
    operations, this guard, this count and this target, once, until it expires. Approving the
    same again writes nothing.

    \b
    Example:
      reconciler approve 3f9a1c2e8b01 --guard accidental_deletions --count 15 --reason "HR-4711"
      reconciler approve plan.json --guard delete_users --count 12 --reason "HR-4711" --key me.pem
    """
    given = approve_plan(open_project(config), plan, Wiring(), Wanted(guard, count, reason), key)
    approval = given.approval
    signed = "signed" if approval.signer else "not signed"
    done = "Approved already" if given.already else "Approved"
    out(
        f"{done} by {printable(approval.approver)} ({signed}): {guard}, {count}, "
        f"for the operations {approval.operations_digest[:12]} of {approval.application}, "
        f"until {approval.expires:%Y-%m-%dT%H:%M:%SZ}."
    )
    for path in given.paths:
        note(f"wrote {path}")
    if not given.paths:
        note("nothing was written: an approval with the same facts exists")
    if given.left:
        left = ", ".join(f"{printable(one.id)} ({one.count})" for one in given.left)
        note(f"Still blocked by {left}. Look at: reconciler show {shlex.quote(plan)}")
    else:
        note(f"Apply it with: reconciler apply {shlex.quote(plan)}")
    return ExitCode.DONE
