"""The tests of the file: what was expected, what was found, and why."""

from typing import Any

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.workflow import run_tests as room
from reconciler.workflow.project import open_project
from reconciler.workflow.run_tests import run_tests
from reconciler.workflow.wiring import Wiring
from tests.e2e.company import ENTERPRISE, Company
from tests.worlds import MIDNIGHT, USER_MAPPINGS


def outcome(company: Company, user: str, **expect: Any) -> room.Tested:
    company.application["tests"] = [{"user": user, "expect": expect}]
    company.write()
    [one] = run_tests(open_project(company.file), Wiring(), MIDNIGHT)
    return one


@pytest.fixture
def office(company: Company) -> Company:
    """Somebody of every kind."""
    company.people["bob"]["accountEnabled"] = "false"
    company.people["cleo"]["userPrincipalName"] = "cleo@elsewhere.example"
    company.people["ada"] |= {"manager": "bob", "jobTitle": "Director"}
    company.people["out"] = {"userPrincipalName": "out@contoso.example"}
    company.application = {"registered_domains": ["contoso.example"]}
    return company


@pytest.mark.parametrize(
    ("user", "expect"),
    [
        ("ada", {"in_scope": True, "role": "User"}),
        ("ADA@contoso.example", {"in_scope": True}),
        ("ada", {"attributes": {"title": "Director", "active": True, "name.familyName": None}}),
        ("ada", {"attributes": {"ACTIVE": "True"}}),
        ("ada", {"attributes": {"active": "true"}}),
        ("ada", {"attributes": {f"{ENTERPRISE}:manager": "bob"}}),
        ("bob", {"in_scope": False}),
        ("cleo", {"in_scope": True, "skipped": "InvalidDomain"}),
        ("out", {"in_scope": False, "skipped": "NotEffectivelyEntitled"}),
    ],
    ids=str,
)
def test_what_is_so_passes(user: str, expect: dict[str, Any], office: Company) -> None:
    one = outcome(office, user, **expect)

    assert (one.problems, one.sections) == ((), ())


def test_a_list_of_roles_is_compared_by_its_values(office: Company) -> None:
    line = {
        "target": "roles",
        "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
    }
    others = [one for one in USER_MAPPINGS if not one["target"].startswith("roles")]
    office.application["mappings"] = {"users": [*others, line]}

    right = outcome(office, "ada", attributes={"roles": "user"})
    wrong = outcome(office, "ada", attributes={"roles": "admin, user"})

    assert right.problems == ()
    assert wrong.problems == ('roles: expected "admin, user", found "user"',)


@pytest.mark.parametrize(
    ("user", "expect", "problem"),
    [
        ("ada", {"in_scope": False}, "in_scope: expected false, found true"),
        ("bob", {"in_scope": True}, "in_scope: expected true, found false"),
        ("ada", {"role": "Administrator"}, "role: expected Administrator, found User"),
        ("out", {"role": "User"}, "role: expected User, found Default Access"),
        ("ada", {"skipped": "InvalidDomain"}, "skipped: expected InvalidDomain, found not skipped"),
        (
            "out",
            {"skipped": "InvalidDomain"},
            "skipped: expected InvalidDomain, found NotEffectivelyEntitled",
        ),
        ("ada", {"attributes": {"title": "Boss"}}, 'title: expected "Boss", found "Director"'),
        ("ada", {"attributes": {"active": False}}, "active: expected false, found true"),
        (
            "ada",
            {"attributes": {"name.familyName": "A"}},
            'name.familyName: expected "A", found null',
        ),
    ],
    ids=str,
)
def test_what_is_not_so_is_told(
    user: str, expect: dict[str, Any], problem: str, office: Company
) -> None:
    one = outcome(office, user, **expect)

    assert one.problems == (problem,)
    assert one.because
    assert [section.title.strip() for section in one.sections] == [
        "1. Import",
        "2. Scope",
        "Mappings",
    ]


def test_nobody_is_a_failure_and_no_error(office: Company) -> None:
    one = outcome(office, "nobody", in_scope=False)

    assert one.problems == ('the source has no user "nobody"',)


def test_an_application_without_tests_is_not_judged(company: Company) -> None:
    company.write()

    assert run_tests(open_project(company.file), Wiring(), MIDNIGHT) == ()


def test_a_source_that_cannot_be_read_is_an_error(company: Company) -> None:
    company.write()
    (company.folder / "people.csv").unlink()

    with pytest.raises(ConfigError, match="missing-file"):
        run_tests(open_project(company.file), Wiring(), MIDNIGHT)
