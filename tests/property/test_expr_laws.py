"""
Laws of the mapping language.

It is total: whatever the text, ``parse`` returns or raises ExpressionError with
a place inside the text; whatever the values, evaluation returns a value within
its bounds or raises EvaluationError (reliability.md S15). Neither takes more of
the processor's time than an ordinary test does as a whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.expr import (
    FUNCTIONS,
    Alternatives,
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
    text_of,
)
from reconciler.expr.effort import Effort
from reconciler.expr.nodes import (
    Attribute,
    Call,
    Comparison,
    Concatenation,
    Literal,
    Node,
    Omitted,
    Word,
)
from reconciler.expr.parser import MAXIMUM_DEPTH, MAXIMUM_LENGTH
from reconciler.expr.patterns import PatternProblem, compile_pattern
from reconciler.expr.values import MAXIMUM_OUTPUT, flatten

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that is busy breaks no law."""

SLOWEST = 5.0
"""Seconds of the processor, not of the clock, for what takes a tenth of one at the worst."""

ANY_TEXT = st.text(st.characters(), max_size=60)
"""Any characters at all, lone surrogates too."""

NAMES = ("a", "b", "appRoleAssignments", "urn:x:2.0:User:y")

FRAGMENTS = st.lists(
    st.sampled_from(
        (
            *FUNCTIONS,
            *(f"[{name}]" for name in NAMES),
            *("(", ")", ",", '"', "\\", "[", "]", " ", "=", "<>", "<", ">="),
            *("&", "&HF", "-1", "2.5", "vbTextCompare", "UTF8", '"x"', '"(?<n>x)"', "ø"),
        )
    ),
    max_size=30,
).map("".join)
"""Text that gets further into the parser than noise does."""

TELLING = (
    *("SABlAGwAbABvAA==", "SGVsbG8=", "UTF8", "AQIAAAAAAAUgAAAAIAIAAA==", "010200000000000520"),
    *(r"cn=Doe\, J\c3\b8rn+uid=7,ou=Sales,dc=contoso", "vbTextCompare", "a b-c'd", "Oslo, NORGE"),
    *("d", "yyyy", "2020-03-16-07:00", "3/16/2020 7:00:00 AM", "yyyyMMddHHmmss.fZ", "132234567890"),
    *("-5", "99999999999"),
)
"""Texts that some function takes for what it asks for."""

LONG = (
    "x" * 70_000,
    "ß" * 40_000,
    ",".join("ab" * 3_000),
    "é'" * 9_000,
    "=," * 9_000,
    "\\+" * 9_000,
)
"""Texts that take time where something is more than linear."""

SCALARS = (
    st.none()
    | ANY_TEXT
    | st.sampled_from(["", "True", "False", "1", "3", "\udc00", *LONG])
    | st.sampled_from(TELLING)
    | st.integers()
    | st.just(10**400)
    | st.decimals()
    | st.builds(RoleGrant, ANY_TEXT, ANY_TEXT)
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=6)
ROWS = st.dictionaries(st.sampled_from(NAMES), VALUES)


class Foreseen:
    """Chance that is always the same, so that what comes of it can be compared."""

    def token(self, count: int) -> bytes:
        return bytes(range(count))


SURROUNDINGS = st.sampled_from(
    [
        Surroundings(),
        Surroundings(datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC), "contoso.example", Foreseen()),
    ]
)

LITERALS = st.builds(
    Literal,
    st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(["", "x", "True", "(?<n>.)", "n", "${n}", "$1", r"\w", ",", "en-US"])
    | st.sampled_from(TELLING)
    | st.integers(0, 9)
    | st.integers(-(10**27), 10**27)
    | st.decimals(min_value=-(10**6), max_value=10**6, places=2),
    st.just(0),
)
ATTRIBUTES = st.builds(Attribute, st.sampled_from(NAMES), st.just(0))
WORDS = st.builds(Word, st.sampled_from(["vbTextCompare", "UTF8"]), st.just(0))
LEAVES: st.SearchStrategy[Node] = LITERALS | ATTRIBUTES | WORDS


def _joined(values: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Values alone, or put together with ``&``."""
    parts = st.lists(values, min_size=2, max_size=4).map(tuple)
    return values | values | st.builds(Concatenation, parts, st.just(0))


def _calls_of(name: str, values: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Calls with a number of arguments that the function takes, and comparisons in them."""
    operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    sides = _joined(values)
    comparisons = st.builds(Comparison, sides, operators, sides, st.just(0))
    function = FUNCTIONS[name]
    most = function.minimum + 4 if function.maximum is None else function.maximum
    arguments = st.lists(
        sides | sides | comparisons | st.just(Omitted(0)), min_size=function.minimum, max_size=most
    )
    return arguments.map(lambda found: Call(name, tuple(found), 0))


def _calls(values: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.sampled_from(sorted(FUNCTIONS)).flatmap(lambda name: _calls_of(name, values))


TREES = _joined(st.recursive(LEAVES, _calls, max_leaves=12))


@contextmanager
def in_time() -> Iterator[None]:
    """Fail when the block hangs, or comes near it."""
    begun = process_time()
    yield
    assert process_time() - begun < SLOWEST


@LAW
@given(ANY_TEXT | FRAGMENTS)
def test_parsing_is_total_and_points_into_the_text(text: str) -> None:
    complaint = _complaint(text)

    if complaint is None:
        assert all(1 <= caution.column <= len(text) for caution in parse(text).warnings)
    else:
        assert 1 <= complaint.column <= len(text) + 1
        assert complaint.message
        assert complaint.hint


def _complaint(text: str) -> ExpressionError | None:
    with in_time():
        try:
            parse(text)
        except ExpressionError as error:
            return error
    return None


@LAW
@given(
    st.lists(st.sampled_from(("Not", "Trim", "ToUpper", "Count", "Redact")), max_size=40),
    st.integers(1, 2_500),
)
def test_what_is_accepted_is_neither_too_long_nor_too_deep(names: list[str], times: int) -> None:
    calls = "".join(f"{name}(" for name in names)
    text = f"{calls}{'&'.join(['[a]'] * times)}{')' * len(names)}"

    fits = len(text) <= MAXIMUM_LENGTH and len(names) <= MAXIMUM_DEPTH
    assert (_complaint(text) is None) is fits
    assert (MAXIMUM_LENGTH, MAXIMUM_DEPTH, MAXIMUM_OUTPUT) == (10_000, 16, 65_536)


@LAW
@given(ANY_TEXT)
def test_any_text_can_be_written_as_a_constant(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return

    assert compile_expression(parse(str(Literal(text, 0))))({}) == text


@LAW
@given(TREES)
def test_what_is_printed_is_read_back_as_it_was(tree: Node) -> None:
    try:
        expression = parse(str(tree))
    except ExpressionError:
        return  # wrong arguments, e.g. a bare word alone or a bad pattern: not a matter of printing

    assert expression.root == tree
    assert str(expression.root) == str(tree)


@LAW
@given(TREES, ROWS, SURROUNDINGS)
def test_evaluation_is_total_bounded_and_repeatable(
    tree: Node, row: dict[str, Value], surroundings: Surroundings
) -> None:
    _evaluated(tree, row, surroundings)


def _evaluated(tree: Node, row: dict[str, Value], surroundings: Surroundings) -> None:
    """Evaluate *tree* twice; anything but a value within bounds, or our errors, fails."""
    with in_time():
        try:
            evaluate = compile_expression(parse(str(tree)), surroundings)
            value = evaluate(row)
        except (ExpressionError, EvaluationError):
            return

    assert str(evaluate(row)) == str(value)  # as text, because NaN is unequal to itself
    texts = [part for part in flatten(value) if isinstance(part, str)]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    assert size <= MAXIMUM_OUTPUT


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(LAW, max_examples=30)
@given(data=st.data(), surroundings=SURROUNDINGS)
def test_each_function_is_total_and_bounded(
    name: str, data: st.DataObject, surroundings: Surroundings
) -> None:
    tree = data.draw(_calls_of(name, LEAVES))
    row: dict[str, Value] = dict(data.draw(ROWS))

    _evaluated(tree, row, surroundings)


@LAW
@given(VALUES | st.builds(Alternatives, st.lists(ANY_TEXT).map(tuple)))
def test_a_text_of_a_value_or_an_evaluation_error(value: Value) -> None:
    try:
        text = text_of(value)
    except EvaluationError:
        return

    assert isinstance(text, str)


@LAW
@given(
    ANY_TEXT | st.text(st.sampled_from(r"\wdDSs[]^-()?<n>{}1,*+|.ø$u00e6"), max_size=40), ANY_TEXT
)
def test_any_pattern_runs_or_is_refused(pattern: str, text: str) -> None:
    try:
        compiled = compile_pattern(pattern)
        replaced = compiled.replace(text, 0, lambda match: match.group(0), Effort())
    except PatternProblem:
        return

    assert replaced == text


@pytest.mark.parametrize("culture", ["", "en-US"])
@LAW
@given(text=st.text(max_size=30))
def test_case_mapping_is_one_character_for_one(culture: str, text: str) -> None:
    for name in ("ToLower", "ToUpper"):
        mapped = compile_expression(parse(f'{name}([a], "{culture}")'))({"a": text})

        assert isinstance(mapped, str)
        assert len(mapped) == len(text)


@LAW
@given(st.text(st.sampled_from("aZ ,-"), max_size=20), st.sampled_from([",", "-", ", "]))
def test_joining_what_was_split_gives_the_text_without_empty_parts(text: str, mark: str) -> None:
    row: dict[str, Value] = {"a": text, "m": mark}

    joined = compile_expression(parse("Join([m], Split([a], [m]))"))(row)

    assert joined == mark.join(part for part in text.split(mark) if part)


@LAW
@given(st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.integers(-(10**9), 10**9))
def test_a_number_that_is_written_is_the_number_that_is_read(number: Decimal | int) -> None:
    if len(f"{abs(number):f}".partition(".")[0]) > 28:
        return

    assert compile_expression(parse(str(Literal(number, 0))))({}) == number
