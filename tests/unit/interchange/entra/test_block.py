"""The `entra` block: every JSON survives it, and what somebody broke is refused."""

from typing import Any

import pytest

from reconciler.config.yaml import parse
from reconciler.diagnostics import ConfigError
from reconciler.interchange.entra.block import Block, read, written
from reconciler.interchange.entra.shapes import Place
from reconciler.interchange.entra.usual import OURS, Usual
from reconciler.interchange.yaml_text import block as lines
from tests.entra import Json

DEEP: Any = "x"
for _ in range(60):
    DEEP = [DEEP]

RULES: Json = {"synchronizationRules": [{"objectMappings": [{"name": "m"}]}]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(1.5, id="a fraction"),
        pytest.param(10**15, id="a number that is read as text"),
        pytest.param(-(10**15) + 1, id="a number that is not"),
        pytest.param("\x00\x1b[2J", id="control characters"),
        pytest.param("x" * 150_000, id="a long text"),
        pytest.param(DEEP, id="deep"),
        pytest.param({"json": "x"}, id="the escape itself"),
        pytest.param({"json": [{"json": None}]}, id="the escape in itself"),
        pytest.param({"x" * 2000: 1}, id="a long key"),
        pytest.param({"a\x01b": 1}, id="a key with a control character"),
        pytest.param({"": 1, "<<": 2, "007": 3, "no": 4, "null": 5}, id="keys that YAML guesses"),
        pytest.param([[], {}, "", [[]]], id="empty ones"),
        pytest.param(True, id="true"),
        pytest.param("x\u2028y\u202ez\ufeff", id="what does not show"),
    ],
)
def test_any_json_comes_back_through_yaml(value: Any) -> None:
    block = Block(OURS, {}, {**RULES, "x": value}, [], [{"at": [value], "is": value}])

    text = "\n".join(lines(written(block)))

    assert read(parse(text, "f.yaml").data) == block


def test_what_is_usual_is_said_once() -> None:
    habits = Usual({"flowType": "Always"}, {"type": "String", "anchor": False})
    attributes = [{"name": "a", "type": "String", "anchor": False}, {"name": "b", "type": "Binary"}]
    frame = {**RULES, "directories": [{"objects": [{"attributes": attributes}]}]}

    said = written(Block(habits, {"users": Place(0, 0)}, frame, [], []))

    (short,) = said["frame"]["directories"][0]["objects"]
    assert short["attributes"] == [
        {"name": "a"},
        {"name": "b", "type": "Binary", "without": ["anchor"]},
    ]
    assert said["usual"]["attribute"] == {"type": "String", "anchor": False}
    assert said["tables"] == {"users": [0, 0]}
    assert read(said).frame == frame


def test_a_block_of_our_own_habits_says_nothing_of_them() -> None:
    assert set(written(Block(OURS, {}, RULES, [], []))) == {"tables", "frame"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frames": {}}, "`frames` is not one of its keys"),
        ({"frame": []}, "`frame` must be a mapping"),
        ({"frame": {}}, "frame has no `synchronizationRules`"),
        ({"frame": {"synchronizationRules": {}}}, "frame.synchronizationRules must be a list"),
        ({"usual": 1}, "`usual` must be a mapping"),
        ({"usual": {"mapping": []}}, "`mapping` must be a mapping"),
        ({"tables": {"users": [0, 1]}}, "`tables.users` is no rule and object mapping"),
        ({"tables": {"users": [-1, 0]}}, "`tables.users` is no rule and object mapping"),
        ({"tables": {"users": "00"}}, "`tables.users` is no rule and object mapping"),
        ({"tables": {"groups": [True, 0]}}, "`tables.groups` is no rule and object mapping"),
        ({"differences": {}}, "`differences` must be a list"),
        ({"differences": [1]}, "entry 1 of `differences` is not a mapping"),
        ({"undeclared": 1}, "`undeclared` must be a list"),
        ({"frame": {**RULES, "x": {"json": "{"}}}, "the text under a key `json` is not JSON"),
        ({"frame": {**RULES, "x": {"json": [1]}}}, "the text under a key `json` is not JSON"),
    ],
)
def test_what_an_import_did_not_write_is_refused(change: Json, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read({"tables": {}, "frame": RULES, **change})

    assert words in str(raised.value)
