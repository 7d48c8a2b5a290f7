"""
References between people: managers, written only when both ends exist.

They run in a wave of their own, after everybody is created, and are looked at
anew in every plan. Only somebody in scope with one clear account can be referred
to: whoever is out of scope, skipped, or deleted in this plan is reported as
Entra reports it, `UnableToResolveReferenceAttributeValue`, and the rest of the
person is written. A reference that is there already stays, also to somebody who
has left: nobody loses a manager because the manager was switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.diff.normalize import reference_id
from reconciler.plan.drafts import Context, Draft
from reconciler.plan.operation import Action, Change, Reference
from reconciler.states import Candidate, DesiredValue, ReferenceTo, ResourceType

UNRESOLVED = "UnableToResolveReferenceAttributeValue"
"""Entra's skip reason for a reference whose other end is not there (entra.md, section 8)."""


class References:
    """Works out the references of one plan; collects those that lead nowhere."""

    def __init__(
        self, context: Context, newcomers: frozenset[str], deleted: frozenset[str]
    ) -> None:
        self._context = context
        self._newcomers = newcomers
        self._deleted = deleted
        self._in_scope = {
            candidate.source_id: target for candidate, target in context.users.pairing.pairs
        }
        self._targets = tuple(line.target for line in context.users.table.lines if line.reference)
        self.unresolved: list[tuple[str, str]] = []
        """Keys of people, and the attribute whose other end is missing."""

    def drafts(self) -> Iterator[Draft]:
        """Yield the updates that write references, for everybody who is in the plan."""
        if not self._targets or not self._context.may("update"):
            return
        side = self._context.users
        for candidate, target in side.pairing.pairs:
            if candidate.desired is not None and self._context.concerns(candidate.source_id):
                yield from self._draft(candidate, target, candidate.desired.managed)
        for candidate in side.pairing.unmatched:
            if candidate.desired is not None and candidate.source_id in self._newcomers:
                yield from self._draft(candidate, None, candidate.desired.created)

    def _draft(
        self, candidate: Candidate, target: str | None, values: Mapping[str, DesiredValue]
    ) -> Iterable[Draft]:
        """Yield the update of one person's references, if anything differs."""
        draft = Draft(
            Action.UPDATE,
            ResourceType.USER,
            candidate.key,
            candidate.source_id,
            target,
            candidate.reason,
        )
        for path in self._targets:
            if path in values:
                self._add(draft, path, values[path])
        if draft.changes or draft.references:
            yield draft

    def _add(self, draft: Draft, path: str, wanted: DesiredValue) -> None:
        """Add the change of one reference to *draft*, if it differs and can be resolved."""
        side = self._context.users
        before = None
        if draft.target_id is not None:
            read = side.comparator.attribute(path).read
            before = reference_id(read(side.live(draft.target_id)))
        if not isinstance(wanted, ReferenceTo):
            if before is not None and wanted is None and self._is_theirs(draft):
                draft.changes.append(Change(path, before, None))
            return
        anchor = wanted.source_id
        target = self._in_scope.get(anchor) or side.settled.accounts.get(anchor)
        if anchor in self._newcomers:
            key = side.by_anchor[anchor].key
            draft.references.append(Reference(path, anchor, ResourceType.USER, key))
        elif target is None:
            if not self._stands(anchor, before):
                self.unresolved.append((draft.key, path))
        elif target != before:
            draft.changes.append(Change(path, before, target))

    def _stands(self, anchor: str, before: str | None) -> bool:
        """Say whether the account already refers to somebody who left, and stays."""
        account = self._context.users.pairing.account_of.get(anchor)
        return account is not None and account == before and account not in self._deleted

    def _is_theirs(self, draft: Draft) -> bool:
        """Say whether the account is theirs already; nothing is taken while it is linked."""
        side, target = self._context.users, draft.target_id
        candidate = side.by_anchor[str(draft.source_id)]
        return target is not None and side.is_theirs(candidate, target)
