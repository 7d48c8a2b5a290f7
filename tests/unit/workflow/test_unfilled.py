"""What mappings read and the source does not have."""

from typing import Any

import pytest

from reconciler.config.model import Application
from reconciler.diagnostics import Position
from reconciler.workflow.unfilled import unfilled
from tests.worlds import USER_MAPPINGS, application, directory, group, person

NAME = next(line for line in USER_MAPPINGS if line["target"] == "userName")
ACTIVE = next(line for line in USER_MAPPINGS if line["target"] == "active")


def with_line(line: dict[str, Any], table: str = "users") -> Application:
    """Return an application that also maps *line*."""
    name = {"target": "displayName", "source": "displayName", "match": 1}
    tables = {"users": [NAME, ACTIVE], "groups": [name]}
    tables[table].append(line)
    return application(mappings=tables)


def told(line: dict[str, Any], table: str = "users") -> list[tuple[str, str, str]]:
    """Return code, message and hint of each warning, with Ada and Bob in the source."""
    people = [person("ada", jobTitle="Chief", city="Oslo"), person("bob", city="Bergen")]
    source = directory(people, [group("g-1", "Staff", "ada", label="new")])
    found = unfilled(
        with_line(line, table), source, lambda place: Position("f.yaml", len(place), 1)
    )
    return [(one.code, one.message, one.hint or "") for one in found]


@pytest.mark.parametrize(
    ("line", "name", "hint"),
    [
        ({"source": "jobTitel"}, "jobTitel", 'did you mean "jobTitle"?'),
        ({"source": "zip"}, "zip", "an attribute that nobody has is always null"),
        ({"expression": "Append([cty], [city])"}, "cty", 'did you mean "city"?'),
    ],
)
def test_an_attribute_that_nobody_has(line: dict[str, Any], name: str, hint: str) -> None:
    message = f'nobody in the source has the attribute "{name}"'

    assert told({"target": "title", **line}) == [("unknown-attribute", message, hint)]


@pytest.mark.parametrize(
    ("line", "table"),
    [
        ({"target": "title", "source": "jobTitle"}, "users"),
        ({"target": "title", "constant": "x"}, "users"),
        ({"target": "title", "expression": "Not([IsSoftDeleted])"}, "users"),
        ({"target": "title", "expression": "Count([appRoleAssignments])"}, "users"),
        ({"target": "title", "source": "originalUserPrincipalName"}, "users"),
        ({"target": "members", "source": "members"}, "groups"),
        ({"target": "externalId", "source": "label"}, "groups"),
        ({"target": "title", "expression": "Join("}, "users"),
    ],
)
def test_what_somebody_has_or_nobody_needs_to_is_not_warned_of(
    line: dict[str, Any], table: str
) -> None:
    assert told(line, table) == []


def test_attributes_of_groups_are_sought_among_groups() -> None:
    [(code, message, _)] = told({"target": "externalId", "source": "jobTitle"}, "groups")

    assert (code, message.rpartition(" ")[2]) == ("unknown-attribute", '"jobTitle"')


def test_a_source_without_anybody_has_its_own_error() -> None:
    line = {"target": "title", "source": "jobTitel"}

    assert list(unfilled(with_line(line), directory([]), lambda place: Position("f", 1, 1))) == []


IN_FULL = 'they are skipped; write Switch([jobTitle], "no", "Chief", "yes")'
IN_SHORT = 'they are skipped; use Switch, whose key "" matches an empty value'


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        pytest.param('IIF([jobTitle] = "Chief", "yes", "no")', IN_FULL, id="equal"),
        pytest.param('IIF([jobTitle] <> "Chief", "yes", "no")', IN_SHORT, id="different"),
        pytest.param('IIF("Chief" = [jobTitle], "yes", "no")', IN_SHORT, id="the other way round"),
        pytest.param('Append(IIF([jobTitle] = "x", "y", "z"), "!")', IN_SHORT, id="inside"),
        pytest.param('"a" & CBool([jobTitle] = [city])', IN_SHORT, id="CBool"),
        pytest.param('Switch(CBool([jobTitle] = "x"), , "True", "y")', IN_SHORT, id="of a Switch"),
    ],
)
def test_a_condition_that_fails_for_a_part_of_the_source(expression: str, hint: str) -> None:
    message = "the condition fails for whoever has no [jobTitle]: 1 of 2"

    found = told({"target": "title", "expression": expression})

    assert found == [("doubtful-expression", message, hint)]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param('IIF([city] = "Oslo", "yes", "no")', id="everybody has it"),
        pytest.param('IIF([city] = "Oslo", IIF([jobTitle] = "x", "y", "z"), "n")', id="a branch"),
        pytest.param('Switch([city], "n", "Oslo", CBool([jobTitle] = "x"))', id="a value"),
        pytest.param('Coalesce([city], CBool([jobTitle] = "x"))', id="a last resort"),
        pytest.param('IIF([jobTitle] = "", "yes", "no")', id="warned of without the source"),
        pytest.param('Switch([jobTitle], "n", "Chief", "yes")', id="the better form"),
    ],
)
def test_a_condition_that_does_not_fail_or_is_not_for_everybody(expression: str) -> None:
    assert told({"target": "title", "expression": expression}) == []
