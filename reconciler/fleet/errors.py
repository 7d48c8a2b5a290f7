"""
What keeps a fleet from working.

* FleetError
  - FleetMissing      the extra is not installed
  - NoFleet           the configuration names no database
  - FleetUnreachable  the database cannot be reached, or refuses us

No message holds the connection string, or what the driver says of one: both may
hold the password.
"""

from __future__ import annotations

from reconciler.diagnostics import ReconcilerError


class FleetError(ReconcilerError):
    """Base of everything that keeps a fleet from working."""


class FleetMissing(FleetError):
    """The extra ``[fleet]`` is not installed."""


class NoFleet(FleetError):
    """A configuration has no `fleet:`, or two have the same name."""


class FleetUnreachable(FleetError):
    """The database cannot be reached, or refuses us."""
