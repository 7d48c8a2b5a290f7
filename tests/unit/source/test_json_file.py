import json
from collections.abc import Callable

import pytest

from reconciler.directory import Directory

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


def test_numbers_and_literals_keep_the_text_they_are_written_with(read: Read) -> None:
    text = '[{"objectId": "1", "n": 1.50, "big": 12345678901234567890, "yes": true, "no": false}]'

    attributes = read(text, name="users.json").subjects["1"].attributes

    assert attributes == {
        "objectId": "1",
        "n": "1.50",
        "big": "12345678901234567890",
        "yes": "true",
        "no": "false",
    }


def test_null_empty_text_and_empty_list_are_absent(read: Read) -> None:
    text = '[{"objectId": "1", "a": null, "b": "", "c": [], "d": [null, ""]}]'

    assert read(text, name="users.json").subjects["1"].attributes == {"objectId": "1"}


def test_the_text_null_is_a_name(read: Read) -> None:
    text = '[{"objectId": "1", "surname": "null"}]'

    assert read(text, name="users.json").subjects["1"].attributes["surname"] == "null"


def test_a_list_of_scalars_is_several_texts(read: Read) -> None:
    text = '[{"objectId": "1", "mails": ["a@b.example", 7, true, null]}]'

    attributes = read(text, name="users.json").subjects["1"].attributes

    assert attributes["mails"] == ("a@b.example", "7", "true")


def test_a_line_each_and_blank_lines_between(read: Read) -> None:
    text = '\n{"objectId": "1"}\r\n   \n{"objectId": "2"} \n'

    assert list(read(text, name="users.jsonl").subjects) == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{}", "bad-json :1:1 expected a list of objects: `[`", id="no list"),
        pytest.param('[{"a" 1}]', "bad-json :1:7 Expecting ':' delimiter", id="no JSON"),
        pytest.param('[\n {"objectId": NaN}]', "bad-json :2:2 NaN is not JSON", id="NaN"),
        pytest.param("[{}] []", "bad-json :1:6 something follows the list", id="two lists"),
        pytest.param("[{} {}]", "bad-json :1:5 expected `,` or `]`", id="no comma"),
        pytest.param("[{},]", "bad-json :1:5 Expecting value", id="a comma too many"),
        pytest.param("[{}", "bad-json :1:4 expected `,` or `]`", id="no end"),
        pytest.param("[" * 100_000, "bad-json :1:2 nested too deeply", id="exploding"),
    ],
)
def test_what_is_no_json_has_a_place(complaints: Complaints, text: str, expected: str) -> None:
    assert expected.replace(" :", " users.json:") in complaints(text, name="users.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[1]", ["not-an-object :1:2 expected an object, one per row"], id="a number"),
        pytest.param(
            '[{"objectId": "1", "objectId": "2", "a": "x", "a": "x"}]',
            [
                'repeated-key :1:2 "a" is given twice',
                'repeated-key :1:2 "objectId" is given twice',
            ],
            id="repeated keys",
        ),
        pytest.param(
            '[\n{"objectId": "1"},\n  {"objectId": "2", "name": {"given": "Ada"}, "x": [[1]]}]',
            [
                'nested-value :3:3 "name" holds something nested',
                'nested-value :3:3 "x" holds something nested',
            ],
            id="nested",
        ),
        pytest.param(
            '[{"objectId": "1", "a": "\\u0000", "b": ["\\ud800"], "c": "\\n\\t"}]',
            [
                'control-character :1:2 column "a" holds the character U+0000',
                'control-character :1:2 column "b" holds the character U+D800',
            ],
            id="hidden behind escapes",
        ),
    ],
)
def test_what_does_not_fit_has_a_place(
    complaints: Complaints, text: str, expected: list[str]
) -> None:
    assert complaints(text, name="users.json") == [
        line.replace(" :", " users.json:", 1) for line in expected
    ]


def test_a_line_that_is_no_json_does_not_hide_the_next(complaints: Complaints) -> None:
    text = '{"objectId": "1"}\noops\n{"objectId": "2"} {}\n{"objectId":\n"3"}\n'

    assert complaints(text, name="users.jsonl") == [
        "bad-json users.jsonl:2:1 Expecting value",
        "bad-json users.jsonl:3:1 expected one object per line",
        "bad-json users.jsonl:4:1 expected one object per line",
        "bad-json users.jsonl:5:1 expected one object per line",
    ]


def test_an_empty_list_is_an_empty_source(complaints: Complaints) -> None:
    assert complaints(" [ ] ", name="users.json") == [
        "no-rows users.json:1:1 users.json holds nobody"
    ]


def test_many_rows_on_one_line_have_their_columns(complaints: Complaints) -> None:
    rows = json.dumps([{"objectId": "1"}, {"objectId": "1"}])

    assert complaints(rows, name="users.json") == [
        'repeated-anchor users.json:1:21 objectId "1" stands on line 1 already'
    ]
