"""What `explain` and `test` say of values that are made, chosen or hidden."""

import json
from typing import Any

import pytest

from reconciler.workflow import run_tests as room
from reconciler.workflow.explain import explain
from reconciler.workflow.project import open_project
from reconciler.workflow.run_tests import run_tests
from reconciler.workflow.wiring import Wiring
from tests.e2e.company import USER_MAPPINGS, Company
from tests.worlds import MIDNIGHT

GUID = {"target": "nickName", "expression": "Append([department], Guid())", "apply": "on_create"}
CHOICE = {
    "target": "userType",
    "expression": "SelectUniqueValue([gone], [department], [objectId])",
    "apply": "on_create",
}
HIDDEN = {"target": "title", "expression": "Redact([jobTitle])", "default": "Nobody's"}
HIDDEN_NAME = {"target": "userName", "expression": "Redact([userPrincipalName])", "match": 1}
OTHERS = [line for line in USER_MAPPINGS if line["target"] not in ("title", "userName")]


@pytest.fixture
def office(company: Company) -> Company:
    """Everything at once; Ada has a title, Bob has none."""
    company.people["ada"] |= {"jobTitle": "Spy", "department": "Sales"}
    users = [USER_MAPPINGS[0], *OTHERS, GUID, CHOICE, HIDDEN]
    company.application = {"mappings": {"users": users}}
    return company


def outcome(company: Company, user: str, **attributes: Any) -> room.Tested:
    company.application["tests"] = [{"user": user, "expect": {"attributes": attributes}}]
    company.write()
    [one] = run_tests(open_project(company.file), Wiring(), MIDNIGHT)
    return one


def explained(company: Company, user: str) -> tuple[str, list[str]]:
    company.write()
    found = explain(open_project(company.file), "app", user, Wiring(), MIDNIGHT, offline=True)
    return found.user, [line.strip() for section in found.sections for line in section.lines]


def test_a_test_can_expect_that_a_value_is_made_at_apply(office: Company) -> None:
    assert outcome(office, "ada", nickName="generated at apply").problems == ()


@pytest.mark.parametrize("wanted", ["Sales-1", None])
def test_a_test_cannot_expect_a_value_that_is_made_at_apply(
    office: Company, wanted: str | None
) -> None:
    assert outcome(office, "ada", nickName=wanted).problems == (
        f'nickName: expected {json.dumps(wanted)}, found "generated at apply"',
    )


def test_a_test_expects_the_first_choice_because_everything_is_free_offline(
    office: Company,
) -> None:
    assert outcome(office, "ada", userType="Sales").problems == ()
    assert outcome(office, "bob", userType="bob").problems == ()


def test_a_test_that_fails_on_a_hidden_value_shows_neither_side(office: Company) -> None:
    failed = outcome(office, "ada", title="Director")

    assert failed.problems == (
        "title: expected another value than what was found; [Redact] hides both",
    )
    shown = str(failed.sections)
    assert "Spy" not in shown
    assert "[jobTitle] = [Redact]" in shown


def test_explain_says_what_is_made_chosen_and_hidden(office: Company) -> None:
    _, lines = explained(office, "ada")

    assert "nickName <- Append([department], Guid()) = generated at apply; on create only" in lines
    assert any(line.startswith("userType") and 'free of "Sales", "ada"' in line for line in lines)
    assert "title <- Redact([jobTitle]) = [Redact]" in lines


def test_explain_hides_a_default_too(office: Company) -> None:
    _, lines = explained(office, "bob")

    assert "title <- Redact([jobTitle]) = nothing; a create writes [Redact]" in lines


def test_a_person_whose_name_is_hidden_is_not_called_by_it(office: Company) -> None:
    office.application = {"mappings": {"users": [HIDDEN_NAME, *OTHERS]}}
    name = "ada@contoso.example"

    user, lines = explained(office, name)

    assert user == "ada"
    assert [line for line in lines if name in line] == []
    assert outcome(office, name, displayName="x").user == "ada"
