"""
A target that is not written to any more once somebody has asked the run to end.

Between the moment at which a run is asked to end and the end of what it is doing
lie looks, waits and second attempts, and a change of a large group is several
requests. None of these is sent any more: at most what is on its way goes on
(INV-19). What was begun stays open in the journal, and the next run looks at it.

Used by :mod:`reconciler.workflow.apply_plan`, below :mod:`reconciler.apply.together`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from reconciler.ports import Halted, Notes, Target
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import TargetError
from reconciler.states import Listing, Resource, ResourceType


class Reading:
    """What hands every read on; what becomes of a change, its heirs say."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def discover(self) -> Capabilities:
        """Return what the service can do."""
        return self._target.discover()

    def list(
        self,
        resource_type: ResourceType,
        wanted: frozenset[str] | None = None,
        notes: Notes | None = None,
    ) -> Listing:
        """Return all resources of a type."""
        return self._target.list(resource_type, wanted, notes)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        """Return one resource, or None when it does not exist."""
        return self._target.get(resource_type, resource_id)

    def search(self, resource_type: ResourceType, path: str, value: str) -> Sequence[Resource]:
        """Return the resources whose attribute *path* equals *value*."""
        return self._target.search(resource_type, path, value)

    def search_many(
        self, resource_type: ResourceType, path: str, values: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        """Return who is seen with each of *values*; None where that must be asked alone."""
        return self._target.search_many(resource_type, path, values)


class Halting(Reading):
    """A target that raises Halted in place of sending a change, once *stop* is set."""

    def __init__(self, target: Target, stop: Event) -> None:
        super().__init__(target)
        self._stop = stop

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create a resource."""
        return self._open().create(resource_type, body)

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """Send one PATCH."""
        self._open().patch(resource_type, resource_id, operations, version)

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Replace a resource."""
        self._open().put(resource_type, resource_id, body, version)

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        """Delete a resource."""
        self._open().delete(resource_type, resource_id, version)

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        """Send several changes at once."""
        return self._open().bulk(operations)

    def _open(self) -> Target:
        """
        Return the target, if it may still be written to.

        Raises:
            Halted: The run was asked to end.
        """
        if self._stop.is_set():
            raise Halted("the run was asked to end")
        return self._target
