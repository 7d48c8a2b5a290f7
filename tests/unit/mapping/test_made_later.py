"""Values that a mapping cannot finish: made at apply, chosen by the plan, hidden from people."""

from typing import Any

import pytest

from reconciler.config.model import AttributeMapping
from reconciler.expr import RoleGrant, Surroundings, Value
from reconciler.mapping import Table
from reconciler.scim.schema import CORE
from reconciler.shapes import MappingError
from reconciler.states import FirstFree, Generated
from tests.worlds import MIDNIGHT, CountedChance

KNOWN = Surroundings(MIDNIGHT, "contoso.example")
NAME = {"target": "userName", "source": "userPrincipalName", "match": 1}


def table(*lines: dict[str, Any], surroundings: Surroundings = KNOWN) -> Table:
    mappings = [AttributeMapping(**line) for line in (NAME, *lines)]
    return Table(mappings, "User", CORE, surroundings)


def created(expression: str, target: str = "nickName", **attributes: Value) -> object:
    """Return what a create would write at *target*."""
    line = {"target": target, "expression": expression, "apply": "on_create"}
    return table(line).project(attributes).created.get(target)


def test_what_is_made_at_apply_is_handed_on_as_an_expression_and_what_it_reads() -> None:
    wanted = created('Join("-", [surname], [tags], [fax], Guid())', surname="Lo", tags=("a", "b"))

    assert wanted == Generated(
        'Join("-", [surname], [tags], [fax], Guid())', {"surname": "Lo", "tags": ("a", "b")}
    )


def test_the_default_domain_goes_along_only_where_it_is_asked_for() -> None:
    assert created('Join("@", Guid(), DefaultDomain())') == Generated(
        'Join("@", Guid(), DefaultDomain())', {}, "contoso.example"
    )


def test_computed_attributes_are_kept_as_an_expression_sees_them() -> None:
    wanted = created("Append([IsSoftDeleted], Guid())", IsSoftDeleted="False")

    assert isinstance(wanted, Generated)
    assert wanted.attributes == {"IsSoftDeleted": "False"}


def test_an_account_that_exists_is_not_given_what_is_made_at_apply() -> None:
    line = {"target": "nickName", "expression": "Guid()", "apply": "on_create"}

    assert table(line).project({}).managed == {}


def test_whoever_a_value_cannot_be_made_for_is_known_when_the_plan_is_made() -> None:
    with pytest.raises(MappingError, match="nickName: RandomString: argument 1"):
        created("RandomString([length], 0, 0, 0, 0)", length="many")


def test_a_value_that_cannot_have_the_type_of_its_target_is_known_when_the_plan_is_made() -> None:
    with pytest.raises(MappingError, match="expected True or False"):
        created("Guid()", 'emails[type eq "work"].primary')


def test_who_gets_nothing_gets_nothing_made() -> None:
    expression = 'Switch([country], "", "US", Guid())'

    assert created(expression, country="DE") is None
    assert isinstance(created(expression, country="US"), Generated)


def test_roles_cannot_be_kept_for_later() -> None:
    expression = 'Join("", SingleAppRoleAssignment([appRoleAssignments]), Guid())'

    with pytest.raises(MappingError, match="appRoleAssignments"):
        created(expression, appRoleAssignments=(RoleGrant("a", "Admin"),))


def test_with_chance_the_value_is_made_at_once() -> None:
    line = {"target": "nickName", "expression": "Guid()", "apply": "on_create"}
    surroundings = Surroundings(MIDNIGHT, None, CountedChance())

    value = table(line, surroundings=surroundings).project({}).created["nickName"]

    assert isinstance(value, str)
    assert len(value) == 36


def test_candidates_for_a_unique_value_are_left_to_the_plan() -> None:
    expression = 'SelectUniqueValue([mailNickname], Append([mailNickname], "2"), [gone])'

    assert created(expression, mailNickname="ada") == FirstFree(("ada", "ada2"))


def test_candidates_that_are_all_null_are_nothing() -> None:
    assert created("SelectUniqueValue([a], [b])") is None


@pytest.mark.parametrize(
    ("expression", "hidden"),
    [
        ("Redact([jobTitle])", True),
        ('Join(" ", Redact([jobTitle]), [city])', True),
        ("SelectUniqueValue(Redact([jobTitle]), [city])", True),
        ("Append([jobTitle], [city])", False),
    ],
)
def test_a_target_is_hidden_wherever_its_expression_calls_redact(
    expression: str, hidden: bool
) -> None:
    found = table({"target": "title", "expression": expression, "apply": "on_create"})

    assert found.redacted == ({"title"} if hidden else set())
    assert found.hides("TITLE") is hidden
    assert not found.hides_name


def test_what_is_hidden_is_still_sent() -> None:
    found = table({"target": "title", "expression": "Redact([jobTitle])"})

    assert found.project({"jobTitle": "Spy"}).managed == {"title": "Spy"}
