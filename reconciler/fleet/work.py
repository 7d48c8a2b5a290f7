"""
One job: plan, or plan and apply, one application of one configuration.

No two jobs of an application run at the same time (`lock`), and the same job does not
wait twice (`waits_as`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Job = Literal["plan", "apply"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is asked to do."""

    fleet: str
    """Name of the configuration; the queue has the same."""
    application: str
    job: Job
    """`apply`: make a plan and apply it."""

    @property
    def lock(self) -> str:
        """What no two running jobs have."""
        return f"{self.fleet}/{self.application}"

    @property
    def waits_as(self) -> str:
        """What no two waiting jobs have."""
        return f"{self.lock}/{self.job}"

    @property
    def arguments(self) -> dict[str, Any]:
        """What is stored with the job."""
        return {"application": self.application, "job": self.job}

    def __str__(self) -> str:
        """Name it for people."""
        return self.waits_as
