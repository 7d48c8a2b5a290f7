"""
A listing, page by page, and the proof that it is whole.

The most expensive mistake in this field is to take an incomplete list for the
whole one and the missing for the gone (reliability.md, finding 1). So a listing
is *complete* only when all of this holds (INV-1, INV-3):

* every page is a ListResponse, and all state the same ``totalResults``;
* every resource has a usable id, and no id comes twice;
* as many resources came as were stated;
* the end was seen: no ``nextCursor``, or, where pages go by index, a last page that
  is shorter than one before it (the server had room for more, and sent none), or else
  a further page past the end that holds nobody new. A server that states too few is
  caught by either (scim.md, 3.4 c; decision 40). One page alone shows no end: some
  servers state as the total what is on the page.

A listing that breaks a rule comes back with the rule and the page, and nothing
may be concluded from it. An answer that is no listing at all is an error.

Pages go by index (RFC 7644, section 3.4.2.4) or by cursor (RFC 9865); a
``nextCursor`` is followed wherever it appears. A page that is too large, or a
cursor that has expired, starts the listing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import ValidationError

from reconciler.live.ids import usable_id, usable_ids
from reconciler.live.notebook import Notebook
from reconciler.live.proved import ROWS, Rows
from reconciler.pile import Pile
from reconciler.ports import Notes
from reconciler.scim.errors import AnswerTooLarge, TargetError, TargetMisbehaved, TargetRefused
from reconciler.scim.messages import ListResponse
from reconciler.states import Listing, Resource

PAGE_LIMIT: Final = 100_000
"""Pages of one listing."""
RESOURCE_LIMIT: Final = 2_000_000
"""Resources of one listing (reliability.md, decision on S29)."""
RESTARTS: Final = 6
"""Times that a listing is begun anew; a quarter of 1,000 is below one after five."""

Fetch = Callable[[Mapping[str, str]], Any]
"""Sends the query and returns the JSON of a successful answer; its resources may be Rows."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How pages are asked for."""

    size: int
    """Resources a page; 0 leaves it to the server."""
    cursor: bool = False
    """Begin with a cursor (RFC 9865) instead of an index."""
    trusting: bool = False
    """Believe that a listing has ended when as many came as were stated."""
    single: bool = False
    """Ask once, without a place or a size: the service does not know pages."""


class _Broken(Exception):
    """A rule that the listing breaks, as a sentence."""


@dataclass(slots=True)
class _Reader:
    """What one reading of a listing has seen."""

    fetch: Fetch
    paging: Paging
    notes: Notebook
    resources: Pile[Resource] = field(default_factory=lambda: Pile(Resource))
    ids: set[str] = field(default_factory=set)
    urns: dict[str, str] = field(default_factory=dict)
    cursors: set[str] = field(default_factory=set)
    total: int | None = None
    number: int = 0
    longest: int = 0
    """Resources on the longest page before this one: so many has the server sent at once."""

    def read(self) -> Listing:
        """Read every page; stop at the first that breaks a rule."""
        try:
            self._read()
        except _Broken as exc:
            listed = self.resources.everything()
            return Listing(listed, self.total, complete=False, problem=str(exc))
        notes = self.notes.everything()
        return Listing(self.resources.everything(), self.total, complete=True, notes=notes)

    def _read(self) -> None:
        cursor: str | None = "" if self.paging.cursor else None
        while True:
            page, rows = self._page(cursor)
            past_the_end = cursor is None and self.number > 1 and len(self.ids) == self.total
            if past_the_end:
                self._check_end(rows)
                return
            self._add(rows)
            if page.next_cursor:
                self._check_cursor(page.next_cursor)
            elif cursor is not None or not rows or self._is_last(len(rows)):
                self._check_total()
                return
            elif self.total is not None and len(self.ids) > self.total:
                self._check_total()
            self.longest = max(self.longest, len(rows))
            cursor = page.next_cursor or cursor

    def _is_last(self, length: int) -> bool:
        """Say whether no page is asked for after this one, which had *length* rows."""
        if self.paging.single:
            return True
        whole = len(self.ids) == self.total
        return whole and (self.paging.trusting or self._had_room(length))

    def _had_room(self, length: int) -> bool:
        """
        Say whether a page of *length* would have held more, had there been more.

        The server has sent more on an earlier page, and was asked for more on this one.
        """
        return length < min(self.longest, self.paging.size or self.longest)

    def _page(self, cursor: str | None) -> tuple[ListResponse, Rows | list[Resource]]:
        """
        Fetch the next page.

        Raises:
            TargetMisbehaved: It is not a ListResponse.
        """
        self.number += 1
        if self.number > PAGE_LIMIT:
            raise _Broken(f"the listing has more than {PAGE_LIMIT:,} pages")
        query = {"startIndex": str(len(self.ids) + 1)} if cursor is None else {"cursor": cursor}
        if self.paging.size:
            query["count"] = str(self.paging.size)
        if self.paging.single and cursor is None:
            query = {}
        try:
            answer, together = _apart(self._answer(query))
            page = ListResponse.model_validate(answer)
        except ValidationError as exc:
            raise TargetMisbehaved(
                f"page {self.number} of the listing is not a SCIM ListResponse"
            ) from exc
        if self.number == 1:
            self.total = page.total_results
        if page.total_results != self.total:
            raise _Broken(
                f"page {self.number} states {_count(page.total_results)}, "
                f"and page 1 stated {_count(self.total)}: somebody changed it meanwhile, "
                "or the server cannot count"
            )
        if self.total is None and cursor is None and not page.next_cursor:
            raise _Broken(f"page {self.number} does not state totalResults")
        return page, page.resources or [] if together is None else together

    def _answer(self, query: Mapping[str, str]) -> Any:
        """
        Return the answer to the query of a page.

        Raises:
            TargetError: It could not be had; of a later page the error names the page (F39).
        """
        try:
            return self.fetch(query)
        except TargetError as exc:
            if self.number > 1:
                exc.args = (f"page {self.number} of the listing could not be had: {exc}",)
            raise

    def _add(self, rows: Rows | list[Resource]) -> None:
        """Take the resources of a page in."""
        if not isinstance(rows, Rows):
            self._add_each(rows)
        elif self._are_new(rows.ids):
            self.ids.update(rows.ids)
            self.resources.add_block(rows.block, rows.sizes)
            self.notes.add(rows)
        else:
            self._add_each(rows.made())
        if len(self.ids) > RESOURCE_LIMIT:
            raise _Broken(f"the listing has more than {RESOURCE_LIMIT:,} resources")

    def _are_new(self, ids: Sequence[Any]) -> bool:
        """Say whether all of *ids* can be used, and none came before."""
        return usable_ids(ids) and self.ids.isdisjoint(ids) and len({*ids}) == len(ids)

    def _add_each(self, rows: list[Resource]) -> None:
        """Take resources in one by one."""
        for resource in rows:
            resource_id = resource.get("id")
            if not usable_id(resource_id):
                raise _Broken(f"page {self.number} holds a resource without a usable id")
            if resource_id in self.ids:
                raise _Broken(
                    f"page {self.number} repeats a resource that was listed already: "
                    "pages overlap, or the server ignores which page is asked for"
                )
            self.ids.add(str(resource_id))
            self._share_schemas(resource.get("schemas"))
            self.resources.add(resource)
            self.notes.add_one(resource)

    def _share_schemas(self, schemas: Any) -> None:
        """Let a resource hold the URNs that others hold: the longest of its texts, and the same."""
        if isinstance(schemas, list):
            once = self.urns.setdefault
            schemas[:] = [once(urn, urn) if isinstance(urn, str) else urn for urn in schemas]

    def _check_end(self, rows: Rows | list[Resource]) -> None:
        """Check the page past the end: some servers send an earlier one again, which is fine."""
        ids = rows.ids if isinstance(rows, Rows) else [resource.get("id") for resource in rows]
        if not all(one in self.ids for one in ids):
            raise _Broken(
                f"page {self.number} goes on after the {_count(self.total)} that were stated"
            )

    def _check_total(self) -> None:
        """Check that as many came as were stated."""
        if self.total is not None and self.total != len(self.ids):
            raise _Broken(
                f"after page {self.number}, {len(self.ids):,} resources had come, "
                f"where {_count(self.total)} were stated"
            )

    def _check_cursor(self, cursor: str) -> None:
        """Check that the next cursor is a new one."""
        if cursor in self.cursors:
            raise _Broken(f"page {self.number} names a next page that was read already")
        self.cursors.add(cursor)


def _apart(answer: Any) -> tuple[Any, Rows | None]:
    """Return an answer, and the resources in it that were read together."""
    rows = answer.get(ROWS) if isinstance(answer, dict) else None
    return ({**answer, ROWS: []}, rows) if isinstance(rows, Rows) else (answer, None)


def _count(total: int | None) -> str:
    """Return a count as a reader says it."""
    return "no count" if total is None else f"{total:,}"


def read_all(fetch: Fetch, paging: Paging, notes: Notes | None = None) -> Listing:
    """
    Read a listing to its end.

    Args:
        fetch: Sends one page's query.
        paging: How pages are asked for.
        notes: How notes are taken of the resources, if there are many.

    Returns:
        The resources, and whether the reading was proved complete.

    Raises:
        TargetError: A page could not be had, or is no page.
    """
    for _ in range(RESTARTS):
        try:
            return _Reader(fetch, paging, Notebook(notes)).read()
        except AnswerTooLarge:
            if paging.size <= 1:
                raise
            paging = replace(paging, size=max(1, paging.size // 4))
        except TargetRefused as exc:
            paging = _other_paging(exc, paging)
    return _Reader(fetch, paging, Notebook(notes)).read()


def _other_paging(error: TargetRefused, paging: Paging) -> Paging:
    """
    Return how to begin anew after *error*.

    An expired cursor begins a new listing (RFC 9865, section 2.2). Some servers
    fail on `count` itself, and list when it is not there (scim.md, 3.4 e).

    Raises:
        TargetRefused: *error*, when beginning anew would not help.
    """
    if (error.scim_type or "").lower() == "expiredcursor":
        return paging
    if paging.size and error.status in {400, 500}:
        return replace(paging, size=0)
    raise error
