import csv
from collections.abc import Callable

import pytest

from reconciler.directory import Directory

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


def test_a_cell_is_text_whatever_it_looks_like(read: Read) -> None:
    text = "objectId,surname,employeeId,flag,when\n1,Null,007,no,2026-01-01\n"

    attributes = read(text).subjects["1"].attributes

    assert attributes == {
        "objectId": "1",
        "surname": "Null",
        "employeeId": "007",
        "flag": "no",
        "when": "2026-01-01",
    }


def test_an_empty_cell_is_absent_and_white_space_is_not(read: Read) -> None:
    attributes = read('objectId,mail,title,city\n1,,"", \n').subjects["1"].attributes

    assert attributes == {"objectId": "1", "city": " "}


def test_quoted_cells_hold_commas_quotes_and_line_breaks(read: Read) -> None:
    text = 'objectId,title,note\n1,"Head of ""Sales"", EMEA","two\nlines"\n2,x,y\n'

    subjects = read(text).subjects

    assert subjects["1"].attributes["title"] == 'Head of "Sales", EMEA'
    assert subjects["1"].attributes["note"] == "two\nlines"
    assert list(subjects) == ["1", "2"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(read: Read, ending: str) -> None:
    assert list(read(ending.join(["objectId", "1", "", "2", ""])).subjects) == ["1", "2"]


def test_a_member_list_longer_than_the_csv_module_allows_is_read(read: Read) -> None:
    members = ";".join(f"{number:08d}" for number in range(20_000))
    before = csv.field_size_limit()
    groups = f"objectId,displayName,members\ng,Everyone,{members}\n"

    directory = read("objectId\n00000007\n", groups, groups_name="groups.csv")

    assert directory.groups["g"].members == ("00000007",)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "objectId,city\n1,Köln\n2\n3,a,b\n",
            [
                "ragged-row users.csv:3:1 the row has 1 cells, the header has 2",
                "ragged-row users.csv:4:1 the row has 3 cells, the header has 2",
            ],
            id="ragged rows",
        ),
        pytest.param(
            "objectId,mail,mail\n1,a,b\n",
            ['repeated-column users.csv:1:1 column "mail" is there 2 times'],
            id="repeated column",
        ),
        pytest.param(
            "objectId,,mail\n1,a,b\n",
            ["unnamed-column users.csv:1:1 column 2 has no name"],
            id="unnamed column",
        ),
        pytest.param(
            "objectId;mail\n1;a\n",
            ["wrong-separator users.csv:1:9 the columns are separated by semicolons"],
            id="semicolons",
        ),
        pytest.param(
            "objectId\tmail\n1\ta\n",
            ["wrong-separator users.csv:1:9 the columns are separated by tabs"],
            id="tabs",
        ),
        pytest.param(
            'objectId,mail\n1,a\n2,"b\n3,c\n',
            ["bad-csv users.csv:3:1 a quoted cell that begins in this row never ends"],
            id="a quote that never ends",
        ),
        pytest.param(
            '"objectId,mail\n1,a\n',
            ["bad-csv users.csv:1:1 a quoted cell that begins in this row never ends"],
            id="a header that never ends",
        ),
        pytest.param(
            'objectId,mail\n1,"a"b\n',
            ["bad-csv users.csv:2:1 not CSV: ',' expected after '\"'"],
            id="text after a quote",
        ),
        pytest.param(
            'objectId,note,accountEnabled\n1,"a, ""b""\nc",true\n2,"x\ny, z",maybe\n',
            [
                "bad-boolean users.csv:5:7 accountEnabled is "
                '"maybe", which is neither true nor false'
            ],
            id="the place of a cell after a line break in quotes",
        ),
    ],
)
def test_what_is_wrong_has_a_place(complaints: Complaints, text: str, expected: list[str]) -> None:
    assert complaints(text) == expected


def test_blank_lines_alone_are_no_header(complaints: Complaints) -> None:
    assert complaints("\n\n,\n\n") == [
        "unnamed-column users.csv:3:1 column 1 has no name",
        "unnamed-column users.csv:3:1 column 2 has no name",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_a_complaint_has_its_place_whatever_ends_the_lines(
    complaints: Complaints, end: str
) -> None:
    text = end.join(["objectId,accountEnabled", "1,true", "2,perhaps", ""])

    assert complaints(text) == [
        'bad-boolean users.csv:3:3 accountEnabled is "perhaps", which is neither true nor false'
    ]


def test_a_quote_within_a_cell_moves_no_complaint(complaints: Complaints) -> None:
    assert complaints('objectId,size,accountEnabled\n1,5",perhaps\n') == [
        'bad-boolean users.csv:2:6 accountEnabled is "perhaps", which is neither true nor false'
    ]
