"""The example company: what its README promises, counted."""

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from reconciler.config.load import load_config
from reconciler.config.model import Application
from reconciler.config.texts import SourceText
from reconciler.directory import Directory, Subject
from reconciler.scope import Cause, RegisteredDomains, Scope
from reconciler.source import FileSource

ROOT = Path(__file__).resolve().parents[3]
CONTOSO = ROOT / "examples" / "contoso"
DAY = date(2026, 11, 23)
"""The day whose numbers the README gives."""


@cache
def application() -> Application:
    text = (ROOT / "provisioning.yaml").read_text("utf-8")
    loaded = load_config(SourceText(text=text, name="provisioning.yaml"))
    return loaded.config.applications["ipass-smartconnect"]


@cache
def export(users: str = "users.csv", groups: str = "groups.yaml") -> Directory:
    return FileSource(CONTOSO / users, CONTOSO / groups).read()


def outcome(scope: Scope, domains: RegisteredDomains, subject: Subject) -> str:
    decision = scope.decide(subject)
    if subject.deleted:
        return "deleted"
    if decision.cause is not Cause.IN_SCOPE:
        return decision.cause
    if not subject.enabled:
        return "disabled"
    return "InvalidDomain" if domains.problem(user_name(subject)) else "wanted"


def user_name(subject: Subject) -> str:
    return str(subject.attributes["userPrincipalName"])


def outcomes(directory: Directory) -> dict[str, str]:
    scope = Scope(application(), directory, DAY)
    domains = RegisteredDomains(application().registered_domains)
    return {a: outcome(scope, domains, s) for a, s in directory.subjects.items()}


def wanted(directory: Directory) -> set[str]:
    return {anchor for anchor, found in outcomes(directory).items() if found == "wanted"}


def test_the_outcomes_are_those_of_the_readme() -> None:
    assert Counter(outcomes(export()).values()) == {
        "wanted": 182,
        Cause.DEFAULT_ACCESS_ONLY: 37,
        Cause.UNASSIGNED: 7,
        Cause.FILTERED_OUT: 6,
        Cause.EXPIRED: 4,
        "disabled": 5,
        "deleted": 3,
        "InvalidDomain": 5,
    }


def test_every_assignment_reaches_somebody() -> None:
    assert Scope(application(), export(), DAY).warnings == ()


def test_nine_of_fourteen_groups_are_in_scope_and_one_member_is_nowhere() -> None:
    scope = Scope(application(), export(), DAY)
    causes = Counter(scope.decide_group(group).cause for group in export().groups.values())

    assert causes == {Cause.IN_SCOPE: 9, Cause.UNASSIGNED: 4, Cause.EXPIRED: 1}
    assert export().ignored_members == 1


def test_a_group_within_a_group_gives_its_members_nothing() -> None:
    groups = {group.display_name: group for group in export().groups.values()}
    inner = {groups["Sales"].anchor, groups["Customer Support"].anchor}

    assert inner < set(groups["Field Staff"].members)


def test_an_expired_assignment_takes_nothing_that_another_one_gives() -> None:
    groups = {group.display_name: group for group in export().groups.values()}
    both = set(groups["Contractors"].members) & set(groups["Contractors 2025"].members)

    assert len(both) == 1
    assert both <= wanted(export())


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("hannah.null@contoso.example", "surname", "Null"),
        ("bodil.skov@contoso.example", "employeeId", "027418"),
        ("ada@contoso.example", "country", "NO"),
        ("jurgen.gross@contoso.example", "jobTitle", 'Head of "Big Deals", EMEA'),
        ("ipek.yilmaz@contoso.example", "givenName", "İpek"),
    ],
)
def test_what_looks_like_something_else_is_text(name: str, attribute: str, value: str) -> None:
    subject = next(s for s in export().subjects.values() if user_name(s) == name)

    assert subject.attributes[attribute] == value


def test_the_lost_department_is_more_than_any_guard_allows() -> None:
    lost = export("hr-lost-department/users.csv")
    before, after = len(export().subjects), len(lost.subjects)

    assert (before, after) == (249, 207)
    assert before - after > before * 10 // 100
    assert len(wanted(export()) - wanted(lost)) == 35


def test_next_month_has_two_leavers_a_rename_and_a_new_hire() -> None:
    now, later = export(), export("next-month/users.csv", "next-month/groups.yaml")
    stay = wanted(now) & wanted(later)
    renamed = [
        (user_name(now.subjects[a]), user_name(later.subjects[a]))
        for a in stay
        if user_name(now.subjects[a]) != user_name(later.subjects[a])
    ]

    assert sorted(user_name(now.subjects[a]) for a in wanted(now) - wanted(later)) == [
        "sigrid.ravn@contoso.example",
        "tobin.yamamoto@contoso.example",
    ]
    assert [user_name(later.subjects[a]) for a in wanted(later) - wanted(now)] == [
        "noor.haddad@contoso.example"
    ]
    assert renamed == [("emma.clarke@contoso.co.uk", "emma.nakamura@contoso.co.uk")]
