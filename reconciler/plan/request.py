"""Everything that a plan is made from, read before it is begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reconciler.config.kept import LeftOut
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.directory import People
from reconciler.plan.noting import Noting, PeopleNote
from reconciler.profiles.model import GENERIC, Profile
from reconciler.states import LiveState, Recorded


def _noted_now(noting: Noting, people: People, number: int) -> PeopleNote | None:
    """Take it down now."""
    return noting.note(people)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Everything that a plan is made from."""

    name: str
    application: Application
    judge: Judge
    live: LiveState
    recorded: Recorded
    as_of: datetime
    """The one time of the plan, UTC (ruling 4)."""
    config_sha256: str
    only: tuple[str, ...] = ()
    """What ``--user`` and ``--group`` named, for the record."""
    selected: frozenset[str] | None = None
    """The anchors that *only* stands for; None for everybody."""
    removals: bool = True
    """False withholds what takes away (``--no-removals``)."""
    profile: Profile = GENERIC
    """What is known of the service."""
    note_people: Callable[[Noting, People, int], PeopleNote | None] = _noted_now
    """Takes down what some people should have, or knows what was; they are the block with a
    number."""
    left_out: tuple[LeftOut, ...] = ()
    """The mappings that are not part of *application*, because the service does not keep them."""
