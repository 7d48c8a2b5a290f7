"""
One operation, carried out: look, write down, send, look again.

The order is the guarantee. The precondition is read just before (INV-17), the
intent is on disk before a byte leaves (INV-12), and done is written only after
a read shows the result (INV-14). A lost answer is never answered by sending
blindly: the resource is looked at first, and what is there decides (INV-13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.apply.memory import Memory
from reconciler.apply.observe import Observer
from reconciler.apply.report import Outcome, Result, about_operation
from reconciler.apply.values import Values
from reconciler.plan.encode import Forms, Patch, Put, encode_changes, encode_create
from reconciler.plan.operation import Action, Operation
from reconciler.ports import Clock, Journal, Target
from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotAuthorized,
    TargetError,
    code_of,
)
from reconciler.shapes import MappingError
from reconciler.states import Resource, ResourceType

ATTEMPTS = 3
"""How often a write is sent when every look shows that it did not arrive."""

BACK_OFF = 1.0
"""Seconds before the second attempt; doubled after that."""

LOST = "Timeout"
"""Code of a write that never had an answer, unless one of its answers says more."""


class Unfit(Exception):
    """The operation cannot run, or had no effect; becomes its outcome."""

    def __init__(self, result: Result, code: str, detail: str) -> None:
        self.result, self.code, self.detail = result, code, detail
        super().__init__(detail)


def failure(operation: Operation, error: TargetError) -> Outcome:
    """Return the end of an operation that the target, or the road to it, made fail."""
    return Outcome(operation, Result.FAILED, operation.target_id, code_of(error), str(error))


class Stepper:
    """Carries out single operations; safe to call from several threads."""

    def __init__(
        self,
        target: Target,
        observer: Observer,
        memory: Memory,
        clock: Clock,
        journal: Journal,
        values: Values,
        forms: Forms,
    ) -> None:
        self._target = target
        self._observer = observer
        self._memory = memory
        self._clock = clock
        self._journal = journal
        self._values = values
        self._forms = forms

    def carry_out(self, operation: Operation) -> Outcome:
        """
        Run one operation and say how it ended.

        Raises:
            NotAuthorized: The credential is refused; the whole run must end.
        """
        try:
            result, target_id = self._run(operation)
        except Unfit as unfit:
            return Outcome(operation, unfit.result, operation.target_id, unfit.code, unfit.detail)
        except TargetError as error:
            self._values.hush(operation, error)
            if isinstance(error, NotAuthorized):
                raise
            return failure(operation, error)
        self._memory.remember(operation.resource_type, operation.source_id, target_id)
        return Outcome(operation, result, target_id)

    def _run(self, operation: Operation) -> tuple[Result, str]:
        if operation.action is Action.CREATE:
            return self._create(operation)
        target_id = operation.target_id or self._created_id(operation)
        if operation.action is Action.DELETE:
            return self._delete(operation, target_id), target_id
        return self._modify(operation, target_id), target_id

    def _created_id(self, operation: Operation) -> str:
        """Return the id of what this plan created for the same source object."""
        found = self._memory.ids.get((operation.resource_type.value, operation.source_id or ""))
        if found is None:
            detail = f"{operation.key} was not created, so there is nothing to change"
            raise Unfit(Result.CONFLICT, "UnableToResolveReferenceAttributeValue", detail)
        return found

    def _intend(self, operation: Operation, target_id: str | None) -> None:
        """Put on disk what is about to be sent."""
        self._journal.append("intent", **about_operation(operation, target_id))

    # creates

    def _create(self, operation: Operation) -> tuple[Result, str]:
        """Create a resource, unless it is there already."""
        present = self._lookup(operation)
        if operation.id in self._memory.in_doubt and present is not None:
            return Result.ALREADY, self._ours(operation, present)
        if present is not None:
            raise Unfit(Result.CONFLICT, "EntryConflict", f"{operation.key} exists by now")
        made = self._made(operation)
        self._intend(operation, None)
        code = LOST
        for attempt in range(ATTEMPTS):
            self._wait_before(attempt)
            made = self._made(operation) if attempt else made
            try:
                created = self._target.create(operation.resource_type, encode_create(made))
                return Result.VERIFIED, self._verified(made, created["id"])
            except (AmbiguousOutcome, Conflict) as error:
                present = self._lookup(operation)
                if present is not None:
                    return Result.VERIFIED, self._ours(operation, present)
                if isinstance(error, Conflict):
                    raise
                code = code_of(error)
        raise Unfit(Result.FAILED, code, "no answer that counts, and nothing was created")

    def _made(self, operation: Operation) -> Operation:
        """Return *operation* with the values that are made for one request alone."""
        try:
            return self._values.made(operation)
        except MappingError as error:
            raise Unfit(Result.FAILED, "EntrySynchronizationSkipped", str(error)) from error

    def _lookup(self, operation: Operation) -> Resource | None:
        """Return what is live under the name that a create will use, if anything is."""
        name = "userName" if operation.resource_type is ResourceType.USER else "displayName"
        change = operation.change_of(name)
        if change is None:
            return None
        found = self._target.search(operation.resource_type, name, str(change.after))
        external = operation.change_of("externalId")
        marked = [r for r in found if external and r.get("externalId") == external.after]
        return next(iter(marked or found), None)

    def _ours(self, operation: Operation, present: Resource) -> str:
        """Return the id of *present* if this operation created it; else it is a conflict."""
        if self._missing(operation, present):
            detail = f"{operation.key} exists, and is not what this plan creates"
            raise Unfit(Result.CONFLICT, "EntryConflict", detail)
        return str(present["id"])

    def _verified(self, operation: Operation, target_id: str) -> str:
        """Read a created resource back."""
        live = self._target.get(operation.resource_type, target_id)
        if live is None:
            raise Unfit(Result.FAILED, "NotImplemented", "created, and then not found by its id")
        self._demand(operation, live)
        return target_id

    # changes

    def _modify(self, operation: Operation, target_id: str) -> Result:
        """Change a resource, or find that nothing needs to be sent."""
        live = self._found(operation, target_id)
        doubtful = operation.id in self._memory.in_doubt
        possible = self._resolvable(operation)
        if doubtful and not self._missing(possible, live):
            return self._whole(operation, possible, Result.ALREADY)
        self._check(operation, live, doubtful=doubtful)
        if not possible.changes and not possible.references:
            return self._whole(operation, possible, Result.RECORDED)
        self._intend(operation, target_id)
        self._send(possible, target_id, live)
        self._demand(possible, self._found(operation, target_id))
        return self._whole(operation, possible, Result.VERIFIED)

    def _resolvable(self, operation: Operation) -> Operation:
        """Return *operation* without what refers to something that does not exist."""
        known = self._memory.ids
        existing = [
            r for r in operation.references if (r.resource_type.value, r.source_id) in known
        ]
        return replace(operation, references=tuple(existing))

    def _whole(self, operation: Operation, possible: Operation, result: Result) -> Result:
        """Refuse to call an operation done of which a part could not be resolved."""
        unresolved = [r.display for r in operation.references if r not in possible.references]
        if not unresolved:
            return result
        detail = f"not created, so they cannot be referred to: {', '.join(unresolved)}"
        raise Unfit(Result.CONFLICT, "UnableToResolveReferenceAttributeValue", detail)

    def _found(self, operation: Operation, target_id: str) -> Resource:
        live = self._target.get(operation.resource_type, target_id)
        if live is None:
            detail = f"{operation.key} is no longer there (id {target_id})"
            raise Unfit(Result.CONFLICT, "InvalidAnchor", detail)
        return live

    def _check(self, operation: Operation, live: Resource, *, doubtful: bool) -> None:
        """Refuse to write over what somebody else has changed since the plan."""
        if self._observer.as_planned(operation, live):
            return
        if doubtful and self._observer.halfway(operation, live):
            return
        detail = f"{operation.key} was changed since the plan was made"
        raise Unfit(Result.CONFLICT, "EntryConflict", detail)

    def _missing(self, operation: Operation, live: Resource) -> list[str]:
        """Return where *live* does not show what *operation* wants."""
        return self._observer.missing(operation, live, self._memory.resolve)

    def _send(self, operation: Operation, target_id: str, live: Resource) -> None:
        """Send the changes; after a lost answer, look, and send what the look shows as missing."""
        code = LOST
        for attempt in range(ATTEMPTS):
            self._wait_before(attempt)
            try:
                for request in self._requests(operation, live):
                    if isinstance(request, Put):
                        self._target.put(operation.resource_type, target_id, request.body)
                    else:
                        self._target.patch(operation.resource_type, target_id, request.operations)
            except AmbiguousOutcome as error:
                code = code_of(error)
                live = self._found(operation, target_id)
                if not self._missing(operation, live):
                    return
                if not self._observer.halfway(operation, live):
                    raise
            else:
                return
        raise Unfit(Result.FAILED, code, "no answer that counts, and not everything was changed")

    def _requests(self, operation: Operation, live: Resource) -> Sequence[Patch | Put]:
        """Return what is left to send: what *live* shows already is left out."""
        missing = set(self._missing(operation, live))
        left = replace(
            operation,
            changes=tuple(change for change in operation.changes if change.path in missing),
            references=tuple(each for each in operation.references if each.path in missing),
        )
        return encode_changes(left, live, self._memory.resolve, self._forms)

    def _wait_before(self, attempt: int) -> None:
        """Wait before the second attempt and later ones, longer each time."""
        if attempt:
            self._clock.sleep(BACK_OFF * 2 ** (attempt - 1))

    def _demand(self, operation: Operation, live: Resource) -> None:
        """Refuse to call an operation done whose result does not show."""
        missing = self._missing(operation, live)
        if missing:
            detail = f"the target accepted the change and ignored it at {', '.join(missing)}"
            raise Unfit(
                Result.FAILED, "SystemForCrossDomainIdentityManagementServiceIncompatible", detail
            )

    # deletes

    def _delete(self, operation: Operation, target_id: str) -> Result:
        """Delete a resource, unless it is gone already."""
        live = self._target.get(operation.resource_type, target_id)
        if live is None:
            return Result.ALREADY
        self._check(operation, live, doubtful=False)
        self._intend(operation, target_id)
        code = LOST
        for attempt in range(ATTEMPTS):
            self._wait_before(attempt)
            try:
                self._target.delete(operation.resource_type, target_id)
                code = "NotImplemented"
            except AmbiguousOutcome as error:
                code = code_of(error)
            if self._target.get(operation.resource_type, target_id) is None:
                return Result.VERIFIED
        raise Unfit(Result.FAILED, code, "the target still shows it after the delete")
