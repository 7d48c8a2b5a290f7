"""Replace: the five modes, what is no mode, and patterns that come with the person."""

import pytest

from reconciler.expr import (
    EvaluationError,
    ExpressionError,
    Value,
    compile_expression,
    parse,
)

PHONE = r"\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})"


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Replace([a], "-", , , "_")', {"a": "x-y-z"}, "x_y_z", id="every one"),
        pytest.param('Replace([a], "-", , , "")', {"a": "x-y"}, "xy", id="by nothing"),
        pytest.param('Replace([a], "-", , , [r])', {"a": "x-y"}, "xy", id="by null"),
        pytest.param('Replace([a], "X", , , "_")', {"a": "x"}, "x", id="case counts"),
        pytest.param('Replace([a], ".", , , "_")', {"a": "a.b"}, "a_b", id="no pattern"),
        pytest.param('Replace([a], "-", , , "_")', {}, None, id="null source"),
        pytest.param('Replace([a], "-", , , "_")', {"a": ""}, "", id="empty source"),
        pytest.param("Replace([a], [o], , , [r])", {"a": "xy", "o": "y", "r": "z"}, "xz", id="all"),
        pytest.param('Replace([a], [o], , , "_")', {"a": "xy"}, "xy", id="null is not found"),
        pytest.param('Replace([a], "ø", , , "oe")', {"a": "Bjørn"}, "Bjoern", id="beyond ASCII"),
        pytest.param('Replace([a], 0, , , "O")', {"a": 2050}, "2O5O", id="numbers"),
    ],
)
def test_old_value_by_replacement(
    expression: str, attributes: dict[str, Value], expected: Value
) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"a": "j", "t": "<u>@x;<u>@y"}, "j@x;j@y", id="every one"),
        pytest.param({"a": "j", "t": "none"}, "none", id="not in the template"),
        pytest.param({"t": "<u>@x"}, None, id="null source writes no half address"),
        pytest.param({"a": "j"}, None, id="null template"),
    ],
)
def test_source_into_a_template(attributes: dict[str, Value], expected: Value) -> None:
    assert value_of('Replace([a], "<u>", , , , , [t])', **attributes) == expected


@pytest.mark.parametrize(
    ("pattern", "replacement", "source", "expected"),
    [
        pytest.param(r"\\s+", "_", "a  b c", "a_b_c", id="every match"),
        pytest.param(r"\\s+", "", "a\u00a0b", "ab", id="no-break space, as in .NET"),
        pytest.param(r"[^\\w]", "", "Zoë-Ælfgifu", "ZoëÆlfgifu", id="letters are Unicode"),
        pytest.param("(?<a>.)(?<b>.)", "${b}${a}", "xy12", "yx21", id="named groups"),
        pytest.param("(.)(.)", "$2$1", "xy", "yx", id="numbers"),
        pytest.param("b", "[$0]", "abc", "a[b]c", id="the match"),
        pytest.param("b", "[$&]", "abc", "a[b]c", id="the match, other spelling"),
        pytest.param("b", "$$1", "abc", "a$1c", id="a dollar"),
        pytest.param("b", "$7", "abc", "a$7c", id="a number that is no group"),
        pytest.param("b", "US$", "abc", "aUS$c", id="a dollar at the end"),
        pytest.param("(x)|b", "<$1>", "abc", "a<>c", id="group that took no part"),
        pytest.param("(?<n>a)(b)", "$1$2", "ab", "ba", id="unnamed groups count first"),
        pytest.param("x*", "-", "ab", "-a-b-", id="empty matches"),
        pytest.param("(?i)ABC", "x", "xabcx", "xxx", id="flag"),
        pytest.param(r"^\\d", "x", "1a1", "xa1", id="start"),
        pytest.param("z", "x", "abc", "abc", id="no match"),
        pytest.param("ø", "oe", "Bjørn Sørby", "Bjoern Soerby", id="beyond ASCII"),
        pytest.param("b", "x", "", "", id="empty source"),
        pytest.param("b", "x", None, None, id="null source"),
    ],
)
def test_pattern_by_replacement(
    pattern: str, replacement: str, source: Value, expected: Value
) -> None:
    constant = f'Replace([a], , "{pattern}", , "{replacement}")'
    by_value = "Replace([a], , [p], , [r])"
    read = pattern.replace("\\\\", "\\")

    assert value_of(constant, a=source) == expected
    assert value_of(by_value, a=source, p=read, r=replacement) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param(
            f'Replace([a], , "{PHONE}", "isdCode", "47 ", , )',
            {"a": "+91 9998887777"},
            "+47 9998887777",
            id="only the group",
        ),
        pytest.param(
            'Replace([a], , "(?<d>\\\\d)x", "d", "#")', {"a": "1x2x3"}, "#x#x3", id="every match"
        ),
        pytest.param(
            'Replace([a], , "(?<d>b)?c", "d", "#")', {"a": "cbc"}, "c#c", id="group not taken"
        ),
        pytest.param(
            'Replace([a], , "(?<d>b)", "d", "$1")', {"a": "abc"}, "a$1c", id="literal text"
        ),
        pytest.param('Replace([a], , "a(b)", "1", "#")', {"a": "ab"}, "a#", id="group by number"),
        pytest.param(
            "Replace([a], , [p], [g], [r])", {"a": "ab", "p": "a(?<x>b)", "g": "x"}, "a", id="read"
        ),
        pytest.param('Replace([a], , "(?<d>b)", "d", "#")', {}, None, id="null"),
        pytest.param('Replace([a], , [p], "d", "#")', {"a": "x"}, "x", id="null pattern"),
    ],
)
def test_named_group_by_replacement(
    expression: str, attributes: dict[str, Value], expected: Value
) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"a": "5", "b": "+91 8887779999"}, "5", id="source wins"),
        pytest.param({"a": "", "b": "+91 8887779999"}, "8887779999", id="source empty"),
        pytest.param({"b": "+91 8887779999"}, "8887779999", id="source null"),
        pytest.param({"b": "unknown"}, None, id="no match"),
        pytest.param({}, None, id="nothing at all"),
    ],
)
def test_other_attribute_when_the_source_is_empty(
    attributes: dict[str, Value], expected: Value
) -> None:
    expression = f'Replace([a], , "{PHONE}", "phoneNumber" , , [b], )'

    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Replace([a], , [p], , "x")', {"a": "abc"}, "abc", id="null pattern"),
        pytest.param('Replace([a], , "b", , [r])', {"a": "abc"}, "ac", id="null replacement"),
        pytest.param(
            'Replace([a], , [p], , "${n}")', {"a": "abc", "p": "a(?<n>b)"}, "bc", id="group read"
        ),
        pytest.param(
            'Replace([a], , "(?<n>b)", "n", [r])', {"a": "abc"}, "ac", id="null for the group"
        ),
    ],
)
def test_a_pattern_and_its_replacement_may_come_with_the_person(
    expression: str, attributes: dict[str, Value], expected: Value
) -> None:
    assert value_of(expression, **attributes) == expected


def test_names_of_groups_that_are_alike_but_for_their_last_letters() -> None:
    expression = 'Replace([a], , "(?<中>a)(?<国>b)", "国", "x")'

    assert value_of(expression, a="ab") == "ax"


def test_other_attribute_with_a_pattern_that_is_null() -> None:
    assert value_of('Replace([a], , [p], "n" , , [b], )', b="x") is None


@pytest.mark.parametrize(
    "given",
    [
        pytest.param('"o", , , , , ', id="nothing to do"),
        pytest.param('"o", "p", , "r", , ', id="text and pattern"),
        pytest.param('"o", , , "r", , "t"', id="replacement and template"),
        pytest.param(', "p", "g", , , ', id="group alone"),
        pytest.param(', "p", , , [b], ', id="other attribute without a group"),
        pytest.param(', "(?<g>p)", "g", "r", [b], ', id="replacement and other attribute"),
        pytest.param(', , , "r", , ', id="nothing to look for"),
    ],
)
def test_arguments_that_are_no_mode_are_refused_with_the_five(given: str) -> None:
    with pytest.raises(ExpressionError, match="do not go together") as caught:
        parse(f"Replace([a], {given})")

    assert caught.value.column == 9
    assert caught.value.hint.count("+") == 7


@pytest.mark.parametrize(
    ("expression", "column", "message", "hint"),
    [
        pytest.param('Replace([a], "", , , "x")', 14, "is empty", "oldValue", id="empty text"),
        pytest.param('Replace([a], "",,,,, "x")', 14, "is empty", "oldValue", id="template's"),
        pytest.param('Replace([a], , "", , "x")', 16, "is empty", "regexPattern", id="no pattern"),
        pytest.param(
            'Replace([a], , "(?<=a)b", , "x")', 16, "(?<=", "no looking ahead", id="looking behind"
        ),
        pytest.param(
            r'Replace([a], , "(a)\\1", , "x")', 16, r"\1", "no back-references", id="reference"
        ),
        pytest.param('Replace([a], , "(", , "x")', 16, "missing )", "RE2", id="unbalanced"),
        pytest.param(
            'Replace([a], , "(?<n>b)", "m", "x")', 27, 'no group "m"', "groups are n", id="group"
        ),
        pytest.param(
            'Replace([a], , "b", "m", , [c])', 21, 'no group "m"', "(?<name>", id="no group at all"
        ),
        pytest.param(
            'Replace([a], , "(?<n>b)", , "${m}")', 29, 'no group "m"', "groups are n", id="in text"
        ),
        pytest.param(
            'Replace([a], , "b", , "$_")', 23, "$_ in a replacement", "$$", id="whole input"
        ),
    ],
)
def test_a_mistake_in_a_constant_is_found_when_parsing(
    expression: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expression)

    assert caught.value.column == column
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("expression", "attributes", "message"),
    [
        pytest.param('Replace([a], , [p], , "x")', {"a": "b", "p": "("}, "missing", id="pattern"),
        pytest.param('Replace([a], , "b", , [r])', {"a": "b", "r": "${n}"}, '"n"', id="text"),
        pytest.param('Replace([a], , "b", [g], "x")', {"a": "b", "g": "n"}, '"n"', id="group"),
        pytest.param('Replace([a], , "b", [g], "x")', {"a": "b"}, 'no group ""', id="null group"),
        pytest.param(
            'Replace([a], , "b", , "x")', {"a": "b" * 4097}, "longer than 4,096", id="long text"
        ),
        pytest.param(
            'Replace([a], , "b", , "x")', {"a": "b\udc00"}, "half a character", id="surrogate"
        ),
        pytest.param(
            'Replace([a], , "(?<n>b)", "n", , [c])',
            {"c": "b" * 4097},
            "4,096",
            id="other long text",
        ),
        pytest.param(
            'Replace([a], , "(?<n>b)", "n", , [c])', {"c": "b\udc00"}, "half", id="other surrogate"
        ),
        pytest.param(
            'Replace([a], , [p], , "x")', {"a": "b", "p": "\udc00"}, "half a", id="in a pattern"
        ),
    ],
)
def test_a_value_that_spoils_it_is_an_evaluation_error(
    expression: str, attributes: dict[str, Value], message: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, **attributes)

    assert caught.value.message.startswith("Replace: ")
    assert message in caught.value.message
