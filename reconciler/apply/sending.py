"""
One change on its way to a resource, until a read shows it.

What is looked for afterwards is two things: that everything shows that was to
change (INV-14), and that nothing is lost that was not to go
(:mod:`reconciler.apply.losses`). A change that was accepted and does not show is
sent once more and then given up; a service that takes more than it was asked to
is not written to any more. Either way the run ends there, because the next
resource would fare no better (reliability.md F30, F31).

A lost answer is never followed by sending blindly: what the look shows as
missing is sent, and only that (INV-13).

Used by :mod:`reconciler.apply.changes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from reconciler.apply.losses import losses
from reconciler.apply.means import ATTEMPTS, INCOMPATIBLE, LOST, Means, Unfit, ignored
from reconciler.apply.report import Result
from reconciler.plan.effects import disables, turns_off
from reconciler.plan.encode import Forms, Patch, Put, WouldBeLost, encode_changes
from reconciler.plan.groups import MEMBERS
from reconciler.plan.operation import Operation
from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotFound,
    TargetRefused,
    code_of,
)
from reconciler.states import Resource

TOO_MANY = frozenset({400, 413})
"""What services answer to more members than they take in one request (scim.md, 3.4 l)."""

IGNORED_BEFORE_GIVEN_UP = 2
"""How often a change is accepted without effect before it counts as ignored (F30)."""


@dataclass(slots=True)
class Sending:
    """One change on its way: what was there, what is there now, and how often it was tried."""

    means: Means
    operation: Operation
    before: Resource
    forms: Forms
    live: Resource = field(init=False)
    """As it was last read."""
    written: bool = False
    """Whether a request was accepted since *before* was read."""
    lost: bool = False
    """Whether the answer to a request was lost."""
    accepted: int = 0
    refused: int = 0
    code: str = LOST
    _judged: tuple[Resource, Resource, list[str]] | None = None
    """What was lost between two reads, which is asked about one read more than once."""

    def __post_init__(self) -> None:
        self.live = self.before

    def bring_about(self) -> None:
        """
        Send what is missing until it shows.

        Raises:
            Unfit: It does not, or something else is lost.
            TargetError: The target refused it.
        """
        for attempt in range(ATTEMPTS):
            self.means.wait_before(attempt)
            if self._is_brought_about():
                return
        detail = "no answer that counts, and not everything was changed"
        raise Unfit(Result.FAILED, self.code, detail)

    def _is_brought_about(self) -> bool:
        """Send once, and say whether a read shows the change; if not, it may be sent again."""
        try:
            self._send()
        except Conflict as error:
            self._learn(error)
            return False
        except NotFound:
            if not self._shows():
                raise
            return True
        except AmbiguousOutcome as error:
            self.code, self.lost = code_of(error), True
            if self._shows():
                return True
            if not self.means.observer.halfway(self.operation, self.live):
                raise
            return False
        if self._shows():
            return True
        self._count_as_ignored()
        return False

    def _send(self) -> None:
        """Send every request; fewer members in each when the target says that they are too many."""
        while True:
            version = self.means.versions.of(self.live)
            sent = 0
            try:
                for request in self._requests():
                    sent = _members_in(request)
                    self._send_one(request, version)
                    version, self.written = None, True  # it has made another version
            except TargetRefused as error:
                if self.written:  # what it took would pass for what others changed meanwhile
                    self._require_kept(self._now())
                if error.status not in TOO_MANY or sent < 2:
                    raise
                self.forms = replace(self.forms, chunk=sent // 2)
                self.live = self.means.found(self.operation, str(self.before["id"]))
            else:
                return

    def _requests(self) -> Sequence[Patch | Put]:
        """
        Return what is left to send: what was read last shows the rest already.

        Raises:
            Unfit: What the read does not show would be lost.
        """
        if self.forms.sends_back(self.operation.resource_type):
            self.live = self.means.to_send_back(self.operation, self.live)
        missing = set(self.means.missing(self.operation, self.live))
        left = structs.replace(
            self.operation,
            changes=tuple(c for c in self.operation.changes if c.path in missing),
            references=tuple(r for r in self.operation.references if r.path in missing),
        )
        try:
            return encode_changes(left, self.live, self.means.memory.resolve, self.forms)
        except WouldBeLost as error:
            raise Unfit(Result.FAILED, INCOMPATIBLE, str(error)) from error

    def _send_one(self, request: Patch | Put, version: str | None) -> None:
        target, kind = self.means.target, self.operation.resource_type
        if isinstance(request, Put):
            target.put(kind, str(self.before["id"]), request.body, version)
        else:
            target.patch(kind, str(self.before["id"]), request.operations, version)

    def _learn(self, error: Conflict) -> None:
        """Look after a refusal; the change may be there although it was refused."""
        now = self._now()
        if now is None or self.means.missing(self.operation, now):
            again, begun = self.refused > 0, self._may_be_begun()
            now = self.means.after_conflict(
                self.operation, self.live, now, error, again=again, begun=begun
            )
        self.live = self.before = now
        self.written = False
        self.refused += 1

    def _may_be_begun(self) -> bool:
        """Say whether a request before the one that was refused may have been carried out."""
        in_doubt = self.operation.id in self.means.memory.in_doubt
        return self.written or self.lost or in_doubt

    def _shows(self) -> bool:
        """
        Say whether a read shows the change, and keep what it shows.

        Raises:
            Unfit: The resource is gone, or something is lost that was not to go.
        """
        live = self.means.look_after(self._see, self._is_good)
        if live is None and not is_done(self.means, self.operation, None):
            self._require_kept(self.live)  # who deletes it does not undo what the target took
            raise self.means.gone(self.operation, str(self.before["id"]))
        self._require_kept(live)
        return live is None or not self.means.missing(self.operation, live)

    def _see(self) -> Resource | None:
        """Look, and keep what is shown; of what is gone, what was shown last."""
        now = self._now()
        self.live = now or self.live
        return now

    def _now(self) -> Resource | None:
        return self.means.target.get(self.operation.resource_type, str(self.before["id"]))

    def _require_kept(self, live: Resource | None) -> None:
        """
        Let the run end where the target has taken what it was not asked to.

        Raises:
            Unfit: With what is lost.
        """
        lost = self._lost(live)
        if lost:
            detail = (
                f"the target took more than it was asked to: {self.operation.key} lost "
                f"{', '.join(lost)}"
            )
            raise Unfit(Result.FAILED, INCOMPATIBLE, detail, ends_run=True)

    def _is_good(self, live: Resource | None) -> bool:
        return is_done(self.means, self.operation, live) and not self._lost(live)

    def _lost(self, live: Resource | None) -> list[str]:
        """Return what is lost; what a service takes from whoever is disabled is its own affair."""
        if live is None or disables(self.operation):
            return []
        judged = self._judged
        if judged is None or judged[0] is not self.before or judged[1] is not live:
            schemas = self.means.capabilities.schemas
            lost = losses(self.operation, self.before, live, schemas)
            judged = self._judged = self.before, live, lost
        return judged[2]

    def _count_as_ignored(self) -> None:
        """Let a change that was accepted without effect be sent once more, and no oftener."""
        self.accepted += 1
        again = self.means.observer.halfway(self.operation, self.live)
        if self.accepted == IGNORED_BEFORE_GIVEN_UP or not again:
            raise ignored(self.means.missing(self.operation, self.live))


def _members_in(request: Patch | Put) -> int:
    """Count the members that come or go by one request; who only stays cannot be halved."""
    operations = request.operations if isinstance(request, Patch) else ()
    named = [
        one
        for one in operations
        if one["op"] != "replace" and str(one["path"]).lower().startswith(MEMBERS)
    ]
    return sum(len(one["value"]) if isinstance(one.get("value"), list) else 1 for one in named)


def is_done(means: Means, operation: Operation, live: Resource | None) -> bool:
    """Say whether *live* shows what *operation* wants; nobody at all does where that deletes."""
    if live is None:
        return means.profile.deprovision.active_false == "deletes" and turns_off(operation.changes)
    return not means.missing(operation, live)
