"""
Who has this value? The answer to a filter, and whether to believe it.

Filters are the least reliable part of SCIM services: some ignore them and
answer with everybody, some compare with case, some find nothing at all, ever
(scim.md, 3.4 a and b). So a filter is calibrated before its first answer is
believed, once for each attribute:

* a value that nobody has must find nobody;
* somebody who is known to be there must be found, spelled in another case where
  case does not count.

Where they are found as they are written and not in another case, names are asked
for as they are written and in lower case; who is called the same in yet another
case is known from the whole listing, read once, and read again by id. Listing
everybody for each look-up would cost more the more people there are, and could
not be proved complete while others are being created.

And every row is compared again here, always: one that does not match, and the
filter is not used any more. The whole listing answers then, and must be proved
complete; also for a single value that a service refuses to look for. Attributes
come from a parsed path, and values are sent as JSON (:mod:`reconciler.scim.filters`).

Used by :class:`reconciler.live.client.ScimTarget` and by the probe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """The requests that a search needs."""

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        """Return the JSON of one page."""
        ...

    def list(self, resource_type: ResourceType) -> Listing:
        """Return everybody."""
        ...

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        """Return one resource; None when it is gone."""
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
        self.path = path
        self._read = reader(path)
        definition = schemas.of(resource_type.value, path)
        self.case_exact = definition is not None and definition.case_exact
        self._key: Callable[[str], str] = str if self.case_exact else fold
        named = {name.lower() for name in known.lookup or ()}
        self._usable = known.lookup is None or str(path).lower() in named
        self._as_written = self.case_exact or known.case_sensitive
        self._proved = not known.calibrate
        self._calibrating = Lock()
        self._someone: tuple[str, str] | None = None
        """Who was found when the filter was tried out, until they are asked for."""
        self._ids: Mapping[str, Sequence[str]] | None = None
        """Ids by value without its case, where the service's filter minds it, or may."""

    def find(self, value: str) -> Sequence[Resource]:
        """
        Return the resources that have *value*.

        Raises:
            TargetMisbehaved: The filter cannot be trusted, and the listing that
                had to stand in for it is not complete.
            TargetError: A request failed.
        """
        if not is_text(value):
            return ()
        if self._usable and self._is_calibrated():
            try:
                rows = self._spelled_in_any_case(value)
            except TargetRefused as exc:  # of one value, e.g. for a quote in it
                if exc.status not in REFUSALS:
                    raise
            else:
                if rows is not None:
                    return rows
                self._usable = False
        return [row for row in self._everybody() if self.matches(row, value)]

    def _spelled_in_any_case(self, value: str) -> list[Resource] | None:
        """
        Return whom the filter finds; None when it cannot be believed.

        Raises:
            TargetError: The request failed, or was refused.
        """
        rows = self._found(value)
        ids = self._ids  # another thread may find meanwhile that case does not count
        if rows != [] or ids is None:
            return rows
        key = self._key(value)
        if key != value and (rows := self._found(key)) != []:
            return rows
        fresh = (self._service.get(self._type, each) for each in ids.get(key, ()))
        return [row for row in fresh if row is not None and self.matches(row, value)]

    def filtered(self, value: str) -> list[Resource] | None:
        """
        Return what the service finds; None when that cannot be believed.

        Raises:
            TargetError: The request failed, other than by a refusal to filter.
        """
        try:
            return self._found(value)
        except TargetRefused as exc:
            if exc.status not in REFUSALS:
                raise
            return None

    def _found(self, value: str) -> list[Resource] | None:
        """
        Return what the service finds; None when it lies.

        Raises:
            TargetError: The request failed, or was refused.
        """
        return self.asked({"filter": equals(self.path, value)}, (value,))

    def asked(self, query: Mapping[str, str], values: Iterable[str]) -> list[Resource] | None:
        """
        Return who is found by *query*, a filter for any of *values*; None when that is a lie.

        Raises:
            TargetError: The request failed, or was refused.
        """
        page = self._page(query)
        rows = page.resources or []
        whole = not page.next_cursor and page.total_results in (None, len(rows))
        keys = {self._key(value) for value in values}
        honest = all(self._keys(row) & keys and usable_id(row.get("id")) for row in rows)
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
        return self._key(value) in self._keys(resource)

    def sorted_out(
        self, rows: Iterable[Resource], values: Iterable[str]
    ) -> dict[str, list[Resource]]:
        """Return which of *rows* have each of *values*; as :meth:`matches` says of each pair."""
        having: defaultdict[str, list[Resource]] = defaultdict(list)
        for row in rows:
            for key in self._keys(row):
                having[key].append(row)
        return {value: list(having.get(self._key(value), ())) for value in values}

    def _keys(self, resource: Resource) -> set[str]:
        """Return the values of *resource*, as they are compared."""
        found = self._read(resource)
        candidates = found if isinstance(found, list) else [found]
        return {self._key(each) for each in candidates if isinstance(each, str)}

    def known_value(self, rows: Sequence[Resource]) -> tuple[str, str] | None:
        """Return the id and the value of one resource of *rows* that has the attribute."""
        for row in rows:
            value = self._read(row)
            if isinstance(value, str) and value and usable_id(row.get("id")):
                return row["id"], value
        return None

    def is_whole(self) -> bool | None:
        """
        Say whether the filter alone finds everybody, in any spelling; None when nobody is there.

        Raises:
            TargetError: It could not be tried out.
        """
        if not (self._usable and self._is_calibrated()):
            return False
        if not self._proved:
            return None
        return self._ids is None and (self.case_exact or not self._as_written)

    def somebody(self) -> tuple[str, str] | None:
        """
        Return the id and the value of one resource that has the attribute, if there is one.

        That is, once, whom the filter has just been tried out with.

        Raises:
            TargetError: The request failed.
        """
        someone, self._someone = self._someone, None
        return someone or self.known_value(self._page({}).resources or [])

    def spelled_otherwise(self, value: str) -> str:
        """Return *value* in another case, if that makes no difference and can be undone."""
        asked = value if self._as_written else value.swapcase()
        return asked if fold(asked) == fold(value) else value

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
        it is asked again next time, since somebody may be there by then. That
        nobody was there is as good as a listing, and cannot change while it is read.
        """
        page = self._page({})
        rows = page.resources or []
        known = self.known_value(rows)
        if known is None:
            nobody = not rows and page.total_results == 0
            self._ids = {} if nobody else self._ids
            return nobody
        if self.finds(*known):
            self._proved, self._ids, self._someone = True, None, known
        else:
            self._proved = self._finds_as_written(*known)
        return self._proved

    def _finds_as_written(self, resource_id: str, value: str) -> bool:
        """Say whether the filter finds who is known when it is asked in the very same letters."""
        rows = [] if self._as_written else self.filtered(value) or []
        if resource_id not in [row["id"] for row in rows]:
            return False
        if self._ids is None:
            ids: dict[str, list[str]] = defaultdict(list)
            for row in self._everybody():
                for key in self._keys(row):
                    ids[key].append(row["id"])
            self._ids = ids
        return True

    def finds(self, resource_id: str, value: str) -> bool:
        """Say whether the filter finds the resource that is known to have *value*."""
        rows = self.filtered(self.spelled_otherwise(value))
        return rows is not None and resource_id in [row["id"] for row in rows]

    def _everybody(self) -> Sequence[Resource]:
        """
        Return the whole listing, which stands in for a filter.

        Raises:
            TargetMisbehaved: It is not complete.
        """
        listing = self._service.list(self._type)
        if not listing.complete:
            raise TargetMisbehaved(
                f"the filter of the target cannot be trusted, nor its listing: {listing.problem}"
            )
        return listing.resources


def is_text(value: str) -> bool:
    """Say whether *value* can be sent at all; half a surrogate pair cannot, and nobody has it."""
    halves = ("\ud800" <= character <= "\udfff" for character in value)
    return value.isascii() or not any(halves)
