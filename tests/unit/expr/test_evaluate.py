"""From a tree to a value: comparisons, numbers, and Entra's rule for empty values."""

from decimal import Decimal

import pytest

from reconciler.expr import EvaluationError, RoleGrant, Value, compile_expression, parse


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


def test_an_attribute_is_read_by_its_exact_name() -> None:
    evaluate = compile_expression(parse("[Mail]"))

    assert evaluate({"Mail": "a@x", "mail": "b@x"}) == "a@x"
    assert evaluate({"mail": "b@x"}) is None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param('"x"', "x", id="text"),
        pytest.param("-10", -10, id="integer"),
        pytest.param("1.50", Decimal("1.50"), id="decimal"),
    ],
)
def test_a_constant_is_its_value(expression: str, value: Value) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('[a] & "x"', {"a": "ø"}, "øx", id="text"),
        pytest.param('[a] & "x"', {}, "x", id="null counts as nothing"),
        pytest.param('"x" & [a]', {"a": ()}, "x", id="so does an empty list"),
        pytest.param("[a] & [b]", {}, None, id="nothing but nulls is null"),
        pytest.param("[a] & [b]", {"a": ""}, "", id="empty text is not null"),
        pytest.param('[a] & ", " & [b]', {"a": "Doe", "b": "John"}, "Doe, John", id="three"),
        pytest.param("[a] & 7 & 0.50", {"a": ("x",)}, "x70.50", id="numbers and a list of one"),
        pytest.param("[a] & &HF", {"a": RoleGrant("v", "n")}, "v15", id="role"),
        pytest.param("Len([a] & [b])", {"a": "xy", "b": "z"}, 3, id="inside a function"),
        pytest.param(
            'IIF([a] & [b] = "xy", [a] & "!", "")', {"a": "x", "b": "y"}, "x!", id="compared"
        ),
        pytest.param('IIF([a] & "" = "", "none", "some")', {"a": "x"}, "some", id="as in VBA"),
    ],
)
def test_an_ampersand_puts_texts_together(
    expression: str, attributes: dict[str, Value], expected: Value
) -> None:
    assert value_of(expression, **attributes) == expected


def test_an_ampersand_refuses_several_values() -> None:
    with pytest.raises(EvaluationError, match="& takes one value and was given a list of 2"):
        value_of('[a] & "x"', a=("b", "c"))


@pytest.mark.parametrize(
    ("comparison", "left", "right", "expected"),
    [
        pytest.param("[l] = [r]", "a", "a", "True", id="equal texts"),
        pytest.param("[l] = [r]", "a", "A", "False", id="case counts"),
        pytest.param("[l] <> [r]", "a", "A", "True", id="unequal texts"),
        pytest.param("[l] < [r]", "a", "b", "True", id="before"),
        pytest.param("[l] <= [r]", "b", "b", "True", id="not after"),
        pytest.param("[l] > [r]", "10", "9", "False", id="texts of digits are texts"),
        pytest.param("[l] > 9", "10", None, "True", id="a number makes it numeric"),
        pytest.param("9 >= [r]", None, "9.0", "True", id="number on the left"),
        pytest.param("[l] = 7", "007", None, "True", id="leading zeros of a number"),
        pytest.param("[l] = 7", "x", None, "False", id="text is unequal to a number"),
        pytest.param("[l] <> 7", "x", None, "True", id="and unequal it is"),
        pytest.param("Len([l]) = [r]", "abc", "3", "True", id="number of a function"),
        pytest.param("[l] = [r]", ("a",), "a", "True", id="list of one"),
        pytest.param("[l] = [r]", RoleGrant("a", "A"), "a", "True", id="role by its value"),
        pytest.param("[l] = 0.5", Decimal("0.50"), None, "True", id="decimals by value"),
        pytest.param('[l] <> ""', "a", None, "True", id="something is not empty text"),
        pytest.param('"" = ""', None, None, "True", id="constants may be empty"),
        pytest.param('Not([l] = "a")', "a", None, "False", id="inside another function"),
    ],
)
def test_a_comparison(comparison: str, left: Value, right: Value, expected: str) -> None:
    found = value_of(f"Coalesce({comparison})", l=left, r=right)

    assert found == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "sentence"),
    [
        pytest.param(
            'IIF([country]="USA", "a", "b")',
            {},
            '[country] = "USA" cannot be judged, because [country] is empty; '
            'use Switch, whose key "" matches an empty value',
            id="null on the left",
        ),
        pytest.param(
            'IIF("USA"=[country], "a", "b")', {"country": ""}, "[country] is empty", id="empty"
        ),
        pytest.param(
            'IIF([country]="","Other",[country])', {}, "use Switch", id="compared with empty"
        ),
        pytest.param(
            "Not([a]=[b])", {"a": "x"}, "because [b] is empty", id="outside of a condition too"
        ),
        pytest.param(
            'IIF(ToLower([a])="x", 1, 2)', {}, "because ToLower([a]) is empty", id="nested"
        ),
        pytest.param('IIF([a]="x", 1, 2)', {"a": ()}, "[a] is empty", id="empty list"),
        pytest.param("IIF([a] > 5, 1, 2)", {}, "[a] is empty", id="number against null"),
        pytest.param("IIF([a] > 5, 1, 2)", {"a": ""}, "[a] is empty", id="number against empty"),
        pytest.param("IIF(5 < [a], 1, 2)", {}, "[a] is empty", id="null on the right"),
        pytest.param(
            "IIF([a] > 5, 1, 2)", {"a": "x"}, "one side is a number, one is not", id="no order"
        ),
        pytest.param(
            "IIF(5 < [a], 1, 2)", {"a": "x"}, "one side is a number, one is not", id="nor there"
        ),
        pytest.param(
            'IIF([a]="x", 1, 2)', {"a": ("x", "y")}, "takes one value", id="several values"
        ),
        pytest.param(
            'IIF(IsNullOrEmpty([country]),"Other",[country])',
            {},
            "IsNullOrEmpty([country]) cannot be judged",
            id="Entra's IsNullOrEmpty trap",
        ),
        pytest.param(
            'IIF(IsPresent([country]),[country],"Other")',
            {},
            "IsPresent([country]) cannot be judged",
            id="Entra's IsPresent trap",
        ),
        pytest.param(
            'IIF(Not(IsNull([country])),[country],"Other")',
            {},
            "IsNull([country]) cannot be judged",
            id="deeper in the condition",
        ),
    ],
)
def test_a_condition_that_cannot_be_judged_says_why(
    expression: str, attributes: dict[str, Value], sentence: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, **attributes)

    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('IIF(IsPresent([c]), "there", "gone")', "there", id="present"),
        pytest.param('IIF(IsNull([c]), "gone", "there")', "there", id="not null"),
        pytest.param('IIF("True", IsPresent([x]), "-")', "False", id="a branch is no condition"),
    ],
)
def test_presence_in_a_condition_works_for_a_value_that_is_there(
    expression: str, expected: str
) -> None:
    assert value_of(expression, c="NO") == expected


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        pytest.param(80, f'Append([a], "{"x" * 80}") = "y"'[:99] + "…", id="too long"),
        pytest.param(79, f'Append([a], "{"x" * 79}") = "y"', id="just not"),
    ],
)
def test_a_long_condition_is_cut_short_in_the_message(length: int, shown: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(f'IIF(Append([a], "{"x" * length}") = "y", 1, 2)')

    assert caught.value.message.startswith(f"{shown} cannot be judged")


def test_a_message_names_no_value_of_the_person() -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of("IIF([salary] > 5, 1, 2)", salary="a secret")

    assert "secret" not in caught.value.message


def test_one_compiled_expression_serves_many_people() -> None:
    evaluate = compile_expression(parse('Join(" ", [givenName], [surname])'))

    assert [evaluate({"givenName": name}) for name in ("Ada", "Zoë")] == ["Ada", "Zoë"]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("[big]", id="attribute"),
        pytest.param("Coalesce([big])", id="handed through"),
        pytest.param('Append([big], "x")', id="Append"),
        pytest.param("[half] & [half]", id="&"),
        pytest.param('Join("", [half], [half])', id="Join of a few"),
        pytest.param(f"Join([half]{', [half]' * 100})", id="Join of many"),
        pytest.param('Join("", [list])', id="Join of a list"),
        pytest.param('Replace([half], "x", , , [half])', id="Replace by something longer"),
        pytest.param('Replace([half], "x", , , , , [half])', id="Replace in a template"),
        pytest.param(
            'Replace([short], , "x", , [half])', id="Replace every match by something longer"
        ),
        pytest.param("NormalizeDiacritics([umlauts])", id="ß becomes two letters"),
        pytest.param('Split([commas], ",")', id="Split"),
        pytest.param('Prepend("x", [big])', id="Prepend"),
        pytest.param("PCase([big])", id="PCase"),
        pytest.param("Redact([big])", id="Redact"),
        pytest.param("IgnoreFlowIfNullOrEmpty([list])", id="IgnoreFlowIfNullOrEmpty"),
        pytest.param("Item([longs], 1)", id="Item"),
        pytest.param("RemoveDuplicates([longs])", id="RemoveDuplicates"),
        pytest.param("ConvertToBase64([half])", id="ConvertToBase64"),
        pytest.param("ConvertToUTF8Hex([half])", id="ConvertToUTF8Hex"),
        pytest.param("SelectUniqueValue([half], [other])", id="SelectUniqueValue"),
    ],
)
def test_no_result_grows_past_the_limit(expression: str) -> None:
    attributes: dict[str, Value] = {
        "big": "x" * 65_537,
        "half": "x" * 40_000,
        "other": "y" * 40_000,
        "short": "x" * 4_000,
        "list": ("x" * 500,) * 200,
        "longs": ("x" * 65_537, "y"),
        "umlauts": "œ" * 32_768 + "ßb",
        "commas": "x," * 40_000,
    }

    with pytest.raises(EvaluationError, match="longer than 65,536 bytes"):
        value_of(expression, **attributes)


class Counted(dict[str, Value]):
    """Attributes that count how often they are asked for."""

    asked = 0

    def get(self, name: str, default: Value = None) -> Value:  # type: ignore[override]  # narrower
        self.asked += 1
        return super().get(name, default)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("Append({}, {})", id="Append"),
        pytest.param("Coalesce({})", id="Coalesce"),
        pytest.param('IIF("a"={}, "a", "b")', id="IIF"),
        pytest.param('IIF(IsPresent({}), "a", "b")', id="presence in a condition"),
        pytest.param('Join("-", {})', id="Join"),
        pytest.param("Left({}, 9)", id="Left"),
        pytest.param("Mid({}, 1, 9)", id="Mid"),
        pytest.param('Replace({}, "a", , , "b")', id="Replace a text"),
        pytest.param('Replace({}, "a", , , , , "aa")', id="Replace in a template"),
        pytest.param('Replace({}, , "a", , "b")', id="Replace a pattern"),
        pytest.param('Replace({}, , "(?<n>a)", "n", "b")', id="Replace a group"),
        pytest.param('Replace({}, , "(?<n>a)", "n", , "b")', id="Replace by another attribute"),
        pytest.param('Switch({}, "a", "b", "c")', id="Switch"),
        pytest.param('{} & "a"', id="&"),
        pytest.param('CBool({} = "a")', id="CBool"),
        pytest.param("Contains({}, {})", id="Contains"),
        pytest.param("ConvertToBase64({})", id="ConvertToBase64"),
        pytest.param("Count({})", id="Count"),
        pytest.param("IgnoreFlowIfNullOrEmpty({})", id="IgnoreFlowIfNullOrEmpty"),
        pytest.param("InStr({}, {})", id="InStr"),
        pytest.param("IsString({})", id="IsString"),
        pytest.param("Item({}, 1)", id="Item"),
        pytest.param("PCase({}, {})", id="PCase"),
        pytest.param("Redact({})", id="Redact"),
        pytest.param("RemoveDuplicates({})", id="RemoveDuplicates"),
        pytest.param("Word({}, 1, {})", id="Word"),
        pytest.param('Switch("a", "b", {}, "a")', id="Switch with a key that is read"),
        pytest.param('ToLower({}, "en")', id="ToLower"),
    ],
)
def test_each_argument_is_read_once_so_that_nesting_costs_no_more_than_its_length(
    call: str,
) -> None:
    expression = call.replace("{}", call.replace("{}", "[a]"))
    row = Counted(a="a")

    compile_expression(parse(expression))(row)

    assert row.asked <= expression.count("[a]")
