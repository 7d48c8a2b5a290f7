from collections.abc import Callable

import pytest

from reconciler.config import Loaded
from reconciler.diagnostics import ConfigError

Edit = Callable[..., str]
Codes = Callable[..., list[str]]

ACTIVE = "        - {target: active, expression: 'Not([IsSoftDeleted])'}\n"
URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUPS = "      groups:\n        - {target: displayName, source: displayName, match: 1}\n"


@pytest.fixture
def with_row(edited: Edit) -> Callable[[str], str]:
    """Return the file with one more mapping for users."""
    return lambda row: edited((ACTIVE, f"{ACTIVE}        - {row}\n"))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("{target: name.givenName, source: givenName}", [], id="a sub-attribute"),
        pytest.param("{target: NAME.GIVENNAME, source: givenName}", [], id="in another case"),
        pytest.param(
            "{target: 'emails[type eq \"work\"].value', source: mail}", [], id="an element"
        ),
        pytest.param(
            "{target: 'roles[primary eq \"True\"].value', constant: user}", [], id="a role"
        ),
        pytest.param(
            "{target: roles, expression: "
            "'AssertiveAppRoleAssignmentsComplex([appRoleAssignments])'}",
            [],
            id="all roles",
        ),
        pytest.param(f"{{target: '{URN}:department', source: department}}", [], id="enterprise"),
        pytest.param(f"{{target: '{URN}:manager', source: manager}}", [], id="manager"),
        pytest.param(f"{{target: '{URN}:manager.value', source: manager}}", [], id="its value"),
        pytest.param(
            "{target: 'urn:x:ext:2.0:User:badge', source: badge}", [], id="an own extension"
        ),
        pytest.param("{target: 'urn:x:ext:2.0:User:badge', constant: true}", [], id="of any type"),
        pytest.param(
            "{target: 'urn:ietf:params:scim:schemas:core:2.0:User:title', source: t}", [], id="core"
        ),
        pytest.param("{target: externalId, source: objectId, match: 2}", [], id="a second match"),
        pytest.param("{target: title, source: jobTitle, default: Employee}", [], id="a default"),
        pytest.param("{target: title, constant: 7}", [], id="a number"),
        pytest.param(
            "{target: 'emails[type eq \"work\"].primary', constant: 'True'}", [], id="text for true"
        ),
        pytest.param("{target: 'emails[type eq \"work\"].primary', constant: true}", [], id="true"),
        pytest.param("{target: nickname, source: a, apply: on_create}", [], id="on_create"),
        pytest.param("{target: id, source: objectId}", ["read-only-target"], id="id"),
        pytest.param("{target: ID, source: objectId}", ["read-only-target"], id="id in capitals"),
        pytest.param("{target: meta, source: a}", ["read-only-target"], id="meta"),
        pytest.param("{target: groups, source: a}", ["read-only-target"], id="groups"),
        pytest.param("{target: Password, source: a}", ["password-target"], id="a password"),
        pytest.param("{target: name, source: a}", ["complex-target"], id="the whole name"),
        pytest.param(
            "{target: 'addresses[type eq \"work\"]', source: a}",
            ["complex-target"],
            id="an element whole",
        ),
        pytest.param("{target: phoneNumbers.value, source: a}", ["filter-needed"], id="no element"),
        pytest.param("{target: nickname.first, source: a}", ["unknown-target"], id="no such part"),
        pytest.param("{target: members, source: a}", ["unknown-target"], id="of a group"),
        pytest.param("{target: active, source: a}", ["repeated-target"], id="twice"),
        pytest.param(
            "{target: title, expression: '[jobTitle'}", ["bad-expression"], id="no expression"
        ),
        pytest.param("{target: title, source: a, constant: b}", ["exactly-one"], id="two values"),
        pytest.param("{target: title}", ["exactly-one"], id="no value"),
        pytest.param("{target: title, source: a, match: 0}", ["out-of-range"], id="match 0"),
        pytest.param(
            "{target: title, source: a, match: 1}", ["repeated-match"], id="match 1 twice"
        ),
        pytest.param(
            "{target: title, constant: a, match: 2}", ["unfit-match"], id="match a constant"
        ),
        pytest.param(
            f"{{target: '{URN}:manager', source: manager, match: 2}}",
            ["unfit-match"],
            id="match a reference",
        ),
        pytest.param(
            "{target: title, source: a, apply: sometimes}", ["not-allowed-value"], id="apply"
        ),
    ],
)
def test_ruling_2_mappings(
    codes: Codes, with_row: Callable[[str], str], row: str, found: list[str]
) -> None:
    assert codes(with_row(row)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("{target: members, source: members}", [], id="members"),
        pytest.param("{target: externalId, source: objectId}", [], id="externalId"),
        pytest.param("{target: members, constant: a}", ["reference-needs-source"], id="a constant"),
        pytest.param("{target: userName, source: a}", ["unknown-target"], id="of a user"),
        pytest.param(f"{{target: '{URN}:manager', source: a}}", ["unknown-target"], id="extension"),
    ],
)
def test_mappings_of_groups(codes: Codes, edited: Edit, row: str, found: list[str]) -> None:
    assert codes(edited(end=f"{GROUPS}        - {row}\n")) == found


def test_groups_need_a_match_of_their_own(load: Callable[[str], Loaded], edited: Edit) -> None:
    with pytest.raises(ConfigError) as caught:
        load(edited(end=GROUPS.replace(", match: 1", "")))

    (problem,) = caught.value.diagnostics
    assert problem.code == "nothing-matches"
    assert "e.g. `displayName`" in str(problem.hint)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param(
            '{target: active, expression: \'Switch([IsSoftDeleted], "T", "True", "F")\'}',
            [],
            id="as Entra does",
        ),
        pytest.param(
            "{target: title, expression: 'Append([IsSoftDeleted], \"\")'}",
            [],
            id="another attribute",
        ),
        pytest.param("{target: 'urn:x:y:2.0:User:locked', source: IsSoftDeleted}", [], id="copied"),
        pytest.param("{target: active, constant: true}", ["nothing-disables"], id="always active"),
        pytest.param(
            "{target: active, source: IsSoftDeleted}", ["nothing-disables"], id="inverted"
        ),
        pytest.param(
            "{target: Active, expression: 'Not(Not([IsSoftDeleted]))'}",
            ["nothing-disables"],
            id="inverted twice",
        ),
        pytest.param(
            '{target: active, expression: \'Switch([IsSoftDeleted], , "false", "true")\'}',
            ["nothing-disables"],
            id="keys of the wrong case",
        ),
        pytest.param(
            '{target: active, expression: \'Switch([IsSoftDeleted], "False", "Yes", "True")\'}',
            ["nothing-disables"],
            id="nobody stays active",
        ),
        pytest.param(
            '{target: active, expression: \'Switch([IsSoftDeleted], [on], "True", "False")\'}',
            [],
            id="what depends on the person",
        ),
        pytest.param("{target: title, source: jobTitle}", ["nothing-disables"], id="not read"),
        pytest.param(
            "{target: active, expression: 'Not([IsSoftDeleted])', apply: on_create}",
            ["nothing-disables"],
            id="on create only",
        ),
        pytest.param(
            "{target: active, expression: 'Not([isSoftDeleted])'}",
            ["nothing-disables"],
            id="misspelt",
        ),
        pytest.param(
            "{target: active, expression: 'Not([IsSoftDeleted]'}",
            ["bad-expression"],
            id="not readable",
        ),
    ],
)
@pytest.mark.parametrize("lifecycle", ["{}", "{leaves_scope: keep, deleted_at_source: keep}"])
def test_ruling_6_disable_needs_a_mapping_that_reads_is_soft_deleted(
    codes: Codes, edited: Edit, row: str, found: list[str], lifecycle: str
) -> None:
    text = edited((ACTIVE, f"        - {row}\n"), end=f"    lifecycle: {lifecycle}\n")

    assert codes(text) == found


def test_ruling_6_without_update_nobody_is_disabled(codes: Codes, edited: Edit) -> None:
    text = edited((ACTIVE, ""), end="    lifecycle: {actions: [create, delete]}\n")

    assert codes(text) == []


def test_all_the_parts_of_a_misread_table_are_told_apart(
    codes: Codes, with_row: Callable[[str], str]
) -> None:
    assert codes(with_row("{target: usrname, source: a, match: 1}")) == [
        "unknown-target",
        "repeated-match",
    ]


@pytest.mark.parametrize("constants", [("true", "1"), ("1", "true")], ids=str)
def test_true_and_one_are_judged_apart_in_one_file(
    edited: Edit, codes: Codes, constants: tuple[str, str]
) -> None:
    """They are equal to Python, and what is known of a line is kept for the next like it."""
    rows = [f"{{target: active, constant: {one}}}" for one in constants]
    apart = [codes(edited((ACTIVE, f"        - {row}\n"))) for row in rows]

    assert apart[0] != apart[1]
