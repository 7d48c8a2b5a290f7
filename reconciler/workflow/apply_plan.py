"""
``apply``: carry out exactly the plan that was reviewed, and leave a journal.

Run again after a crash it resumes; run again after success it sends nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler import __version__
from reconciler.apply.admins import Admins, admins_of
from reconciler.apply.batches import batches
from reconciler.apply.crowd import Crowd
from reconciler.apply.execute import Run
from reconciler.apply.halting import Halting
from reconciler.apply.means import Means
from reconciler.apply.memory import Memory, remembered
from reconciler.apply.report import Outcome, Report
from reconciler.apply.steps import Stepper
from reconciler.apply.together import gathering
from reconciler.apply.values import Values
from reconciler.apply.verify import (
    ApprovalsUnfit,
    Fresh,
    GuardsBlock,
    PlanRefused,
    Sources,
    Terms,
    counted,
    let_pass,
    moment_of,
    populations,
    verify_inputs,
    verify_live,
    verify_offline,
)
from reconciler.config.model import Application
from reconciler.live.read import read_live
from reconciler.plan.document import Plan
from reconciler.plan.earlier import looking_back
from reconciler.plan.effects import as_carried_out
from reconciler.plan.many import Some
from reconciler.plan.needed import needed_of
from reconciler.plan.operation import Action
from reconciler.ports import Journal, JournalGrown, LockHeld, Target
from reconciler.profiles.model import Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.signing.admission import Presented
from reconciler.states import Recorded
from reconciler.workflow.approvals import presented
from reconciler.workflow.make_plan import require_complete, require_somebody
from reconciler.workflow.open_plan import OpenPlan
from reconciler.workflow.project import Project
from reconciler.workflow.watch import Attendance, require_due, watched
from reconciler.workflow.wiring import Wiring

TIMES_BEGUN = 3
"""How often a run is begun whose journal is still written to by the one it has taken over."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person at the command agreed to."""

    terms: Terms
    stop_on_stale: bool = False
    """``--on-stale abort``: a conflict ends the run."""
    tell: Callable[[Sequence[Outcome]], None] = lambda outcomes: None
    opened: OpenPlan | None = None
    """The plan with its signature, and where it lies; None: as it is in the store, unsigned."""
    attendance: Attendance = field(default_factory=Attendance)
    """Who looks after the run; what nobody attends to may come too early."""
    resume: Callable[[int], None] = lambda done: None
    """Called before the first operation with how many earlier runs have carried out."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when somebody asks the run to end: no change is sent after that."""
    remark: Callable[[str], None] = lambda text: None
    """Called with what is worth knowing and stops nothing."""


def check_plan(project: Project, plan: Plan, wiring: Wiring, terms: Terms) -> Application:
    """
    Check what needs no request, before anybody is asked to agree.

    A plan that has been carried out to its end needs no approval any more: it sends nothing.

    Raises:
        ConfigError: The configuration does not know the application.
        SwitchedOff, PlanRefused, GuardsBlock, ApprovalsUnfit: As
            :func:`reconciler.apply.verify.verify_offline`.
        RecordsAltered: It is blocked, and its journal is damaged.
    """
    name = plan.body.application
    application = project.application(name)
    try:
        verify_offline(plan, name, application, terms)
    except (GuardsBlock, ApprovalsUnfit):
        if not _is_finished(plan, wiring.told(project, plan)):
            raise
    return application


def _is_finished(plan: Plan, records: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a journal with these *records* is that of *plan*, and says that it is done."""
    begins = (record for record in records if record["kind"] == "run_begin")
    own = all(begin["plan_digest"] == plan.digest for begin in begins)
    return own and remembered(records).finished


def apply_plan(project: Project, plan: Plan, wiring: Wiring, consent: Consent) -> Report:
    """
    Carry out *plan*.

    Raises:
        PlanRefused, GuardsBlock, ApprovalUnfit, SwitchedOff: Nothing was written.
        InQuarantine: Nothing was asked of the target.
        LockHeld: Another apply of the application is running, or has taken over.
        RecordsAltered: A journal of the application is damaged or missing; nothing was written.
        ReadIncomplete, TargetError: The target could not be read; nothing was written.
    """
    application = check_plan(project, plan, wiring, consent.terms)
    moment_of(plan)  # refused before anything is stored
    if _was_finished(project, plan, application, wiring, consent):
        return Report((), "done", finished_before=True)
    for _ in range(TIMES_BEGUN):
        with suppress(JournalGrown):  # whoever was taken over stops at that record
            return _claimed(project, plan, application, wiring, consent)
    raise LockHeld(
        f"another process writes to the journal of this plan of {plan.body.application}; "
        "this apply has sent nothing"
    )


def _claimed(
    project: Project, plan: Plan, application: Application, wiring: Wiring, consent: Consent
) -> Report:
    """
    Claim the next run and carry out *plan*; raises as :func:`apply_plan`.

    Raises:
        JournalGrown: Another process wrote to its journal meanwhile; nothing was written or sent.
    """
    with wiring.journal(project, plan) as journal:
        memory = remembered(journal.records())
        if memory.finished:
            return Report((), "done", finished_before=True)
        name, known = plan.body.application, plan.body.inputs.journal_head
        history = wiring.recorded(project, name, application, known)
        opened = _stored(project, plan, wiring, consent.opened)
        wiring.require_newest(project, plan, application)
        approvals = presented(project, opened, wiring)
        approved = tuple(one.not_before for one in approvals.fits)
        watch = watched(project, plan, wiring, consent.attendance, approved)
        order = [*batches(plan.body.operations)]  # takes a while, and needs nobody's answer
        with watch, wiring.target(project, application) as target:
            history = looking_back(history, consent.terms.now, besides=plan.digest)
            profile = target.profile
            fresh, able = _verified(plan, application, target, profile, history, memory, approvals)
            memory.counts = counted(plan, history, memory, fresh.population, profile)
            for approval in fresh.approvals.values():
                wiring.keep_approval(project, approval)
            _begin(journal, plan, memory, fresh, wiring.is_for_everybody(project, plan))
            consent.resume(len(memory.done))
            admins = admins_of(plan.body.operations, fresh.population, application.safety, memory)
            hands = _Hands(application, target, profile, able, journal, memory, admins)
            return _carried_out(plan, order, hands, wiring, consent)


def _verified(
    plan: Plan,
    application: Application,
    target: Target,
    profile: Profile,
    history: Recorded,
    memory: Memory,
    approvals: Presented,
) -> tuple[Fresh, Capabilities]:
    """
    Return what *plan* was let pass on, and what the target can do.

    What is live is looked at once, and given back: of a large service it is more than all
    that is still to be done.
    """
    planned = let_pass(plan.body.guards, plan, approvals)
    live = read_live(target, needed_of(application))
    require_complete(live)
    require_somebody(live, history, _perhaps_deleted(plan, memory, profile))
    fresh = verify_live(plan, application, live, history, memory, profile, approvals)
    used = {**planned, **fresh.approvals}  # each is used up
    return replace(fresh, approvals=used), live.capabilities


def _was_finished(
    project: Project, plan: Plan, application: Application, wiring: Wiring, consent: Consent
) -> bool:
    """
    Say whether *plan* was carried out before; refuse what can be refused without a claim.

    To claim the next run stops one that is going on elsewhere, and whoever is then refused would
    have stopped it for nothing. Under the claim everything is asked again but for the inputs,
    which no other run changes.
    """
    with wiring.lock(project, plan.body.application):
        records = wiring.told(project, plan)
        if _is_finished(plan, records):
            return True
        if not remembered(records).begun:
            _require_same_inputs(project, plan, application, wiring, consent)
        wiring.require_newest(project, plan, application)
        opened = _stored(project, plan, wiring, consent.opened)
        approvals = presented(project, opened, wiring)
        approved = (one.not_before for one in approvals.fits)
        require_due(project, plan, wiring, consent.attendance, approved)
    return False


@dataclass(frozen=True, slots=True)
class _Hands:
    """What a plan is carried out with, once everything has been verified."""

    application: Application
    target: Target
    profile: Profile
    able: Capabilities
    journal: Journal
    memory: Memory
    admins: Admins


def _carried_out(
    plan: Plan,
    order: Sequence[Some],
    hands: _Hands,
    wiring: Wiring,
    consent: Consent,
) -> Report:
    """Carry out *plan* in its *order*, or what is left of it."""
    memory, profile, stop = hands.memory, hands.profile, threading.Event()
    concurrency = hands.application.target.concurrency
    open_yet = Halting(hands.target, consent.stop)
    hides = bool(plan.body.redacted)
    values = Values(hands.able.schemas, moment_of(plan), wiring.chance, hides=hides)
    together = gathering(open_yet, hands.able, profile, concurrency, stop)
    doing = hands.able, memory, wiring.clock, hands.journal, values, profile
    means = Means.of(together, *doing, together.glance) if together else Means.of(open_yet, *doing)
    stepper = Stepper(means)
    run = Run(
        plan.body.operations,
        hands.journal,
        memory,
        stepper,
        concurrency,
        consent.tell,
        consent.stop_on_stale,
        stop,
        together,
        Crowd(means, together, stepper.creator) if together else None,
        hands.admins,
        consent.stop,
        order=order,
    )
    return replace(run.execute(), resumed=memory.begun)


def _stored(project: Project, plan: Plan, wiring: Wiring, opened: OpenPlan | None) -> OpenPlan:
    """Store *plan* if it is not there (ruling 16); return it as it was *opened*, if it was."""
    store = wiring.store(project)
    path = store.save(plan, opened.signature if opened else None)
    return opened or OpenPlan(plan, store.find(path), None, None)


def _require_same_inputs(
    project: Project, plan: Plan, application: Application, wiring: Wiring, consent: Consent
) -> None:
    """
    Refuse a plan that other rules decided; tell of another source.

    Raises:
        PlanRefused: The rules changed; or the source did, and whatever is stale ends the run.
    """
    default_domain = project.loaded.config.source.default_domain
    sources = Sources(wiring.source(project).digest(), default_domain)
    profile = project.profile(application.target.profile)
    remark = verify_inputs(plan, application, profile, sources)
    if remark is not None and consent.stop_on_stale:
        raise PlanRefused(remark)
    if remark is not None:
        consent.remark(remark)


def _perhaps_deleted(plan: Plan, memory: Memory, profile: Profile) -> set[str | None]:
    """Return the ids of what an earlier run began to delete, and nobody knows of."""
    doubtful = [one for one in plan.body.operations if one.id in memory.in_doubt]
    carried_out = as_carried_out(doubtful, profile)
    return {one.target_id for one in carried_out if one.action is Action.DELETE}


def _begin(journal: Journal, plan: Plan, memory: Memory, fresh: Fresh, everybody: bool) -> None:
    """Write down what is about to be carried out, on which counts, and by whose approval."""
    body = plan.body
    approvals = [
        {"guard": guard, "count": one.count, "approval": one.sha256}
        for guard, one in fresh.approvals.items()
    ]
    journal.append(
        "run_begin",
        plan_digest=plan.digest,
        operations_digest=body.operations_digest,
        application=body.application,
        tenant_url=body.target.tenant_url,
        as_of=body.inputs.as_of,
        users=body.inputs.users,
        groups=body.inputs.groups,
        config_sha256=body.inputs.config_sha256,
        filled=body.inputs.filled,
        resumed=memory.begun,
        tool_version=__version__,
        populations=populations(fresh.population),
        everybody=everybody,
        **({"approvals": approvals} if approvals else {}),
    )
