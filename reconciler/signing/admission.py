"""
Which approvals are believed, for which plan, and which blocked guards they let pass.

What is found beside a plan and in the store is sorted first: an approval that
fits, one that was meant for this plan and does not fit, one that is about
another plan. A guard that blocks passes with one that fits. With none that fits
and one that does not, the plan is refused for that reason (exit 6), since
somebody meant to let it pass; with none at all, it is blocked as before (exit 5).

An approval is used once, by one plan (INV-26): by the one that it let pass, be it by
the verdicts of the plan or by fresh counts. A run that was cut short goes on
with it, also when its time is over by then: what it let pass has begun.

Used by :mod:`reconciler.apply.verify`; what is in the store is read by
:mod:`reconciler.store.approvals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconciler.plan.document import Plan, Verdict
from reconciler.signing.approvable import obstacle, rule_of
from reconciler.signing.approval import (
    Approval,
    ApprovalUnfit,
    claimed,
    read_approval,
    require_another,
)
from reconciler.signing.keys import Signer, Trusted
from reconciler.signing.statements import SignatureRefused

SKEW = timedelta(minutes=5)
"""How far the clock of who approved may be ahead of ours (reliability.md, F67)."""

SHOWN = 12
"""Hex digits of a digest in a message."""


@dataclass(frozen=True, slots=True)
class Case:
    """What approvals are held against."""

    plan: Plan
    planner: Signer | None
    """Who signed the plan, if anybody did."""
    now: datetime
    used: Mapping[str, str] = field(default_factory=dict)
    """By digest of an approval, that of the plan whose journal has used it."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """An approval that was meant for this plan, as it seems, and why it does not fit."""

    guard: str | None
    """None: it cannot be read, so it may be about any."""
    why: str


@dataclass(frozen=True, slots=True)
class Presented:
    """The approvals that were found for a plan."""

    fits: tuple[Approval, ...] = ()
    misfits: tuple[Misfit, ...] = ()


def examine(files: Iterable[tuple[str, bytes]], case: Case, trusted: Trusted) -> Presented:
    """Sort the approvals in *files*, each a place and its bytes."""
    fits: dict[str, Approval] = {}
    misfits: list[Misfit] = []
    for place, data in files:
        approval, why = _judged(data, place, case, trusted)
        if approval is None:
            misfits.append(Misfit(None, f"{place}: {why}"))
        elif approval.operations_digest != case.plan.body.operations_digest:
            misfits += _for_another(approval, case)
        elif why:
            misfits.append(Misfit(approval.guard, f"{place}: {why}"))
        else:
            fits.setdefault(approval.sha256, approval)
    return Presented(tuple(fits.values()), tuple(misfits))


def _judged(data: bytes, place: str, case: Case, trusted: Trusted) -> tuple[Approval | None, str]:
    """Return what is in a file, and why it cannot be used; nothing when it can."""
    try:
        approval = read_approval(data, place, trusted)
    except SignatureRefused as exc:
        return claimed(data, place), str(exc)
    return approval, _unfit(approval, case, trusted)


def _for_another(approval: Approval, case: Case) -> Iterable[Misfit]:
    """Yield what is wrong with an approval of other operations, if it could still be used."""
    body = case.plan.body
    is_over = approval.sha256 in case.used or case.now >= approval.expires
    if approval.application == body.application and not is_over:
        theirs, ours = approval.operations_digest[:SHOWN], body.operations_digest[:SHOWN]
        why = f"it is for the operations {theirs}, and those of this plan are {ours}"
        yield Misfit(approval.guard, f"{approval.place}: {why}; approve this plan")


def _unfit(approval: Approval, case: Case, trusted: Trusted) -> str:
    """Return why *approval*, which is of this plan's operations, cannot be used; or nothing."""
    body = case.plan.body
    if (approval.application, approval.tenant_url) != (body.application, body.target.tenant_url):
        return f"it is for {approval.application} at {approval.tenant_url}"
    user = case.used.get(approval.sha256)
    if user is not None and user != case.plan.digest:
        return f"it was used by the plan {user[:SHOWN]}, and an approval is used once"
    if user is None:
        until = min(approval.expires, approval.not_before + trusted.trust.lifetime)
        if case.now >= until:
            return f"it expired at {until:%Y-%m-%dT%H:%M:%SZ}; approve again"
        if case.now < approval.not_before - SKEW:
            return f"it is good from {approval.not_before:%Y-%m-%dT%H:%M:%SZ} on, and not yet"
    try:
        for author in dict.fromkeys((case.plan.header.author, approval.author)):
            require_another(approval.approver, trusted, author, case.planner)
    except ApprovalUnfit as exc:
        return str(exc)
    return ""


def repeated(approval: Approval, presented: Presented) -> Approval | None:
    """
    Return the approval among what is *presented* that *approval* only repeats, if there is one.

    It has the same facts, reason and approver among them, and is good as long, up to the skew
    of clocks: what is given twice by mistake. One that is to be good for longer is another.
    """
    for one in presented.fits:
        known = replace(
            approval,
            not_before=one.not_before,
            expires=one.expires,
            sha256=one.sha256,
            place=one.place,
            data=one.data,
        )
        if known == one and abs(approval.expires - one.expires) <= SKEW:
            return one
    return None


def admitted(verdicts: Iterable[Verdict], plan: Plan, presented: Presented) -> dict[str, Approval]:
    """
    Return, by guard, the approval that lets it pass, for those of *verdicts* that block.

    Args:
        verdicts: Of the plan itself, or on fresh counts.
        plan: The plan; its own counts are what was approved.
        presented: What was found.

    Raises:
        ApprovalUnfit: A guard blocks that somebody meant to let pass, and it does not fit.
    """
    made = {one.id: one for one in plan.body.guards}
    found: dict[str, Approval] = {}
    problems: list[str] = []
    for verdict in (one for one in verdicts if one.blocked):
        planned = made.get(verdict.id)
        meant = [one for one in presented.fits if one.guard == verdict.id]
        judged = [(one, _too_little(one, verdict, planned)) for one in meant]
        good = next((one for one, why in judged if why is None), None)
        if good is not None:
            found[verdict.id] = good
            continue
        about = [one.why for one in presented.misfits if one.guard in (None, verdict.id)]
        problems += [*(f"{one.place}: {why}" for one, why in judged), *about]
    if problems:
        raise ApprovalUnfit("\n".join(dict.fromkeys(problems)))
    return found


def still_blocking(plan: Plan, presented: Presented) -> tuple[Verdict, ...]:
    """Return the guards that block *plan* and that nothing of what is *presented* lets pass."""
    return tuple(
        verdict
        for verdict in plan.body.guards
        if verdict.blocked
        and not any(
            one.guard == verdict.id and _too_little(one, verdict, verdict) is None
            for one in presented.fits
        )
    )


def _too_little(approval: Approval, verdict: Verdict, planned: Verdict | None) -> str | None:
    """Return why *approval* does not let *verdict* pass; None when it does."""
    if (why_not := obstacle(verdict)) is not None:
        return why_not
    count = None if planned is None else planned.count
    if approval.count != count:
        return f"it approves {approval.count} for {verdict.id}, and the plan has {count}"
    if rule_of(verdict.id).worse(verdict.count, approval.count):
        return f"it approves {approval.count} for {verdict.id}, and now it is {verdict.count}"
    new = set(verdict.effects) - set(planned.effects if planned else ())
    if new:
        return f"{verdict.id} blocks by now for what it did not when the plan was made: " + (
            f"{', '.join(sorted(new))}; plan again"
        )
    return None
