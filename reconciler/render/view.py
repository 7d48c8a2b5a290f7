"""
What every form of a plan shows, as words and numbers.

The forms differ in layout only: the same sections in the same order, the same
symbols, the same sentences. Everything here is told from the :class:`Plan` and
from nothing else (product.md, section 6), and every string is safe to stand in
a line (:mod:`reconciler.render.values`).

Long lists are shortened, never silently: each says how many are not shown. The
limit holds per wave, so that a thousand creates cannot push three deletes off
the page.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from reconciler.plan.document import Body, Leaver, Plan, ReadProof, Skipped, Verdict
from reconciler.plan.operation import Action, Operation
from reconciler.render.approving import (
    NOTHING_SINCE,
    Approving,
    Since,
    approving,
    still_blocked,
)
from reconciler.render.operations import (
    NOUNS,
    SYMBOLS,
    TAKING,
    VERBS,
    OperationView,
    known_as,
    operation_view,
)
from reconciler.render.values import SENTENCE, shown

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a long list is shown."""

    operations: int
    """Per wave."""
    names: int
    """Per list of people, warnings or accounts."""


@dataclass(frozen=True, slots=True)
class Shortened(Generic[T]):
    """The beginning of a list, and how many more there are."""

    items: tuple[T, ...]
    hidden: int

    @property
    def total(self) -> int:
        """How many there are in all."""
        return len(self.items) + self.hidden


@dataclass(frozen=True, slots=True)
class WaveView:
    """The operations that may run at the same time."""

    number: int
    title: str
    takes: bool
    """Whether any of them takes something away."""
    operations: Shortened[OperationView]


@dataclass(frozen=True, slots=True)
class SkippedView:
    """The people and groups that are assigned and not written, of one code."""

    code: str
    entries: Shortened[tuple[str, str]]
    """Key and detail."""


@dataclass(frozen=True, slots=True)
class GuardView:
    """One guard's outcome."""

    id: str
    blocked: bool
    sentence: str
    judged: bool
    """Whether there was anything to judge: of nothing, nothing can be too much."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything that is shown of a plan, in the order in which it is shown."""

    application: str
    facts: tuple[tuple[str, str], ...]
    waves: tuple[WaveView, ...]
    withheld: Shortened[OperationView]
    waiting: Shortened[tuple[str, str]]
    """Key, and the day of our disable."""
    leaving: Shortened[tuple[str, str]]
    """Key, and on which rung of leaving."""
    rungs: str
    """How many stand on each rung."""
    skipped: tuple[SkippedView, ...]
    skipped_title: str
    unmanaged: Shortened[tuple[str, str]]
    """Key and label of accounts that are not ours."""
    warnings: Shortened[tuple[str, str]]
    """Code and message."""
    guards: tuple[GuardView, ...]
    summary: str
    cost: str
    outcome: str
    approving: Approving
    """How a blocked plan can be let pass."""
    blocked: bool
    hidden: int
    """Operations that are not shown."""

    @property
    def skipped_count(self) -> int:
        """How many are skipped, of all codes."""
        return sum(group.entries.total for group in self.skipped)


LEFT_ALONE = "Skipped, and left exactly as they are"


def view_of(
    plan: Plan,
    limits: Limits,
    stored: str | None,
    named: str | None = None,
    *,
    kept: bool = True,
    since: Since = NOTHING_SINCE,
) -> PlanView:
    """
    Return what is shown of *plan*.

    Args:
        plan: The plan; redacted before, if it is to be.
        limits: How much of long lists is shown.
        stored: The path by which the plan can be applied; None when it was not stored.
        named: What the person at the command calls it, if not by that path.
        kept: Whether it is in a file.
        since: What became of it since it was made.
    """
    body = plan.body
    waves = tuple(
        _wave(number, tuple(operations), limits)
        for number, operations in groupby(body.operations, key=lambda op: op.wave)
    )
    return PlanView(
        application=shown(body.application),
        facts=tuple(_facts(plan)),
        waves=waves,
        withheld=_shorten(body.withheld, limits.operations, operation_view),
        waiting=_waiting(body, limits),
        leaving=_leaving(body, limits),
        rungs=_rungs(body),
        skipped=_skipped(body, limits),
        skipped_title=LEFT_ALONE if body.inputs.reverts is None else "Not undone",
        unmanaged=_unmanaged(body, limits),
        warnings=_shorten(
            body.warnings, limits.names, lambda one: (shown(one.code), shown(one.message, SENTENCE))
        ),
        guards=tuple(map(_guard, body.guards)),
        summary=_summary(body),
        cost=_cost(body),
        outcome=_outcome(plan, stored, since),
        approving=approving(plan, named or stored, kept=kept, since=since),
        blocked=plan.blocked,
        hidden=sum(wave.operations.hidden for wave in waves),
    )


def _waiting(body: Body, limits: Limits) -> Shortened[tuple[str, str]]:
    """Return who is due to be deleted, beyond the plan's limit, and since when they are off."""
    return _shorten(
        body.waiting,
        limits.names,
        lambda one: (known_as(one.key, one.target_id), shown(one.disabled_on)),
    )


def _guard(verdict: Verdict) -> GuardView:
    sentence = shown(verdict.sentence, SENTENCE)
    judged = verdict.blocked or verdict.count > 0 or verdict.population > 0
    return GuardView(shown(verdict.id), verdict.blocked, sentence, judged)


def _shorten(given: Sequence[S], limit: int, show: Callable[[S], T]) -> Shortened[T]:
    """Return the first *limit* of *given*, as *show* shows them."""
    return Shortened(tuple(show(one) for one in given[:limit]), max(0, len(given) - limit))


def _wave(number: int, operations: Sequence[Operation], limits: Limits) -> WaveView:
    """Return one wave; its title says what happens in it."""
    kinds = dict.fromkeys((op.action, op.resource_type) for op in operations)
    title = " and ".join(f"{VERBS[action]} {NOUNS[kind]}" for action, kind in kinds)
    takes = any(SYMBOLS[action] in TAKING for action, _ in kinds)
    return WaveView(number, title, takes, _shorten(operations, limits.operations, operation_view))


def _facts(plan: Plan) -> Iterable[tuple[str, str]]:
    """Yield what a plan was made of, and the names by which it is approved."""
    body = plan.body
    inputs = body.inputs
    yield "target", f"{shown(body.target.tenant_url)} ({shown(body.target.profile)})"
    yield "as of", shown(inputs.as_of)
    if inputs.reverts is None:
        people = f"{_many(inputs.users, 'person', 'people')} ({inputs.unassigned} not assigned)"
        yield "source", f"{people}, {_many(inputs.groups, 'group', 'groups')}"
    else:
        yield "undoes", f"plan {shown(inputs.reverts)}"
    if inputs.only:
        yield "only", shown(", ".join(inputs.only), SENTENCE)
    proofs = [_proof("users", body.read.users)]
    if body.read.groups is not None:
        proofs.append(_proof("groups", body.read.groups))
    yield "read", "; ".join(proofs)
    yield "plan digest", shown(plan.digest)
    yield "operations digest", shown(body.operations_digest)


def _many(count: int, one: str, several: str) -> str:
    """Return *count* and what is counted."""
    return f"{count} {one if count == 1 else several}"


def _proof(noun: str, proof: ReadProof) -> str:
    """Return how complete a listing was (INV-1)."""
    of = "" if proof.total_results is None else f" of {proof.total_results}"
    end = "complete" if proof.complete else "INCOMPLETE: nothing is concluded from absence"
    return f"{proof.received}{of} {noun}, {end}"


def _skipped(body: Body, limits: Limits) -> tuple[SkippedView, ...]:
    """Return who is skipped, by code, in the order in which the codes come."""
    by_code: dict[str, list[Skipped]] = {}
    for one in body.skipped:
        by_code.setdefault(one.code, []).append(one)
    return tuple(
        SkippedView(
            shown(code),
            _shorten(
                entries,
                limits.names,
                lambda one: (known_as(one.key, one.source_id), shown(one.detail, SENTENCE)),
            ),
        )
        for code, entries in by_code.items()
    )


RUNGS = {
    "due": "its delete is in this plan",
    "withheld": "its delete is withheld",
    "waiting": "due since {delete_on}, beyond this plan's limit",
    "scheduled": "to be deleted from {delete_on} on",
    "disabled": "stays off",
}
"""What is said of somebody on each rung; who goes first stands first."""


def _leaving(body: Body, limits: Limits) -> Shortened[tuple[str, str]]:
    """Return who was disabled by us and is still off: a sample, and how many more."""
    sample = tuple(
        (known_as(one.key, one.target_id), _rung(one, _withholds_deletes(body)))
        for one in body.leaving.sample[: limits.names]
    )
    return Shortened(sample, max(0, body.leaving.count - len(sample)))


def _withholds_deletes(body: Body) -> bool:
    """Say whether ``--no-removals`` left out the deletes that are due: all of them, or none."""
    withheld = {one.target_id for one in body.withheld if one.action is Action.DELETE}
    return any(one.rung == "due" and one.target_id in withheld for one in body.leaving.sample)


def _rung(one: Leaver, withholds: bool) -> str:
    """Return where one leaver stands, since when, and why."""
    rung = "withheld" if withholds and one.rung == "due" else one.rung
    where = RUNGS[rung].format(delete_on=one.delete_on)
    return shown(f"{where}; disabled on {one.disabled_on}; {one.reason}", SENTENCE)


def _rungs(body: Body) -> str:
    """Return how many stand on each rung."""
    leaving = body.leaving
    with_delete = f"with a delete {'withheld' if _withholds_deletes(body) else 'in this plan'}"
    counts = {
        with_delete: leaving.due,
        "waiting for room": leaving.waiting,
        "to be deleted on a later day": leaving.scheduled,
        "staying off": leaving.disabled,
    }
    return ", ".join(f"{count} {words}" for words, count in counts.items() if count)


def _unmanaged(body: Body, limits: Limits) -> Shortened[tuple[str, str]]:
    """Return the accounts that are left alone: a sample, and how many more."""
    sample = [
        (known_as(one.key, one.target_id), one.label)
        for one in body.unmanaged.sample[: limits.names]
    ]
    return Shortened(tuple(sample), max(0, body.unmanaged.count - len(sample)))


def _summary(body: Body) -> str:
    """Return the plan in one line of numbers."""
    counts = Counter(operation.action for operation in body.operations)
    doing = [f"{counts[action]} to {verb}" for action, verb in VERBS.items() if counts[action]]
    aside = {
        "withheld": len(body.withheld),
        "waiting": len(body.waiting),
        "skipped": len(body.skipped),
        "unmanaged": body.unmanaged.count,
    }
    said = [f"{count} {word}" for word, count in aside.items() if count]
    end = f" Aside: {', '.join(said)}." if said else ""
    return f"Plan: {', '.join(doing) or 'nothing to change'}.{end}"


def _cost(body: Body) -> str:
    """Return what applying takes; the time only where a rate limit tells it."""
    requests = body.cost.requests
    by_method = {
        "GET": requests.GET,
        "POST": requests.POST,
        "PATCH": requests.PATCH,
        "DELETE": requests.DELETE,
    }
    methods = ", ".join(f"{count} {method}" for method, count in by_method.items() if count)
    total = _many(sum(by_method.values()), "request", "requests")
    took = f", about {_duration(body.cost.seconds)}" if body.cost.seconds else ""
    return f"Cost: {total}{f' ({methods})' if methods else ''}{took}."


def _duration(seconds: int) -> str:
    """Return *seconds* in the two largest units that are not zero."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    units = [(hours, "h"), (minutes, "min"), (left, "s")]
    return " ".join([f"{count} {unit}" for count, unit in units if count][:2])


def _outcome(plan: Plan, stored: str | None, since: Since) -> str:
    """Return what to do next."""
    if plan.blocked:
        return _blocked(plan, since)
    if not plan.body.operations:
        return "Nothing to do."
    if stored is None:
        return "No guard blocks this plan."
    return f"Apply it with: reconciler apply {shlex.quote(shown(stored, SENTENCE))}"


def _blocked(plan: Plan, since: Since) -> str:
    """Return what a plan that was blocked when it was made comes to now."""
    were = _ids(guard for guard in plan.body.guards if guard.blocked)
    if since.applied:
        history = f"reconciler history {shown(plan.body.application)}"
        return f"Blocked by {were} when it was made, and let through since; see: {history}"
    left = still_blocked(plan, since)
    if not left:
        return f"Blocked by {were} when it was made, and approved since."
    passed = _ids(guard for guard in plan.body.guards if guard.id in since.approved)
    already = f" Approved already: {passed}." if passed else ""
    return (
        f"Blocked by {_ids(left)}: nothing of this plan can be applied. Find the "
        f"cause, or change the limit in the reviewed file, and plan again.{already}"
    )


def _ids(guards: Iterable[Verdict]) -> str:
    return ", ".join(shown(guard.id) for guard in guards)
