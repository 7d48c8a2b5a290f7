"""
Filters that lie, and resources that are not as they are stored.

Rows F41 to F45 of the matrix, and the members that some services leave out of
what they show.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from reconciler.testing.exchange import Reply, Request
from reconciler.testing.fault import (
    FILTERS,
    GROUP_LISTS,
    GROUP_READS,
    LISTS,
    ONE,
    READS,
    USER_READS,
    Act,
    Fault,
    Turn,
)
from reconciler.testing.faults.pages import Page, asking, rewritten
from reconciler.testing.faults.statuses import refused

MEMBERS_SHOWN: Final = 2
"""Members that a server shows which cuts them off."""

Row = dict[str, Any]


def each_row(change: Callable[[Row], Row]) -> Act:
    """Make an act that changes every resource that is shown, in listings and by itself."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        said = reply.json() if reply.good else None
        if not isinstance(said, dict):
            return reply
        if "totalResults" not in said:
            return reply.saying(change(said))
        return reply.saying(
            {**said, "Resources": [change(row) for row in said.get("Resources", [])]}
        )

    return act


def _kept(keep: Callable[[Row, Request], bool]) -> Act:
    """Make an act that finds only some of what was found."""

    def found(page: Page, request: Request, turn: Turn) -> Page:
        rows = [row for row in page["Resources"] if keep(row, request)]
        return {**page, "Resources": rows, "totalResults": len(rows)}

    return rewritten(found)


def _same_case(row: Row, request: Request) -> bool:
    """Say whether the filter has a value of the row, letter by letter."""
    return any(json.dumps(value) in request.query["filter"] for value in row.values())


def _first_hit(page: Page, request: Request, turn: Turn) -> Page:
    """Leave out every hit but the first, and say how many there are."""
    return {**page, "Resources": page["Resources"][:1]}


def _twins(change: Callable[[Row], Row]) -> Act:
    """Make an act that shows a second account of everybody, under another id."""

    def doubled(page: Page, request: Request, turn: Turn) -> Page:
        rows = page["Resources"]
        twins = [change({**row, "id": f"{row['id']}-twin"}) for row in rows]
        both = [each for pair in zip(rows, twins, strict=True) for each in pair]
        return {**page, "Resources": both, "totalResults": page["totalResults"] * 2}

    return rewritten(doubled)


def _stranger(request: Request, turn: Turn) -> Reply:
    """Find one resource, and the wrong one."""
    return turn.forward(request.asking(filter=None, count="1"))


def _without(*names: str) -> Callable[[Row], Row]:
    """Make a change that leaves attributes out."""
    return lambda row: {key: value for key, value in row.items() if key not in names}


def _with(**attributes: Any) -> Callable[[Row], Row]:
    """Make a change that sets attributes."""
    return lambda row: {**row, **attributes}


def _active_as_text(row: Row) -> Row:
    """Say "True" or "False" in place of true or false."""
    return {**row, "active": str(row["active"])} if "active" in row else row


def _upper_case(row: Row) -> Row:
    """Show names in capitals."""
    return {**row, "userName": row["userName"].upper()} if "userName" in row else row


def _few_members(row: Row) -> Row:
    """Show the first members only."""
    return {**row, "members": row["members"][:MEMBERS_SHOWN]} if "members" in row else row


def _bare_members(row: Row) -> Row:
    """Show members by their id alone."""
    return {**row, "members": [{"value": m["value"]} for m in row.get("members", [])]}


def _reborn(row: Row) -> Row:
    """Show the account of somebody else under the same id."""
    stranger = {"userName": "stranger@contoso.example", "externalId": "stranger"}
    created = {**row.get("meta", {}), "created": "2030-01-01T00:00:00Z"}
    return {**row, **stranger, "displayName": "Stranger", "meta": created}


_FILTERS: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("filter-ignored", "F41", "a filter finds everybody", asking(lambda r: r.asking(filter=None))),
    (
        "filter-finds-nobody",
        "F41",
        "a filter finds nobody, ever",
        _kept(lambda row, request: False),
    ),
    ("filter-finds-a-stranger", "F41", "a filter finds one resource, and the wrong one", _stranger),
    ("filter-minds-case", "F43", "a filter finds only what is spelled alike", _kept(_same_case)),
    (
        "filter-cut-off",
        "F42",
        "a filter shows the first hit only, and the number of all",
        rewritten(_first_hit),
    ),
    (
        "filter-finds-twins",
        "F07 F42",
        "a filter finds everybody twice, under two ids",
        _twins(lambda row: row),
    ),
    (
        "filter-refused",
        "F41",
        "400 invalidFilter",
        refused(Reply.error(400, "no", "invalidFilter")),
    ),
    ("filter-unsupported", "F41", "501 to filters", refused(Reply.error(501, "no filters"))),
    ("filter-too-many", "F41", "400 tooMany", refused(Reply.error(400, "too many", "tooMany"))),
)

_SHOWN: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("active-as-text", "F45", '`active` is "True" or "False"', each_row(_active_as_text)),
    ("active-missing", "F45", "`active` is not shown", each_row(_without("active"))),
    ("external-id-missing", "F45", "externalId is not shown", each_row(_without("externalId"))),
    (
        "unknown-attributes",
        "F45",
        "attributes that no schema has",
        each_row(_with(shoeSize=43, **{"urn:example:x": {"y": None}})),
    ),
    (
        "nulls-and-empty-lists",
        "F45",
        "what is not there is null or []",
        each_row(_with(nickName=None, phoneNumbers=[])),
    ),
    (
        "mistyped-attributes",
        "F45",
        "displayName is a list, and emails a text",
        each_row(_with(displayName=["x"], emails="x")),
    ),
    ("names-in-capitals", "F43", "every userName is shown in capitals", each_row(_upper_case)),
)


ROWS: Final = (
    *(Fault(name, matrix, does, FILTERS, act) for name, matrix, does, act in _FILTERS),
    *(Fault(name, matrix, does, USER_READS, act) for name, matrix, does, act in _SHOWN),
    Fault(
        "twins", "F42", "everybody is there twice, under two ids", LISTS, _twins(lambda row: row)
    ),
    Fault(
        "twins-by-case",
        "F42 F43",
        "everybody is there twice, once in capitals",
        LISTS,
        _twins(_upper_case),
    ),
    Fault("id-reused", "F44", "the id belongs to somebody else by now", ONE, each_row(_reborn)),
    Fault(
        "members-not-listed",
        "F45",
        "a listing leaves members out; a read of the group has them",
        GROUP_LISTS,
        each_row(_without("members")),
    ),
    Fault(
        "members-unreadable",
        "F45",
        "members are shown nowhere",
        GROUP_READS,
        each_row(_without("members")),
    ),
    Fault(
        "members-cut-off",
        "F45",
        f"a group shows its first {MEMBERS_SHOWN} members",
        GROUP_READS,
        each_row(_few_members),
    ),
    Fault(
        "members-bare", "F45", "members have nothing but a value", READS, each_row(_bare_members)
    ),
)
"""The rows of this room."""
