"""
``quarantine show`` and ``clear``: how applications are, and a person's word that one is well.

Neither asks anything of a target, and `show` writes nothing. A clear is a record as all
others: who, why and when; the next apply tells those who were told of the quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.quarantine import Cleared, Health, judge
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


class NotInQuarantine(ReconcilerError):
    """There is nothing to clear."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an application is, and who last said that it is well."""

    health: Health
    cleared: Cleared | None


def standing_of(project: Project, name: str, wiring: Wiring) -> Standing:
    """
    Return how an application is.

    Raises:
        ConfigError: The configuration does not know it.
        RecordsAltered: A record is not what was written.
    """
    project.application(name)
    found = wiring.attempts(project, name)
    return Standing(judge(found.attempts), found.cleared)


def clear(project: Project, name: str, wiring: Wiring, reason: str) -> None:
    """
    End the quarantine of an application, by somebody who says why.

    Raises:
        ConfigError: The configuration does not know it.
        NotInQuarantine: It is in none, so that nothing is recorded.
        LockHeld: An apply of it is running.
        RecordsAltered: A record is not what was written.
    """
    project.application(name)
    with wiring.lock(project, name):
        if standing_of(project, name, wiring).health.since is None:
            raise NotInQuarantine(f"{name} is not in quarantine; nothing was cleared")
        author = wiring.author()
        # A name in the environment may hold bytes that are no UTF-8.
        by = author and author.encode("utf-8", "replace").decode("utf-8")
        wiring.note_attempt(project, name, "clear", by=by, reason=reason)
