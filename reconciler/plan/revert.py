"""
The plan that undoes another one: the story of a revert, read from top to bottom.

It is a plan like any other: in the same format and order, bound to the state of today,
judged by every guard. What differs is where its operations come from. Not from the
source, which is not read: from what a journal says was done, and from how the accounts
were before.

Called by :mod:`reconciler.workflow.revert_plan`. Pure: the same request gives the same
body, byte for byte (INV-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.config.model import Application
from reconciler.diff import Comparator, Pairing, split_live
from reconciler.diff.match import UNIQUE
from reconciler.expr import Surroundings
from reconciler.mapping import Table
from reconciler.plan.bind import bind
from reconciler.plan.build import deleted_by, deletes, proofs_of, without_removals
from reconciler.plan.cost import cost_of, pace_of
from reconciler.plan.document import (
    Body,
    Inputs,
    Leaving,
    Plan,
    PlanTarget,
    Redacted,
    Skipped,
    Unmanaged,
    Warned,
)
from reconciler.plan.drafts import Context, Draft, Side
from reconciler.plan.earlier import looking_back
from reconciler.plan.effects import DELETES_WHOEVER_IS_OFF
from reconciler.plan.guards import run_guards
from reconciler.plan.images import Deeds, Image, images_of
from reconciler.plan.names import problems
from reconciler.plan.operation import Action, Operation
from reconciler.plan.order import in_order
from reconciler.plan.plan_file import operations_digest
from reconciler.plan.population import SourceRows, count_population
from reconciler.plan.profiled import remarks_on_profile
from reconciler.plan.restore import CHANGED, LEFT, Left, Restoring, restored
from reconciler.plan.restore_members import memberships_restored
from reconciler.plan.unsent import Unsent
from reconciler.profiles.model import GENERIC, Profile
from reconciler.states import Listing, LiveState, Recorded, ResourceType

DIGEST_SHOWN = 12
"""Hex digits by which a plan is named, as in the names of files."""


@dataclass(frozen=True, slots=True)
class RevertRequest:
    """Everything that the plan which undoes another one is made from."""

    plan: Plan
    """The plan that was applied."""
    deeds: Deeds
    """What of it was done."""
    application: Application
    """As the configuration has it today: its limits hold, and its lifecycle."""
    live: LiveState
    recorded: Recorded
    as_of: datetime
    config_sha256: str
    removals: bool = True
    """False withholds what takes away (``--no-removals``)."""
    profile: Profile = GENERIC


def build_revert(request: RevertRequest) -> Body:
    """
    Return the body of the plan that undoes ``request.plan``.

    Both listings must be complete, as for every plan; the workflow refuses others before.
    """
    context, unsent = _context(request)
    plan = request.plan.digest[:DIGEST_SHOWN]
    redacted = _redacted(request, context)
    hidden = {
        kind: frozenset(one.path.lower() for one in redacted if one.resource_type is kind)
        for kind in ResourceType
    }
    restoring = Restoring(context, plan, hidden)
    images = images_of(request.deeds.done)
    restored(images.values(), restoring)
    memberships_restored(images, restoring, deleted_by(context, restoring.drafts))
    drafts = _with_free_names(restoring, [*_allowed(restoring)])
    for draft in drafts:
        if deletes(context, draft) and draft.action is not Action.DELETE:
            draft.reason = f"{draft.reason}; {DELETES_WHOEVER_IS_OFF}"
    withheld: list[Draft] = []
    if not request.removals:
        drafts, withheld = without_removals(drafts)
    sides = {side.resource_type: side for side in (context.users, context.groups) if side}
    operations = bind(in_order(drafts), sides)
    warnings = [
        *_warnings(request, images.values(), operations),
        *remarks_on_profile(context, (), unsent, operations, request.live.capabilities),
    ]
    kept = bind(in_order(withheld), sides)
    return _body(request, operations, kept, _skipped(request, restoring), warnings, redacted)


def _context(request: RevertRequest) -> tuple[Context, Unsent]:
    """Split both resource types by whose they are; nobody is paired, as no source is read."""
    application, profile = request.application, request.profile
    users = _side(request, ResourceType.USER, request.live.users)
    groups = None
    if application.mappings.groups is not None and request.live.groups is not None:
        groups = _side(request, ResourceType.GROUP, request.live.groups)
    unsent = Unsent.of(application, profile, users.table, groups.table if groups else None)
    never = unsent.users.why_nobody_is_disabled(users.table)
    day, recorded = request.as_of.date(), request.recorded
    return Context(application, day, recorded, users, groups, None, profile, never), unsent


def _side(request: RevertRequest, kind: ResourceType, listing: Listing) -> Side:
    application, schemas = request.application, request.live.capabilities.schemas
    mappings = application.mappings
    lines = mappings.users if kind is ResourceType.USER else mappings.groups or ()
    table = Table(lines, kind.value, schemas, Surroundings(request.as_of))
    owned = split_live(listing.resources, request.recorded, application.ownership, kind)
    return Side(kind, table, owned, Pairing(), Comparator(kind.value, schemas), {})


def _redacted(request: RevertRequest, context: Context) -> tuple[Redacted, ...]:
    """Return what no output shows: by the configuration of today, and by the plan itself."""
    sides = [side for side in (context.users, context.groups) if side is not None]
    today = {(side.resource_type, path) for side in sides for path in side.table.redacted}
    then = {(one.resource_type, one.path) for one in request.plan.body.redacted}
    return tuple(Redacted(kind, path) for kind, path in sorted(today | then))


def _allowed(restoring: Restoring) -> Iterator[Draft]:
    """Yield the drafts that `lifecycle.actions` allows, and note the others."""
    for draft in restoring.drafts:
        needed = "delete" if draft.action is Action.DELETE else "update"
        if restoring.context.may(needed):
            yield draft
        else:
            detail = f"`{needed}` is not among lifecycle.actions"
            restoring.leave(_image_of(draft), LEFT, detail)


def _with_free_names(restoring: Restoring, drafts: list[Draft]) -> list[Draft]:
    """Return *drafts* without the names that somebody else has by now, which are noted."""
    sides = [side for side in (restoring.context.users, restoring.context.groups) if side]
    return [draft for side in sides for draft in _settled(restoring, side, drafts)]


def _settled(restoring: Restoring, side: Side, drafts: Iterable[Draft]) -> list[Draft]:
    """Return the drafts of one type; a name that stays is not free for another, so it repeats."""
    left = [draft for draft in drafts if draft.resource_type is side.resource_type]
    while found := dict(problems(side, left)):
        for index, (code, detail) in found.items():
            draft = left[index]
            draft.changes = [one for one in draft.changes if one.path.lower() not in UNIQUE]
            if code != CHANGED:  # it speaks of a source, and there is none here
                detail = "its name, or externalId, was another's too before the plan"
            restoring.leave(_image_of(draft), CHANGED, detail)
        left = [one for one in left if one.changes or one.action is Action.DELETE]
    return left


def _image_of(draft: Draft) -> Image:
    """Return what *draft* is about, to say something of it."""
    return Image(draft.resource_type, str(draft.target_id), draft.key, draft.source_id)


def _skipped(request: RevertRequest, restoring: Restoring) -> tuple[Skipped, ...]:
    """Return what is not undone, and why, each once; in the order of every plan."""
    found = {_entry(restoring, one) for one in [*restoring.left, *_unsure(request.deeds)]}
    return tuple(
        sorted(found, key=lambda s: (s.resource_type, s.code, s.key, s.source_id, s.detail))
    )


def _unsure(deeds: Deeds) -> Iterator[Left]:
    """Yield what was begun, and nobody knows to be done."""
    for one in deeds.unsure:
        operation = one.operation
        image = Image(
            operation.resource_type,
            one.target_id or operation.target_id or "",
            operation.key,
            operation.source_id,
        )
        detail = f"its {operation.action.value} was begun and is not known to be done; what is "
        yield Left(image, one.code, f"{detail}there of it stays")


def _entry(restoring: Restoring, left: Left) -> Skipped:
    """Return one line of the skipped; known by its name of today, unless that is hidden."""
    image, side = left.image, restoring.side(left.image.resource_type)
    known_by, key = image.source_id or image.target_id, image.key
    if side is not None and image.target_id in side.ownership.live:
        key = side.key_of(image.target_id)
    elif side is not None and side.table.hides_name:
        key = known_by
    return Skipped(key, known_by, image.resource_type, left.code, left.detail)


def _warnings(
    request: RevertRequest, images: Iterable[Image], operations: Sequence[Operation]
) -> Iterator[Warned]:
    """Yield what to know before a revert is applied, and what to do after it."""
    body, plan = request.plan.body, request.plan.digest[:DIGEST_SHOWN]
    if operations and body.inputs.reverts is None:
        message = (
            f"the configuration and the source may still ask for what plan {plan} did: revert "
            "the commit that led to it too, or the next plan will do it again"
        )
        yield Warned("done-again", message)
    linked = sum(image.linked for image in images)
    if linked:
        message = (
            f"{linked} accounts or groups that plan {plan} linked stay linked, and so ours: a "
            "journal does not unlink; only what was written to them is undone"
        )
        yield Warned("stays-linked", message)
    undone = len(body.operations) - len(request.deeds.done)
    if undone:
        message = (
            f"{undone} of {len(body.operations)} operations of plan {plan} are not done, and "
            "applying it again goes on with them"
        )
        yield Warned("not-finished", message)


def _body(
    request: RevertRequest,
    operations: tuple[Operation, ...],
    withheld: tuple[Operation, ...],
    skipped: tuple[Skipped, ...],
    warnings: Iterable[Warned],
    redacted: tuple[Redacted, ...],
) -> Body:
    """Put everything together that a reviewer needs."""
    application, live, profile = request.application, request.live, request.profile
    inputs = _inputs(request)
    source = SourceRows(inputs.users, inputs.groups, inputs.filled)
    recorded = looking_back(request.recorded, request.as_of)
    population = count_population(application, live, recorded, operations, source, profile)
    name, target = request.plan.body.application, application.target
    return Body(
        application=name,
        operations_digest=operations_digest(name, target.tenant_url, operations),
        target=PlanTarget(target.tenant_url, target.profile, live.capabilities.digest),
        inputs=inputs,
        read=proofs_of(live),
        operations=operations,
        withheld=withheld,
        waiting=(),
        leaving=Leaving(0, 0, 0, 0, ()),
        skipped=skipped,
        unmanaged=Unmanaged(0, ()),
        warnings=tuple(warnings),
        guards=run_guards(operations, population, application.safety, withheld, profile),
        cost=cost_of(operations, pace_of(target, profile), profile.members.chunk),
        redacted=redacted,
    )


def _inputs(request: RevertRequest) -> Inputs:
    """
    Return the record of what the plan was made from.

    Of the source it says what the last plan applied said of it, so that the next plan
    is compared with that, and not with a source that a revert has never looked at. It is
    for whom the plan was that it undoes, and supersedes no more than that one did (INV-25).
    """
    then, recorded = request.plan.body.inputs, request.recorded
    known = recorded.applied_users is not None
    return Inputs(
        as_of=request.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        config_sha256=request.config_sha256,
        source_sha256=then.source_sha256,
        users=then.users if recorded.applied_users is None else recorded.applied_users,
        groups=then.groups if recorded.applied_groups is None else recorded.applied_groups,
        unassigned=then.unassigned,
        journal_head=recorded.head,
        only=then.only,
        filled=dict(recorded.applied_filled if known else then.filled),
        reverts=request.plan.digest,
    )
