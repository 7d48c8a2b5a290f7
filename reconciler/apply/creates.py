"""
Creates: the one write that cannot simply be sent again (INV-13).

What is there already is looked for first. A lost answer is followed by a look
under the new name, for as long as the service may take to show it: what is found
and is just what was sent is ours; nothing found there is looked for by our mark, the
externalId, since somebody may have renamed it. Where nothing is found, the request is sent
again only once no late one can arrive any more, and only if the service keeps names unique,
so that a late one cannot become a second resource (it can, where somebody renames the
first); otherwise the run goes on without it, and the next run of the plan, or the next
plan, says what became of it (reliability.md, 2.1 and F07). A create that was answered with a
success is never sent again, by no run.

Used by :class:`reconciler.apply.steps.Stepper`.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.apply.means import ATTEMPTS, LOST, Means, Unfit, ignored
from reconciler.apply.report import Result
from reconciler.plan.encode import encode_create
from reconciler.plan.operation import Operation
from reconciler.scim.errors import AmbiguousOutcome, TargetRefused, code_of
from reconciler.scim.paths import parse_path
from reconciler.shapes import MappingError
from reconciler.states import Resource, ResourceType

HELD_BACK = 1800
"""Seconds that a request may wait after its intent: all that one run may pause (INV-20)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A create whose intent is on disk, and what it came to so far."""

    made: Operation
    """With the values that were made for the request."""
    end: Resource | Exception | None = None
    """What the service answered, or why not; None: it is still to be sent."""


class Creator:
    """Creates resources, one at a time; safe to call from several threads."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._began = means.clock.now()
        """Nothing of an earlier run was sent after that."""
        self._unique = {kind: self._is_unique(kind) for kind in ResourceType}
        """Of which kinds the service keeps the names unique."""

    def create(self, operation: Operation) -> tuple[Result, str]:
        """
        Create a resource, unless it is there already; return its id, too.

        Raises:
            Unfit: It was not created, or cannot be shown to have been.
            TargetError: The target refused it.
        """
        present = self._there_before(operation)
        if present is not None:
            return Result.ALREADY, self._ours(operation, present)
        made = self.made(operation)
        self._means.intend(operation, None)
        return self.go_on(operation, Sent(made))

    def go_on(self, operation: Operation, sent: Sent) -> tuple[Result, str]:
        """
        Go on with a create that has been begun, and may have been *sent* with others.

        Raises:
            Unfit, TargetError: As :meth:`create`.
        """
        code = LOST
        for attempt in range(ATTEMPTS):
            self._means.wait_before(attempt)
            sent = Sent(self.made(operation)) if attempt else sent
            try:
                return Result.VERIFIED, self._request(operation, sent)
            except AmbiguousOutcome as error:
                code = code_of(error)
        raise Unfit(Result.FAILED, code, "no answer that counts, and nothing was created")

    def _there_before(self, operation: Operation) -> Resource | None:
        """
        Return what an earlier run has created, or may have before it died.

        Raises:
            Unfit: It is gone again; or somebody else has made it since the plan.
        """
        means = self._means
        known = means.memory.created.get(operation.id)
        if known is not None:
            return means.found(operation, known)
        if operation.id in means.memory.in_doubt:
            self._settle(operation)
            return self._found_later(operation)
        if not self._seems_free(operation) and self._found(operation) is not None:
            raise Unfit(Result.CONFLICT, "EntryConflict", f"{operation.key} exists by now")
        return None

    def _seems_free(self, operation: Operation) -> bool:
        """
        Say whether nobody is seen under the name, where the service refuses whoever is overlooked.

        Where names are not unique, this look is all that keeps us from a second one, so
        each create looks for itself (decision 35).
        """
        return self.may_be_sent_again(operation) and self._glance(operation) == []

    def _glance(self, operation: Operation) -> list[Resource] | None:
        """Return who is seen under the name, asked with other creates; None if it is not."""
        change = operation.change_of(operation.resource_type.named_by)
        if change is None:
            return None
        seen = self._means.glance(operation.resource_type, str(change.after))
        return None if seen is None else list(seen)

    def _settle(self, operation: Operation) -> None:
        """
        Wait until the request of an earlier run cannot be carried out any more (2.1, F35).

        The journal knows when it was meant, and not when it went: the service may have asked
        for a wait in between. So the time begins with this run, unless all that is long over.
        """
        means, since = self._means, self._means.memory.intended.get(operation.id)
        longest = means.profile.concurrency.settle_seconds
        if since is None or (self._began - since).total_seconds() < HELD_BACK + longest:
            left = longest - (means.clock.now() - self._began).total_seconds()
            means.clock.sleep(max(left, 0.0))

    def _request(self, operation: Operation, sent: Sent) -> str:
        """
        Send the create once, if it is not sent yet, and return the id of what it created.

        Raises:
            AmbiguousOutcome: Nothing is there, and it may be sent again.
            Unfit, TargetError: It was not created, or cannot be shown to have been.
        """
        code = LOST
        try:
            created = self._answer(operation, sent)
        except AmbiguousOutcome as error:
            present, code = self._perhaps_made(operation), code_of(error)
            if present is None and self.may_be_sent_again(operation):
                raise
        except TargetRefused as error:
            present = self._taken(operation, error)
        else:
            if "id" in created:
                return self._shown(sent, str(created["id"]))
            present = self._found_later(operation)
        if present is None:
            detail = (
                f"nobody can say whether {operation.key} was created: it is not found under its "
                "name now; plan again later"
            )
            raise Unfit(Result.FAILED, code, detail)
        return self._ours(operation, present)

    def _answer(self, operation: Operation, sent: Sent) -> Resource:
        """Return what the service answers, or has answered; raises as the port's `create`."""
        if sent.end is None:
            return self._means.target.create(operation.resource_type, encode_create(sent.made))
        if isinstance(sent.end, Exception):
            raise sent.end
        return sent.end

    def _perhaps_made(self, operation: Operation) -> Resource | None:
        """Look for what a request without an answer has created, until it cannot come any more."""
        found = self._found_later(operation)
        if found is None and self.may_be_sent_again(operation):
            self._means.clock.sleep(self._means.profile.concurrency.settle_seconds)
            found = self._found_later(operation)
        return found

    def made(self, operation: Operation) -> Operation:
        """Return *operation* with the values that are made for one request alone."""
        try:
            return self._means.values.made(operation)
        except MappingError as error:
            raise Unfit(Result.FAILED, "EntrySynchronizationSkipped", str(error)) from error

    def may_be_sent_again(self, operation: Operation) -> bool:
        """Say whether the service refuses a second resource of the same name."""
        return self._unique[operation.resource_type]

    def _is_unique(self, kind: ResourceType) -> bool:
        definition = self._means.capabilities.schemas.of(kind.value, parse_path(kind.named_by))
        return definition is not None and definition.uniqueness != "none"

    def _found(self, operation: Operation) -> Resource | None:
        """
        Return what is live under the name that a create will use, if anything is.

        Raises:
            Unfit: Several resources carry our mark; nobody can say which is which.
        """
        name = operation.resource_type.named_by
        change = operation.change_of(name)
        if change is None:
            return None
        found = self._means.target.search(operation.resource_type, name, str(change.after))
        external = operation.change_of("externalId")
        marked = [r for r in found if external and r.get("externalId") == external.after]
        if len(marked) > 1:
            raise self._several(operation, len(marked))
        return next(iter(marked or found), None)

    def _found_later(self, operation: Operation) -> Resource | None:
        """
        Look for what a request may have created, as long as it may take to show.

        Under its name, and then by our mark: somebody may have renamed it since (F07).

        Raises:
            Unfit: Several resources carry our mark.
        """
        found = self._means.look(lambda: self._found(operation), lambda found: found is not None)
        mark = operation.change_of("externalId")
        if found is not None or mark is None or not isinstance(mark.after, str):
            return found
        marked = self._means.target.search(operation.resource_type, mark.path, mark.after)
        if len(marked) > 1:
            raise self._several(operation, len(marked))
        return next(iter(marked), None)

    def _several(self, operation: Operation, count: int) -> Unfit:
        """Return the end of a create of which nobody can say which one it has made."""
        detail = f"{count} {operation.resource_type.value}s are {operation.key}"
        return Unfit(Result.CONFLICT, "DuplicateTargetEntries", detail)

    def _taken(self, operation: Operation, error: TargetRefused) -> Resource:
        """
        Return who has the name, when the target refused the create for that.

        Raises:
            TargetRefused: *error*, for another reason; or when nobody has the name.
        """
        present = None
        if error.status in self._means.profile.errors.duplicate:
            present = self._found(operation)
        if present is None:
            raise error
        return present

    def _ours(self, operation: Operation, present: Resource) -> str:
        """Return the id of *present* if this operation created it; else it is a conflict."""
        if self._means.missing(operation, present):
            detail = f"{operation.key} exists, and is not what this plan creates"
            raise Unfit(Result.CONFLICT, "EntryConflict", detail)
        return str(present["id"])

    def _shown(self, sent: Sent, target_id: str) -> str:
        """
        Return the id of what the target says it created, once a read shows it (INV-14).

        Raises:
            Unfit: No read does; with the id, since it was created all the same.
        """
        means, operation, kind = self._means, sent.made, sent.made.resource_type
        glanced_at = sent.end is not None  # with those that it was sent with
        for seen in () if glanced_at else self._glance(operation) or ():
            if seen["id"] == target_id and not means.missing(operation, seen):
                return target_id
        live = means.look(
            lambda: means.target.get(kind, target_id),
            lambda seen: seen is not None and not means.missing(operation, seen),
        )
        missing = means.missing(operation, live) if live is not None else []
        if live is not None and not missing:
            return target_id
        detail = f"created, and then not found by its id ({target_id})"
        unfit = ignored(missing) if missing else Unfit(Result.FAILED, "NotImplemented", detail)
        unfit.target_id = target_id
        raise unfit
