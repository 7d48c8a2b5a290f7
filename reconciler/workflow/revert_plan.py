"""
``revert``: read the target, and say what would undo what an apply did.

The source is not read: a revert must be possible while the source is wrong. Nothing is
written to the target; the plan is applied like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from reconciler.apply.verify import PlanRefused
from reconciler.config.model import Application
from reconciler.diagnostics import ConfigError, Diagnostic, ReconcilerError
from reconciler.live.read import read_live
from reconciler.plan.document import Plan
from reconciler.plan.images import CarriedOut
from reconciler.plan.needed import needed_of
from reconciler.plan.plan_file import seal
from reconciler.plan.revert import DIGEST_SHOWN, RevertRequest, build_revert
from reconciler.signing.keys import PrivateKey
from reconciler.signing.statements import SignatureRefused
from reconciler.states import ResourceType
from reconciler.workflow.make_plan import (
    header_of,
    origin_of,
    require_a_way,
    require_complete,
    require_somebody,
)
from reconciler.workflow.open_plan import OpenPlan, look_at
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


def plan_to_undo(project: Project, name: str, wiring: Wiring) -> OpenPlan:
    """
    Return the plan that *name* names, to be undone.

    One that lacks the signature which `trust` asks for by now (`unsigned`) may have been applied
    before it did. It is read where its journal vouches for it: a run has its digest.

    Raises:
        SignatureRefused: Its signature is not good; or it lacks one, and no journal has it.
        RecordsAltered: A journal is damaged or missing.
        ReconcilerError: It cannot be found or read.
    """
    opened = look_at(project, name, wiring)
    if opened.unsigned and not wiring.deeds(project, opened.plan).applied:
        raise SignatureRefused(
            f"{opened.path}: the plan is not signed, `trust` says `signed_plans: required`, and "
            "no journal says that it was applied before, so that nobody vouches for it"
        )
    return opened


def require_key(project: Project, key: PrivateKey | None) -> None:
    """
    Check that a plan which is to be kept can be signed, where it has to be.

    Raises:
        ReconcilerError: There is no key.
    """
    if key is None and project.loaded.config.trust.signed_plans == "required":
        raise ReconcilerError(
            "`trust` says `signed_plans: required`, so the plan that undoes the other is signed: "
            "add --key FILE, the key of a planner; with --no-store it is only shown"
        )


def make_revert(
    project: Project, plan: Plan, wiring: Wiring, as_of: datetime, *, removals: bool = True
) -> Plan:
    """
    Return the plan that undoes what applying *plan* did.

    Raises:
        ConfigError: The configuration does not know the application, *plan* was never applied,
            or the target cannot be changed as the profile says.
        PlanRefused: It is for another target than the configuration's.
        RecordsAltered: A journal is damaged or missing; nobody knows what is ours then.
        TargetError: The target cannot be read.
        ReadIncomplete: It was read, and the read proves nothing.
    """
    name = plan.body.application
    application = project.application(name)
    profile = project.profile(application.target.profile)
    _require_target(plan, application)
    recorded = wiring.recorded(project, name, application, plan.body.inputs.journal_head)
    deeds = wiring.deeds(project, plan)
    if not deeds.applied:  # said of no plan whose journal may be the one that is missing
        raise _never_applied(plan)
    with wiring.target(project, application) as target:
        live = read_live(target, needed_of(application, _written_to(deeds.done))).whole()
    require_complete(live)
    require_somebody(live, recorded)
    request = RevertRequest(
        plan=plan,
        deeds=deeds,
        application=application,
        live=live,
        recorded=recorded,
        as_of=as_of,
        config_sha256=project.loaded.sha256,
        removals=removals,
        profile=profile,
    )
    body = build_revert(request)
    require_a_way(body, live.capabilities, profile)
    return seal(body, header_of(origin_of(project, wiring), wiring))


def _written_to(done: Iterable[CarriedOut]) -> Mapping[ResourceType, set[str]]:
    """Return the paths that are looked at again, mapped today or not, by resource type."""
    paths: dict[ResourceType, set[str]] = {kind: set() for kind in ResourceType}
    for deed in done:
        operation = deed.operation
        paths[operation.resource_type] |= {change.path for change in operation.changes}
        paths[operation.resource_type] |= {one.path for one in operation.references}
    return paths


def _require_target(plan: Plan, application: Application) -> None:
    """
    Refuse to undo on one service what was done on another.

    Raises:
        PlanRefused: The configuration names another target.
    """
    found, expected = plan.body.target.tenant_url, application.target.tenant_url
    if found != expected:
        raise PlanRefused(f"the plan was for {found}, and the configuration says {expected}")


def _never_applied(plan: Plan) -> ConfigError:
    """Return the complaint that there is nothing to undo."""
    message = f"plan {plan.digest[:DIGEST_SHOWN]} was never applied: there is nothing to undo"
    hint = f"`reconciler history {plan.body.application}` says which plans were applied"
    return ConfigError([Diagnostic("never-applied", message, hint=hint)])
