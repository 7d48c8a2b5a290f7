"""Values that only a create can write: where they may stand."""

from collections.abc import Callable

import pytest

from reconciler.config.check_creates import SEEN
from reconciler.plan import generated

Codes = Callable[..., list[str]]
Edit = Callable[..., str]

MATCH = "        - {target: userName, source: userPrincipalName, match: 1}\n"
ANCHOR = "        - {target: externalId, source: objectId, match: 1}\n"
CHOICE = "SelectUniqueValue([mailNickname], [objectId])"
RANDOM = "RandomString(8, 2, 2, 2, 2)"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("target: nickName, expression: 'Guid()', apply: on_create", [], id="guid"),
        pytest.param(
            f"target: nickName, expression: '{RANDOM}', apply: on_create", [], id="random"
        ),
        pytest.param(
            "target: nickName, expression: 'Redact(Guid())', apply: on_create", [], id="hidden"
        ),
        pytest.param(
            f"target: nickName, expression: '{CHOICE}', apply: on_create", [], id="a choice"
        ),
        pytest.param(
            "target: nickName, expression: 'Guid()'", ["unfit-generated"], id="guid in every plan"
        ),
        pytest.param(
            "target: nickName, expression: 'Left(Guid(), 4)', apply: always, match: 2",
            ["unfit-generated", "unfit-generated"],
            id="guid in every plan and to match by",
        ),
        pytest.param(
            'target: nickName, expression: \'Join("", SingleAppRoleAssignment'
            "([appRoleAssignments]), Guid())', apply: on_create",
            ["unfit-generated"],
            id="a role inside",
        ),
        pytest.param(
            "target: 'roles[primary eq \"True\"].display', expression: 'Guid()', apply: on_create",
            ["unfit-generated"],
            id="a role's name",
        ),
        pytest.param(
            "target: nickName, expression: 'SelectUniqueValue(Guid(), [a])', apply: on_create",
            ["unfit-generated"],
            id="chance to choose from",
        ),
        pytest.param(
            f"target: nickName, expression: '{CHOICE}'", ["unfit-choice"], id="a choice always"
        ),
        pytest.param(
            f"target: nickName, expression: '{CHOICE}', apply: on_create, match: 2",
            ["unfit-choice"],
            id="a choice to match by",
        ),
        pytest.param(
            f"target: nickName, expression: 'ToLower({CHOICE})', apply: on_create",
            ["bad-expression"],
            id="a choice inside",
        ),
    ],
)
def test_what_only_a_create_can_write(
    codes: Codes, edited: Edit, row: str, found: list[str]
) -> None:
    assert codes(edited((MATCH, f"{MATCH}        - {{{row}}}\n"))) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [(CHOICE, []), ("Append([mailNickname], Guid())", ["unfit-generated"])],
    ids=["chosen", "made"],
)
def test_a_user_name_can_be_chosen_and_not_made_when_something_else_matches(
    codes: Codes, edited: Edit, expression: str, found: list[str]
) -> None:
    name = f"        - {{target: userName, expression: '{expression}', apply: on_create}}\n"

    assert codes(edited((MATCH, name + ANCHOR))) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [("SelectUniqueValue([displayName], [objectId])", []), ("Guid()", ["unfit-generated"])],
    ids=["chosen", "made"],
)
def test_the_name_of_a_group_is_a_name_too(
    codes: Codes, edited: Edit, expression: str, found: list[str]
) -> None:
    groups = (
        "      groups:\n"
        f"        - {{target: displayName, expression: '{expression}', apply: on_create}}\n"
        + ANCHOR
    )

    text = edited(("{users: people.csv}", "{users: people.csv, groups: g.csv}"), end=groups)

    assert codes(text) == found


def test_what_validate_lets_pass_a_plan_may_hold() -> None:
    """The two lists are apart, because configurations know no plans."""
    in_plans = {(kind.value, name) for kind, names in generated.SEEN.items() for name in names}

    assert in_plans - {("Group", "members")} == SEEN
