"""The functions of dates: Entra's examples, nulls, lists, numbers, mistakes found when parsing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from reconciler.expr import (
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
)

AT = Surroundings(now=datetime(2021, 7, 2, 15, 33, 38, tzinfo=UTC))


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression), AT)(attributes)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('CDate("2020-03-16-07:00")', "3/16/2020 7:00:00 AM", id="CDate west"),
        pytest.param('CDate("2021-06-30+08:00")', "6/29/2021 4:00:00 PM", id="CDate east"),
        pytest.param(
            'DateAdd("d", 7, CDate("2012-03-16-07:00"))', "3/23/2012 7:00:00 AM", id="week on"
        ),
        pytest.param(
            'DateAdd("d", -10, CDate("2012-03-16-07:00"))', "3/6/2012 7:00:00 AM", id="days back"
        ),
        pytest.param(
            'DateAdd("ww", 2, CDate("2012-03-16-07:00"))', "3/30/2012 7:00:00 AM", id="weeks on"
        ),
        pytest.param(
            'DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))', 13, id="days"
        ),
        pytest.param(
            'DateDiff("d", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', -3449, id="back"
        ),
        pytest.param(
            'DateDiff("ww", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))', -493, id="weeks"
        ),
        pytest.param("DateFromNum(129699324000000000)", "1/1/2012 11:00:00 PM", id="from num"),
        pytest.param("Now()", "7/2/2021 3:33:38 PM", id="Now"),
        pytest.param(
            'FormatDateTime("20150123105347.1Z", , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")',
            "2015-01-23",
            id="FormatDateTime",
        ),
    ],
)
def test_a_golden_vector_of_entra_holds(expression: str, expected: Value) -> None:
    assert value_of(expression) == expected


def test_the_end_of_a_contract_day_in_another_zone_as_a_number() -> None:
    number = value_of(
        'NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), '
        '" 23:59:59-08:00"))',
        ContractEndDate="2021-12-31-08:00",
    )

    assert value_of("DateFromNum([n])", n=number) == "1/1/2022 7:59:59 AM"


UNARY = ("CDate([a])", "NumFromDate([a])", "DateFromNum([a])")
OF_A = (
    *UNARY,
    'DateAdd("d", 1, [a])',
    'DateDiff("d", [a], Now())',
    'DateDiff("d", Now(), [a])',
    'FormatDateTime([a], , "yyyy-MM-dd", "d")',
    'FormatDateTime([a], "yyyy-MM-dd", "d")',
)


@pytest.mark.parametrize("expression", OF_A)
@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(None, id="null"),
        pytest.param("", id="empty"),
        pytest.param((), id="empty list"),
        pytest.param(("",), id="list of nothing"),
    ],
)
def test_no_date_in_none_out(expression: str, nothing: Value) -> None:
    assert value_of(expression, a=nothing) is None


@pytest.mark.parametrize("expression", OF_A)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("soon", id="word"),
        pytest.param(" ", id="blank"),
        pytest.param(Decimal("1.5"), id="fraction"),
        pytest.param(-1, id="below zero"),
        pytest.param(("2020-01-01", "2020-01-02"), id="two"),
        pytest.param(RoleGrant("admin", "Administrator"), id="role"),
        pytest.param("٢٠٢٠-٠١-٠١", id="Arabic-Indic digits"),
        pytest.param("2020-01-01\udc00", id="half a character"),
        pytest.param("9" * 5_000, id="many digits"),
        pytest.param("2020-02-30", id="no day of the calendar"),
    ],
)
def test_what_is_no_date_skips_the_person(expression: str, value: Value) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, a=value)

    assert caught.value.message.startswith(expression.partition("(")[0])
    assert "soon" not in caught.value.message
    assert "admin" not in caught.value.message


def test_the_message_names_the_attribute_and_a_way_out() -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of('DateAdd("d", 1, [hired])', hired="16.3.2020")

    assert caught.value.message == (
        "DateAdd: [hired] is not a date that can be read without its format; "
        "FormatDateTime is told one"
    )


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param("CDate([a])", {"a": ("2020-01-01",)}, "1/1/2020 12:00:00 AM", id="list of 1"),
        pytest.param("CDate([a])", {"a": "2020-01-01T1:02:03.9"}, "1/1/2020 1:02:03 AM", id="cut"),
        pytest.param("CDate(Now())", {}, "7/2/2021 3:33:38 PM", id="of its own form"),
        pytest.param("DateAdd([u], 1, [a])", {"u": "m", "a": "1/31/2021"}, "2/28/2021", id="unit"),
        pytest.param('DateAdd("d", [n], [a])', {"n": "-1", "a": "1/1/2021"}, "12/31/2020", id="n"),
        pytest.param('DateAdd("d", [n], [a])', {"n": 2, "a": "1/1/2021"}, "1/3/2021", id="int"),
        pytest.param('DateAdd("d", 1.0, "1/1/2021")', {}, "1/2/2021", id="whole decimal"),
        pytest.param('DateAdd("q", "1", "1/1/2021")', {}, "4/1/2021", id="number in quotes"),
        pytest.param("DateFromNum([a])", {"a": "0"}, "1/1/1601", id="zero"),
        pytest.param("DateFromNum([a])", {"a": Decimal("0.0")}, "1/1/1601", id="decimal"),
        pytest.param("DateFromNum([a])", {"a": (10_000_000,)}, "1/1/1601 12:00:01 AM", id="list"),
    ],
)
def test_a_date_is_made(expression: str, attributes: dict[str, Value], expected: str) -> None:
    shown = expected if ":" in expected else f"{expected} 12:00:00 AM"

    assert value_of(expression, **attributes) == shown


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param("DateDiff([u], [a], [b])", {"u": "m"}, 2, id="unit of the person"),
        pytest.param('DateDiff("h", [a], [b])', {}, 1416, id="hours"),
        pytest.param('DateDiff("d", [b], [a])', {}, -59, id="back"),
        pytest.param('DateDiff("d", Now(), "7/12/2021 3:33:38 PM")', {}, 10, id="days to go"),
        pytest.param('NumFromDate("1601-01-01T00:00:00.0000001Z")', {}, 1, id="a tick"),
        pytest.param("NumFromDate([a])", {}, 132539328000000000, id="number"),
        pytest.param("NumFromDate(DateFromNum([n]))", {"n": 10**16}, 10**16, id="and back"),
    ],
)
def test_a_number_is_made(expression: str, attributes: dict[str, Value], expected: int) -> None:
    dates: dict[str, Value] = {"a": "2021-01-01", "b": "2021-03-01"}

    assert value_of(expression, **dates, **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('[a], "dd.MM.yyyy", "s"', {"a": "01.03.2024"}, "2024-03-01T00:00:00", id="3"),
        pytest.param('[a], , "d", "yyyy"', {"a": "03/01/2024"}, "2024", id="standard format"),
        pytest.param('[a], "None", "yyyy", "yy"', {"a": "2024"}, "24", id="styles"),
        pytest.param('[a], "", "yyyy", "yy"', {"a": " 2024 "}, "24", id="empty styles"),
        pytest.param('[a], [s], "yyyy", "yy"', {"a": " 2024 "}, "24", id="null styles"),
        pytest.param(
            '[a], [s], "yyyy", "%K"',
            {"a": "2024", "s": "AssumeUniversal,AdjustToUniversal"},
            "Z",
            id="two styles of the person",
        ),
        pytest.param(
            "[a], [s], [i], [o]",
            {"a": "2024", "s": "AssumeUniversal", "i": "yyyy", "o": "yyyyK"},
            "2024+00:00",
            id="all of the person",
        ),
        pytest.param('[a], "HH:mm", "o"', {"a": "10:30"}, "2021-07-02T10:30:00.0000000", id="now"),
        pytest.param('20240301, "yyyyMMdd", "d"', {}, "03/01/2024", id="number"),
        pytest.param('[a], "yyyy", "\'Zoë\' yyyy"', {"a": ("2024",)}, "Zoë 2024", id="letters"),
    ],
)
def test_format_date_time(expression: str, attributes: dict[str, Value], expected: str) -> None:
    assert value_of(f"FormatDateTime({expression})", **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "column", "message", "hint"),
    [
        pytest.param('CDate("soon")', 7, '"soon" is not a date', "3/31/2020", id="no date"),
        pytest.param('CDate("")', 7, '"" is not a date', "3/31/2020", id="empty date"),
        pytest.param("CDate(20200316)", 7, "20200316 is not a date", "FormatDate", id="digits"),
        pytest.param('CDate("2020-02-30")', 7, "calendar", "3/31/2020", id="no such day"),
        pytest.param('DateAdd("day", 1, [a])', 9, "not an interval", '"d" day', id="interval"),
        pytest.param('DateAdd("w", 1, [a])', 9, "not an interval", '"ww" week', id="w"),
        pytest.param('DateAdd("d", "x", [a])', 14, "not a whole", "whole number", id="no number"),
        pytest.param('DateAdd("d", 1.5, [a])', 14, "not a whole", "whole number", id="fraction"),
        pytest.param('DateAdd("d", 1, "x")', 17, "not a date", "3/31/2020", id="date to add to"),
        pytest.param('DateAdd("d", , [a])', 14, "is empty", "DateAdd(", id="left empty"),
        pytest.param('DateDiff("", [a], [b])', 10, "not an interval", '"ww"', id="empty interval"),
        pytest.param('DateDiff("d", [a], "x")', 20, "not a date", "3/31/2020", id="second date"),
        pytest.param('DateFromNum("x")', 13, "not a whole number", "DateFromNum(1", id="no number"),
        pytest.param("DateFromNum(-1)", 13, "not a whole number", "DateFromNum(1", id="below 0"),
        pytest.param(
            "DateFromNum(9223372036854775807)", 13, "which is no date", "Switch", id="AD's never"
        ),
        pytest.param(
            "DateFromNum(9223372036854775806)", 13, "1 to 9999", "", id="beyond the year 9999"
        ),
        pytest.param('NumFromDate("1600-12-31")', 13, "before 1601", "", id="before 1601"),
        pytest.param('Now("x")', 1, "no arguments", "write Now()", id="argument of Now"),
        pytest.param(
            'FormatDateTime([a], , "yyyy")', 21, "inputFormat is missing", ".NET", id="no input"
        ),
        pytest.param(
            'FormatDateTime([a], , "yyyy",)', 30, "outputFormat is missing", ".NET", id="no output"
        ),
        pytest.param(
            'FormatDateTime([a], "yyyy%", "d")', 21, "%", "yyyy-MM-dd", id="bad input format"
        ),
        pytest.param(
            'FormatDateTime([a], "yyyy", "x")', 29, "no standard", "%x", id="bad output format"
        ),
        pytest.param(
            'FormatDateTime([a], "Non", "d", "d")', 21, "style", "did you mean None?", id="style"
        ),
        pytest.param(
            'FormatDateTime("2024", , "d", "d")', 16, "input format", "", id="constant that fails"
        ),
        pytest.param(
            'FormatDateTime("2024", "d", [o])', 16, "input format", "", id="whatever it becomes"
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
        pytest.param("DateAdd([u], 1, Now())", {"u": "D"}, "[u] is not an interval", id="unit"),
        pytest.param("DateAdd([u], 1, Now())", {}, "[u] is not an interval", id="null unit"),
        pytest.param('DateAdd("d", [n], Now())', {}, "[n], is not a whole", id="null number"),
        pytest.param('DateAdd("d", [n], Now())', {"n": "1.5"}, "not a whole", id="fraction"),
        pytest.param(
            'DateAdd("yyyy", [n], Now())', {"n": 9000}, "the result lies outside", id="overflow"
        ),
        pytest.param("DateFromNum([n])", {"n": 2**62}, "[n] lies outside", id="year 16214"),
        pytest.param(
            "DateFromNum([n])",
            {"n": "9223372036854775807"},
            "[n] is Active Directory's never, which is no date; let a Switch choose it out",
            id="never",
        ),
        pytest.param("NumFromDate([a])", {"a": "1/1/1600"}, "[a] lies before 1601", id="1600"),
        pytest.param(
            'FormatDateTime([a], [f], "d")', {"a": "2024", "f": "yy'"}, "[f] has a quote", id="form"
        ),
        pytest.param('FormatDateTime([a], [f], "d")', {"a": "2024"}, "[f] is empty", id="no form"),
        pytest.param(
            'FormatDateTime([a], "yyyy", [f])', {"a": "2024"}, "[f] is empty", id="no output form"
        ),
        pytest.param(
            'FormatDateTime([a], [s], "yyyy", "s")', {"a": "1", "s": "X"}, "[s] names", id="style"
        ),
        pytest.param(
            'FormatDateTime([a], "yyyy-MM-dd", "d")',
            {"a": "16/3/2020"},
            "[a] does not have the form of the input format",
            id="other form",
        ),
    ],
)
def test_what_a_person_has_and_cannot_be_used(
    expression: str, attributes: dict[str, Value], message: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, **attributes)

    assert message in caught.value.message


def test_an_account_that_never_expires_can_be_told_from_one_that_does() -> None:
    expression = (
        'Switch([accountExpires], DateFromNum([accountExpires]), "0", "", '
        '"9223372036854775807", "")'
    )

    assert value_of(expression, accountExpires="9223372036854775807") == ""
    assert value_of(expression, accountExpires="0") == ""
    assert value_of(expression, accountExpires="129699324000000000") == "1/1/2012 11:00:00 PM"
    assert value_of(expression) is None


def test_without_a_plan_nobody_knows_what_time_it_is() -> None:
    evaluate = compile_expression(parse("Now()"))

    with pytest.raises(EvaluationError, match="what time it is"):
        evaluate({})


def test_a_constant_date_in_the_format_of_a_person_is_read_for_that_person() -> None:
    expression = 'FormatDateTime("01.02.2024", [f], "yyyy-MM-dd")'

    assert value_of(expression, f="dd.MM.yyyy") == "2024-02-01"
    assert value_of(expression, f="MM.dd.yyyy") == "2024-01-02"
    assert value_of('FormatDateTime("1", [s], "%d", "dd")', s="NoCurrentDateDefault") == "01"


def test_a_constant_time_of_today_is_no_mistake_when_parsing() -> None:
    expression = parse('FormatDateTime("10:30", "HH:mm", "M/d/yyyy h:mm tt")')

    assert compile_expression(expression, AT)({}) == "7/2/2021 10:30 AM"
    with pytest.raises(EvaluationError, match="what day it is"):
        compile_expression(expression)({})
