"""
What it means to lose a role.

A role value that goes, or is replaced by a weaker one, is taken from somebody:
an operation of its own, in a late wave, under a guard (ruling 13). The values
of an application are known strongest first, and so is what an expression makes
of them (``Switch(SingleAppRoleAssignment(…), , "admin", "Owner")``); a live value
that is none of these counts as stronger, so that replacing it is never waved
through, and is never cleared, because we did not write it. Values are compared
without case: a server may spell them its own way.

Where the whole list is mapped, every role of it that goes is lost, whoever gave
it (entra.md, section 1.10). What comes is given first, so one difference of the
list can be two changes: up to the list with both, then down to the wanted one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, combinations, islice

from reconciler.config.model import AppRole
from reconciler.diff import Comparator, Difference
from reconciler.expr import RoleGrant
from reconciler.mapping import Line, Table, attributes_of
from reconciler.scim.folding import fold
from reconciler.scim.roles import is_role_list, role_elements, role_values
from reconciler.shapes import MappingError

Held = frozenset[int]
"""Roles that somebody holds, by their place in the file: 0 is the strongest."""

MOST = 512
"""Sets of roles that an expression is asked for: all sets of nine roles, all pairs of thirty."""


class RoleLoss:
    """Tells a role that is lost from one that is gained, for one mapping table."""

    def __init__(self, table: Table, roles: Sequence[AppRole], comparator: Comparator) -> None:
        self._comparator = comparator
        targets = [target for target in table.role_targets if not is_role_list(target)]
        self._targets = frozenset(targets)
        self._values = tuple(target for target in targets if is_value(target))
        self._references = frozenset(line.target for line in table.lines if line.reference)
        plain = values_of(roles)
        self._held = {
            line.target: {**plain, **dict(reversed([*values_made(line, roles)]))}
            for line in table.lines
            if line.target in self._values
        }

    def revoked(self, found: Mapping[str, Difference]) -> dict[str, Difference]:
        """Return the differences that take a role away; all parts of a role go together."""
        roles = [found[path] for path in self._values if path in found]
        if any(map(self._is_loss, roles)):
            return {path: found[path] for path in found if path in self._targets}
        return {}

    def parted(self, difference: Difference) -> tuple[Difference | None, Difference | None]:
        """Return what a difference of all roles gives, and what it takes after that."""
        path, before, after = difference.path, difference.before, difference.after
        new = self._comparator.missing_roles(before, after)
        if not new:
            return None, difference
        both = (*role_elements(before), *new)
        gain = Difference(path, before, both)
        lost = self._comparator.missing_roles(after, before)
        return gain, Difference(path, both, after) if lost else None

    def leaves_alone(self, difference: Difference) -> bool:
        """Say whether a clearing of part of a role would clear what we did not write."""
        return difference.path in self._targets and difference.after is None

    def is_reference(self, path: str) -> bool:
        """Say whether the attribute refers to another resource."""
        return path in self._references

    def _is_loss(self, difference: Difference) -> bool:
        if isinstance(difference.before, list):  # values, where a service holds several
            return bool(folded_roles(difference.before) - folded_roles(difference.after))
        if difference.before is None:
            return False
        held = self._held[difference.path]
        before = held.get(fold(str(difference.before)))
        if difference.after is None:
            return before is not None
        after = held.get(fold(str(difference.after)), frozenset())
        return before is None or not (before <= after or _strongest(after) < _strongest(before))


def values_of(roles: Sequence[AppRole]) -> dict[str, Held]:
    """Return the values of *roles*, folded, each with the strongest role that has it."""
    ranks = reversed(list(enumerate(roles)))
    return {fold(role.value): frozenset({index}) for index, role in ranks}


def values_made(line: Line, roles: Sequence[AppRole]) -> Iterator[tuple[str, Held]]:
    """
    Yield what *line* makes of sets of *roles*, folded, the smallest and strongest sets first.

    What also depends on other attributes of a person is not foreseen.
    """
    for held in islice(_sets(len(roles)), MOST):
        grants = [RoleGrant(roles[index].value, roles[index].name) for index in held]
        with suppress(MappingError):
            value = line.yields(attributes_of({}, grants, soft_deleted=False))
            if isinstance(value, str):
                yield fold(value), frozenset(held)


def _sets(count: int) -> Iterator[tuple[int, ...]]:
    """Yield sets of *count* roles: the small ones first, and of these the strong ones."""
    return chain.from_iterable(combinations(range(count), size) for size in range(count + 1))


def _strongest(held: Held) -> float:
    return min(held, default=float("inf"))


def folded_roles(roles: object) -> frozenset[str]:
    """Return the values of one role, or of a list of them, in the form in which they compare."""
    return frozenset(map(fold, role_values(roles)))


def is_value(target: str) -> bool:
    """Say whether a role target holds the value, not the name or type, of a role."""
    return not target.lower().endswith((".display", ".type", ".displayname"))
