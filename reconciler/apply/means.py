"""
What an operation is carried out with, and what every kind of it does.

*Intend*: nothing is sent that is not on disk before (INV-12). *Look*: a service
may take a while to show what was written, and says so in its profile; nobody
concludes from one look what a second one would show (reliability.md F33, F34).
*Wait*: before a second attempt, longer each time.

Used by :mod:`reconciler.apply.creates`, :mod:`reconciler.apply.changes` and
:mod:`reconciler.apply.deletes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from reconciler.apply.memory import Memory
from reconciler.apply.observe import Observer
from reconciler.apply.report import Result, about_operation
from reconciler.apply.values import Values
from reconciler.apply.versions import Versions
from reconciler.plan.operation import Operation
from reconciler.ports import Clock, Journal, Target
from reconciler.profiles import GENERIC, Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import Conflict, TargetBroken, TargetRefused, Throttled
from reconciler.states import Resource, ResourceType

ATTEMPTS: Final = 3
"""How often a write is sent when every look shows that it did not arrive."""

BACK_OFF: Final = 1.0
"""Seconds before the second attempt; doubled after that."""

LOST: Final = "Timeout"
"""Code of a write that never had an answer, unless one of its answers says more."""

INCOMPATIBLE: Final = "SystemForCrossDomainIdentityManagementServiceIncompatible"
"""Code of a service that does not do what it says."""

Seen = TypeVar("Seen")

Glance = Callable[[ResourceType, str], Sequence[Resource] | None]
"""Says who is seen under a name, asked together with others; None where it is asked alone."""


def _alone(resource_type: ResourceType, name: str) -> None:
    """Ask nothing together."""


class Unfit(Exception):
    """The operation cannot run, or had no effect; becomes its outcome."""

    def __init__(self, result: Result, code: str, detail: str, *, ends_run: bool = False) -> None:
        self.result, self.code, self.detail, self.ends_run = result, code, detail, ends_run
        self.target_id: str | None = None
        """The id of what a create is known to have made, although it cannot count as done."""
        super().__init__(detail)


def ignored(paths: Iterable[str]) -> Unfit:
    """Return the end of an operation whose success was announced and does not show (F30)."""
    detail = f"the target accepted the change and ignored it at {', '.join(paths)}"
    return Unfit(Result.FAILED, INCOMPATIBLE, detail, ends_run=True)


@dataclass(frozen=True, slots=True)
class Means:
    """The target, what is known of it, and where what happens is written down."""

    target: Target
    capabilities: Capabilities
    memory: Memory
    clock: Clock
    journal: Journal
    values: Values
    observer: Observer
    versions: Versions
    profile: Profile
    glance: Glance

    @classmethod
    def of(
        cls,
        target: Target,
        capabilities: Capabilities,
        memory: Memory,
        clock: Clock,
        journal: Journal,
        values: Values,
        profile: Profile = GENERIC,
        glance: Glance = _alone,
    ) -> Means:
        """Return the means of one run against a target that can do *capabilities*."""
        declared = capabilities.etag and profile.concurrency.etag == "if_declared"
        observer, versions = Observer(capabilities.schemas), Versions(declared=declared)
        known = target, capabilities, memory, clock, journal, values
        return cls(*known, observer, versions, profile, glance)

    def intend(self, operation: Operation, target_id: str | None) -> None:
        """Put on disk what is about to be sent."""
        about, counts = about_operation(operation, target_id), self.memory.counted(operation)
        self.journal.append("intent", **about, counts=counts)
        self.memory.begun_now.add(operation.id)

    def intend_all(self, operations: Sequence[Operation]) -> None:
        """Put on disk, all or none of it, what is about to be sent together."""
        intents = [
            {"kind": "intent", **about_operation(one, None), "counts": self.memory.counted(one)}
            for one in operations
        ]
        self.journal.append_all(intents)
        self.memory.begun_now.update(operation.id for operation in operations)

    def wait_before(self, attempt: int) -> None:
        """Wait before the second attempt and later ones, longer each time."""
        if attempt:
            self.clock.sleep(BACK_OFF * 2 ** (attempt - 1))

    def look(self, see: Callable[[], Seen], good: Callable[[Seen], bool]) -> Seen:
        """
        Return what *see* sees, once it is *good* or no longer can be expected to become so.

        How long that is, the profile says (``concurrency.read_after_write``).
        """
        lag = self.profile.concurrency.read_after_write
        seen = see()
        for number in range(lag.retries):
            if good(seen):
                break
            self.clock.sleep(lag.delay_seconds * 2**number)
            seen = see()
        return seen

    def look_after(self, see: Callable[[], Seen], good: Callable[[Seen], bool]) -> Seen:
        """
        Look after a write that was carried out, or may have been.

        Raises:
            TargetRefused: The look was refused, which says nothing of the write: it is in doubt.
            TargetError: There was no answer that says anything.
        """
        try:
            return self.look(see, good)
        except (Throttled, TargetBroken):
            raise
        except TargetRefused as error:
            error.after_write = True
            raise

    def before(self, operation: Operation, target_id: str) -> Resource | None:
        """
        Return the resource as it is before *operation*; None when it is gone.

        What this plan has written to it last was shown once, and is waited for: a
        service of several machines may answer from one that does not know it yet.
        """
        kind = operation.resource_type
        known = (kind, target_id) in self.memory.last
        return self.look(
            lambda: self.target.get(kind, target_id),
            lambda live: not known or (live is not None and self._shows_the_last(operation, live)),
        )

    def to_send_back(self, operation: Operation, live: Resource) -> Resource:
        """
        Return the resource to send back with a change made in it: *live*, or as it is shown later.

        Raises:
            Unfit: What this plan has written to it last does not show, and would be taken back.
        """
        if self._shows_the_last(operation, live):
            return live
        again = self.before(operation, str(live["id"]))
        if again is not None and self._shows_the_last(operation, again):
            return again
        detail = (
            f"{operation.key} does not show what was written to it before, which would be "
            "lost if the rest was sent back; plan again later"
        )
        raise Unfit(Result.CONFLICT, "EntryConflict", detail)

    def _shows_the_last(self, operation: Operation, live: Resource) -> bool:
        """Say whether *live* shows what this plan has written to it last, if anything."""
        last = self.memory.last.get((operation.resource_type, str(live["id"])))
        return last is None or not self.missing(last, live)

    def found(self, operation: Operation, target_id: str) -> Resource:
        """
        Return the resource that *operation* changes.

        Raises:
            Unfit: It is gone.
        """
        live = self.target.get(operation.resource_type, target_id)
        if live is None:
            raise self.gone(operation, target_id)
        return live

    def gone(self, operation: Operation, target_id: str) -> Unfit:
        """Return the end of an operation on something that is no longer there."""
        detail = f"{operation.key} is no longer there (id {target_id})"
        return Unfit(Result.CONFLICT, "InvalidAnchor", detail)

    def check(self, operation: Operation, live: Resource, *, begun: bool = False) -> None:
        """
        Refuse to write over what somebody else has changed since the plan (INV-17).

        What is half done already is fine where this operation has *begun*.

        Raises:
            Unfit: *live* is something else.
        """
        if self.observer.as_planned(operation, live):
            return
        if begun and self.observer.halfway(operation, live):
            return
        detail = f"{operation.key} was changed since the plan was made"
        raise Unfit(Result.CONFLICT, "EntryConflict", detail)

    def after_conflict(
        self,
        operation: Operation,
        before: Resource,
        now: Resource | None,
        error: Conflict,
        *,
        again: bool,
        begun: bool = False,
    ) -> Resource:
        """
        Return the resource as it is *now*, after a change was refused (409, 412), to try once more.

        Args:
            operation: What was to be done.
            before: The resource as it was read before.
            now: The same after the refusal; None when it is gone.
            error: The refusal.
            again: Whether it was refused before.
            begun: Whether an earlier request of the operation may have been carried out.

        Raises:
            Unfit: It was refused *again*, or somebody else has changed it or taken it away.
        """
        if now is None:
            raise self.gone(operation, str(before["id"]))
        self.check(operation, now, begun=begun)
        if again:
            detail = f"the target refuses the change as a conflict ({error.status})"
            raise Unfit(Result.CONFLICT, "EntryConflict", detail)
        self.versions.refused(before, now)
        return now

    def missing(self, operation: Operation, live: Resource) -> list[str]:
        """Return where *live* does not show what *operation* wants."""
        return self.observer.missing(operation, live, self.memory.resolve)
