"""
What it means to lose a role.

A role value that goes, or is replaced by a weaker one, is taken from somebody:
an operation of its own, in a late wave, under a guard (ruling 13). The values
of an application are known strongest first; a live value that is none of them
counts as stronger, so that replacing it is never waved through, and is never
cleared, because we did not write it. Values are compared without case: a server
may spell them its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.config.model import AppRole
from reconciler.diff import Difference
from reconciler.diff.normalize import fold
from reconciler.mapping import Table


class RoleLoss:
    """Tells a role that is lost from one that is gained, for one mapping table."""

    def __init__(self, table: Table, roles: Sequence[AppRole]) -> None:
        self._targets = frozenset(table.role_targets)
        self._values = tuple(t for t in table.role_targets if is_value(t))
        self._references = frozenset(line.target for line in table.lines if line.reference)
        ranks = reversed(list(enumerate(roles)))
        self._rank = {fold(role.value): index for index, role in ranks}

    def revoked(self, found: Mapping[str, Difference]) -> dict[str, Difference]:
        """Return the differences that take a role away; all parts of a role go together."""
        if any(self._is_loss(found[path]) for path in self._values if path in found):
            return {path: found[path] for path in found if path in self._targets}
        return {}

    def leaves_alone(self, difference: Difference) -> bool:
        """Say whether a clearing of part of a role would clear what we did not write."""
        return difference.path in self._targets and difference.after is None

    def is_reference(self, path: str) -> bool:
        """Say whether the attribute refers to another resource."""
        return path in self._references

    def _is_loss(self, difference: Difference) -> bool:
        before = self._rank.get(fold(str(difference.before)))
        if difference.before is None:
            return False
        if difference.after is None:
            return before is not None
        after = self._rank.get(fold(str(difference.after)), len(self._rank))
        return before is None or after > before


def is_value(target: str) -> bool:
    """Say whether a role target holds the value, not the name or type, of a role."""
    return not target.lower().endswith((".display", ".type", ".displayname"))
