"""``apply``: carry out a stored plan."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import click

from reconciler.apply.report import Report
from reconciler.apply.verify import Terms
from reconciler.cli.console import (
    agreed,
    colour,
    complain,
    end_when_told,
    note,
    out,
    progress,
    require_terminal,
    width,
)
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan
from reconciler.render import FORMATS, Look
from reconciler.workflow.apply_plan import Consent, apply_plan, check_plan
from reconciler.workflow.approvals import presented
from reconciler.workflow.exit_codes import ExitCode, code_of
from reconciler.workflow.open_plan import open_plan
from reconciler.workflow.project import open_project
from reconciler.workflow.watch import Attendance, blocked_plans_noted
from reconciler.workflow.wiring import SystemClock, Wiring

_UNITS = {"d": "days", "h": "hours"}


class Age(click.ParamType[timedelta]):
    """A span such as 7d or 12h."""

    name = "age"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read a number of days or hours."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})([dh])", str(value))
        if not found:
            self.fail(f"{value!r} is not a span such as 7d or 12h", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command("apply")
@click.argument("plan")
@click.option(
    "--auto-approve", is_flag=True, help="Do not ask; needed without a terminal. Passes no guard."
)
@click.option("--expect", metavar="DIGEST", help="The operations digest that was reviewed.")
@click.option(
    "--on-stale",
    type=click.Choice(["skip", "abort"]),
    default="skip",
    show_default=True,
    help="What to do when something changed since the plan.",
)
@click.option(
    "--max-age", type=Age(), default="7d", show_default=True, help="Refuse an older plan."
)
@click.pass_obj
def apply_command(
    config: Path,
    plan: str,
    auto_approve: bool,
    expect: str | None,
    on_stale: str,
    max_age: timedelta,
) -> ExitCode:
    """
    Carry out exactly this plan, and leave a journal.

    Run again after a crash it resumes; run again after success it does nothing. At a terminal
    it shows the plan and asks; any answer but `yes` ends with exit 3, and nothing was done.

    \b
    Example:
      reconciler apply plans/ipass-smartconnect/<plan>.plan.json
      reconciler apply --auto-approve --expect <operations digest> 3f9a1c2e8b01
    """
    stop = Event()
    project, wiring = open_project(config), Wiring(SystemClock(stop))
    opened = open_plan(project, plan, wiring)
    loaded, approvals = opened.plan, presented(project, opened, wiring)
    terms = Terms(wiring.clock.now(), max_age, expect, approvals)
    attendance = Attendance(auto_approve or not sys.stdin.isatty(), note)
    with blocked_plans_noted(project, opened, wiring, attendance):
        check_plan(project, loaded, wiring, terms)
    if not auto_approve and loaded.body.operations and not _agreed(loaded):
        note("not applied: the answer was not `yes`; nothing was sent or written")
        return ExitCode.CONFIGURATION
    end_when_told(stop)
    with progress(len(loaded.body.operations)) as tell:
        consent = Consent(
            terms, on_stale == "abort", tell, opened, attendance, tell.resume, stop, warn
        )
        report = apply_plan(project, loaded, wiring, consent)
    return _conclude(report, loaded)


def warn(text: str) -> None:
    """Print what is worth knowing before a run, and stops nothing."""
    note(f"warning: {text}")


def _agreed(plan: Plan) -> bool:
    """Show the plan and ask for a yes; without a terminal, say how to go on."""
    require_terminal("review the plan")
    out(FORMATS["text"](plan, Look(colour(), width())))
    return agreed(f"Apply this plan to {plan.body.target.tenant_url}?")


def _unended(begun: int) -> str:
    """Say how many operations were begun, and may or may not have arrived."""
    return f"{begun} begun, and nobody knows {'its' if begun == 1 else 'their'} end yet"


def _conclude(report: Report, plan: Plan) -> ExitCode:
    """Say what a run came to, and what to do next."""
    if report.finished_before:
        out("This plan was applied before; nothing was sent.")
        return ExitCode.DONE
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count)
    begun = f"; {_unended(report.begun)}" if report.begun else ""
    left = f"; {report.left} of {len(plan.body.operations)} not begun" if report.left else ""
    said = counts or ("nothing" if begun or left else "nothing to do")
    out(f"{'Resumed' if report.resumed else 'Applied'}: {said}{begun}{left}.")
    if isinstance(report.stopped_by, ReconcilerError):
        complain(report.stopped_by)
    elif report.status == "interrupted":
        note("Interrupted; the journal is whole. The same command resumes.")
    elif report.status == "partial":
        application = plan.body.application
        note(f"Not everything was applied. Look at: reconciler history {application}")
        note(f"Then plan again: reconciler plan {application}")
    return code_of(report)
