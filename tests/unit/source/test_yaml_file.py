from collections.abc import Callable

import pytest

from reconciler.directory import Directory

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


@pytest.mark.parametrize(
    "written",
    ["null", "Null", "007", "no", "12:30", "2026-01-01", "1e3", "0x1F", "true", "=", '"~"'],
)
def test_every_scalar_is_the_text_that_is_written(read: Read, written: str) -> None:
    text = f"- objectId: 1\n  cell: {written}\n"

    attributes = read(text, name="users.yaml").subjects["1"].attributes

    assert attributes["cell"] == written.strip('"')


@pytest.mark.parametrize("written", ["", '""', "''", "~", "[]", "[~, '']"])
def test_left_empty_and_a_plain_tilde_are_null(read: Read, written: str) -> None:
    text = f"- objectId: 1\n  cell: {written}\n"

    assert read(text, name="users.yaml").subjects["1"].attributes == {"objectId": "1"}


def test_a_list_of_scalars_is_several_texts(read: Read) -> None:
    text = "---\n- {objectId: 1, mails: [a, 007]}\n..."

    attributes = read(text, name="users.yml").subjects["1"].attributes

    assert attributes["mails"] == ("a", "007")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b", ["not-a-list :1:1 expected a list of mappings"], id="a mapping"),
        pytest.param("# only words\n", ["no-rows :1:1 users.yaml holds nobody"], id="a comment"),
        pytest.param("---\n", ["not-a-list :2:1 expected a list of mappings"], id="nothing"),
        pytest.param("[]", ["no-rows :1:1 users.yaml holds nobody"], id="no rows"),
        pytest.param(
            "- objectId: 1\n- [a, {b: [c]}]\n- d\n",
            [
                "not-a-mapping :2:3 expected a mapping, one per row",
                "not-a-mapping :3:3 expected a mapping, one per row",
            ],
            id="rows that are none",
        ),
        pytest.param(
            "- objectId: 1\n  name: {given: {a: [b]}}\n  x: [[1]]\n",
            [
                'nested-value :2:9 "name" holds something nested',
                'nested-value :3:7 "x" holds something nested',
            ],
            id="nested",
        ),
        pytest.param(
            "- objectId: 1\n  objectId: 2\n",
            ['repeated-key :2:3 "objectId" is given twice'],
            id="repeated key",
        ),
        pytest.param(
            "- objectId: 1\n  ? [a]\n  : b\n  '': c\n",
            ["nested-value :2:5 a key is not text"],
            id="a key that is a list",
        ),
        pytest.param(
            "- &a {objectId: 1}\n- *a\n",
            [
                "bad-yaml :1:3 anchors, aliases and tags are not read in a source file",
                "not-a-mapping :2:3 expected a mapping, one per row",
            ],
            id="an alias as a row",
        ),
        pytest.param(
            "- objectId: &a 1\n  x: *a\n  y: !!str 2\n  z: !!seq [b]\n",
            [
                f"bad-yaml :{place} anchors, aliases and tags are not read in a source file"
                for place in ("1:13", "2:6", "3:6", "4:6")
            ],
            id="anchors, aliases and tags",
        ),
        pytest.param(
            "!!python/object/apply:os.system [a]\n",
            [
                "bad-yaml :1:1 anchors, aliases and tags are not read in a source file",
                "not-a-mapping :1:34 expected a mapping, one per row",
            ],
            id="a tag that would run something",
        ),
        pytest.param(
            "- objectId: 1\n---\n- objectId: 2\n",
            ["bad-yaml :2:1 a source file is one document"],
            id="two documents",
        ),
        pytest.param(
            '- objectId: 1\n  a: "\\0"\n',
            ['control-character :1:3 column "a" holds the character U+0000'],
            id="hidden behind an escape",
        ),
        pytest.param(
            "- objectId: 1\n  a: [b\n",
            ["bad-yaml :3:1 did not find expected ',' or ']'"],
            id="no YAML",
        ),
        pytest.param(
            "- objectId: \x01\n",
            [
                "control-character :1:13 the file holds the control character U+0001",
                "bad-yaml :1:1 control characters are not allowed",
            ],
            id="a control character",
        ),
    ],
)
def test_what_is_wrong_has_a_place(complaints: Complaints, text: str, expected: list[str]) -> None:
    assert complaints(text, name="users.yaml") == [
        line.replace(" :", " users.yaml:", 1) for line in expected
    ]
