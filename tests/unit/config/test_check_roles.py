"""Which mappings may carry app roles: one as text, or all as the list."""

from collections.abc import Callable

import pytest

Edit = Callable[..., str]
Codes = Callable[..., list[str]]

ACTIVE = "        - {target: active, expression: 'Not([IsSoftDeleted])'}\n"
GROUPS = "      groups:\n        - {target: displayName, source: displayName, match: 1}\n"
VALUE, KIND = ("'roles[primary eq \"True\"].value'", "'roles[primary eq \"True\"].type'")
SINGLE, COMPLEX, ASSERTIVE = (
    f"'{name}([appRoleAssignments])'"
    for name in (
        "SingleAppRoleAssignment",
        "AppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex",
    )
)
OWN = "'urn:x:crm:2.0:User:roles'"


@pytest.fixture
def with_rows(edited: Edit) -> Callable[..., str]:
    """Return the file with more mappings for users."""

    def rows(*added: str) -> str:
        return edited((ACTIVE, ACTIVE + "".join(f"        - {{{row}}}\n" for row in added)))

    return rows


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param(f"target: roles, expression: {COMPLEX}", [], id="add only"),
        pytest.param(f"target: roles, expression: {ASSERTIVE}", [], id="replacing"),
        pytest.param(
            f"target: ROLES, expression: {ASSERTIVE}, apply: on_create", [], id="on create only"
        ),
        pytest.param(f"target: roles, expression: {ASSERTIVE}, clear: true", [], id="clear"),
        pytest.param(f"target: {VALUE}, expression: {SINGLE}", [], id="one role"),
        pytest.param(f"target: userType, expression: {SINGLE}", [], id="one role elsewhere"),
        pytest.param(
            f"target: roles, expression: {SINGLE}", ["roles-need-function"], id="one as all"
        ),
        pytest.param(
            "target: roles, expression: 'Split([a], \",\")'", ["roles-need-function"], id="texts"
        ),
        pytest.param("target: roles, expression: '[a]'", ["roles-need-function"], id="a copy"),
        pytest.param("target: roles, source: a", ["roles-need-function"], id="a source"),
        pytest.param("target: Roles, constant: a", ["roles-need-function"], id="a constant"),
        pytest.param(
            "target: roles, source: appRoleAssignments", ["roles-not-copied"], id="the grants"
        ),
        pytest.param(f"target: {VALUE}, expression: {COMPLEX}", ["roles-need-target"], id="a part"),
        pytest.param(
            f"target: title, expression: {ASSERTIVE}", ["roles-need-target"], id="a title"
        ),
        pytest.param(f"target: {OWN}, expression: {COMPLEX}", ["roles-need-target"], id="own"),
        pytest.param(
            f"target: roles, expression: {ASSERTIVE}, default: user",
            ["unfit-value"],
            id="a default",
        ),
        pytest.param(
            f"target: roles, expression: {COMPLEX}, clear: true",
            ["unfit-value"],
            id="clear what is never taken",
        ),
        pytest.param(
            f"target: roles, expression: {ASSERTIVE}, match: 2", ["unfit-match"], id="a match"
        ),
        pytest.param("target: roles, expression: 'Nope('", ["bad-expression"], id="unreadable"),
    ],
)
def test_ruling_13_a_mapping_that_carries_roles(
    codes: Codes, with_rows: Callable[..., str], row: str, found: list[str]
) -> None:
    assert codes(with_rows(row)) == found


@pytest.mark.parametrize(
    ("others", "found"),
    [
        pytest.param([f"target: {VALUE}, expression: {SINGLE}"], 1, id="a value"),
        pytest.param(
            [f"target: {KIND}, constant: x", f"target: {VALUE}, expression: {SINGLE}"],
            2,
            id="two parts",
        ),
        pytest.param([f"target: {OWN}, expression: {SINGLE}"], 0, id="another schema's"),
        pytest.param([f"target: userType, expression: {SINGLE}"], 0, id="another attribute"),
        pytest.param([f"target: Roles, expression: {COMPLEX}"], 1, id="the list again"),
    ],
)
def test_one_list_has_one_owner(
    codes: Codes, with_rows: Callable[..., str], others: list[str], found: int
) -> None:
    text = with_rows(f"target: roles, expression: {ASSERTIVE}", *others)

    assert codes(text) == ["repeated-target"] * found


def test_several_parts_of_one_role_are_no_list(codes: Codes, with_rows: Callable[..., str]) -> None:
    rows = [f"target: {part}, expression: {SINGLE}" for part in (VALUE, KIND)]

    assert codes(with_rows(*rows)) == []


def test_groups_have_no_roles(codes: Codes, edited: Edit) -> None:
    row = f"        - {{target: externalId, expression: {COMPLEX}}}\n"

    assert codes(edited(end=f"{GROUPS}{row}")) == ["roles-need-target"]
