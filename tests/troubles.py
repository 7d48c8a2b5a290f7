"""A target in memory that fails on order, for tests of what apply makes of it."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.scim.errors import AmbiguousOutcome
from reconciler.states import Resource, ResourceType
from tests.worlds import MemoryTarget

Do = Callable[[], Any]
"""Carries out what was asked."""

Trouble = Callable[[Do], Any]
"""Decides what becomes of one request."""


def honest(do: Do) -> Any:
    """Do it, and say so."""
    return do()


def lost_answer(do: Do) -> Any:
    """Do it, and lose the answer."""
    do()
    raise AmbiguousOutcome("the answer did not arrive")


def lost_request(do: Do) -> Any:
    """Lose the request on its way."""
    raise AmbiguousOutcome("the answer did not arrive")


def ignored(do: Do) -> Any:
    """Say that it was done."""


def refused(error: Exception) -> Trouble:
    """Answer with *error*."""

    def trouble(do: Do) -> Any:
        raise error

    return trouble


def after(event: Callable[[], object], then: Trouble = honest) -> Trouble:
    """Let *event* happen first: somebody else is quicker."""

    def trouble(do: Do) -> Any:
        event()
        return then(do)

    return trouble


class TroubledTarget(MemoryTarget):
    """A target whose next requests of a kind meet the troubles that were ordered, in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []
        """Method and id of every write that was tried; a create has no id."""
        self.patches: list[list[str]] = []
        """The paths of every PATCH that was tried."""
        self._ordered: dict[str, deque[Trouble]] = defaultdict(deque)

    def order(self, method: str, *troubles: Trouble) -> None:
        """Let the next requests of *method* (get, create, patch, put, delete) meet *troubles*."""
        self._ordered[method].extend(troubles)

    def _meet(self, method: str, do: Do) -> Any:
        waiting = self._ordered[method]
        return waiting.popleft()(do) if waiting else do()

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        found: Resource | None = self._meet(
            "get", lambda: MemoryTarget.get(self, resource_type, resource_id)
        )
        return found

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        self.asked.append(("create", ""))
        created: Resource = self._meet(
            "create", lambda: MemoryTarget.create(self, resource_type, body)
        )
        return created

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        self.asked.append(("patch", resource_id))
        self.patches.append([operation["path"] for operation in operations])
        self._meet(
            "patch", lambda: MemoryTarget.patch(self, resource_type, resource_id, operations)
        )

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        self.asked.append(("put", resource_id))
        self._meet("put", lambda: MemoryTarget.put(self, resource_type, resource_id, body))

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        self.asked.append(("delete", resource_id))
        self._meet("delete", lambda: MemoryTarget.delete(self, resource_type, resource_id))
