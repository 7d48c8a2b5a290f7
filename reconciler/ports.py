"""
Every door of the house, on one page.

The core and ``apply`` see the world only through these protocols; adapters in
:mod:`reconciler.live`, :mod:`reconciler.source` and :mod:`reconciler.store`
implement them, and :mod:`reconciler.workflow.wiring` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.diagnostics import ConfigError, Diagnostic, ReconcilerError
from reconciler.directory import Directory, SourceGroup
from reconciler.scim.errors import TargetError

if TYPE_CHECKING:  # shapes only: who reads no plan does not wait for it
    from reconciler.plan.document import Plan
    from reconciler.plan.notices import Notice
    from reconciler.scim.bulk import BulkOperation
    from reconciler.scim.capabilities import Capabilities
    from reconciler.scim.paths import AttributePath
    from reconciler.states import Columns, Listing, Resource, ResourceType


class LockHeld(ReconcilerError):
    """Another apply of the same application is running."""


class JournalFailed(ReconcilerError):
    """The journal cannot be written any more, so nothing may be sent any more (INV-12)."""


class JournalGrown(JournalFailed):
    """The journal was written to since it was read; of this run nothing is written or sent."""


class StoreUnreachable(ReconcilerError):
    """The store of plans and journals does not answer, or does not let us in."""


class Halted(Exception):
    """The run was asked to end before this was done; an intent that was written stays open."""


class NotTold(ReconcilerError):
    """A notice could not be sent; it changes nothing else."""


class RecordsAltered(ReconcilerError):
    """Something in the store is not what was written; nothing is concluded from it (INV-34)."""


class PlanSuperseded(ReconcilerError):
    """A newer plan was applied: the older one is not what would be decided today (INV-25)."""


class SourceUnusable(ConfigError):
    """The source cannot be read; carries its groups when nothing is wrong with them."""

    def __init__(
        self, found: Iterable[Diagnostic], groups: Mapping[str, SourceGroup] | None = None
    ) -> None:
        super().__init__(found)
        self.groups = groups
        """By anchor; only for checking names, as whoever is in them may be missing."""


class Recall(Protocol):
    """
    What was worked out before of the same bytes, by the same rules.

    It costs time, and nothing else, when it knows nothing.
    """

    @property
    def secret(self) -> bytes:
        """The same in each run that goes by these rules, and known to nobody else."""
        ...

    def key(self, data: bytes) -> bytes:
        """Return what *data* is known by."""
        ...

    def knows(self, key: bytes) -> bool:
        """Say whether anything is known by *key*."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """Return what was worked out; None when it is not known."""
        ...

    def put(self, key: bytes, found: bytes) -> None:
        """Remember what was worked out."""
        ...


class Memo(Protocol):
    """What was worked out before, by whichever rules."""

    def by(self, rules: bytes) -> Recall:
        """Return what is remembered by *rules*: of other rules, everything is something else."""
        ...


class Proving(Protocol):
    """Works out, in another process, what pages come to."""

    def prove(self, body: bytes) -> Callable[[], bytes | None]:
        """Have it worked out; return what waits for it. None: it is to be done here."""
        ...


class Taking(Protocol):
    """Takes down what resources show, while they are read."""

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """What is asked of each resource."""
        ...

    def begin(self) -> None:
        """Forget everything: the listing begins anew."""
        ...

    def note(self, columns: Columns) -> Any:
        """Return what is to be taken down of resources that show *columns* at :attr:`paths`."""
        ...

    def joined(self, notes: Sequence[Any]) -> Any:
        """Return one note of what several, of which there is at least one, were taken of."""
        ...

    def read(self, note: bytes) -> Any:
        """Return a note that was written as MessagePack."""
        ...

    def add(self, ids: Sequence[str], note: Any) -> None:
        """Take down what is noted of the next resources."""
        ...


@dataclass(frozen=True, slots=True)
class Notes:
    """How notes are taken."""

    taking: Taking
    recall: Recall | None = None
    proving: Proving | None = None


NotesOf = Callable[["Capabilities"], "Notes | None"]
"""Says how notes are taken of a service's users, or that they are not."""


class Clock(Protocol):
    """Time; the only place it comes from."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """
        Wait *seconds*.

        Raises:
            Halted: The command was asked to end meanwhile; a clock need not notice.
        """
        ...


class Source(Protocol):
    """Where people and groups come from."""

    def read(self) -> Directory:
        """
        Return everything, read completely.

        Raises:
            SourceUnusable: With every problem found, each with its line.
        """
        ...

    def digest(self) -> str | None:
        """Return the digest of what `read` would return; None when it cannot be read here."""
        ...


class Target(Protocol):
    """
    The SCIM service.

    Every method raises :class:`reconciler.scim.errors.TargetError`. No method
    follows a redirect or a URL that the server names.
    """

    def discover(self) -> Capabilities:
        """Return what the service can do."""
        ...

    def list(
        self,
        resource_type: ResourceType,
        wanted: frozenset[str] | None = None,
        notes: Notes | None = None,
    ) -> Listing:
        """
        Return all resources of a type, and whether the read was proved complete.

        *wanted* are attributes that must be read, whatever the service does with its
        listings; None takes these as they come. Of many resources *notes* may be
        taken, which come back with the listing.
        """
        ...

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        """Return one resource, or None when the service says it does not exist (404)."""
        ...

    def search(self, resource_type: ResourceType, path: str, value: str) -> Sequence[Resource]:
        """Return the resources whose attribute *path* equals *value*, matched again here."""
        ...

    def search_many(
        self, resource_type: ResourceType, path: str, values: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        """
        Return for each of *values* who is seen with it; None where it must be searched alone.

        It takes fewer requests than to search for each. Whoever is seen is there and
        matches; that nobody is seen is no proof where a service does not say it is unique.
        """
        ...

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create a resource and return what the service answered."""
        ...

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """
        Send one PATCH with *operations* (RFC 7644, section 3.5.2).

        *version* is the resource's `meta.version`: with it, here and below, a
        resource that is another by then is left alone, which is a Conflict.
        """
        ...

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Replace a resource with *body*, which is all of it (RFC 7644, section 3.5.1)."""
        ...

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        """Delete a resource; NotFound when it is gone already."""
        ...

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        """Send several changes in one request; return what became of each, or its error."""
        ...


class PlanStore(Protocol):
    """Stored plans; written once, never rewritten."""

    def save(self, plan: Plan, signature: bytes | None = None) -> str:
        """Store *plan*, with its signature, unless it is there; return its name for people."""
        ...

    def load(self, name: str) -> Plan:
        """
        Return a stored plan.

        Raises:
            PlanAltered: The file is not what it says it is.
        """
        ...


class Journal(Protocol):
    """The append-only record of one plan's runs; every record is durable when `append` returns."""

    def append(self, kind: str, **fields: Any) -> None:
        """Write one record, chained to the one before, and wait for the disk."""
        ...

    def append_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write several records of operations, all or none of which last, and wait once."""
        ...

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return what earlier runs of the same plan wrote, oldest first."""
        ...


class Budget(Protocol):
    """Requests to one host that several processes share; safe for threads, and never raises."""

    def reserve(self, seconds: float) -> float:
        """
        Take the next turn, after which nobody else has one for *seconds*.

        Return the seconds until it comes; 0 as well where nobody can be asked: then the
        application's own limit is all there is.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Let nobody have a turn for *seconds*."""
        ...


class Notifier(Protocol):
    """A way to tell somebody."""

    def send(self, notice: Notice) -> None:
        """
        Send *notice*, within a few seconds.

        Raises:
            NotTold: It was not sent, as far as is known; the message holds no secret.
        """
        ...
