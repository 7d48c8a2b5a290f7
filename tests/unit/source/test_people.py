from collections.abc import Callable

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.directory import Directory

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


USERS = "objectId,displayName\nu1,Ada\nu2,Zoë\n"


@pytest.mark.parametrize(
    ("enabled", "deleted", "expected"),
    [
        ("", "", (True, False)),
        ("true", "false", (True, False)),
        ("FALSE", "True", (False, True)),
        ("False", "", (False, False)),
    ],
)
def test_ruling_3_true_and_false_in_any_case_and_empty_means_working(
    read: Read, enabled: str, deleted: str, expected: tuple[bool, bool]
) -> None:
    subject = read(f"objectId,accountEnabled,isDeleted\n1,{enabled},{deleted}\n").subjects["1"]

    assert (subject.enabled, subject.deleted) == expected


@pytest.mark.parametrize("word", ["0", "1", "no", "off", " false", "f", "\u017false", "null"])
def test_ruling_3_any_other_word_is_an_error_with_the_line(
    complaints: Complaints, word: str
) -> None:
    assert complaints(f"objectId,accountEnabled\n1,true\n2,{word}\n") == [
        f'bad-boolean users.csv:3:3 accountEnabled is "{word}", which is neither true nor false'
    ]


def test_a_list_is_neither_true_nor_false(complaints: Complaints) -> None:
    assert complaints('[{"objectId": "1", "isDeleted": ["true"]}]', name="users.json") == [
        "bad-boolean users.json:1:2 isDeleted is a list, which is neither true nor false"
    ]


def test_ruling_3_object_ids_are_required_and_unique(complaints: Complaints) -> None:
    text = "mail,objectId\na,1\nb,\nc,1\nd,2 2\n"

    assert complaints(text) == [
        "missing-anchor users.csv:3:3 the row has no objectId",
        'repeated-anchor users.csv:4:3 objectId "1" stands on line 2 already',
        "bad-anchor users.csv:5:3 an objectId is one word, without white space",
    ]


def test_whoever_misses_a_column_is_told_which_there_are(read: Read) -> None:
    names = [f"column{number}" for number in range(20)]

    with pytest.raises(ConfigError) as caught:
        read(f"{','.join(names)}\n{',' * 19}\n")

    (problem,) = caught.value.diagnostics
    assert problem.hint == f"there are: {', '.join(names[:10])}"


def test_a_list_is_no_object_id(complaints: Complaints) -> None:
    assert complaints('[{"objectId": ["1"]}]', name="users.json") == [
        "bad-anchor users.json:1:2 an objectId is one word, without white space"
    ]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [("users.csv", "\nmail\na\n", "2:1"), ("users.json", '[{"mail": "a"}]', "1:1")],
)
def test_a_file_without_object_ids_is_refused_once(
    complaints: Complaints, name: str, text: str, place: str
) -> None:
    assert complaints(text, name=name) == [
        f'missing-column {name}:{place} there is no column "objectId"'
    ]


@pytest.mark.parametrize("column", ["AccountEnabled", " accountEnabled", "accountenabled "])
def test_a_column_that_nearly_has_a_meaning_is_refused(complaints: Complaints, column: str) -> None:
    assert complaints(f"objectId,{column}\n1,false\n") == [
        f'misspelt-column users.csv:1:10 column "{column}" must be written "accountEnabled"'
    ]


def test_all_other_columns_are_kept(read: Read) -> None:
    attributes = read("objectId,manager,costCentre\n1,2,0042\n").subjects["1"].attributes

    assert attributes == {"objectId": "1", "manager": "2", "costCentre": "0042"}


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("groups.csv", "objectId,displayName,members\ng1,Sales,u2; u1;u2;;\ng2,All,g1;u1\n"),
        (
            "groups.yaml",
            "- {objectId: g1, displayName: Sales, members: [u2, u1, u2]}\n"
            "- {objectId: g2, displayName: All, members: [g1, u1]}\n",
        ),
        (
            "groups.jsonl",
            '{"objectId": "g1", "displayName": "Sales", "members": ["u2", "u1", "u2"]}\n'
            '{"objectId": "g2", "displayName": "All", "members": ["g1", "u1"]}\n',
        ),
    ],
)
def test_members_are_people_and_groups_of_the_file_each_once(
    read: Read, name: str, groups: str
) -> None:
    directory = read(USERS, groups, groups_name=name)

    assert directory.groups["g1"].members == ("u2", "u1")
    assert directory.groups["g2"].members == ("g1", "u1")
    assert directory.groups["g2"].attributes == {"objectId": "g2", "displayName": "All"}
    assert directory.ignored_members == 0


def test_ruling_3_members_who_are_not_in_the_file_are_ignored_and_counted(read: Read) -> None:
    groups = "objectId,displayName,members\ng1,Sales,u1;x;y\ng2,Nobody,x\n"

    directory = read(USERS, groups, groups_name="groups.csv")

    assert directory.groups["g1"].members == ("u1",)
    assert directory.groups["g2"].members == ()
    assert directory.ignored_members == 3


def test_groups_may_share_a_name(read: Read) -> None:
    groups = "objectId,displayName,members\ng1,Sales,\ng2,Sales,\n"

    directory = read(USERS, groups, groups_name="groups.csv")

    assert [group.display_name for group in directory.groups.values()] == ["Sales", "Sales"]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param(
            "objectId,displayName\ng1,Sales\n",
            ['missing-column groups.csv:1:1 there is no column "members"'],
            id="a lost column of members",
        ),
        pytest.param(
            "objectId,displayName,Members\ng1,Sales,u1\n",
            [
                'misspelt-column groups.csv:1:22 column "Members" must be written "members"',
                'missing-column groups.csv:1:1 there is no column "members"',
            ],
            id="a misspelt column of members",
        ),
        pytest.param(
            "objectId,displayName,members\ng1,,u1\n",
            ["missing-display-name groups.csv:2:4 a group needs one displayName"],
            id="no name",
        ),
        pytest.param(
            "objectId,displayName,members\nu1,Sales,u1\ng1,A,\ng1,B,\n,C,\n",
            [
                'repeated-anchor groups.csv:2:1 objectId "u1" is also that of a person',
                'repeated-anchor groups.csv:4:1 objectId "g1" stands on line 3 already',
                "missing-anchor groups.csv:5:1 the row has no objectId",
            ],
            id="anchors",
        ),
        pytest.param(
            "objectId,displayName,members\n",
            ["no-rows groups.csv:1:1 groups.csv holds nobody"],
            id="no groups",
        ),
    ],
)
def test_what_is_wrong_with_groups_has_a_place(
    complaints: Complaints, groups: str, expected: list[str]
) -> None:
    assert complaints(USERS, groups, groups_name="groups.csv") == expected
