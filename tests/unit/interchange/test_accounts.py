"""What `import scim` says of live accounts: neither more nor less than a plan would do."""

import pytest

from reconciler.interchange.accounts import adopt
from tests.worlds import USER_MAPPINGS, MemoryTarget, application

GUEST = "ada_home.example#EXT#@contoso.example"


def test_ruling_7_an_account_without_active_is_on_and_nothing_is_said_of_it() -> None:
    target = MemoryTarget()
    target.add_user("t-1", "ada@contoso.example", externalId="ada", active=None)

    assert adopt(application(), target.live()).notes == []


@pytest.mark.parametrize("name", [GUEST, "ada_home.example#EXT#@elsewhere.example"])
def test_a_guest_whom_the_mapping_would_rename_is_told(name: str) -> None:
    target = MemoryTarget()
    target.add_user("t-1", name, externalId="ada", active=True)

    [note] = adopt(application(), target.live()).notes

    assert note == "userName: the mapping yields something else for 1; a link would write it"


SINGLE = "SingleAppRoleAssignment([appRoleAssignments])"
OWNER = f'Switch({SINGLE}, "Guest", "admin", "Owner", "user", "Reader")'
JOINED = 'Join(";", AppRoleAssignments([appRoleAssignments]))'


@pytest.mark.parametrize(
    ("expression", "live", "roles"),
    [
        pytest.param(SINGLE, "admin", ["Administrator"], id="a role"),
        pytest.param(OWNER, "Owner", ["Administrator"], id="what is made of a role"),
        pytest.param(OWNER, "reader", ["User"], id="in another case"),
        pytest.param(OWNER, "Guest", [None], id="what is made of none"),
        pytest.param(JOINED, "admin;user", ["Administrator", "User"], id="what is made of two"),
        pytest.param(OWNER, "local", ["local"], id="a role that only the service knows"),
    ],
)
def test_a_value_that_an_expression_made_of_roles_stands_for_these(
    expression: str, live: str, roles: list[str | None]
) -> None:
    target = MemoryTarget()
    target.add_user("t-1", "ada@contoso.example", externalId="ada", active=True, userType=live)
    others = [line for line in USER_MAPPINGS if not line["target"].startswith("roles")]
    line = {"target": "userType", "expression": expression}
    app = application(mappings={"users": [*others, line]})

    adopted = adopt(app, target.live())

    assert [one.get("role") for one in adopted.assignments] == roles


def test_what_redact_hides_is_in_the_files_and_that_is_said() -> None:
    target = MemoryTarget()
    target.add_user("t-1", "ada@contoso.example", externalId="ada", active=True, title="Chief")
    others = [line for line in USER_MAPPINGS if line["target"] != "title"]
    line = {"target": "title", "expression": "Redact([jobTitle])"}

    adopted = adopt(application(mappings={"users": [*others, line]}), target.live())

    assert adopted.people[0]["jobTitle"] == "Chief"
    assert adopted.notes == ["title: hidden by Redact elsewhere, but a source holds it as it is"]
