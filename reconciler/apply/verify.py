"""
May this plan run now?

Everything that can be known before the first request is judged here; what can
only be known per resource is a precondition of its operation. The target, the
limits and the switches come from the configuration that ``apply`` is given,
never from the plan, or a doctored plan could send our token to a stranger or
raise its own limits (ruling 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from msgspec import structs
from pydantic import TypeAdapter, ValidationError

from reconciler.apply.memory import Memory
from reconciler.config.model import Application
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan, Verdict
from reconciler.plan.effects import as_carried_out, deletes_in_time, lost_members
from reconciler.plan.generated import generated
from reconciler.plan.guards import run_guards
from reconciler.plan.many import each
from reconciler.plan.operation import Operation
from reconciler.plan.population import Counts, Population, SourceRows, count_population
from reconciler.plan.rules import rules_digest
from reconciler.plan.weights import weigh
from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.paths import parse_path
from reconciler.signing.admission import Presented, admitted
from reconciler.signing.approval import Approval, ApprovalUnfit
from reconciler.states import LiveState, Recorded, ResourceType

_COUNTS: TypeAdapter[Counts] = TypeAdapter(Counts)

AHEAD = timedelta(minutes=15)
"""How far the clock of who planned may be ahead of ours (reliability.md, F67)."""

ADMINS = "admins"
"""The count of active administrators, beside those of :class:`Counts`, in the journal."""


class PlanRefused(ReconcilerError):
    """The plan does not fit: another target, too old, or not what was reviewed."""


class SwitchedOff(ReconcilerError):
    """The application is switched off in the configuration."""


class GuardsBlock(ReconcilerError):
    """At least one guard blocks; carries every verdict."""

    def __init__(self, verdicts: tuple[Verdict, ...]) -> None:
        self.verdicts = verdicts
        blocked = [verdict for verdict in verdicts if verdict.blocked]
        super().__init__("\n".join(f"{v.id}: {v.sentence}" for v in blocked))


class ApprovalsUnfit(ApprovalUnfit):
    """A guard blocks, and no approval of it fits; carries every verdict."""

    def __init__(self, message: str, verdicts: tuple[Verdict, ...]) -> None:
        self.verdicts = verdicts
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the person at the command asked for."""

    now: datetime
    max_age: timedelta
    expect: str | None = None
    """The operations digest that was reviewed."""
    approvals: Presented = field(default_factory=Presented)
    """What was found that may let a guard pass."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a plan was let pass on."""

    population: Population
    approvals: Mapping[str, Approval]
    """Those that are used, by guard."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The source as it is at apply."""

    sha256: str | None
    """Of its files; None when one cannot be read here."""
    default_domain: str | None


def verify_offline(plan: Plan, name: str, application: Application, terms: Terms) -> None:
    """
    Check what needs no request, the guards last.

    Raises:
        SwitchedOff: `enabled: false`.
        PlanRefused: Another target, another digest than expected, too old, made in the
            future, or an expression that the configuration does not have.
        GuardsBlock: A guard blocked the plan when it was made, and nobody approved.
        ApprovalsUnfit: Somebody did, and it does not fit.
    """
    if not application.enabled:
        raise SwitchedOff(f"{name} has `enabled: false`: nothing is applied to it")
    body = plan.body
    found, expected = body.target, application.target
    if (found.tenant_url, found.profile) != (expected.tenant_url, expected.profile):
        raise PlanRefused(
            f"the plan is for {found.tenant_url} (profile {found.profile}), "
            f"the configuration says {expected.tenant_url} (profile {expected.profile}); plan again"
        )
    if terms.expect is not None and body.operations_digest != terms.expect:
        raise PlanRefused(
            f"the operations are not the reviewed ones: expected {terms.expect}, "
            f"found {body.operations_digest}; apply the reviewed plan, or have this one reviewed"
        )
    age = terms.now - _created(plan)
    if age > terms.max_age:
        hours = int(age.total_seconds() // 3600)
        raise PlanRefused(f"the plan is {hours} hours old; plan again, or raise --max-age")
    if age < -AHEAD:  # applied, it would supersede every plan until then
        raise PlanRefused(
            f"the plan was made at {_created(plan):%Y-%m-%dT%H:%M:%SZ}, and here it is "
            f"{terms.now:%Y-%m-%dT%H:%M:%SZ}; set the clocks right, and plan again"
        )
    _require_configured(plan, application)
    let_pass(body.guards, plan, terms.approvals)


def let_pass(
    verdicts: tuple[Verdict, ...], plan: Plan, approvals: Presented
) -> Mapping[str, Approval]:
    """
    Return the approvals that let *verdicts* pass, those that are needed, by guard.

    Raises:
        GuardsBlock: A guard blocks, and nobody approved.
        ApprovalsUnfit: A guard blocks, and what was approved does not fit.
    """
    try:
        approved = admitted(verdicts, plan, approvals)
    except ApprovalUnfit as error:
        raise ApprovalsUnfit(str(error), verdicts) from error
    rest = tuple(replace(one, blocked=one.blocked and one.id not in approved) for one in verdicts)
    if any(verdict.blocked for verdict in rest):
        raise GuardsBlock(rest)
    return approved


def verify_inputs(
    plan: Plan, application: Application, profile: Profile, sources: Sources
) -> str | None:
    """
    Check that what decided the plan is what decides today; return what is doubtful of it.

    Only before a plan is begun: a run that was cut off is finished as it was reviewed.
    Another source alone refuses nothing (docs/decisions/0030): exports change every
    night, each operation is held against the account, and the guards count anew.

    Raises:
        PlanRefused: The rules of the configuration are others by now.
    """
    inputs = plan.body.inputs
    if inputs.rules_sha256 is None:
        return None
    if rules_digest(application, profile, sources.default_domain) != inputs.rules_sha256:
        raise PlanRefused(
            f"what the configuration says of {plan.body.application} has changed since the plan: "
            "assignments, roles, filters, mappings, domains, lifecycle or profile; plan again"
        )
    if sources.sha256 is None:
        return "the source cannot be read here: nobody knows whether it changed since the plan"
    if sources.sha256 != inputs.source_sha256:
        return "the source has changed since the plan; plan again to have it considered"
    return None


def _require_configured(plan: Plan, application: Application) -> None:
    """
    Refuse to evaluate what the configuration does not say (ruling 17).

    Raises:
        PlanRefused: A value is to be made by an expression of the plan's own.
    """
    tables = (
        (ResourceType.USER, application.mappings.users),
        (ResourceType.GROUP, application.mappings.groups or ()),
    )
    known = {
        (kind, str(parse_path(line.target)).lower(), line.expression)
        for kind, table in tables
        for line in table
    }
    for operation in plan.body.operations:
        for change in operation.changes:
            if (made := generated(change.after)) is None:
                continue
            path = str(parse_path(change.path)).lower()
            if (operation.resource_type, path, made.expression) not in known:
                raise PlanRefused(
                    f"{operation.id} makes {change.path} by an expression that the configuration "
                    "does not have; plan again"
                )


def populations(population: Population) -> dict[str, int]:
    """Return the counts that the journal keeps for a run that has to be resumed."""
    counts = {name: count for name, count in asdict(population.counts).items() if count is not None}
    return {**counts, ADMINS: len(population.admins)}


def _created(plan: Plan) -> datetime:
    """
    Return when *plan* was made; its header stands outside the digest.

    Raises:
        PlanRefused: The header does not say.
    """
    try:
        return _moment(plan.header.created_at)
    except ValueError as exc:
        raise PlanRefused("the plan does not say when it was made; plan again") from exc


def _moment(text: str) -> datetime:
    """Read a time of a plan; one without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment_of(plan: Plan) -> datetime:
    """
    Return the one time of *plan*, aware, UTC (ruling 4).

    Raises:
        PlanRefused: It does not say.
    """
    try:
        return _moment(plan.body.inputs.as_of)
    except ValueError as exc:
        raise PlanRefused("the plan does not say what it was made as of; plan again") from exc


def verify_live(
    plan: Plan,
    application: Application,
    live: LiveState,
    recorded: Recorded,
    memory: Memory,
    profile: Profile = GENERIC,
    approvals: Presented | None = None,
) -> Fresh:
    """
    Check the plan against fresh counts, and return them, with the *approvals* that it needed.

    What a disable does is judged by the *profile* that the configuration names, as
    everything that limits a run (ruling 17).

    A resumed run is judged on the counts that its first run began with: what it
    has already done must not make the rest look like more.

    Raises:
        PlanRefused: The target is not the service that the plan was made on.
        GuardsBlock: A guard blocks now, and nobody approved.
        ApprovalsUnfit: A guard blocks now, and what was approved does not fit.
    """
    body = plan.body
    if live.capabilities.digest != body.target.capabilities_digest:
        raise PlanRefused("the target's schemas or capabilities changed since the plan; plan again")
    operations = each(body.operations, lambda one: _borne_out(one, recorded, memory))
    source = SourceRows(body.inputs.users, body.inputs.groups, body.inputs.filled)
    population = count_population(application, live, recorded, operations, source, profile)
    if memory.begun:
        population = replace(
            population,
            counts=_counts_of_the_first_run(memory),
            unseen=population.unseen - _own(memory),
            members=_members_of_the_first_run(population, operations, memory),
        )
    verdicts = run_guards(operations, population, application.safety, body.withheld, profile)
    if memory.begun:
        verdicts = tuple(_since_the_first_run(verdict, memory) for verdict in verdicts)
    return Fresh(population, let_pass(verdicts, plan, approvals or Presented()))


def counted(
    plan: Plan,
    recorded: Recorded,
    memory: Memory,
    population: Population,
    profile: Profile = GENERIC,
) -> dict[str, dict[str, int]]:
    """Return what each operation of *plan* counts for each guard, by its id."""
    operations = each(plan.body.operations, lambda one: _borne_out(one, recorded, memory))
    weights = weigh(as_carried_out(operations, profile), population)
    return {operation.id: dict(counts) for operation, counts in weights if counts}


def _borne_out(operation: Operation, recorded: Recorded, memory: Memory) -> Operation:
    """
    Return *operation* as the guards are to judge it, by our journals and not by its word.

    A delete whose time is said to be over counts as any other (ruling 14) when no
    journal says that we disabled the account.
    """
    known = operation.id in memory.done or operation.target_id in recorded.disabled_on
    if known or not deletes_in_time(operation):
        return operation
    return structs.replace(operation, reason="no journal says that we disabled the account")


def _counts_of_the_first_run(memory: Memory) -> Counts:
    """
    Return what the guards counted of when the plan was begun.

    Raises:
        PlanRefused: The journal does not say all of it, so that no guard could judge the rest.
    """
    try:
        return _COUNTS.validate_python(memory.populations)
    except ValidationError as exc:
        raise PlanRefused(
            "the journal does not say what the guards counted of when this plan was begun, so "
            "they cannot judge the rest of it; plan again"
        ) from exc


def _own(memory: Memory) -> set[str]:
    """Return the anchors of the accounts that earlier runs of the plan made or linked."""
    return {anchor for kind, anchor in memory.ids if kind == ResourceType.USER.value}


def _members_of_the_first_run(
    population: Population, operations: Iterable[Operation], memory: Memory
) -> Mapping[str, frozenset[str]]:
    """Return who was in each group before a run began to take people out."""
    members = dict(population.members)
    for operation in operations:
        group = operation.target_id
        begun = operation.id in memory.done or operation.id in memory.in_doubt
        if begun and group is not None and group in members:
            members[group] |= frozenset(lost_members(operation))
    return members


def _since_the_first_run(verdict: Verdict, memory: Memory) -> Verdict:
    """Let a resumed run lower the administrators of its first run, not those it has added."""
    before = memory.populations.get(ADMINS)
    if verdict.id != "min_admins" or before is None:
        return verdict
    return replace(verdict, blocked=verdict.blocked and verdict.count < before)
