"""
Every request that we write, judged by scim2-models: it is valid there, and does there what we mean.

The target of these worlds keeps plain JSON; what is written is parsed and carried
out by scim2-models (:mod:`tests.oracle`), in each form that a profile can ask for.
What must come out is worked out here from the source alone.

What the oracle refuses and services take is not drawn:

* e-mail addresses with a quoted local part (RFC 5321), because it checks them
  with a library that knows none; the contract suite writes one to every server.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.directory import SourceGroup, Subject
from reconciler.profiles.model import Profile
from reconciler.states import Resource
from tests.contract.firm import GROUP_MAPPINGS, LISTED, ROLES, SAFETY, SINGLE, USER_MAPPINGS
from tests.oracle import FORMS, Oracle
from tests.worlds import ENTERPRISE, World, application, directory, group, person

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANCHORS = ("p0", "p1", "p2", "p3")
TEAMS = ("g-team", "g-crew")


texts = st.sampled_from(("", "", "Plain", "Zoë 李小龙 🦊", 'a "b" \\c] and d eq "e"', " x"))
mails = st.sampled_from(("", "one@contoso.example", "o'neil+tag@contoso.example"))
TEXTS = ("jobTitle", "givenName", "surname", "city", "employeeId", "department")


@st.composite
def cells(draw: st.DrawFn, anchor: str) -> dict[str, str]:
    """Draw what the source says of one person."""
    said = {column: draw(texts) for column in TEXTS}
    said["displayName"] = draw(st.sampled_from(("One", "Two")))
    said["userPrincipalName"] = f"{anchor}{draw(st.sampled_from('xy'))}@contoso.example"
    said["mail"] = draw(mails)
    if said["mail"]:
        said["mailIsPrimary"] = draw(st.sampled_from(("True", "False")))
    said["manager"] = draw(st.sampled_from(("", *ANCHORS)))
    return said


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    """Draw people, groups, and who has which role besides User."""
    people = {anchor: draw(cells(anchor)) for anchor in ANCHORS}
    members = {team: draw(st.sets(st.sampled_from(ANCHORS))) for team in TEAMS}
    names = {team: f"{team} {draw(texts)}".strip() for team in TEAMS}
    roles = {a: draw(st.sets(st.sampled_from(("Administrator", "Auditor")))) for a in ANCHORS}
    return {"people": people, "members": members, "names": names, "roles": roles}


@st.composite
def meddling(draw: st.DrawFn) -> Callable[[Resource], None]:
    """Draw what somebody else does to an account: mapped and unmapped attributes, any of them."""
    drops = draw(st.sets(st.sampled_from(("title", "name", "emails", "addresses", ENTERPRISE))))
    adds = draw(st.sets(st.sampled_from(tuple(FOREIGN))))

    def meddle(account: Resource) -> None:
        for name in drops:
            account.pop(name, None)
        for name in sorted(adds):
            FOREIGN[name](account)

    return meddle


def _into(name: str, element: dict[str, Any]) -> Callable[[Resource], None]:
    """Return what adds *element* to a multi-valued attribute."""
    return lambda account: account.setdefault(name, []).append(deepcopy(element))


def _country(account: Resource) -> None:
    """Give the address at work another part."""
    work = [each for each in account.get("addresses", ()) if each.get("type") == "work"]
    if work:
        work[0]["country"] = "NO"
    else:
        _into("addresses", {"type": "work", "country": "NO"})(account)


def _shown_manager(account: Resource) -> None:
    """Let the service say more of a manager than we did."""
    if manager := account.get(ENTERPRISE, {}).get("manager"):
        manager.update({"$ref": f"/Users/{manager['value']}", "displayName": "Shown"})


FOREIGN: dict[str, Callable[[Resource], None]] = {
    "nickName": lambda account: account.update(nickName="by hand"),
    "middleName": lambda account: account.setdefault("name", {}).update(middleName="M"),
    "title": lambda account: account.update(title="by hand"),
    "home mail": _into("emails", {"type": "home", "value": "home@vendor.example"}),
    "shown manager": _shown_manager,
    "home address": _into("addresses", {"type": "home", "locality": "Paris"}),
    "country": _country,
    "phone": _into("phoneNumbers", {"type": "mobile", "value": "tel:+47-1"}),
    "division": lambda account: account.setdefault(ENTERPRISE, {}).update(division="D"),
}


def people_of(source: Mapping[str, Any]) -> list[Subject]:
    return [person(anchor, **said) for anchor, said in source["people"].items()]


def groups_of(source: Mapping[str, Any]) -> list[SourceGroup]:
    teams = [group(team, source["names"][team], *sorted(source["members"][team])) for team in TEAMS]
    return [group("g-staff", "Staff", *ANCHORS), *teams]


def settings_of(source: Mapping[str, Any], mapping: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the keys of the application."""
    return {
        "roles": ROLES,
        "safety": SAFETY,
        "mappings": {"users": [*USER_MAPPINGS, *mapping], "groups": GROUP_MAPPINGS},
        "assignments": [
            {"group": "g-staff", "role": "User"},
            *({"group": team} for team in TEAMS),
            *({"user": a, "role": role} for a in ANCHORS for role in sorted(source["roles"][a])),
        ],
    }


def shown(world: World, anchor: str) -> dict[str, Any]:
    """Return an account as columns of the source, so that both can be compared."""
    account = world.user(anchor)
    name, extension = account.get("name") or {}, account.get(ENTERPRISE) or {}
    mail, address = (_at_work(account.get(many)) for many in ("emails", "addresses"))
    return {
        "userPrincipalName": account["userName"],
        "displayName": account["displayName"],
        "jobTitle": account.get("title"),
        "givenName": name.get("givenName"),
        "surname": name.get("familyName"),
        "mail": mail.get("value"),
        "mailIsPrimary": str(bool(mail.get("primary"))) if mail.get("value") else None,
        "city": address.get("locality"),
        "employeeId": extension.get("employeeNumber"),
        "department": extension.get("department"),
        "manager": (extension.get("manager") or {}).get("value"),
    }


def _at_work(elements: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Any]:
    """Return the element for work."""
    return next((each for each in elements or () if each.get("type") == "work"), {})


def wanted(world: World, source: Mapping[str, Any], anchor: str) -> dict[str, Any]:
    """Return what an account must show, from the source alone."""
    said = source["people"][anchor]
    manager = said["manager"] and world.account_of(said["manager"])
    columns = {"mailIsPrimary": None, **said, "manager": manager}
    return {column: value or None for column, value in columns.items()}


def roles_fit(
    account: Resource, source: Mapping[str, Any], anchor: str, *, all_of_them: bool
) -> bool:
    """Say whether an account has its roles: all of them, or one of them, alone and primary."""
    values = {role["name"]: role["value"] for role in ROLES}
    given = {values["User"], *(values[name] for name in source["roles"][anchor])}
    roles = account["roles"]
    if all_of_them:
        return {role["value"] for role in roles} == given
    return [role["primary"] for role in roles] == [True] and roles[0]["value"] in given


def unmapped(account: Resource) -> dict[str, Any]:
    """Return everything of an account that no mapping is about."""
    name, extension = (dict(account.get(key) or {}) for key in ("name", ENTERPRISE))
    addresses = [dict(each) for each in account.get("addresses") or ()]
    for mapped in ("givenName", "familyName"):
        name.pop(mapped, None)
    for mapped in ("employeeNumber", "department", "manager"):
        extension.pop(mapped, None)
    for address in addresses:
        if address.get("type") == "work":
            address.pop("locality", None)
    home = [each for each in account.get("emails") or () if each.get("type") != "work"]
    rest = {key: account.get(key) for key in ("id", "nickName", "phoneNumbers")}
    bare = {"type": "work"}  # what is left of an address that consisted of what we wrote
    kept = [address for address in addresses if address != bare]
    return {**rest, "name": name, "extension": extension, "addresses": kept, "emails": home}


@pytest.mark.parametrize("profile", FORMS.values(), ids=FORMS)
@given(sources(), sources(), st.sampled_from((SINGLE, LISTED)), st.data())
@FEW
def test_each_change_is_valid_and_leads_where_the_source_says(
    profile: Profile,
    first: dict[str, Any],
    then: dict[str, Any],
    mapping: list[dict[str, Any]],
    data: st.DataObject,
) -> None:
    changes = settings_of(first, mapping)
    source = directory(people_of(first), groups_of(first))
    target = Oracle(profile)
    world = World(application(**changes), source, target, settings=changes, profile=profile)
    world.settle()
    for anchor in ANCHORS:
        data.draw(meddling())(world.user(anchor))
    before = {anchor: unmapped(world.user(anchor)) for anchor in ANCHORS}

    world.becomes(people_of(then), groups_of(then), **settings_of(then, mapping))
    world.settle()

    for anchor in ANCHORS:
        assert shown(world, anchor) == wanted(world, then, anchor)
        assert unmapped(world.user(anchor)) == before[anchor]
        assert roles_fit(world.user(anchor), then, anchor, all_of_them=mapping is LISTED)
    for team in TEAMS:
        members = {world.account_of(member) for member in then["members"][team]}
        kept = world.group(team)
        assert (kept["displayName"], {m["value"] for m in kept.get("members") or ()}) == (
            then["names"][team],
            members,
        )
    assert world.plan().operations == ()
