"""
Pairing to plan: the story of one plan, read from top to bottom.

Called by :mod:`reconciler.workflow.make_plan` with everything that was read.
Pure: the same request gives the same body, byte for byte (INV-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.diff import Comparator, Matcher, split_live
from reconciler.mapping import Table
from reconciler.plan.bind import bind
from reconciler.plan.cost import cost_of, pace_of
from reconciler.plan.document import (
    Body,
    Inputs,
    Leaving,
    PlanTarget,
    ReadProof,
    ReadProofs,
    Waiting,
    Warned,
)
from reconciler.plan.drafts import Context, Draft, Side
from reconciler.plan.earlier import looking_back
from reconciler.plan.effects import DELETES_WHOEVER_IS_OFF, takes, turns_off
from reconciler.plan.filled import filled_columns
from reconciler.plan.groups import Memberships, Newcomers, group_drafts
from reconciler.plan.guards import run_guards
from reconciler.plan.limits import limit_of
from reconciler.plan.names import settle
from reconciler.plan.operation import Action, Operation
from reconciler.plan.order import in_order
from reconciler.plan.plan_file import operations_digest
from reconciler.plan.population import SourceRows, count_population
from reconciler.plan.profiled import remarks_on_profile
from reconciler.plan.references import References
from reconciler.plan.remarks import (
    not_disabled,
    redacted_of,
    skipped_of,
    unmanaged_of,
    warnings_of,
)
from reconciler.plan.request import PlanRequest
from reconciler.plan.roles import RoleLoss
from reconciler.plan.rules import rules_digest
from reconciler.plan.rungs import deletes_in_time, leaving_of, resting
from reconciler.plan.settle import Rest, everybody, tell_apart
from reconciler.plan.unique import choose
from reconciler.plan.unsent import Unsent
from reconciler.plan.users import create_drafts, leaving_drafts, pair_drafts
from reconciler.states import (
    Candidate,
    DesiredState,
    Listing,
    LiveState,
    Resource,
    ResourceType,
)


def build_plan(request: PlanRequest) -> Body:
    """
    Return the body of the plan that *request* leads to.

    Both listings must be complete; the workflow refuses others before
    (INV-1: nothing is concluded from absence in a half read).
    """
    judge, profile = request.judge, request.profile
    rules = Unsent.of(request.application, profile, judge.users, judge.groups)
    rest = everybody(request) if rules.keep_back else tell_apart(request)
    desired, unsent = rules.taken_out(rest.desired)
    context = _context(request, replace(rest, desired=desired), unsent)
    people = _people(context, desired)
    newcomers = frozenset(
        d.source_id for d in people.drafts if d.action is Action.CREATE and d.source_id
    )
    references = References(context, newcomers, deleted_by(context, people.drafts))
    drafts = [*people.drafts, *references.drafts()]
    drafts, left_out = _with_groups(context, drafts, newcomers)
    sides = {ResourceType.USER: context.users}
    if context.groups is not None:
        sides[ResourceType.GROUP] = context.groups
    withheld: list[Draft] = []
    if not request.removals:
        drafts, withheld = without_removals(drafts)
    operations = bind(in_order(drafts), sides)
    warnings = warnings_of(judge, references.unresolved, left_out, desired.circles)
    warnings += not_disabled(context, desired.disabling_the_gone)
    known = request.live.capabilities
    warnings += remarks_on_profile(context, request.left_out, unsent, operations, known)
    return _body(
        request, context, operations, bind(in_order(withheld), sides), people, rest, warnings
    )


def _context(request: PlanRequest, rest: Rest, unsent: Unsent) -> Context:
    """Pair both sides of both resource types."""
    groups, desired, live = None, rest.desired, rest.live
    if desired.groups is not None and live.groups is not None and request.judge.groups:
        table = request.judge.groups
        groups = _side(request, ResourceType.GROUP, table, desired.groups, live.groups)
    users = _side(request, ResourceType.USER, request.judge.users, desired.users, live.users)
    users = replace(users, settled=rest.settled)
    day, recorded = request.as_of.date(), request.recorded
    context = Context(
        request.application,
        day,
        recorded,
        users,
        groups,
        request.selected,
        request.profile,
        unsent.users.why_nobody_is_disabled(request.judge.users),
    )
    chosen = None if groups is None else choose(context, groups)
    return replace(context, users=choose(context, users), groups=chosen)


def _side(
    request: PlanRequest,
    resource_type: ResourceType,
    table: Table,
    candidates: Sequence[Candidate],
    listing: Listing,
) -> Side:
    """Split, index and pair the resources of one type."""
    resources: Sequence[Resource] = listing.resources
    ownership = split_live(
        resources, request.recorded, request.application.ownership, resource_type
    )
    comparator = Comparator(resource_type.value, request.live.capabilities.schemas)
    pairing = Matcher(candidates, ownership, comparator).pair()
    by_anchor = {candidate.source_id: candidate for candidate in candidates}
    return Side(resource_type, table, ownership, pairing, comparator, by_anchor)


@dataclass(frozen=True, slots=True)
class _People:
    """What happens to accounts, and who is on which rung of leaving."""

    drafts: list[Draft]
    waiting: tuple[Waiting, ...]
    """The deletes that are due, and have to wait."""
    leaving: Leaving


def _people(context: Context, desired: DesiredState) -> _People:
    """Return what happens to accounts; deletes by ``delete_after`` take the room that is left."""
    loss = RoleLoss(context.users.table, context.application.roles, context.users.comparator)
    drafts = [*pair_drafts(context, loss), *create_drafts(context)]
    drafts = settle(context.users, drafts)
    leavers = list(leaving_drafts(context, desired.disabling_the_gone))
    for draft in (*drafts, *leavers):
        if deletes(context, draft) and draft.action is not Action.DELETE:
            draft.reason = f"{draft.reason}; {DELETES_WHOEVER_IS_OFF}"
    asked = deleted_by(context, [*drafts, *leavers])
    configured = context.application.safety.delete_users
    owned = len(context.users.ownership.ours) + len(context.users.settled)
    room = max(0, limit_of(owned, configured.percent, configured.at_most) - len(asked))
    rungs = resting(context, desired.disabling_the_gone)
    due, waiting = deletes_in_time(context, rungs, room)
    going = deleted_by(context, due)
    drafts += [draft for draft in leavers if draft.target_id not in going]
    drafts += due
    return _People(drafts, waiting, leaving_of(rungs, deleted_by(context, drafts), waiting))


def deleted_by(context: Context, drafts: Sequence[Draft]) -> frozenset[str]:
    """Return the ids of what *drafts* delete, under whatever name."""
    return frozenset(d.target_id for d in drafts if d.target_id and deletes(context, d))


def deletes(context: Context, draft: Draft) -> bool:
    """Say whether *draft* deletes, also by a disable where the service deletes by that."""
    if draft.action is Action.DELETE:
        return True
    by_disable = context.profile.deprovision.active_false == "deletes"
    user, exists = draft.resource_type is ResourceType.USER, draft.target_id is not None
    return by_disable and user and exists and turns_off(draft.changes)


def _with_groups(
    context: Context, drafts: list[Draft], newcomers: frozenset[str]
) -> tuple[list[Draft], list[tuple[str, int]]]:
    """Add groups and their memberships; return the members without an account by group."""
    side = context.groups
    if side is None:
        return drafts, []
    groups = settle(side, list(group_drafts(context, side)))
    created = {d.source_id: d for d in groups if d.action is Action.CREATE and d.source_id}
    arriving = Newcomers(newcomers, frozenset(created))
    enabled = frozenset(d.target_id for d in drafts if d.action is Action.ENABLE and d.target_id)
    deleted = deleted_by(context, [*drafts, *groups])
    memberships = Memberships(context, side, arriving, deleted, enabled)
    standing: list[tuple[Candidate, str | None]] = [*side.pairing.pairs]
    standing += [(side.by_anchor[anchor], None) for anchor in created]
    left_out: list[tuple[str, int]] = []
    for candidate, target in standing:
        if context.concerns(candidate.source_id):
            members, missing = memberships.drafts(candidate, target)
            groups.extend(members)
            if missing:
                left_out.append((candidate.key, missing))
    return drafts + groups, left_out


def without_removals(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Return what takes nothing away, and what does."""
    kept: list[Draft] = []
    withheld: list[Draft] = []
    for draft in drafts:
        (withheld if takes(_as_operation(draft)) else kept).append(draft)
    return kept, withheld


def _as_operation(draft: Draft) -> Operation:
    """Return *draft* as an operation without number or binding, to judge its effects."""
    return Operation(
        "",
        0,
        draft.action,
        draft.resource_type,
        draft.key,
        draft.source_id,
        draft.target_id,
        draft.reason,
        tuple(draft.changes),
        None,
        tuple(draft.references),
    )


def _body(
    request: PlanRequest,
    context: Context,
    operations: tuple[Operation, ...],
    withheld: tuple[Operation, ...],
    people: _People,
    rest: Rest,
    warnings: Sequence[Warned],
) -> Body:
    """Put everything together that a reviewer needs."""
    application, directory = request.application, request.judge.directory
    filled = filled_columns(application, directory)
    source = SourceRows(len(directory.subjects), len(directory.groups), filled)
    profile = request.profile
    recorded = looking_back(request.recorded, request.as_of)
    population = count_population(
        application, rest.live, recorded, operations, source, profile, rest.settled
    )
    tenant_url = application.target.tenant_url
    return Body(
        application=request.name,
        operations_digest=operations_digest(request.name, tenant_url, operations),
        target=PlanTarget(tenant_url, application.target.profile, request.live.capabilities.digest),
        inputs=_inputs(request, rest.desired, source),
        read=proofs_of(request.live),
        operations=operations,
        withheld=withheld,
        waiting=people.waiting,
        leaving=people.leaving,
        skipped=skipped_of(context),
        unmanaged=unmanaged_of(context.users),
        warnings=tuple(warnings),
        guards=run_guards(operations, population, application.safety, withheld, profile),
        cost=cost_of(operations, pace_of(application.target, profile), profile.members.chunk),
        redacted=redacted_of(request.judge),
    )


def _inputs(request: PlanRequest, desired: DesiredState, source: SourceRows) -> Inputs:
    """Return the record of what the plan was made from."""
    return Inputs(
        as_of=request.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        config_sha256=request.config_sha256,
        source_sha256=request.judge.directory.sha256,
        users=source.users,
        groups=source.groups,
        unassigned=sum(not candidate.assigned for candidate in desired.users),
        journal_head=request.recorded.head,
        only=request.only,
        filled=dict(source.filled),
        rules_sha256=rules_digest(
            request.application, request.profile, request.judge.directory.default_domain
        ),
    )


def proofs_of(live: LiveState) -> ReadProofs:
    """Return how complete the listings of a plan were."""
    return ReadProofs(_proof(live.users), None if live.groups is None else _proof(live.groups))


def _proof(listing: Listing) -> ReadProof:
    return ReadProof(listing.total_results, len(listing.resources), listing.complete)
