"""Expressions as trees of Graph; the keys are those of entra.md, section 4.2."""

from typing import Any

import pytest

from reconciler.expr import parse
from reconciler.interchange.entra.expressions import constant, contradicts, copied, source_of
from tests.entra import Json, function


def keys(text: str) -> list[str]:
    """Return the names of the parameters of an expression."""
    return [parameter["key"] for parameter in source_of(parse(text))["parameters"]]


def test_a_function_as_the_documentation_shows_it() -> None:
    assert source_of(parse("Mid([userPrincipalName], 1, 8)")) == {
        "expression": "Mid([userPrincipalName], 1, 8)",
        "name": "Mid",
        "type": "Function",
        "parameters": [
            {
                "key": "source",
                "value": {
                    "expression": "[userPrincipalName]",
                    "name": "userPrincipalName",
                    "parameters": [],
                    "type": "Attribute",
                },
            },
            {
                "key": "start",
                "value": {"expression": '"1"', "name": "1", "parameters": [], "type": "Constant"},
            },
            {
                "key": "length",
                "value": {"expression": '"8"', "name": "8", "parameters": [], "type": "Constant"},
            },
        ],
    }


def test_an_attribute_as_the_documentation_shows_it() -> None:
    wanted = {"expression": "[mail]", "name": "mail", "type": "Attribute", "parameters": []}

    assert copied("mail") == source_of(parse("[mail]")) == wanted


@pytest.mark.parametrize(
    ("text", "expression"),
    [("a", '"a"'), ("", '""'), ('say "hi"', '"say \\"hi\\""'), ("C:\\", '"C:\\\\"')],
)
def test_a_constant_is_raw_as_a_name_and_quoted_as_an_expression(
    text: str, expression: str
) -> None:
    made = constant(text)

    assert (made["name"], made["expression"], made["type"]) == (text, expression, "Constant")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('Append([a], "b")', ["source", "suffix"]),
        ("Mid([a], 1, 2)", ["source", "start", "length"]),
        ("Not([a])", ["source"]),
        ('Join(" ", [a], [b], [c])', ["separator", "source", "source", "source"]),
        ('Replace([a], "-", , , "_", , )', ["source", "Find", "Replacement"]),
        (
            'Replace([a], , "(?<g>x)", "g", , [b], )',
            [
                "source",
                "RegularExpression",
                "RegularExpressionGroupName",
                "ReplacementPropertyName",
            ],
        ),
        ('Replace([a], "<x>", , , , , "<x>@b")', ["source", "Find", "Template"]),
        ('Switch([a], , "k", "v")', ["source", "switchValue", "switchValue"]),
        ('Switch([a], "d", "k", "v")', ["source", "defaultValue", "switchValue", "switchValue"]),
        ('Split([a], ",")', ["source", "delimiter"]),
        ("StripSpaces([a])", ["source"]),
        ("SingleAppRoleAssignment([appRoleAssignments])", ["source"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arguments_have_the_names_of_graph(text: str, wanted: list[str]) -> None:
    assert keys(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["ToLower([a])", 'IIF([a] = "b", "c", "d")', "Coalesce([a], [b])", 'Append([a] = "b", "c")'],
)
def test_a_call_whose_arguments_have_no_known_names_is_said_by_its_text(text: str) -> None:
    made = source_of(parse(text))

    assert (made["expression"], made["parameters"]) == (text, [])


def test_calls_are_nested() -> None:
    made = source_of(parse('Append( ToLower([a]) , Join("-",[b]) )'))

    inner: list[Any] = [parameter["value"] for parameter in made["parameters"]]
    assert made["expression"] == 'Append( ToLower([a]) , Join("-",[b]) )'
    assert [one["expression"] for one in inner] == ["ToLower([a])", 'Join("-", [b])']
    assert [len(one["parameters"]) for one in inner] == [0, 2]


def test_words_and_numbers_are_constants() -> None:
    made = source_of(parse("Append([a], 1.50)"))

    assert made["parameters"][1]["value"] == constant("1.50")
    assert source_of(parse("42")) == constant("42")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('[a] & " " & [b]', 'Join("", [a], " ", [b])'),
        ('Append([a] & "-", "c")', 'Append(Join("", [a], "-"), "c")'),
        (
            'IIF([a] & "x" = "bx", "c", "d" & [e])',
            'IIF(Join("", [a], "x") = "bx", "c", Join("", "d", [e]))',
        ),
        ("Trim( [a] )", "Trim( [a] )"),
    ],
)
def test_an_ampersand_is_said_as_a_join_and_anything_else_as_it_was_written(
    text: str, wanted: str
) -> None:
    made = source_of(parse(text))

    assert (made["type"], made["expression"]) == ("Function", wanted)
    assert not contradicts(made)


def test_parts_of_an_ampersand_are_parameters_of_the_join() -> None:
    assert source_of(parse('[a] & "x"'))["parameters"] == [
        {"key": "separator", "value": constant("")},
        {"key": "source", "value": copied("a")},
        {"key": "source", "value": constant("x")},
    ]


def changed(text: str, **keys: Any) -> Json:
    """Return the source of an expression, changed in one place."""
    return {**source_of(parse(text)), **keys}


EQUALS = {
    "type": "Function",
    "name": "Equals",
    "parameters": [{"key": "left", "value": copied("a")}, {"key": "right", "value": constant("b")}],
}
JOIN = 'Join(" ", [givenName], Replace([surname], "ß", , , "s\\"s", , ))'


@pytest.mark.parametrize(
    "source",
    [
        changed(JOIN),
        changed("ToUpper([a])"),
        changed("Mid([userPrincipalName], 1, 8)"),
        changed(JOIN, name=None),
        changed(JOIN, parameters=None),
        changed(JOIN, parameters=[{"key": "x"}, {"key": "y", "value": {"type": "Constant"}}]),
        function("Not a text", {"key": "source", "value": copied("a")}),
        function('IIF([a]="b", "c", "d")', {"key": "condition", "value": {**EQUALS}}),
        copied("mail"),
        {"type": "Attribute", "name": "mail"},
        {"type": "Attribute", "expression": "[mail]"},
        constant('say "hi"'),
        {"type": "Constant", "name": "en-US", "expression": "en-US"},
        {"type": "Constant", "expression": '"x"'},
        {"type": "Workflow", "name": "x"},
    ],
)
def test_a_source_whose_parts_agree(source: Json) -> None:
    assert not contradicts(source)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(changed(JOIN, expression='Join(" ", [surname])'), id="reads less"),
        pytest.param(changed(JOIN, expression=JOIN.replace("given", "mid")), id="reads another"),
        pytest.param(
            changed(JOIN, expression=JOIN.replace("Join", "Coalesce")), id="calls another"
        ),
        pytest.param(changed(JOIN, expression=JOIN.replace("ß", "z")), id="has another constant"),
        pytest.param(changed(JOIN, name="Append"), id="is called otherwise"),
        pytest.param(changed(JOIN, parameters=[{"key": "s", "value": copied("a")}]), id="a tree"),
        pytest.param({**copied("mail"), "name": "upn"}, id="another attribute"),
        pytest.param({**constant("a"), "name": "b"}, id="another constant"),
    ],
)
def test_a_source_whose_parts_contradict_each_other(source: Json) -> None:
    assert contradicts(source)
