"""The grammar, and what is said of text that is not in it."""

import pickle

import pytest

from reconciler.expr import FUNCTIONS, Expression, ExpressionError, parse
from reconciler.expr.evaluate import FOREIGN
from reconciler.expr.nodes import (
    Attribute,
    Call,
    Comparison,
    Concatenation,
    Literal,
    Omitted,
    Word,
)


def test_calls_nest_and_arguments_may_be_empty() -> None:
    expression = parse('Switch(ToLower([a]), , "k", "v")')

    assert expression.root == Call(
        "Switch",
        (
            Call("ToLower", (Attribute("a", 0),), 0),
            Omitted(0),
            Literal("k", 0),
            Literal("v", 0),
        ),
        0,
    )


def test_empty_arguments_at_the_end_count() -> None:
    root = parse('Replace([preferredLanguage], "-", , , "_", ,  )').root

    assert isinstance(root, Call)
    assert [isinstance(argument, Omitted) for argument in root.arguments] == [
        *(False, False, True, True, False, True, True),
    ]


def test_a_comparison_stands_in_any_argument() -> None:
    root = parse("Not([a] <> -1)").root

    assert root == Call("Not", (Comparison(Attribute("a", 0), "<>", Literal(-1, 0), 0),), 0)


@pytest.mark.parametrize("operator", ["=", "<>", ">", ">=", "<", "<="])
def test_every_operator_is_read(operator: str) -> None:
    root = parse(f'IIF([a]{operator}"b", "x", "y")').root

    assert isinstance(root, Call)
    assert isinstance(root.arguments[0], Comparison)
    assert root.arguments[0].operator == operator


def test_an_ampersand_binds_before_a_comparison_does() -> None:
    root = parse('CBool([a] & "x" = "y" & [b] & [c])').root

    left = Concatenation((Attribute("a", 0), Literal("x", 0)), 0)
    right = Concatenation((Literal("y", 0), Attribute("b", 0), Attribute("c", 0)), 0)
    assert root == Call("CBool", (Comparison(left, "=", right, 0),), 0)


def test_what_is_put_together_reads_and_calls_too() -> None:
    expression = parse('[a] & ToLower([b]) & "c"')

    assert expression.attributes == {"a", "b"}
    assert expression.functions == {"ToLower"}


def test_words_that_functions_know_are_constants() -> None:
    root = parse("Append([a], vbTextCompare)").root

    assert root == Call("Append", (Attribute("a", 0), Word("vbTextCompare", 0)), 0)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        pytest.param("[mail]", Attribute("mail", 0), id="Direct mapping"),
        pytest.param('"x"', Literal("x", 0), id="constant text"),
        pytest.param("&HF", Literal(15, 0), id="constant number"),
        pytest.param('"="', Literal("=", 0), id="constant that looks like an operator"),
    ],
)
def test_an_expression_may_be_one_value(text: str, root: object) -> None:
    assert parse(text).root == root


def test_line_breaks_and_blanks_change_nothing() -> None:
    spread = parse('\n Join\n(\n" "  ,\n[a]\t,[b]\n)\n')

    assert spread.root == parse('Join(" ", [a], [b])').root


def test_an_expression_says_what_it_reads_and_calls() -> None:
    text = 'IIF([a]=[b.c], Append([a], "x"), Not(IsNull([d])))'

    expression = parse(text)

    assert expression.text == text
    assert expression.attributes == {"a", "b.c", "d"}
    assert expression.functions == {"IIF", "Append", "Not", "IsNull"}


def test_an_expression_crosses_processes() -> None:
    expression = parse('Join(" ", [givenName], 1.5)')

    copy: Expression = pickle.loads(pickle.dumps(expression))  # noqa: S301  # our own bytes

    assert copy == expression


BAD = [
    pytest.param("", 1, "empty", "write a function call", id="empty"),
    pytest.param(" \n ", 1, "empty", "write a function call", id="blank"),
    pytest.param('=Join(" ", [a])', 1, "does not begin with =", "spreadsheets", id="spreadsheet"),
    pytest.param('<> "a"', 1, '"<>" where a value is expected', "[attribute]", id="operator first"),
    pytest.param('join(" ", [a])', 1, '"join"', "write Join: names", id="case of a function"),
    pytest.param('Jion(" ", [a])', 1, '"Jion"', "did you mean Join?", id="misspelt function"),
    pytest.param("Append([a], Xyzzy([b]))", 13, '"Xyzzy"', "docs/expressions.md", id="unknown"),
    pytest.param("Append([a])", 1, "takes 2 arguments, not 1", "source, suffix", id="too few"),
    pytest.param("Not([a], [b])", 1, "takes 1 argument, not 2", "Not(source)", id="too many"),
    pytest.param("Not()", 1, "takes 1 argument, not 0", "Not(source)", id="none at all"),
    pytest.param("Guid([a])", 1, "takes no arguments, not 1", "write Guid()", id="none wanted"),
    pytest.param("[a] &", 6, "the end where a value", "[attribute]", id="nothing after &"),
    pytest.param('& "a"', 1, '"&" where a value', "[attribute]", id="nothing before &"),
    pytest.param('[a] & & "b"', 7, '"&" where a value', "[attribute]", id="& twice"),
    pytest.param('IIF([a]="b" && [c]="d",1,2)', 14, '"&" where', "an IIF in an IIF", id="&&"),
    pytest.param('IIF([a] LIKE "b",1,2)', 9, "comma or )", "compared by = <>", id="LIKE"),
    pytest.param('Concat([a], "b")', 1, '"Concat"', "here that is Join(sep", id="spreadsheet's"),
    pytest.param("UCASE([a])", 1, '"UCASE"', "here that is ToUpper(so", id="Visual Basic's"),
    pytest.param("Left([a], 1.5)", 11, "whole", "in Left(source, numChars) it is", id="half"),
    pytest.param('[a] & "b" = "c"', 11, "stands alone", 'write IIF([a] & "b" =', id="& compared"),
    pytest.param('Join(" ")', 1, "at least 2 arguments, not 1", "separator", id="at least"),
    pytest.param("ToLower([a],,)", 1, "1 to 2 arguments, not 3", "[culture]", id="a range"),
    pytest.param('Switch([a],,"k","v","w")', 1, "even number", "each key has a value", id="odd"),
    pytest.param('Append(, "b")', 8, "argument 1 of Append is empty", 'text is ""', id="required"),
    pytest.param('Append([a], "b"', 7, "not closed", "close the call of Append", id="unclosed"),
    pytest.param('Not(Append([a], "b")', 4, "not closed", "close the call of Not", id="outer"),
    pytest.param('Append([a] "b")', 12, "comma or ) is missing", "separated", id="no comma"),
    pytest.param('IIF([a]="b" AND [c]="d",1,2)', 13, "no AND", 'IIF(b, "yes"', id="AND"),
    pytest.param('IIF([a]="b" or [c]="d",1,2)', 13, "no or", "for OR IIF(a", id="OR"),
    pytest.param("IIF([a]=[b]=[c],1,2)", 12, "one comparison", "nest it", id="chained"),
    pytest.param("IIF([a]= ,1,2)", 10, "where a value is expected", "[attribute]", id="no right"),
    pytest.param("IIF(=[a],1,2)", 5, "where a value is expected", "[attribute]", id="no left"),
    pytest.param("IIF([a]=", 9, "the end where a value", "[attribute]", id="cut off"),
    pytest.param('[a] = "b"', 5, "stands alone", "write IIF([a] = …", id="bare comparison"),
    pytest.param('Append([a], "b") [c]', 18, "has ended", "one function call", id="second value"),
    pytest.param('Append([a], "b"))', 17, "has ended", "one function call", id="one ) too many"),
    pytest.param("Append(givenName, 1)", 8, '"givenName" stands', "[givenName]", id="no brackets"),
    pytest.param("Append([a], true)", 13, '"true" stands', '"True"', id="bare boolean"),
    pytest.param("Append([a], ToLower)", 13, "stands alone", "ToLower(source", id="no call"),
    pytest.param("Append([a], vbtextcompare)", 13, "stands", "mean vbTextCompare", id="word case"),
    pytest.param("Mail", 1, "stands alone", "[Mail]", id="bare word alone"),
    pytest.param('"\ud800"', 2, "half a character", "UTF-8", id="lone surrogate"),
]


@pytest.mark.parametrize(("text", "column", "message", "hint"), BAD)
def test_a_mistake_has_a_column_and_a_hint(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert caught.value.column == column
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_word_that_is_like_no_other_is_told_the_two_ways_to_write_it() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("Mail")

    assert caught.value.hint == 'write [Mail] for an attribute, "Mail" for text'


@pytest.mark.parametrize(("length", "shown"), [(165, 199), (166, 200), (167, 200)])
def test_a_hint_that_repeats_the_text_is_cut_short(length: int, shown: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(f'[{"n" * length}] = "b"')

    assert len(caught.value.hint) == shown
    assert caught.value.hint.endswith("…" if length > 166 else '"False")')


def test_what_foreign_functions_are_called_here_exists() -> None:
    assert set(FOREIGN.values()) <= set(FUNCTIONS)
    assert not {name.casefold() for name in FUNCTIONS} & set(FOREIGN)


def test_the_first_mistake_in_the_text_is_the_one_that_is_reported() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse('Append([a] "b") ; "unclosed')

    assert caught.value.column == 12


def test_the_longest_expression_is_accepted_and_one_more_character_is_not() -> None:
    text = f'"{"x" * 9_998}"'

    assert parse(text).text == text
    with pytest.raises(ExpressionError, match="10,001 characters long") as caught:
        parse(text + " ")
    assert caught.value.column == 10_001


def test_sixteen_calls_within_each_other_are_accepted_and_seventeen_are_not() -> None:
    def nested(depth: int) -> str:
        return "Not(" * depth + "[a]" + ")" * depth

    assert parse(nested(16)).functions == {"Not"}
    with pytest.raises(ExpressionError, match="more than 16 deep") as caught:
        parse(nested(17))
    assert caught.value.column == 16 * 4 + 1


def test_an_error_prints_as_one_sentence_with_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("Append([a])")

    assert str(caught.value) == (
        "Append takes 2 arguments, not 1 (column 1; write Append(source, suffix))"
    )
