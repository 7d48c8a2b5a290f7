"""
The workers of a database, as they show that they are alive.

Procrastinate keeps a row for each. One that ends takes its row away; that of one that was
killed is silent, and goes when another worker looks after it. A row does not say which
configurations its worker serves, so this is of all that share the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reconciler.fleet.database import Database

SILENCE: Final = 30.0
"""Seconds after which a worker counts as dead."""

_SEEN: Final = """
SELECT max(last_heartbeat) AS seen,
       count(*) FILTER (
           WHERE last_heartbeat >= now() - make_interval(secs => %(silence)s)
       ) AS alive
FROM procrastinate_workers
"""


@dataclass(frozen=True, slots=True)
class Workers:
    """How many there are, and when one was last heard of."""

    alive: int = 0
    seen: datetime | None = None
    """The newest sign of life; None when there is no row."""


def workers(database: Database) -> Workers:
    """
    Return how many workers live.

    Raises:
        FleetUnreachable: The database does not answer.
    """
    (row,) = database.run(_SEEN, silence=SILENCE)
    return Workers(row["alive"], row["seen"])
