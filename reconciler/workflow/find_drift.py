"""
``drift``: what was changed by hand on the target since we wrote it.

The target is read as for a plan, and the read must be proved complete; the source says
whose the accounts are. Nothing is written anywhere.
"""

from __future__ import annotations

from datetime import datetime

from reconciler.desired import Judge
from reconciler.diff import Comparator
from reconciler.plan.drift import Compared, Drift, drift_of
from reconciler.scope.decide import Scope
from reconciler.states import ResourceType
from reconciler.workflow.make_plan import live_of, require_complete, require_somebody
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


def find_drift(project: Project, name: str, wiring: Wiring, as_of: datetime) -> Drift:
    """
    Return what differs on the target of one application from what we wrote last.

    Raises:
        ConfigError: The source cannot be used.
        PlanAltered, RecordsAltered: The store is not what was written.
        TargetError: The target cannot be read.
        ReadIncomplete: It was read, and the read proves nothing.
    """
    application = project.application(name)
    with project.quoted():
        directory = wiring.source(project).read()
        Scope(application, directory, as_of.date(), project.locate_in(name))
    written = wiring.applied(project, name, application)
    recorded = wiring.recorded(project, name, application)
    with wiring.target(project, application) as target:
        live = live_of(application, target)
    require_complete(live)
    require_somebody(live, recorded)
    schemas = live.capabilities.schemas
    judge = Judge(application, directory, as_of, schemas)
    desired = judge.state()
    rows = [(ResourceType.USER, judge.users, desired.users, live.users)]
    if judge.groups is not None and desired.groups is not None and live.groups is not None:
        rows.append((ResourceType.GROUP, judge.groups, desired.groups, live.groups))
    sides = [
        Compared.of(
            Comparator(kind.value, schemas),
            table,
            candidates,
            listing,
            recorded,
            application.ownership,
        )
        for kind, table, candidates, listing in rows
    ]
    return drift_of(name, written, sides)
