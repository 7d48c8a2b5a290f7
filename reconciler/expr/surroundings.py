"""
What an expression may know besides one person's attributes: time, default domain, chance.

All three come from outside, because the core reads no clock and rolls no dice
(ruling 4): a plan passes its ``as_of`` and the source's default domain and no
chance at all; ``apply`` passes a chance, so that the value of ``Guid()`` and
``RandomString()`` is made when it is sent and is stored nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Chance(Protocol):
    """Where unpredictable values come from."""

    def token(self, count: int) -> bytes:
        """Return *count* bytes that nobody can foresee."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The same for every person of one plan."""

    now: datetime | None = None
    """What ``Now()`` says: the plan's ``as_of``, aware, UTC."""
    default_domain: str | None = None
    """What ``DefaultDomain()`` says: ``source.default_domain``."""
    chance: Chance | None = None
    """None while a plan is made: what needs it is generated at apply."""


NOTHING = Surroundings()
"""Known when an expression is only checked."""

RANDOM_FUNCTIONS = frozenset({"Guid", "RandomString"})
"""Functions whose value is made at apply time; allowed with ``apply: on_create`` only."""

REDACTING_FUNCTIONS = frozenset({"Redact"})
"""Functions that hide the value of a mapping in every output (entra.md, section 4.2)."""
