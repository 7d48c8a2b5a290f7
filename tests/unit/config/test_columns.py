import pytest

from reconciler.config.columns import place_in
from reconciler.config.nodes import Scalar
from reconciler.config.yaml import parse


def place_of(text: str, character: str) -> tuple[int, int]:
    """Return line and column of the first *character* of the value of ``a`` in *text*."""
    node = parse(text, "f.yaml").root.get("a")  # type: ignore[union-attr]
    assert isinstance(node, Scalar)
    position = place_in(node, node.text.index(character))
    return position.line, position.column


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a: xx#", (1, 6), id="plain"),
        pytest.param("  a:   xx#", (1, 10), id="plain, further in"),
        pytest.param("a: 'xx#'", (1, 7), id="single quotes"),
        pytest.param("a: 'x''s #'", (1, 10), id="a doubled quote before"),
        pytest.param("a: '''''#'", (1, 9), id="nothing but doubled quotes before"),
        pytest.param('a: "xx#"', (1, 7), id="double quotes"),
        pytest.param('a: "\\"x\\" #"', (1, 11), id="escaped quotes before"),
        pytest.param('a: "\\u00e9\\x41\\U0001F600#"', (1, 25), id="escaped characters before"),
        pytest.param("a: 日本é#", (1, 7), id="characters of several bytes before"),
        pytest.param("{a: '#', b: c}", (1, 6), id="inside a flow mapping"),
        pytest.param("a: |\n  xx\n  y #\n", (3, 5), id="literal block"),
        pytest.param("a: |-\n    x\n\n    #\n", (4, 5), id="literal block with an empty line"),
        pytest.param("a: >\n  xx\n  y #\n", (3, 5), id="folded block"),
        pytest.param("a: >2-\n   #\n", (2, 4), id="folded block with an indent"),
        pytest.param("a: xx\n  y# z\n", (2, 4), id="plain over two lines"),
        pytest.param("a: 'x''\n  y #'\n", (2, 5), id="single quotes over two lines"),
        pytest.param('a: "x\\n\\\n  y #"\n', (2, 5), id="double quotes over two lines"),
    ],
)
def test_a_character_of_a_value_is_found_in_the_file(text: str, place: tuple[int, int]) -> None:
    assert place_of(text, "#") == place


def test_past_the_end_is_right_after_the_last_character() -> None:
    node = parse("a: 'xy'", "f.yaml").root.get("a")  # type: ignore[union-attr]
    assert isinstance(node, Scalar)

    assert place_in(node, 2).column == 7
