"""A SCIM service with faults, for testing what talks to one (face of this room)."""

from reconciler.testing.exchange import Reply, Request, Wire
from reconciler.testing.fault import Fault, Turn, Where
from reconciler.testing.faults import FAULTS
from reconciler.testing.faulty import FaultyScim, Injected, NeedsServe, Reached
from reconciler.testing.schedule import Inject, UnknownFault

__all__ = [
    "FAULTS",
    "Fault",
    "FaultyScim",
    "Inject",
    "Injected",
    "NeedsServe",
    "Reached",
    "Reply",
    "Request",
    "Turn",
    "UnknownFault",
    "Where",
    "Wire",
]
