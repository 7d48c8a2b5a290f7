import pytest

from reconciler.config.patterns import LENGTH_LIMIT, PatternError, compile_pattern


def test_a_pattern_of_re2_matches_whole_values() -> None:
    pattern = compile_pattern(r".*@contoso\.example")

    assert pattern.fullmatch("ada@contoso.example")
    assert not pattern.fullmatch("ada@contoso.example.evil")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param("ab(?=c)", 3, id="looking ahead"),
        pytest.param(r"(a)\1", 4, id="a back-reference"),
        pytest.param("ab[z-a]", 4, id="a class the wrong way round"),
        pytest.param("a**", 2, id="a repetition of a repetition"),
        pytest.param("a\\", None, id="a backslash at the end"),
        pytest.param("é(", 1, id="characters of several bytes"),
        pytest.param("a" * (LENGTH_LIMIT + 1), LENGTH_LIMIT + 1, id="too long"),
        pytest.param(r"\pL{60}", None, id="too large when compiled"),
        pytest.param(r"\pL{1000}", None, id="too large to be compiled"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_column(text: str, column: int | None) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(text)

    assert caught.value.column == column


def test_an_explosive_pattern_is_harmless() -> None:
    assert not compile_pattern("^(a+)+$").fullmatch("a" * 100_000 + "b")
