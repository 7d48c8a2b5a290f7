"""
``quarantine show`` and ``clear``: how applications are, and a person's word that one is well.

Neither asks anything of a target, and `show` writes nothing. A clear is a record as all
others: who, why and when; the next apply tells those who were told of the quarantine.
"""

from __future__ import annotations

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.quarantine import Health, judge
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


class NotInQuarantine(ReconcilerError):
    """There is nothing to clear."""


def health_of(project: Project, name: str, wiring: Wiring) -> Health:
    """
    Return how an application is.

    Raises:
        ConfigError: The configuration does not know it.
        RecordsAltered: A record is not what was written.
    """
    project.application(name)
    return judge(wiring.attempts(project, name).attempts)


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
        if health_of(project, name, wiring).since is None:
            raise NotInQuarantine(f"{name} is not in quarantine; nothing was cleared")
        wiring.note_attempt(project, name, "clear", by=wiring.author(), reason=reason)
