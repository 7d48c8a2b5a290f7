"""
Every fault there is, by name: the table that schedules choose from.

Adding one is adding a row to the table of its room, and its tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.testing.fault import Fault
from reconciler.testing.faults.bodies import BODIES
from reconciler.testing.faults.pages import PAGES
from reconciler.testing.faults.rows import ROWS
from reconciler.testing.faults.statuses import STATUSES
from reconciler.testing.faults.times import TIMES
from reconciler.testing.faults.wires import WIRES
from reconciler.testing.faults.writes import WRITE_FAULTS

_ALL: Final = (*STATUSES, *WIRES, *BODIES, *PAGES, *ROWS, *WRITE_FAULTS, *TIMES)

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType({fault.name: fault for fault in _ALL})
"""Faults by name, in the order of the documentation."""
