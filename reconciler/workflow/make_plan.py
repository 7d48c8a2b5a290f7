"""
``plan``: read both sides, prove the reads complete, and say what would change.

The story of one plan for one application; nothing is written to the target.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from reconciler import __version__
from reconciler.config.model import Application
from reconciler.config.policy import check_profile, check_roots, under_policy
from reconciler.desired import Judge
from reconciler.diagnostics import ConfigError, Diagnostic, ReconcilerError
from reconciler.live.read import read_live
from reconciler.plan.build import build_plan
from reconciler.plan.document import Body, Header, Plan
from reconciler.plan.needed import needed_of
from reconciler.plan.plan_file import seal
from reconciler.plan.profiled import NO_PATCH, cannot_change, unchangeable, way_out
from reconciler.plan.request import PlanRequest
from reconciler.ports import NotesOf, Target
from reconciler.profiles.model import Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.scope.decide import Scope
from reconciler.states import Listing, LiveState, Recorded, ResourceType
from reconciler.workflow.project import Project
from reconciler.workflow.selection import find_subject, selected
from reconciler.workflow.taking_notes import Aids, TakingNotes
from reconciler.workflow.wiring import Wiring


class ReadIncomplete(ReconcilerError):
    """The target's listing was not proved complete: nothing is concluded from it (INV-1)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where plans come from; the same for all applications that are planned together."""

    commit: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the command asked for."""

    as_of: datetime
    """The one time of the plan, UTC (ruling 4)."""
    origin: Origin | None = None
    """Where the plan comes from; None to find out. Whoever plans for many asks git once."""
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    removals: bool = True
    policy: Project | None = None
    live: Callable[[NotesOf], LiveState] | None = None
    """Reads a live state that was saved before (``--offline-live``); None: ask the service."""
    keep_live: Callable[[LiveState], None] = lambda live: None
    """Called with the live state that the plan is made from (``--save-live``)."""
    keep_request: Callable[[PlanRequest], None] = lambda request: None
    """Called with everything that the plan is made from, to explain it."""


def make_plan(project: Project, name: str, wiring: Wiring, wish: Wish) -> Plan:
    """
    Return the plan for one application.

    What can be known without a request is checked before the first one.

    Raises:
        ConfigError: The source cannot be used, the policy forbids the target, or the target
            cannot be changed as the profile says.
        TargetError: The target cannot be read.
        ReadIncomplete: It was read, and the read proves nothing.
    """
    application = _judged_by_policy(project, name, wiring, wish.policy)
    profile = project.profile(application.target.profile)
    with project.quoted():
        directory = wiring.source(project).read()
        chosen = selected(directory, wish.users, wish.groups)
        Scope(application, directory, wish.as_of.date(), project.locate_in(name))
    with wiring.memo(project.folder, name) as memo:
        aids = Aids(memo, f"{project.loaded.sha256} {name}", wiring.cores())
        with TakingNotes(application, directory, wish.as_of, aids) as taking:
            request = _request(project, name, wiring, wish, taking, chosen)
            body = build_plan(request)
    require_a_way(body, request.live.capabilities, profile)
    return seal(body, header_of(wish.origin or origin_of(project, wiring), wiring))


def _request(
    project: Project,
    name: str,
    wiring: Wiring,
    wish: Wish,
    taking: TakingNotes,
    chosen: frozenset[str] | None,
) -> PlanRequest:
    """Read the other side, and return everything that the plan is made from."""
    application = taking.application
    if wish.live is not None:
        live = wish.live(taking.notes)
    else:
        live = _read(project, application, wiring, taking.notes)
    taking.live_is_read()
    wish.keep_live(live)
    require_complete(live)
    recorded = wiring.recorded(project, name, application)
    require_somebody(live, recorded)
    judge = taking.judge(live.capabilities)
    request = PlanRequest(
        name=name,
        application=application,
        judge=judge,
        live=live,
        recorded=recorded,
        as_of=wish.as_of,
        config_sha256=project.loaded.sha256,
        only=_only(judge, wish),
        selected=chosen,
        removals=wish.removals,
        profile=project.profile(application.target.profile),
        left_out=project.left_out(name),
        note_people=taking.of_people,
    )
    wish.keep_request(request)
    return request


def require_a_way(body: Body, capabilities: Capabilities, profile: Profile) -> None:
    """
    Refuse a plan whose changes nobody could carry out, before they fail one by one.

    Raises:
        ConfigError: With `no-patch`, and the flags that help.
    """
    stuck = unchangeable(body.operations, capabilities, profile)
    if stuck:
        kinds = [operation.resource_type for operation in stuck]
        message = f"{cannot_change(kinds)}, and this plan would change {len(stuck)}"
        raise ConfigError([Diagnostic(NO_PATCH, message, hint=way_out(kinds))])


def _only(judge: Judge, wish: Wish) -> tuple[str, ...]:
    """Return what was named, for the record; by objectId, when no output shows names (Redact)."""
    users = wish.users
    if judge.users.hides_name:
        users = tuple(find_subject(judge.directory, user).anchor for user in users)
    return (*users, *wish.groups)


def _read(
    project: Project, application: Application, wiring: Wiring, notes_of: NotesOf
) -> LiveState:
    """Connect, read and hang up."""
    with wiring.target(project, application) as target:
        return read_live(target, needed_of(application), notes_of)


def live_of(application: Application, target: Target) -> LiveState:
    """Read everything that the application's mappings are about, into memory."""
    return read_live(target, needed_of(application)).whole()


def require_complete(live: LiveState) -> None:
    """
    Refuse a listing that proves nothing.

    Raises:
        ReadIncomplete: With the page and the rule that it broke.
    """
    listings: tuple[Listing | None, ...] = (live.users, live.groups)
    problems = [
        listing.problem or "the read is not complete"
        for listing in listings
        if listing is not None and not listing.complete
    ]
    if problems:
        raise ReadIncomplete("; ".join(dict.fromkeys(problems)))


def require_somebody(
    live: LiveState, recorded: Recorded, doubtful: Collection[str | None] = ()
) -> None:
    """
    Refuse a listing that shows nobody where our journals know somebody (INV-4).

    A lost permission to read, or another tenant under the same address, looks just
    like that, and everybody would be created again.

    Args:
        live: What was read.
        recorded: What our journals say.
        doubtful: Ids of what a run has begun to delete, and may have deleted.

    Raises:
        ReadIncomplete: With the number of those who are known.
    """
    for kind, listing in ((ResourceType.USER, live.users), (ResourceType.GROUP, live.groups)):
        links = ((of, target) for (of, _), target in recorded.links.items())
        known = sum(of is kind and target not in doubtful for of, target in links)
        if known and listing is not None and not listing.resources:
            noun = kind.endpoint.lower().strip("/")
            raise ReadIncomplete(
                f"the listing of {noun} shows nobody, and by our journals {known:,} of ours are "
                "there: is it the right tenant, and may the credential still read "
                f"{noun}? If the service was emptied on purpose, begin anew with another "
                "`plans.store`"
            )


def _judged_by_policy(
    project: Project, name: str, wiring: Wiring, policy: Project | None
) -> Application:
    """Return the application, with its target pinned and its limits by the base branch."""
    application = project.application(name)
    if policy is None:
        return application
    judged = under_policy(name, application, policy.loaded.config.applications.get(name))
    profile = application.target.profile
    check_profile(name, project.profile(profile), policy.profile(profile))
    check_roots(name, wiring.roots(project, application), wiring.roots(policy, application))
    return judged


def origin_of(project: Project, wiring: Wiring) -> Origin:
    """Return where plans of *project* come from; it asks git."""
    return Origin(wiring.commit(project), wiring.author())


def header_of(origin: Origin, wiring: Wiring) -> Header:
    """Return what stands outside the digest."""
    return Header(
        created_at=wiring.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool_version=__version__,
        commit=origin.commit,
        author=origin.author,
    )
