from collections.abc import Callable

import pytest

Edit = Callable[..., str]
Codes = Callable[..., list[str]]

ROLE = "      - {name: Reader, value: ro}\n"
ASSIGNMENT = "      - {group: Everyone, role: Reader}\n"
ASSIGNMENTS = f"    assignments:\n{ASSIGNMENT}"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param(ASSIGNMENTS, "    scope: all\n", [], id="everybody is meant"),
        pytest.param(ASSIGNMENTS, "", ["nobody-assigned"], id="nobody is"),
        pytest.param(ASSIGNMENTS, "    scope: assigned\n", ["nobody-assigned"], id="by name"),
        pytest.param(", role: Reader", "", ["everybody-excluded"], id="no role at all"),
        pytest.param(
            f"{ASSIGNMENTS}",
            f"    default_access: include\n{ASSIGNMENTS}".replace(", role: Reader", ""),
            [],
            id="included",
        ),
        pytest.param(ASSIGNMENT, f"{ASSIGNMENT}      - {{group: All}}\n", [], id="one has a role"),
        pytest.param(
            ", role: Reader", ", role: default access", ["unknown-role"], id="by its name"
        ),
        pytest.param(", role: Reader", ", role: reader", ["unknown-role"], id="in another case"),
    ],
)
def test_ruling_1_no_list_makes_everybody_leave(
    codes: Codes, edited: Edit, before: str, after: str, found: list[str]
) -> None:
    assert codes(edited((before, after))) == found


@pytest.mark.parametrize(
    ("role", "found"),
    [
        pytest.param("{name: Writer, value: rw}", [], id="another"),
        pytest.param("{name: READER, value: rw}", ["repeated-role"], id="the same name"),
        pytest.param("{name: Writer, value: ro}", ["repeated-role"], id="the same value"),
        pytest.param("{name: Writer, value: RO}", [], id="a value in another case"),
        pytest.param("{name: Default Access, value: x}", ["reserved-role"], id="the name of none"),
    ],
)
def test_roles(codes: Codes, edited: Edit, role: str, found: list[str]) -> None:
    assert codes(edited((ROLE, f"{ROLE}      - {role}\n"))) == found


@pytest.mark.parametrize(
    ("assignment", "found"),
    [
        pytest.param("{user: Everyone, role: Reader}", [], id="a user of that name"),
        pytest.param("{group: Everyone}", [], id="without the role"),
        pytest.param("{group: Everyone, role: Reader, expires: 2030-01-01}", [], id="with an end"),
        pytest.param("{role: Reader, group: Everyone}", ["repeated-assignment"], id="the same"),
    ],
)
def test_an_assignment_given_twice_is_a_warning(
    codes: Codes, edited: Edit, assignment: str, found: list[str]
) -> None:
    assert codes(edited((ASSIGNMENT, f"{ASSIGNMENT}      - {assignment}\n"))) == found


@pytest.mark.parametrize(
    ("lifecycle", "count"),
    [
        pytest.param("{actions: [create, update]}", 0, id="no deletes, none wanted"),
        pytest.param("{leaves_scope: delete, delete_after: 30d}", 0, id="deletes allowed"),
        pytest.param("{actions: [update], delete_after: 30d}", 1, id="delete_after"),
        pytest.param("{actions: [update], leaves_scope: delete}", 1, id="leaves_scope"),
        pytest.param("{actions: [update], deleted_at_source: delete}", 1, id="deleted_at_source"),
        pytest.param(
            "{actions: [create], deleted_at_source: delete, leaves_scope: delete}", 2, id="two"
        ),
    ],
)
def test_deletes_must_be_allowed_where_they_are_wanted(
    codes: Codes, edited: Edit, lifecycle: str, count: int
) -> None:
    assert codes(edited(end=f"    lifecycle: {lifecycle}\n")) == ["deletes-not-allowed"] * count


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        pytest.param("{role: Reader}", [], id="a role"),
        pytest.param("{role: Default Access}", [], id="no role"),
        pytest.param("{role: Writer}", ["unknown-role"], id="an unknown role"),
        pytest.param("{in_scope: false}", [], id="out of scope"),
        pytest.param("{attributes: {userName: ada}}", [], id="an attribute"),
        pytest.param("{attributes: {USERNAME: null}}", [], id="no attribute"),
        pytest.param("{attributes: {title: x}}", ["not-mapped"], id="an attribute not mapped"),
        pytest.param("{attributes: {'a b': x}}", ["not-mapped"], id="no attribute path"),
        pytest.param("{}", ["empty-expectation"], id="nothing"),
        pytest.param("{attributes: {}}", ["empty-expectation"], id="no attributes"),
    ],
)
def test_what_tests_may_expect(codes: Codes, edited: Edit, expect: str, found: list[str]) -> None:
    assert codes(edited(end=f"    tests: [{{user: ada, expect: {expect}}}]\n")) == found


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        pytest.param("{attribute: a, operator: EQUALS, value: x}", [], id="text"),
        pytest.param("{attribute: a, operator: EQUALS, value: 7}", [], id="a number"),
        pytest.param("{attribute: a, operator: Greater_Than, value: 7}", [], id="greater"),
        pytest.param("{attribute: a, operator: Greater_Than, value: '-7'}", [], id="as text"),
        pytest.param(
            "{attribute: a, operator: Greater_Than_OR_EQUALS, value: 7.5}",
            ["bad-operand"],
            id="a fraction",
        ),
        pytest.param("{attribute: a, operator: IS TRUE}", [], id="unary"),
        pytest.param(
            "{attribute: a, operator: IS TRUE, value: true}",
            ["wrong-type"],
            id="unary, with a value",
        ),
        pytest.param("{attribute: a, operator: REGEX MATCH, value: 'x.*'}", [], id="a pattern"),
        pytest.param(
            "{attribute: a, operator: REGEX MATCH, value: 7}", [], id="a number as pattern"
        ),
        pytest.param(
            "{attribute: a, operator: NOT REGEX MATCH, value: '('}",
            ["bad-pattern"],
            id="no pattern",
        ),
        pytest.param(
            "{attribute: a, operator: equals, value: x}",
            ["not-allowed-value"],
            id="in another case",
        ),
        pytest.param(
            "{attribute: MANAGER, operator: IS NULL}",
            ["unsupported-filter-attribute"],
            id="manager",
        ),
        pytest.param(
            "{attribute: isSoftDeleted, operator: IS TRUE}",
            ["unsupported-filter-attribute"],
            id="computed",
        ),
        pytest.param("{attribute: accountEnabled, operator: IS TRUE}", [], id="enabled"),
    ],
)
@pytest.mark.parametrize("kind", ["users", "groups"])
def test_clauses(codes: Codes, edited: Edit, kind: str, clause: str, found: list[str]) -> None:
    filters = f"{{{kind}: [{{title: t, clauses: [{clause}]}}]}}"

    assert codes(edited(end=f"    scoping_filters: {filters}\n")) == found


def test_all_fourteen_operators_are_known(codes: Codes, edited: Edit) -> None:
    binary = ["&", "!&", "ENDS_WITH", "EQUALS", "Includes", "NOT EQUALS", "REGEX MATCH"]
    binary += ["NOT REGEX MATCH", "Greater_Than", "Greater_Than_OR_EQUALS"]
    unary = ["IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL"]
    clauses = [f"{{attribute: a, operator: '{one}', value: 1}}" for one in binary]
    clauses += [f"{{attribute: a, operator: {one}}}" for one in unary]
    filters = f"{{users: [{{title: t, clauses: [{', '.join(clauses)}]}}]}}"

    assert codes(edited(end=f"    scoping_filters: {filters}\n")) == []


def test_a_bad_pattern_is_shown_at_its_character(
    load: Callable[[str], object], edited: Edit
) -> None:
    from reconciler.diagnostics import ConfigError

    clause = "{attribute: a, operator: REGEX MATCH, value: 'it''s (?=x)'}"
    text = edited(end=f"    scoping_filters: {{users: [{{title: t, clauses: [{clause}]}}]}}\n")

    with pytest.raises(ConfigError) as caught:
        load(text)

    (problem,) = caught.value.diagnostics
    assert problem.position is not None
    line = text.split("\n")[problem.position.line - 1]
    assert line[problem.position.column - 1 :].startswith("(?=x)")
