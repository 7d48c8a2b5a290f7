"""
Whether the extra ``[fleet]`` is there.

All other modules of this room import it at their top; who uses them asks here first, and
imports them only then, since the packages take a third of a second to import.
"""

from __future__ import annotations

from reconciler.fleet.errors import FleetMissing


def require_extra() -> None:
    """
    Check that Procrastinate and psycopg are there.

    Raises:
        FleetMissing: One is not, or finds no libpq.
    """
    try:
        import procrastinate  # noqa: F401
        import psycopg_pool  # noqa: F401
    except ImportError as exc:
        raise FleetMissing(
            "the fleet is an extra that is not installed: pip install 'scim-reconciler[fleet]'"
        ) from exc
