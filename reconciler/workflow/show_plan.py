"""
``show``: a stored plan, and what became of it since.

A plan says everything that is shown of it, but for what there is still to do: that also
depends on who has approved it, on whether it was applied, and on who has to sign it by now.
"""

from __future__ import annotations

from dataclasses import dataclass
from os.path import lexists
from pathlib import Path

from reconciler.diagnostics import ReconcilerError
from reconciler.render.approving import NOTHING_SINCE, Since
from reconciler.signing.admission import still_blocking
from reconciler.workflow.approvals import presented
from reconciler.workflow.open_plan import OpenPlan, look_at
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan to look at."""

    opened: OpenPlan
    since: Since = NOTHING_SINCE
    trouble: str | None = None
    """Why nobody knows what became of it since: the store is damaged, which `show` outlives."""


def plan_to_show(config: Path, name: str, wiring: Wiring) -> Shown:
    """
    Return a plan to look at; a path needs a configuration only if there is one.

    A plan says everything that is shown of it. Who may sign it, only the file says, so that
    a signed plan without a configuration is not shown as if it were verified.

    Raises:
        ReconcilerError: As :func:`look_at`.
    """
    if not lexists(config) and lexists(name):
        file = wiring.plan_at(Path(name))
        if file.signature is None:
            return Shown(OpenPlan(wiring.parsed(file), file.path, None, None))
    project = open_project(config)
    opened = look_at(project, name, wiring)
    try:
        return Shown(opened, _since(project, opened, wiring))
    except ReconcilerError as exc:
        return Shown(opened, Since(unsigned=opened.unsigned), str(exc))


def _since(project: Project, opened: OpenPlan, wiring: Wiring) -> Since:
    """
    Return what became of a plan since it was made.

    Raises:
        ReconcilerError: The store is not what was written.
    """
    plan = opened.plan
    if not plan.blocked:
        return Since(unsigned=opened.unsigned)
    left = {one.id for one in still_blocking(plan, presented(project, opened, wiring))}
    passed = {one.id for one in plan.body.guards if one.blocked} - left
    applied = wiring.deeds(project, plan).applied
    return Since(frozenset(passed), applied, opened.unsigned)
