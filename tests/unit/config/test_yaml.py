import pytest
import yaml

from reconciler.config import yaml as our_yaml
from reconciler.config.tree import LIMITS
from reconciler.config.yaml import parse, read
from reconciler.diagnostics import ConfigError, Position


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with both parsers that PyYAML may have."""
    if request.param == "python":
        monkeypatch.setattr(our_yaml, "_LOADER", yaml.SafeLoader)


def codes(text: str) -> list[str]:
    """Return the codes of what is wrong with *text*."""
    return [problem.code for problem in read(text, "f.yaml").problems]


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("Null", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("123456789012345", 123456789012345),
        ("1234567890123456", "1234567890123456"),
        ("'true'", "true"),
        ('"7"', "7"),
        ("True", "True"),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("y", "y"),
        ("007", "007"),
        ("+7", "+7"),
        ("-0", "-0"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
        ("日本", "日本"),
    ],
)
def test_ruling_1_no_value_is_guessed(written: str, value: object) -> None:
    assert parse(f"a: {written}", "f.yaml").data == {"a": value}


@pytest.mark.usefixtures("loader")
def test_no_float_comes_out_of_any_number() -> None:
    data = parse("[1.0, -2.5e10, .5, 1e400, 0.1]", "f.yaml").data

    assert all(isinstance(value, str) for value in data)


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a: !!str b", "yaml-tag", id="a known tag"),
        pytest.param("a: !x {b: c}", "yaml-tag", id="an own tag on a mapping"),
        pytest.param("a: ! b", "yaml-tag", id="the tag that says nothing"),
        pytest.param("!x a: b", "yaml-tag", id="a tag on a key"),
        pytest.param("x: &x {a: b}\ny: {<<: *x}", "merge-key", id="a merge key"),
        pytest.param("{a: 1, a: 1}", "repeated-key", id="a key twice"),
        pytest.param("{a: 1, 'a': 2}", "repeated-key", id="a key twice, once in quotes"),
        pytest.param("a: 1\n---\nb: 2", "several-documents", id="two documents"),
        pytest.param("7: a", "key-not-text", id="a number as key"),
        pytest.param("true: a", "key-not-text", id="a boolean as key"),
        pytest.param("null: a", "key-not-text", id="null as key"),
        pytest.param("? [a]\n: b", "key-not-text", id="a list as key"),
        pytest.param("? {a: b}\n: c", "key-not-text", id="a mapping as key"),
        pytest.param("a: *b", "unknown-alias", id="an alias of nothing"),
        pytest.param("a: &b [*b]", "unknown-alias", id="an alias of what holds it"),
        pytest.param("a: [", "not-yaml", id="a list without end"),
        pytest.param("a: b: c", "not-yaml", id="a colon too many"),
        pytest.param("\ta: b", "not-yaml", id="a tab"),
        pytest.param("a: 'b", "not-yaml", id="a quote without end"),
        pytest.param("", "empty-file", id="nothing"),
        pytest.param("# only this\n", "empty-file", id="a comment"),
        pytest.param("---\n", "empty-file", id="an empty document"),
        pytest.param("a: \x07", "control-character", id="a bell"),
        pytest.param("a: b\rc: d", "control-character", id="a lone carriage return"),
        pytest.param("a: b\u2028c: d", "control-character", id="a line separator"),
        pytest.param("a: \u202e", "control-character", id="a change of direction"),
        pytest.param("a: \ufeffb", "control-character", id="a mark in the middle"),
        pytest.param("a: \ud800", "control-character", id="half a character"),
        pytest.param('a: "\\0"', "control-character", id="an escaped zero"),
        pytest.param('a: "\\x1b[2J"', "control-character", id="an escaped escape"),
    ],
)
def test_what_can_be_misread_is_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("- {a: b\n- {c: d}\n", "a bracket or a brace is opened", id="a brace"),
        pytest.param("a: [b\nc: d\n", "a bracket or a brace is opened", id="a bracket"),
        pytest.param("a:\n  b: c\n d: e\n", "by the same number of spaces", id="an indent"),
        pytest.param("a: 'b\nc: d\n", "a quote is opened", id="a quote"),
    ],
)
def test_what_is_not_yaml_comes_with_its_usual_cause(text: str, words: str) -> None:
    (problem,) = read(text, "f.yaml").problems

    assert words in str(problem.hint)


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    "text", ["\ufeffa: b", "a: b\r\n", "%YAML 1.2\n---\na: b\n...\n", "{a: b}"]
)
def test_a_mark_at_the_start_and_lines_of_windows_are_welcome(text: str) -> None:
    assert parse(text, "f.yaml").data == {"a": "b"}


def test_a_repeated_key_names_both_lines() -> None:
    (problem,) = read("a: 1\nb: 2\na: 3\n", "f.yaml").problems

    assert problem.position == Position("f.yaml", 3, 1)
    assert "line 1" in problem.message


def test_a_repeated_key_keeps_its_first_value() -> None:
    document = read("a: 1\na: {b: 2}\nc: 3\n", "f.yaml").document

    assert document is not None
    assert document.data == {"a": 1, "c": 3}


def test_everything_wrong_is_found_at_once() -> None:
    assert codes("a: !x 1\na: 2\n7: 3\nb: *c\n") == [
        "yaml-tag",
        "repeated-key",
        "key-not-text",
        "unknown-alias",
    ]


def test_an_alias_is_the_value_it_names() -> None:
    assert parse("a: &x {b: [1]}\nc: *x\n", "f.yaml").data == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[" * 100_000, "nested-too-deeply", id="lists in lists"),
        pytest.param("{a: " * 100_000, "nested-too-deeply", id="mappings in mappings"),
        pytest.param("- " * 100_000, "nested-too-deeply", id="block lists in block lists"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join([f'*{a}'] * 6)}]\n"
                for a, b in zip("abcdefghi", "bcdefghij", strict=True)
            ),
            "expands-too-much",
            id="a billion laughs",
        ),
        pytest.param("a: &a 1\nb: [" + "*a," * 65 + "]", "too-many-aliases", id="65 aliases"),
        pytest.param("a: " + "x" * 65_537, "text-too-long", id="a long text"),
        pytest.param("#" * (LIMITS.file_bytes + 1), "file-too-large", id="a large file"),
        pytest.param("#" + "é" * (LIMITS.file_bytes // 2), "file-too-large", id="large in bytes"),
    ],
)
def test_a_hostile_file_is_given_up(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 32 + "]" * 32, id="as deep as allowed"),
        pytest.param("a: &a 1\nb: [" + "*a," * 64 + "]", id="as many aliases as allowed"),
        pytest.param("a: " + "x" * 65_536, id="as long as allowed"),
    ],
)
def test_a_limit_itself_is_allowed(text: str) -> None:
    assert codes(text) == []


def test_parse_raises_with_every_problem() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: 1\na: 2\n7: 3\n", "f.yaml")

    assert [one.code for one in caught.value.diagnostics] == ["repeated-key", "key-not-text"]


TEXT = """\
é: [x, {日本: y}]
b:
  - c: d
    e: f
"""


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("loc", "line", "column"),
    [
        ((), 1, 1),
        (("é",), 1, 4),
        (("é", 0), 1, 5),
        (("é", 1, "日本"), 1, 13),
        (("b",), 3, 3),
        (("b", 0), 3, 5),
        (("b", 0, "e"), 4, 8),
        (("b", 0, "missing"), 3, 5),
        (("b", 7), 3, 3),
        (("b", 0, "c", "too far"), 3, 8),
        (("missing", 0), 1, 1),
    ],
)
def test_every_value_has_an_address(loc: tuple[str | int, ...], line: int, column: int) -> None:
    document = parse(TEXT, "f.yaml")

    assert document.locate(loc) == Position("f.yaml", line, column)


@pytest.mark.parametrize(
    ("loc", "line", "column"),
    [
        (("é", 1, "日本"), 1, 9),
        (("b", 0, "e"), 4, 5),
        (("b", 0), 3, 5),
        (("b", 0, "missing"), 3, 5),
        ((), 1, 1),
    ],
)
def test_a_key_has_an_address_of_its_own(
    loc: tuple[str | int, ...], line: int, column: int
) -> None:
    assert parse(TEXT, "f.yaml").locate_key(loc) == Position("f.yaml", line, column)


def test_the_place_of_a_syntax_error_counts_characters_and_not_bytes() -> None:
    (problem,) = read("é: 日本: x\n", "f.yaml").problems

    assert problem.position == Position("f.yaml", 1, 6)


def test_reading_stops_after_more_problems_than_anybody_reads() -> None:
    problems = read("a: 1\n" * 10_000, "f.yaml").problems

    assert len(problems) == LIMITS.problems + 1
