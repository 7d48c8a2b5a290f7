"""
What happens in each incident that a plan, or its absence, stops: as rows.

The others, which need an apply or somebody's hands on the service, are tests of
their own in `test_on_the_service.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.testing import Fault, Inject, Reply, Request, Turn
from reconciler.testing.fault import ANY
from reconciler.testing.schedule import Line
from tests.e2e.company import GROUP_MAPPINGS
from tests.incidents.naive import Row
from tests.incidents.scene import ADA, ASSIGNMENTS, NAMES, STAFF, Firm

DELETES: Final = {"leaves_scope": "delete", "deleted_at_source": "delete"}
"""Of applications that delete whoever leaves, as most naive tools do."""

LONG_AGO: Final = "2020-01-31"


@dataclass(frozen=True)
class Scenario:
    """One way in which an incident happens."""

    number: int
    happens: Callable[[Firm], None]
    stop: int = 0
    """Which of the stops of its row it is."""
    schedule: tuple[Line, ...] = ()
    """What is wrong with the service."""
    chosen: Callable[[Row], bool] | None = None
    """Whom the naive reconciler provisions; without it, everybody in Staff."""
    deletes: bool = False
    """Whether it deletes whoever is missing, as the application does then."""


def nothing(firm: Firm) -> None:
    """Nothing happens to the files."""


def holding(name: str, text: str) -> Callable[[Firm], None]:
    """Return what makes a file of the source hold *text*."""

    def happens(firm: Firm) -> None:
        if name.startswith("people"):
            firm.users = name
        firm.breaks = lambda folder: _write(folder / name, text)

    return happens


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def cut(characters: int) -> Callable[[Firm], None]:
    """Return what cuts the export off so many characters before the end of its third person."""

    def happens(firm: Firm) -> None:
        def breaks(folder: Path) -> None:
            lines = (folder / "people.csv").read_text("utf-8").splitlines(keepends=True)
            text = "".join(lines[:4])
            _write(folder / "people.csv", text[: len(text) - characters])

        firm.breaks = breaks

    return happens


def new_group(firm: Firm) -> None:
    firm.group("Everyone")
    everybody = {"group": "Everyone", "role": "User"}
    firm.assign(everybody, *ASSIGNMENTS[2:], safety={"protected": ["ada"]})


def nothing_exported(firm: Firm) -> None:
    def breaks(folder: Path) -> None:
        _write(folder / "people.csv", "objectId,userPrincipalName,displayName\n")
        _write(folder / "groups.json", "[]")

    firm.breaks = breaks


def two_look_ups_failed(firm: Firm) -> None:
    firm.users = "people.jsonl"
    error = {"error": {"code": 503, "message": "Service Unavailable"}}

    def breaks(folder: Path) -> None:
        rows: list[Row] = [{"objectId": each, **cells} for each, cells in firm.people.items()]
        rows[2] = rows[5] = error
        _write(folder / "people.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    firm.breaks = breaks


def members_lost(firm: Firm) -> None:
    for name in ("Sales", "Ops"):
        firm.group(name)["members"] = firm.group(name)["members"][:2]
    firm.application["safety"] = {"group_members": {"at_most": 50, "percent": 20}}


def other_filters(firm: Firm) -> None:
    def only(attribute: str, value: str) -> list[dict[str, Any]]:
        clause = {"attribute": attribute, "operator": "EQUALS", "value": value}
        return [{"title": "AWS", "clauses": [clause]}]

    filters = {"users": only("department", "AWS"), "groups": only("displayName", "AWS")}
    firm.application.update(scope="all", scoping_filters=filters)


def one_left(firm: Firm) -> None:
    firm.lose(*NAMES[1:])


def two_filters(firm: Firm) -> None:
    values = ("Sales", "Support")
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": each} for each in values]
    firm.application["scoping_filters"] = {"users": [{"title": "Both", "clauses": clauses}]}
    firm.application["safety"] = {"protected": ["ada"], "half_gone": {"percent": 50}}


def column_lost(firm: Firm) -> None:
    for name in NAMES[1:]:
        firm.people[name]["department"] = ""
    clause = {"attribute": "department", "operator": "IS NOT NULL"}
    firm.application["scoping_filters"] = {"users": [{"title": "Known", "clauses": [clause]}]}


def teams_emptied(firm: Firm) -> None:
    for name in ("Sales", "Ops", "Desk"):
        firm.group(name)["members"] = []


def teams_unassigned(firm: Firm) -> None:
    firm.assign(STAFF, ADA)
    firm.groups = [firm.group("Staff")]


def members_mapped(firm: Firm) -> None:
    unmap_members(firm)
    firm.application["mappings"] = {**firm.application["mappings"], "groups": GROUP_MAPPINGS}


def unmap_members(firm: Firm) -> None:
    """Keep the members of the teams on the service alone."""
    users = firm.settings()["applications"]["app"]["mappings"]["users"]
    plain = [line for line in GROUP_MAPPINGS if line["target"] != "members"]
    firm.application["mappings"] = {"users": users, "groups": plain}
    for group in firm.groups[1:]:
        group["members"] = []


def expired_for_all(firm: Firm) -> None:
    firm.assign({**STAFF, "expires": LONG_AGO}, *ASSIGNMENTS[2:])


def renamed(*names: str) -> Callable[[Firm], None]:
    """Return what gives people the names of a new domain."""

    def happens(firm: Firm) -> None:
        for name in names:
            firm.people[name]["userPrincipalName"] = f"{name}@newco.example"

    return happens


def _to_the_login_page(request: Request, turn: Turn) -> Reply:
    """Send whoever asks for users to a page of the same host, which is 200 and HTML."""
    if request.path == "/login":
        return Reply(b"<html>Please sign in</html>", 200, "text/html")
    if request.path != "/Users":
        return turn.forward(request)
    return Reply(b"", 302, "text/html", {"Location": "/v2/login"})


LOGIN: Final = Inject(Fault("login", "F11", "302 to a page to sign in", ANY, _to_the_login_page))
ERROR_503: Final = '{"error": {"code": 503, "message": "Service Unavailable"}}'
UNREACHABLE: Final = "Warning: ldap_search(): Can't contact LDAP server\nin export.php on line 43\n"
REFUSED: Final = '{"resultCode": 49, "errorMessage": "INVALID_CREDENTIALS"}'


def pages(fault: str) -> tuple[Line, ...]:
    """Return a listing of users in small pages, with something wrong about them."""
    return Inject(fault, path="/Users"), Inject("small-pages", path="/Users")


def in_engineering(row: Row) -> bool:
    """Say whether the filters of a file that nobody meant let somebody pass."""
    return bool(row["department"] == "AWS")


SCENARIOS: Final = (
    Scenario(1, new_group, chosen=lambda row: False),
    Scenario(2, nothing_exported, deletes=True),
    Scenario(3, holding("groups.json", ERROR_503), deletes=True),
    Scenario(4, two_look_ups_failed, deletes=True),
    Scenario(5, members_lost),
    Scenario(6, other_filters, chosen=in_engineering, deletes=True),
    Scenario(8, holding("people.csv", "")),
    Scenario(9, holding("people.json", "null")),
    Scenario(10, holding("people.csv", UNREACHABLE)),
    Scenario(11, one_left),
    Scenario(11, holding("people.csv", "objectId,userPrincipalName\n"), stop=1),
    Scenario(12, holding("people.json", "[]")),
    Scenario(12, nothing, stop=1, schedule=(Inject("nobody", path="/Users"),)),
    Scenario(14, holding("people.json", REFUSED), deletes=True),
    Scenario(14, nothing, stop=1, schedule=(Inject("status-401", path="/Users"),)),
    Scenario(15, nothing, schedule=(LOGIN,)),
    Scenario(16, two_filters, chosen=lambda row: False),
    Scenario(17, column_lost, chosen=lambda row: bool(row["department"])),
    Scenario(18, cut(8)),
    Scenario(18, cut(0), stop=1),
    Scenario(19, teams_emptied),
    Scenario(20, teams_unassigned, deletes=True),
    Scenario(21, members_mapped, stop=1),
    Scenario(24, nothing, schedule=pages("overlapping-pages")),
    Scenario(24, nothing, stop=1, schedule=pages("total-is-the-page")),
    Scenario(24, nothing, stop=2, schedule=pages("total-doubled")),
    Scenario(24, nothing, stop=3, schedule=pages("lost-rows")),
    Scenario(26, expired_for_all, chosen=lambda row: False, deletes=True),
    Scenario(27, renamed(*NAMES), stop=1, deletes=True),
)
