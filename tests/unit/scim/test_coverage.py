"""What a named attribute, or schema, covers."""

import pytest

from reconciler.scim.coverage import covers, is_nameable
from reconciler.scim.paths import parse_path

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.mark.parametrize(
    ("named", "path", "covered"),
    [
        pytest.param("title", "title", True, id="itself"),
        pytest.param("TITLE", "title", True, id="in another case"),
        pytest.param("title", "nickName", False, id="another"),
        pytest.param("name", "name.givenName", True, id="a part of it"),
        pytest.param("name.givenName", "name.givenName", True, id="that part"),
        pytest.param("name.givenName", "name.familyName", False, id="another part"),
        pytest.param("name.givenName", "name", False, id="the whole of a part"),
        pytest.param("emails", 'emails[type eq "work"].value', True, id="an element"),
        pytest.param('emails[type eq "work"]', 'emails[type eq "work"].value', True, id="the same"),
        pytest.param('emails[type eq "home"]', 'emails[type eq "work"].value', False, id="other"),
        pytest.param("emails.display", 'emails[type eq "work"].display', True, id="of any element"),
        pytest.param("emails.display", 'emails[type eq "work"].value', False, id="not its value"),
        pytest.param(f"{CORE}:title", "title", True, id="with the core schema in front"),
        pytest.param(ENTERPRISE, f"{ENTERPRISE}:department", True, id="a schema"),
        pytest.param(ENTERPRISE.upper(), f"{ENTERPRISE}:department", True, id="in capitals"),
        pytest.param(f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager", True, id="in a schema"),
        pytest.param(f"{ENTERPRISE}:manager.value", f"{ENTERPRISE}:manager", True, id="its id"),
        pytest.param("department", f"{ENTERPRISE}:department", False, id="of another schema"),
        pytest.param(ENTERPRISE, "title", False, id="not of that schema"),
        pytest.param("urn:acme:crm", "urn:acme:crm:colour", True, id="a schema without version"),
    ],
)
def test_what_is_covered(named: str, path: str, covered: bool) -> None:
    assert covers((named,), parse_path(path)) is covered


def test_one_of_several_is_enough() -> None:
    assert covers(("title", "name"), parse_path("name.givenName"))
    assert not covers((), parse_path("title"))


@pytest.mark.parametrize(
    ("text", "nameable"),
    [("title", True), ('emails[type eq "work"]', True), (ENTERPRISE, True), ("e mails", False)],
)
def test_what_can_name_attributes(text: str, nameable: bool) -> None:
    assert is_nameable(text) is nameable
