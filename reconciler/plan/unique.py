"""
The first free of several candidates: what SelectUniqueValue says for who is created.

A mapping yields candidates, best first (entra.md, section 4.2); which one is
free only a plan knows. Person by person, in the order of the source, it is the
first that no live account has, by the schema's case, and nobody before them in
this plan gets; a name that looks like one of these is not free either. When all
are taken nobody is created (`EntryConflict`). Accounts that exist keep what they
have, and are known by it.

Called by :mod:`reconciler.plan.build` between pairing and the first operation,
so that everything after it sees values and no choices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reconciler.diff import Rejected
from reconciler.diff.resemblance import Looks
from reconciler.plan.drafts import Context, Side
from reconciler.scim.folding import fold
from reconciler.states import Candidate, DesiredValue, FirstFree

TAKEN = "EntryConflict"
"""Entra's name for a value that the target has already; it escrows such a person."""


def choose(context: Context, side: Side) -> Side:
    """
    Return *side* with every choice made; who finds nothing free is rejected in its pairing.

    Who is not created by this plan chooses nothing.
    """
    if not any(map(_choices, side.by_anchor.values())):
        return side
    pairing, chooser = side.pairing, _Chooser(side)
    pairing.pairs = [(_known_by(side, one, target), target) for one, target in pairing.pairs]
    waiting, pairing.unmatched = pairing.unmatched, []
    for candidate in waiting:
        created = context.may("create") and context.concerns(candidate.source_id)
        chosen = chooser.choose(candidate) if created else candidate
        if isinstance(chosen, Rejected):
            pairing.rejected.append(chosen)
        else:
            pairing.unmatched.append(chosen)
    settled = [*(one for one, _ in pairing.pairs), *pairing.unmatched]
    return replace(side, by_anchor={**side.by_anchor, **{c.source_id: c for c in settled}})


def _choices(candidate: Candidate) -> list[str]:
    """Return the paths at which something has to be chosen."""
    created = candidate.desired.created if candidate.desired else {}
    return [path for path, value in created.items() if isinstance(value, FirstFree)]


def _known_by(side: Side, candidate: Candidate, target: str) -> Candidate:
    """Return *candidate*, known by the name that their account has, if a new one would choose."""
    if side.table.name is None or side.table.name.target not in _choices(candidate):
        return candidate
    return replace(candidate, key=side.key_of(target))


class _Chooser:
    """Makes the choices of one resource type, and remembers what is gone."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._taken: dict[str, set[Any]] = {}
        self._looks: dict[str, Looks] = {}

    def choose(self, candidate: Candidate) -> Candidate | Rejected:
        """Return *candidate* with values, or rejected."""
        desired = candidate.desired
        if desired is None:
            return candidate
        created, key = dict(desired.created), candidate.key
        for path in _choices(candidate):
            value = self._first_free(path, created[path])
            if value is None:
                detail = f"{path}: all values that SelectUniqueValue may take are taken"
                return Rejected(candidate, TAKEN, detail)
            created[path] = value
            if self._names(path):
                key = str(value)
        for path, value in created.items():
            if path in self._taken:
                self._taken[path].add(self._canonical(path)(value))
            if path in self._looks:
                self._looks[path].add(str(value))
        return replace(candidate, key=key, desired=replace(desired, created=created))

    def _names(self, path: str) -> bool:
        """Say whether *path* holds what people are known by, and may be shown."""
        name = self._side.table.name
        return self._is_name(path) and name is not None and not name.redacted

    def _is_name(self, path: str) -> bool:
        """Say whether *path* holds what people are told apart by."""
        name = self._side.table.name
        return name is not None and name.target == path

    def _first_free(self, path: str, choice: DesiredValue) -> Any:
        """Return the first value of *choice* that is free, None for none."""
        canonical, taken = self._canonical(path), self._taken_at(path)
        values = choice.values if isinstance(choice, FirstFree) else ()
        free = (value for value in values if canonical(value) not in taken)
        return next((value for value in free if self._is_unlike_others(path, value)), None)

    def _is_unlike_others(self, path: str, value: Any) -> bool:
        """Say whether nobody could be mistaken for another by *value*."""
        if not self._is_name(path):
            return True
        if path not in self._looks:
            taken = (one for one in self._taken_at(path) if isinstance(one, str))
            self._looks[path] = Looks(taken)
        return self._looks[path].suit(str(value))

    def _taken_at(self, path: str) -> set[Any]:
        """Return what is gone at *path*: read from the live accounts once, added to later."""
        if path not in self._taken:
            read, canonical = self._side.comparator.attribute(path).read, self._canonical(path)
            live = self._side.ownership.live.values()
            self._taken[path] = {canonical(read(one)) for one in live}
        return self._taken[path]

    def _canonical(self, path: str) -> Callable[[Any], Any]:
        """
        Return how values of *path* are compared.

        No two userNames may differ in case alone, whatever the schema says: such a
        create would be rejected (:mod:`reconciler.plan.names`).
        """
        if path.lower() == "username":
            return _folded
        return self._side.comparator.attribute(path).canonical


def _folded(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value
