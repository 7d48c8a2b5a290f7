"""Many workers, one queue: plans and applies as jobs in PostgreSQL (face of this room)."""

from reconciler.fleet.errors import FleetError, FleetMissing, FleetUnreachable, NoFleet
from reconciler.fleet.extra import require_extra

__all__ = ["FleetError", "FleetMissing", "FleetUnreachable", "NoFleet", "require_extra"]
