"""Attribute mappings of Graph as lines of the file."""

from typing import Any

import pytest

from reconciler.config import AttributeMapping
from reconciler.interchange.entra.attributes import precedences
from tests.entra import (
    Json,
    application_in,
    copied,
    function,
    imported,
    object_mapping,
    row,
    said,
    schema,
)

TREE = {"parameters": [{"key": "source", "value": copied("IsSoftDeleted")}]}
CONSTANT = {"type": "Constant", "name": "en", "expression": '"en"', "parameters": []}


def line(one: Json) -> AttributeMapping:
    """Return what becomes of one mapping."""
    found = application_in(imported(schema(object_mapping(one))).text).mappings.users
    (mapping,) = (each for each in found if each.target == one["targetAttributeName"])
    return mapping


def findings(one: Json) -> list[str]:
    """Return what is told of one mapping."""
    found = imported(schema(object_mapping(one))).findings
    return [f"{each.kind}: {each.message}" for each in found if each.place != "scope"]


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        pytest.param(row("title", copied("jobTitle")), {"source": "jobTitle"}, id="attribute"),
        pytest.param(
            row("title", {"type": "Attribute", "expression": "[jobTitle]"}),
            {"source": "jobTitle"},
            id="attribute without a name",
        ),
        pytest.param(
            row("title", {"name": "extensionAttribute10", "type": "Attribute"}),
            {"source": "extensionAttribute10"},
            id="the minimal form",
        ),
        pytest.param(
            row("title", copied("extension_0a1b_level")),
            {"source": "extension_0a1b_level"},
            id="extension attribute",
        ),
        pytest.param(
            row("title", function('Join( " ",[a] )')),
            {"expression": 'Join( " ",[a] )'},
            id="expression as its author wrote it",
        ),
        pytest.param(
            row("title", function('Append([a],\r\n"b")')),
            {"expression": 'Append([a],\n"b")'},
            id="expression over two lines",
        ),
        pytest.param(row("title", CONSTANT), {"constant": "en"}, id="constant"),
        pytest.param(
            row("title", {"type": "Constant", "expression": '"say \\"hi\\""'}),
            {"constant": 'say "hi"'},
            id="constant without a name",
        ),
        pytest.param(
            row("title", {"type": "Constant", "expression": "bare words"}),
            {"constant": "bare words"},
            id="constant that is no expression",
        ),
        pytest.param(
            row("title", None, defaultValue="x"),
            {"constant": "x", "apply": "on_create"},
            id="default without a source",
        ),
        pytest.param(
            row("title", copied("a"), defaultValue="x"),
            {"source": "a", "default": "x"},
            id="default",
        ),
        pytest.param(
            row("title", copied("a"), flowType="ObjectAddOnly"),
            {"source": "a", "apply": "on_create"},
            id="on create",
        ),
        pytest.param(
            row("title", copied("a"), matchingPriority=2), {"source": "a", "match": 2}, id="match"
        ),
        pytest.param(
            {"targetAttributeName": "title", "source": copied("a")}, {"source": "a"}, id="bare"
        ),
    ],
)
def test_a_mapping_becomes(one: Json, wanted: dict[str, Any]) -> None:
    made = line(one)

    assert made == AttributeMapping.model_validate({"target": "title", **wanted})


@pytest.mark.parametrize("kind", ["MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"])
def test_a_flow_type_that_only_adds_writes_to_new_accounts(kind: str) -> None:
    one = row("title", copied("a"), flowType=kind)

    assert line(one).apply == "on_create"
    assert findings(one) == [
        f"unsupported: flowType {kind}: written to new accounts only, so that nothing is taken away"
    ]


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (row("title", copied("a"), flowBehavior="FlowAlways"), "unsupported: flowBehavior FlowAlw"),
        (row("title", copied("a"), exportMissingReferences=True), "unsupported: exportMissingRef"),
        (row("title", copied("a"), flowNullValues=True), "unsupported: not known here"),
        (row("title", copied("proxyAddresses")), "choice: proxyAddresses holds several values"),
        (row("title", None, defaultValue="x"), "choice: a default without a source"),
    ],
)
def test_what_differs_is_listed(one: Json, wanted: str) -> None:
    (found,) = findings(one)

    assert found.startswith(wanted)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (row("title", None), "it has no value"),
        (row("title", {"type": "Workflow"}), "a source of the type Workflow is not known here"),
        (row("title", {"type": "Attribute"}), "its source names no attribute"),
        (row("title", {"type": "Attribute", "expression": "Now("}), "its source names no"),
        (row("title", {"type": "Function", "name": "Join"}), "its expression has no text"),
        (row("title", {"type": "Constant"}), "its constant has no value"),
        (row("title", function("NoSuch([a])")), "NoSuch"),
        (row("title", function("Join(")), "parenthesis"),
        (row("title", copied("appRoleAssignments")), "cannot be copied"),
        (row("IsActive", copied("a")), "a User has no attribute `IsActive`"),
        (row("bad[", copied("a")), "is not an attribute path"),
        (row("manager", copied("manager")), "has no attribute `manager`"),
        (row("title", copied("a\x00b")), "control character"),
    ],
)
def test_what_cannot_be_used_stands_as_a_comment_with_the_reason(one: Json, why: str) -> None:
    made = imported(schema(object_mapping(one)))

    rows = [text for text in said(made.text).splitlines() if "# left out:" in text]
    assert len(rows) == 1
    assert rows[0].strip().startswith("# - {target: ")
    assert why in rows[0]
    (finding,) = (each for each in made.findings if each.kind == "unsupported")
    assert why in finding.message
    assert "attributeMappings[2]" in finding.place


def test_a_trap_is_kept_and_told() -> None:
    text = "IIF(IsPresent([mail]), [mail], [userPrincipalName])"

    assert line(row("title", function(text))).expression == text
    assert any("IIF fails" in each for each in findings(row("title", function(text))))


@pytest.mark.parametrize(
    ("ranks", "wanted"),
    [
        ([0, 1, None, 2], {1: 1, 3: 2}),
        ([-1], {}),
        ([5, 9], {0: 5, 1: 9}),
        ([1, 1], {0: 1, 1: 2}),
        ([20, 10], {0: 2, 1: 1}),
        (list(range(2, 12)), {index: index + 1 for index in range(9)}),
    ],
    ids=["as they are", "negative", "with gaps", "twice the same", "too high", "too many"],
)
def test_precedences_are_one_to_nine_and_each_once(
    ranks: list[int | None], wanted: dict[int, int]
) -> None:
    assert precedences([{"matchingPriority": rank} for rank in ranks]) == wanted


def test_a_precedence_that_changes_is_told() -> None:
    assert findings(row("externalId", copied("objectId"), matchingPriority=10)) == [
        "choice: matching precedence 10 is 2 here"
    ]


@pytest.mark.parametrize(
    ("one", "off"),
    [
        (row("title", {**copied("a"), "name": "b"}), False),
        (row("externalId", {**copied("a"), "name": "b"}, matchingPriority=2), True),
        (row("locale", {**function("Not([IsSoftDeleted])"), "name": "Append", **TREE}), True),
    ],
    ids=["anything", "a match", "what disables"],
)
def test_a_source_that_contradicts_itself_is_told_and_held_where_people_depend_on_it(
    one: Json, off: bool
) -> None:
    made = imported(schema(object_mapping(one)))

    assert any("name, expression and parameters differ" in str(each) for each in made.findings)
    assert any("is doubtful" in why for why in made.held) is off


def test_more_matches_than_nine_switch_off() -> None:
    rows = [row(f"x{number}", copied("a"), matchingPriority=number + 2) for number in range(9)]

    assert any("the nine" in why for why in imported(schema(object_mapping(*rows))).held)
