"""
Accounts that guards look at by name: privileged, protected, our own.

Used by :mod:`reconciler.plan.population`, which names them, and by
:mod:`reconciler.plan.settle`, which never leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.config.model import Application
from reconciler.diff import Comparator
from reconciler.lines import carries_role
from reconciler.mapping import Table
from reconciler.plan.roles import folded_roles, is_value, values_made
from reconciler.scim.folding import fold
from reconciler.scim.roles import ROLES
from reconciler.scim.schema import Schemas
from reconciler.states import Resource


@dataclass(frozen=True, slots=True)
class Watched:
    """Says of an account whether a guard looks at it."""

    comparator: Comparator
    paths: tuple[str, ...]
    """Where single roles are written."""
    privileged: frozenset[str] | None
    """Values of privileged roles, in the form in which they are compared; None: not mapped."""
    protected: frozenset[str]
    """Names on the protected list, folded."""
    me: str | None
    """Id of the account that our token belongs to; None: it is not known."""

    @classmethod
    def of(
        cls, application: Application, schemas: Schemas, me: str | None, comparator: Comparator
    ) -> Watched:
        """Return whom the guards of *application* look at."""
        lines = [line for line in application.mappings.users if carries_role(line)]
        table = Table(lines, "User", schemas)
        paths = tuple(target for target in table.role_targets if is_value(target))
        privileged = _privileged(application, table, paths) if paths else None
        listed = frozenset(fold(name) for name in application.safety.protected)
        return cls(comparator, paths, privileged, listed, me)

    @property
    def role_paths(self) -> frozenset[str]:
        """Where single roles are written, in lower case."""
        return frozenset(path.lower() for path in self.paths)

    @property
    def watches_nobody(self) -> bool:
        """Whether no guard looks at any account by name."""
        return self.me is None and self.privileged is None and not self.protected

    def is_watched(self, resource: Resource, anchor: str | None) -> bool:
        """Say whether a guard looks at an account, which our journals link to *anchor*."""
        if self.watches_nobody:
            return False
        return (
            resource["id"] == self.me
            or self.is_privileged(resource)
            or self.is_protected(resource, anchor)
        )

    def is_privileged(self, resource: Resource) -> bool:
        """Say whether an account holds a privileged role, in `roles` or at a path of its own."""
        if self.privileged is None:
            return False
        readers = (self.comparator.attribute(path).read for path in (ROLES, *self.paths))
        return any(folded_roles(read(resource)) & self.privileged for read in readers)

    def is_protected(self, resource: Resource, anchor: str | None) -> bool:
        """Say whether the protected list names an account, by userName or objectId."""
        if not self.protected:
            return False
        live = self.comparator.live_value
        shown = [live(resource, name) for name in ("userName", "externalId")]
        names = {fold(name) for value in (*shown, anchor) for name in _texts(value)}
        return bool(names & self.protected)


def _texts(value: object) -> Iterable[str]:
    """Return the texts in a canonical value; some services send a list for a name."""
    values = value if isinstance(value, tuple) else (value,)
    return (one for one in values if isinstance(one, str))


def _privileged(
    application: Application, table: Table, paths: Sequence[str]
) -> frozenset[str] | None:
    """
    Return the values of privileged roles, and what mappings make of them alone, or None.

    What a mapping also makes of other roles ("licensed") says nothing about admins.
    """
    roles = application.roles
    strong = frozenset(index for index, role in enumerate(roles) if role.privileged)
    if not strong:
        return None
    lines = [line for line in table.lines if line.target in paths]
    made = [pair for line in lines for pair in values_made(line, roles)]
    others = {value for value, held in made if not held & strong}
    named = {fold(role.value) for role in roles if role.privileged}
    return frozenset(named | {value for value, _ in made} - others)
