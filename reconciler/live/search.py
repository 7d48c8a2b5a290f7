"""
Who has this value? The answer to a filter, and whether to believe it.

Filters are the least reliable part of SCIM services: some ignore them and
answer with everybody, some compare with case, some find nothing at all, ever
(scim.md, 3.4 a and b). So a filter is calibrated before its first answer is
believed, once for each attribute:

* a value that nobody has must find nobody;
* somebody who is known to be there must be found, spelled in another case where
  case does not count.

And every row is compared again here, always: one that does not match, and the
filter is not used any more. The whole listing answers then, and must be proved
complete. Attributes come from a parsed path, and values are sent as JSON
(:mod:`reconciler.scim.filters`).

Used by :class:`reconciler.live.client.ScimTarget` and by the probe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from pydantic import ValidationError

from reconciler.live.ids import usable_id
from reconciler.profiles.model import GENERIC
from reconciler.profiles.reading import Filter
from reconciler.scim.errors import TargetMisbehaved, TargetRefused
from reconciler.scim.filters import equals
from reconciler.scim.folding import fold
from reconciler.scim.messages import ListResponse
from reconciler.scim.paths import AttributePath
from reconciler.scim.resource import reader
from reconciler.scim.schema import Schemas
from reconciler.states import Listing, Resource, ResourceType

REFUSALS = frozenset({400, 404, 414, 501})
"""What services answer that cannot filter, or not by this attribute, or not for so long a value."""


class Service(Protocol):
    """The two requests that a search needs."""

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        """Return the JSON of one page."""
        ...

    def list(self, resource_type: ResourceType) -> Listing:
        """Return everybody."""
        ...


class Search:
    """Looks resources up by one attribute; keeps what it learned of the service's filter."""

    def __init__(
        self,
        service: Service,
        resource_type: ResourceType,
        path: AttributePath,
        schemas: Schemas,
        known: Filter = GENERIC.filter,
    ) -> None:
        """Prepare, by what is *known* of the service's filters; nothing is sent yet."""
        self._service = service
        self._type = resource_type
        self._path = path
        self._read = reader(path)
        definition = schemas.of(resource_type.value, path)
        self.case_exact = definition is not None and definition.case_exact
        self._key: Callable[[str], str] = str if self.case_exact else fold
        named = {name.lower() for name in known.lookup or ()}
        self._usable = known.lookup is None or str(path).lower() in named
        self._as_written = self.case_exact or known.case_sensitive
        self._proved = not known.calibrate
        self._calibrating = Lock()

    def find(self, value: str) -> Sequence[Resource]:
        """
        Return the resources that have *value*.

        Raises:
            TargetMisbehaved: The filter cannot be trusted, and the listing that
                had to stand in for it is not complete.
            TargetError: A request failed.
        """
        if not _is_text(value):
            return ()
        if self._usable and self._is_calibrated():
            rows = self.filtered(value)
            if rows is not None:
                return rows
            self._usable = False
        return self._among_all(value)

    def filtered(self, value: str) -> list[Resource] | None:
        """
        Return what the service finds; None when that cannot be believed.

        Raises:
            TargetError: The request failed, other than by a refusal to filter.
        """
        try:
            page = self._page({"filter": equals(self._path, value)})
        except TargetRefused as exc:
            if exc.status not in REFUSALS:
                raise
            return None
        rows = page.resources or []
        whole = not page.next_cursor and page.total_results in (None, len(rows))
        honest = all(self.matches(row, value) and usable_id(row.get("id")) for row in rows)
        return rows if whole and honest else None

    def _page(self, query: Mapping[str, str]) -> ListResponse:
        """
        Return one page.

        Raises:
            TargetMisbehaved: The answer is none.
        """
        try:
            return ListResponse.model_validate(self._service.page(self._type, query))
        except ValidationError as exc:
            raise TargetMisbehaved("the answer to a look-up is not a SCIM ListResponse") from exc

    def matches(self, resource: Resource, value: str) -> bool:
        """Say whether *resource* has *value*, by the schema's rule on case."""
        found = self._read(resource)
        wanted = self._key(value)
        candidates = found if isinstance(found, list) else [found]
        return any(isinstance(each, str) and self._key(each) == wanted for each in candidates)

    def known_value(self, rows: Sequence[Resource]) -> tuple[str, str] | None:
        """Return the id and the value of one resource of *rows* that has the attribute."""
        for row in rows:
            value = self._read(row)
            if isinstance(value, str) and value and usable_id(row.get("id")):
                return row["id"], value
        return None

    def _is_calibrated(self) -> bool:
        """Calibrate the filter, once for all threads, and say whether it can be believed."""
        with self._calibrating:
            if self._usable and not self._proved:
                self._usable = self.filtered(str(uuid4())) == [] and self._finds_the_known()
            return self._usable

    def _finds_the_known(self) -> bool:
        """
        Make the control: somebody who is there must be found.

        A service that holds nobody at all has nobody to be found, and is right;
        it is asked again next time, since somebody may be there by then.
        """
        page = self._page({})
        rows = page.resources or []
        known = self.known_value(rows)
        if known is None:
            return not rows and page.total_results == 0
        self._proved = self.finds(*known)
        return self._proved

    def finds(self, resource_id: str, value: str) -> bool:
        """Say whether the filter finds the resource that is known to have *value*."""
        asked = value if self._as_written else value.swapcase()
        if fold(asked) != fold(value):  # some letters do not come back from a change of case
            asked = value
        rows = self.filtered(asked)
        return rows is not None and resource_id in [row["id"] for row in rows]

    def _among_all(self, value: str) -> Sequence[Resource]:
        """Look through the whole listing."""
        listing = self._service.list(self._type)
        if not listing.complete:
            raise TargetMisbehaved(
                f"the filter of the target cannot be trusted, nor its listing: {listing.problem}"
            )
        return [row for row in listing.resources if self.matches(row, value)]


def _is_text(value: str) -> bool:
    """Say whether *value* can be sent at all; half a surrogate pair cannot, and nobody has it."""
    return not any("\ud800" <= character <= "\udfff" for character in value)
